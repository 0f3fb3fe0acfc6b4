//! An endpoint for one test: a connector, programs, and the collector run on them.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tetra_bundle::{Bundle, Limits, Manifest, StepRecord, StepStatus};

/// An endpoint. It is gone when the test is.
pub struct Endpoint {
    place: tempfile::TempDir,
    home: PathBuf,
}

/// What the collector did.
pub struct Done {
    pub status: i32,
    pub out: String,
    pub err: String,
    pub took: Duration,
}

/// How much of its time everything takes in a watch. Wine starts programs slowly.
const PATIENCE: &str = if cfg!(windows) { "--patience=0.5" } else { "--patience=0.1" };
/// The same, for a run that is known to wait for the end of the longest step.
pub const HASTE: &str = if cfg!(windows) { "--patience=0.25" } else { "--patience=0.04" };

/// What the event logs tell on it: one export for each, and the endpoint slept for a night.
const WEVTUTIL: &str = "on epl
file ElfFile
on qe System
out <Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Kernel-Power' Guid='{331c3b3a-2005-44c2-ac5e-77220c37d6b4}'/><EventID>107</EventID><TimeCreated SystemTime='2026-11-23T06:30:00.1234567Z'/><Computer>PC-7.corp.internal</Computer><Security UserID='S-1-5-18'/></System></Event>
out <Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Kernel-Power' Guid='{331c3b3a-2005-44c2-ac5e-77220c37d6b4}'/><EventID>42</EventID><TimeCreated SystemTime='2026-11-22T21:00:00.0000000Z'/><Computer>PC-7.corp.internal</Computer><Security UserID='S-1-5-18'/></System></Event>
on";

pub const VERSION: &str = "8.1.7.21417";

impl Endpoint {
    /// An endpoint on which all is well.
    pub fn new() -> Self {
        Self::at("endpoint")
    }

    /// An endpoint whose folders lie below a folder of this name.
    pub fn at(name: &str) -> Self {
        let place = tempfile::tempdir().unwrap();
        let home = place.path().join(name);
        let made = Self { place, home };
        fs::create_dir_all(made.version()).unwrap();
        fs::create_dir_all(made.install().join("tetra/plugins")).unwrap();
        fs::create_dir_all(made.tools()).unwrap();
        fs::create_dir_all(made.out()).unwrap();
        fs::write(made.install().join("local.xml"), "<config><agent/></config>").unwrap();
        fs::write(made.install().join("policy.xml"), "<Signature/>").unwrap();
        fs::write(made.install().join("tetra/plugins/7zip.xmd"), "x").unwrap();
        fs::write(made.log(), "(1, +0 ms) Nov 23 09:00:00 [1]: one\n").unwrap();
        made.program(&made.version(), "sfc", "out fine");
        made.program(&made.version(), "AmpCLI", "out {\"connected\":true,\"connector_version\":\"8.1.7\"}");
        made.program(&made.tools(), "wevtutil", WEVTUTIL);
        made
    }

    pub fn path(&self) -> &Path {
        self.place.path()
    }

    pub fn install(&self) -> PathBuf {
        self.home.join("AMP")
    }

    pub fn version(&self) -> PathBuf {
        self.install().join(VERSION)
    }

    pub fn tools(&self) -> PathBuf {
        self.home.join("tools")
    }

    pub fn out(&self) -> PathBuf {
        self.home.join("out")
    }

    pub fn bundle(&self) -> PathBuf {
        self.out().join("bundle.zip")
    }

    pub fn log(&self) -> PathBuf {
        self.version().join("sfc.exe.log")
    }

    /// Puts a program into a folder that does what it is told.
    pub fn program(&self, folder: &Path, name: &str, told: &str) -> PathBuf {
        let program = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        if !program.exists() {
            fs::copy(env!("CARGO_BIN_EXE_fake-tool"), &program).unwrap();
        }
        fs::write(program.with_extension("told"), told).unwrap();
        program
    }

    /// Tells the connector's program for the command line what to do.
    pub fn tell_cli(&self, told: &str) -> PathBuf {
        self.program(&self.version(), "AmpCLI", told)
    }

    /// Tells the program that exports event logs what to do.
    pub fn tell_wevtutil(&self, told: &str) -> PathBuf {
        self.program(&self.tools(), "wevtutil", told)
    }

    /// The program that captures, and what it is to do.
    pub fn tell_dumpcap(&self, told: &str) -> PathBuf {
        self.program(&self.tools(), "dumpcap", told)
    }

    pub fn dumpcap(&self) -> PathBuf {
        self.tools().join(format!("dumpcap{}", std::env::consts::EXE_SUFFIX))
    }

    /// Windows' packet monitor, and what it is to do.
    pub fn tell_pktmon(&self, told: &str) -> PathBuf {
        self.program(&self.tools(), "pktmon", told)
    }

