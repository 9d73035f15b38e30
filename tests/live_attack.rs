//! Attacks by tools that someone else wrote: they find nothing, learn nothing, open nothing.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::{
    fs,
    process::{Command, Stdio},
};

use common::{
    World,
    baresip::{Baresip, Who},
    free_port, root, until,
};

/// What a tool of sipvicious makes of the server: everything it says.
fn attack(world: &World, tool: &str, args: &[&str]) -> String {
    let program = root().join("target/attackers/bin").join(format!("sipvicious_{tool}"));
    let (from, port) = (free_port().to_string(), world.sip.to_string());
    let told = Command::new(program)
        .args(["-P", &from, "-p", &port])
        .args(args)
        .arg("127.0.0.1")
        .env("HOME", &world.folder)
        .current_dir(&world.folder)
        .stdin(Stdio::null())
        .output()
        .expect("sipvicious is there (make setup)");
    String::from_utf8_lossy(&[told.stdout, told.stderr].concat()).into_owned()
}

/// Phones have a weak password here, the trunk is elsewhere, and `failures` are borne in a minute.
fn weak_city(failures: u32) -> World {
    World::start_with(|text| {
        text.replace("failures_max = 1000", &format!("failures_max = {failures}"))
            .replace("[\"127.0.0.1\"]", "[\"127.0.0.77\"]")
            .replace("password = \"dev-{user}\"", "password = \"1234\"")
    })
}

/// A dictionary of three hundred passwords, in which the weak one stands towards the end.
fn dictionary(world: &World) -> String {
    let file = world.folder.join("dictionary");
    let words: Vec<_> = (950..1250).map(|it| it.to_string()).collect();
    fs::write(&file, words.join("\n")).unwrap();
    file.to_str().unwrap().to_owned()
}

/// A phone that registered from the attacker's own address, as behind one office's router.
fn neighbour(world: &World) -> Baresip {
    let who = Who { user: "1002", password: Some("1234"), transport: "udp", pitch: 450 };
    let phone = Baresip::start(world, who);
    until("the phone is there", || world.agent("1002") == "ready");
    phone
}

fn cannot_tell_users_apart(world: &World) {
    // 1001-1028 are there, the others are not.
    for (method, extra) in [("REGISTER", "--force"), ("INVITE", "-v"), ("OPTIONS", "-v")] {
        let args = ["-m", method, extra, "-e", "990-1040", "--maximumtime=2"];
        let says = attack(world, "svwar", &args);
        assert!(says.contains("found nothing"), "svwar by {method}: {says}");
    }
}

#[test]
fn a_scanner_finds_nothing_and_cannot_tell_users_apart() {
    let world = weak_city(20);
    for method in ["OPTIONS", "INVITE"] {
        let says = attack(&world, "svmap", &["-m", method]);
        assert!(says.contains("found nothing"), "svmap by {method}: {says}");
    }
    cannot_tell_users_apart(&world);
    world.wait_for("acd_sip_rejected_total", "reason=\"acl\"", 3);
}

#[test]
fn nor_can_a_scanner_beside_a_phone() {
    let world = weak_city(20);
    let _phone = neighbour(&world);
    cannot_tell_users_apart(&world);
}

#[test]
fn a_weak_password_does_not_fall_to_a_dictionary() {
    let world = weak_city(20);
    let args = ["-u", "1001", "-d", &dictionary(&world), "--maximumtime=2"];
    let mut phone = neighbour(&world);
    let says = attack(&world, "svcrack", &args);
    assert!(says.contains("found nothing"), "{says}");
    assert!(world.metric("acd_sip_rejected_total", "reason=\"auth\"") < 25);
    world.wait_for("acd_sip_rejected_total", "reason=\"rate\"", 1);
    // Its calls go on.
    phone.tell("dial", &format!("sip:1230@127.0.0.1:{}", world.sip));
    phone.wait_for("CALL_ESTABLISHED");
}

/// Without the limit it would: the attack is a real one.
#[test]
fn the_same_dictionary_opens_a_server_without_limits() {
    let world = weak_city(1_000);
    let says = attack(&world, "svcrack", &["-u", "1001", "-d", &dictionary(&world)]);
    assert!(says.contains("1234"), "{says}");
}
