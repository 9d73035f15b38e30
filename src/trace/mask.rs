//! A message without what nobody has to know: secrets always, people's numbers unless asked for.
//!
//! Digests' responses, SRTP keys and the digits of a caller's PIN are secrets. Numbers and names
//! of people stand where the RFCs put them: in the URIs and display names of the headers below
//! (DOMAIN.md L-5).

use std::fmt::Write;

use crate::base::masked::Masked;

/// How much is left to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    /// The last digits.
    Masked,
    /// All of them: for those who have a reason to look, and the right.
    Clear,
}

/// Headers that name people. Their compact forms are beside them.
const NAMING: [&str; 14] = [
    "From",
    "f",
    "To",
    "t",
    "Contact",
    "m",
    "P-Asserted-Identity",
    "P-Preferred-Identity",
    "P-Called-Party-ID",
    "Remote-Party-ID",
    "Diversion",
    "History-Info",
    "Referred-By",
    "Refer-To",
];

/// From so many digits on, a run of them is somebody's number and not an extension.
const NUMBER_MIN: usize = 7;

/// `message` as it may be shown. What is no UTF-8 is shown as `�`.
#[must_use]
pub fn mask(message: &[u8], numbers: Numbers) -> String {
    let text = String::from_utf8_lossy(message);
    let mut shown = String::with_capacity(text.len());
    let mut in_body = false;
    let mut has_digits = false;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let content = line.trim_end_matches(['\r', '\n']);
        let end = line.get(content.len()..).unwrap_or_default();
        if in_body {
            shown.push_str(&body_line(content, has_digits));
        } else if content.is_empty() {
            in_body = true;
        } else if number == 0 {
            match numbers {
                Numbers::Masked => shown.push_str(&digits(content)),
                Numbers::Clear => shown.push_str(content),
            }
        } else {
            let (name, value) = content.split_once(':').unwrap_or((content, ""));
            let is = |wanted: &str| name.trim().eq_ignore_ascii_case(wanted);
            if is("Authorization") || is("Proxy-Authorization") {
                let scheme = value.split_whitespace().next().unwrap_or_default();
                let _ = write!(shown, "{name}: {scheme} ***");
            } else if numbers == Numbers::Masked && NAMING.iter().any(|it| is(it)) {
                let _ = write!(shown, "{name}:{}", named(value));
            } else {
                has_digits |= (is("Content-Type") || is("c")) && value.contains("dtmf");
                shown.push_str(content);
            }
        }
        shown.push_str(end);
    }
    shown
}

/// A line of SDP, or of the digits that a phone tells by INFO.
fn body_line(line: &str, has_digits: bool) -> String {
    if has_digits {
        return line.split_once('=').map_or("***".to_owned(), |(key, _)| format!("{key}=***"));
    }
    if line.starts_with("a=crypto:") {
        let keys = line.find("inline:").map_or(line.len(), |place| place + "inline:".len());
        return format!("{}***", line.get(..keys).unwrap_or_default());
    }
    if line.starts_with("k=") {
        return "k=***".to_owned();
    }
    line.to_owned()
}

/// Values of a header that names people: parameters stay, since tags tell dialogs apart.
fn named(value: &str) -> String {
    let mut shown = String::with_capacity(value.len());
    let mut rest = value;
    // A display name in quotes, then `<uri>`, or a bare URI up to its parameters; again after
    // each comma. Whatever is odd is masked rather than shown.
    while !rest.is_empty() {
        if let Some(inside) = rest.strip_prefix('"') {
            let end = closing_quote(inside);
            shown.push_str("\"***\"");
            rest = inside.get(end..).unwrap_or_default();
            continue;
        }
        let stop = match rest.chars().next() {
            Some('<') => rest.find('>').map_or(rest.len(), |it| it + 1),
            Some(';') => rest.find(',').unwrap_or(rest.len()),
            Some(_) => {
                let first = rest.chars().next().map_or(1, char::len_utf8);
                let more = rest.get(first..).unwrap_or_default();
                more.find(['<', '"', ';']).map_or(rest.len(), |it| it + first)
            }
            None => break,
        };
        let (part, after) = rest.split_at_checked(stop).unwrap_or((rest, ""));
        let is_name = after.starts_with('<') && part.contains(char::is_alphabetic);
        match part.chars().next() {
            Some(';') => shown.push_str(part),
            Some(_) if is_name => shown.push_str(" *** "),
            _ => shown.push_str(&digits(part)),
        }
        rest = after;
    }
    shown
}

