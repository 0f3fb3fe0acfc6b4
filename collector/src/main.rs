//! Collects one bundle on an endpoint.

use std::process::ExitCode;

use clap::Parser;
use tetra_collect::{Args, World, run, system};

fn main() -> ExitCode {
    let args = Args::parse();
    let world = World::default();
    // Where the system cannot do that, each step still ends what it has started.
    let _ = system::bind();
    // Where the system does not let the program know, whatever ends it leaves a folder that can be resumed.
    let _ = system::watch(&world.interrupt);
    ExitCode::from(run(&args, &world, &mut std::io::stdout(), &mut std::io::stderr()))
}
