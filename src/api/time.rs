//! Times as the API writes them: RFC 3339, UTC, to the millisecond.

use crate::base::time::Timestamp;

/// `2026-11-22T17:45:47.123Z`.
#[must_use]
pub fn rfc3339(at: Timestamp) -> String {
    let days = at.as_millis() / 86_400_000;
    let (year, month, day) = civil(days);
    // The time of day is the timestamp's own way of printing.
    format!("{year:04}-{month:02}-{day:02}T{at}Z")
}

/// The day `days` after 1970-01-01, by eras of 400 years that begin in March, so that the leap
/// day is the last of its year (after Hinnant's `civil_from_days`).
const fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + (month <= 2) as u64;
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_fall_where_the_calendar_has_them() {
        for (seconds, written) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399, "2000-02-28T23:59:59.000Z"),
            (951_782_400, "2000-02-29T00:00:00.000Z"),
            (1_798_761_599, "2026-12-31T23:59:59.000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(rfc3339(Timestamp(seconds * 1_000_000)), written);
        }
        assert!(!rfc3339(Timestamp(u64::MAX)).is_empty());
    }
}
