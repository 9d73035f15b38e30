//! Who works when: shifts that cover what a day requires, by integer programming.
//!
//! ```text
//! required per slot ─┐
//! kinds of shifts ───┴─► model ──► counts per start ──► people, with their breaks ──► Roster
//! ```
//!
//! Set covering (Dantzig 1954) with the breaks left implicit (Bechtold and Jacobs 1990): how many
//! are on a break is counted apart from who is, which spares the solver all rosters that differ in
//! names only. A roster always results: where there are too few people for the need, it says so
//! slot by slot. It knows no calendar and no person.

pub mod kind;
mod model;
pub mod plan;
