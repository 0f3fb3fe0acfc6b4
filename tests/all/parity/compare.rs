//! One capture, read here and by tshark: the same fields of every frame, held against each other.

use std::fmt;
use std::fs::File;
use std::path::Path;
use std::process::Command;

use tetra_capture::frames::{self, FrameFacts, Tls};

use super::fields::{self, Value};

/// Fields that tshark prints for every frame, and the ones of ours to compare with.
pub const FIELDS: [&str; 31] = [
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
    NAMES,
    "http.request.method",
    "http.request.uri",
    "http.response.code",
    "ocsp.responseStatus",
    RETRIES,
];

/// Organisations and common names in certificates, of issuer and subject.
const NAMES: &str = "x509sat.uTF8String";
/// The type of the handshake message with the certificates.
const CERTIFICATE: u8 = 11;
/// SYNs that are sent again; of other segments tshark judges by more than that.
const RETRIES: &str = "tcp.analysis.retransmission";

/// A field of a frame that both do not show alike.
#[derive(Debug)]
pub struct Difference {
    /// The frame's number.
    pub frame: u64,
    /// The field.
    pub field: &'static str,
    ours: String,
    theirs: String,
    /// Why both are right, where that is known.
    pub why: Option<&'static str>,
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}: ours `{}`, tshark `{}`", self.frame, self.field, self.ours, self.theirs)
    }
}

/// It is there where a packet carries another.
const CARRIED: &str = "gre.proto";
/// Of a packet that a switch mirrors, tshark shows the addresses of the switch too.
const MIRROR: &str = "the switch that mirrors a packet (GRE, ERSPAN) is not shown here";
/// tshark shows a message where it is whole: at the frame that fills its last gap, or, where it has no length, at the FIN.
const WHOLE: &str =
    "a message is shown here at the frame with its last bytes, there at the one that completes it";

/// tshark shows all texts in a certificate.
const PARTS: &str = "of the names in a certificate, organisation and common name are shown here";
/// An answer of HTTP to a ClientHello is told as a handshake that met no TLS.
const CLEAR: &str = "an answer in the clear on port 443 is told of as no TLS, not as HTTP";

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
    let carried =
        |field: &str| ["tls.", "http.", "ocsp.", "x509sat."].iter().any(|layer| field.starts_with(layer));
    let mut found = Compared { frames: ours.len(), values: [0; FIELDS.len()], differences: Vec::new() };
    for (frame, line) in ours.iter().zip(&theirs) {
        // Names of the local network are asked for in other protocols of the same form, which are not read here.
        let local =
            frame.udp.iter().any(|(from, to)| [5353, 5355].contains(to) || [5353, 5355].contains(from));
        let is_carried = line.split('\t').nth(FIELDS.len()).is_some_and(|kind| !kind.is_empty());
        for ((field, said), count) in FIELDS.into_iter().zip(line.split('\t')).zip(&mut found.values) {
            let is_syn = frame.tcp.iter().any(|tcp| tcp.flags & 0x12 == 2);
            if local && field.starts_with("dns.") || is_cut && carried(field) || field == RETRIES && !is_syn {
                continue;
            }
            // Those that sign answers about revocation have names too.
            if field == NAMES && !frame.tls.contains(&Tls::Handshake(CERTIFICATE)) {
                continue;
            }
            let own = shown(&fields::values(frame, field).unwrap_or_default());
            let said = said.to_lowercase();
            *count += u64::from(!own.is_empty() || !said.is_empty());
            // The outer one of two tags is no `vlan.id` there where it is of 802.1ad.
            let outer = field == "vlan.id" && own.ends_with(&format!(",{said}"));
            if own != said && !outer {
                let is_mirror = field.starts_with("ip.") && is_carried && said.ends_with(&own);
                let is_clear = field == "http.response.code" && own.is_empty() && is_from_443(frame);
                let is_part =
                    field == NAMES && own.split(',').all(|part| said.split(',').any(|one| one == part));
                let why = [(is_mirror, MIRROR), (is_clear, CLEAR), (is_part, PARTS)];
                let why = why.iter().find(|(holds, _)| *holds).map(|(_, why)| *why);
                found.differences.push(Difference {
                    frame: frame.number,
                    field,
                    ours: own,
                    theirs: said,
                    why,
                });
            }
        }
    }
    explain_late(&mut found.differences);
    Ok(found)
}

fn is_from_443(frame: &FrameFacts) -> bool {
    shown(&fields::values(frame, "tcp.srcport").unwrap_or_default()) == "443"
}

/// Explains messages that both show alike, at different frames.
fn explain_late(differences: &mut [Difference]) {
    for at in 0..differences.len() {
        let (before, behind) = differences.split_at_mut(at + 1);
        let Some(early) = before.last_mut().filter(|one| one.why.is_none() && one.theirs.is_empty()) else {
            continue;
        };
        let is_message = early.field.starts_with("http.response") || early.field.starts_with("ocsp.");
        let is_late = |one: &&mut Difference| {
            one.why.is_none() && one.field == early.field && one.ours.is_empty() && one.theirs == early.ours
        };
        if let Some(late) = behind.iter_mut().find(is_late).filter(|_| is_message) {
            early.why = Some(WHOLE);
            late.why = Some(WHOLE);
        }
    }
}

/// What tshark prints of every frame.
fn tshark(capture: &Path) -> Result<Vec<String>, String> {
    let mut command = Command::new("tshark");
    // No names are asked for, and times of the connection do not matter.
    command.args(["-n", "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=,", "-r"]).arg(capture);
    // As here, segments that come late are put in order.
    command.args(["-o", "tcp.reassemble_out_of_order:TRUE"]);
    // HTTP over UDP is not read here.
    command.args(["--disable-protocol", "ssdp"]);
    for field in FIELDS.into_iter().chain([CARRIED]) {
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
