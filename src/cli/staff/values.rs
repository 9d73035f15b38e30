//! What planners type: spans, shares and loads, each with its limits.

use crate::staff::{load::Load, required::AGENTS_MAX};

/// More calls in an hour are a slip of the keyboard.
const CALLS_MAX: f64 = 100_000_000.0;
/// A longer span is none that a caller or an agent has.
const SPAN_MAX_S: f64 = 86_400.0;

/// How many call, and how long they keep an agent.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct Traffic {
    /// Callers in an hour.
    #[arg(long, value_name = "CALLS", value_parser = calls)]
    pub calls_per_hour: f64,
    /// Mean handling time: talk, hold and wrap-up.
    #[arg(long, value_name = "SPAN", value_parser = length, allow_hyphen_values = true)]
    pub aht: f64,
}

impl Traffic {
    /// As the formulas take it.
    pub(super) const fn load(self) -> Load {
        Load::new(self.calls_per_hour, self.aht)
    }
}

/// Agents, from nobody to a million.
pub(super) fn agents(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(agents) if agents <= AGENTS_MAX => Ok(agents),
        _ => Err(format!("a whole number from 0 to {AGENTS_MAX} is wanted, as in 14")),
    }
}

/// Callers in some time, also none and also parts of one.
pub(super) fn calls(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(calls) if (0.0..=CALLS_MAX).contains(&calls) => Ok(calls),
        _ => Err(format!("a number from 0 to {CALLS_MAX} is wanted, as in 200")),
    }
}

/// A load, from nothing on.
pub(super) fn erlangs(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(erlangs) if erlangs >= 0.0 && erlangs.is_finite() => Ok(erlangs),
        _ => Err("a number of erlangs from 0 on is wanted, as in 5 or 12.03".to_owned()),
    }
}

/// A span in seconds that may be nothing.
pub(super) fn span(text: &str) -> Result<f64, String> {
    seconds(text)
        .filter(|seconds| (0.0..=SPAN_MAX_S).contains(seconds))
        .ok_or_else(|| "a span of at most a day is wanted, as in 20s, 4m or 1h30m".to_owned())
}

/// A span in seconds that takes some time.
pub(super) fn length(text: &str) -> Result<f64, String> {
    let length = span(text)?;
    if length < 0.001 {
        return Err("it must last at least a millisecond, as in 180s or 3m".to_owned());
    }
    Ok(length)
}

/// A share of callers to be reached: all of them would take agents without end.
pub(super) fn target(text: &str) -> Result<f64, String> {
    share(text).filter(|share| *share < 1.0).ok_or_else(|| {
        "a share below 1 is wanted, as in 0.9 or 90%; all callers would take agents without end"
            .to_owned()
    })
}

/// A share of time that is lost: not all of it.
pub(super) fn shrinkage(text: &str) -> Result<f64, String> {
    share(text)
        .filter(|share| *share <= 0.99)
        .ok_or_else(|| "a share from 0 to 0.99 is wanted, as in 0.3 or 30%".to_owned())
}

/// A share of time that agents may be busy: some of it.
pub(super) fn ceiling(text: &str) -> Result<f64, String> {
    share(text)
        .filter(|share| *share >= 0.01)
        .ok_or_else(|| "a share from 0.01 to 1 is wanted, as in 0.85 or 85%".to_owned())
}

/// `0.9`, `90%` or `90 %`.
fn share(text: &str) -> Option<f64> {
    let share = match text.strip_suffix('%') {
        Some(percent) => percent.trim_end().parse::<f64>().ok()? / 100.0,
        None => text.parse::<f64>().ok()?,
    };
    (0.0..=1.0).contains(&share).then_some(share)
}

/// `180s`, `4m`, `1.5h`, `1h30m`, `250ms`; a number by itself is of seconds.
pub(super) fn seconds(text: &str) -> Option<f64> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Some(seconds);
    }
    let (mut rest, mut sum) = (text.trim(), 0.0);
    loop {
        let unit_at = rest.find(|it: char| !it.is_ascii_digit() && it != '.')?;
        let (number, after) = rest.split_at_checked(unit_at)?;
        let next_at = after.find(|it: char| it.is_ascii_digit()).unwrap_or(after.len());
        let (unit, next) = after.split_at_checked(next_at)?;
        let unit = match unit.trim() {
            "ms" => 0.001,
            "s" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3600.0,
            _ => return None,
        };
        sum += number.parse::<f64>().ok()? * unit;
        rest = next;
        if rest.is_empty() {
            return Some(sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_as_people_write_them() {
        for (text, seconds) in
            [("180s", 180.0), ("4m", 240.0), ("1h30m", 5400.0), ("1.5h", 5400.0), ("250ms", 0.25)]
        {
            assert_eq!(span(text), Ok(seconds), "{text}");
        }
        assert_eq!(span("20"), Ok(20.0));
        for text in ["", "s", "4x", "4m5", "-1s", "nan", "inf", "25h", "1e99"] {
            assert!(span(text).is_err(), "{text}");
        }
        assert!(length("0s").is_err());
    }

    #[test]
    fn shares_read_as_numbers_and_as_percent() {
        assert_eq!((target("0.9"), target("90%"), target("90 %")), (Ok(0.9), Ok(0.9), Ok(0.9)));
        assert!(target("1").is_err() && target("90").is_err() && target("-0.1").is_err());
        assert!(shrinkage("1").is_err() && ceiling("0").is_err() && target("nan").is_err());
    }

    #[test]
    fn nobody_types_what_is_no_number() {
        assert!(calls("NaN").is_err() && calls("-1").is_err() && calls("1e12").is_err());
        assert!(erlangs("inf").is_err() && agents("1.5").is_err() && agents("-1").is_err());
    }
}
