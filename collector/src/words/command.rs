//! The texts of the commands beside the collecting: `map`, `probe`, `upload`, and of every error.

use super::Text;

/// Returns a text in English and in Simplified Chinese.
pub(super) fn both(text: Text) -> (&'static str, &'static str) {
    match text {
        Text::Fault => ("error: {}", "错误：{}"),
        Text::Passphrase => ("Passphrase of {}: ", "{} 的口令："),
        Text::HandedOver => ("The bundle is handed over: {}", "诊断包已交付：{}"),
        Text::NotHandedOver => {
            ("The bundle was not handed over. It is still where it was.", "诊断包未交付。它仍在原处。")
        }
        Text::Sent => ("sent: {} % ({} of {} bytes)", "已发送：{}%（{} / {} 字节）"),
        Text::SentAgain => ("interrupted: {}; it is tried again in {} s", "中断：{}；{} 秒后重试"),
        Text::Tested => ("tested: {} {}", "已测试：{} {}"),
        Text::TestWell => ("ok", "正常"),
        Text::TestFailed => ("FAILED", "失败"),
        Text::TestClock => ("off by {} s", "相差 {} 秒"),
        // The others stand beside the list of all.
        _ => ("", ""),
    }
}
