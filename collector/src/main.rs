//! Collects one bundle on an endpoint.

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::FromArgMatches as _;
use tetra_collect::{Args, Console, Lang, World, command, lang_behind_command, run, system};

fn main() -> ExitCode {
    let arguments = lang_behind_command(std::env::args_os().collect());
    let mut command = command(&arguments, Lang::chosen(None));
    let matches = command.try_get_matches_from_mut(arguments).unwrap_or_else(|fault| fault.exit());
    let mut args = Args::from_arg_matches(&matches).unwrap_or_else(|fault| fault.format(&mut command).exit());
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
