//! Errors in Chinese. They are made in English, where they arise; here each is known again by its form.

use std::error::Error;

use super::{Lang, Text};

/// How deep an error may stand in another.
const DEPTH: usize = 4;

/// English with `{}` where something stands that differs, and Chinese with the same in the same order. What stands there
/// may have a form of its own.
const TABLE: &[(&str, &str)] = &[
    // What cannot be sealed.
    ("cannot open the folder `{}`", "无法打开文件夹 `{}`"),
    (
        "`{}` has no file to seal (expected connector/local.xml, network/capture.pcapng and others)",
        "`{}` 中没有可封装的文件（应有 connector/local.xml、network/capture.pcapng 等）",
    ),
    ("cannot read the manifest `{}`: {}", "无法读取清单 `{}`：{}"),
    ("cannot leave out what is private", "无法去除隐私信息"),
    ("no file can be handed over: {}", "没有可以交付的文件：{}"),
    ("the bundle would still have what is to be left out: {}", "诊断包中仍有应去除的内容：{}"),
    ("cannot write `{}`", "无法写入 `{}`"),
    (
        "`{}` exists already (expected a name that is free: older bundles are kept)",
        "`{}` 已存在（应为未使用的名称：旧的诊断包会保留）",
    ),
    ("`{}` cannot be the name of an entry: {}", "`{}` 不能作为条目的名称：{}"),
    ("it is there already, and older bundles are kept", "它已存在，旧的诊断包会保留"),
    ("a file of that name is there already", "已有同名文件"),
    ("it is not a regular file", "它不是普通文件"),
    // What cannot be handed over.
    ("cannot read the bundle `{}`", "无法读取诊断包 `{}`"),
    ("it is no file, or an empty one", "它不是文件，或者是空的"),
    ("cannot read the token from `{}`", "无法从 `{}` 读取令牌"),
    (
        "`{}` does not hold one token (expected one line of letters and digits)",
        "`{}` 中没有唯一的令牌（应为一行字母和数字）",
    ),
    (
        "`{}` is no case number (expected digits, as in 612345678)",
        "`{}` 不是案例编号（应为数字，如 612345678）",
    ),
    (
        "`{}` does not begin with https://: the token would be readable on the way",
        "`{}` 不是以 https:// 开头：令牌在途中可能被他人读取",
    ),
    (
        "there is no certificate to believe (--ca-file, or the system's store)",
        "没有可信任的证书（--ca-file 或系统的证书存储）",
    ),
    (
        "the server does not accept the case number with this token (401): check both; a token is for one case and is valid for 72 days, and support can give you a new one",
        "服务器不接受此案例编号与令牌（401）：请核对两者；一个令牌只用于一个案例，有效期 72 天，可向技术支持索取新的令牌",
    ),
    (
        "the server answered {}, and not 201: the bundle was not taken",
        "服务器返回 {} 而不是 201：未接收诊断包",
    ),
    ("the server is not believed, and nothing was sent to it: {}", "服务器不受信任，未向其发送任何内容：{}"),
    ("the server is not believed: {}", "服务器不受信任：{}"),
    ("the proxy does not lead to the server: {}", "代理未能连通服务器：{}"),
    ("cannot hand the bundle over, after {} tries: {}", "尝试 {} 次后仍无法交付诊断包：{}"),
    ("the server answered {}", "服务器返回 {}"),
    (
        "it asks for a sign-in (407), which is not supported; hand the bundle over by the case's web page",
        "代理要求登录（407），本程序不支持；请通过案例的网页交付诊断包",
    ),
    ("what was given is none", "给出的内容不是代理"),
    ("the proxy answered {}", "代理返回 {}"),
    ("a proxy of this kind is not supported", "不支持此类代理"),
    ("the bundle cannot be read: {}", "无法读取诊断包：{}"),
    ("it became shorter", "它变短了"),
    ("the server has no valid name", "服务器没有有效的名称"),
    ("no answer for `{}`", "查询 `{}` 没有应答"),
    ("the name `{}` is not found", "找不到名称 `{}`"),
    ("the head of the answer does not end", "应答的头部没有结束"),
    ("not an HTTP answer: {}", "不是 HTTP 应答：{}"),
    // What cannot be opened, and what cannot be tested.
    ("cannot open `{}`: {}", "无法打开 `{}`：{}"),
    ("cannot read the text: {}", "无法读取该文本：{}"),
    ("it is no map: {}", "它不是对照表：{}"),
    ("the passphrase does not open it", "口令不正确"),
    ("the system has no random numbers", "系统没有可用的随机数"),
    ("`{}` is no server", "`{}` 不是服务器"),
    ("the proxy given is none (expected HOST:PORT)", "给出的代理无效（应为 HOST:PORT）"),
    ("`{}` is not HOST=ADDRESS", "`{}` 不是 HOST=ADDRESS 的形式"),
    // What the arguments lack: the first are this program's own, the others clap's and the system's, which
    // on Windows speaks the user's language.
    (
        "expected a time between 1s and 168h, such as 90s, 30m, 4h",
        "应为 1s 到 168h 之间的时间，如 90s、30m、4h",
    ),
    ("it is no public key of age (age1…): {}", "它不是 age 的公钥（age1…）：{}"),
    ("error: {}", "错误：{}"),
    ("tip: {}", "提示：{}"),
    ("Usage: {}", "用法：{}"),
    ("For more information, try '{}'.", "详细信息请运行 '{}'。"),
    ("unexpected argument '{}' found", "意外的参数 '{}'"),
    ("unrecognized subcommand '{}'", "未知的命令 '{}'"),
    ("invalid value '{}' for '{}': {}", "'{}' 不是 '{}' 的有效值：{}"),
    ("invalid value '{}' for '{}'", "'{}' 不是 '{}' 的有效值"),
    ("[possible values: {}]", "[可选值：{}]"),
    ("a value is required for '{}' but none was supplied", "'{}' 需要一个值，但没有给出"),
    ("the argument '{}' cannot be used with '{}'", "参数 '{}' 不能与 '{}' 同时使用"),
    ("the argument '{}' cannot be used with:", "参数 '{}' 不能与以下参数同时使用："),
    ("the argument '{}' cannot be used multiple times", "参数 '{}' 不能多次使用"),
    ("the subcommand '{}' cannot be used with '{}'", "命令 '{}' 不能与 '{}' 同时使用"),
    ("the following required arguments were not provided:", "缺少以下必需的参数："),
    ("unexpected value '{}' for '{}' found; no more were expected", "'{}' 对 '{}' 是多余的值"),
    ("a similar argument exists: '{}'", "有一个相近的参数：'{}'"),
    ("a similar subcommand exists: '{}'", "有一个相近的命令：'{}'"),
    ("a similar value exists: '{}'", "有一个相近的值：'{}'"),
    ("some similar arguments exist: {}", "有几个相近的参数：{}"),
    ("some similar subcommands exist: {}", "有几个相近的命令：{}"),
    ("some similar values exist: {}", "有几个相近的值：{}"),
    ("to pass '{}' as a value, use '{}'", "要把 '{}' 作为值，请使用 '{}'"),
    ("invalid digit found in string", "它不是数字"),
    ("cannot parse integer from empty string", "它是空的"),
    ("number too large to fit in target type", "数值过大"),
    ("No such file or directory (os error 2)", "没有该文件或文件夹（os error 2）"),
    ("Permission denied (os error 13)", "权限不足（os error 13）"),
    ("No space left on device (os error 28)", "磁盘空间不足（os error 28）"),
    ("Connection refused (os error 111)", "连接被拒绝（os error 111）"),
    ("{} is not in {}", "{} 不在 {} 之内"),
];

