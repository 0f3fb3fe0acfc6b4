//! Collects one bundle on an endpoint.

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use tetra_collect::{Args, Console, World, run, system};

fn main() -> ExitCode {
    let mut args = Args::parse();
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
