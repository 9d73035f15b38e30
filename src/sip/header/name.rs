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
            match lower(name, &mut buffer) {
                $($($lower)|+ => Header::$variant(value.into()),)*
                short if short.len() == 1 => {
                    Header::Other(long(short).unwrap_or(name).to_owned(), value)
                }
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
    Accept, "Accept": "accept";
    AcceptEncoding, "Accept-Encoding": "accept-encoding";
    AcceptLanguage, "Accept-Language": "accept-language";
    AlertInfo, "Alert-Info": "alert-info";
    Allow, "Allow": "allow";
    AuthenticationInfo, "Authentication-Info": "authentication-info";
    Authorization, "Authorization": "authorization";
    CSeq, "CSeq": "cseq";
    CallId, "Call-ID": "call-id" | "i";
    CallInfo, "Call-Info": "call-info";
    Contact, "Contact": "contact" | "m";
    ContentDisposition, "Content-Disposition": "content-disposition";
    ContentEncoding, "Content-Encoding": "content-encoding" | "e";
    ContentLanguage, "Content-Language": "content-language";
    ContentLength, "Content-Length": "content-length" | "l";
    ContentType, "Content-Type": "content-type" | "c";
    Date, "Date": "date";
    ErrorInfo, "Error-Info": "error-info";
    Event, "Event": "event" | "o";
    Expires, "Expires": "expires";
    From, "From": "from" | "f";
    InReplyTo, "In-Reply-To": "in-reply-to";
    MaxForwards, "Max-Forwards": "max-forwards";
    MimeVersion, "MIME-Version": "mime-version";
    MinExpires, "Min-Expires": "min-expires";
    Organization, "Organization": "organization";
    Priority, "Priority": "priority";
    ProxyAuthenticate, "Proxy-Authenticate": "proxy-authenticate";
    ProxyAuthorization, "Proxy-Authorization": "proxy-authorization";
    ProxyRequire, "Proxy-Require": "proxy-require";
    RecordRoute, "Record-Route": "record-route";
    ReplyTo, "Reply-To": "reply-to";
    Require, "Require": "require";
    RetryAfter, "Retry-After": "retry-after";
    Route, "Route": "route";
    Server, "Server": "server";
    Subject, "Subject": "subject" | "s";
    SubscriptionState, "Subscription-State": "subscription-state";
    Supported, "Supported": "supported" | "k";
    Timestamp, "Timestamp": "timestamp";
    To, "To": "to" | "t";
    Unsupported, "Unsupported": "unsupported";
    UserAgent, "User-Agent": "user-agent";
    Via, "Via": "via" | "v";
    Warning, "Warning": "warning";
    WwwAuthenticate, "WWW-Authenticate": "www-authenticate";
}

/// The longest name in the table.
const LONGEST: usize = "Proxy-Authorization".len();

/// `name` in lower case; empty if it is longer than any we know.
fn lower<'a>(name: &str, buffer: &'a mut [u8; LONGEST]) -> &'a str {
    let Some(room) = buffer.get_mut(..name.len()) else { return "" };
    room.copy_from_slice(name.as_bytes());
    room.make_ascii_lowercase();
    str::from_utf8(room).unwrap_or_default()
}

/// The long form of compact names that `rsip` has no variant for (IANA, SIP Header Fields).
fn long(compact: &str) -> Option<&'static str> {
    Some(match compact {
        "a" => "Accept-Contact",
        "b" => "Referred-By",
        "d" => "Request-Disposition",
        "j" => "Reject-Contact",
        "n" => "Identity-Info",
        "r" => "Refer-To",
        "u" => "Allow-Events",
        "x" => "Session-Expires",
        "y" => "Identity",
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
