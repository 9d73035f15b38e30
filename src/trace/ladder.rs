//! A call's messages as the field draws them: a line for each party, an arrow for each message.
//!
//! ```text
//!             192.0.2.77:5060         Lotse          192.0.2.33:5060
//!   0.000 s         │── INVITE (SDP) ──►│                   │
//!   0.002 s         │                   │── INVITE (SDP) ──►│
//! ```

use std::{fmt::Write, net::SocketAddr};

use crate::trace::{shown::Shown, tape::Way};

/// What the middle line is called.
const SELF: &str = "Lotse";

/// Columns between two lines, at least.
const GAP_MIN: usize = 22;

/// What stands before the first line: `12345.678 s   `.
const TIME: usize = 14;

/// The ladder of `messages`, which are in order. Times count from the first.
///
/// The party that spoke first stands left of us, everybody else right, as they came in. A message
/// that is the very same as one before is marked: it was sent again.
#[must_use]
pub fn draw(messages: &[Shown]) -> String {
    let mut others: Vec<SocketAddr> = vec![];
    for message in messages {
        if !others.contains(&message.remote) {
            others.push(message.remote);
        }
    }
    let Some(first) = messages.first() else { return String::new() };
    let labels: Vec<String> =
        messages.iter().enumerate().map(|(place, it)| label(messages, place, it)).collect();
    let widest = labels.iter().map(|it| it.chars().count() + 6).max().unwrap_or(0);
    let gap = widest.max(GAP_MIN);
    // Us second, behind whoever spoke first.
    let lane = |remote: &SocketAddr| match others.iter().position(|it| it == remote) {
        None | Some(0) => 0,
        Some(place) => place + 1,
    };
    let lanes = others.len() + 1;

    let mut names: Vec<String> = others.iter().map(ToString::to_string).collect();
    names.insert(1.min(names.len()), SELF.to_owned());
    let mut text = String::new();
    let mut heading = String::new();
    for (lane, name) in names.iter().enumerate() {
        let middle = TIME + lane * (gap + 1);
        let start = middle.saturating_sub(name.chars().count() / 2);
        while heading.chars().count() < start {
            heading.push(' ');
        }
        heading.push_str(name);
    }
    text.push_str(heading.trim_end());
    text.push('\n');
    for (message, label) in messages.iter().zip(&labels) {
        let since = message.at.since(first.at).as_secs_f64();
        let _ = write!(text, "{since:9.3} s   ");
        let (us, them) = (1, lane(&message.remote));
        let (from, to) = match message.way {
            Way::Received => (them, us),
            Way::Sent => (us, them),
        };
        text.push_str(&rung(lanes, gap, from, to, label));
        text.push('\n');
    }
    text
}

/// One arrow, and the lines that it does not touch. Lines between its ends are crossed.
fn rung(lanes: usize, gap: usize, from: usize, to: usize, label: &str) -> String {
    let (left, right) = (from.min(to), from.max(to));
    let span = (right - left) * (gap + 1) - 1;
    let rest = span.saturating_sub(label.chars().count() + 2);
    // The head of the arrow is one of the dashes.
    let (before, after) = (rest / 2, rest - rest / 2);
    let dashes = |count: usize| "─".repeat(count);
    let arrow = if from < to {
        format!("{} {label} {}►", dashes(before), dashes(after.saturating_sub(1)))
    } else {
        format!("◄{} {label} {}", dashes(before.saturating_sub(1)), dashes(after))
    };
    let mut text = String::new();
    let mut lane = 0;
    while lane < lanes {
        text.push('│');
        if lane == left {
            text.push_str(&arrow);
            lane = right;
        } else {
            if lane + 1 < lanes {
                text.push_str(&" ".repeat(gap));
            }
            lane += 1;
        }
    }
    text
}

fn label(messages: &[Shown], place: usize, message: &Shown) -> String {
    let before = messages.get(..place).unwrap_or_default();
    let same =
        |it: &&Shown| (it.way, it.remote, &it.text) == (message.way, message.remote, &message.text);
    let again = if before.iter().any(|it| same(&it)) { ", again" } else { "" };
    message.label() + again
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{base::time::Timestamp, sip::wire::Transport};

    fn message(at: u64, way: Way, remote: &str, text: &str) -> Shown {
        Shown {
            at: Timestamp(at * 1_000),
            way,
            transport: Transport::Udp,
            local: "192.0.2.10:5060".parse().unwrap(),
            remote: remote.parse().unwrap(),
            text: format!("{text}\r\nCSeq: 1 INVITE\r\n\r\n"),
        }
    }

    #[test]
    fn a_call_is_drawn_as_a_ladder() {
        const TRUNK: &str = "192.0.2.77:5060";
        const PHONE: &str = "192.0.2.33:5060";
        let sdp = "\r\nContent-Type: application/sdp";
        let messages = [
            message(5, Way::Received, TRUNK, &format!("INVITE sip:1230@x SIP/2.0{sdp}")),
            message(6, Way::Sent, TRUNK, "SIP/2.0 100 Trying"),
            message(7, Way::Sent, PHONE, &format!("INVITE sip:1001@x SIP/2.0{sdp}")),
            message(507, Way::Sent, PHONE, &format!("INVITE sip:1001@x SIP/2.0{sdp}")),
            message(1_200, Way::Received, PHONE, &format!("SIP/2.0 200 OK{sdp}")),
        ];
        assert_eq!(
            draw(&messages),
            "       192.0.2.77:5060                 Lotse                 192.0.2.33:5060\n\
             \x20   0.000 s   │────── INVITE (SDP) ─────►│                          │\n\
             \x20   0.001 s   │◄─ 100 Trying (INVITE) ───│                          │\n\
             \x20   0.002 s   │                          │────── INVITE (SDP) ─────►│\n\
             \x20   0.502 s   │                          │── INVITE (SDP), again ──►│\n\
             \x20   1.195 s   │                          │◄─ 200 OK (INVITE, SDP) ──│\n"
        );
    }

    #[test]
    fn an_arrow_crosses_the_parties_between() {
        let messages: Vec<_> = ["192.0.2.1:5060", "192.0.2.2:5060", "192.0.2.3:5060"]
            .into_iter()
            .map(|remote| message(0, Way::Sent, remote, "BYE sip:x SIP/2.0"))
            .collect();
        let drawn = draw(&messages);
        let last = drawn.lines().last().unwrap();
        assert_eq!(last.matches('│').count(), 3, "{last}");
        let widths: Vec<_> = drawn.lines().skip(1).map(|it| it.chars().count()).collect();
        assert!(widths.iter().all(|it| *it == widths[0]), "{drawn}");
    }

    #[test]
    fn nothing_is_drawn_as_nothing() {
        assert_eq!(draw(&[]), "");
    }
}