/// Where what follows the closing quote begins.
fn closing_quote(inside: &str) -> usize {
    let mut escaped = false;
    for (place, char) in inside.char_indices() {
        match char {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return place + 1,
            _ => (),
        }
    }
    inside.len()
}

/// Every long run of digits by its last ones, as [`Masked`] shows it.
fn digits(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|it: char| it.is_ascii_digit() || it == '+') {
        let (before, run) = rest.split_at_checked(start).unwrap_or((rest, ""));
        shown.push_str(before);
        let signs = run.strip_prefix('+').map_or(0, |_| 1);
        let len = run.bytes().skip(signs).take_while(u8::is_ascii_digit).count() + signs;
        let (run, after) = run.split_at_checked(len).unwrap_or((run, ""));
        if len - signs >= NUMBER_MIN {
            shown.push_str(&Masked::new(run).to_string());
        } else {
            shown.push_str(run);
        }
        rest = after;
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const INVITE: &str = "INVITE sip:+493411230@192.0.2.10 SIP/2.0\r\n\
        Via: SIP/2.0/UDP 192.0.2.77:5060;branch=z9hG4bK1234567890\r\n\
        From: \"Erika \\\"E\\\" Muster\" <sip:+4934198765432@a.example;user=phone>;tag=12345678\r\n\
        t: sip:03411230@a.example;tag=987654321\r\n\
        P-Asserted-Identity: <sip:+4934198765432@a.example>, <tel:+4934198765432>\r\n\
        Contact: <sip:1001@192.0.2.77:5060>\r\n\
        Authorization: Digest username=\"1001\", response=\"0123456789abcdef\"\r\n\
        Call-ID: 1234567890\r\n\
        Content-Type: application/sdp\r\n\
        \r\n\
        v=0\r\n\
        o=- 1234567 0 IN IP4 192.0.2.77\r\n\
        a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0|2^31\r\n\
        k=clear:geheim\r\n";

    #[test]
    fn people_and_secrets_are_masked_and_what_tells_dialogs_apart_is_not() {
        assert_eq!(
            mask(INVITE.as_bytes(), Numbers::Masked),
            "INVITE sip:***1230@192.0.2.10 SIP/2.0\r\n\
             Via: SIP/2.0/UDP 192.0.2.77:5060;branch=z9hG4bK1234567890\r\n\
             From: \"***\" <sip:***5432@a.example;user=phone>;tag=12345678\r\n\
             t: sip:***1230@a.example;tag=987654321\r\n\
             P-Asserted-Identity: <sip:***5432@a.example>, <tel:***5432>\r\n\
             Contact: <sip:1001@192.0.2.77:5060>\r\n\
             Authorization: Digest ***\r\n\
             Call-ID: 1234567890\r\n\
             Content-Type: application/sdp\r\n\
             \r\n\
             v=0\r\n\
             o=- 1234567 0 IN IP4 192.0.2.77\r\n\
             a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:***\r\n\
             k=***\r\n"
        );
    }

    #[test]
    fn secrets_stay_masked_for_those_who_may_see_numbers() {
        let shown = mask(INVITE.as_bytes(), Numbers::Clear);
        assert!(shown.contains("Erika") && shown.contains("+4934198765432"));
        for secret in ["0123456789abcdef", "c2VjcmV0", "geheim"] {
            assert!(!shown.contains(secret), "{secret}");
        }
    }

    #[test]
    fn the_digits_of_a_pin_are_nobodys_business() {
        let info = "INFO sip:1 SIP/2.0\r\nContent-Type: application/dtmf-relay\r\n\r\n\
                    Signal=5\r\nDuration=160\r\n";
        let shown = mask(info.as_bytes(), Numbers::Clear);
        assert!(shown.ends_with("\r\n\r\nSignal=***\r\nDuration=***\r\n"), "{shown}");
    }

    #[test]
    fn odd_values_are_masked_to_their_end_and_never_cut_short() {
        for (odd, shown) in [
            ("From: \"never 4934198765432\r\n", "From: \"***\"\r\n"),
            ("From: <sip:+4934198765432\r\n", "From: <sip:***5432\r\n"),
            ("From: Müller 4934198765432 <sip:x>\r\n", "From: *** <sip:x>\r\n"),
            ("From: +++++\r\n", "From: +++++\r\n"),
            ("From:\r\n", "From:\r\n"),
        ] {
            let text = format!("BYE sip:x SIP/2.0\r\n{odd}\r\n");
            let masked = mask(text.as_bytes(), Numbers::Masked);
            assert_eq!(masked, format!("BYE sip:x SIP/2.0\r\n{shown}\r\n"));
        }
    }
}
