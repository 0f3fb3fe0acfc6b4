//! One capture, read here and by tshark: the same fields of every frame, held against each other.

use std::fmt;
use std::fs::File;
use std::path::Path;
use std::process::Command;

use tetra_capture::frames;

use super::fields::{self, Value};

/// Fields that tshark prints for every frame, and the ones of ours to compare with.
pub const FIELDS: [&str; 29] = [
    "frame.cap_len",
    "ip.src",
    "ip.dst",
    "ip.ttl",
    "ipv6.src",
    "ipv6.dst",
    "vlan.id",
    "arp.opcode",
    "icmp.type",
    "icmp.code",
    "icmpv6.type",
    "udp.dstport",
    "tcp.srcport",
    "tcp.dstport",
    "tcp.len",
    "tcp.flags.syn",
    "tcp.flags.reset",
    "tcp.flags.fin",
    "dns.flags.rcode",
    "dns.flags.response",
    "dns.qry.name",
    "dns.cname",
    "tls.handshake.type",
    "tls.handshake.extensions_server_name",
    "tls.alert_message.desc",
    "http.request.method",
    "http.request.uri",
    "http.response.code",
    "ocsp.responseStatus",
];

/// A field of a frame that both do not show alike.
#[derive(Debug)]
pub struct Difference {
    /// The frame's number.
    pub frame: u64,
    /// The field.
    pub field: &'static str,
    ours: String,
    theirs: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}: ours `{}`, tshark `{}`", self.frame, self.field, self.ours, self.theirs)
    }
}

/// What became of one capture.
#[derive(Debug)]
pub struct Compared {
    /// Frames.
    pub frames: usize,
    /// Frames in which either shows a field, by the fields.
    pub values: [u64; FIELDS.len()],
    /// What is not alike.
    pub differences: Vec<Difference>,
}

/// Tells whether there is a tshark.
pub fn is_installed() -> bool {
    Command::new("tshark").arg("--version").output().is_ok()
}

/// Compares a capture frame by frame; the error says what cannot be compared at all.
pub fn compare(capture: &Path) -> Result<Compared, String> {
    let file = File::open(capture).map_err(|error| error.to_string())?;
    let ours = frames::read(Box::new(file));
    let theirs = tshark(capture)?;
    if ours.len() != theirs.len() {
        return Err(format!("ours are {} frames, tshark's {}", ours.len(), theirs.len()));
    }
    // Of what is carried in cut frames, tshark tells nothing, and loses what lies behind them; ours reads on.
    let is_cut = ours.iter().any(|frame| frame.captured < usize::try_from(frame.wire_len).unwrap_or(0));
    let carried = |field: &str| ["tls.", "http.", "ocsp."].iter().any(|layer| field.starts_with(layer));
    let mut found = Compared { frames: ours.len(), values: [0; FIELDS.len()], differences: Vec::new() };
    for (frame, line) in ours.iter().zip(&theirs) {
        // Names of the local network are asked for in other protocols of the same form, which are not read here.
        let local =
            frame.udp.iter().any(|(from, to)| [5353, 5355].contains(to) || [5353, 5355].contains(from));
        for ((field, said), count) in FIELDS.into_iter().zip(line.split('\t')).zip(&mut found.values) {
            if local && field.starts_with("dns.") || is_cut && carried(field) {
                continue;
            }
            let own = shown(&fields::values(frame, field).unwrap_or_default());
            let said = said.to_lowercase();
            *count += u64::from(!own.is_empty() || !said.is_empty());
            // The outer one of two tags is no `vlan.id` there where it is of 802.1ad.
            let outer = field == "vlan.id" && own.ends_with(&format!(",{said}"));
            if own != said && !outer {
                found.differences.push(Difference { frame: frame.number, field, ours: own, theirs: said });
            }
        }
    }
    Ok(found)
}

/// What tshark prints of every frame.
fn tshark(capture: &Path) -> Result<Vec<String>, String> {
    let mut command = Command::new("tshark");
    // No names are asked for, and times of the connection do not matter.
    command.args(["-n", "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=,", "-r"]).arg(capture);
    // HTTP over UDP is not read here.
    command.args(["--disable-protocol", "ssdp"]);
    for field in FIELDS {
        command.args(["-e", field]);
    }
    let output = command.output().map_err(|error| error.to_string())?;
    if output.stdout.is_empty() && !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
}

/// Values as tshark prints them.
fn shown(values: &[Value]) -> String {
    let texts = values.iter().map(|value| match value {
        Value::Number(number) => number.to_string(),
        Value::Address(address) => address.to_string(),
        Value::Text(text) => text.to_lowercase(),
        Value::Bytes(_) => String::new(),
    });
    texts.collect::<Vec<_>>().join(",")
}
