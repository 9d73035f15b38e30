//! A table in a file, as spreadsheets write it: commas, semicolons or tabs, with headings or without.

use std::{
    fs,
    io::{self, Read},
};

use csv::{ReaderBuilder, Trim};

use crate::cli::failure::Failure;

/// A file longer than this is no table of ours, in bytes.
const BYTES_MAX: u64 = 64 << 20;

/// What stood in a file.
#[derive(Debug)]
pub(super) struct Sheet {
    name: String,
    /// In lower case; none if the file has no headings.
    headings: Vec<String>,
    rows: Vec<Row>,
    /// Whether numbers are written with a comma, as where cells are parted by semicolons.
    has_decimal_comma: bool,
}

/// A row, and where it stands.
#[derive(Debug)]
pub(super) struct Row {
    line: u64,
    cells: Vec<String>,
}

impl Sheet {
    /// Reads a file, or the standard input for `-`.
    pub(super) fn read(path: &str) -> Result<Self, Failure> {
        let unreadable = |why: io::Error| {
            Failure::Usage(format!(
                "{path} cannot be read: {why}: name a CSV file, or - for the input"
            ))
        };
        let mut text = String::new();
        let source: Box<dyn Read> = match path {
            "-" => Box::new(io::stdin()),
            path => Box::new(fs::File::open(path).map_err(unreadable)?),
        };
        let read = source.take(BYTES_MAX + 1).read_to_string(&mut text).map_err(unreadable)?;
        if read as u64 > BYTES_MAX {
            return Err(Failure::Usage(format!("{path} is longer than 64 MB: is it a table?")));
        }
        Self::parse(path, &text)
    }

    pub(super) fn parse(name: &str, text: &str) -> Result<Self, Failure> {
        let text = text.trim_start_matches('\u{feff}');
        let first = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#'));
        let delimiter = match first {
            Some(line) if line.contains(';') => b';',
            Some(line) if line.contains('\t') => b'\t',
            Some(_) | None => b',',
        };
        let mut reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .comment(Some(b'#'))
            .trim(Trim::All)
            .from_reader(text.as_bytes());
        let mut rows = vec![];
        for record in reader.records() {
            let record = record.map_err(|why| Failure::Usage(format!("{name}: {why}")))?;
            let cells: Vec<String> = record.iter().map(str::to_owned).collect();
            if cells.iter().any(|cell| !cell.is_empty()) {
                rows.push(Row { line: record.position().map_or(0, csv::Position::line), cells });
            }
        }
        let mut sheet = Self {
            name: name.to_owned(),
            headings: vec![],
            rows,
            has_decimal_comma: delimiter == b';',
        };
        // Headings are words: no cell of theirs is a number.
        let is_number = |cell: &String| sheet.parsed(cell).is_some();
        if sheet.rows.first().is_some_and(|first| !first.cells.iter().any(is_number)) {
            let headings = sheet.rows.remove(0).cells;
            sheet.headings = headings.iter().map(|cell| cell.to_lowercase()).collect();
        }
        if sheet.rows.is_empty() {
            return Err(Failure::Usage(format!(
                "{name} has no rows: one for each interval is wanted"
            )));
        }
        Ok(sheet)
    }

    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The column that has one of these headings, the first named first.
    pub(super) fn column(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.headings.iter().position(|heading| heading == name))
    }

    /// The same, or if there are no headings the column at `place`; `what` says what is missing.
    pub(super) fn needed(
        &self,
        what: &str,
        names: &[&str],
        place: usize,
    ) -> Result<usize, Failure> {
        match self.column(names) {
            Some(column) => Ok(column),
            None if self.headings.is_empty() => Ok(place),
            None => Err(self.faulty(&format!(
                "no column with {what}: head it {}; the columns are {}",
                names.first().unwrap_or(&what),
                self.headings.join(", ")
            ))),
        }
    }

    /// What stands in a column of a row.
    pub(super) fn text<'a>(&self, row: &'a Row, column: usize) -> Result<&'a str, Failure> {
        match row.cells.get(column) {
            Some(cell) if !cell.is_empty() => Ok(cell),
            Some(_) | None => Err(self.fault(row, &format!("nothing in column {}", column + 1))),
        }
    }

    /// A number from 0 on in a column of a row.
    pub(super) fn number(&self, row: &Row, column: usize) -> Result<f64, Failure> {
        let text = self.text(row, column)?;
        let number = self.parsed(text).filter(|it| it.is_finite() && *it >= 0.0);
        number.ok_or_else(|| self.fault(row, &format!("{text:?} is no number from 0 on")))
    }

    /// The time of day in a column of a row, in minutes since midnight.
    pub(super) fn time(&self, row: &Row, column: usize) -> Result<u32, Failure> {
        let text = self.text(row, column)?;
        minutes(text).ok_or_else(|| self.fault(row, &format!("{text:?} is no time as in 7:30")))
    }

    /// What is wrong with a row, and where it stands.
    pub(super) fn fault(&self, row: &Row, what: &str) -> Failure {
        Failure::Usage(format!("{}:{}: {what}", self.name, row.line))
    }

    /// The same of the file as a whole.
    pub(super) fn faulty(&self, what: &str) -> Failure {
        Failure::Usage(format!("{}: {what}", self.name))
    }

    fn parsed(&self, cell: &str) -> Option<f64> {
        if self.has_decimal_comma { cell.replace(',', ".").parse().ok() } else { cell.parse().ok() }
    }
}

