//! The help in Chinese: the texts of the definition, found by their English.

use std::collections::BTreeMap;

use clap::CommandFactory as _;
use clap::builder::StyledStr;
use serde::Deserialize;

use super::Args;
use crate::report::Lang;

/// Headings of the help, which clap has in English only.
const TEMPLATE: &str = "{before-help}{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}";

const AFTER_HELP: &str = "运行 `tetra-analyze --help` 可查看输入、输出、退出码和示例。";

const AFTER_LONG_HELP: &str = "\
输入：
  tetra-collect 生成的诊断包（zip）、厂商自己的诊断压缩包（zip，扩展名为 .7z 的
  也可以）、两者解开后的目录，或零散文件：抓包（pcap、pcapng）、local.xml、
  policy.xml、posture.json、sfc.exe.log，以及保存下来的 `curl -v` 和
  `Resolve-DnsName` 输出。多个 PATH 视为同一个诊断包。不会解压到磁盘，不会运行
  其中任何内容，也不使用网络。

输出：
  结论、唯一的原因及其证据（路径和帧号或行号，以及 Wireshark 显示过滤器）、已排除
  的方面及依据、无法判断的方面，以及后续步骤。`--format json` 供程序使用；
  `tetra-analyze schema` 打印其 JSON Schema。报告写到标准输出，进度和错误写到
  标准错误。

退出码：
  0  正常：看到一次更新成功结束
  1  有发现：原因，或其他需要注意的情况
  2  无法运行：用法错误、输入不可读、规则有误
  3  无法判定：报告会说明还需收集什么

示例：
  这台终端为什么得不到病毒库？
      tetra-analyze DESKTOP-QFC3PVT.zip
  零散文件也可以：
      tetra-analyze capture.pcapng local.xml
  供其他程序使用，写入文件：
      tetra-analyze --format json --output case.json support-folder/
  给客户的网页报告：
      tetra-analyze --format html --output report.html case.zip
  这个 `lasterror` 是什么意思？
      tetra-analyze code 4294965196

与子命令同名的 PATH 请写成 ./code。";

const HELP: &str = "显示帮助（-h 为摘要）";

/// What options and arguments of the analysis do; possible values are told here, for clap has them in English only.
const OPTIONS: &[(&str, &str)] = &[
    ("paths", "诊断包、压缩包、目录或文件；多个视为同一个诊断包"),
    (
        "format",
        "报告格式：text（终端文本）、json（供程序使用，tetra-analysis/1）、html（浏览器和打印，单个文件）、markdown（可粘贴到工单的回复，见 --for）",
    ),
    (
        "reader",
        "Markdown 回复的读者：customer（客户，隐去内部名称、地址和用户）或 engineer（工程师，全部内容）",
    ),
    ("rules", "添加一个规则包；可多次使用"),
    ("no_installed_rules", "不使用用户目录和系统目录中的规则包"),
    ("output", "把报告写入文件，而不是标准输出"),
    ("sqlite", "同时把分析结果导出到 SQLite 文件；表结构见 analyzer/SQLITE.md"),
    ("color", "文本报告的颜色：auto（仅终端，且未设置 NO_COLOR）、always、never"),
    ("ascii", "文本报告不使用 ASCII 以外的符号"),
    ("no_progress", "不显示进度"),
    ("lang", "报告和帮助的语言：zh-CN 或 en；默认为系统语言（JSON 默认为英文）"),
    ("help", HELP),
    ("version", "显示版本"),
];

/// What the commands and their options do: pairs of English and Chinese.
const COMMANDS: &str = include_str!("help.zh.yml");

/// One text of the help.
#[derive(Deserialize)]
struct Text {
    en: String,
    zh: String,
}

/// Texts of the help in Chinese, by their English.
type Texts = BTreeMap<String, String>;

/// Gives the definition of the command line, with its help in a language.
pub fn command(lang: Lang) -> clap::Command {
    match lang {
        Lang::En => Args::command(),
        Lang::Zh => chinese(Args::command()),
    }
}

fn chinese(mut command: clap::Command) -> clap::Command {
    command.build();
    let texts = texts();
    command
        .about("查明 Cisco Secure Endpoint 得不到 TETRA 病毒库的唯一原因，并给出证据")
        .help_template(TEMPLATE)
        .subcommand_help_heading("命令")
        .after_help(AFTER_HELP)
        .after_long_help(AFTER_LONG_HELP)
        .mut_args(|argument| {
            let told = OPTIONS.iter().find(|(id, _)| argument.get_id() == id);
            let argument = headed(argument);
            match told {
                Some((_, help)) => argument.help(*help).long_help(*help),
                None => argument,
            }
        })
        .mut_subcommands(|command| page(command, &texts))
}

