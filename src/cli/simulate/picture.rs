//! The day as a picture: callers and agents, the service level, and who waits, one above the other.
//!
//! SVG by hand: three panels over one axis of time, each with its own scale, no colour without a
//! word or a shape beside it. It follows the reader's choice of light or dark, and says in words
//! what it shows.

use std::fmt::Write;

use crate::sim::traffic::report::{Interval, Report};

const WIDE: f64 = 960.0;
const LEFT: f64 = 64.0;
/// Room for the second scale.
const RIGHT: f64 = 40.0;
/// Height of a panel, and the room between two.
const HIGH: f64 = 150.0;
const GAP: f64 = 56.0;
const TOP: f64 = 84.0;

/// Text that is read on both grounds; colours that people with any colour vision tell apart
/// (Okabe and Ito 2008).
const STYLE: &str = "\
svg{background:#fff;color:#1a1a1a;font:13px system-ui,sans-serif}\
text{fill:currentColor}.title{font-size:18px;font-weight:600}.head{font-weight:600}\
.grid{stroke:currentColor;stroke-opacity:.15}.axis{stroke:currentColor;stroke-opacity:.6}\
.calls{fill:#56b4e9}.missed{fill:#d55e00}.staff{fill:none;stroke:#1a1a1a;stroke-width:2}\
.level{fill:none;stroke:#007a5a;stroke-width:2}.dot{fill:#007a5a}.sure{fill:#007a5a;fill-opacity:.18}\
.goal{stroke:#1a1a1a;stroke-dasharray:6 4}.wait{fill:#e69f00}\
@media(prefers-color-scheme:dark){svg{background:#16181c;color:#ececec}.staff,.goal{stroke:#ececec}\
.level{stroke:#3ddbb0}.dot,.sure{fill:#3ddbb0}}";

/// Draws the day. The result is one whole file.
pub(super) fn draw(report: &Report) -> String {
    let high = TOP + 3.0 * (HIGH + GAP);
    let title = escaped(&report.scenario);
    let words = escaped(&in_words(report));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDE} {high}\" role=\"img\" \
         aria-labelledby=\"title words\">\n<title id=\"title\">{title}</title>\n\
         <desc id=\"words\">{words}</desc>\n<style>{STYLE}</style>\n"
    );
    text(&mut svg, LEFT, 32.0, "title", "start", &title);
    text(&mut svg, LEFT, 54.0, "", "start", &words);
    calls(&mut svg, report);
    levels(&mut svg, report);
    waits(&mut svg, report);
    svg.push_str("</svg>\n");
    svg
}

fn in_words(report: &Report) -> String {
    let day = &report.day;
    let level = day.service_level.f3;
    let sure = if level.margin.is_nan() {
        String::new()
    } else {
        format!(" ± {:.1}", level.margin * 100.0)
    };
    format!(
        "{:.0} callers a day, {:.0} answered; service level (F3) {:.1}{sure} %, mean wait {:.1} s; {} {} from seed {}",
        day.offered,
        day.answered,
        level.mean * 100.0,
        day.asa_seconds.mean,
        report.runs,
        if report.runs == 1 { "day" } else { "days" },
        report.seed,
    )
}

