//! Nothing leaves, nothing runs: what the analyzer asks of the system, as `strace` sees it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{cases, program};

/// System calls that would open a connection, start a program or load code; with those that change files by name.
const WATCHED: &str = "trace=socket,socketpair,connect,bind,listen,accept,accept4,sendto,sendmsg,execve,execveat,fork,\
                       vfork,ptrace,kill,unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat,symlink,symlinkat,\
                       link,linkat,mknod,mknodat,chmod,fchmodat,chown,truncate,openat,open,creat";

/// Runs the analyzer under `strace`; `None` where that is not installed, or where the system allows no tracing.
fn traced(args: &[&std::ffi::OsStr]) -> Option<Vec<String>> {
    let place = tempfile::tempdir().unwrap();
    let log = place.path().join("calls");
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-e", "signal=none", "-e", WATCHED, "-o"]).arg(&log);
    command.arg(env!("CARGO_BIN_EXE_analyze-under-test")).args(args);
    let output = command.output().ok()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if said.contains("Operation not permitted") || said.contains("ptrace") {
        return None;
    }
    assert!(matches!(output.status.code(), Some(0 | 1 | 3)), "{said}");
    Some(std::fs::read_to_string(log).unwrap().lines().map(str::to_owned).collect())
}

/// Gives the name of a call and the rest of its line; the number of the process stands before it.
fn call(line: &str) -> (&str, &str) {
    let line = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
    line.split_once('(').unwrap_or((line, ""))
}

/// What is analysed: an archive, the vendor's, a folder, and a bundle that names programs, hosts and files.
fn inputs(place: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = [
        "dns-nxdomain",
        "vendor-archive-proxy-dns",
        "tls-closed-after-clienthello-folder",
        "healthy-ntlm-proxy",
    ]
    .iter()
    .map(|name| cases::input(&program::root().join("fixtures/cases").join(name)))
    .collect();
    let folder = place.join("tempting");
    std::fs::create_dir_all(&folder).unwrap();
    let outside = "<?xml version=\"1.0\"?><!DOCTYPE config [<!ENTITY x SYSTEM \"http://192.0.2.1/x\">]>\
                   <?xml-stylesheet href=\"file:///etc/passwd\"?><config><proxy><server>http://192.0.2.1:3128/wpad.dat\
                   </server></proxy><run>/bin/sh -c id</run>&x;</config>";
    std::fs::write(folder.join("local.xml"), outside).unwrap();
    std::fs::write(folder.join("policy.xml"), outside).unwrap();
    std::fs::write(folder.join("run.sh"), "#!/bin/sh\nid\n").unwrap();
    std::fs::write(folder.join("hosts.txt"), "192.0.2.1 tetra-defs.amp.cisco.com\n").unwrap();
    all.push(folder);
    all
}

#[test]
fn the_analyzer_opens_no_socket_and_starts_no_program() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out.json");
    for input in inputs(place.path()) {
        let path = input.as_os_str();
        let json = ["--format".as_ref(), "json".as_ref(), "--output".as_ref(), out.as_os_str(), path];
        let runs: [&[&std::ffi::OsStr]; 4] =
            [&[path], &json, &["--format".as_ref(), "html".as_ref(), path], &["verify".as_ref(), path]];
        for args in runs {
            let Some(calls) = traced(args) else {
                assert!(std::env::var_os("CI").is_none(), "strace is to be there in CI");
                println!("left out: strace is not installed, or may not trace");
                return;
            };
            let mut started = 0;
            for line in &calls {
                let (name, rest) = call(line);
                match name {
                    "execve" => started += 1,
                    "openat" | "open" => {
                        let writes = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"]
                            .iter()
                            .any(|flag| rest.contains(flag));
                        let own = rest.contains(&*out.to_string_lossy()) || rest.contains("\"/dev/");
                        assert!(!writes || own, "{args:?}: {line}");
                        assert!(!rest.contains("/etc/passwd"), "{args:?}: {line}");
                    }
                    // The end of a call whose begin stands above.
                    _ if name.starts_with("<... ") => {}
                    _ => assert!(name.starts_with("+++") || name.starts_with("---"), "{args:?}: {line}"),
                }
            }
            assert_eq!(started, 1, "{args:?}: only the analyzer itself is started");
            assert!(calls.iter().any(|line| line.contains("openat")), "{args:?}: nothing was traced");
        }
    }
}
