//! Any text is a configuration, or gets at least one fault that can be drawn.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lotse::config::{check::check, show};

fuzz_target!(|text: &str| {
    match check("fuzz.toml", text, None) {
        Ok(checked) => {
            // What was good once is good again, and nobody changes numbers.
            let again = check("fuzz.toml", text, Some(&checked.config)).expect("good again");
            assert_eq!(checked.config.roll, again.config.roll);
        }
        Err(faults) => assert!(!show::drawn(&faults, false).is_empty()),
    }
});
