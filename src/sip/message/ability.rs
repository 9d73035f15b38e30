//! What the far side can do beyond RFC 3261, and what it asks for: read from a message in one pass.

use crate::sip::message::headers::Headers;

/// What a request or response says of whoever sent it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::sip) struct Ability {
    /// Takes UPDATE (RFC 3311).
    pub(in crate::sip) update: bool,
    /// Knows session timers (RFC 4028).
    pub(in crate::sip) timer: bool,
    /// Knows reliable provisional responses (RFC 3262).
    pub(in crate::sip) reliable: Reliable,
    /// `Session-Expires`, in seconds.
    pub(in crate::sip) expires: Option<u32>,
    /// Who is to refresh, as that header says it.
    pub(in crate::sip) refresher: Option<Role>,
    /// `Min-SE`, in seconds; 0: it names none.
    pub(in crate::sip) min_se: u32,
}

/// How the far side stands to reliable provisional responses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::sip) enum Reliable {
    /// Does not know them.
    #[default]
    Unknown,
    /// Takes them.
    Supported,
    /// Takes no others.
    Required,
}

/// A side of one transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip) enum Role {
    /// Who sent the request.
    Uac,
    /// Who answers it.
    Uas,
}

impl Ability {
    pub(in crate::sip) fn of(headers: &Headers) -> Self {
        let mut it = Self::default();
        for (name, value) in headers.iter() {
            match name {
                "Allow" => it.update |= has(value, "UPDATE"),
                "Supported" => it.supports(value, Reliable::Supported),
                "Require" => it.supports(value, Reliable::Required),
                name if name.eq_ignore_ascii_case("Session-Expires") => it.session(value),
                name if name.eq_ignore_ascii_case("Min-SE") => {
                    it.min_se = seconds(value).unwrap_or_default();
                }
                _ => (),
            }
        }
        it
    }

    fn supports(&mut self, value: &str, reliable: Reliable) {
        self.timer |= has(value, "timer");
        if has(value, "100rel") && self.reliable != Reliable::Required {
            self.reliable = reliable;
        }
    }

    fn session(&mut self, value: &str) {
        self.expires = seconds(value);
        let params = value.split(';').skip(1).filter_map(|it| it.split_once('='));
        for (name, role) in params.map(|(name, role)| (name.trim(), role.trim())) {
            if !name.eq_ignore_ascii_case("refresher") {
                continue;
            }
            if role.eq_ignore_ascii_case("uac") {
                self.refresher = Some(Role::Uac);
            } else if role.eq_ignore_ascii_case("uas") {
                self.refresher = Some(Role::Uas);
            }
        }
    }
}

fn has(list: &str, member: &str) -> bool {
    list.split(',').any(|it| it.trim().eq_ignore_ascii_case(member))
}

/// The number in front of the parameters.
fn seconds(value: &str) -> Option<u32> {
    value.split(';').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abilities_are_read_from_any_order_case_and_list() {
        let mut headers = Headers::default();
        for (name, value) in [
            ("k", "histinfo, TIMER"),
            ("Require", "100rel"),
            ("Supported", "100rel"),
            ("session-expires", "3600 ; Refresher = UAS"),
            ("Allow", "INVITE,ACK,update"),
            ("min-se", "900;x=y"),
        ] {
            headers.push(name, value);
        }
        let want = Ability {
            update: true,
            timer: true,
            reliable: Reliable::Required,
            expires: Some(3600),
            refresher: Some(Role::Uas),
            min_se: 900,
        };
        assert_eq!(Ability::of(&headers), want);
        assert_eq!(Ability::of(&Headers::default()), Ability::default());
    }
}
