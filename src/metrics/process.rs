//! Figures of the process itself, by the names that every dashboard knows.
//!
//! Read from `/proc`; where there is none, the figures stay away.

use std::fs;

use prometheus::{Counter, Gauge, IntGauge};

use crate::metrics::make::Make;

/// The figures of the process.
pub(super) struct Process {
    cpu: Counter,
    memory: IntGauge,
    virtual_memory: IntGauge,
    open_files: IntGauge,
    threads: IntGauge,
    started: Gauge,
}

/// What `/proc/self/stat` says (proc(5)).
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stat {
    cpu_seconds: f64,
    threads: i64,
    /// Since the machine started.
    started_seconds: f64,
}

/// Ticks a second, as Linux has shown them on every machine since 2.6.
const TICKS: f64 = 100.0;

impl Process {
    pub(super) fn new(make: &Make<'_>) -> Self {
        let process = Self {
            cpu: make.register(Counter::new(
                "process_cpu_seconds_total",
                "User and system CPU time spent",
            )),
            memory: make.gauge("process_resident_memory_bytes", "Resident memory"),
            virtual_memory: make.gauge("process_virtual_memory_bytes", "Virtual memory"),
            open_files: make.gauge("process_open_fds", "Open file descriptors"),
            threads: make.gauge("process_threads", "Threads"),
            started: make.register(Gauge::new(
                "process_start_time_seconds",
                "When the process started, since 1970",
            )),
        };
        process.show();
        process
    }

    pub(super) fn show(&self) {
        if let Ok(open) = fs::read_dir("/proc/self/fd") {
            self.open_files.set(i64::try_from(open.count()).unwrap_or(i64::MAX));
        }
        let read = fs::read_to_string("/proc/self/stat").ok();
        let Some(stat) = read.as_deref().and_then(Stat::read) else { return };
        self.cpu.inc_by((stat.cpu_seconds - self.cpu.get()).max(0.0));
        self.threads.set(stat.threads);
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        self.memory.set(kilobytes(&status, "VmRSS:").unwrap_or(0) * 1024);
        self.virtual_memory.set(kilobytes(&status, "VmSize:").unwrap_or(0) * 1024);
        let booted = fs::read_to_string("/proc/stat").ok();
        if let Some(booted) = booted.as_deref().and_then(boot_seconds) {
            self.started.set(booted + stat.started_seconds);
        }
    }
}

impl Stat {
    /// Fields are counted from behind the command's name, which may hold anything, spaces and
    /// brackets among it: state is the first, `utime` the twelfth.
    fn read(text: &str) -> Option<Self> {
        let (_, fields) = text.rsplit_once(')')?;
        let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
        let field = |place: usize| fields.get(place)?.parse::<f64>().ok();
        Some(Self {
            cpu_seconds: (field(11)? + field(12)?) / TICKS,
            threads: fields.get(17)?.parse().ok()?,
            started_seconds: field(19)? / TICKS,
        })
    }
}

/// A line of `/proc/self/status`: pages may be of any size, these are kilobytes everywhere.
fn kilobytes(status: &str, name: &str) -> Option<i64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// When the machine started, since 1970.
fn boot_seconds(text: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_with_brackets_in_its_name_does_not_shift_the_fields() {
        let text = "4242 (lotse ) (x) S 1 4242 4242 0 -1 4194560 900 0 0 0 250 50 0 0 20 0 7 0 \
                    12300 104857600 2560 18446744073709551615 1 1 0 0";
        assert_eq!(
            Stat::read(text),
            Some(Stat { cpu_seconds: 3.0, threads: 7, started_seconds: 123.0 })
        );
        assert_eq!(Stat::read("garbage"), None);
        assert_eq!(kilobytes("VmSize:\t 9 kB\nVmRSS:\t    2560 kB\n", "VmRSS:"), Some(2560));
        assert_eq!(boot_seconds("cpu 1 2\nbtime 1700000000\n"), Some(1_700_000_000.0));
    }
}
