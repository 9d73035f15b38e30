//! What a cause of Q.850 means in SIP (T-10, RFC 3398 7.2.4.1).
//!
//! A gateway that has been told by the telephone network why a call failed says so in a Reason
//! header, and that is nearer the truth than the status it found for it.

/// The status that stands for the cause, if it is one that says something.
pub(super) const fn status(cause: u8) -> Option<u16> {
    Some(match cause {
        1..=3 | 26 => 404,
        17 => 486,
        18 => 408,
        19 | 20 | 31 => 480,
        21 | 55 | 57 | 87 => 403,
        22 | 23 => 410,
        27 => 502,
        28 => 484,
        29 | 79 => 501,
        34 | 38 | 41 | 42 | 47 | 58 | 88 => 503,
        65 | 70 => 488,
        102 => 504,
        111 | 127 => 500,
        _ => return None,
    })
}

/// The cause of Q.850 for a status that came without one (RFC 3398 8.2.6.1).
pub(super) const fn of_status(status: u16) -> u8 {
    match status {
        404 | 604 => 1,
        486 | 600 => 17,
        408 | 480 => 18,
        403 | 603 => 21,
        410 => 22,
        484 => 28,
        488 | 606 => 65,
        500..=503 => 41,
        504 => 102,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// DOMAIN T-10, line by line.
    #[test]
    fn causes_and_their_statuses() {
        for (cause, want) in [
            (1, 404),
            (17, 486),
            (18, 408),
            (19, 480),
            (20, 480),
            (31, 480),
            (21, 403),
            (22, 410),
            (27, 502),
            (28, 484),
            (34, 503),
            (38, 503),
            (41, 503),
            (42, 503),
            (47, 503),
            (65, 488),
            (102, 504),
            (127, 500),
        ] {
            assert_eq!(status(cause), Some(want), "{cause}");
        }
        assert_eq!(status(16), None, "normal clearing says nothing of a refusal");
    }
}
