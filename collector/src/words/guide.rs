//! The texts of the watch and of the guided mode: plain words for somebody who is no expert.

use super::Text;

/// Returns a text in English and in Simplified Chinese.
pub(super) fn both(text: Text) -> (&'static str, &'static str) {
    match text {
        Text::Restored => ("Put back: {}.", "已恢复：{}。"),
        Text::NotRestored => (
            "Not put back: {}. Run tetra-collect restore as an administrator.",
            "未能恢复：{}。请以管理员身份运行 tetra-collect restore。",
        ),
        Text::NothingChanged => (
            "Nothing on this computer is changed by tetra-collect any more.",
            "tetra-collect 在本机上没有留下任何更改。",
        ),
        Text::Live => ("Waiting for an update: {} left. {}", "正在等待更新：剩余 {}。{}"),
        Text::LiveSeen => ("Update attempt seen ✔", "已观察到更新尝试 ✔"),
        Text::LiveWaiting => ("No update attempt seen yet.", "尚未观察到更新尝试。"),
        Text::Lacks => ("The bundle may not be enough to find the cause:", "诊断包可能不足以找出原因："),
        Text::LackAttempt => ("no update attempt was seen", "未观察到更新尝试"),
        Text::LackEnd => ("the update attempt was not seen to end", "未观察到更新尝试结束"),
        Text::LackInterval => ("the watch was shorter than the update interval", "观察时间短于更新间隔"),
        Text::LackCapture => ("no network packets are captured", "没有捕获网络数据包"),
        Text::LackRing => (
            "the oldest network packets are lost: there were more than fit (--capture-limit)",
            "数据包过多，最早的已丢失（--capture-limit）",
        ),
        Text::LackRingUnknown => (
            "it cannot be told whether the oldest network packets are lost (--capture-limit)",
            "无法判断最早的网络数据包是否已丢失（--capture-limit）",
        ),
        Text::LackLines => {
            ("the connector's log did not say anything meanwhile", "期间连接器日志没有任何输出")
        }
        Text::LackAdvice => (
            "To mend this, run it again for longer (--interval), or with --force-update.",
            "如需补救，请延长时间重新运行（--interval），或使用 --force-update。",
        ),
        Text::OfferWait => ("  w  wait {} more minutes", "  w  再等待 {} 分钟"),
        Text::OfferForce => ("  f  have the connector look for updates now", "  f  让连接器立即检查更新"),
        Text::OfferSeal => ("  s  finish with what there is", "  s  用现有内容完成"),
        Text::OfferAsk => ("Your choice (w, f, s):", "请选择（w、f、s）："),
        Text::GuideWhat => ("1 of 3: What this program does", "第 1 步，共 3 步：本程序做什么"),
        Text::GuideReads => (
            "It finds out why Cisco Secure Endpoint on this computer does not get its virus definitions. It reads the logs, settings and state of Cisco Secure Endpoint, Windows events about certificates and encryption, the network settings, and the network traffic to update servers while it runs. It does not read your documents or mail.\nEverything goes into one file on this computer. Nothing is sent anywhere: you decide whom to give it to.",
            "本程序查找本机 Cisco Secure Endpoint 无法获取病毒库的原因。它会读取 Cisco Secure Endpoint 的日志、设置和状态，与证书和加密有关的 Windows 事件，网络设置，以及运行期间与更新服务器有关的网络流量。它不会读取您的文档或邮件。\n所有内容都写入本机上的一个文件，不会发送到任何地方：由您决定交给谁。",
        ),
        Text::GuideKeepsAll => (
            "As asked for, nothing is left out of the file: handle it like a password.",
            "按照您的要求，文件不会删除任何内容：请像密码一样保管它。",
        ),
        Text::GuideKeepsSecrets => {
            ("Passwords and tokens are left out of the file.", "文件中不包含密码和令牌。")
        }
        Text::GuideKeepsPrivate => (
            "Passwords and tokens are left out of the file. Names of users and computers and internal addresses are replaced by others.",
            "文件中不包含密码和令牌；用户名、计算机名和内部地址会被替换。",
        ),
        Text::GuideGoOn => ("Press Enter to go on.", "按 Enter 键继续。"),
        Text::GuideHowLong => ("2 of 3: How long it takes", "第 2 步，共 3 步：需要多长时间"),
        Text::GuideTime => (
            "It waits until Cisco Secure Endpoint tries to update, which may take up to {} minutes, and ends by itself some seconds later. You may keep working. Leave this window open, and do not let the computer sleep.",
            "它会等待 Cisco Secure Endpoint 尝试更新，最长可能需要 {} 分钟，之后几秒内自动结束。您可以继续工作。请不要关闭此窗口，也不要让计算机进入睡眠。",
        ),
        Text::GuideForce => (
            "You can have Cisco Secure Endpoint look for updates right now, so that there is less to wait for. The wait shows more of the trouble as it usually is.",
            "您可以让 Cisco Secure Endpoint 立即检查更新，这样等待时间更短；而等待则更能反映平时的问题。",
        ),
        Text::GuideForceAsk => {
            ("Look for updates right now? y or n, then Enter:", "立即检查更新吗？输入 y 或 n，然后按 Enter：")
        }
        Text::GuideConsent => ("3 of 3: Your consent", "第 3 步，共 3 步：您的同意"),
        Text::GuideChanges => (
            "For this time, Cisco Secure Endpoint and Windows write more detailed logs than usual, and network traffic is recorded; the computer does not go to sleep by itself. All of this is switched off again at the end, even if you stop the program (Ctrl+C) or the computer restarts: then at the next start of this program.",
            "在此期间，Cisco Secure Endpoint 和 Windows 会写入比平时更详细的日志，并记录网络流量；计算机不会自动进入睡眠。结束时这些都会关闭；如果您中途停止程序（Ctrl+C）也一样；如果计算机重启，则在下次启动本程序时恢复。",
        ),
        Text::GuideWhere => ("The file will be {}.", "文件将保存为 {}。"),
        Text::GuideStart => ("Do you agree? y or n, then Enter:", "您同意吗？输入 y 或 n，然后按 Enter："),
        Text::GuideDeclined => ("Nothing was read or changed.", "没有读取或更改任何内容。"),
        Text::GuideClose => ("Press Enter to close this window.", "按 Enter 键关闭此窗口。"),
        _ => super::command::both(text),
    }
}
