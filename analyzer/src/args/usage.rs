//! What is wrong with the arguments, in a language: clap tells it in English only.

use crate::report::{Lang, say};

/// Tells what is wrong with the arguments, line by line as clap does.
pub fn usage(error: &clap::Error, lang: Lang) -> String {
    let text = error.render().to_string();
    let told = text.split_inclusive('\n').map(|line| match line.strip_suffix('\n') {
        Some(bare) => say(bare, lang).into_owned() + "\n",
        None => say(line, lang).into_owned(),
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::super::command;
    use super::*;

    #[test]
    fn arguments_that_are_wrong_are_told_in_chinese() {
        let lines = [
            "",
            "--frobnicate",
            "--format xml x.zip",
            "--format",
            "--formt html x.zip",
            "x.zip --redact=1",
            "x.zip --format html --format text",
            "rules frob",
            "rules tst",
            "rules check a b",
            "code",
            "verify",
            "slice x.zip",
            "batch --db a x --workers many",
            "batch --db a x --workers -1",
            "batch --db a x --jobs 2",
            "diff a",
            "completions fush",
        ];
        for line in lines {
            let arguments = std::iter::once("tetra-analyze").chain(line.split_whitespace());
            let error = command(Lang::Zh).try_get_matches_from(arguments).unwrap_err();
            let said = usage(&error, Lang::Zh);
            assert!(said.starts_with("错误：") && !said.contains("tip"), "{line}: {said}");
            for part in said.lines().filter(|part| !part.trim().is_empty()) {
                // Options and names of commands are the same in every language; a second usage stands below the first.
                let name = part.trim_start().starts_with(['-', '<']) || part.starts_with("       ");
                assert!(name || part.contains(|c: char| c > '\u{2e80}'), "{line}: {part}\n{said}");
            }
            assert_eq!(usage(&error, Lang::En), error.render().to_string());
        }
    }
}
