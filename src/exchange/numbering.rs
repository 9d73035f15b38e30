//! One form of a telephone number, and the ways carriers write it.
//!
//! ```text
//! 03411230  493411230  00493411230  1230  tel:+49-341-123-0 ──► +493411230 ──► as the carrier wants it
//! ```
//!
//! E.164 with its plus is the one form (RFC 3966's global number): what the plan says, what is
//! kept and what is compared. Digits that belong to no country, as 115 does, are brought under
//! the area they were dialled in. Knows no call and no message: words in, words out.

use crate::exchange::plan::{Plan, Trunk, Writing};

/// Where a number without country or area is at home.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Home {
    /// `+49`, or nothing.
    country: String,
    /// `341`, or nothing.
    area: String,
}

impl Home {
    /// The town where the trunk ends.
    #[must_use]
    pub fn of(trunk: &Trunk) -> Self {
        Self { country: trunk.country.clone(), area: trunk.area.clone() }
    }

    /// The town where the phones stand: the one where the first trunk ends.
    #[must_use]
    pub fn of_plan(plan: &Plan) -> Self {
        plan.trunks.iter().flatten().next().map(Self::of).unwrap_or_default()
    }

    /// The one form: international with `+` wherever country and area are known.
    #[must_use]
    pub fn form(&self, digits: &str) -> String {
        if digits.starts_with('+') || self.country.is_empty() {
            digits.to_owned()
        } else if let Some(international) = digits.strip_prefix("00") {
            format!("+{international}")
        } else if let Some(national) = digits.strip_prefix('0') {
            format!("{}{national}", self.country)
        } else {
            format!("{}{}{digits}", self.country, self.area)
        }
    }

    /// The one form of `digits`, and what else it may mean.
    #[must_use]
    pub fn forms(&self, digits: &str) -> Vec<String> {
        let form = self.form(digits);
        let mut forms = vec![];
        // `49341…` is the international form without its plus, or a local number that begins so.
        let country = self.country.trim_start_matches('+');
        if !country.is_empty() && digits.starts_with(country) {
            forms.push(format!("+{digits}"));
        }
        // `+49115`: a number without area, such as 115, with the country's code before it.
        if let Some(national) = form.strip_prefix(&self.country)
            && !self.country.is_empty()
            && !national.starts_with(&self.area)
        {
            forms.push(format!("{}{}{national}", self.country, self.area));
        }
        forms.insert(0, form);
        forms
    }

    /// The short number of a public service that `digits` mean, all of which begin with
    /// `stem`: dialled as it is, or behind the country's or the area's code.
    #[must_use]
    pub fn service(&self, digits: &str, stem: &str) -> Option<String> {
        if self.country != "+49" {
            return None;
        }
        let form = self.form(digits);
        let national = form.strip_prefix(&self.country);
        let local = national.and_then(|it| it.strip_prefix(&self.area));
        [Some(digits), local, national]
            .into_iter()
            .flatten()
            .find(|it| it.starts_with(stem) && it.bytes().all(|it| it.is_ascii_digit()))
            .map(str::to_owned)
    }

    /// The one form of a caller's number as this trunk's carrier writes it. What is no number
    /// stays as it is: a caller may well be called `alice`.
    #[must_use]
    pub fn caller(&self, user: &str, writing: Writing) -> String {
        let digits = bare(user);
        let is_number = digits.len() > 2
            && digits.trim_start_matches('+').bytes().all(|it| it.is_ascii_digit());
        if !is_number {
            return user.to_owned();
        }
        match writing {
            _ if digits.starts_with(['0', '+']) => self.form(&digits),
            Writing::Plain => format!("+{digits}"),
            Writing::Local => self.form(&digits),
            // Bare digits where the carrier promised none: nobody knows of which country.
            Writing::Plus | Writing::Zeros | Writing::National => digits,
        }
    }

    /// The one form as `writing` has it. What is not in that form (115, a code) stays as it is.
    #[must_use]
    pub fn written(&self, form: &str, writing: Writing) -> String {
        let Some(digits) = form.strip_prefix('+') else { return form.to_owned() };
        let national = form.strip_prefix(&self.country).filter(|_| !self.country.is_empty());
        let local = national
            .and_then(|it| it.strip_prefix(&self.area))
            .filter(|it| !self.area.is_empty() && !it.is_empty());
        match (writing, national, local) {
            (Writing::Plus, ..) => form.to_owned(),
            (Writing::Plain, ..) => digits.to_owned(),
            (Writing::Local, _, Some(local)) => local.to_owned(),
            (Writing::National | Writing::Local, Some(national), _) => format!("0{national}"),
            (Writing::Zeros | Writing::National | Writing::Local, ..) => format!("00{digits}"),
        }
    }
}

/// The one form of a number as the configuration of `trunk` writes it.
#[must_use]
pub fn one_form(trunk: &Trunk, digits: &str) -> String {
    if digits.is_empty() { String::new() } else { Home::of(trunk).form(digits) }
}

/// The digits alone: no visual separators (RFC 3966 3), no parameters after the number.
#[must_use]
pub fn bare(user: &str) -> String {
    let number = user.split(';').next().unwrap_or_default();
    number.chars().filter(|c| !matches!(c, '-' | '.' | '(' | ')' | '/' | ' ')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leipzig() -> Home {
        Home { country: "+49".into(), area: "341".into() }
    }

    #[test]
    fn a_number_is_written_as_each_carrier_wants_it() {
        let told: String = ["+493411230", "+4930115", "+431234", "115"]
            .map(|form| {
                let ways = Writing::ALL.map(|(writing, _)| leipzig().written(form, writing));
                format!("{form}: {}\n", ways.join(" "))
            })
            .concat();
        assert_eq!(
            told,
            "\
+493411230: +493411230 493411230 00493411230 03411230 1230
+4930115: +4930115 4930115 004930115 030115 030115
+431234: +431234 431234 00431234 00431234 00431234
115: 115 115 115 115 115
"
        );
    }

    #[test]
    fn a_callers_number_has_one_form_whoever_carries_it() {
        for (writing, user) in [
            (Writing::Plus, "+493415550001"),
            (Writing::Plain, "493415550001"),
            (Writing::Zeros, "00493415550001"),
            (Writing::National, "0341/555-0001"),
            (Writing::Local, "5550001"),
            (Writing::Plus, "+49-341-5550001;verstat=No-TN-Validation"),
        ] {
            assert_eq!(leipzig().caller(user, writing), "+493415550001", "{user}");
        }
        for user in ["", "anonymous", "alice", "unavailable", "493415550001", "5550001"] {
            assert_eq!(leipzig().caller(user, Writing::National), user);
        }
    }
}
