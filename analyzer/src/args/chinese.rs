//! The help in Chinese.

use clap::CommandFactory as _;

use super::{Args, language};
use crate::report::Lang;

/// Gives the definition of the command line, with its help in the language that the arguments or the system ask for.
pub fn command(arguments: &[String], system: Lang) -> clap::Command {
    let command = Args::command();
    match language::asked(arguments).unwrap_or(system) {
        Lang::En => command,
        Lang::Zh => command,
    }
}
