//! Saved output of `curl -v`: what the request met, from name to answer. Windows' sentences are translated and not read; curl's own
//! words are English, and codes are codes.
//!
//! ```text
//! *   Trying 192.0.2.10:443...
//! * Connected to tetra-defs.amp.cisco.com (192.0.2.10) port 443 (#0)
//! * schannel: next InitializeSecurityContext failed: Unknown error (0x80092013) …
//! curl: (35) schannel: next InitializeSecurityContext failed: Unknown error (0x80092013) - …
//! ```

mod line;
mod run;
mod state;

#[cfg(test)]
mod tests;

use self::line::Line;
use self::run::Run;
use super::{is_full, text};
use crate::model::{Endpoints, Locator, Sink};

/// Reads a transcript, of one command or several.
///
/// States for each connection `dns_transaction`, `tcp_flow`, `http_exchange` and one `tls_handshake`. The latter carries curl's exit
/// code, and stands with outcome `unknown` also for a run that failed before TLS.
pub fn parse(input: &[u8], endpoints: &Endpoints, sink: &mut Sink) {
    let text = text::open(input, sink);
    text::note_long_lines(&text, sink);
    let mut run = Run::default();
    let mut stated = false;
    for (number, line) in text::lines(&text) {
        let line = Line::read(line);
        if run.ends_before(&line) {
            stated |= state::state(&run, endpoints, sink);
            run = Run::default();
        }
        run.take(&line, number);
        if is_full(sink) {
            return;
        }
    }
    stated |= state::state(&run, endpoints, sink);
    if !stated {
        sink.anomaly(Locator::Whole, "holds nothing that `curl -v` prints");
    }
}
