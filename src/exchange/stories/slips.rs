//! Real words of callers and phones with slips in them: nothing breaks, and nothing is left.

use proptest::{prelude::*, sample::Index};

use super::ladder::{Ladder, framed, invite, sdp};
use crate::{
    base::time::Span,
    exchange::{
        check, example,
        request::{Request, Ticket},
        switch::Input,
    },
    sip::message::Message,
};

const ONE: &str = "sip:1230@192.0.2.1";

/// Slips of whoever sends.
#[derive(Clone, Debug)]
enum Slip {
    Byte(Index, u8),
    Cut(Index, Index),
    Twice(Index),
    Swap(Index, Index),
    Word(Index, usize),
}

const WORDS: [&str; 16] = [
    ";tag=",
    "sip:",
    "\r\n",
    "4294967296",
    "-1",
    "<",
    ">",
    "\"",
    ",",
    ";lr",
    "%00",
    "[::]",
    ":99999",
    "RTP/SAVP",
    "a=sendonly\r\n",
    "m=audio 0 RTP/AVP 0\r\n",
];

fn slip() -> impl Strategy<Value = Slip> {
    let at = any::<Index>;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Slip::Byte(at, byte)),
        (at(), at()).prop_map(|(from, to)| Slip::Cut(from, to)),
        at().prop_map(Slip::Twice),
        (at(), at()).prop_map(|(one, two)| Slip::Swap(one, two)),
        (at(), 0..WORDS.len()).prop_map(|(at, word)| Slip::Word(at, word)),
    ]
}

fn slipped(bytes: &mut Vec<u8>, slip: &Slip) {
    if bytes.is_empty() {
        return;
    }
    let length = bytes.len();
    let mut lines: Vec<Vec<u8>> =
        bytes.split_inclusive(|it| *it == b'\n').map(<[u8]>::to_vec).collect();
    match slip {
        Slip::Byte(at, byte) => bytes[at.index(length)] = *byte,
        Slip::Cut(from, to) => {
            let (from, to) = (from.index(length), to.index(length));
            bytes.drain(from.min(to)..(from.min(to) + 12).min(from.max(to)));
        }
        Slip::Twice(at) => {
            let at = at.index(lines.len());
            lines.insert(at, lines[at].clone());
            *bytes = lines.concat();
        }
        Slip::Swap(one, two) => {
            let count = lines.len();
            lines.swap(one.index(count), two.index(count));
            *bytes = lines.concat();
        }
        Slip::Word(at, word) => {
            let at = at.index(length);
            bytes.splice(at..at, WORDS[*word].bytes());
        }
    }
}

/// What real callers and phones say, in a call of ours or in none.
fn said(it: &Ladder, which: usize, number: u32) -> Vec<u8> {
    let tag =
        it.sent.iter().rev().find_map(|(_, it)| Some(it.headers().to().ok()?.tag()?.to_owned()));
    let tag = tag.unwrap_or_default();
    let of = 1 + number % 3;
    let within = |method: &str, lines: &str| {
        format!(
            "{method} {ONE} SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.50:5060;branch=z9hG4bKw{number}\n\
             From: <sip:+493415550001@carrier.example>;tag=f\nTo: <sip:1230@lotse.example>;tag={tag}\n\
             Call-ID: call-{of}\nCSeq: {number} {method}\nContact: <sip:c@192.0.2.50>\n{lines}"
        )
    };
    let offer = format!("Content-Type: application/sdp\n\n{}", sdp(4000));
    framed(&match which {
        0 => invite(of, ONE, "", &sdp(4000)),
        1 => invite(of, "sip:115@192.0.2.1", "Supported: 100rel, timer\nSession-Expires: 90", ""),
        2 => invite(of, ONE, "Diversion: <sip:1@c>;reason=away\nPrivacy: id", &sdp(4000)),
        3 => within("BYE", "Reason: Q.850;cause=16"),
        4 => within("INVITE", &offer),
        5 => within("UPDATE", &offer),
        6 => within("PRACK", &format!("RAck: 1 1 INVITE\n{offer}")),
        7 => within("INFO", "Content-Type: application/dtmf-relay\n\nSignal=1\nDuration=100\n"),
        8 => within("REFER", "Refer-To: <sip:1002@lotse.example>"),
        9 => invite(of, ONE, "", "").replace("INVITE", "CANCEL"),
        10 => within("ACK", &offer),
        11 => within("OPTIONS", ""),
        12 => within("REGISTER", "Expires: 60").replace("tag=", "x="),
        _ => {
            // Whatever we asked last is answered.
            let asked = it.sent.iter().rev().find_map(|(_, it)| match it {
                Message::Request(request) => Some(request.clone()),
                Message::Response(_) => None,
            });
            let Some(asked) = asked else { return vec![] };
            let status = [100, 180, 183, 200, 302, 401, 422, 481, 486, 491, 503, 603];
            let mut bytes = vec![];
            let answer = asked.answer(status[number as usize % status.len()]).with_to_tag("them");
            let answer = answer.with("Contact", "<sip:d@192.0.2.103>");
            answer.with_body("application/sdp", sdp(4000).into_bytes()).write(&mut bytes);
            return bytes;
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Whatever real words become on the way: nothing panics, no rule is broken, what is sent can
    /// be read, and in the end nothing is left.
    #[test]
    fn words_with_slips_break_nothing_and_leave_nothing(
        acts in prop::collection::vec(
            (0..14usize, 1..40u32, 0..4u8, prop::collection::vec(slip(), 0..4), 0..3_000u64),
            1..40,
        ),
    ) {
        let mut plan = example::plan();
        plan.agents[3].as_mut().unwrap().ready_on_register = true;
        let mut it = Ladder::of(plan);
        for (which, number, from, slips, millis) in acts {
            let mut bytes = said(&it, which, number);
            for slip in &slips {
                slipped(&mut bytes, slip);
            }
            let from = match from {
                0 => example::desk(3),
                1 => ([203, 0, 113, 6], 5060).into(),
                _ => example::carrier(),
            };
            it.hears_bytes(from, &bytes);
            let then = it.now + Span::millis(millis);
            it.until(then.as_millis());
        }
        let calls: Vec<_> = it.x.calls.iter().map(|(call, _)| call).collect();
        for call in calls {
            it.does(Input::Request(Ticket { number: 1, request: Request::HangUp(call) }));
        }
        let end = it.now + Span::secs(600);
        it.until(end.as_millis());
        prop_assert_eq!(check::left_over(&it.x), Vec::<String>::new());
    }
}
