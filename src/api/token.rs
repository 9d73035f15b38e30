//! Who may ask: bearer tokens (RFC 6750), and what each opens.
//!
//! A handler names the role it needs by taking a [`Viewer`] or an [`Operator`]. Tokens are
//! compared by their digests and in constant time: neither length nor content leaks by timing.

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{
    api::{
        problem::{Kind, Problem, Text},
        web::Web,
    },
    config::meant::{Role, Token},
};

/// Proof that the request may read.
pub struct Viewer;

/// Proof that the request may change something.
pub struct Operator;

impl FromRequestParts<Web> for Viewer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Problem> {
        admit(parts, web, Role::Viewer).map(|()| Self)
    }
}

impl FromRequestParts<Web> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Problem> {
        admit(parts, web, Role::Operator).map(|()| Self)
    }
}

fn admit(parts: &Parts, web: &Web, needed: Role) -> Result<(), Problem> {
    let Some(shown) = bearer(parts) else {
        return Err(Problem::new(
            Kind::NoToken,
            Text::new(
                "Send a token of the configuration: Authorization: Bearer <token>.",
                "Ein Token der Konfiguration wird gebraucht: Authorization: Bearer <Token>.",
            ),
        ));
    };
    match role_of(shown, &web.state().tokens) {
        Some(role) if role >= needed => Ok(()),
        Some(_) => Err(Problem::new(
            Kind::NotAllowed,
            Text::new(
                "This token may read; this needs one with the role operator.",
                "Dieses Token darf lesen; hierfür braucht es eines mit der Rolle operator.",
            ),
        )),
        None => Err(Problem::new(
            Kind::NoToken,
            Text::new("This token is not known here.", "Dieses Token ist hier nicht bekannt."),
        )),
    }
}

/// What stands behind `Authorization: Bearer`; the scheme's case does not matter.
fn bearer(parts: &Parts) -> Option<&[u8]> {
    let value = parts.headers.get(header::AUTHORIZATION)?.as_bytes();
    let (scheme, shown) = value.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"bearer ").then(|| shown.trim_ascii())
}

/// The highest role that the token opens. Every token is compared, whichever fits.
fn role_of(shown: &[u8], tokens: &[Token]) -> Option<Role> {
    let shown = Sha256::digest(shown);
    let mut opened = None;
    for token in tokens {
        let known = Sha256::digest(token.secret.unmask().as_bytes());
        if bool::from(shown.ct_eq(&known)) {
            opened = opened.max(Some(token.role));
        }
    }
    opened
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::masked::Masked;

    #[test]
    fn a_token_opens_what_its_role_says_and_an_empty_one_opens_nothing() {
        let token = |secret: &str, role| Token {
            name: "test".to_owned(),
            role,
            secret: Masked::new(secret),
        };
        let tokens = [token("reads", Role::Viewer), token("changes", Role::Operator)];
        assert_eq!(role_of(b"reads", &tokens), Some(Role::Viewer));
        assert_eq!(role_of(b"changes", &tokens), Some(Role::Operator));
        for wrong in [&b""[..], b"read", b"readss", b"READS", b"\xff\x00"] {
            assert_eq!(role_of(wrong, &tokens), None);
        }
        assert_eq!(role_of(b"reads", &[]), None);
    }
}
