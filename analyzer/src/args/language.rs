//! The language and the surroundings of the program; `main` looks once, so that all else can be tested.

use std::env;
use std::ffi::OsString;

use clap::{CommandFactory as _, ValueEnum};

use super::Args;
use crate::report::Lang;

/// A language that may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// English
    En,
    /// 简体中文
    #[value(name = "zh-CN", alias = "zh")]
    ZhCn,
}

impl From<Language> for Lang {
    fn from(language: Language) -> Self {
        match language {
            Language::En => Self::En,
            Language::ZhCn => Self::Zh,
        }
    }
}

/// What the program's surroundings are like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Whether standard output is a terminal.
    pub stdout_is_terminal: bool,
    /// Columns of the terminal, if there is one.
    pub columns: Option<usize>,
    /// Whether `NO_COLOR` is set and not empty, or the terminal is `dumb`.
    pub no_color: bool,
    /// Whether ticks and crosses may come out as boxes or question marks.
    pub few_signs: bool,
    /// The system's language.
    pub lang: Lang,
}

impl Surroundings {
    /// Looks at standard output and the environment.
    pub fn look() -> Self {
        use std::io::IsTerminal as _;
        let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        let terminal = std::io::stdout().is_terminal();
        // The first that is set counts (POSIX.1-2024, 8.2).
        let posix = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .filter_map(|name| env::var(name).ok())
            .find(|value| !value.is_empty());
        let few_signs =
            if cfg!(windows) { !set("WT_SESSION") } else { terminal && !is_utf8(posix.as_deref()) };
        let locale = sys_locale::get_locale();
        Self {
            stdout_is_terminal: terminal,
            columns: terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)),
            no_color: set("NO_COLOR") || env::var_os("TERM").is_some_and(|term| term == "dumb"),
            few_signs,
            lang: language(locale.as_deref(), cfg!(windows) || is_utf8(posix.as_deref())),
        }
    }
}

/// Tells whether a POSIX locale writes UTF-8; one that does not say is taken for it.
fn is_utf8(locale: Option<&str>) -> bool {
    let Some(locale) = locale else { return true };
    match locale.split_once('.') {
        Some((_, charset)) => charset.to_ascii_lowercase().starts_with("utf"),
        None => !matches!(locale, "C" | "POSIX"),
    }
}

/// Gives the language of a locale's name; Chinese only where it can be written.
fn language(locale: Option<&str>, utf8: bool) -> Lang {
    let tongue = locale.unwrap_or_default().split(['-', '_', '.']).next().unwrap_or_default();
    if utf8 && tongue.eq_ignore_ascii_case("zh") { Lang::Zh } else { Lang::En }
}

/// Puts a `--lang` that stands before the name of a command behind it, where clap takes it for the command's; before it, clap
/// would take the name for a path.
pub fn language_after_command(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let first = arguments.get(1).and_then(|argument| argument.to_str()).unwrap_or_default();
    let command = match first.strip_prefix("--lang") {
        Some("") => 3,
        Some(value) if value.starts_with('=') => 2,
        _ => return arguments,
    };
    let name = arguments.get(command).and_then(|argument| argument.to_str());
    if name.is_some_and(|name| Args::command().find_subcommand(name).is_some())
        && let Some(part) = arguments.get_mut(1..=command)
    {
        part.rotate_right(1);
    }
    arguments
}

/// Gives the language that arguments ask for, else the system's, before they are parsed: for the help, and for what is wrong
/// with them.
pub fn language_of(arguments: &[String], system: Lang) -> Lang {
    asked(arguments).unwrap_or(system)
}

fn asked(arguments: &[String]) -> Option<Lang> {
    let mut rest = arguments.iter().skip(1).take_while(|argument| *argument != "--");
    let mut found = None;
    while let Some(argument) = rest.next() {
        let value = match argument.strip_prefix("--lang") {
            Some("") => rest.next().map(String::as_str),
            Some(value) => value.strip_prefix('='),
            None => None,
        };
        let language = value.and_then(|value| Language::from_str(value, true).ok());
        found = language.map(Lang::from).or(found);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told_by_locale() {
        for (locale, utf8, lang) in [
            (Some("zh-CN"), true, Lang::Zh),
            (Some("zh_CN.UTF-8"), true, Lang::Zh),
            (Some("zh-Hans-SG"), true, Lang::Zh),
            (Some("zh-CN"), false, Lang::En),
            (Some("en-US"), true, Lang::En),
            (Some("zhx"), true, Lang::En),
            (None, true, Lang::En),
        ] {
            assert_eq!(language(locale, utf8), lang, "{locale:?}");
        }
    }

    #[test]
    fn charsets_are_told_by_locale() {
        let with = ["zh_CN.UTF-8", "C.utf8", "en_US"];
        let without = ["C", "POSIX", "zh_CN.GBK", "de_DE.ISO-8859-1"];
        assert!(is_utf8(None) && with.into_iter().all(|locale| is_utf8(Some(locale))));
        assert!(!without.into_iter().any(|locale| is_utf8(Some(locale))));
    }

    #[test]
    fn a_language_may_stand_before_a_command() {
        let order = |line: &str| {
            let given = line.split(' ').map(OsString::from).collect();
            language_after_command(given).join(" ".as_ref()).into_string().unwrap()
        };
        assert_eq!(order("x --lang zh-CN code 5"), "x code --lang zh-CN 5");
        assert_eq!(order("x --lang=en rules check a"), "x rules --lang=en check a");
        for same in ["x", "x --lang", "x --lang en", "x --lang en a.zip", "x code --lang en 5", "x --lang=en"]
        {
            assert_eq!(order(same), same);
        }
    }

    #[test]
    fn the_language_of_the_help_is_found_before_parsing() {
        let asked = |line: &str| asked(&line.split(' ').map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(asked("x --lang zh-CN --help"), Some(Lang::Zh));
        assert_eq!(asked("x code --lang=EN 5"), Some(Lang::En));
        assert_eq!(asked("x --lang klingon"), None);
        assert_eq!(asked("x -- --lang zh-CN"), None);
        assert_eq!(asked("x --lang"), None);
    }
}
