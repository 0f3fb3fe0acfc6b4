//! The page in a real browser: nothing is complained of, nothing is loaded, nothing sticks out.
//!
//! Chromium is asked for on CI, which installs it; elsewhere the test does what it can without.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use super::*;
use crate::report::sample;

/// Widths of a narrow telephone, a tablet and a screen, in CSS pixels.
const WIDTHS: [u32; 3] = [320, 760, 1280];

fn chromium() -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|program| program.is_file());
    assert!(found.is_some() || env::var_os("CI").is_none(), "CI has no Chromium");
    found
}

/// Opens a page; gives what it is made of in the end, what was complained of, and the log of the network.
fn open(program: &Path, folder: &Path, page: &Path) -> (String, String, String) {
    let log = folder.join("network.json");
    let output = Command::new(program)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .arg("--disable-features=NetworkTimeServiceQuerying")
        .args([
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--allow-file-access-from-files",
            "--enable-logging=stderr",
        ])
        .args(["--virtual-time-budget=4000", "--timeout=20000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .arg(format!("--log-net-log={}", log.display()))
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr), fs::read_to_string(&log).unwrap_or_default())
}

/// Makes a page that shows the report at several widths and writes down what it measures.
fn measuring(report: &str) -> String {
    let frames: String = WIDTHS
        .iter()
        .map(|width| format!("<iframe src=\"{report}\" width=\"{width}\" height=\"900\"></iframe>"))
        .collect();
    format!(
        "<!DOCTYPE html><meta charset=utf-8><title>measure</title>{frames}<pre id=out></pre><script>
        window.onload = () => {{
            const out = [...document.querySelectorAll('iframe')].map(frame => {{
                const page = frame.contentDocument, root = page.documentElement;
                return ['width', root.clientWidth, 'needs', root.scrollWidth, 'title', page.title,
                    'scripts', page.querySelectorAll('script,img,iframe,object').length,
                    'foreign-heads', page.querySelectorAll('h1').length,
                    'links', [...page.links].filter(link => !/^(https:|file:.*#)/.test(link.href)).length,
                    'loaded', frame.contentWindow.performance.getEntriesByType('resource').length,
                    'styled', getComputedStyle(page.querySelector('.badge')).borderTopLeftRadius].join(' ');
            }});
            document.getElementById('out').textContent = out.join('\\n');
        }};
        </script>"
    )
}

#[test]
fn a_browser_shows_pages_without_complaint_network_or_overflow() {
    let Some(program) = chromium() else { return };
    let folder = env::temp_dir().join(format!("tetra-report-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    for (name, analysis) in [("hostile", sample::hostile(10_000)), ("revocation", sample::revocation())] {
        let file = folder.join(format!("{name}.html"));
        let mut out = Vec::new();
        write(&analysis, Lang::Zh, &mut out).unwrap();
        fs::write(&file, out).unwrap();
        let measure = folder.join("measure.html");
        fs::write(&measure, measuring(&format!("{name}.html"))).unwrap();

        let (page, complaints, network) = open(&program, &folder, &measure);
        let complaints: Vec<&str> = complaints.lines().filter(|line| line.contains(":CONSOLE")).collect();
        assert!(complaints.is_empty(), "{name}: {complaints:?}");
        let result = page.split("<pre id=\"out\">").nth(1).unwrap_or_default();
        let lines: Vec<&str> = result.split("</pre>").next().unwrap_or_default().lines().collect();
        assert_eq!(lines.len(), WIDTHS.len(), "{name}: {page}");
        for (line, width) in lines.iter().zip(WIDTHS) {
            assert!(line.starts_with(&format!("width {width} needs {width} title TETRA")), "{name}: {line}");
            assert!(
                line.ends_with("scripts 0 foreign-heads 1 links 0 loaded 0 styled 999px"),
                "{name}: {line}"
            );
        }
        // Chromium may look for hosts of its own; the report's must not be among them.
        assert!(network.contains("\"constants\""), "{name}: no log of the network");
        for host in ["evil.example", "example.org", "cisco.com"] {
            assert!(!network.contains(host), "{name}: {host} is in the log of the network");
        }
    }
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn the_measuring_page_notices_what_is_wrong() {
    let Some(program) = chromium() else { return };
    let folder = env::temp_dir().join(format!("tetra-measure-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let bad = "<!DOCTYPE html><html lang=en><head>\
        <meta http-equiv=Content-Security-Policy content=\"default-src 'none'\"><title>TETRA</title></head>\
        <body><h1>x</h1><p class=badge style='color:red'>y</p><div class=w>z</div><script>1</script>\
        <a href='javascript:1'>j</a><table width=2000><tr><td>w</table></body></html>";
    fs::write(folder.join("bad.html"), bad).unwrap();
    fs::write(folder.join("measure.html"), measuring("bad.html")).unwrap();
    let (page, complaints, _) = open(&program, &folder, &folder.join("measure.html"));
    assert!(
        complaints.contains(":CONSOLE") && complaints.contains("Content Security Policy"),
        "{complaints}"
    );
    assert!(
        page.contains("width 320 needs 20") && page.contains("scripts 1") && page.contains("links 1"),
        "{page}"
    );
    fs::remove_dir_all(&folder).unwrap();
}
