//! The help in Chinese: each text by the command and the option that it is about.

use std::ffi::{OsStr, OsString};

use clap::{Arg, Command, CommandFactory as _, ValueEnum as _};

use super::Lang;
use crate::args::Args;

/// Headings of the help, which clap has in English only.
const TEMPLATE: &str = "{before-help}{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}";

/// The texts, by `option` or `command option`; what stands under `command` alone is about the command itself. Values that
/// may be chosen are told here, for clap has them in English only.
const TEXTS: &[(&str, &str)] = &[
    (
        "",
        "收集终端无法获取 TETRA 病毒库的原因所需的信息，写入一个 zip 文件。\n\n退出码：0 全部步骤完成；1 部分步骤失败，诊断包已写入；2 没有诊断包；130 被中断，诊断包不完整。",
    ),
    ("output", "要写入的诊断包，或其所在的文件夹（默认：Windows 上为桌面，其他系统为当前文件夹）"),
    (
        "redact",
        "诊断包中不包含的内容：none（全部保留）、secrets（不含密码、令牌、Cookie 等）或 full（此外用户名、主机名、地址和硬件地址换成假名）",
    ),
    ("encrypt-to", "加密诊断包，只有持有此密钥的人才能打开（可多次使用）"),
    ("interval", "连接器的更新间隔，用于策略未说明时：90s、30m、4h"),
    ("until-attempt", "观察到一次更新尝试结束后几秒即停止，而不是等满整个间隔"),
    ("force-update", "抓包开始后让连接器立即检查病毒库（`sfc -forceupdate`）；与 --until-attempt 一样结束"),
    ("no-watch", "不等待更新尝试：不抓包，不开调试日志，只收集当前已有的内容"),
    ("all-traffic", "捕获全部流量，而不只是 DNS、HTTP、HTTPS、代理和更新服务器的流量"),
    ("capture-limit", "最多保留多少 MiB 的数据包：保留最新的"),
    ("guided", "逐步说明并询问，与双击启动时一样"),
    ("lang", "显示所用的语言：en（英文）或 zh-CN（简体中文）；默认为系统语言"),
    ("yes", "不询问任何问题：用于脚本"),
    ("dry-run", "只显示将会读取和运行的内容，不做任何操作"),
    ("no-probes", "不从本机测试任何连接"),
    ("log-limit", "最多收集多少 MiB 的日志：收集最新的"),
    ("install", "连接器的文件夹，用于未能自动找到时"),
    ("help", "显示帮助（-h 为摘要）"),
    ("version", "显示版本"),
    ("resume", "封装被中断的运行所留下的内容"),
    ("resume folder", "暂存文件夹，或其所在的文件夹（默认：诊断包存放处最新的一个）"),
    ("map", "打开诊断包的假名对照表；会询问其口令"),
    ("map file", "对照表，位于诊断包旁边：NAME.map.age"),
    ("map text", "与该诊断包有关的文本，例如其报告：显示时换回原来的名称"),
    ("restore", "恢复之前的运行所更改而未能自行恢复的内容：调试日志、事件日志、抓包"),
    (
        "seal",
        "封装一个按诊断包布局的文件夹：带哈希的清单，一个 zip。\n\n文件应位于诊断包中的位置：connector/local.xml、connector/policy.xml、connector/posture.json、connector/logs/*、network/capture.pcapng 等，其他文件也会一并收入。文件夹中的 manifest.json 提供时间、主机信息和步骤；其文件列表会重新生成。",
    ),
    ("seal folder", "要封装的文件夹。不会跟随其中的链接"),
    ("seal output", "要写入的诊断包。不会覆盖已有文件"),
    ("seal time", "收集的时间，用于文件夹的清单未给出时（默认：现在）"),
    (
        "seal redact",
        "不包含的内容：none（全部保留）、secrets（密码、令牌等）或 full（此外名称和地址换成假名）。封装后会在诊断包中搜索是否有遗漏",
    ),
    ("probe", "从本机测试能否连接到连接器的服务器，不更改任何内容"),
    ("probe server", "更新服务器，按策略中的写法（默认：厂商的服务器）"),
    ("probe proxy", "连接器策略中的代理"),
    ("probe resolve", "为某主机指定地址而不做查询；可多次使用"),
    ("probe limit", "全部测试的时间，单位为秒"),
    ("probe json", "按诊断包中的形式显示记录：每行一个 JSON 对象"),
    ("upload", "通过 HTTPS 把诊断包交给支持案例；传输过程加密，且只在您运行此命令时才发送"),
    ("upload bundle", "要交付的诊断包"),
    ("upload case", "支持案例的编号（SR）"),
    ("upload token-file", "只含该案例上传令牌的文件"),
    ("upload proxy", "要使用的代理（默认：环境变量中的，其次为系统的）"),
    ("upload to", "上传到的文件夹"),
    ("upload ca-file", "代替系统证书而信任的证书（PEM）"),
    ("upload tries", "尝试的次数"),
    ("help-command", "显示本帮助或某个命令的帮助"),
];

