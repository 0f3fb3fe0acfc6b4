//! Tests of the command line, and of the help against committed texts.

use clap::CommandFactory as _;
use clap::error::ErrorKind;

use super::*;
use crate::report::expected::assert_expected;

fn parse(line: &str) -> Result<Args, clap::Error> {
    Args::try_parse_from(std::iter::once("tetra-analyze").chain(line.split_whitespace()))
}

fn command(line: &str) -> Command {
    parse(line).unwrap().command.unwrap()
}

/// Gives the help of a subcommand as a terminal of 100 columns shows it.
fn help(of: &[&str]) -> String {
    let mut root = Args::command().term_width(100);
    root.build();
    let mut command = &mut root;
    for name in of {
        command = command.find_subcommand_mut(name).unwrap();
    }
    let text = command.render_long_help().to_string();
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

#[test]
fn the_definition_is_sound() {
    Args::command().debug_assert();
}

#[test]
fn help_is_as_committed() {
    let pages: [(&str, &[&str]); 14] = [
        ("help", &[]),
        ("help-code", &["code"]),
        ("help-rules", &["rules"]),
        ("help-rules-backtest", &["rules", "backtest"]),
        ("help-rules-explain", &["rules", "explain"]),
        ("help-rules-new", &["rules", "new"]),
        ("help-rules-test", &["rules", "test"]),
        ("help-verify", &["verify"]),
        ("help-watch", &["watch"]),
        ("help-batch", &["batch"]),
        ("help-batch-row", &["batch", "row"]),
        ("help-batch-list", &["batch", "list"]),
        ("help-batch-report", &["batch", "report"]),
        ("help-batch-export", &["batch", "export"]),
    ];
    for (name, of) in pages {
        // With the feature there is one form more.
        if cfg!(feature = "parquet") && name == "help-batch-export" {
            continue;
        }
        assert_expected(&format!("tests/expected/{name}.txt"), &help(of));
    }
}

#[test]
fn paths_and_options_are_read() {
    let args =
        parse("--format json --rules a --rules b --color never -o out.json --no-progress x.zip y.pcap")
            .unwrap();
    let analyze = args.analyze;
    assert_eq!(args.command, None);
    assert_eq!(analyze.paths, [PathBuf::from("x.zip"), PathBuf::from("y.pcap")]);
    assert_eq!(analyze.packs.rules, [PathBuf::from("a"), PathBuf::from("b")]);
    assert_eq!((analyze.format, analyze.color, analyze.no_progress), (Format::Json, When::Never, true));
    assert_eq!(analyze.output, Some(PathBuf::from("out.json")));
}

#[test]
fn options_may_follow_paths() {
    let analyze = parse("x.zip --format json").unwrap().analyze;
    assert_eq!((analyze.paths.len(), analyze.format), (1, Format::Json));
}

#[test]
fn codes_may_be_negative_and_hexadecimal() {
    let codes = ["4294965196", "0x80092013", "-2103", "12057"].map(str::to_owned).to_vec();
    assert_eq!(command("code 4294965196 0x80092013 -2103 12057"), Command::Code { codes });
}

#[test]
fn a_file_named_like_a_command_is_given_with_its_folder() {
    let args = parse("./code").unwrap();
    assert_eq!((args.command, args.analyze.paths), (None, vec![PathBuf::from("./code")]));
}

#[test]
fn commands_are_read() {
    assert_eq!(command("rules check"), Command::Rules(Rules::Check { dir: None }));
    assert_eq!(
        command("rules test mine --strict"),
        Command::Rules(Rules::Test { dir: Some(PathBuf::from("mine")), strict: true, junit: None })
    );
    assert_eq!(command("rules list"), Command::Rules(Rules::List { packs: Packs::default() }));
    assert_eq!(command("verify b.zip"), Command::Verify { bundle: PathBuf::from("b.zip") });
    assert_eq!(command("completions zsh"), Command::Completions { shell: Shell::Zsh });
    assert_eq!(command("schema"), Command::Schema);
}

#[test]
fn wrong_usage_is_named() {
    for (line, kind) in [
        ("", ErrorKind::MissingRequiredArgument),
        ("code", ErrorKind::MissingRequiredArgument),
        ("rules", ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand),
        ("--format xml x.zip", ErrorKind::InvalidValue),
        ("--colour x.zip", ErrorKind::UnknownArgument),
        ("verify", ErrorKind::MissingRequiredArgument),
    ] {
        let error = parse(line).unwrap_err();
        assert_eq!((error.kind(), error.exit_code()), (kind, 2), "{line}");
    }
    assert_eq!(parse("--help").unwrap_err().exit_code(), 0);
}

#[test]
fn colour_is_for_terminals_unless_said_otherwise() {
    let terminal = Surroundings { stdout_is_terminal: true, columns: Some(80), ..Surroundings::default() };
    let no_color = Surroundings { no_color: true, ..terminal };
    let pipe = Surroundings { stdout_is_terminal: false, ..terminal };
    for (line, surroundings, color, width) in [
        ("x", terminal, true, 80),
        ("x", no_color, false, 80),
        ("x", pipe, false, FILE_WIDTH),
        ("x --color always", pipe, true, FILE_WIDTH),
        ("x --color never", terminal, false, 80),
        ("x --output r.txt", terminal, false, FILE_WIDTH),
        ("x", Surroundings { columns: Some(300), ..terminal }, true, WIDEST),
    ] {
        let options = parse(line).unwrap().analyze.text_options(surroundings, Lang::En);
        assert_eq!((options.color, options.width), (color, width), "{line}");
    }
}