    pub fn pktmon(&self) -> PathBuf {
        self.tools().join(format!("pktmon{}", std::env::consts::EXE_SUFFIX))
    }

    pub fn state(&self) -> PathBuf {
        self.home.join("state")
    }

    /// The collector's command with a watch of which everything takes a tenth of its time.
    pub fn watching(&self, more: &[&str]) -> Command {
        let interval: &[&str] =
            if more.iter().any(|arg| arg.starts_with("--interval")) { &[] } else { &["--interval=20s"] };
        let patience: &[&str] =
            if more.iter().any(|arg| arg.starts_with("--patience")) { &[] } else { &[PATIENCE] };
        self.command(&[&["--until-attempt"], patience, interval, more].concat())
    }

    /// Runs the collector with a watch to its end.
    pub fn watch(&self, more: &[&str]) -> Done {
        run(&mut self.watching(more))
    }

    /// Puts back what an earlier run left changed.
    pub fn restore(&self) -> Done {
        let mut command = Command::new(env!("CARGO_BIN_EXE_collect-on-endpoint"));
        command.arg("restore").arg("--install").arg(self.install()).arg("--tools").arg(self.tools());
        run(command.arg("--state").arg(self.state()).args(["--lang=en", PATIENCE]))
    }

    /// The collector's command for this endpoint.
    pub fn command(&self, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_collect-on-endpoint"));
        command.arg("--install").arg(self.install()).arg("--tools").arg(self.tools());
        command.arg("--state").arg(self.home.join("state")).arg("--lang").arg("en");
        if !more.contains(&"--output") {
            command.arg("--output").arg(self.bundle());
        }
        if !more.iter().any(|arg| arg.starts_with("--interval")) {
            command.arg("--no-watch");
        }
        if !more.contains(&"--redact") {
            command.arg("--redact").arg("none");
        }
        if !more.contains(&"--patience=1") {
            command.arg("--no-probes");
        }
        command.arg("--yes").args(more);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the collector to its end.
    pub fn collect(&self, more: &[&str]) -> Done {
        run(&mut self.command(more))
    }

    /// Seals what was left behind.
    pub fn resume(&self) -> Done {
        let mut command = Command::new(env!("CARGO_BIN_EXE_collect-on-endpoint"));
        run(command.arg("resume").arg(self.out()))
    }

    /// The bundle that was written.
    pub fn open(&self) -> Bundle {
        open(&self.bundle())
    }

    pub fn manifest(&self) -> Manifest {
        self.open().manifest().unwrap().clone()
    }

    /// What became of a step.
    pub fn step(&self, name: &str) -> StepRecord {
        step(&self.manifest(), name)
    }
}

/// Opens a bundle, which must be without fault.
pub fn open(path: &Path) -> Bundle {
    let bundle = Bundle::open(path, Limits::default()).unwrap();
    assert_eq!(bundle.anomalies(), []);
    let checks = tetra_bundle::verify(&bundle);
    assert!(checks.iter().all(|check| check.state == tetra_bundle::CheckState::Same), "{checks:?}");
    bundle
}

pub fn step(manifest: &Manifest, name: &str) -> StepRecord {
    let found = manifest.steps.iter().find(|step| step.name == name);
    found.unwrap_or_else(|| panic!("no step {name} in {:?}", manifest.steps)).clone()
}

/// The bytes of an entry, if it is there.
pub fn read(bundle: &Bundle, path: &str) -> Option<Vec<u8>> {
    let entry = bundle.entries().iter().find(|entry| entry.path == path)?;
    let mut bytes = Vec::new();
    bundle.read(entry).unwrap().read_to_end(&mut bytes).unwrap();
    Some(bytes)
}

/// Names of the steps that did not go well.
pub fn troubled(manifest: &Manifest) -> Vec<String> {
    let fine = [StepStatus::Done, StepStatus::Skipped];
    manifest.steps.iter().filter(|step| !fine.contains(&step.status)).map(|step| step.name.clone()).collect()
}

pub fn run(command: &mut Command) -> Done {
    let begun = Instant::now();
    let output = command.output().unwrap();
    Done {
        status: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
        took: begun.elapsed(),
    }
}

/// Ends a program as a power cut would.
pub fn kill(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Returns whether the process that a program has left behind still lives.
pub fn has_child(program: &Path) -> bool {
    let beats = || fs::metadata(program.with_extension("child")).unwrap().len();
    // A process that was ended is gone a moment later.
    for _ in 0..5 {
        let before = beats();
        std::thread::sleep(Duration::from_millis(700));
        if beats() == before {
            return false;
        }
    }
    true
}

/// How often a program was called, with what.
pub fn calls(program: &Path) -> Vec<String> {
    let calls = fs::read_to_string(program.with_extension("called")).unwrap_or_default();
    calls.lines().map(str::to_owned).collect()
}
