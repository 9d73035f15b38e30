//! Faults as people and tools like to see them: drawn under the lines they are about, as JSON,
//! or as annotations of a build.

use std::{
    fmt::{self, Write},
    io::{self, IsTerminal},
};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, Severity,
    SourceCode,
};
use serde_json::json;

use crate::config::fault::{Fault, Faults, Weight};

/// Draws the faults for the standard error, in colour if someone looks at it.
#[must_use]
pub fn drawn_for_eyes(faults: &Faults) -> String {
    let colour = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    drawn(faults, colour)
}

/// Draws the faults under their lines. Nothing for none.
#[must_use]
pub fn drawn(faults: &Faults, colour: bool) -> String {
    if faults.list.is_empty() {
        return String::new();
    }
    if faults.text.is_empty() {
        return format!("{faults}\n");
    }
    let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(160);
    let mut drawn = String::new();
    match handler.render_report(&mut drawn, &Drawing::new(faults)) {
        Ok(()) => drawn,
        Err(fmt::Error) => format!("{faults}\n"),
    }
}

/// One JSON object with a list of faults.
#[must_use]
pub fn json(all: &[&Faults]) -> String {
    let fault = |(faults, fault): (&Faults, &Fault)| {
        let (line, column) = faults.line(fault);
        json!({
            "severity": fault.weight.to_string(), "code": fault.code, "file": faults.name,
            "line": line, "column": column, "message": fault.says,
        })
    };
    let each = all.iter().flat_map(|faults| faults.list.iter().map(move |it| (*faults, it)));
    let list: Vec<_> = each.map(fault).collect();
    format!("{:#}\n", json!({ "faults": list }))
}

/// Annotations as GitHub Actions reads them from the output of a step.
#[must_use]
pub fn github(all: &[&Faults]) -> String {
    let mut text = String::new();
    for faults in all {
        for fault in &faults.list {
            let (line, column) = faults.line(fault);
            let (weight, file) = (fault.weight, escaped(&faults.name));
            let says = escaped(&fault.says);
            // Writing to a string cannot fail.
            let _ = writeln!(text, "::{weight} file={file},line={line},col={column}::{says}");
        }
    }
    text
}

/// The characters with a meaning of their own in an annotation.
fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

#[derive(Debug)]
struct Drawing<'a> {
    faults: &'a Faults,
    source: NamedSource<String>,
}

impl<'a> Drawing<'a> {
    fn new(faults: &'a Faults) -> Self {
        Self { faults, source: NamedSource::new(&faults.name, faults.text.clone()) }
    }

    fn is_fatal(&self) -> bool {
        self.faults.list.iter().any(|it| it.weight == Weight::Error)
    }
}

impl fmt::Display for Drawing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = self.faults.of.word();
        f.write_str("the ")?;
        f.write_str(what)?;
        f.write_str(if self.is_fatal() {
            " is not valid"
        } else {
            " is valid, but probably not meant so"
        })
    }
}

impl std::error::Error for Drawing<'_> {}

impl Diagnostic for Drawing<'_> {
    fn severity(&self) -> Option<Severity> {
        Some(if self.is_fatal() { Severity::Error } else { Severity::Warning })
    }

    fn help<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        let count = self.faults.list.len();
        let what = if self.is_fatal() { "fault" } else { "warning" };
        let s = if count == 1 { "" } else { "s" };
        Some(Box::new(format!(
            "{count} {what}{s}. Every key is explained in {}",
            self.faults.of.explained_in()
        )))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    /// Only the first line of each place: a list over many lines would be drawn as a bracket.
    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = |fault: &Fault| {
            let text = self.faults.text.get(fault.place.clone()).unwrap_or_default();
            let length = text.lines().next().map_or(0, str::len);
            LabeledSpan::new(Some(fault.says.clone()), fault.place.start, length)
        };
        Some(Box::new(self.faults.list.iter().map(label)))
    }
}
