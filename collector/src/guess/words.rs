//! The guesses in words, English and Simplified Chinese.

use super::Guess;
use crate::probe::Way;
use crate::words::Lang;

impl Guess {
    /// Tells the guess.
    pub fn tell(&self, lang: Lang) -> String {
        match lang {
            Lang::En => self.english(),
            Lang::Zh => self.chinese(),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::AllWell => {
                "At this moment the update server can be reached from this computer, and it is trusted. \
                These tests do not show why updates fail."
                    .to_owned()
            }
            Self::NameUnknown(host) => {
                format!("Your network does not know the name of the update server ({host}).")
            }
            Self::NamesSilent => "Your network's name servers (DNS) do not answer.".to_owned(),
            Self::NamesFaulty(host) => {
                format!("Your network's name servers (DNS) cannot look up the update server ({host}).")
            }
            Self::Refused(host) => {
                format!("The connection to the update server ({host}) is turned away, maybe by a firewall.")
            }
            Self::Vanishes(host) => {
                format!(
                    "The update server ({host}) does not answer: maybe a firewall lets nothing through to it."
                )
            }
            Self::NoWay(host) => format!("Your network knows no way to the update server ({host})."),
            Self::ForbiddenHere(host) => {
                format!(
                    "Something on this computer, maybe its firewall, forbids the connection to the update server ({host})."
                )
            }
            Self::ProxyUnknown(proxy) => {
                format!("Your network does not know the name of the proxy ({proxy}).")
            }
            Self::ProxyNotReached(proxy) => format!("The proxy ({proxy}) cannot be reached."),
            Self::ProxySignIn(proxy, Some(false)) => {
                format!("Your proxy ({proxy}) asks for a password, and the connector has none.")
            }
            Self::ProxySignIn(proxy, Some(true)) => format!(
                "Your proxy ({proxy}) asks for a password. The connector has one; these tests do not use it, so they cannot tell whether it is right."
            ),
            Self::ProxySignIn(proxy, None) => {
                format!(
                    "Your proxy ({proxy}) asks for a password. Whether the connector has one is not known here."
                )
            }
            Self::ProxyForbids(proxy) => {
                format!("Your proxy ({proxy}) forbids the way to the update server.")
            }
            Self::ProxyStuck(proxy, Some(status)) => {
                format!("Your proxy ({proxy}) does not get through to the update server (it says {status}).")
            }
            Self::ProxyStuck(proxy, None) => {
                format!("Your proxy ({proxy}) does not lead on to the update server.")
            }
            Self::HandshakeCut(host) => {
                format!(
                    "Something on the way breaks off the encrypted connection to the update server ({host})."
                )
            }
            Self::ClockWrong(seconds) => {
                let side = if *seconds < 0 { "slow" } else { "fast" };
                format!(
                    "The clock of this computer seems to be {} {side}.",
                    span(*seconds, ["days", "hours", "minutes"])
                )
            }
            Self::CertificateTime(host) => {
                format!(
                    "The certificate that is shown for the update server ({host}) is not valid at this time."
                )
            }
            Self::CertificateName(host) => {
                format!("Another server seems to answer in place of the update server ({host}).")
            }
            Self::CertificateUntrusted(host, issuer) => format!(
                "The certificate shown for the update server ({host}) is not trusted here; it was issued by \"{issuer}\". \
                 Maybe a device in your network opens encrypted connections."
            ),
            Self::CertificateIncomplete(host) => {
                format!("The server that answers for {host} leaves out a part of the proof who it is.")
            }
            Self::Revoked(of) => format!("A certificate is revoked: {of}."),
            Self::RevocationNotChecked(host) => format!(
                "It cannot be checked whether the update server's certificate is still good ({host} gives no usable answer)."
            ),
            Self::Answer(host, status) => {
                format!(
                    "The update server ({host}) is reached, and answers with an error or from another place ({status})."
                )
            }
            Self::OtherWayWorks(way) => format!(
                "The update server can be reached {}. Whether the connector goes that way is not known here.",
                match way {
                    Way::Winhttp => "by the proxy that Windows has for services",
                    Way::Wininet => "by the proxy of your browser",
                    Way::Pac => "by the proxy of your network's proxy script",
                    Way::Environment => "by the proxy that the environment names",
                    _ => "without a proxy",
                }
            ),
            Self::Unknown => "These tests do not show why updates fail.".to_owned(),
        }
    }