/// Gives the language that the arguments ask for, else the system's, before they are read.
#[must_use]
pub fn lang_of(arguments: &[OsString], system: Lang) -> Lang {
    asked(arguments).unwrap_or(system)
}

/// Gives the definition of the command line, with its help in a language.
#[must_use]
pub fn command(lang: Lang) -> Command {
    match lang {
        Lang::En => Args::command(),
        Lang::Zh => chinese(Args::command()),
    }
}

/// Puts a `--lang` that stands before the name of a command behind it: before it, clap would take the name for an argument.
#[must_use]
pub fn lang_behind_command(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let count = match arguments.get(1).and_then(|first| first.to_str()) {
        Some("--lang") => 2,
        Some(first) if first.starts_with("--lang=") => 1,
        _ => return arguments,
    };
    let name = arguments.get(count + 1);
    if name.is_some_and(|name| Args::command().find_subcommand(name).is_some())
        && let Some(part) = arguments.get_mut(1..=count + 1)
    {
        part.rotate_right(1);
    }
    arguments
}

/// Gives the language that the arguments ask for, before they are read.
fn asked(arguments: &[OsString]) -> Option<Lang> {
    let mut words = arguments.iter().skip(1).map(OsString::as_os_str).take_while(|word| *word != "--");
    let mut found = None;
    while let Some(word) = words.next() {
        let value = match word.to_str().and_then(|word| word.strip_prefix("--lang")) {
            Some("") => words.next().and_then(OsStr::to_str),
            Some(value) => value.strip_prefix('='),
            None => None,
        };
        found = value.and_then(|value| Lang::from_str(value, true).ok()).or(found);
    }
    found
}

fn chinese(mut command: Command) -> Command {
    command.build();
    let commands: Vec<String> =
        command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let command = page(command, "");
    commands.iter().fold(command, |command, name| command.mut_subcommand(name, |own| page(own, name)))
}

/// Gives the page of a command in Chinese.
fn page(command: Command, name: &str) -> Command {
    let mut command = command.help_template(TEMPLATE).subcommand_help_heading("命令");
    if let Some(text) = about(name) {
        let first = text.split("\n\n").next().unwrap_or(text).trim_end_matches('。');
        command = command.about(first).long_about(text);
    }
    command.mut_args(|argument| {
        let heading = if argument.is_positional() { "参数" } else { "选项" };
        let text = of(&argument, name);
        let argument = argument.help_heading(heading).hide_possible_values(true);
        let values: Vec<_> =
            argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
        let text = text.map(|text| match values.join("、") {
            given if given.is_empty() || !argument.get_action().takes_values() => text.to_owned(),
            given => format!("{text}（默认：{given}）"),
        });
        match text {
            Some(text) => argument.help(text.clone()).long_help(text).hide_default_value(true),
            None => argument,
        }
    })
}

