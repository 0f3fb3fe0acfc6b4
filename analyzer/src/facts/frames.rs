//! Who sent a frame, and to whom: looked up among what the captures kept.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::model::{Half, Seen, Side, TcpFlow, Traffic};

/// A frame's sender and receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    /// Who sent it.
    pub from: IpAddr,
    /// For whom it was.
    pub to: IpAddr,
    /// It says goodbye: nobody expects an answer.
    pub farewell: bool,
}

/// Frames wanted, and what is known of them.
#[derive(Debug, Default)]
pub(super) struct Frames(BTreeMap<(u16, u32), Option<Sent>>);

impl Frames {
    /// Finds the senders of the frames wanted.
    pub fn of(traffic: &Traffic, wanted: impl Iterator<Item = Seen>) -> Self {
        let mut frames = Self(wanted.map(|seen| ((seen.capture, seen.frame), None)).collect());
        for error in &traffic.icmp {
            frames.note(Some(error.at), error.from, error.to, true);
        }
        for question in &traffic.questions {
            let (client, server) = (question.client.ip(), question.server.ip());
            for seen in &question.tries {
                frames.note(Some(*seen), client, server, false);
            }
            for answer in &question.answers {
                frames.note(Some(answer.at), server, client, true);
            }
        }
        for gap in &traffic.arp {
            frames.note(Some(gap.first), gap.asker, gap.target, false);
            frames.note(Some(gap.last), gap.asker, gap.target, false);
        }
        for flow in &traffic.flows {
            frames.connection(flow);
        }
        frames
    }

    /// Gives who sent a frame.
    pub fn sent(&self, seen: Seen) -> Option<Sent> {
        self.0.get(&(seen.capture, seen.frame)).copied().flatten()
    }

    fn note(&mut self, seen: Option<Seen>, from: IpAddr, to: IpAddr, farewell: bool) {
        let place = seen.and_then(|seen| self.0.get_mut(&(seen.capture, seen.frame)));
        if let Some(place) = place.filter(|place| place.is_none()) {
            *place = Some(Sent { from, to, farewell });
        }
    }

    fn connection(&mut self, flow: &TcpFlow) {
        let (client, server) = (flow.client.ip(), flow.server.ip());
        let opening = &flow.opening;
        self.note(opening.first, client, server, false);
        self.note(opening.last, client, server, false);
        self.note(opening.accepted, server, client, true);
        self.note(opening.refused, server, client, true);
        if let Some(tls) = flow.app.tls.as_deref() {
            for alert in &tls.alerts {
                let (from, to) = if alert.from == Side::Client { (client, server) } else { (server, client) };
                self.note(Some(alert.at), from, to, true);
            }
            let hello = tls.client_hello.unzip();
            for seen in [hello.0, hello.1, tls.up.first, tls.up.last] {
                self.note(seen, client, server, false);
            }
            let staple = tls.staple.as_ref().map(|staple| staple.0);
            let other = tls.not_tls.as_ref().map(|other| other.0);
            for seen in [
                tls.server_hello,
                tls.certificates_at,
                staple,
                other,
                tls.down.first,
                tls.down.last,
                tls.complete,
            ] {
                self.note(seen, server, client, true);
            }
        }
        for exchange in &flow.app.http {
            self.note(exchange.asked, client, server, false);
            let answer = exchange.answer.as_ref();
            for seen in [answer.map(|answer| answer.at), answer.and_then(|answer| answer.last)] {
                self.note(seen, server, client, true);
            }
            self.note(exchange.garbled.as_ref().map(|garbled| garbled.0), server, client, true);
        }
        if let Some(socks) = &flow.app.socks {
            self.note(socks.asked, client, server, false);
            for seen in
                [socks.method.map(|it| it.1), socks.auth_ok.map(|it| it.1), socks.reply.map(|it| it.1)]
            {
                self.note(seen, server, client, true);
            }
        }
        self.half(&flow.up, client, server);
        self.half(&flow.down, server, client);
        self.note(Some(flow.first), client, server, false);
    }

    fn half(&mut self, half: &Half, from: IpAddr, to: IpAddr) {
        self.note(half.fin, from, to, true);
        self.note(half.reset.map(|reset| reset.at), from, to, true);
        if let Some(zero) = half.zero_window {
            for seen in [Some(zero.first), Some(zero.last), zero.reopened] {
                self.note(seen, from, to, true);
            }
        }
        for seen in
            [half.retried, half.first_data, half.last_data, half.last_arrival, half.last, half.answered_close]
        {
            self.note(seen, from, to, false);
        }
    }
}
