//! A name server that knows one carrier: by NAPTR, SRV and A, its servers in order.

use std::{
    net::UdpSocket,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

const A: u16 = 1;
const SRV: u16 = 33;
const NAPTR: u16 = 35;

/// The domain it knows.
pub const CARRIER: &str = "carrier.test";

/// It answers until this is dropped.
pub struct NameServer {
    pub port: u16,
    /// How often it was asked.
    pub asked: Arc<AtomicU64>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl NameServer {
    /// The carrier's servers listen on these ports of 127.0.0.1, the most liked first. Before
    /// them stands one whose host has no address.
    pub fn of(servers: &[u16]) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let port = socket.local_addr().unwrap().port();
        let (asked, ends) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (counts, told, servers) = (Arc::clone(&asked), Arc::clone(&ends), servers.to_vec());
        let thread = thread::spawn(move || {
            let mut room = [0; 1500];
            while !told.load(Relaxed) {
                let Ok((length, from)) = socket.recv_from(&mut room) else { continue };
                counts.fetch_add(1, Relaxed);
                let _ = socket.send_to(&answer(&servers, &room[..length]), from);
            }
        });
        Self { port, asked, ends, thread: Some(thread) }
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.ends.store(true, Relaxed);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// RFC 1035 4.1: the header, the question as it came, and the answers.
fn answer(servers: &[u16], query: &[u8]) -> Vec<u8> {
    let (mut labels, mut at) = (vec![], 12);
    while query[at] > 0 {
        let end = at + 1 + usize::from(query[at]);
        labels.push(String::from_utf8_lossy(&query[at + 1..end]).to_lowercase());
        at = end;
    }
    let kind = u16::from_be_bytes([query[at + 1], query[at + 2]]);
    let service = format!("_sip._udp.{CARRIER}");
    let records: Vec<Vec<u8>> = match (labels.join("."), kind) {
        (it, NAPTR) if it == CARRIER => {
            let numbers = [10u16, 1].map(u16::to_be_bytes).concat();
            vec![[numbers, text("s"), text("SIP+D2U"), text(""), name(&service)].concat()]
        }
        (it, SRV) if it == service => {
            let srv = |(place, port): (u16, u16), host: &str| {
                let numbers = [place, 0, port].map(u16::to_be_bytes).concat();
                [numbers, name(&format!("{host}.{CARRIER}"))].concat()
            };
            let known = (1..).zip(servers).map(|(place, port)| srv((place, *port), "here"));
            [srv((0, 5060), "gone")].into_iter().chain(known).collect()
        }
        (it, A) if it == format!("here.{CARRIER}") => vec![vec![127, 0, 0, 1]],
        _ => vec![],
    };
    let mut bytes = query[..2].to_vec();
    bytes.extend([0x85, 0x80, 0, 1, 0, u8::try_from(records.len()).unwrap(), 0, 0, 0, 0]);
    bytes.extend(&query[12..at + 5]);
    for data in records {
        bytes.extend([0xC0, 12]);
        bytes.extend(kind.to_be_bytes());
        bytes.extend([0, 1]);
        bytes.extend(60u32.to_be_bytes());
        bytes.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        bytes.extend(data);
    }
    bytes
}

fn name(name: &str) -> Vec<u8> {
    let mut bytes: Vec<u8> = name.split('.').flat_map(text).collect();
    bytes.push(0);
    bytes
}

fn text(text: &str) -> Vec<u8> {
    [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
}
