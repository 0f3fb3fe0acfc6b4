//! What is kept of ended connections: the facts of those that may matter, a few notes of the others.
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use tetra_capture::Map;
use tetra_capture::conversation::Conversation;
use tetra_capture::http;
use tetra_capture::tcp::Connection;
use tetra_capture::x509::{Certificate, Store};

use super::convert;
use super::questions::Questions;
use crate::model::{App, ClockSource, Crl, Endpoints, Purpose, Role, Seen, Timestamp};

/// Issuers remembered, and names for each.
const ISSUERS: usize = 2_048;
const NAMES: usize = 8;
/// Revocation lists remembered by their bytes.
const LISTS: usize = 64;
/// Proxies remembered.
const PROXIES: usize = 4_096;

/// What is read once and needed by several connections.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// Certificates.
    pub store: Store,
    lists: RefCell<Map<Vec<u8>, Arc<Crl>>>,
}

impl Shelf {
    /// Gives the certificates of authorities seen so far, to check signatures with.
    pub fn authorities(&self) -> Vec<Arc<Certificate>> {
        self.store.authorities()
    }

    /// Gives a revocation list as it was read before, or reads it.
    pub fn list(&self, body: &[u8], read: impl FnOnce() -> Crl) -> Arc<Crl> {
        if let Some(known) = self.lists.borrow().get(body) {
            return Arc::clone(known);
        }
        let list = Arc::new(read());
        let mut lists = self.lists.borrow_mut();
        if lists.len() < LISTS {
            lists.insert(body.to_vec(), Arc::clone(&list));
        }
        list
    }
}

/// Notes of all connections.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// What connections share.
    pub shelf: Shelf,
    /// Second clocks.
    pub clocks: Vec<(ClockSource, Seen, Timestamp)>,
    /// Issuers of server certificates, with the names they signed for.
    pub issuers: BTreeMap<String, Vec<String>>,
    /// Proxies that answered a client: `(client, proxy)`.
    pub proxies: BTreeSet<(IpAddr, SocketAddr)>,
}

impl Ledger {
    /// Settles an ended connection: notes what others need, and gives its facts if it may matter itself.
    pub fn settle(
        &mut self,
        flow: &Connection<App>,
        conversation: &Conversation,
        questions: &Questions,
        endpoints: &Endpoints,
    ) -> Option<Box<App>> {
        convert::clocks(conversation, &mut self.clocks);
        self.note_issuer(conversation);
        self.note_proxy(flow, conversation);
        is_of_interest(flow, conversation, questions, endpoints)
            .then(|| Box::new(convert::app(conversation, endpoints, &self.shelf)))
    }

    fn note_issuer(&mut self, conversation: &Conversation) {
        let Some(facts) = conversation.tls.as_ref().map(|tls| tls.facts()) else { return };
        let Some(sni) = facts.client_hello.as_ref().and_then(|hello| hello.server_name.clone()) else {
            return;
        };
        let Some(leaf) = facts.chain.as_ref().and_then(|chain| chain.certificates.first()) else { return };
        let issuer = &leaf.issuer.full;
        if self.issuers.len() < ISSUERS || self.issuers.contains_key(issuer) {
            let names = self.issuers.entry(issuer.clone()).or_default();
            if names.len() < NAMES && !names.contains(&sni) {
                names.push(sni);
            }
        }
    }

    fn note_proxy(&mut self, flow: &Connection<App>, conversation: &Conversation) {
        let granted = conversation.socks.as_ref().is_some_and(|socks| socks.exchange().reply.is_some());
        let answered = conversation.http.as_ref().is_some_and(|http| {
            http.exchanges().iter().any(|exchange| exchange.response.is_some() && is_to_proxy(exchange))
        });
        if (granted || answered) && self.proxies.len() < PROXIES {
            self.proxies.insert((flow.client.ip(), flow.server));
        }
    }
}

fn is_to_proxy(exchange: &http::Exchange) -> bool {
    exchange
        .request
        .as_ref()
        .is_some_and(|request| request.method == "CONNECT" || request.target_host.is_some())
}

/// Tells whether a connection may matter to an update attempt.
fn is_of_interest(
    flow: &Connection<App>,
    conversation: &Conversation,
    questions: &Questions,
    endpoints: &Endpoints,
) -> bool {
    let address = flow.server.ip();
    if has_role(address, questions, endpoints)
        || flow.server.port() == 53
        || questions.guess(flow.client.ip(), address, flow.first).is_some()
    {
        return true;
    }
    let exchanges = conversation.http.iter().flat_map(|http| http.exchanges());
    if exchanges.clone().any(|exchange| matters(exchange, endpoints)) {
        return true;
    }
    let sni =
        conversation.tls.as_ref().and_then(|tls| tls.facts().client_hello.as_ref()?.server_name.as_deref());
    let asked = conversation.socks.as_ref().and_then(|socks| socks.exchange().request.as_ref());
    let named = [sni, asked.map(|request| request.host.as_str())];
    if named.into_iter().flatten().any(|name| endpoints.role(name) != Role::Other) {
        return true;
    }
    // A proxy of which the target is not seen.
    conversation.socks.is_some() && asked.is_none()
        || conversation.http.is_none()
            && conversation.tls.is_none()
            && endpoints.proxy_ports.contains(&flow.server.port())
}

fn matters(exchange: &http::Exchange, endpoints: &Endpoints) -> bool {
    let Some(request) = &exchange.request else {
        return convert::purpose(exchange, endpoints) != Purpose::Other;
    };
    let host = request.authority().unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let host = if request.cut { endpoints.complete(host) } else { host };
    endpoints.role(host) != Role::Other
        || endpoints.is_definitions_path(request.path())
        || !matches!(convert::purpose(exchange, endpoints), Purpose::Other | Purpose::Connect)
}

/// Tells whether an address has a role, by itself or by a name it was answered for.
pub(super) fn has_role(address: IpAddr, questions: &Questions, endpoints: &Endpoints) -> bool {
    let of_interest = |name: &str| endpoints.role_of_question(name) != Role::Other;
    endpoints.role_of_address(address) != Role::Other
        || questions.names_of(address).iter().any(|name| questions.has_role(name, &of_interest))
}