/// Callers by interval, those not answered on top, and agents at work as a line with its own scale.
fn calls(svg: &mut String, report: &Report) {
    let panel = Panel::new(0, report);
    let most = panel.most(|it| it.calls.offered);
    panel.frame(
        svg,
        "Callers (bars; dark: gave up or sent away) and agents at work (line)",
        most,
        "",
    );
    for (at, it) in report.intervals.iter().enumerate() {
        let (x, wide) = (panel.x(at) + 1.0, panel.step - 2.0);
        let lost = it.calls.offered - it.calls.answered;
        let says = format!(
            "{}-{}: {:.1} callers, {:.1} answered",
            it.from, it.to, it.calls.offered, it.calls.answered
        );
        let (all, above) = (panel.tall(it.calls.offered, most), panel.tall(lost, most));
        bar(svg, "calls", (x, panel.bottom - all + above, wide, all - above), &says);
        bar(svg, "missed", (x, panel.bottom - all, wide, above), &says);
    }
    let staff = panel.most(|it| it.at_work);
    let mut path = String::new();
    for (at, it) in report.intervals.iter().enumerate() {
        let y = panel.bottom - panel.tall(it.at_work, staff);
        let to = if at == 0 { 'M' } else { 'L' };
        let _ = write!(path, "{to}{:.1} {y:.1}H{:.1}", panel.x(at), panel.x(at + 1));
    }
    let _ = writeln!(svg, "<path class=\"staff\" d=\"{path}\"/>");
    for part in [0.0, 0.5, 1.0] {
        let y = panel.bottom - HIGH * part + 4.0;
        text(svg, WIDE - RIGHT + 4.0, y, "", "start", &label(staff * part));
    }
}

/// The service level with its confidence, and the promise as a broken line.
fn levels(svg: &mut String, report: &Report) {
    let panel = Panel::new(1, report);
    panel.frame(svg, "Service level F3 in % (band: 95 % confidence; broken line: 90 %)", 100.0, "");
    let y = |share: f64| panel.bottom - panel.tall(share.clamp(0.0, 1.0), 1.0);
    let known: Vec<_> = (0..)
        .zip(&report.intervals)
        .filter(|(_, it)| !it.calls.service_level.f3.mean.is_nan())
        .map(|(at, it)| (panel.middle(at), it, it.calls.service_level.f3))
        .collect();
    let upper =
        known.iter().map(|(x, _, level)| format!("{x:.1} {:.1}", y(level.mean + level.margin)));
    let lower = known
        .iter()
        .rev()
        .map(|(x, _, level)| format!("{x:.1} {:.1}", y(level.mean - level.margin)));
    if known.iter().all(|(_, _, level)| !level.margin.is_nan()) {
        let around: Vec<_> = upper.chain(lower).collect();
        let _ = writeln!(svg, "<polygon class=\"sure\" points=\"{}\"/>", around.join(" "));
    }
    let goal = y(0.9);
    let _ = writeln!(
        svg,
        "<line class=\"goal\" x1=\"{LEFT}\" x2=\"{}\" y1=\"{goal}\" y2=\"{goal}\"/>",
        WIDE - RIGHT
    );
    let line: Vec<_> =
        known.iter().map(|(x, _, level)| format!("{x:.1} {:.1}", y(level.mean))).collect();
    let _ = writeln!(svg, "<polyline class=\"level\" points=\"{}\"/>", line.join(" "));
    for (x, it, level) in &known {
        let _ = writeln!(
            svg,
            "<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{:.1}\" r=\"3\"><title>{}-{}: {:.1} %</title></circle>",
            y(level.mean),
            it.from,
            it.to,
            level.mean * 100.0
        );
    }
}

/// How many wait on average.
fn waits(svg: &mut String, report: &Report) {
    let panel = Panel::new(2, report);
    let most = panel.most(|it| it.waiting);
    panel.frame(svg, "Callers waiting, on average", most, "");
    for (at, it) in report.intervals.iter().enumerate() {
        let tall = panel.tall(it.waiting, most);
        let place = (panel.x(at) + 1.0, panel.bottom - tall, panel.step - 2.0, tall);
        bar(svg, "wait", place, &format!("{}-{}: {:.2} waiting", it.from, it.to, it.waiting));
    }
}

/// One of three drawings over the same axis of time.
struct Panel<'a> {
    intervals: &'a [Interval],
    bottom: f64,
    step: f64,
}

impl<'a> Panel<'a> {
    fn new(place: u8, report: &'a Report) -> Self {
        let intervals = report.intervals.as_slice();
        #[allow(clippy::cast_precision_loss)] // A day's intervals.
        let step = (WIDE - LEFT - RIGHT) / intervals.len().max(1) as f64;
        Self { intervals, bottom: TOP + f64::from(place) * (HIGH + GAP) + HIGH, step }
    }

