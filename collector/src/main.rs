//! Collects one bundle on an endpoint.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let args = tetra_collect::Args::parse();
    let now = chrono::Utc::now();
    let status = tetra_collect::run(&args, now, &mut std::io::stdout(), &mut std::io::stderr());
    ExitCode::from(status)
}
