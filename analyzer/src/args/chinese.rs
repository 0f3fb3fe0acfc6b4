//! The help in Chinese: the texts of the definition, found by their English.

use clap::CommandFactory as _;

use super::{Args, language};
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
    ("help", "显示帮助（-h 为摘要）"),
    ("version", "显示版本"),
];

/// What the commands do.
const COMMANDS: &[(&str, &str)] = &[
    ("code", "离线查询错误码：lasterror（无符号、有符号或十六进制）、HRESULT、WinHTTP、curl、HTTP ……"),
    ("rules", "编写、检查、测试和解释规则"),
    ("verify", "按清单核对诊断包：文件齐全、哈希正确、没有多余内容"),
    ("completions", "打印 shell 的命令补全"),
    ("schema", "打印 JSON 报告的 JSON Schema"),
    ("slice", "生成小抓包：只含与诊断有关的数据包，并为证据加注释"),
    ("diff", "比较两份输入：同一终端的前后，或一好一坏；只显示差异"),
    ("watch", "监视目录：诊断包一到就分析，报告放在旁边"),
    ("batch", "批量分析归档的案例，每个案例一个进程，汇总到一张表；可导出和统计"),
];

/// Gives the definition of the command line, with its help in the language that the arguments or the system ask for.
pub fn command(arguments: &[String], system: Lang) -> clap::Command {
    match language::asked(arguments).unwrap_or(system) {
        Lang::En => Args::command(),
        Lang::Zh => chinese(Args::command()),
    }
}

fn chinese(mut command: clap::Command) -> clap::Command {
    command.build();
    let mut command = command
        .about("查明 Cisco Secure Endpoint 得不到 TETRA 病毒库的唯一原因，并给出证据")
        .help_template(TEMPLATE)
        .subcommand_help_heading("命令")
        .after_help(AFTER_HELP)
        .after_long_help(AFTER_LONG_HELP)
        .mut_args(|argument| {
            let told = OPTIONS.iter().find(|(id, _)| argument.get_id() == id);
            let heading = if argument.is_positional() { "参数" } else { "选项" };
            let argument = argument.help_heading(heading).hide_possible_values(true);
            match told {
                Some((_, help)) => argument.help(*help).long_help(*help),
                None => argument,
            }
        });
    for (name, about) in COMMANDS {
        if command.find_subcommand(name).is_some() {
            // Only the list is in Chinese: a command's own page keeps its examples and its exit statuses in English.
            command = command.mut_subcommand(name, |command| command.about(*about));
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::expected::assert_expected;

    #[test]
    fn the_main_page_lacks_no_chinese() {
        let command = chinese(Args::command());
        for argument in command.get_arguments() {
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains(|c: char| c > '\u{2e80}'), "{}: {help}", argument.get_id());
        }
        for command in command.get_subcommands() {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            assert!(about.contains(|c: char| c > '\u{2e80}'), "{}: {about}", command.get_name());
        }
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
        let matches = command(&line, Lang::En).get_matches_from(line.iter());
        let args = Args::from_arg_matches(&matches).unwrap();
        assert_eq!(args.lang.map(Lang::from), Some(Lang::Zh));
        assert_eq!(args.analyze.format, super::super::Format::Html);
    }
}
