//! The user's console: what is typed, and how wide it is.

use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::step::{Interrupt, TICK};

/// Where answers come from.
#[derive(Debug, Clone, Default)]
pub enum Console {
    /// Nobody is there to answer.
    #[default]
    None,
    /// A person at a terminal.
    Terminal,
    /// Answers that a test has written down; after them, nobody answers.
    Scripted(Arc<Mutex<VecDeque<String>>>),
}

impl Console {
    /// Returns whether questions are answered.
    #[must_use]
    pub fn is_interactive(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// Waits for a line. `None` where nobody answers, or the run is to end.
    #[must_use]
    pub fn ask(&self, interrupt: &Interrupt) -> Option<String> {
        match self {
            Self::None => None,
            Self::Scripted(answers) => answers.lock().unwrap_or_else(PoisonError::into_inner).pop_front(),
            Self::Terminal => {
                let (sender, receiver) = channel();
                let read = move || {
                    let mut line = String::new();
                    let read = io::stdin().read_line(&mut line);
                    // The question may be over already.
                    let _ = sender.send(read.ok().filter(|count| *count > 0).map(|_| line));
                };
                thread::Builder::new().name("console".to_owned()).spawn(read).ok()?;
                loop {
                    match receiver.recv_timeout(TICK) {
                        Ok(line) => return line.map(|line| line.trim().to_owned()),
                        Err(RecvTimeoutError::Disconnected) => return None,
                        Err(RecvTimeoutError::Timeout) if interrupt.asked() => return None,
                        Err(RecvTimeoutError::Timeout) => {}
                    }
                }
            }
        }
    }

    /// Returns how many columns a line may have.
    #[must_use]
    pub fn width(&self) -> usize {
        let columns = match self {
            Self::Terminal => terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)),
            Self::None | Self::Scripted(_) => None,
        };
        columns.unwrap_or(80).clamp(20, 100)
    }
}
