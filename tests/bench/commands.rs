//! The commands that are compared: yardsticks, the analyzer, and other tools where they are installed.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};

use crate::inputs::{Inputs, PATTERNS};
use crate::measure::{self, Cost};

/// Beyond so many seconds, a command of somebody else runs once.
const SLOW: f64 = 8.0;
/// What an engineer asks of a capture.
const FILTER: &str = "dns || tls.handshake || tls.alert_message || http || ocsp || tcp.flags.reset==1";
const FIELDS: [&str; 12] = [
    "frame.number",
    "frame.time_epoch",
    "ip.src",
    "ip.dst",
    "tcp.stream",
    "dns.qry.name",
    "dns.flags.rcode",
    "tls.handshake.type",
    "tls.handshake.extensions_server_name",
    "tls.alert_message.desc",
    "http.request.uri",
    "http.response.code",
];

/// One command on one input.
#[derive(Clone, Debug)]
pub(crate) struct Command {
    input: String,
    tool: String,
    line: Vec<OsString>,
    ours: bool,
    /// The folder of what it makes, which is made anew for each run.
    makes: Option<PathBuf>,
}

impl Command {
    /// Gives input and tool in one.
    pub(crate) fn name(&self) -> String {
        format!("{}: {}", self.input, self.tool)
    }
}

/// What was measured: input and tool, in order, with the medians.
pub(crate) type Costs = Vec<(String, String, Cost)>;

/// Lists all commands whose programs are there.
pub(crate) fn all(analyzer: &Path, collector: Option<&Path>, inputs: &Inputs) -> io::Result<Vec<Command>> {
    let own = std::env::current_exe()?;
    let mut all = Vec::new();
    let mut add = |input: &str, tool: &str, ours: bool, line: &[&dyn AsRef<std::ffi::OsStr>]| {
        let line: Vec<OsString> = line.iter().map(|word| word.as_ref().to_owned()).collect();
        let there = ours || line.first().is_some_and(is_installed);
        if there {
            all.push(Command { input: input.to_owned(), tool: tool.to_owned(), line, ours, makes: None });
        }
    };
    let json: [&dyn AsRef<std::ffi::OsStr>; 4] = [&analyzer, &"--no-installed-rules", &"--format", &"json"];
    // The report from which names and addresses of the inside are left out.
    let reply: [&dyn AsRef<std::ffi::OsStr>; 6] =
        [&analyzer, &"--no-installed-rules", &"--format", &"markdown", &"--for", &"customer"];
    for (name, capture) in [("bulk", &inputs.bulk), ("dense", &inputs.dense)] {
        add(name, "read", true, &[&own, &"yard", &"read", capture]);
        add(name, "hash", true, &[&own, &"yard", &"hash", capture]);
        add(name, "iterate", true, &[&own, &"yard", &"iterate", capture]);
        add(name, "analyzer", true, &[&json[..], &[capture]].concat());
        add(name, "analyzer, reply to the customer", true, &[&reply[..], &[capture]].concat());
        add(name, "tcpdump -n 'udp port 53'", false, &[&"tcpdump", &"-nr", capture, &"udp port 53"]);
        add(name, "capinfos", false, &[&"capinfos", capture]);
        add(name, "suricata", false, &[&"suricata", &"-l", &inputs.folder, &"-r", capture]);
        let mut tshark: Vec<&dyn AsRef<std::ffi::OsStr>> =
            vec![&"tshark", &"-n", &"-r", capture, &"-Y", &FILTER, &"-T", &"fields"];
        for field in &FIELDS {
            tshark.extend([&"-e" as &dyn AsRef<std::ffi::OsStr>, field]);
        }
        add(name, "tshark -Y … -T fields", false, &tshark);
    }
    let log = &inputs.log;
    add("log", "read", true, &[&own, &"yard", &"read", log]);
    add("log", "hash", true, &[&own, &"yard", &"hash", log]);
    add("log", "analyzer", true, &[&json[..], &[log]].concat());
    for count in PATTERNS {
        let (pack, patterns) = inputs.patterns(count);
        let tool = format!("analyzer, {count} patterns more");
        add("log", &tool, true, &[&json[..], &[&"--rules", &pack, log]].concat());
        let tool = format!("{tool}, reply to the customer");
        add("log", &tool, true, &[&reply[..], &[&"--rules", &pack, log]].concat());
        let tool = format!("rg -j1 -c -f {count} patterns");
        add("log", &tool, false, &[&"rg", &"-j1", &"-c", &"--no-config", &"-f", &patterns, log]);
    }
    let bundle = &inputs.bundle;
    add("bundle", "read", true, &[&own, &"yard", &"read", bundle]);
    add("bundle", "hash", true, &[&own, &"yard", &"hash", bundle]);
    add("bundle", "inflate", true, &[&own, &"yard", &"inflate", bundle]);
    add("bundle", "analyzer", true, &[&json[..], &[bundle]].concat());
    add("bundle", "unzip -p", false, &[&"unzip", &"-p", bundle]);
    add("nothing", "analyzer, start", true, &[&analyzer, &"code", &"12057"]);
    let (pack, _) = inputs.patterns(500);
    let tiny = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/sources/hosts/hosts.txt");
    add(
        "nothing",
        "analyzer, start with 500 patterns",
        true,
        &[&json[..], &[&"--rules", &pack, &tiny]].concat(),
    );
    if let Some(collector) = collector {
        all.extend(collecting(collector, inputs));
    }
    Ok(all)
}

