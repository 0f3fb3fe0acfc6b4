//! What a connector writes about all day.

use std::fmt::Write as _;

use super::rng::Rng;

pub(super) const COMP: &[&str] = &[
    "imn::CEventManager::PublishEvent",
    "PipeSend::SendMessage",
    "Util::GetFileAttributesInfo",
    "SPP::FileHandler::OnCreate",
    "Http::CHttpRequest::Perform",
    "Cache::CFileCache::Lookup",
    "TetraEngine::ScanFile",
    "TetraUpdateInterface::update",
    "PolicyManager::Refresh",
    "ExclusionEngine::Match",
    "NetFlow::CDfcHandler::OnFlow",
    "CloudQuery::SendLookup",
    "Registry::ReadValue",
    "LocalPipe::Dispatch",
    "Heartbeat::Tick",
    "DeviceFlowCorrelation::Insert",
    "ETW::SessionReader::OnEvent",
    "ClamEngine::LoadSig",
    "Kernel::CallbackQueue::Pop",
    "JobQueue::RunNext",
];
pub(super) const EXE: &[&str] = &[
    "svchost.exe",
    "chrome.exe",
    "explorer.exe",
    "MsMpEng.exe",
    "OUTLOOK.EXE",
    "powershell.exe",
    "Teams.exe",
    "sfc.exe",
    "conhost.exe",
    "RuntimeBroker.exe",
    "SearchIndexer.exe",
    "WmiPrvSE.exe",
];
pub(super) const DIR: &[&str] = &[
    "C:\\Windows\\System32",
    "C:\\Program Files\\Google\\Chrome\\Application",
    "C:\\Users\\jdoe\\AppData\\Local\\Temp",
    "C:\\Program Files\\Cisco\\AMP\\8.1.7.21417",
    "C:\\Windows\\SysWOW64",
    "C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18",
];
pub(super) const ERRS: &[&str] = &[
    "TetraUpdateInterface::update Update failed with error -120 from tetra-defs.amp.example.com, retry in 3600 s",
    "TetraUpdateInterface::updateCallback download interrupted at 4194304 of 98304000, lasterror 4294965187",
    "Http::CHttpRequest::Perform unable to establish connection to proxy 192.168.205.10:8080, lasterror 4294965193",
    "Http::CHttpRequest::Perform proxy authentication failed (407), lasterror 4294965196",
    "Http::CHttpRequest::Perform schannel: next InitializeSecurityContext failed: Unknown error (0x80092013) - The revocation function was unable to check revocation because the revocation server was offline",
    "Http::CertVerifier::Check CERT_E_UNTRUSTEDROOT (0x800B0109) for host cloud-ec.amp.example.com",
    "Http::Resolver::Resolve Could not resolve host: tetra-defs.amp.example.com (11001)",
    "TetraEngine::ApplyDelta write failed: There is not enough space on the disk (112)",
    "TetraEngine::VerifySignature signature verification failed for update.bin, expected sha256 mismatch",
    "CloudQuery::SendLookup Operation timed out after 30000 milliseconds with 0 bytes received",
];

/// Writes a line of no interest. The numbers are the thread, the seconds since the begin, and the line's own.
pub(super) fn chatter(
    r: &mut Rng,
    files: &[(String, String)],
    (tid, sec, lines): (u64, u64, u64),
    l: &mut String,
) {
    let c = COMP[r.below(20) as usize];
    let (f, h) = &files[(r.below(3000) * r.below(3000) / 3000) as usize];
    let e = EXE[r.below(12) as usize];
    match r.below(10) {
        0 => {
            let _ = write!(
                l,
                "DEBUG: {} file={} attributes=0x{:x} size={} mtime=2026-11-{:02}T{:02}:{:02}:{:02}Z",
                c,
                f,
                r.below(65536),
                r.below(90_000_000),
                r.range(1, 11),
                r.below(24),
                r.below(60),
                r.below(60)
            );
        }
        1 => {
            let _ = write!(
                l,
                "DEBUG: {} sha256={} disposition=CLEAN ttl={} source=cache",
                c,
                h,
                60 * r.range(1, 10080)
            );
        }
        2 => {
            let _ = write!(
                l,
                "INFO: {} publishing type={} json={{\"pid\":{},\"process\":\"{}\",\"path\":\"{}\",\"user\":\"PROTECT\\\\jdoe\",\"ts\":{}}}",
                c,
                553648128 + r.below(64),
                r.range(400, 20000),
                e,
                f.replace('\\', "\\\\"),
                1794334928 + sec
            );
        }
        3 => {
            let _ = write!(
                l,
                "DEBUG: {} flow 192.168.205.138:{} -> {}.{}.{}.{}:443 proto=6 tx={} rx={}",
                c,
                r.range(49152, 65535),
                r.range(20, 170),
                r.below(256),
                r.below(256),
                r.below(256),
                r.below(90000),
                r.below(9_000_000)
            );
        }
        4 => {
            let _ = write!(
                l,
                "DEBUG: {} queued job id={} depth={} thread={}",
                c,
                r.below(1_000_000),
                r.below(200),
                tid
            );
        }
        5 => {
            let _ = write!(
                l,
                "INFO: {} request https://cloud-ec.amp.example.com/v1/lookup?id={} returned 200 in {} ms",
                c,
                r.hex(16),
                r.below(400)
            );
        }
        6 => {
            let _ = write!(
                l,
                "DEBUG: {} process {} (pid {}) parent {} opened handle 0x{:x} access=0x{:08x}",
                c,
                e,
                r.range(400, 20000),
                EXE[r.below(12) as usize],
                4 * r.below(5000),
                r.u64() as u32
            );
        }
        7 => {
            let _ = write!(l, "DEBUG: {} exclusion check path={} result=no-match rules=148", c, f);
        }
        8 => {
            let _ = write!(
                l,
                "DEBUG: {} heartbeat ok seq={} mem={} KB handles={} threads={}",
                c,
                lines,
                r.range(40000, 190000),
                r.range(500, 3000),
                r.range(30, 120)
            );
        }
        _ => {
            let _ = write!(
                l,
                "DEBUG: {} entering state IDLE from SCANNING engine=Tetra defs=90604 elapsed={} us",
                c,
                r.below(1_000_000)
            );
        }
    }
}
