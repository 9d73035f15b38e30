//! SIP by hand: a far side that says exactly what a test wants said, over UDP or TCP.
//!
//! ```text
//! let mut phone = Peer::udp(world.sip, "127.0.0.1");
//! let mut call = phone.call("1230");
//! phone.says(&call.request("INVITE", "", &sdp(4000, "8")));
//! let ringing = phone.hears("SIP/2.0 180");
//! ```
//!
//! It retransmits nothing and answers nothing by itself.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream, UdpSocket},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use lotse::sip::{algorithm::Algorithm, auth::digest::Challenge, message::method::Method};

use super::SOON;

/// What a test listens for in one go.
const STEP: Duration = Duration::from_millis(50);

/// A far side.
pub struct Peer {
    way: Way,
    server: SocketAddr,
    unread: Vec<u8>,
}

enum Way {
    Udp(UdpSocket),
    Tcp(TcpStream),
}

/// A message that came.
#[derive(Clone)]
pub struct Heard(pub String);

/// One dialog, as the far side sees it.
#[derive(Clone)]
pub struct Call {
    pub from: String,
    pub to: String,
    pub id: String,
    pub target: String,
    pub cseq: u32,
    /// Where we are, as Via and Contact have it.
    pub at: SocketAddr,
    pub transport: &'static str,
}

impl Peer {
    /// Over UDP, from a port of `ip`.
    pub fn udp(server: u16, ip: &str) -> Self {
        let socket = UdpSocket::bind((ip, 0)).unwrap();
        socket.set_read_timeout(Some(STEP)).unwrap();
        let loopback = if ip.contains(':') { "::1" } else { "127.0.0.1" };
        let server = SocketAddr::new(loopback.parse().unwrap(), server);
        Self { way: Way::Udp(socket), server, unread: vec![] }
    }

    /// Over a TCP connection of its own.
    pub fn tcp(server: u16) -> Self {
        let server = SocketAddr::from(([127, 0, 0, 1], server));
        let stream = TcpStream::connect(server).unwrap();
        stream.set_read_timeout(Some(STEP)).unwrap();
        Self { way: Way::Tcp(stream), server, unread: vec![] }
    }

    /// Where it is.
    pub fn at(&self) -> SocketAddr {
        match &self.way {
            Way::Udp(socket) => socket.local_addr().unwrap(),
            Way::Tcp(stream) => stream.local_addr().unwrap(),
        }
    }

    pub fn transport(&self) -> &'static str {
        match self.way {
            Way::Udp(_) => "UDP",
            Way::Tcp(_) => "TCP",
        }
    }

    /// Sends a message, written with plain line ends.
    pub fn says(&mut self, text: &str) {
        self.sends(text.replace("\r\n", "\n").replace('\n', "\r\n").as_bytes());
    }

    /// Sends those bytes.
    pub fn sends(&mut self, bytes: &[u8]) {
        match &mut self.way {
            Way::Udp(socket) => {
                socket.send_to(bytes, self.server).unwrap();
            }
            Way::Tcp(stream) => stream.write_all(bytes).unwrap(),
        }
    }

    /// Waits for a message that begins so, passing over others.
    pub fn hears(&mut self, start: &str) -> Heard {
        let mut passed = vec![];
        for _ in 0..SOON.as_millis() / STEP.as_millis() {
            while let Some(heard) = self.next() {
                if heard.0.starts_with(start) {
                    return heard;
                }
                passed.push(heard.start().to_owned());
            }
        }
        panic!("nothing that begins {start:?}, only {passed:#?}");
    }

    /// What came next, if anything did within a moment.
    pub fn next(&mut self) -> Option<Heard> {
        let mut buffer = vec![0; 65_535];
        match &mut self.way {
            Way::Udp(socket) => {
                let length = socket.recv(&mut buffer).ok()?;
                let text = String::from_utf8_lossy(&buffer[..length]);
                Some(Heard(text.replace("\r\n", "\n")))
            }
            Way::Tcp(stream) => {
                if let Some(heard) = cut(&mut self.unread) {
                    return Some(heard);
                }
                let length = stream.read(&mut buffer).ok()?;
                self.unread.extend(&buffer[..length]);
                cut(&mut self.unread)
            }
        }
    }

    /// Registers as that user of `config/dev.toml`, to be reached at `contact`.
    pub fn registers(&mut self, user: &str, contact: &str) {
        let mut call = self.call_from(user, user);
        let uri = format!("sip:{}", self.server);
        call.target.clone_from(&uri);
        let mut says = |peer: &mut Self, more: &str| {
            let text = call.request("REGISTER", more, "");
            let lines = text.lines().map(|line| match line.split_once(": ") {
                Some(("Contact", _)) => format!("Contact: {contact}\n"),
                _ => format!("{line}\n"),
            });
            peer.says(&lines.collect::<String>());
        };
        says(self, "");
        let refused = self.hears("SIP/2.0 401");
        let challenges = refused.0.lines().filter_map(|it| it.strip_prefix("WWW-Authenticate: "));
        let mut known = challenges.filter_map(Challenge::read);
        let challenge = known.find(|it| it.algorithm == Algorithm::Md5).unwrap();
        let password = format!("dev-{user}");
        let proof = challenge.credentials(user, &password, &Method::REGISTER, &uri, 1, "c");
        says(self, &format!("Authorization: {proof}\n"));
        self.hears("SIP/2.0 200");
    }

    /// A call of ours to that number, by nobody in particular.
    pub fn call(&self, number: &str) -> Call {
        self.call_from("+4934155501", number)
    }

    /// A call of ours.
    pub fn call_from(&self, user: &str, number: &str) -> Call {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let count = NEXT.fetch_add(1, Ordering::Relaxed);
        let (server, at) = (self.server, self.at());
        Call {
            from: format!("<sip:{user}@{at}>;tag=h{count}"),
            to: format!("<sip:{number}@{server}>"),
            id: format!("hand-{count}-{}", at.port()),
            target: format!("sip:{number}@{server}"),
            cseq: 0,
            at,
            transport: self.transport(),
        }
    }
}

