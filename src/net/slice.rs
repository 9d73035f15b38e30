//! How long a thread wants the processor for, each time.
//!
//! Linux lets whoever asks for short turns have them soon (EEVDF, from 6.12 on): on a machine
//! whose processors are all busy with sound, the slowest in a hundred messages finds the thread that
//! decides sooner (docs/PERFORMANCE.md). Needs no privilege. Older kernels do not mind being asked.
#![allow(unsafe_code)]

use std::{io, mem, ptr};

use crate::base::time::Span;

/// `struct sched_attr` of `sched_setattr(2)`, as it was first.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Attributes {
    size: u32,
    policy: u32,
    flags: u64,
    nice: i32,
    priority: u32,
    /// In nanoseconds; zero: as the kernel likes.
    runtime: u64,
    deadline: u64,
    period: u64,
}

/// The calling thread wants the processor for so long at once; all else about it stays.
pub fn ask_for(slice: Span) -> io::Result<()> {
    let mut wanted = Attributes::default();
    let size = mem::size_of::<Attributes>();
    // SAFETY: the kernel writes no more than `size` bytes to where `wanted` lives.
    let got =
        unsafe { libc::syscall(libc::SYS_sched_getattr, 0, ptr::from_mut(&mut wanted), size, 0) };
    if got < 0 {
        return Err(io::Error::last_os_error());
    }
    wanted.runtime = slice.0.saturating_mul(1_000);
    // SAFETY: the kernel reads as many bytes as `wanted.size` says, which it has just written.
    let set = unsafe { libc::syscall(libc::SYS_sched_setattr, 0, ptr::from_ref(&wanted), 0) };
    if set < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_turns_may_be_asked_for_by_anyone() {
        std::thread::spawn(|| ask_for(Span::micros(100)).unwrap()).join().unwrap();
    }
}
