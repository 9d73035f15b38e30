//! All dialogs: found by our tag, by the phone they are with, or by number; and never more of
//! them at once than may be.
//!
//! A dialog that is over stays until the last transaction of ours in it has ended, to acknowledge
//! what still comes. It takes no room from new calls by then.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    base::{
        arena::{Arena, Number as _},
        numbers::{DialogNo, PhoneNo},
    },
    sip::{
        message::Request,
        token,
        ua::dialog::{Dialog, Hop, Stage},
    },
};

/// All dialogs.
#[derive(Debug)]
pub(in crate::sip) struct Dialogs {
    places: Arena<DialogNo, Dialog>,
    /// By our tag in them.
    by_tag: BTreeMap<u64, DialogNo>,
    /// Those with phones that register and may move.
    by_phone: BTreeSet<(PhoneNo, DialogNo)>,
    /// How many are not over.
    live: usize,
}

impl Dialogs {
    pub(in crate::sip) fn new() -> Self {
        Self {
            places: Arena::new(usize::MAX),
            by_tag: BTreeMap::new(),
            by_phone: BTreeSet::new(),
            live: 0,
        }
    }

    /// How many are not over.
    pub(in crate::sip) fn live(&self) -> usize {
        self.live
    }

    pub(in crate::sip) fn get(&self, number: DialogNo) -> Option<&Dialog> {
        self.places.get(number)
    }

    pub(in crate::sip) fn get_mut(&mut self, number: DialogNo) -> Option<&mut Dialog> {
        self.places.get_mut(number)
    }

    /// Gives the dialog a number, if fewer than `max` are not over.
    pub(in crate::sip) fn open(&mut self, dialog: Dialog, max: usize) -> Option<DialogNo> {
        if self.live >= max {
            return None;
        }
        let (tag, hop) = (dialog.tag(), dialog.hop());
        let number = self.places.insert(dialog).ok()?;
        if let Hop::Phone(phone) = hop {
            self.by_phone.insert((phone, number));
        }
        self.by_tag.insert(tag, number);
        self.live += 1;
        Some(number)
    }

    /// The dialog with this tag of ours, whatever else is said of it.
    pub(in crate::sip) fn tagged(&self, tag: &str) -> Option<(DialogNo, &Dialog)> {
        let number = *self.by_tag.get(&token::read(tag)?)?;
        Some((number, self.places.get(number)?))
    }

    /// The dialog that a request names by our tag, if it is one (RFC 3261 12.2.2).
    pub(in crate::sip) fn of_request(&self, request: &Request) -> Option<DialogNo> {
        let (number, dialog) = self.tagged(request.headers.to().ok()?.tag()?)?;
        dialog.is_of(&request.headers).then_some(number)
    }

    /// The dialogs with that phone, each to be changed.
    pub(in crate::sip) fn with_phone(
        &mut self,
        phone: PhoneNo,
        mut change: impl FnMut(&mut Dialog),
    ) {
        let first = (phone, DialogNo::new(0, 0));
        let last = (phone, DialogNo::new(u32::MAX, u32::MAX));
        for &(_, number) in self.by_phone.range(first..=last) {
            if let Some(dialog) = self.places.get_mut(number) {
                change(dialog);
            }
        }
    }

    /// The dialog is over. Gives it as it was left, unless it was over already.
    pub(in crate::sip) fn end(&mut self, number: DialogNo) -> Option<&Dialog> {
        let dialog = self.places.get_mut(number).filter(|it| !matches!(it.stage, Stage::Over))?;
        dialog.end();
        self.live -= 1;
        Some(dialog)
    }

    /// A transaction of ours in that dialog has ended.
    pub(in crate::sip) fn transaction_ended(&mut self, number: DialogNo) {
        if let Some(dialog) = self.places.get_mut(number) {
            dialog.transaction_ended();
            self.forget(number);
        }
    }

    /// Forgets the dialog, if it is over and nothing of ours lives in it.
    pub(in crate::sip) fn forget(&mut self, number: DialogNo) {
        if self.places.get(number).is_some_and(Dialog::is_done)
            && let Some(dialog) = self.places.remove(number)
        {
            self.by_tag.remove(&dialog.tag());
            if let Hop::Phone(phone) = dialog.hop() {
                self.by_phone.remove(&(phone, number));
            }
        }
    }

    /// Whether nothing is left, in any of the tables.
    #[cfg(test)]
    pub(in crate::sip) fn is_empty(&self) -> bool {
        self.places.is_empty() && self.by_tag.is_empty() && self.by_phone.is_empty()
    }
}
