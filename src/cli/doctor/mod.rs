//! `lotse doctor`: what on this machine would keep calls from working, and what to do about it.
//!
//! ```text
//!   configuration ──► each check in turn ──► ok │ warning │ fault, what was seen, what to do
//! ```
//!
//! Nothing is changed, and no call is made: ports are opened for a moment, and carriers are asked
//! `OPTIONS`. A server that runs meanwhile is not disturbed.

mod carrier;
mod finding;
mod machine;
mod ports;

use std::{
    io::{self, IsTerminal, Write},
    path::PathBuf,
};

use clap::ValueEnum;

use self::finding::{Finding, Verdict};
use crate::{
    cli::failure::Failure,
    config::{
        self,
        meant::{Checked, Config},
        show,
    },
    net::clock::Clock,
};

/// What `lotse doctor` takes on the command line.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The configuration file.
    #[arg(short, long, env = "LOTSE_CONFIG", default_value = "/etc/lotse/lotse.toml")]
    #[arg(value_name = "FILE")]
    config: PathBuf,
    /// How findings are shown.
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For eyes.
    Table,
    /// For machines: a list of findings.
    Json,
}

/// Looks at everything. Fails if there is a fault.
pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let checked = config::load(&args.config, Clock::start().now())
        .map_err(|faults| Failure::Configuration(show::drawn_for_eyes(&faults)))?;
    let mut findings = vec![match checked.warnings.list.len() {
        0 => Finding::ok("configuration", args.config.display().to_string()),
        count => Finding::warning(
            "configuration",
            format!("{}: {count} warnings", args.config.display()),
            format!("lotse check -c {}", args.config.display()),
        ),
    }];
    findings.extend(certificates(&checked));
    findings.extend(examine(&checked.config));
    match args.format {
        Format::Json => {
            println!("{}", serde_json::to_string_pretty(&findings).expect("findings are JSON"));
        }
        Format::Table => {
            // A reader who has gone away has read enough.
            let shown = table(&findings, io::stdout().is_terminal());
            let _ = io::stdout().write_all(shown.as_bytes());
        }
    }
    match findings.iter().filter(|it| it.verdict == Verdict::Fault).count() {
        0 => Ok(()),
        1 => Err(Failure::Failed("one thing would keep calls from working".to_owned())),
        count => Err(Failure::Failed(format!("{count} things would keep calls from working"))),
    }
}

/// What the check has found about certificates, or that there is nothing to find.
fn certificates(checked: &Checked) -> Vec<Finding> {
    let about = |code: &str| ["expiry", "wrong-name"].contains(&code);
    let told = checked.warnings.list.iter().filter(|it| about(it.code));
    let findings: Vec<_> = told
        .map(|it| {
            let todo = "exchange the file, then systemctl reload lotse: no call is lost";
            Finding::warning("certificate", it.says.clone(), todo)
        })
        .collect();
    match &checked.config.tls.own {
        Some(own) if findings.is_empty() => {
            let seen = format!("{} is in force", own.certificate.display());
            vec![Finding::ok("certificate", seen)]
        }
        Some(_) | None => findings,
    }
}

fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = ports::signalling(config);
    findings.push(ports::web(config));
    findings.extend(ports::sound(config));
    findings.extend(machine::all(config));
    findings.extend(carrier::all(config));
    findings
}

fn table(findings: &[Finding], colour: bool) -> String {
    let width = findings.iter().map(|it| it.what.chars().count()).max().unwrap_or(0);
    findings.iter().fold(String::new(), |text, finding| {
        let (word, code) = match finding.verdict {
            Verdict::Ok => ("ok     ", 32),
            Verdict::Warning => ("warning", 33),
            Verdict::Fault => ("FAULT  ", 31),
        };
        let word = if colour { format!("\x1b[{code}m{word}\x1b[0m") } else { word.to_owned() };
        let Finding { what, seen, todo, .. } = finding;
        let todo = if todo.is_empty() {
            String::new()
        } else {
            format!("{:width$}             → {todo}\n", "")
        };
        text + &format!("{word}  {what:width$}  {seen}\n{todo}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::check;

    #[test]
    fn findings_stand_under_one_another_with_what_to_do() {
        let findings =
            [Finding::ok("SIP", "free"), Finding::fault("sound", "taken", "stop the other one")];
        assert_eq!(
            table(&findings, false),
            "ok       SIP    free\n\
             FAULT    sound  taken\n\
             \x20                 → stop the other one\n"
        );
    }

    #[test]
    fn a_taken_port_is_a_fault_that_names_it() {
        let other = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = other.local_addr().unwrap().port();
        let file = include_str!("../../../config/dev.toml");
        let file = file.replace("127.0.0.1:5060", &format!("127.0.0.1:{port}"));
        let config = check::check("dev.toml", &file, None).unwrap().config;
        let found = ports::signalling(&config);
        let udp = found.iter().find(|it| it.what.contains("UDP")).unwrap();
        assert_eq!(udp.verdict, Verdict::Fault);
        assert!(udp.seen.contains(&port.to_string()), "{udp:?}");
        assert!(!udp.todo.is_empty());
    }
}