impl Call {
    /// The next request of the dialog. `more` are whole header lines.
    pub fn request(&mut self, method: &str, more: &str, body: &str) -> String {
        if !matches!(method, "ACK" | "CANCEL") {
            self.cseq += 1;
        }
        self.numbered(method, self.cseq, more, body)
    }

    /// A request of that number.
    pub fn numbered(&self, method: &str, cseq: u32, more: &str, body: &str) -> String {
        let Self { from, to, id, target, at, transport, .. } = self;
        // CANCEL, and the ACK to a refusal, are of the INVITE's transaction.
        let branch = match method {
            "CANCEL" => format!("{id}-{cseq}-INVITE"),
            _ => format!("{id}-{cseq}-{method}"),
        };
        let user = from.split("sip:").nth(1).and_then(|it| it.split('@').next()).unwrap_or("x");
        let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\n" };
        let body = body.replace("\r\n", "\n").replace('\n', "\r\n");
        format!(
            "{method} {target} SIP/2.0\n\
             Via: SIP/2.0/{transport} {at};rport;branch=z9hG4bK{branch}\n\
             From: {from}\nTo: {to}\nCall-ID: {id}\nCSeq: {cseq} {method}\n\
             Contact: <sip:{user}@{at};transport={}>\nMax-Forwards: 70\n{more}{kind}\
             Content-Length: {}\n\n{body}",
            transport.to_lowercase(),
            body.len()
        )
    }

    /// The far side's tag and Contact are those of its answer.
    pub fn learn(&mut self, answer: &Heard) {
        answer.get("To").clone_into(&mut self.to);
        let contact = answer.get("Contact");
        let uri = contact.split('<').nth(1).and_then(|it| it.split('>').next());
        uri.unwrap_or(contact).clone_into(&mut self.target);
    }

    /// The other end's view: a dialog that its INVITE began, whom we answer with `tag`.
    pub fn answering(peer: &Peer, invite: &Heard, tag: &str) -> Self {
        let contact = invite.get("Contact");
        let uri = contact.split('<').nth(1).and_then(|it| it.split('>').next());
        Self {
            from: format!("{};tag={tag}", invite.get("To")),
            to: invite.get("From").to_owned(),
            id: invite.get("Call-ID").to_owned(),
            target: uri.unwrap_or(contact).to_owned(),
            cseq: 0,
            at: peer.at(),
            transport: peer.transport(),
        }
    }

