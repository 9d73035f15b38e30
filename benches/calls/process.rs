//! A child process, watched through /proc: what it burns and what it holds. It ends with us.

use std::{
    fs,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

/// A running child.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
}

/// Whether `program` can be started.
pub(crate) fn installed(program: &str) -> bool {
    Command::new(program).arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

impl Process {
    /// Starts it, silent.
    pub(crate) fn start(command: &mut Command) -> Self {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self { child }
    }

    /// CPU time of all its threads so far, by the scheduler's own books.
    pub(crate) fn cpu(&self) -> Duration {
        let tasks = format!("/proc/{}/task", self.child.id());
        let nanos = fs::read_dir(tasks)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|task| fs::read_to_string(task.path().join("schedstat")).ok())
            .filter_map(|line| line.split_whitespace().next()?.parse::<u64>().ok())
            .sum();
        Duration::from_nanos(nanos)
    }

    /// Resident memory now, in bytes.
    pub(crate) fn resident(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }

    /// Waits until it ends by itself, and gives the CPU it took.
    pub(crate) fn finish(mut self, limit: Duration) -> Duration {
        let step = Duration::from_millis(20);
        let mut spent = Duration::ZERO;
        for _ in 0..limit.as_millis() / step.as_millis() {
            if self.child.try_wait().unwrap().is_some() {
                return spent;
            }
            spent = spent.max(self.cpu());
            thread::sleep(step);
        }
        panic!("not finished after {limit:?}");
    }

    /// Ends it.
    pub(crate) fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}
