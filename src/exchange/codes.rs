//! What a phone may dial to tell about its agent: `*10` ready, `*11` away, and so on.
//!
//! ```text
//! *10        ready here, signing in if need be        *12   sign out
//! *10*1005   agent 1005 signs in here, ready          *13   end the wrap-up
//! *11  *113  away; away, for the third reason         *14   extend the wrap-up
//! ```
//!
//! Reading only: what comes of a code is decided where requests are.

use crate::exchange::plan::Codes;

/// What a code asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Code {
    /// Be ready here; sign in if need be.
    Ready,
    /// Sign that agent, by the configuration's name, in here, ready.
    ReadyAs(String),
    /// Be away, for that reason.
    Away(String),
    /// Sign out.
    SignOut,
    /// End the wrap-up.
    EndWrapUp,
    /// Extend the wrap-up.
    ExtendWrapUp,
}

/// What `dialled` asks, if it is a code.
pub(super) fn read(codes: &Codes, dialled: &str) -> Option<Code> {
    let plain = [
        (&codes.ready, Code::Ready),
        (&codes.sign_out, Code::SignOut),
        (&codes.end_wrap_up, Code::EndWrapUp),
        (&codes.extend_wrap_up, Code::ExtendWrapUp),
        (&codes.away, Code::Away(String::new())),
    ];
    // A code left empty in the configuration is switched off.
    let whole = plain.into_iter().find(|(code, _)| !code.is_empty() && *code == dialled);
    if let Some((_, asked)) = whole {
        return Some(asked);
    }
    if let Some(agent) = after(&codes.ready, dialled).and_then(|rest| rest.strip_prefix('*')) {
        return (!agent.is_empty()).then(|| Code::ReadyAs(agent.to_owned()));
    }
    let mut digits = after(&codes.away, dialled)?.chars();
    let (digit, None) = (digits.next()?, digits.next()) else { return None };
    let (_, reason) = codes.away_reasons.iter().find(|(known, _)| *known == digit)?;
    Some(Code::Away(reason.clone()))
}

fn after<'a>(code: &str, dialled: &'a str) -> Option<&'a str> {
    if code.is_empty() { None } else { dialled.strip_prefix(code) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::example;

    #[test]
    fn every_code_and_what_is_none() {
        let codes = example::plan().codes;
        let mut told = String::new();
        for dialled in [
            "*10", "*10*1005", "*10*", "*11", "*111", "*112", "*119", "*1111", "*12", "*13", "*14",
            "*15", "*1", "10", "",
        ] {
            let read = read(&codes, dialled).map_or("-".into(), |code| format!("{code:?}"));
            told.extend([dialled, " ", &read, "\n"]);
        }
        assert_eq!(
            told,
            r#"*10 Ready
*10*1005 ReadyAs("1005")
*10* -
*11 Away("")
*111 Away("break")
*112 Away("training")
*119 -
*1111 -
*12 SignOut
*13 EndWrapUp
*14 ExtendWrapUp
*15 -
*1 -
10 -
 -
"#
        );
    }
}