    fn chinese(&self) -> String {
        match self {
            Self::AllWell => {
                "目前从本机可以访问更新服务器，且该服务器受信任。这些测试未能显示更新失败的原因。".to_owned()
            }
            Self::NameUnknown(host) => format!("您的网络无法识别更新服务器的名称（{host}）。"),
            Self::NamesSilent => "您网络中的域名服务器（DNS）没有应答。".to_owned(),
            Self::NamesFaulty(host) => format!("您网络中的域名服务器（DNS）无法解析更新服务器（{host}）。"),
            Self::Refused(host) => format!("到更新服务器（{host}）的连接被拒绝，可能是防火墙所致。"),
            Self::Vanishes(host) => format!("更新服务器（{host}）没有应答：可能是防火墙不允许通过。"),
            Self::NoWay(host) => format!("您的网络没有通往更新服务器（{host}）的路由。"),
            Self::ForbiddenHere(host) => {
                format!("本机上的某个程序（可能是防火墙）禁止连接更新服务器（{host}）。")
            }
            Self::ProxyUnknown(proxy) => format!("您的网络无法识别代理的名称（{proxy}）。"),
            Self::ProxyNotReached(proxy) => format!("无法连接到代理（{proxy}）。"),
            Self::ProxySignIn(proxy, Some(false)) => {
                format!("您的代理（{proxy}）要求密码，而连接器没有配置密码。")
            }
            Self::ProxySignIn(proxy, Some(true)) => {
                format!(
                    "您的代理（{proxy}）要求密码。连接器已配置密码；这些测试不使用该密码，因此无法判断它是否正确。"
                )
            }
            Self::ProxySignIn(proxy, None) => {
                format!("您的代理（{proxy}）要求密码。此处无法得知连接器是否配置了密码。")
            }
            Self::ProxyForbids(proxy) => format!("您的代理（{proxy}）禁止访问更新服务器。"),
            Self::ProxyStuck(proxy, Some(status)) => {
                format!("您的代理（{proxy}）无法连通更新服务器（返回 {status}）。")
            }
            Self::ProxyStuck(proxy, None) => format!("您的代理（{proxy}）没有转接到更新服务器。"),
            Self::HandshakeCut(host) => format!("途中有设备中断了到更新服务器（{host}）的加密连接。"),
            Self::ClockWrong(seconds) => {
                let side = if *seconds < 0 { "慢" } else { "快" };
                format!("本机的时钟似乎{side}了 {}。", span(*seconds, ["天", "小时", "分钟"]))
            }
            Self::CertificateTime(host) => format!("更新服务器（{host}）出示的证书当前不在有效期内。"),
            Self::CertificateName(host) => format!("似乎有另一台服务器代替更新服务器（{host}）应答。"),
            Self::CertificateUntrusted(host, issuer) => format!(
                "更新服务器（{host}）出示的证书在本机不受信任；其颁发者为“{issuer}”。可能是您网络中的某台设备在解密加密连接。"
            ),
            Self::CertificateIncomplete(host) => format!("代表 {host} 应答的服务器没有出示完整的证书链。"),
            Self::Revoked(of) => format!("有证书已被吊销：{of}。"),
            Self::RevocationNotChecked(host) => {
                format!("无法检查更新服务器的证书是否仍然有效（{host} 没有给出可用的应答）。")
            }
            Self::Answer(host, status) => {
                format!("可以访问更新服务器（{host}），但它返回了错误或重定向（{status}）。")
            }
            Self::OtherWayWorks(way) => format!(
                "{}可以访问更新服务器。此处无法得知连接器是否使用这条路径。",
                match way {
                    Way::Winhttp => "通过 Windows 为服务设置的代理",
                    Way::Wininet => "通过您浏览器的代理",
                    Way::Pac => "通过您网络的代理脚本所指定的代理",
                    Way::Environment => "通过环境变量指定的代理",
                    _ => "不使用代理",
                }
            ),
            Self::Unknown => "这些测试未能显示更新失败的原因。".to_owned(),
        }
    }
}

/// Writes a span of time in the largest unit of which there are two.
fn span(seconds: i64, units: [&str; 3]) -> String {
    let seconds = seconds.unsigned_abs();
    let [days, hours, minutes] = units;
    let (number, unit) = match seconds {
        172_800.. => (seconds / 86_400, days),
        7200.. => (seconds / 3600, hours),
        _ => (seconds / 60, minutes),
    };
    format!("{number} {unit}")
}
