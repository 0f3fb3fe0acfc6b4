//! The program `tetra-analyze`: arguments in, exit status out.

use std::io::{BufWriter, ErrorKind, Write};
use std::process::ExitCode;

use clap::FromArgMatches as _;
use tetra_analyze::args::{Args, Surroundings, command, language_after_command, language_of, usage};
use tetra_analyze::report::{Lang, say};
use tetra_analyze::run::{Error, run};

/// Exit status of a run that could not be done.
const FAILED: u8 = 2;

fn main() -> ExitCode {
    let surroundings = Surroundings::look();
    let arguments = language_after_command(std::env::args_os().collect());
    let words: Vec<String> =
        arguments.iter().map(|argument| argument.to_string_lossy().into_owned()).collect();
    let lang = language_of(&words, surroundings.lang);
    let mut command = command(lang);
    let read = command
        .try_get_matches_from_mut(arguments)
        .and_then(|matches| Args::from_arg_matches(&matches).map_err(|error| error.format(&mut command)));
    let args = match read {
        Ok(args) => args,
        Err(error) => return refuse(&error, lang),
    };
    let mut out = BufWriter::new(std::io::stdout().lock());
    let done = run(&args, surroundings, &mut out).and_then(|status| match out.flush() {
        // Whoever read the output has enough of it; the answer stays what it is.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(status),
    });
    match done {
        Ok(status) => ExitCode::from(status),
        Err(Error::Output(error)) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error, args.lang.map_or(surroundings.lang, Lang::from));
            ExitCode::from(FAILED)
        }
    }
}

/// Says what is wrong with the arguments, or what was asked about them.
fn refuse(error: &clap::Error, lang: Lang) -> ExitCode {
    // There is nowhere left to tell of a broken output.
    drop(match lang {
        Lang::Zh if error.use_stderr() => std::io::stderr().write_all(usage(error, lang).as_bytes()),
        _ => error.print(),
    });
    u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// Says on standard error what could not be done, and why, cause by cause.
fn complain(error: &dyn std::error::Error, lang: Lang) {
    let mut stderr = std::io::stderr().lock();
    let mut written = write!(stderr, "{}", told("error: ", error, lang));
    let mut source = error.source();
    while let Some(cause) = source {
        written = written.and_then(|()| write!(stderr, "\n  {}", told("because: ", cause, lang)));
        source = cause.source();
    }
    // There is nowhere left to tell of a broken standard error.
    drop(written.and_then(|()| writeln!(stderr)));
}

/// Gives an error in a language; what stands in lines of its own below the first stays as it is.
fn told(before: &str, error: &dyn std::error::Error, lang: Lang) -> String {
    let text = format!("{before}{error}");
    match text.split_once('\n') {
        Some((first, rest)) => format!("{}\n{rest}", say(first, lang)),
        None => say(&text, lang).into_owned(),
    }
}