fn about(command: &str) -> Option<&'static str> {
    // The command that clap adds itself has the name of an option.
    text(if command == "help" { "help-command" } else { command })
}

/// Gives the text of an argument: of the command's own, or else of all commands'.
fn of(argument: &Arg, command: &str) -> Option<&'static str> {
    let id = argument.get_long().unwrap_or(argument.get_id().as_str());
    text(&format!("{command} {id}")).or_else(|| text(id))
}

fn text(key: &str) -> Option<&'static str> {
    TEXTS.iter().find(|(own, _)| *own == key).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::Parser as _;

    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    /// Hands over each command with its name; the main page has none.
    fn each(command: &Command, take: &mut dyn FnMut(&Command, &str)) {
        take(command, "");
        command.get_subcommands().for_each(|own| take(own, own.get_name()));
    }

    fn is_chinese(text: &str) -> bool {
        text.contains(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter))
    }

    #[test]
    fn no_command_and_no_option_lacks_its_chinese() {
        each(&chinese(Args::command()), &mut |command, name| {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            assert!(is_chinese(&about), "{name}: {about}");
            for argument in command.get_arguments().filter(|one| !one.is_hide_set()) {
                let told = argument.get_help().map(ToString::to_string).unwrap_or_default();
                let id = argument.get_id();
                assert!(is_chinese(&told) || name == "help", "{name} {id}: {told}");
                for value in argument.get_possible_values() {
                    let flag = !argument.get_action().takes_values();
                    assert!(flag || told.contains(value.get_name()), "{name} {id}: {}", value.get_name());
                }
            }
        });
    }

    #[test]
    fn no_chinese_is_left_over() {
        let mut built = Args::command();
        built.build();
        let mut wanted = BTreeSet::from(["help-command".to_owned()]);
        each(&built, &mut |command, name| {
            wanted.insert(name.to_owned());
            for argument in command.get_arguments() {
                let id = argument.get_long().unwrap_or(argument.get_id().as_str());
                wanted.extend([id.to_owned(), format!("{name} {id}")]);
            }
        });
        let texts: BTreeSet<&str> = TEXTS.iter().map(|(key, _)| *key).collect();
        assert_eq!(texts.len(), TEXTS.len(), "each stands once");
        for key in texts {
            assert!(wanted.contains(key), "not in the help: {key}");
        }
    }

    #[test]
    fn the_help_is_in_the_language_that_is_asked_for() {
        let help = |line: &str, system| {
            let arguments = lang_behind_command(words(line));
            command(lang_of(&arguments, system)).try_get_matches_from(arguments).unwrap_err().to_string()
        };
        for line in ["x --lang zh-CN --help", "x seal --lang=zh --help", "x --lang zh-CN seal -h"] {
            let told = help(line, Lang::En);
            assert!(told.contains("用法：") && !told.contains("Usage"), "{line}: {told}");
        }
        assert!(help("x --help", Lang::Zh).contains("选项"));
        assert!(help("x --lang en probe --help", Lang::Zh).contains("Usage"));
        assert!(help("x help upload", Lang::Zh).contains("支持案例的编号"));
    }

    #[test]
    fn the_language_changes_nothing_else() {
        use clap::FromArgMatches as _;
        for line in
            ["x --lang zh-CN --redact none --interval 30m", "x --lang zh-CN seal a -o b --redact secrets"]
        {
            let arguments = lang_behind_command(words(line));
            let read = |system| {
                let matches = command(lang_of(&arguments, system)).try_get_matches_from(&arguments).unwrap();
                Args::from_arg_matches(&matches).unwrap()
            };
            assert_eq!(
                format!("{:?}", read(Lang::Zh)),
                format!("{:?}", Args::parse_from(&arguments)),
                "{line}"
            );
            assert_eq!(read(Lang::En).collect.lang, Some(Lang::Zh), "{line}");
        }
    }
}
