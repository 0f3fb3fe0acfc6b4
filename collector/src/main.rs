//! Collects one bundle on an endpoint.

use std::io::{IsTerminal, Write as _};
use std::process::ExitCode;

use clap::FromArgMatches as _;
use tetra_collect::{Args, Console, Lang, World, command, lang_behind_command, lang_of, run, system, usage};

fn main() -> ExitCode {
    let arguments = lang_behind_command(std::env::args_os().collect());
    let lang = lang_of(&arguments, Lang::chosen(None));
    let mut command = command(lang);
    let read = command
        .try_get_matches_from_mut(arguments)
        .and_then(|matches| Args::from_arg_matches(&matches).map_err(|fault| fault.format(&mut command)));
    let mut args = match read {
        Ok(args) => args,
        Err(fault) => return refuse(&fault, lang),
    };
    let mut world = World::default();
    if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
        world.console = Console::Terminal;
        // A double click gives no arguments.
        args.collect.guided |= std::env::args_os().len() <= 1;
    }
    // Where the system cannot do that, each step still ends what it has started.
    let _ = system::bind();
    // Where the system does not let the program know, whatever ends it leaves a folder that can be resumed.
    let _ = system::watch(&world.interrupt);
    ExitCode::from(run(&args, &world, &mut std::io::stdout(), &mut std::io::stderr()))
}

/// Says what is wrong with the arguments, or what was asked about them.
fn refuse(fault: &clap::Error, lang: Lang) -> ExitCode {
    // Nobody is left to be told when the outputs are closed.
    let _ = match lang {
        Lang::Zh if fault.use_stderr() => std::io::stderr().write_all(usage(fault, lang).as_bytes()),
        _ => fault.print(),
    };
    u8::try_from(fault.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}
