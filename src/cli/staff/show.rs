//! Figures as people read them: a heading with the formula, names, values, and what they mean.

/// A figure's name, its value, and a word on it.
pub(super) type Labelled = (&'static str, String, String);

/// A list of figures under what they are of.
pub(super) fn list(heading: &str, lines: &[Labelled]) -> String {
    let width = |of: fn(&Labelled) -> usize| lines.iter().map(of).max().unwrap_or(0);
    let names = width(|(name, ..)| name.chars().count());
    let values = width(|(_, value, _)| value.chars().count());
    lines.iter().fold(format!("{heading}\n\n"), |text, (name, value, note)| {
        let line = format!("  {name:names$}  {value:>values$}  {note}");
        text + line.trim_end() + "\n"
    })
}

/// Rows under their headings, numbers to the right.
pub(super) fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let widths: Vec<usize> = (0..headings.len())
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column).map(String::as_str));
            let all = cells.chain(headings.get(column).copied());
            all.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let cells = cells.zip(&widths).map(|(cell, width)| format!("{cell:>width$}"));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    let heading = line(&mut headings.iter().copied());
    rows.iter().fold(heading, |text, row| text + &line(&mut row.iter().map(String::as_str)))
}

/// A share in percent, to a hundredth: it may miss a promise by that.
pub(super) fn percent(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}

/// A share as it was typed, in percent.
pub(super) fn typed_percent(share: f64) -> String {
    format!("{} %", (share * 1e6).round() / 1e4)
}

/// A wait: seconds to a tenth, beyond ten minutes by the minute, and what has no end.
pub(super) fn wait(seconds: f64) -> String {
    match seconds {
        it if it.is_infinite() => "no end".to_owned(),
        it if it < 600.0 => format!("{it:.1} s"),
        it => format!("{:.0} min", it / 60.0),
    }
}

/// A span as it would be typed, by the units that it has some of: `20s`, `1m30s`, `8h`.
pub(super) fn span(seconds: f64) -> String {
    let (hours, minutes) = ((seconds / 3600.0).floor(), (seconds % 3600.0 / 60.0).floor());
    let parts = [(hours, "h"), (minutes, "m"), (seconds % 60.0, "s")];
    let said = parts.iter().filter(|(number, _)| *number > 0.0);
    let said: Vec<String> = said.map(|(number, unit)| format!("{number}{unit}")).collect();
    if said.is_empty() { "0s".to_owned() } else { said.concat() }
}

/// How many wait on average.
pub(super) fn count(number: f64) -> String {
    if number.is_infinite() { "no end".to_owned() } else { format!("{number:.2}") }
}

/// `1 agent`, `14 agents`.
pub(super) fn agents(number: u32) -> String {
    format!("{number} agent{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_its_values_under_one_another() {
        let lines = [
            ("wait at all", percent(0.1741), String::new()),
            ("mean wait", wait(7.84), "ASA".to_owned()),
        ];
        let text = "Erlang\n\n  wait at all  17.41 %\n  mean wait      7.8 s  ASA\n";
        assert_eq!(list("Erlang", &lines), text);
    }

    #[test]
    fn a_table_has_its_numbers_to_the_right() {
        let rows = [vec!["7:30".to_owned(), "7".to_owned()], vec!["10:00".into(), "18".into()]];
        assert_eq!(table(&["from", "need"], &rows), " from  need\n 7:30     7\n10:00    18\n");
    }

    #[test]
    fn times_read_as_people_say_them() {
        assert_eq!((wait(f64::INFINITY), wait(1200.0)), ("no end".into(), "20 min".into()));
        let spans = [20.0, 240.0, 90.0, 0.5, 5400.0, 0.0].map(span);
        assert_eq!(spans, ["20s", "4m", "1m30s", "0.5s", "1h30m", "0s"]);
    }
}
