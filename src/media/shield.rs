//! What protects a leg's packets: one SRTP sender and one receiver, for as long as their keys last.
//!
//! A new offer/answer mostly brings the keys that are in use. Then nothing may begin anew: a
//! sender that counts from zero again under its old key would use a keystream twice.

use crate::{
    media::order::Protection,
    rtp::srtp::{receiver::Receiver, sender::Sender},
};

/// Both directions of one leg.
#[derive(Debug)]
pub struct Shield {
    protection: Protection,
    /// Of what goes to the far side.
    pub sender: Sender,
    /// Of what comes from it.
    pub receiver: Receiver,
}

impl Shield {
    /// A shield with these keys; `None` if they do not fit the suite.
    #[must_use]
    pub fn new(protection: &Protection) -> Option<Self> {
        let Protection { suite, send, receive } = protection;
        Some(Self {
            sender: Sender::new(*suite, send.unmask())?,
            receiver: Receiver::new(*suite, receive.unmask())?,
            protection: protection.clone(),
        })
    }

    /// These are the keys from now on. What has not changed goes on as it was; `None` if the
    /// keys do not fit.
    pub fn change(&mut self, protection: &Protection) -> Option<()> {
        let Protection { suite, send, receive } = protection;
        let same_suite = *suite == self.protection.suite;
        if !same_suite || *send != self.protection.send {
            self.sender = Sender::new(*suite, send.unmask())?;
        }
        if !same_suite || *receive != self.protection.receive {
            self.receiver = Receiver::new(*suite, receive.unmask())?;
        }
        self.protection = protection.clone();
        Some(())
    }
}