    /// Confirms a 200, that to a re-INVITE too.
    pub fn confirms(&self, peer: &mut Peer, answer: &Heard) {
        peer.says(&self.numbered("ACK", answer.number(), "", ""));
    }

    /// Confirms a refusal, in the transaction of the INVITE (RFC 3261 17.1.1.3).
    pub fn confirms_refusal(&self, peer: &mut Peer, answer: &Heard) {
        let ack = Self { to: answer.get("To").to_owned(), ..self.clone() };
        let number = answer.number();
        let own = format!("-{number}-ACK");
        let text = ack.numbered("ACK", number, "", "");
        peer.says(&text.replace(&own, &format!("-{number}-INVITE")));
    }

    /// Calls, and confirms what is answered. Says what the 200 was.
    pub fn stands(&mut self, peer: &mut Peer, sdp: &str) -> Heard {
        peer.says(&self.request("INVITE", "", sdp));
        let answer = peer.hears("SIP/2.0 200");
        self.learn(&answer);
        peer.says(&self.request("ACK", "", ""));
        answer
    }
}

impl Heard {
    /// Its first line.
    pub fn start(&self) -> &str {
        self.0.lines().next().unwrap_or_default()
    }

    /// The value of a header, the first of that name.
    pub fn get(&self, name: &str) -> &str {
        let head = self.0.split("\n\n").next().unwrap_or_default();
        let mut lines = head.lines().filter_map(|it| it.split_once(": "));
        lines.find(|(it, _)| *it == name).map(|(_, value)| value).unwrap_or_default()
    }

    /// The number of its CSeq.
    pub fn number(&self) -> u32 {
        self.get("CSeq").split(' ').next().unwrap().parse().unwrap()
    }

    pub fn body(&self) -> &str {
        self.0.split_once("\n\n").map(|(_, body)| body).unwrap_or_default()
    }

    /// An answer to it, `tag` being ours. `more` are whole header lines.
    pub fn answer(&self, status: &str, tag: &str, more: &str, body: &str) -> String {
        let mut text = format!("SIP/2.0 {status}\n");
        for line in self.0.split("\n\n").next().unwrap_or_default().lines().skip(1) {
            let name = line.split(':').next().unwrap_or_default();
            if matches!(name, "Via" | "From" | "Call-ID" | "CSeq" | "To") {
                text += line;
                if name == "To" && !line.contains(";tag=") && !status.starts_with("100") {
                    text += ";tag=";
                    text += tag;
                }
                text.push('\n');
            }
        }
        let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\n" };
        let body = body.replace("\r\n", "\n").replace('\n', "\r\n");
        text + &format!("{more}{kind}Content-Length: {}\n\n{body}", body.len())
    }
}

/// An agent whose phone stands at that port, and who alone takes calls to 1239; to be added to a
/// city's file.
pub fn agent_by_hand(port: u16) -> String {
    format!(
        r#"
[[number]]
digits = "1239"
queue = "talks"

[[queue]]
name = "talks"
skills = ["english"]
wrap_up = "0s"

[[agent]]
id = "hand"
phone = "hand"
skills = ["english"]
ready_on_register = true

[[phone]]
user = "hand"
address = "udp://127.0.0.1:{port}"
"#
    )
}

/// The first whole message of a stream.
fn cut(unread: &mut Vec<u8>) -> Option<Heard> {
    let text = String::from_utf8_lossy(unread).into_owned();
    let head = text.find("\r\n\r\n")?;
    let length = text[..head].lines().find_map(|it| it.strip_prefix("Content-Length: "));
    let length: usize = length.and_then(|it| it.parse().ok()).unwrap_or(0);
    if unread.len() < head + 4 + length {
        return None;
    }
    let message: Vec<u8> = unread.drain(..head + 4 + length).collect();
    Some(Heard(String::from_utf8_lossy(&message).replace("\r\n", "\n")))
}

/// A description of sound at that address, by those payload types: `"8 101"`.
pub fn sdp(at: SocketAddr, kinds: &str) -> String {
    let family = if at.is_ipv6() { 6 } else { 4 };
    let ip = at.ip();
    format!(
        "v=0\no=hand 1 1 IN IP{family} {ip}\ns=-\nc=IN IP{family} {ip}\nt=0 0\n\
         m=audio {} RTP/AVP {kinds}\na=rtpmap:101 telephone-event/8000\n",
        at.port()
    )
}