impl Row {
    pub(super) fn cells(&self) -> &[String] {
        &self.cells
    }
}

/// `7:30`, `07:30:00`, `7:30-8:00`, `2026-11-23T07:30`: minutes since midnight, of the beginning.
pub(super) fn minutes(text: &str) -> Option<u32> {
    let from = text.split(['T', ' ']).rfind(|part| part.contains(':'))?;
    let mut parts = from.split(['-', '–']).next()?.split(':');
    let hour: u32 = parts.next()?.parse().ok()?;
    let minute: u32 = parts.next()?.get(..2)?.parse().ok()?;
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

/// Minutes since midnight as a clock shows them.
pub(super) fn clock(minutes: u32) -> String {
    format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_however_it_is_written() {
        for text in [
            "from,need\n7:30,7\n",
            "\u{feff}From;Need\n\n7:30;7,0\n",
            "# mine\nfrom\tneed\n7:30\t7",
        ] {
            let sheet = Sheet::parse("file", text).unwrap();
            let row = &sheet.rows()[0];
            assert_eq!(
                sheet.number(row, sheet.column(&["need"]).unwrap()).ok(),
                Some(7.0),
                "{text}"
            );
            assert_eq!(sheet.time(row, 0).ok(), Some(450), "{text}");
        }
        let bare = Sheet::parse("file", "7\n12\n").unwrap();
        assert_eq!((bare.rows().len(), bare.needed("x", &["need"], 0).ok()), (2, Some(0)));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let sheet = Sheet::parse("file", "from,need\n7:30,7\n8:00,many\n8:30\n").unwrap();
        let said = |result: Result<f64, Failure>| result.unwrap_err().to_string();
        let [_, many, missing] = sheet.rows() else { panic!() };
        assert_eq!(said(sheet.number(many, 1)), "lotse: file:3: \"many\" is no number from 0 on");
        assert_eq!(said(sheet.number(missing, 1)), "lotse: file:4: nothing in column 2");
        assert!(Sheet::parse("file", "from,need\n").is_err() && Sheet::parse("file", "").is_err());
    }

    #[test]
    fn times_of_day_read_as_they_are_written() {
        for text in ["7:30", "07:30:00", "7:30-8:00", "2026-11-23T07:30", "2026-11-23 07:30:00"] {
            assert_eq!(minutes(text), Some(450), "{text}");
        }
        for text in ["", "7", "25:00", "7:61", "7:3", ":"] {
            assert_eq!(minutes(text), None, "{text}");
        }
        assert_eq!((clock(450), clock(1500)), ("07:30".to_owned(), "01:00".to_owned()));
    }
}