/// Says an error and its causes in one line.
pub fn fault(error: &(dyn Error + 'static), lang: Lang) -> String {
    let mut said = told(&error.to_string(), lang);
    let mut cause = error.source();
    while let Some(inner) = cause {
        said.push_str(lang.pick((": ", "：")));
        said.push_str(&told(&inner.to_string(), lang));
        cause = inner.source();
    }
    lang.say(Text::Fault, &[&said])
}

/// Says a message in a language; what has no known form stays as it is.
pub fn told(text: &str, lang: Lang) -> String {
    match lang {
        Lang::En => text.to_owned(),
        Lang::Zh => chinese(text, DEPTH).unwrap_or_else(|| text.to_owned()),
    }
}

/// Says what is wrong with the arguments, line by line as clap does.
#[must_use]
pub fn usage(error: &clap::Error, lang: Lang) -> String {
    let text = error.render().to_string();
    text.split_inclusive('\n')
        .map(|line| {
            let bare = line.trim();
            line.replacen(bare, &told(bare, lang), usize::from(!bare.is_empty()))
        })
        .collect()
}

/// Gives the Chinese of a text whose form is known; of several forms the longest counts.
fn chinese(text: &str, depth: usize) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    let known =
        TABLE.iter().filter_map(|(english, other)| Some((english.len(), other, values(text, english)?)));
    let (_, other, values) = known.max_by_key(|(length, ..)| *length)?;
    let mut values =
        values.into_iter().map(|value| chinese(value, depth).unwrap_or_else(|| value.to_owned()));
    let mut pieces = other.split("{}");
    let mut said = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        said.push_str(&values.next().unwrap_or_default());
        said.push_str(piece);
    }
    Some(said)
}

/// Gives what stands in the places of a form, if the text has that form.
fn values<'t>(text: &'t str, form: &str) -> Option<Vec<&'t str>> {
    let Some((form, last)) = form.rsplit_once("{}") else { return (text == form).then(Vec::new) };
    let mut pieces = form.split("{}");
    let mut rest = text.strip_prefix(pieces.next()?)?;
    let mut values = Vec::new();
    for piece in pieces {
        let (value, behind) = rest.split_once(piece)?;
        values.push(value);
        rest = behind;
    }
    values.push(rest.strip_suffix(last)?);
    Some(values)
}

#[cfg(test)]
mod tests;
