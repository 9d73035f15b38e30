//! The RTP ports the media threads have bound for us, lent to legs one at a time.
//!
//! A port goes out with [`Ports::lend`] and comes back from the media once it has drained.
//! The one that has rested longest goes first: whatever still wanders about for its last leg
//! has had the most time to stop.

use std::collections::VecDeque;

/// Ports that may be lent.
#[derive(Clone, Debug, Default)]
pub(super) struct Ports {
    free: VecDeque<u16>,
}

impl Ports {
    /// These are bound and drained.
    pub(super) fn prepared(&mut self, ports: &[u16]) {
        self.free.extend(ports);
    }

    /// One port, for a leg.
    pub(super) fn lend(&mut self) -> Option<u16> {
        self.free.pop_front()
    }

    /// A port that was lent and never opened: nothing has been sent to it.
    pub(super) fn unused(&mut self, port: u16) {
        self.free.push_back(port);
    }

    /// How many could be lent now.
    pub(super) fn free(&self) -> usize {
        self.free.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_that_rested_longest_goes_first_and_none_is_lent_twice() {
        let mut ports = Ports::default();
        ports.prepared(&[20_000, 20_002]);
        assert_eq!((ports.lend(), ports.lend(), ports.lend()), (Some(20_000), Some(20_002), None));
        ports.unused(20_002);
        ports.prepared(&[20_000]);
        assert_eq!((ports.free(), ports.lend()), (2, Some(20_002)));
    }
}
