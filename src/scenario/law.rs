//! A distribution as a scenario writes it.

use crate::{
    base::time::Span,
    config::{entry::Entry, ground::Ground},
    sim::traffic::law::Law,
};

/// A distribution, if it was written.
pub(super) fn law(entry: &Entry, key: &'static str, ground: &mut Ground<'_>) -> Option<Law> {
    let table = entry.table(key)?;
    let is_empirical = table.text("law") == "empirical";
    let (must, not) = if is_empirical { ("values", "mean") } else { ("mean", "values") };
    if !table.given(must).written {
        let says = format!("`{}` needs `{must}`", table.text("law"));
        ground.found.error("missing", &entry.place(key), says);
    }
    if table.given(not).written {
        let says = format!("`{}` has `{must}`, not `{not}`", table.text("law"));
        ground.found.error("conflict", &table.place(not), says);
    }
    let mean = table.time("mean").as_secs_f64();
    Some(match table.text("law") {
        "fixed" => Law::Fixed(mean),
        "log-normal" => Law::LogNormal { mean, spread: table.number("spread") },
        "empirical" => Law::Empirical(table.times("values").map(Span::as_secs_f64).collect()),
        _ => Law::Exponential(mean),
    })
}