/// Gives the page of a command, and the pages of its own commands.
fn page(mut command: clap::Command, texts: &Texts) -> clap::Command {
    let zh = |text: Option<&StyledStr>| text.map(|text| paragraphs(&text.to_string(), texts));
    let (about, long) = (zh(command.get_about()), zh(command.get_long_about()));
    let after = zh(command.get_after_help());
    if let Some(about) = about {
        command = command.about(about);
    }
    if let Some(long) = long {
        command = command.long_about(long);
    }
    if let Some(after) = after {
        command = command.after_help(after);
    }
    command
        .help_template(TEMPLATE)
        .subcommand_help_heading("命令")
        .mut_args(|argument| {
            let help = if argument.get_id() == "help" {
                HELP.to_owned()
            } else {
                zh(argument.get_help()).unwrap_or_default()
            };
            headed(argument).help(help.clone()).long_help(help)
        })
        .mut_subcommands(|command| page(command, texts))
}

/// Puts an argument below its heading, without the list of its values, which clap has in English only.
fn headed(argument: clap::Arg) -> clap::Arg {
    let heading = if argument.is_positional() { "参数" } else { "选项" };
    argument.help_heading(heading).hide_possible_values(true)
}

/// Reads the texts; a test holds that they can be read.
fn texts() -> Texts {
    let pairs: Vec<Text> = serde_saphyr::from_str(COMMANDS).unwrap_or_default();
    pairs.into_iter().map(|text| (text.en, text.zh)).collect()
}

/// Translates a text as a whole, or else paragraph by paragraph; what has no Chinese stays.
fn paragraphs(english: &str, texts: &Texts) -> String {
    let told = |text: &str| texts.get(text).cloned();
    told(english).unwrap_or_else(|| {
        let each = english.split("\n\n").map(|part| told(part).unwrap_or_else(|| part.to_owned()));
        each.collect::<Vec<_>>().join("\n\n")
    })
}

#[cfg(test)]
mod tests {
    use super::super::language_of;
    use super::*;
    use crate::report::expected::assert_expected;

    #[test]
    fn the_main_page_lacks_no_chinese() {
        let command = chinese(Args::command());
        for argument in command.get_arguments() {
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains(|c: char| c > '\u{2e80}'), "{}: {help}", argument.get_id());
        }
    }

    /// Hands over every text of a command and of its own commands.
    fn every(command: &clap::Command, take: &mut dyn FnMut(String)) {
        let styled = [command.get_about(), command.get_long_about(), command.get_after_help()];
        let arguments = command.get_arguments().map(|argument| argument.get_help());
        styled.into_iter().chain(arguments).flatten().for_each(|text| take(text.to_string()));
        command.get_subcommands().for_each(|command| every(command, take));
    }

    #[test]
    fn no_page_lacks_chinese() {
        for command in chinese(Args::command()).get_subcommands() {
            every(command, &mut |text| {
                for part in text.split("\n\n") {
                    assert!(
                        part.contains(|c: char| c > '\u{2e80}'),
                        "{}: no Chinese for: {part}",
                        command.get_name()
                    );
                }
            });
        }
    }

    #[test]
    fn no_chinese_is_left_over() {
        let mut built = Args::command();
        built.build();
        let mut english = String::new();
        built.get_subcommands().for_each(|command| every(command, &mut |text| english.push_str(&text)));
        assert!(texts().len() > 50);
        for text in texts().keys() {
            assert!(english.contains(text.as_str()), "not in the help: {text}");
        }
    }

    #[test]
    fn choices_of_commands_are_named_in_chinese() {
        fn check(command: &clap::Command) {
            for argument in command.get_arguments().filter(|argument| argument.get_action().takes_values()) {
                let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
                for value in argument.get_possible_values() {
                    assert!(help.contains(value.get_name()), "{}: {}", argument.get_id(), value.get_name());
                }
            }
            command.get_subcommands().for_each(check);
        }
        chinese(Args::command()).get_subcommands().for_each(check);
    }

    #[test]
    fn both_languages_name_the_same_choices() {
        let english = Args::command();
        for argument in english.get_arguments().filter(|argument| argument.get_action().takes_values()) {
            let told = OPTIONS.iter().find(|(id, _)| argument.get_id() == id).unwrap().1;
            for value in argument.get_possible_values() {
                assert!(told.contains(value.get_name()), "{}: {}", argument.get_id(), value.get_name());
            }
        }
    }

    #[test]
    fn the_chinese_help_is_as_committed() {
        let text = chinese(Args::command()).term_width(100).render_long_help().to_string();
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        assert_expected("tests/expected/help.zh.txt", &(lines.join("\n") + "\n"));
    }

    #[test]
    fn the_language_changes_nothing_but_the_help() {
        use clap::FromArgMatches as _;
        let line =
            ["x", "--lang", "zh-CN", "--format", "html", "--for", "engineer", "case.zip"].map(str::to_owned);
        let matches = command(language_of(&line, Lang::En)).get_matches_from(line.iter());
        let args = Args::from_arg_matches(&matches).unwrap();
        assert_eq!(args.lang.map(Lang::from), Some(Lang::Zh));
        assert_eq!(args.analyze.format, super::super::Format::Html);
    }
}
