//! The whole flow: any file in, a report out that a terminal can show.

use tetra_analyze::progress::Progress;
use tetra_analyze::report::{self, text::TextOptions};

use super::files::{open, with_known};

/// Analyses bytes as the program does; the first one says under what name.
pub fn analyze(bytes: &[u8]) {
    let Some((kind, bytes)) = bytes.split_first() else { return };
    let name = ["in.pcap", "in.zip", "local.xml", "sfc.exe.log", "curl.txt"][usize::from(*kind) % 5];
    with_known(|known| {
        let Some(bundle) = open(known, name, bytes) else { return };
        let Ok(analysis) = tetra_analyze::diagnose(&bundle, &known.rules, "in", &Progress::hidden()) else {
            return;
        };
        let (mut text, mut json) = (Vec::new(), Vec::new());
        report::text::write(&analysis, &TextOptions::default(), &mut text).expect("a report in memory");
        report::json::write(&analysis, &mut json).expect("a report in memory");
        for out in [text, json] {
            let out = String::from_utf8(out).expect("UTF-8");
            let odd = out.chars().find(|c| c.is_control() && *c != '\n');
            assert_eq!(odd, None, "a control character reaches the report");
        }
    });
}
