//! The timers of RFC 3261, by their letters (table 4), with the two that RFC 6026 adds.

use crate::base::time::Span;

/// Whose time is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// INVITE client: send the request again. T1, doubling. Unreliable transports only.
    A,
    /// INVITE client: nobody answers, or nobody answers our CANCEL (RFC 3261 9.1). 64*T1.
    B,
    /// Non-INVITE client: send the request again. T1, doubling up to T2.
    E,
    /// Non-INVITE client: nobody answers. Non-INVITE server: an answer would come too late
    /// (RFC 4320 4.2). 64*T1.
    F,
    /// INVITE server: send the refusal again. T1, doubling up to T2.
    G,
    /// INVITE server: nobody acknowledges the refusal. 64*T1.
    H,
    /// INVITE server: further ACKs are absorbed until here. T4, or nothing over a stream.
    I,
    /// Non-INVITE server: the request is still known until here. 64*T1, or nothing.
    J,
    /// Non-INVITE client: further answers are absorbed until here. T4, or nothing.
    K,
    /// INVITE client: refusals sent again are acknowledged until here. 32 s, or nothing.
    D,
    /// INVITE server: INVITEs sent again after a 2xx are absorbed until here (RFC 6026 7.1). 64*T1.
    L,
    /// INVITE client: further 2xx, also of other forks, are told until here (RFC 6026 7.2). 64*T1.
    M,
}

/// T1, T2 and T4 (RFC 3261 17.1.1.1), and what follows from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// A guess at the round trip.
    pub t1: Span,
    /// The longest gap between retransmissions.
    pub t2: Span,
    /// How long a message may linger in the network.
    pub t4: Span,
}

impl Times {
    /// 64*T1: how long one tries.
    #[must_use]
    pub fn patience(self) -> Span {
        self.t1 * 64
    }

    /// The gap after sending for the `sent`th time: T1, 2*T1, 4*T1 …
    #[must_use]
    pub fn doubled(self, sent: u8) -> Span {
        self.t1 * (1 << u32::from(sent.saturating_sub(1)).min(16))
    }

    /// As [`doubled`](Self::doubled), but at most T2.
    #[must_use]
    pub fn doubled_to_t2(self, sent: u8) -> Span {
        self.doubled(sent).min(self.t2)
    }

    /// How long `timer` runs where a message was sent `sent` times. `None`: never, for streams
    /// do not lose messages.
    #[must_use]
    pub fn span(self, timer: Timer, sent: u8, wire: Wire) -> Option<Span> {
        let span = match (timer, wire) {
            (Timer::A | Timer::E | Timer::G, Wire::Reliable) => return None,
            (Timer::D | Timer::I | Timer::J | Timer::K, Wire::Reliable) => Span::ZERO,
            (Timer::A, Wire::Unreliable) => self.doubled(sent),
            (Timer::E | Timer::G, Wire::Unreliable) => self.doubled_to_t2(sent),
            (Timer::D, Wire::Unreliable) => Span::secs(32).max(self.patience()),
            (Timer::I | Timer::K, Wire::Unreliable) => self.t4,
            (Timer::B | Timer::F | Timer::H | Timer::J | Timer::L | Timer::M, _) => self.patience(),
        };
        Some(span)
    }
}

/// Whether the transport loses messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// UDP: retransmission is ours.
    Unreliable,
    /// TCP.
    Reliable,
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    /// RFC 3261, table 4, beside RFC 6026 8.1: first, third and ninth sending.
    #[test]
    fn the_table_of_the_rfc() {
        let times = Times { t1: Span::millis(500), t2: Span::secs(4), t4: Span::secs(5) };
        let mut table = String::new();
        for timer in [
            Timer::A,
            Timer::B,
            Timer::D,
            Timer::E,
            Timer::F,
            Timer::G,
            Timer::H,
            Timer::I,
            Timer::J,
            Timer::K,
            Timer::L,
            Timer::M,
        ] {
            let cell = |sent, wire| match times.span(timer, sent, wire) {
                Some(span) => span.to_string(),
                None => "-".into(),
            };
            writeln!(
                table,
                "{timer:?} {} {} {} | {}",
                cell(1, Wire::Unreliable),
                cell(3, Wire::Unreliable),
                cell(9, Wire::Unreliable),
                cell(1, Wire::Reliable)
            )
            .unwrap();
        }
        assert_eq!(
            table,
            "\
A 0.500s 2s 128s | -
B 32s 32s 32s | 32s
D 32s 32s 32s | 0s
E 0.500s 2s 4s | -
F 32s 32s 32s | 32s
G 0.500s 2s 4s | -
H 32s 32s 32s | 32s
I 5s 5s 5s | 0s
J 32s 32s 32s | 0s
K 5s 5s 5s | 0s
L 32s 32s 32s | 32s
M 32s 32s 32s | 32s
"
        );
    }
}
