//! Follows the tutorial of `rules/README.md` word by word, in an empty folder.

use std::process::Command;

use crate::archive::Place;
use crate::program;

/// A fenced block: what stands behind the fence, and the lines in it.
struct Block {
    info: String,
    body: String,
}

/// The blocks of the tutorial, in order.
fn blocks() -> Vec<Block> {
    let text =
        std::fs::read_to_string(program::root().join("rules/README.md")).unwrap().replace("\r\n", "\n");
    let (_, rest) = text.split_once("## From a log line to a tested rule").unwrap();
    let (tutorial, _) = rest.split_once("\n## ").unwrap();
    let parts: Vec<&str> = tutorial.split("```").collect();
    let fenced = parts.iter().skip(1).step_by(2);
    fenced
        .filter_map(|part| part.split_once('\n'))
        .map(|(info, body)| Block { info: info.to_owned(), body: body.to_owned() })
        .collect()
}

/// Runs a line of the tutorial in a folder; gives all that it prints.
fn typed(place: &Place, line: &str) -> String {
    let words = line.strip_prefix("tetra-analyze ").unwrap().split(' ');
    let mut command = Command::new(env!("CARGO_BIN_EXE_analyze-under-test"));
    command.args(words).current_dir(place.path()).env("XDG_CONFIG_HOME", place.path());
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    String::from_utf8(said).unwrap().replace('\\', "/")
}

#[test]
fn the_tutorial_prints_what_it_says() {
    let place = Place::new();
    let rule = "site-rules/interrupt/log_says_mirror_list_rejected.yml";
    let mut commands = 0;
    for block in blocks() {
        if let Some((_, path)) = block.info.split_once(' ') {
            place.put(path, block.body.as_bytes());
            continue;
        }
        assert_eq!(block.info, "console");
        let (line, expected) = block.body.strip_prefix("$ ").unwrap().split_once('\n').unwrap();
        assert_eq!(typed(&place, line), expected, "{line}");
        commands += 1;
        // What the text says to mend between two commands.
        let text = std::fs::read_to_string(place.path().join(rule)).unwrap();
        let mended = match commands {
            2 => text.replace("log.cod: 77", "log.code: 77"),
            4 => {
                text + "    - {expect: no-match, event: {log.event: lasterror_in_tetra_line, log.code: 77}}\n"
            }
            _ => continue,
        };
        place.put(rule, mended.as_bytes());
    }
    assert_eq!(commands, 6);
    let report = typed(&place, "tetra-analyze --format json --rules site-rules sfc.exe.log");
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let finding = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["rule"] == "log_says_mirror_list_rejected");
    let finding = finding.unwrap_or_else(|| panic!("{report}"));
    assert_eq!(finding["pack"], "site-rules 0.1.0");
    assert_eq!(finding["summary"], "the connector refused the mirror's list (error 77)");
    assert_eq!(finding["evidence"][0]["line"], 1);
}
