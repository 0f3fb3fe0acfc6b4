//! The page for people that goes with a bundle, `README.txt`: what is in it, and what is not.

use std::fmt::Write;

use tetra_bundle::{Manifest, SourceId, StepStatus};

use super::Lang;

/// Writes the page for a bundle with these files.
#[must_use]
pub fn page(manifest: &Manifest, files: &[String], lang: Lang) -> String {
    let mut page = String::new();
    let pick = |texts| lang.pick(texts);
    let mut say = |line: &str| {
        let _ = writeln!(page, "{line}");
    };
    say(pick((
        "This file was made by tetra-collect. It holds what tells why this computer\ndoes not get the TETRA definitions of its Cisco Secure Endpoint connector.",
        "本文件由 tetra-collect 生成，包含用于判断本机 Cisco Secure Endpoint 连接器\n为何无法获取 TETRA 病毒库的信息。",
    )));
    say("");
    say(pick(("What is in it:", "包含的内容：")));
    for path in files {
        say(&format!("  {path}\n      {}", pick(describe(tetra_bundle::source_of(path)))));
    }
    let lacking: Vec<_> = manifest.steps.iter().filter(|step| step.status != StepStatus::Done).collect();
    if !lacking.is_empty() {
        say("");
        say(pick(("What is not in it, or not whole:", "未包含或不完整的内容：")));
    }
    for step in lacking {
        let reason = step.reason.as_deref().unwrap_or("-");
        say(&format!("  {} ({}): {reason}", step.name, pick(status(step.status))));
    }
    say("");
    say(pick((
        "manifest.json says the same for programs, with the SHA-256 of every file, and what was replaced in it.",
        "manifest.json 以程序可读的形式记录同样的内容，以及每个文件的 SHA-256 和被替换的信息。",
    )));
    page
}

/// Names what became of a step.
pub fn status(status: StepStatus) -> (&'static str, &'static str) {
    match status {
        StepStatus::Done => ("done", "完成"),
        StepStatus::Skipped => ("skipped", "跳过"),
        StepStatus::Failed => ("failed", "失败"),
        StepStatus::Timeout => ("took too long", "超时"),
        StepStatus::Denied => ("not allowed", "无权限"),
        StepStatus::Withheld => ("withheld", "已扣留"),
        StepStatus::Unknown => ("unknown", "未知"),
    }
}

/// Describes what a file is, for the one whose computer it comes from.
fn describe(source: SourceId) -> (&'static str, &'static str) {
    match source {
        SourceId::Manifest => ("the table of contents", "目录清单"),
        SourceId::LocalXml => ("the connector's state at the start", "连接器在开始时的状态"),
        SourceId::LocalXmlEnd => ("the connector's state at the end", "连接器在结束时的状态"),
        SourceId::PolicyXml => ("the connector's policy", "连接器的策略"),
        SourceId::Posture => ("what the connector says of itself at the start", "连接器在开始时的自述"),
        SourceId::PostureEnd => ("what the connector says of itself at the end", "连接器在结束时的自述"),
        SourceId::ConnectorLog => ("a log of the connector", "连接器日志"),
        SourceId::TetraPlugins => {
            ("names, lengths and times of the definition files", "病毒库文件的名称、大小和时间")
        }
        SourceId::Capture => {
            ("network packets: update, DNS, revocation, proxy", "网络数据包：更新、DNS、证书吊销、代理")
        }
        SourceId::Probes => (
            "what tetra-collect tried itself: DNS, TCP, TLS, HTTP",
            "tetra-collect 自行测试的结果：DNS、TCP、TLS、HTTP",
        ),
        SourceId::NetworkConfig => ("network adapters, DNS servers, proxies", "网卡、DNS 服务器、代理设置"),
        SourceId::Hosts => {
            ("the entries of the hosts file for the vendor's names", "hosts 文件中与厂商域名有关的条目")
        }
        SourceId::Capi2 => ("Windows events on checks of certificates", "Windows 证书验证事件"),
        SourceId::Schannel => ("Windows events on TLS connections", "Windows TLS 连接事件"),
        SourceId::SecureEndpointEvents => ("the connector's Windows events", "连接器的 Windows 事件"),
        SourceId::Services => ("the state of the services that updates need", "更新所需服务的状态"),
        SourceId::Certificates => ("the hashes of this computer's root certificates", "本机根证书的哈希"),
        SourceId::Power => ("when this computer slept or was off", "本机休眠或关机的时间"),
        SourceId::CollectorLog => ("what tetra-collect did, and when", "tetra-collect 的操作记录"),
        SourceId::Readme => ("this page", "本说明"),
        SourceId::CurlTranscript => ("a session of curl", "curl 会话记录"),
        SourceId::ResolveDnsTranscript => ("a session of Resolve-DnsName", "Resolve-DnsName 会话记录"),
        SourceId::ConsoleRecord => ("the console's record of this computer", "控制台中本机的记录"),
        SourceId::Unknown => ("something else", "其他"),
    }
}

#[cfg(test)]
mod tests {
    use tetra_bundle::StepRecord;

    use super::*;

    #[test]
    fn says_what_is_in_it_and_what_is_not() {
        let mut manifest = Manifest::default();
        let (name, reason) = ("policy.xml".to_owned(), Some("not allowed here".to_owned()));
        manifest.steps.push(StepRecord { name, status: StepStatus::Denied, reason, ms: None });
        let files = ["connector/local.xml".to_owned()];
        let page = page(&manifest, &files, Lang::En);
        assert!(page.contains("connector/local.xml\n      the connector's state at the start"), "{page}");
        assert!(page.contains("policy.xml (not allowed): not allowed here"), "{page}");
        assert!(super::page(&manifest, &files, Lang::Zh).contains("policy.xml (无权限)"));
        for source in SourceId::ALL {
            let (english, chinese) = describe(source);
            assert!(english.is_ascii() && chinese.chars().any(|letter| letter >= '\u{4e00}'), "{source}");
        }
    }
}
