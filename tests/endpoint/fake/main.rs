//! Stands for a program of the endpoint: `wevtutil`, `AmpCLI`, `sfc`, … and does what the file beside it says.
//!
//! The file has the program's name and the ending `.told`. One line is one act, in order:
//!
//! ```text
//! out TEXT       says TEXT and a line end
//! err TEXT       complains of TEXT
//! flood MB       says so many megabytes
//! garbage        says bytes that are no text
//! file TEXT      writes TEXT to the last argument but those that begin with a slash
//! child          leaves a process behind that holds the outputs open; as long as it lives, NAME.child grows
//! wait MS        waits
//! hang           waits for ever
//! exit N         ends with this status
//! on TEXT        what follows is done only where it is called with TEXT; `on` alone ends that
//! raw FILE       says the bytes of a file
//! put FLAG FILE  copies a file to where the argument behind FLAG says
//! etl FILE       copies a file, or some bytes, to where `traceFile=` says
//! log TEXT       appends a line to the connector's log, which lies where it lies itself
//! switch         remembers what stands behind /e: in its arguments
//! state          says `enabled:` and what it remembers, false at first
//! ```
//!
//! What it was called with is added to NAME.called, one line per call.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::exit,
    reason = "to say, to complain and to end is its work"
)]

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

fn main() -> io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let own = std::env::current_exe()?;
    if args.first().is_some_and(|first| first == "--left-behind") {
        // Whoever sees the file grow knows that this process lives.
        let mut beat = File::options().create(true).append(true).open(own.with_extension("child"))?;
        for _ in 0..12_000 {
            beat.write_all(b".")?;
            std::thread::sleep(Duration::from_millis(50));
        }
        return Ok(());
    }
    let mut calls = File::options().create(true).append(true).open(own.with_extension("called"))?;
    writeln!(calls, "{}", args.join(" "))?;
    let told = fs::read_to_string(own.with_extension("told")).unwrap_or_default();
    let called = args.join(" ");
    let mut meant = true;
    for line in told.lines() {
        let (act, what) = line.split_once(' ').unwrap_or((line, ""));
        if act == "on" {
            meant = called.contains(what);
        } else if meant {
            do_act(act, what, &own, &args)?;
        }
    }
    Ok(())
}

fn do_act(act: &str, what: &str, own: &Path, args: &[String]) -> io::Result<()> {
    let number: usize = what.parse().unwrap_or(0);
    match act {
        "out" => println!("{what}"),
        "err" => eprintln!("{what}"),
        "flood" => {
            let line =
                "a line that says nothing, over and over again, to fill what there is to fill\n".repeat(64);
            let mut left = number.saturating_mul(1 << 20);
            while left > 0 {
                io::stdout().write_all(line.as_bytes())?;
                left = left.saturating_sub(line.len());
            }
            println!("the end of the flood");
        }
        "garbage" => io::stdout().write_all(&[0xff, 0xfe, 0, 0xd8, 0x80, b'{', 0x1b, b'[', 0xc3, 0x28])?,
        "file" => {
            let place = args.iter().rev().find(|arg| !arg.starts_with("/q:") && !arg.starts_with("/ow"));
            fs::write(place.map(PathBuf::from).unwrap_or_default(), what)?;
        }
        "raw" => {
            io::stdout().write_all(&fs::read(what)?)?;
            io::stdout().flush()?;
        }
        "put" => {
            let (flag, from) = what.split_once(' ').unwrap_or((what, ""));
            let place = args.iter().skip_while(|arg| *arg != flag).nth(1);
            fs::copy(from, place.map(PathBuf::from).unwrap_or_default())?;
        }
        "log" => {
            let log = own.with_file_name("sfc.exe.log");
            writeln!(File::options().append(true).create(true).open(log)?, "{what}")?;
        }
        "etl" => {
            let place = args.iter().find_map(|arg| arg.strip_prefix("traceFile="));
            if what.is_empty() {
                fs::write(place.unwrap_or_default(), "ETL")?;
            } else {
                fs::copy(what, place.unwrap_or_default())?;
            }
        }
        "switch" => {
            let to = args.iter().find_map(|arg| arg.strip_prefix("/e:")).unwrap_or_default();
            fs::write(own.with_extension("state"), to)?;
        }
        "state" => {
            let state =
                fs::read_to_string(own.with_extension("state")).unwrap_or_else(|_| "false".to_owned());
            println!("enabled: {state}");
        }
        "child" => {
            Command::new(own).arg("--left-behind").spawn()?;
            let beats = own.with_extension("child");
            while fs::metadata(&beats).map_or(0, |facts| facts.len()) == 0 {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        "wait" => std::thread::sleep(Duration::from_millis(u64::try_from(number).unwrap_or(0))),
        "hang" => std::thread::sleep(Duration::from_secs(600)),
        "exit" => std::process::exit(what.parse().unwrap_or(1)),
        _ => eprintln!("the fake does not know how to {act}"),
    }
    Ok(())
}
