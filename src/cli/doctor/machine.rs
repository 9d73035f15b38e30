//! The machine itself: files, buffers, the clock, the disk.

use std::{fs, path::Path};

use super::finding::Finding;
use crate::config::meant::Config;

/// What a socket for SIP asks for, so that a burst waits and is not lost.
const BUFFER_WANTED: u64 = 4 << 20;

/// Free space below which a journal has days at best.
const DISK_WANTED: u64 = 1 << 30;

/// Files that say that the clock is kept by another: systemd's, chrony's, ntpd's.
const CLOCK_KEPT: [&str; 4] = [
    "/run/systemd/timesync/synchronized",
    "/run/chrony/chronyd.sock",
    "/run/chronyd.pid",
    "/run/ntpd.pid",
];

pub(super) fn all(config: &Config) -> Vec<Finding> {
    let mut findings = vec![files(config), buffers(), clock()];
    findings.extend(config.data_dir.as_deref().map(disk));
    findings
}

/// Every leg is two sockets, every connection one.
fn files(config: &Config) -> Finding {
    let wanted = 2 * config.exchange.legs_max as u64 + config.net.connections_max as u64 + 256;
    match rlimit::Resource::NOFILE.get() {
        Ok((_, most)) if most >= wanted => Finding::ok("open files", format!("{most}")),
        Ok((_, most)) => Finding::warning(
            "open files",
            format!("{most} allowed, {wanted} wanted when all legs are in use"),
            "LimitNOFILE= in the systemd unit, or ulimit -Hn",
        ),
        Err(why) => Finding::warning("open files", format!("cannot be told: {why}"), ""),
    }
}

fn buffers() -> Finding {
    let most = number("/proc/sys/net/core/rmem_max");
    match most {
        Some(most) if most >= BUFFER_WANTED => {
            Finding::ok("socket buffers", format!("{most} bytes"))
        }
        Some(most) => Finding::warning(
            "socket buffers",
            format!("{most} bytes at most, {BUFFER_WANTED} wanted for bursts"),
            format!("sysctl net.core.rmem_max={BUFFER_WANTED} net.core.wmem_max={BUFFER_WANTED}"),
        ),
        None => Finding::warning("socket buffers", "cannot be told here", ""),
    }
}

/// Waits are counted by a clock that only goes forward, but reports by the wall's.
fn clock() -> Finding {
    match CLOCK_KEPT.into_iter().find(|it| Path::new(it).exists()) {
        Some(who) => Finding::ok("clock", format!("is kept ({who})")),
        None => Finding::warning(
            "clock",
            "no sign that anybody keeps it",
            "timedatectl set-ntp true, or chrony: reports and certificates go by the time of day",
        ),
    }
}

fn disk(folder: &Path) -> Finding {
    let what = "journal";
    let probe = folder.join(".lotse-doctor");
    if let Err(why) = fs::create_dir_all(folder).and_then(|()| fs::write(&probe, b"")) {
        let todo = "let the server's user write there (StateDirectory= in the systemd unit)";
        return Finding::fault(
            what,
            format!("{} cannot be written: {why}", folder.display()),
            todo,
        );
    }
    let _ = fs::remove_file(&probe);
    match rustix::fs::statvfs(folder) {
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let seen = format!("{}: {} MB free", folder.display(), free >> 20);
            if free < DISK_WANTED {
                Finding::warning(what, seen, "make room: facts are kept as long as the disk has it")
            } else {
                Finding::ok(what, seen)
            }
        }
        Err(why) => Finding::warning(what, format!("{}: {why}", folder.display()), ""),
    }
}

fn number(path: &str) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}
