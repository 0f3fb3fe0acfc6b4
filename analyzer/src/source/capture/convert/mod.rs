//! From the readers' facts to the model's: what a connection carried, in the words of the model.

mod http;
mod revocation;
mod tls;

pub(super) use http::purpose;
use tetra_capture::conversation::{Conversation, seen_of};
use tetra_capture::socks;
use tetra_capture::stream::Dir;

use super::ledger::Shelf;
use crate::model::{App, ClockSource, Endpoints, Seen, Socks, Timestamp};

/// Turns everything that a connection carried into the model's words.
pub(super) fn app(conversation: &Conversation, endpoints: &Endpoints, shelf: &Shelf) -> App {
    let mut app = App {
        socks: conversation.socks.as_ref().map(|reader| socks_of(reader.exchange())),
        tls: conversation.tls.as_ref().map(|reader| Box::new(tls::tls_of(reader.facts(), shelf))),
        ..App::default()
    };
    if let Some(reader) = &conversation.http {
        app.http = reader.exchanges().iter().map(|one| http::exchange(one, endpoints, shelf)).collect();
        app.tunnel = reader.tunnel().and_then(|tunnel| {
            let position = usize::try_from(tunnel.exchange).ok()?;
            Some(position.min(app.http.len().checked_sub(1)?))
        });
        if let Some(unreadable) = reader.unreadable(Dir::ToClient)
            && let Some(last) = app.http.last_mut()
            && last.answer.is_none()
        {
            last.garbled = Some((seen_of(unreadable.at), printable(&unreadable.bytes)));
        }
    }
    app
}

/// Notes the times that servers tell.
pub(super) fn clocks(conversation: &Conversation, clocks: &mut Vec<(ClockSource, Seen, Timestamp)>) {
    /// Enough to tell a wrong clock from a wrong server.
    const PER_FLOW: usize = 4;
    let Some(reader) = &conversation.http else { return };
    if clocks.len() > 4_000 {
        return;
    }
    let answers = reader.exchanges().iter().filter_map(|exchange| exchange.response.as_ref());
    for response in answers.take(PER_FLOW) {
        // A cached answer bears the time at which it was made.
        if let Some(date) = response.date.filter(|_| response.age.is_none()) {
            clocks.push((ClockSource::HttpDate, seen_of(response.head.first), Timestamp::from_secs(date)));
        }
    }
}

fn socks_of(exchange: &socks::Exchange) -> Socks {
    let request = exchange.request.as_ref();
    Socks {
        version: exchange.version,
        asked: request.map(|request| seen_of(request.at)),
        method: exchange.method.map(|(at, method)| (method, seen_of(at))),
        auth_ok: exchange.login.map(|(at, status)| (status == 0, seen_of(at))),
        host: request.map(|request| request.host.trim_end_matches('.').to_ascii_lowercase()),
        port: request.map(|request| request.port),
        reply: exchange.reply.map(|(at, reply)| (reply, seen_of(at))),
    }
}

fn printable(bytes: &[u8]) -> String {
    bytes.iter().take(48).map(|byte| if (32..127).contains(byte) { char::from(*byte) } else { '.' }).collect()
}
