//! What connections carry, noted at the frames where the readers saw it end.

use std::net::IpAddr;

use super::{Dns, FrameFacts, Http, Ocsp, Tls};
use crate::conversation::{Conversation, seen_of};
use crate::dns::{Data, Message};
use crate::http::{self, End};
use crate::ocsp::{CertificateStatus, Response, Status};
use crate::stream::{At, Dir};
use crate::tcp::Connection;
use crate::tls::{Handshake, TLS13};

/// Notes everything that one connection carried.
pub(super) fn conversation(connection: &mut Connection<()>, frames: &mut [FrameFacts]) {
    let Some(detail) = &mut connection.detail else { return };
    let conversation = &mut detail.conversation;
    if let Some(dns) = &mut conversation.dns {
        while let Some(read) = dns.next_message() {
            if let (Ok(message), Some(frame)) = (&read.message, at(frames, read.span.last)) {
                frame.dns.push(dns_of(message));
            }
        }
    }
    if let Some(tls) = &conversation.tls {
        handshake(tls.facts(), frames);
    }
    if let Some(http) = &conversation.http {
        for exchange in http.exchanges() {
            self::exchange(exchange, frames);
        }
    }
}

/// Counts the records of application data that came to their ends.
pub(super) fn data_records(conversation: &Conversation) -> u64 {
    let Some(tls) = &conversation.tls else { return 0 };
    let sides = &tls.facts().sides;
    let ended = |dir| {
        let side = sides.get(dir);
        let begun = side.application_data.map_or(0, |seen| seen.count);
        begun - u64::from(begun > 0 && side.unfinished.is_some_and(|(kind, _)| kind == 23))
    };
    ended(Dir::ToServer) + ended(Dir::ToClient)
}

/// Turns a DNS message into what is compared.
pub(super) fn dns_of(message: &Message) -> Dns {
    let (mut addresses, mut cnames) = (Vec::new(), Vec::new());
    for record in &message.answers {
        match &record.data {
            Data::A(address) => addresses.push(IpAddr::V4(*address)),
            Data::Aaaa(address) => addresses.push(IpAddr::V6(*address)),
            Data::Cname(name) => cnames.push(name.clone()),
            Data::Other(_) => {}
        }
    }
    Dns {
        response: message.response,
        rcode: message.rcode,
        truncated: message.truncated,
        name: message.question.as_ref().map(|question| question.name.clone()),
        addresses,
        cnames,
    }
}

fn handshake(facts: &Handshake, frames: &mut [FrameFacts]) {
    for message in &facts.messages {
        if let Some(frame) = at(frames, message.span.last) {
            frame.tls.push(Tls::Handshake(message.kind));
        }
    }
    if let Some(hello) = &facts.client_hello
        && let (Some(name), Some(frame)) = (&hello.server_name, at(frames, hello.span.last))
    {
        frame.tls.push(Tls::ServerName(name.clone()));
    }
    if let Some(hello) = facts.server_hello.as_ref().filter(|hello| hello.version == TLS13)
        && let Some(frame) = at(frames, hello.span.last)
    {
        frame.tls.push(Tls::Chose13);
    }
    if let Some(chain) = &facts.chain
        && let Some(frame) = at(frames, chain.span.last)
    {
        let identities = chain.certificates.iter().flat_map(|one| [&one.issuer, &one.subject]);
        let parts = identities.flat_map(|name| [&name.organisation, &name.name]);
        frame.tls.extend(parts.flatten().cloned().map(Tls::CertificateName));
    }
    if let Some(staple) = &facts.staple
        && let (Ok(response), Some(frame)) = (&staple.response, at(frames, staple.span.last))
    {
        frame.ocsp.push(ocsp_of(response));
    }
    for alert in &facts.alerts {
        if let Some(frame) = at(frames, alert.at) {
            frame.tls.push(Tls::Alert(alert.said.map(|said| said.description)));
        }
    }
}

fn exchange(exchange: &http::Exchange, frames: &mut [FrameFacts]) {
    if let Some(request) = &exchange.request
        && let Some(end) = end_of(frames, request.head.last, &request.body)
        && let Some(frame) = at(frames, end)
    {
        frame.http.push(Http::Request {
            method: request.method.clone(),
            target: request.target.clone(),
            range: request.range_start.is_some(),
            proxy_credentials: request.proxy_credentials.is_some(),
        });
    }
    if let Some(response) = &exchange.response
        && let Some(end) = end_of(frames, response.head.last, &response.body)
        && let Some(frame) = at(frames, end)
    {
        frame.http.push(Http::Response {
            status: response.status,
            squid_error: response.squid_error.clone(),
            content_type: response.content_type.clone(),
            proxy_challenges: response.proxy_challenges.iter().map(|one| one.scheme.clone()).collect(),
        });
        if response.status == 200
            && let Ok(answer) = Response::parse(&response.body.start)
        {
            frame.ocsp.push(ocsp_of(&answer));
        }
    }
}

/// Finds where a message ends; `None` where it does not. Of one whose first frame is cut, only the head is taken.
fn end_of(frames: &[FrameFacts], head: At, body: &http::Body) -> Option<At> {
    let number = usize::try_from(seen_of(head).frame).ok()?;
    let frame = frames.get(number.checked_sub(1)?)?;
    if frame.captured < usize::try_from(frame.wire_len).unwrap_or(0) {
        return Some(head);
    }
    match (body.framing, body.end) {
        (_, End::Complete) | (http::Framing::UntilClose, End::Closed(_)) => Some(body.last.unwrap_or(head)),
        _ => None,
    }
}

fn ocsp_of(response: &Response) -> Ocsp {
    Ocsp {
        status: match response.status {
            Status::Successful => 0,
            Status::MalformedRequest => 1,
            Status::InternalError => 2,
            Status::TryLater => 3,
            Status::SigRequired => 5,
            Status::Unauthorized => 6,
        },
        revoked: response
            .answers
            .iter()
            .any(|answer| matches!(answer.status, CertificateStatus::Revoked { .. })),
    }
}

fn at(frames: &mut [FrameFacts], at: At) -> Option<&mut FrameFacts> {
    frames.get_mut(usize::try_from(seen_of(at).frame).ok()?.checked_sub(1)?)
}
