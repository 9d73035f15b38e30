//! What a request asks for.
//!
//! `rsip::Method` names the methods of the RFCs, but can hold no other, and reads `invite` as
//! INVITE where RFC 3261 7.1 says that methods are case-sensitive. So an extension stands
//! beside it, as any token may.

use std::fmt;

use rsip::Method as Known;

use crate::sip::message::class::Class;

/// A method of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Method {
    /// One that an RFC names.
    Known(Known),
    /// Any other token; a request with it is answered 501.
    Extension(Box<str>),
}

impl Method {
    /// RFC 3261 13.
    pub const INVITE: Self = Self::Known(Known::Invite);
    /// RFC 3261 13.
    pub const ACK: Self = Self::Known(Known::Ack);
    /// RFC 3261 15.
    pub const BYE: Self = Self::Known(Known::Bye);
    /// RFC 3261 9.
    pub const CANCEL: Self = Self::Known(Known::Cancel);
    /// RFC 3261 10.
    pub const REGISTER: Self = Self::Known(Known::Register);
    /// RFC 3261 11.
    pub const OPTIONS: Self = Self::Known(Known::Options);
    /// RFC 6086.
    pub const INFO: Self = Self::Known(Known::Info);
    /// RFC 3311.
    pub const UPDATE: Self = Self::Known(Known::Update);
    /// RFC 3262.
    pub const PRACK: Self = Self::Known(Known::PRack);
    /// RFC 3515.
    pub const REFER: Self = Self::Known(Known::Refer);
    /// RFC 6665.
    pub const NOTIFY: Self = Self::Known(Known::Notify);
    /// RFC 6665.
    pub const SUBSCRIBE: Self = Self::Known(Known::Subscribe);
    /// RFC 3428.
    pub const MESSAGE: Self = Self::Known(Known::Message);
    /// RFC 3903.
    pub const PUBLISH: Self = Self::Known(Known::Publish);

    /// The method that `token` names; `None` if it is no token.
    #[must_use]
    pub fn read(token: &str) -> Option<Self> {
        let known = match token {
            "INVITE" => Known::Invite,
            "ACK" => Known::Ack,
            "BYE" => Known::Bye,
            "CANCEL" => Known::Cancel,
            "REGISTER" => Known::Register,
            "OPTIONS" => Known::Options,
            "INFO" => Known::Info,
            "UPDATE" => Known::Update,
            "PRACK" => Known::PRack,
            "REFER" => Known::Refer,
            "NOTIFY" => Known::Notify,
            "SUBSCRIBE" => Known::Subscribe,
            "MESSAGE" => Known::Message,
            "PUBLISH" => Known::Publish,
            other => return Class::TOKEN.is_all(other).then(|| Self::Extension(other.into())),
        };
        Some(Self::Known(known))
    }

    /// As it stands on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Known(known) => match known {
                Known::Invite => "INVITE",
                Known::Ack => "ACK",
                Known::Bye => "BYE",
                Known::Cancel => "CANCEL",
                Known::Register => "REGISTER",
                Known::Options => "OPTIONS",
                Known::Info => "INFO",
                Known::Update => "UPDATE",
                Known::PRack => "PRACK",
                Known::Refer => "REFER",
                Known::Notify => "NOTIFY",
                Known::Subscribe => "SUBSCRIBE",
                Known::Message => "MESSAGE",
                Known::Publish => "PUBLISH",
            },
            Self::Extension(token) => token,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_reads_back_as_itself_and_case_matters() {
        for known in Known::all() {
            let method = Method::Known(known);
            assert_eq!(Method::read(method.as_str()), Some(method));
        }
        assert_eq!(Method::read("invite"), Some(Method::Extension("invite".into())));
        assert_eq!(Method::read("IN VITE"), None);
        assert_eq!(Method::read(""), None);
    }
}
