//! What the person at the keyboard wants: keys from a terminal, letters of lines otherwise.

use std::{
    io::{self, IsTerminal, Read, Write},
    panic, thread,
};

use crossbeam_channel::{Receiver, Sender};
use crossterm::{
    event::{self, Event, KeyCode, KeyEventKind, KeyModifiers},
    terminal,
};

/// The key that quits; so do Ctrl-C and Ctrl-D.
pub(super) const QUIT: char = 'q';

/// Where keys come from and lines go to. Gives the terminal back when dropped.
pub(super) struct Terminal {
    raw: bool,
    pub(super) keys: Receiver<char>,
}

impl Terminal {
    /// The terminal at this process's standard input and output.
    pub(super) fn open() -> Self {
        let (tell, keys) = crossbeam_channel::unbounded();
        let raw = is_ours() && terminal::enable_raw_mode().is_ok();
        if raw {
            restore_on_panic();
        }
        thread::spawn(move || if raw { read_keys(&tell) } else { read_letters(&tell) });
        Self { raw, keys }
    }

    /// One that only shows.
    pub(super) fn output_only() -> Self {
        Self { raw: false, keys: crossbeam_channel::never() }
    }

    /// Shows a line. In a raw terminal a line feed alone does not go back to the margin.
    pub(super) fn say(&self, text: &str) {
        let text = if self.raw { text.replace('\n', "\r\n") } else { text.to_owned() };
        let end = if self.raw { "\r\n" } else { "\n" };
        let mut out = io::stdout().lock();
        // Whoever read us has gone away; the city lives on.
        let _ = write!(out, "{text}{end}").and_then(|()| out.flush());
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if self.raw {
            let _ = terminal::disable_raw_mode();
        }
    }
}

/// Whether the terminal at standard input is there for us: a process in the background that
/// touches it is stopped by the system.
fn is_ours() -> bool {
    let stdin = io::stdin();
    stdin.is_terminal()
        && rustix::termios::tcgetpgrp(&stdin).is_ok_and(|it| it == rustix::process::getpgrp())
}

/// A panic ends the process without unwinding this thread, so the terminal is given back first.
fn restore_on_panic() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |why| {
        let _ = terminal::disable_raw_mode();
        before(why);
    }));
}

fn read_keys(tell: &Sender<char>) {
    while let Ok(event) = event::read() {
        let Event::Key(key) = event else { continue };
        if key.kind == KeyEventKind::Release {
            continue;
        }
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let KeyCode::Char(letter) = key.code else { continue };
        let quits = control && matches!(letter, 'c' | 'd');
        let key = if quits { QUIT } else { letter };
        if tell.send(key).is_err() {
            return;
        }
    }
    let _ = tell.send(QUIT);
}

/// The end of the input is not the end of the city: without a terminal it serves until it is
/// told to stop.
fn read_letters(tell: &Sender<char>) {
    for byte in io::stdin().lock().bytes() {
        let Ok(byte) = byte else { return };
        if byte.is_ascii_alphabetic() && tell.send(byte.into()).is_err() {
            return;
        }
    }
}
