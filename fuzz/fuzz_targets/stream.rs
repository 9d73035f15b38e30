//! A stream gives the same messages however its bytes trickle in.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lotse::sip::message::stream::{Framer, Piece};

const MESSAGE_MAX: usize = 4_096;

fn pieces(chunks: &[&[u8]]) -> Vec<Vec<u8>> {
    let mut framer = Framer::new(MESSAGE_MAX);
    let mut pieces = vec![];
    for chunk in chunks {
        framer.push(chunk);
        loop {
            match framer.next() {
                Piece::Message(bytes) => pieces.push(bytes.to_vec()),
                Piece::KeepAlive => pieces.push(vec![]),
                Piece::More => break,
                Piece::Broken => return pieces,
            }
        }
    }
    pieces
}

fuzz_target!(|input: (u8, &[u8])| {
    let (size, bytes) = input;
    let chunks: Vec<&[u8]> = bytes.chunks(usize::from(size).max(1)).collect();
    let whole: Vec<Vec<u8>> = pieces(&[bytes]);
    let trickled = pieces(&chunks);
    // A message without an end is given up at the limit, and how much of it had come by then
    // depends on the chunks; all before it is the same.
    let same = whole.iter().zip(&trickled).take_while(|(a, b)| a == b).count();
    assert!(same + 1 >= whole.len().max(trickled.len()), "{whole:?} {trickled:?}");
});
