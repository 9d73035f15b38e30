//! A stream gives the same messages whether it comes at once or byte by byte.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lotse::sip::stream::{Framer, Piece};

fuzz_target!(|bytes: &[u8]| {
    assert_eq!(pieces(bytes, bytes.len().max(1)), pieces(bytes, 1));
});

fn pieces(bytes: &[u8], step: usize) -> Vec<Option<Vec<u8>>> {
    let mut framer = Framer::new(65_536);
    let mut told = vec![];
    for bytes in bytes.chunks(step) {
        framer.push(bytes);
        loop {
            match framer.next() {
                Piece::Message(message) => told.push(Some(message.to_vec())),
                Piece::KeepAlive => told.push(None),
                Piece::More => break,
                // What came of a message without an end depends on when it was given up.
                Piece::Broken => {
                    told.pop();
                    return told;
                }
            }
        }
    }
    told
}
