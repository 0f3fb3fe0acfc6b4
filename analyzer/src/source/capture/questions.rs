//! Questions to resolvers and their answers, over UDP and TCP; and which addresses were given for which names.
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, SocketAddr};

use tetra_capture::dns::{Data, Message, Question};
use tetra_capture::{Map, hash_ends};

use crate::model::{DnsAnswer, DnsQuestion, Seen};

/// Questions that are kept, names of no role included, and those kept for names that have one.
const KEPT: usize = 20_000;
const KEPT_OF_INTEREST: usize = 100_000;
/// Addresses whose names are remembered.
const NAMED: usize = 50_000;
/// Transactions among which copies are looked for: those of the last fraction of a second. The table stays in a near cache.
const RECENT: usize = 2_048;
/// A repetition closer than this with the same IP identification is the same packet seen twice, in seconds.
const COPY: f64 = 0.05;

/// Who asks whom, and by what transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    client: SocketAddr,
    server: SocketAddr,
    id: u16,
    tcp: bool,
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let number = u32::from(self.id) << 1 | u32::from(self.tcp);
        hash_ends(self.client, self.server, number, state);
    }
}

/// A DNS message with its envelope.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Envelope {
    /// Frame and time.
    pub seen: Seen,
    /// Sender.
    pub src: SocketAddr,
    /// Receiver.
    pub dst: SocketAddr,
    /// Carried over TCP.
    pub tcp: bool,
    /// IPv4 identification.
    pub ip_id: Option<u16>,
}

/// All questions of a capture.
#[derive(Debug, Default)]
pub(crate) struct Questions {
    /// In the order in which they were first sent.
    pub list: Vec<DnsQuestion>,
    /// The last question of each transaction, and before each question the one of the same transaction.
    open: Map<Key, usize>,
    before: Vec<Option<usize>>,
    /// When transactions were last heard of, and those before them.
    recent: [Map<Key, (Seen, Option<u16>)>; 2],
    names: Map<IpAddr, Vec<String>>,
    /// Whether a name has a role, for names that were asked before.
    interest: Map<String, bool>,
    /// Answers for names of interest whose addresses were cut off: who got them, when, and for which name.
    pub cut: Vec<(IpAddr, Seen, String)>,
}

impl Questions {
    /// Takes a message. `of_interest` tells whether a name has a role.
    pub fn message(&mut self, envelope: Envelope, message: &Message, of_interest: &dyn Fn(&str) -> bool) {
        if message.opcode != 0 {
            return;
        }
        if message.response {
            self.answer(envelope, message);
            let name = message.question.as_ref().map(|question| question.name.as_str());
            let no_address =
                !message.answers.iter().any(|record| matches!(record.data, Data::A(_) | Data::Aaaa(_)));
            if let Some(name) =
                name.filter(|name| message.cut && message.rcode == 0 && no_address && of_interest(name))
                && self.cut.len() < 1_000
            {
                self.cut.push((envelope.dst.ip(), envelope.seen, name.to_owned()));
            }
        } else {
            self.ask(envelope, message, of_interest);
        }
    }

    /// Gives the names for which an address was given as the answer.
    pub fn names_of(&self, address: IpAddr) -> &[String] {
        self.names.get(&address).map_or(&[], Vec::as_slice)
    }

    /// Tells whether a name has a role, without asking again for a name that was asked before.
    pub fn has_role(&self, name: &str, of_interest: &dyn Fn(&str) -> bool) -> bool {
        self.interest.get(name).copied().unwrap_or_else(|| of_interest(name))
    }

    /// Guesses the name a connection was opened for, where the answer's addresses were cut off: it follows at once.
    pub fn guess(&self, client: IpAddr, server: IpAddr, first: Seen) -> Option<&str> {
        /// Seconds from the answer to the connection.
        const SOON: f64 = 1.0;
        if self.names.contains_key(&server) {
            return None;
        }
        let fits = |cut: &&(IpAddr, Seen, String)| {
            cut.0 == client && (0.0..=SOON).contains(&first.time.since(cut.1.time))
        };
        self.cut.iter().rev().find(fits).map(|cut| cut.2.as_str())
    }

