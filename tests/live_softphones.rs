//! Softphones that keep the last challenge they are shown, and know MD5 only: JsSIP and SIP.js over
//! WebSocket, under Node.js, and Twinkle over UDP. They register, and sign their agents in by a
//! feature code; Twinkle calls a citizen's number, too.

#![allow(clippy::unwrap_used)]

mod common;

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use common::{Program, World, free_port, until};

/// An agent at a phone that registers, whom nobody signs in but itself.
const WEB: &str = r#"
[[agent]]
id = "web"
phone = "web"
skills = ["english"]

[[phone]]
user = "web"
password = "dev-web"
"#;

/// Where their packages are (see `scripts/tools.sh`).
fn packages() -> String {
    format!("{}/target/web-phones", env!("CARGO_MANIFEST_DIR"))
}

/// A phone of that script registers, dials `*10`, and its agent is ready.
fn signs_in(script: &str) {
    let world = World::start(WEB);
    assert_eq!(world.agent("web"), "signed-out");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/web").join(script);
    let mut command = Command::new("node");
    command.arg(script).args([&packages(), "sip:web@lotse", "dev-web"]);
    command.args([&format!("ws://127.0.0.1:{}", world.ws), "*10"]);
    let _phone = Program::start("node", &mut command);
    until("its agent is ready", || world.agent("web") == "ready");
    assert_eq!(world.metric("acd_sip_rejected_total", "auth"), 0);
}

#[test]
fn jssip_registers_over_websocket_and_signs_its_agent_in() {
    signs_in("jssip.cjs");
}

#[test]
fn sip_js_registers_over_websocket_and_signs_its_agent_in() {
    signs_in("sipjs.mjs");
}

/// Twinkle of that world's folder, driven by its console.
fn twinkle_signs_in_and_calls(world: &World) {
    let home = world.folder.join("twinkle");
    let known = home.join(".twinkle");
    fs::create_dir_all(&known).unwrap();
    let (at, sip, rtp) = (format!("127.0.0.1:{}", world.sip), free_port(), free_port());
    let desk = format!(
        "user_name=web\nuser_domain={at}\nauth_name=web\nauth_pass=dev-web\nregistrar={at}\n\
         outbound_proxy={at}\nregister_at_startup=yes\nsip_transport=udp\ncodecs=g711a\n"
    );
    fs::write(known.join("desk.cfg"), desk).unwrap();
    let machine = format!(
        "sip_port={sip}\nrtp_port={rtp}\ndev_speaker=alsa:null\ndev_mic=alsa:null\n\
         dev_ringtone=alsa:null\nvalidate_audio_dev=no\nstart_user_profile=desk\n"
    );
    fs::write(known.join("twinkle.sys"), machine).unwrap();
    let mut phone = Command::new("twinkle-console");
    phone.env("HOME", &home).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut phone = phone.spawn().expect("twinkle-console does not start (make setup)");
    let mut says = phone.stdin.take().unwrap();
    let is_done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        until("it registers", || world.metric("acd_sip_registrations", "") == 1);
        writeln!(says, "call *10").unwrap();
        until("its agent is ready", || world.agent("web") == "ready");
        // The code's call ends by itself; until then there is no line for another.
        until("it calls", || {
            writeln!(says, "call 1230").unwrap();
            thread::sleep(Duration::from_millis(500));
            world.get("/api/v1/calls").contains("buergertelefon")
        });
    }));
    let _ = writeln!(says, "bye\nquit");
    let _ = phone.kill();
    let _ = phone.wait();
    assert!(is_done.is_ok());
}

#[test]
fn twinkle_registers_signs_its_agent_in_and_calls() {
    twinkle_signs_in_and_calls(&World::start(WEB));
}

/// As [`docs/PHONES.md`] says of a phone that keeps the last challenge.
#[test]
fn twinkle_registers_where_its_key_says_that_md5_comes_last() {
    let last = WEB.to_owned() + "digest = [\"SHA-256\", \"MD5\"]\n";
    twinkle_signs_in_and_calls(&World::start(&last));
}
