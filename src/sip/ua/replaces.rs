//! Which dialog a Replaces means, and whether another may take its place (RFC 3891).

use crate::{
    base::numbers::DialogNo,
    sip::{core::Core, message::headers::Headers, message::replaces::Replaces, ua::dialog::Stage},
};

impl Core {
    /// The dialog that a REFER wants brought together with its own, if it is one of ours that
    /// stands, or that our phone waits for.
    pub(in crate::sip) fn brought_together(&self, replaces: &Replaces) -> Option<DialogNo> {
        let number = self.meant(replaces)?;
        let stage = &self.dialogs.get(number)?.stage;
        matches!(stage, Stage::Standing(_) | Stage::Invited(_)).then_some(number)
    }

    /// The dialog whose place a new INVITE is to take, or the status that says why not
    /// (RFC 3891 3). `Ok(None)`: it asks for no such thing.
    pub(in crate::sip) fn replaced(&self, headers: &Headers) -> Result<Option<DialogNo>, u16> {
        let mut values = headers.all("Replaces");
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() || headers.get("Join").is_some() {
            return Err(400);
        }
        let replaces = Replaces::read(value).ok_or(400_u16)?;
        let number = self.meant(&replaces).ok_or(481_u16)?;
        match self.dialogs.get(number).map(|it| &it.stage) {
            Some(Stage::Standing(_)) if replaces.early_only => Err(486),
            Some(Stage::Standing(_)) => Ok(Some(number)),
            // Only who called may be replaced before the answer, and calls that ring are handed
            // out by the queue alone.
            Some(Stage::Calling(_) | Stage::Over) => Err(603),
            Some(Stage::Invited(_)) | None => Err(481),
        }
    }

    fn meant(&self, replaces: &Replaces) -> Option<DialogNo> {
        let (number, dialog) = self.dialogs.tagged(&replaces.to_tag)?;
        let is_it = dialog.call_id() == replaces.call_id && dialog.their_tag() == replaces.from_tag;
        is_it.then_some(number)
    }
}
