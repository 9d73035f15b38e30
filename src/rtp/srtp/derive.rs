//! Session keys from a master key and salt (RFC 3711 4.3, RFC 7714 11): AES in counter mode, a
//! label for each purpose. They are derived once; no suite of ours rederives.

use aes::{
    Aes128, Aes256,
    cipher::{BlockCipherEncrypt, KeyInit},
};

/// What a session key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// RTP, the cipher.
    RtpCipher = 0,
    /// RTP, the tag.
    RtpTag = 1,
    /// RTP, the salt.
    RtpSalt = 2,
    /// RTCP, the cipher.
    RtcpCipher = 3,
    /// RTCP, the tag.
    RtcpTag = 4,
    /// RTCP, the salt.
    RtcpSalt = 5,
}

/// Fills `out` with the session key for `label`. `None` if the master key has no length of AES.
/// A salt of 96 bits is filled up with zeros at its end (RFC 7714 11).
#[must_use]
pub fn derive(master: &[u8], salt: &[u8], label: Label, out: &mut [u8]) -> Option<()> {
    let mut block = [0; 16];
    for (byte, salt) in block.iter_mut().take(14).zip(salt) {
        *byte = *salt;
    }
    let [_, _, _, _, _, _, _, place, ..] = &mut block;
    *place ^= label as u8;
    if let Ok(aes) = Aes128::new_from_slice(master) {
        stream(&aes, block, out);
    } else {
        stream(&Aes256::new_from_slice(master).ok()?, block, out);
    }
    Some(())
}

/// The first octets of a keystream; the last two of the block count.
fn stream<C>(aes: &C, block: [u8; 16], out: &mut [u8])
where
    C: BlockCipherEncrypt<BlockSize = aes::cipher::consts::U16>,
{
    for (count, part) in (0_u16..).zip(out.chunks_mut(16)) {
        let mut block = block;
        let [.., high, low] = &mut block;
        [*high, *low] = count.to_be_bytes();
        let mut block = block.into();
        aes.encrypt_block(&mut block);
        for (byte, key) in part.iter_mut().zip(block) {
            *byte = key;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
        digits
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    fn derived(master: &str, salt: &str, label: Label, len: usize) -> Vec<u8> {
        let mut out = vec![0; len];
        derive(&hex(master), &hex(salt), label, &mut out).unwrap();
        out
    }

    /// RFC 3711 B.3.
    #[test]
    fn the_keys_are_those_of_the_rfc() {
        let of = |label, len| {
            derived("E1F97A0D3E018BE0D64FA32C06DE4139", "0EC675AD498AFEEBB6960B3AABE6", label, len)
        };
        assert_eq!(of(Label::RtpCipher, 16), hex("C61E7A93744F39EE10734AFE3FF7A087"));
        assert_eq!(of(Label::RtpSalt, 14), hex("30CBBC08863D8C85D49DB34A9AE1"));
        assert_eq!(
            of(Label::RtpTag, 94),
            hex("CEBE321F6FF7716B6FD4AB49AF256A15 6D38BAA48F0A0ACF3C34E2359E6CDBCE
                 E049646C43D9327AD175578EF7227098 6371C10C9A369AC2F94A8C5FBCDDDC25
                 6D6E919A48B610EF17C2041E47403576 6B68642C59BBFC2F34DB60DBDFB2")
        );
    }

    /// RFC 6188 7.2.
    #[test]
    fn a_key_of_256_bits_derives_as_well() {
        let of = |label, len| {
            derived(
                "f0f04914b513f2763a1b1fa130f10e29 98f6f6e43e4309d1e622a0e332b9f1b6",
                "3b04803de51ee7c96423ab5b78d2",
                label,
                len,
            )
        };
        assert_eq!(
            of(Label::RtpCipher, 32),
            hex("5ba1064e30ec51613cad926c5a28ef73 1ec7fb397f70a960653caf06554cd8c4")
        );
        assert_eq!(of(Label::RtpSalt, 14), hex("fa31791685ca444a9e07c6c64e93"));
        assert_eq!(of(Label::RtpTag, 20), hex("fd9c32d39ed5fbb5a9dc96b30818454d1313dc05"));
    }

    #[test]
    fn a_key_of_no_length_of_aes_derives_nothing() {
        assert_eq!(derive(&[0; 24], &[0; 14], Label::RtpCipher, &mut [0; 16]), None);
    }
}
