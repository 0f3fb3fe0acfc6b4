//! What is not in a bundle, and why, in plain words: for the one whose computer it is. The manifest keeps the exact ones.

use tetra_bundle::{StepRecord, StepStatus};

use super::{Lang, Text};

/// What a text is in English and in Chinese, `{}` for what differs.
type Both = (&'static str, &'static str);

/// Steps by their names; `{}` is the path of a file.
const STEPS: &[(&str, Both)] = &[
    ("local.xml", ("the connector's state", "连接器的状态")),
    ("local.xml at the end", ("the connector's state at the end", "连接器在结束时的状态")),
    ("posture", ("what the connector says of itself", "连接器的自述")),
    ("posture at the end", ("what the connector says of itself at the end", "连接器在结束时的自述")),
    ("policy.xml", ("the connector's policy", "连接器的策略")),
    ("tetra-plugins", ("the list of definition files", "病毒库文件列表")),
    ("services", ("the state of Windows services", "Windows 服务的状态")),
    ("certificates", ("the root certificates of this computer", "本机的根证书")),
    ("network", ("the network settings", "网络设置")),
    ("hosts", ("the hosts file", "hosts 文件")),
    ("probes", ("the tests of the connection to the servers", "到服务器的连接测试")),
    ("logs", ("the connector's logs", "连接器日志")),
    ("power", ("when this computer slept or was off", "本机休眠或关机的时间")),
    ("event log capi2", ("Windows events on certificates", "Windows 证书事件")),
    ("event log schannel", ("Windows events on encrypted connections", "Windows 加密连接事件")),
    ("event log secure endpoint", ("the connector's Windows events", "连接器的 Windows 事件")),
    ("event log capi2 on", ("switching more Windows events on", "开启更详细的 Windows 事件")),
    ("event log capi2 off", ("switching those Windows events off again", "关闭更详细的 Windows 事件")),
    ("debug log on", ("switching the connector's detailed log on", "开启连接器的详细日志")),
    ("debug log off", ("switching the connector's detailed log off again", "关闭连接器的详细日志")),
    ("capture on", ("beginning to record network traffic", "开始记录网络流量")),
    ("capture", ("the network traffic", "网络流量")),
    ("watch", ("the wait for an update", "等待更新")),
    ("force update", ("having the connector look for updates", "让连接器检查更新")),
    ("sufficiency", ("whether it is enough", "内容是否足够")),
    ("leak check", ("the search for private information", "隐私信息检查")),
    ("seal", ("writing the file", "写入文件")),
    ("redact {}", ("the file {}", "文件 {}")),
    ("seal {}", ("the file {}", "文件 {}")),
];