    fn ask(&mut self, envelope: Envelope, message: &Message, of_interest: &dyn Fn(&str) -> bool) {
        let Some(question) = &message.question else { return };
        let key = Key { client: envelope.src, server: envelope.dst, id: message.id, tcp: envelope.tcp };
        if self.is_copy(key, envelope) {
            return;
        }
        let repeated = self.last(key, |known| known.name == question.name && known.kind == question.kind);
        if let Some(known) = repeated.and_then(|position| self.list.get_mut(position)) {
            let recent = known.tries.last().is_some_and(|last| envelope.seen.time.since(last.time) < 30.0);
            if recent && known.answers.iter().all(|answer| answer.truncated) {
                if known.tries.len() < 64 {
                    known.tries.push(envelope.seen);
                }
                return;
            }
        }
        let room =
            if interests(&mut self.interest, &question.name, of_interest) { KEPT_OF_INTEREST } else { KEPT };
        if self.list.len() < room {
            self.add(key, question, vec![envelope.seen], Vec::new());
        }
    }

    /// Finds the last question of a transaction that fits.
    fn last(&self, key: Key, fits: impl Fn(&DnsQuestion) -> bool) -> Option<usize> {
        let earlier = |position: &usize| self.before.get(*position).copied().flatten();
        std::iter::successors(self.open.get(&key).copied(), earlier)
            .find(|position| self.list.get(*position).is_some_and(&fits))
    }

    fn add(&mut self, key: Key, question: &Question, tries: Vec<Seen>, answers: Vec<DnsAnswer>) {
        self.before.push(self.open.insert(key, self.list.len()));
        self.list.push(DnsQuestion {
            client: key.client,
            server: key.server,
            tcp: key.tcp,
            name: question.name.clone(),
            kind: question.kind.clone(),
            id: key.id,
            tries,
            answers,
            errors: Vec::new(),
        });
    }

    fn answer(&mut self, envelope: Envelope, message: &Message) {
        let key = Key { client: envelope.dst, server: envelope.src, id: message.id, tcp: envelope.tcp };
        let answer = read_answer(envelope.seen, message);
        let name = message.question.as_ref().map(|question| question.name.as_str());
        if let Some(name) = name {
            self.remember(name, &answer);
        }
        if self.is_copy(Key { client: envelope.src, server: envelope.dst, ..key }, envelope) {
            return;
        }
        let fits = |known: &DnsQuestion| {
            let same = |question: &Question| known.name == question.name && known.kind == question.kind;
            message.question.as_ref().is_none_or(same)
        };
        let position = self.last(key, fits);
        if let Some(known) = position.and_then(|position| self.list.get_mut(position)) {
            if known.answers.len() < 8 {
                known.answers.reserve_exact(1);
                known.answers.push(answer);
            }
            return;
        }
        // The question was not captured: the answer shows that it was asked.
        if let Some(question) = &message.question
            && self.list.len() < KEPT
        {
            self.add(key, question, Vec::new(), vec![answer]);
        }
    }

    fn remember(&mut self, name: &str, answer: &DnsAnswer) {
        for address in &answer.addresses {
            if self.names.len() >= NAMED && !self.names.contains_key(address) {
                return;
            }
            let names = self.names.entry(*address).or_default();
            if names.len() < 8 && !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
    }

    /// Tells whether the packet was captured before, at another layer or interface.
    fn is_copy(&mut self, key: Key, envelope: Envelope) -> bool {
        let [recent, earlier] = &mut self.recent;
        if recent.len() >= RECENT {
            std::mem::swap(recent, earlier);
            recent.clear();
        }
        let last = recent.insert(key, (envelope.seen, envelope.ip_id));
        last.or_else(|| earlier.get(&key).copied()).is_some_and(|(seen, ip_id)| {
            let apart = envelope.seen.time.since(seen.time);
            let same_id = ip_id == envelope.ip_id;
            // Two questions of one transaction that leave at once differ in their IP identification.
            !envelope.tcp && same_id && apart < if ip_id.unwrap_or(0) == 0 { 0.000_5 } else { COPY }
        })
    }
}

fn interests(known: &mut Map<String, bool>, name: &str, of_interest: &dyn Fn(&str) -> bool) -> bool {
    if let Some(known) = known.get(name) {
        return *known;
    }
    let interest = of_interest(name);
    if known.len() < NAMED {
        known.insert(name.to_owned(), interest);
    }
    interest
}

fn read_answer(seen: Seen, message: &Message) -> DnsAnswer {
    let mut answer = DnsAnswer {
        at: seen,
        rcode: message.rcode,
        truncated: message.truncated,
        authoritative: message.authoritative,
        cut: message.cut,
        ..DnsAnswer::default()
    };
    for record in &message.answers {
        match &record.data {
            Data::A(address) => answer.addresses.push(IpAddr::V4(*address)),
            Data::Aaaa(address) => answer.addresses.push(IpAddr::V6(*address)),
            Data::Cname(name) => answer.cnames.push(name.clone()),
            Data::Other(_) => {}
        }
    }
    answer
}

#[cfg(test)]
mod tests;
