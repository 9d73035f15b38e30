//! Whatever is offered is answered with a description that answers every line, or refused.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lotse::sdp::{
    negotiate::{Format, Ours},
    session::Session,
};

fuzz_target!(|bytes: &[u8]| {
    let Ok(offer) = Session::read(bytes) else { return };
    let formats = vec![
        Format { name: "G722", clock: 8000, channels: 1, payload_type: 9 },
        Format { name: "PCMA", clock: 8000, channels: 1, payload_type: 8 },
        Format { name: "PCMU", clock: 8000, channels: 1, payload_type: 0 },
    ];
    let mut ours = Ours::new(7, "192.0.2.1:20000".parse().unwrap(), formats);
    let _ = ours.answered(&offer);
    let Ok((answer, agreed)) = ours.answer(&offer) else { return };
    let answer = Session::read(&answer).expect("our answer is a description");
    assert_eq!(answer.media.len(), offer.media.len());
    let mut open = answer.media.iter().filter(|it| it.port > 0);
    let audio = open.next().expect("an answer has our audio");
    assert_eq!(open.next(), None);
    assert_eq!(audio.payloads.first().map(|it| it.number), Some(agreed.payload_type));
    assert!(audio.payloads.len() <= 2);
    Session::read(&ours.offer()).expect("our next offer is a description");
});