/// Lists the commands that seal the log, at each level of leaving out, and `zip`, which takes the usual time for it.
fn collecting(collector: &Path, inputs: &Inputs) -> Vec<Command> {
    let made = inputs.folder.join("made");
    let command = |tool: String, ours: bool, line: &[&dyn AsRef<std::ffi::OsStr>]| Command {
        input: "collect".to_owned(),
        tool,
        line: line.iter().map(|word| word.as_ref().to_owned()).collect(),
        ours,
        makes: Some(made.clone()),
    };
    let out = made.join("out.zip");
    let zip = command("zip -6".to_owned(), false, &[&"zip", &"-q", &"-6", &out, &inputs.log]);
    let seal = |level: &str| -> Command {
        let line: [&dyn AsRef<std::ffi::OsStr>; 7] =
            [&collector, &"seal", &inputs.collected, &"-o", &out, &"--redact", &level];
        command(format!("collector, {level}"), true, &line)
    };
    let whole = |name: &str, more: &[&str]| -> Command {
        let state = inputs.folder.join("state");
        let mut line: Vec<&dyn AsRef<std::ffi::OsStr>> = vec![
            &collector,
            &"--yes",
            &"--no-watch",
            &"--no-probes",
            &"--install",
            &inputs.install,
            &"--state",
            &state,
            &"--output",
            &out,
        ];
        line.extend(more.iter().map(|word| word as &dyn AsRef<std::ffi::OsStr>));
        command(format!("collector, {name}"), true, &line)
    };
    let runs = [
        whole("a run by default", &[]),
        whole("a run that takes all logs", &["--log-limit", "1000000", "--redact", "none"]),
    ];
    let there = zip.line.first().is_some_and(is_installed);
    let levels = ["none", "secrets", "full"].into_iter().map(seal);
    levels.chain(runs).chain(there.then_some(zip.clone())).collect()
}

fn is_installed(program: &OsString) -> bool {
    let mut command = Process::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok()
}

/// Runs the commands in turn, round after round, and gives the medians.
pub(crate) fn measure(commands: &[Command], rounds: usize, scratch: &Path) -> io::Result<Costs> {
    let mut runs: BTreeMap<usize, Vec<Cost>> = BTreeMap::new();
    for round in 0..rounds {
        for (number, command) in commands.iter().enumerate() {
            let known = runs.entry(number).or_default();
            if known.first().is_some_and(|first| !command.ours && first.cpu > SLOW) {
                continue;
            }
            if let Some(folder) = &command.makes {
                let _ = std::fs::remove_dir_all(folder);
                std::fs::create_dir_all(folder)?;
            }
            let mut cost = measure::run(&command.line, scratch)?;
            if let Some(folder) = &command.makes {
                cost.made =
                    std::fs::metadata(folder.join("out.zip")).map_or(0.0, |made| made.len() as f64 / 1e6);
                let _ = std::fs::remove_dir_all(folder);
            }
            eprintln!(
                "{round} {}: {:.2} s, {:.0} MB, status {}",
                command.name(),
                cost.cpu,
                cost.peak,
                cost.status
            );
            known.push(cost);
        }
    }
    let medians = runs.into_iter().map(|(number, costs)| {
        let command = &commands[number];
        let cpu = measure::median(costs.iter().map(|cost| cost.cpu).collect());
        let peak = measure::median(costs.iter().map(|cost| cost.peak).collect());
        let (status, made) = costs.last().map_or((-1, 0.0), |cost| (cost.status, cost.made));
        (command.input.clone(), command.tool.clone(), Cost { cpu, peak, status, made })
    });
    Ok(medians.collect())
}
