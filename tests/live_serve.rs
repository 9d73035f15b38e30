//! The server as a process: what it makes of signals, taken ports, bad files and garbage; and a
//! small city that plays itself through.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::{
    fs,
    io::{Read, Write},
    net::{TcpStream, UdpSocket},
    process::Output,
    time::Duration,
};

use common::{
    SOON, World,
    baresip::{Baresip, Who},
    free_port, lotse, until,
};

/// Runs the server with that file, which it is to refuse.
fn refused(world: &World, text: &str) -> (i32, String) {
    let file = world.folder.join("refused.toml");
    fs::write(&file, text).unwrap();
    let Output { status, stderr, .. } = lotse().args(["serve", "-c"]).arg(&file).output().unwrap();
    (status.code().unwrap(), String::from_utf8(stderr).unwrap())
}

fn log(world: &World) -> String {
    fs::read_to_string(world.folder.join("server.log")).unwrap()
}

#[test]
fn a_taken_port_is_told_with_its_key_and_may_be_tried_again() {
    let world = World::start("");
    let text = fs::read_to_string(world.folder.join("lotse.toml")).unwrap();
    let (code, says) = refused(&world, &text);
    assert_eq!(code, 75, "{says}");
    assert!(says.contains(&world.sip.to_string()) && says.contains("sip.listen"), "{says}");

    let text = [world.sip, world.tls, world.ws]
        .iter()
        .fold(text, |text, port| text.replace(&port.to_string(), &free_port().to_string()));
    let (code, says) = refused(&world, &text);
    assert_eq!(code, 75, "{says}");
    assert!(says.contains(&world.http.to_string()) && says.contains("http.listen"), "{says}");
}

#[test]
fn a_bad_file_is_drawn_and_a_bad_reload_leaves_the_old_one_in_force() {
    let world = World::start("");
    let file = world.folder.join("lotse.toml");
    let good = fs::read_to_string(&file).unwrap();
    let bad = good.replace("ring = \"8s\"", "ring = \"eight\"");
    let (code, says) = refused(&world, &bad);
    assert_eq!(code, 78, "{says}");
    assert!(says.contains("eight"), "{says}");

    fs::write(&file, bad).unwrap();
    world.server.signal("HUP");
    until("the bad file is refused", || log(&world).contains("the file is refused"));
    assert_eq!(world.agent("1001"), "signed-out");

    fs::write(&file, good.replace("\"1009-1028\"", "\"1009-1027\"")).unwrap();
    world.server.signal("HUP");
    until("the good file is taken", || log(&world).contains("configuration read again"));
    until("agent 1028 retires", || world.get("/api/v1/agents/1028").contains("\"retired\":true"));
}

#[test]
fn a_server_without_calls_ends_at_once_when_told() {
    let mut world = World::start("");
    world.server.signal("TERM");
    assert!(world.server.finish(Duration::from_secs(5)).success());
}

/// No phone registers anew, and nobody signs in: the new start knows them from the one before.
#[test]
fn a_server_that_was_killed_and_starts_again_rings_the_phones_that_were_there() {
    let mut world = World::start("\n[server]\ndata_dir = \"data\"\n");
    let agent = Who { user: "1001", password: Some("dev-1001"), transport: "udp", pitch: 1050 };
    let mut phone = Baresip::start(&world, agent);
    until("the agent is ready", || world.agent("1001") == "ready");
    let handed_over = || fs::read_to_string(world.folder.join("data/handover.json"));
    until("it is written down", || handed_over().is_ok_and(|it| it.contains("\"1001\":[{")));

    world.start_again();
    until("the agent is ready again", || world.agent("1001") == "ready");
    let citizen = Who { user: "citizen", password: None, transport: "udp", pitch: 450 };
    let mut caller = Baresip::start(&world, citizen);
    caller.tell("dial", &format!("sip:1230@127.0.0.1:{}", world.sip));
    phone.wait_for("CALL_INCOMING");
    phone.tell("accept", "");
    until("the citizen hears the agent", || caller.heard(1050).0 > 1.0);
}

#[test]
fn garbage_costs_the_one_who_sends_it_and_nobody_else() {
    let world = World::start("");
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    // What the kernel dropped in the flood is asked again.
    socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let server = ("127.0.0.1", world.sip);
    let large = vec![b'A'; 65_000];
    let texts: [&[u8]; 5] = [b"", b"\r\n\r\n", b"INVITE", &[0xff; 1200], &large];
    for text in texts.iter().cycle().take(5_000) {
        // The kernel may drop some for us; that is what it does to a flood.
        let _ = socket.send_to(text, server);
    }
    let mut streams: Vec<TcpStream> =
        (0..50).map(|_| TcpStream::connect(server).unwrap()).collect();
    for stream in &mut streams {
        let _ = stream.write_all(&[0xff; 1200]);
    }

    let ask = format!(
        "OPTIONS sip:127.0.0.1:{} SIP/2.0\r\nVia: SIP/2.0/UDP {};rport;branch=z9hG4bKok\r\n\
         From: <sip:a@127.0.0.1>;tag=a\r\nTo: <sip:127.0.0.1>\r\nCall-ID: ok\r\nCSeq: 1 OPTIONS\r\n\
         Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
        world.sip,
        socket.local_addr().unwrap()
    );
    let mut answer = vec![0; 65_535];
    until("OPTIONS is answered", || {
        socket.send_to(ask.as_bytes(), server).unwrap();
        let answered = socket.recv(&mut answer);
        answered.is_ok_and(|length| answer[..length].starts_with(b"SIP/2.0 200"))
    });
    // Whoever speaks no SIP is let go.
    for stream in &mut streams {
        stream.set_read_timeout(Some(SOON)).unwrap();
        let mut rest = vec![];
        let _ = stream.read_to_end(&mut rest);
    }
    assert!(world.get("/readyz").contains("\"ready\":true"));
}

#[test]
fn a_city_plays_itself_through_and_sums_up() {
    let args = ["dev", "--agents", "3", "--calls", "6", "--seed", "1", "--exit", "--json"];
    let Output { status, stdout, stderr } = lotse().args(args).output().unwrap();
    let says = String::from_utf8_lossy(&stderr).into_owned();
    assert!(status.success(), "{says}");
    let summary: serde_json::Value = serde_json::from_slice(&stdout).unwrap();
    let count = |name: &str| summary.get(name).and_then(serde_json::Value::as_u64).unwrap();
    assert_eq!(count("offered"), 6);
    assert_eq!(count("answered") + count("abandoned"), 6);
}