/// Reasons as the manifest has them, with `{}` for what differs, which may be told too.
const REASONS: &[(&str, Both)] = &[
    ("{}: it is not there", ("it is not there ({})", "不存在（{}）")),
    ("there is no log in {}", ("there is no log in {}", "{} 中没有日志")),
    ("there is no definition file", ("there is no definition file", "没有病毒库文件")),
    (
        "this connector has no AmpCLI",
        ("this version of the connector cannot be asked", "此版本的连接器不支持查询"),
    ),
    (
        "the connector's program sfc is not there",
        ("the connector's program is not there", "找不到连接器的程序"),
    ),
    (
        "the connector keeps its policy to itself{}",
        (
            "the connector keeps its policy to itself, which is normal for newer versions",
            "连接器不允许读取其策略；对较新版本而言这是正常的",
        ),
    ),
    ("this system has no wevtutil", ("this computer has no Windows event logs", "本机没有 Windows 事件日志")),
    ("only Windows {}", ("this is there on Windows only", "仅 Windows 才有")),
    (
        "this machine has no program that captures packets",
        ("this computer has no program that records network traffic", "本机没有可以记录网络流量的程序"),
    ),
    (
        "the disk has only {} bytes free",
        ("the disk is nearly full ({} bytes free)", "磁盘空间不足（剩余 {} 字节）"),
    ),
    ("nothing was changed", ("there was nothing to put back", "没有需要恢复的更改")),
    ("nothing was captured", ("no network traffic came in", "没有记录到任何流量")),
    ("it was not begun{}", ("it was not begun", "未开始")),
    (
        "ended after {} s, what came until then is kept",
        (
            "it took longer than {} seconds; what came until then is kept",
            "超过 {} 秒未完成；此前的内容已保留",
        ),
    ),
    ("the run was interrupted before it", ("you ended the program before it", "在此之前程序已被中断")),
    ("the run was interrupted", ("you ended the program meanwhile", "程序在此期间被中断")),
    (
        "the collector was ended in the middle of it{}",
        (
            "the program was ended in the middle of it; what it had written is kept",
            "程序在此期间被结束；已写入的内容已保留",
        ),
    ),
    ("it said nothing", ("the connector gave no answer", "连接器没有回答")),
    ("no test came to an end", ("no test came to an end in time", "测试未能按时完成")),
    ("the export is empty{}", ("Windows gave nothing out", "Windows 没有导出任何内容")),
    (
        "wevtutil does not say whether the log is on",
        ("Windows does not say whether it is on", "Windows 未说明是否已开启"),
    ),
    ("it stays off{}", ("Windows did not switch it on", "Windows 未能开启")),
    (
        "the log of CryptoAPI stays on{}",
        (
            "Windows did not switch it off again; run tetra-collect restore",
            "Windows 未能关闭；请运行 tetra-collect restore",
        ),
    ),
    (
        "the log of CryptoAPI is not switched off{}",
        ("it is still on; run tetra-collect restore", "仍处于开启状态；请运行 tetra-collect restore"),
    ),
    (
        "the debug log is not switched off{}",
        ("it is still on; run tetra-collect restore", "仍处于开启状态；请运行 tetra-collect restore"),
    ),
    (
        "the capture of pktmon is not ended{}",
        (
            "traffic is still recorded; run tetra-collect restore",
            "仍在记录流量；请运行 tetra-collect restore",
        ),
    ),
    (
        "the filters of pktmon are not removed{}",
        (
            "a setting of pktmon is left; run tetra-collect restore",
            "仍留有 pktmon 的设置；请运行 tetra-collect restore",
        ),
    ),
    (
        "the trace of netsh is not ended{}",
        (
            "traffic is still recorded; run tetra-collect restore",
            "仍在记录流量；请运行 tetra-collect restore",
        ),
    ),
    ("pktmon does not tell its state{}", ("Windows' pktmon does not answer", "Windows 的 pktmon 没有回答")),
    ("pktmon is not there any more", ("Windows' pktmon is gone", "Windows 的 pktmon 已不存在")),
    ("netsh is not there any more", ("Windows' netsh is gone", "Windows 的 netsh 已不存在")),
    (
        "the store of root certificates came out empty",
        ("Windows named no root certificate", "Windows 未列出任何根证书"),
    ),
    (
        "it ended too soon{}",
        ("recording stopped before its time; what came until then is kept", "记录提前停止；此前的内容已保留"),
    ),
    ("no thread for it{}", ("the computer is too busy", "计算机过于繁忙")),
    (
        "it broke off; this is a defect",
        ("an error in this program; please tell support", "本程序出错；请告知技术支持"),
    ),
    ("it is a symbolic link", ("it only points to another file", "它只是指向其他文件的链接")),
    ("it is not a regular file", ("it is no ordinary file", "它不是普通文件")),
    ("its name is not Unicode", ("its name cannot be written down", "其名称无法记录")),
    ("it cannot be read", ("it cannot be read", "无法读取")),
    ("its name tells what is to be left out{}", ("its name tells something private", "其名称含有隐私信息")),
    (
        "it is not a text, and cannot be cleaned{}",
        ("private information cannot be taken out of it", "无法去除其中的隐私信息"),
    ),
    (
        "it is an event log (EVTX), which cannot be cleaned{}",
        (
            "private information cannot be taken out of Windows event logs (--redact none keeps them)",
            "无法去除 Windows 事件日志中的隐私信息（--redact none 可保留）",
        ),
    ),
    (
        "it is not a capture that can be read{}",
        ("private information cannot be taken out of it", "无法去除其中的隐私信息"),
    ),
    (
        "the end of a secret in it cannot be found{}",
        ("it has a secret that cannot be taken out for sure", "其中有无法可靠去除的机密"),
    ),
    (
        "there are too many names to look for{}",
        ("it has too many names to take them all out", "其中的名称过多，无法全部去除"),
    ),
    (
        "the leak check still found in it{}",
        ("private information was still found in it", "其中仍发现隐私信息"),
    ),
];

/// What is told where no reason is known in plain words: the exact one is added.
fn otherwise(status: StepStatus) -> Both {
    match status {
        StepStatus::Done | StepStatus::Unknown => ("a remark: {}", "说明：{}"),
        StepStatus::Skipped => ("there was nothing to do ({})", "无需执行（{}）"),
        StepStatus::Failed => ("it did not work ({})", "未能完成（{}）"),
        StepStatus::Timeout => ("it took too long ({})", "超时（{}）"),
        StepStatus::Denied => ("this computer does not allow it ({})", "本机不允许（{}）"),
        StepStatus::Withheld => {
            ("it is kept back because of private information ({})", "因含隐私信息而未收入（{}）")
        }
    }
}

/// Says what a step is about.
pub fn what(step: &StepRecord, lang: Lang) -> String {
    plain(STEPS, &step.name, lang).unwrap_or_else(|| step.name.clone())
}

/// Says why a step is not done.
pub fn why(step: &StepRecord, lang: Lang) -> String {
    let reason = step.reason.as_deref().unwrap_or("-");
    if let Some(lacking) = reason.strip_prefix("this bundle may not answer the question: ") {
        return lacking
            .split("; ")
            .map(|lack| lacks(lack, lang))
            .collect::<Vec<_>>()
            .join(lang.pick(("; ", "；")));
    }
    plain(REASONS, reason, lang)
        .unwrap_or_else(|| lang.pick(otherwise(step.status)).replacen("{}", reason, 1))
}

/// Gives what a bundle lacks in a language, by its English.
fn lacks(english: &str, lang: Lang) -> String {
    let text = Text::ALL.into_iter().find(|text| text.both().0 == english);
    text.map_or_else(|| english.to_owned(), |text| lang.say(text, &[]))
}

/// Finds the plain words for a text.
fn plain(table: &[(&str, Both)], text: &str, lang: Lang) -> Option<String> {
    table.iter().find_map(|(pattern, both)| {
        let value = match pattern.split_once("{}") {
            None => (*pattern == text).then_some("")?,
            Some((before, behind)) => text.strip_prefix(before)?.strip_suffix(behind)?,
        };
        Some(lang.pick(*both).replacen("{}", value, 1))
    })
}

#[cfg(test)]
mod tests;
