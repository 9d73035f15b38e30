//! How many will call: a day's forecast from the days like it, and how good such forecasts were.
//!
//! Civil dates and times only: a day has the intervals that were counted, whatever clocks did.

pub mod calendar;
pub mod history;
pub mod predict;