    /// The end of a scale: the largest value, rounded up to something one can read.
    fn most(&self, value: fn(&Interval) -> f64) -> f64 {
        let most = self.intervals.iter().map(value).fold(0.0, f64::max);
        let unit = 10_f64.powf(most.max(0.001).log10().floor());
        let nice = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
        nice.into_iter().map(|it| it * unit).find(|it| *it >= most).unwrap_or(most)
    }

    #[allow(clippy::cast_precision_loss)] // A day's intervals.
    fn x(&self, at: usize) -> f64 {
        LEFT + self.step * at as f64
    }

    fn middle(&self, at: usize) -> f64 {
        self.x(at) + self.step / 2.0
    }

    #[allow(clippy::unused_self)] // Panels are alike in this.
    fn tall(&self, value: f64, most: f64) -> f64 {
        if value.is_finite() && most > 0.0 { HIGH * value / most } else { 0.0 }
    }

    fn frame(&self, svg: &mut String, head: &str, most: f64, unit: &str) {
        text(svg, LEFT, self.bottom - HIGH - 10.0, "head", "start", head);
        for part in [0.0, 0.5, 1.0] {
            let y = self.bottom - HIGH * part;
            let class = if part == 0.0 { "axis" } else { "grid" };
            let _ = writeln!(
                svg,
                "<line class=\"{class}\" x1=\"{LEFT}\" x2=\"{}\" y1=\"{y}\" y2=\"{y}\"/>",
                WIDE - RIGHT
            );
            text(svg, LEFT - 8.0, y + 4.0, "", "end", &format!("{}{unit}", label(most * part)));
        }
        // About a dozen times of day, however many intervals there are.
        let every = self.intervals.len().div_ceil(12).max(1);
        for (at, it) in self.intervals.iter().enumerate().step_by(every) {
            text(svg, self.x(at), self.bottom + 18.0, "", "middle", &it.from);
        }
    }
}

fn label(value: f64) -> String {
    if value >= 10.0 || value.fract() == 0.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    }
}

fn bar(svg: &mut String, class: &str, (x, y, wide, tall): (f64, f64, f64, f64), says: &str) {
    if tall <= 0.0 {
        return;
    }
    let _ = writeln!(
        svg,
        "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{wide:.1}\" height=\"{tall:.1}\"><title>{says}</title></rect>"
    );
}

fn text(svg: &mut String, x: f64, y: f64, class: &str, anchor: &str, says: &str) {
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    let _ = writeln!(
        svg,
        "<text{class} x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{says}</text>"
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{scenario, sim::traffic::play};

    #[test]
    fn a_picture_is_well_formed_and_says_what_it_shows() {
        let (mut scenario, _) =
            scenario::load(Path::new("config/scenarios/small-town.toml")).unwrap();
        scenario.name = "A & B <C>".to_owned();
        let days = [play::day(&scenario, 1), play::day(&scenario, 2)];
        let svg = draw(&Report::new(&scenario, 1, &days));
        assert!(svg.contains("<title id=\"title\">A &amp; B &lt;C&gt;</title>"), "{svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf\""), "{svg}");
        // Every element that opens closes.
        let opened = svg.matches("<text").count() + svg.matches("<title").count();
        assert_eq!(opened, svg.matches("</text>").count() + svg.matches("</title>").count());
        // All that were answered stand on the ground.
        let number = |bar: &str, name: &str| -> f64 {
            let (_, value) = bar.split_once(&format!(" {name}=\"")).unwrap();
            value.split('"').next().unwrap().parse().unwrap()
        };
        let feet: Vec<f64> = svg
            .split("<rect class=\"calls\"")
            .skip(1)
            .map(|bar| number(bar, "y") + number(bar, "height"))
            .collect();
        assert!(feet.len() > 5 && feet.iter().all(|it| (it - feet[0]).abs() < 0.15), "{feet:?}");
    }
}
