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

/// The cause for ending what rang or spoke, after that came of it elsewhere.
pub(super) const fn of_end(status: u16) -> u8 {
    match status {
        // Nobody answered, or nobody was there.
        408 | 480 => 19,
        486 | 600 => 17,
        603 => 21,
        500 => 31,
        // It was taken back, or is simply over.
        _ => 16,
    }
}

/// The cause of Q.850 for a status that came without one (RFC 3398 8.2.6.1).
pub(super) const fn of_status(status: u16) -> u8 {
    match status {
        404 | 485 | 604 => 1,
        486 | 600 => 17,
        408 | 480 => 18,
        401 | 402 | 403 | 407 | 603 => 21,
        410 => 22,
        // Hops used up, or round in circles.
        482 | 483 => 25,
        502 => 27,
        484 => 28,
        405 => 63,
        488 | 606 => 65,
        406 | 415 | 501 => 79,
        400 | 481 | 500 | 503 => 41,
        504 => 102,
        413 | 414 | 416 | 420 | 421 | 423 | 505 | 513 => 127,
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

    #[test]
    fn a_status_comes_back_as_itself_or_as_its_like() {
        for (sent, back) in [
            (404, 404),
            (486, 486),
            (408, 408),
            // Q.850 tells the two apart by whether it rang.
            (480, 408),
            (403, 403),
            (603, 403),
            (410, 410),
            (484, 484),
            (488, 488),
            (500, 503),
            (501, 501),
            (502, 502),
            (503, 503),
            (504, 504),
        ] {
            assert_eq!(status(of_status(sent)), Some(back), "{sent}");
        }
    }
}
