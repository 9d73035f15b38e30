//! What headers are called: long, compact, in any case.
//!
//! `rsip::Header` has a variant for each header of RFC 3261 and `Other` for the rest. It knows
//! no compact names (RFC 3261 7.3.3) and writes some names its own way (`Call-Id`); this table
//! is how the reader finds the variant and the writer the RFC's spelling.

use rsip::{Header, headers::UntypedHeader as _};

macro_rules! table {
    ($($variant:ident, $canonical:literal: $($lower:literal)|+;)*) => {
        /// The header of that name, whatever its case, with that value.
        pub(in crate::sip) fn header(name: &str, value: String) -> Header {
            let mut buffer = [0; LONGEST];
            match lower(name.as_bytes(), &mut buffer) {
                $($($lower)|+ => Header::$variant(value.into()),)*
                [letter] => Header::Other(long(*letter).unwrap_or(name).to_owned(), value),
                _ => Header::Other(name.to_owned(), value),
            }
        }

        /// The header's name as the RFC spells it; one that we do not know, as it came.
        #[must_use]
        pub fn name(header: &Header) -> &str {
            match header {
                $(Header::$variant(_) => $canonical,)*
                Header::Other(name, _) => name,
            }
        }

        /// The header's value.
        #[must_use]
        pub fn value(header: &Header) -> &str {
            match header {
                $(Header::$variant(it) => it.value(),)*
                Header::Other(_, value) => value,
            }
        }
    };
}

table! {
    Accept, "Accept": b"accept";
    AcceptEncoding, "Accept-Encoding": b"accept-encoding";
    AcceptLanguage, "Accept-Language": b"accept-language";
    AlertInfo, "Alert-Info": b"alert-info";
    Allow, "Allow": b"allow";
    AuthenticationInfo, "Authentication-Info": b"authentication-info";
    Authorization, "Authorization": b"authorization";
    CSeq, "CSeq": b"cseq";
    CallId, "Call-ID": b"call-id" | b"i";
    CallInfo, "Call-Info": b"call-info";
    Contact, "Contact": b"contact" | b"m";
    ContentDisposition, "Content-Disposition": b"content-disposition";
    ContentEncoding, "Content-Encoding": b"content-encoding" | b"e";
    ContentLanguage, "Content-Language": b"content-language";
    ContentLength, "Content-Length": b"content-length" | b"l";
    ContentType, "Content-Type": b"content-type" | b"c";
    Date, "Date": b"date";
    ErrorInfo, "Error-Info": b"error-info";
    Event, "Event": b"event" | b"o";
    Expires, "Expires": b"expires";
    From, "From": b"from" | b"f";
    InReplyTo, "In-Reply-To": b"in-reply-to";
    MaxForwards, "Max-Forwards": b"max-forwards";
    MimeVersion, "MIME-Version": b"mime-version";
    MinExpires, "Min-Expires": b"min-expires";
    Organization, "Organization": b"organization";
    Priority, "Priority": b"priority";
    ProxyAuthenticate, "Proxy-Authenticate": b"proxy-authenticate";
    ProxyAuthorization, "Proxy-Authorization": b"proxy-authorization";
    ProxyRequire, "Proxy-Require": b"proxy-require";
    RecordRoute, "Record-Route": b"record-route";
    ReplyTo, "Reply-To": b"reply-to";
    Require, "Require": b"require";
    RetryAfter, "Retry-After": b"retry-after";
    Route, "Route": b"route";
    Server, "Server": b"server";
    Subject, "Subject": b"subject" | b"s";
    SubscriptionState, "Subscription-State": b"subscription-state";
    Supported, "Supported": b"supported" | b"k";
    Timestamp, "Timestamp": b"timestamp";
    To, "To": b"to" | b"t";
    Unsupported, "Unsupported": b"unsupported";
    UserAgent, "User-Agent": b"user-agent";
    Via, "Via": b"via" | b"v";
    Warning, "Warning": b"warning";
    WwwAuthenticate, "WWW-Authenticate": b"www-authenticate";
}

/// The longest name in the table.
const LONGEST: usize = "Proxy-Authorization".len();

/// `name` in lower case; empty if it is longer than any we know.
fn lower<'a>(name: &[u8], buffer: &'a mut [u8; LONGEST]) -> &'a [u8] {
    let Some(room) = buffer.get_mut(..name.len()) else { return &[] };
    room.copy_from_slice(name);
    room.make_ascii_lowercase();
    room
}

/// The long form of compact names that `rsip` has no variant for (IANA, SIP Header Fields).
fn long(compact: u8) -> Option<&'static str> {
    Some(match compact {
        b'a' => "Accept-Contact",
        b'b' => "Referred-By",
        b'd' => "Request-Disposition",
        b'j' => "Reject-Contact",
        b'n' => "Identity-Info",
        b'r' => "Refer-To",
        b'u' => "Allow-Events",
        b'x' => "Session-Expires",
        b'y' => "Identity",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_long_or_compact_in_any_case() {
        for (written, canonical) in [
            ("v", "Via"),
            ("VIA", "Via"),
            ("call-id", "Call-ID"),
            ("I", "Call-ID"),
            ("x", "Session-Expires"),
            ("z", "z"),
            ("P-Asserted-Identity", "P-Asserted-Identity"),
            ("", ""),
        ] {
            let header = header(written, "a value".into());
            assert_eq!((name(&header), value(&header)), (canonical, "a value"), "{written}");
        }
    }
}
