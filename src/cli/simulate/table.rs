//! Figures as people read them: one line an interval, queue, kind of caller and crew.

use std::fmt::Write;

use crate::{
    cli::simulate::compare::{Compared, Figure, Unit},
    sim::traffic::{
        estimate::Estimate,
        report::{CallFigures, Report},
    },
};

/// What the columns of calls are called.
const HEAD: &str =
    "offered answered in target   F3 %        ASA s   p50   p90   p99   max  aband. %";

/// All of a report.
pub(super) fn report(report: &Report) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(
        text,
        "{}: {} {} from seed {}; numbers of calls are of a mean day, ± is a 95 % confidence interval",
        report.scenario,
        report.runs,
        if report.runs == 1 { "day" } else { "days" },
        report.seed,
    );
    let _ = writeln!(text, "\n{:<20} {HEAD} at work waiting", "interval");
    for interval in &report.intervals {
        let name = format!("{}-{}", interval.from, interval.to);
        let _ = writeln!(
            text,
            "{name:<20} {} {:>7.1} {:>7.2}",
            line(&interval.calls),
            interval.at_work,
            interval.waiting
        );
    }
    let _ = writeln!(text, "\n{:<20} {HEAD}", "queue");
    for queue in &report.queues {
        let name = format!("{} ({} s)", queue.name, queue.target_seconds);
        let _ = writeln!(text, "{name:<20} {}", line(&queue.day));
    }
    let _ = writeln!(text, "\n{:<20} {HEAD}", "callers");
    for kind in &report.callers {
        let _ = writeln!(text, "{:<20} {}", kind.name, line(&kind.day));
    }
    let day = &report.day;
    let _ = writeln!(text, "{:<20} {}", "all", line(day));
    let _ = writeln!(text, "\n{:<20} {:>6} occupancy %", "crew", "agents");
    for crew in &report.crews {
        let _ =
            writeln!(text, "{:<20} {:>6} {:>11}", crew.name, crew.agents, percent(crew.occupancy));
    }
    let levels = &day.service_level;
    let _ = writeln!(
        text,
        "\nservice level  F3 {} (answered in target / all)   F1 {} (and abandoned in target)   F2 {} (/ answered)   F4 {} (/ all but abandoned in target)",
        percent(levels.f3),
        percent(levels.f1),
        percent(levels.f2),
        percent(levels.f4)
    );
    let _ = writeln!(
        text,
        "abandoned {:.1}, of these {:.1} soon and {:.1} while ringing; turned away {:.1}; ended at closing {:.1}; \
         offers nobody took {:.1}; longest wait {:.1} s",
        day.abandoned,
        day.abandoned_short,
        day.abandoned_ringing,
        day.turned_away,
        day.failed,
        day.offers_lost,
        day.longest_wait_seconds
    );
    text
}

fn line(calls: &CallFigures) -> String {
    let CallFigures {
        offered,
        answered,
        in_target,
        service_level,
        asa_seconds,
        abandoned_share,
        ..
    } = calls;
    format!(
        "{offered:>7.1} {answered:>8.1} {in_target:>9.1} {:>12} {:>6.1} {:>5.0} {:>5.0} {:>5.0} {:>5.0} {:>9.1}",
        percent(service_level.f3),
        asa_seconds.mean,
        calls.wait_p50_seconds,
        calls.wait_p90_seconds,
        calls.wait_p99_seconds,
        calls.wait_max_seconds,
        abandoned_share.mean * 100.0,
    )
}

/// `93.31 ±0.12`; `-` where nobody called.
fn percent(share: Estimate) -> String {
    match (share.mean * 100.0, share.margin * 100.0) {
        (mean, _) if mean.is_nan() => "-".to_owned(),
        (mean, margin) if margin.is_nan() => format!("{mean:.1}"),
        (mean, margin) => format!("{mean:.1} ±{margin:.1}"),
    }
}

/// What changes did, one block each. Nothing for none.
pub(super) fn compared(all: &[Compared]) -> String {
    let mut text = String::new();
    for Compared { what_if, figures } in all {
        let _ = writeln!(
            text,
            "\n{:<28} {:>10} {:>10} {:>20}",
            format!("what if {what_if}"),
            "before",
            "after",
            "change"
        );
        for Figure { name, unit, before, after, change } in figures {
            let (factor, word) = if *unit == Unit::Share { (100.0, "%") } else { (1.0, "s") };
            let show = |value: f64| format!("{:.2} {word}", value * factor);
            let how = match (change.mean * factor, change.margin * factor) {
                (mean, margin) if margin.is_nan() => format!("{mean:+.2}"),
                (mean, margin) => format!("{mean:+.2} ±{margin:.2}"),
            };
            // What lies within its own margin may be nothing.
            let sure = if change.mean.abs() > change.margin { " *" } else { "" };
            let _ = writeln!(
                text,
                "{name:<28} {:>10} {:>10} {how:>20}{sure}",
                show(*before),
                show(*after)
            );
        }
    }
    if !all.is_empty() {
        text.push_str("* more than chance: the 95 % confidence interval leaves out 0\n");
    }
    text
}
