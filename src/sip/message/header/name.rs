//! What headers are called: long, compact, in any case.
//!
//! `rsip::Header` has a variant for each header of RFC 3261, but each with a text of its own, knows
//! no compact names (RFC 3261 7.3.3) and writes some names its own way (`Call-Id`). So these are its
//! variants without the texts: how the reader finds a name, and the writer the RFC's spelling.

macro_rules! table {
    ($($variant:ident, $canonical:literal $(| $compact:literal)?;)*) => {
        /// A header that RFC 3261 names.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs)] // Their names say it.
        pub(in crate::sip) enum Known {
            $($variant,)*
        }

        /// Every way to write a name.
        const ROWS: &[(&str, Known)] = &[
            $(($canonical, Known::$variant), $(($compact, Known::$variant),)?)*
        ];

        impl Known {
            /// As the RFC spells it.
            pub(in crate::sip) const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $canonical,)*
                }
            }
        }
    };
}

table! {
    Accept, "Accept";
    AcceptEncoding, "Accept-Encoding";
    AcceptLanguage, "Accept-Language";
    AlertInfo, "Alert-Info";
    Allow, "Allow";
    AuthenticationInfo, "Authentication-Info";
    Authorization, "Authorization";
    CSeq, "CSeq";
    CallId, "Call-ID" | "i";
    CallInfo, "Call-Info";
    Contact, "Contact" | "m";
    ContentDisposition, "Content-Disposition";
    ContentEncoding, "Content-Encoding" | "e";
    ContentLanguage, "Content-Language";
    ContentLength, "Content-Length" | "l";
    ContentType, "Content-Type" | "c";
    Date, "Date";
    ErrorInfo, "Error-Info";
    Event, "Event" | "o";
    Expires, "Expires";
    From, "From" | "f";
    InReplyTo, "In-Reply-To";
    MaxForwards, "Max-Forwards";
    MimeVersion, "MIME-Version";
    MinExpires, "Min-Expires";
    Organization, "Organization";
    Priority, "Priority";
    ProxyAuthenticate, "Proxy-Authenticate";
    ProxyAuthorization, "Proxy-Authorization";
    ProxyRequire, "Proxy-Require";
    RecordRoute, "Record-Route";
    ReplyTo, "Reply-To";
    Require, "Require";
    RetryAfter, "Retry-After";
    Route, "Route";
    Server, "Server";
    Subject, "Subject" | "s";
    SubscriptionState, "Subscription-State";
    Supported, "Supported" | "k";
    Timestamp, "Timestamp";
    To, "To" | "t";
    Unsupported, "Unsupported";
    UserAgent, "User-Agent";
    Via, "Via" | "v";
    Warning, "Warning";
    WwwAuthenticate, "WWW-Authenticate";
}

impl Known {
    /// The header of that name, whatever its case.
    pub(in crate::sip) fn of(name: &str) -> Option<Self> {
        let row = *PLACES.get(usize::from(place(name.as_bytes())))?;
        let (spelled, known) = ROWS.get(usize::from(row))?;
        // Most write it as the RFC does.
        (*spelled == name || spelled.eq_ignore_ascii_case(name)).then_some(*known)
    }
}

/// The row of each name at its place: no two names have the same, or this does not compile.
#[allow(clippy::indexing_slicing, clippy::cast_possible_truncation)] // The compiler runs this.
static PLACES: [u8; 256] = {
    let mut places = [u8::MAX; 256];
    let mut row = 0;
    while row < ROWS.len() {
        let place = place(ROWS[row].0.as_bytes()) as usize;
        assert!(places[place] == u8::MAX, "two names have one place: choose other factors");
        places[place] = row as u8;
        row += 1;
    }
    places
};

/// A name's place, by its length, its first letter and its last, whatever their case.
#[allow(clippy::cast_possible_truncation)] // A place is a byte.
const fn place(name: &[u8]) -> u8 {
    let (Some(first), Some(last)) = (name.first(), name.last()) else { return 0 };
    let (first, last) = (first.to_ascii_lowercase(), last.to_ascii_lowercase());
    let length = (name.len() as u8).wrapping_mul(3);
    length.wrapping_add(first.wrapping_mul(7)).wrapping_add(last.wrapping_mul(5))
}

/// The long form of a compact name that RFC 3261 does not know (IANA, SIP Header Fields).
pub(in crate::sip) fn long(compact: &str) -> Option<&'static str> {
    let [letter] = compact.as_bytes() else { return None };
    Some(match letter.to_ascii_lowercase() {
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
            ("v", Some("Via")),
            ("VIA", Some("Via")),
            ("call-id", Some("Call-ID")),
            ("I", Some("Call-ID")),
            ("x", None),
            ("P-Asserted-Identity", None),
            ("", None),
        ] {
            assert_eq!(Known::of(written).map(Known::as_str), canonical, "{written}");
        }
        assert_eq!((long("X"), long("z"), long("xx")), (Some("Session-Expires"), None, None));
    }
}
