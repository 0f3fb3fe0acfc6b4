use tetra_capture::sample::{seen, socket};

use super::*;
use tetra_capture::dns::{Question, Record};

const CLIENT: &str = "10.0.0.5:5000";
const RESOLVER: &str = "10.0.0.53:53";
const NAME: &str = "tetra-defs.example";

fn message(response: bool, name: Option<&str>, addresses: &[&str]) -> Message {
    let record = |address: &&str| Record {
        name: NAME.to_owned(),
        ttl: 60,
        data: match address.parse().unwrap() {
            IpAddr::V4(address) => Data::A(address),
            IpAddr::V6(address) => Data::Aaaa(address),
        },
    };
    Message {
        id: 7,
        response,
        opcode: 0,
        rcode: 0,
        truncated: false,
        recursion_available: true,
        authoritative: false,
        question: name.map(|name| Question { name: name.to_owned(), kind: "A".into() }),
        answers: addresses.iter().map(record).collect(),
        soa: false,
        edns_size: None,
        cut: false,
    }
}

fn query() -> Message {
    message(false, Some(NAME), &[])
}

fn answer() -> Message {
    message(true, Some(NAME), &["192.0.2.1"])
}

/// One message per frame, each with an identification of its own.
#[derive(Default)]
struct Talk {
    questions: Questions,
    frame: u32,
}

impl Talk {
    fn say(&mut self, seconds: f64, message: &Message) -> &mut Self {
        self.frame += 1;
        let id = u16::try_from(self.frame).unwrap();
        self.say_as(seconds, message, Some(id), false)
    }

    fn say_as(&mut self, seconds: f64, message: &Message, ip_id: Option<u16>, tcp: bool) -> &mut Self {
        let (src, dst) = if message.response { (RESOLVER, CLIENT) } else { (CLIENT, RESOLVER) };
        let envelope =
            Envelope { seen: seen(self.frame, seconds), src: socket(src), dst: socket(dst), tcp, ip_id };
        self.questions.message(envelope, message, &|name| name == NAME);
        self
    }

    /// Counts of tries and answers of each question.
    fn counts(&self) -> Vec<(usize, usize)> {
        self.questions.list.iter().map(|question| (question.tries.len(), question.answers.len())).collect()
    }
}

#[test]
fn ties_an_answer_to_its_question() {
    let mut talk = Talk::default();
    talk.say(0.0, &query()).say(0.1, &answer());
    assert_eq!(talk.counts(), [(1, 1)]);
    let question = &talk.questions.list[0];
    assert_eq!((question.client, question.server, question.tcp), (socket(CLIENT), socket(RESOLVER), false));
    assert_eq!((question.name.as_str(), question.kind.as_ref(), question.id), (NAME, "A", 7));
    assert_eq!(question.answers[0].addresses, ["192.0.2.1".parse::<IpAddr>().unwrap()]);
    assert_eq!(question.answers[0].at, seen(2, 0.1));
    assert_eq!(talk.questions.names_of("192.0.2.1".parse().unwrap()), [NAME]);
    assert!(talk.questions.names_of("192.0.2.2".parse().unwrap()).is_empty());
}

#[test]
fn a_repetition_is_another_try_and_an_answered_one_a_new_question() {
    let mut talk = Talk::default();
    talk.say(0.0, &query()).say(1.0, &query()).say(3.0, &query()).say(3.1, &answer());
    assert_eq!(talk.counts(), [(3, 1)]);
    talk.say(4.0, &query());
    assert_eq!(talk.counts(), [(3, 1), (1, 0)]);
    // Half a minute later the same number is chance.
    talk.say(40.0, &query());
    assert_eq!(talk.counts(), [(3, 1), (1, 0), (1, 0)]);
}

#[test]
fn a_truncated_answer_leaves_the_question_open() {
    let mut talk = Talk::default();
    talk.say(0.0, &query()).say(0.1, &Message { truncated: true, ..answer() }).say(0.2, &query());
    assert_eq!(talk.counts(), [(2, 1)]);
    assert!(talk.questions.list[0].answers[0].truncated);
}

#[test]
fn a_copy_of_a_packet_is_no_repetition() {
    let mut talk = Talk::default();
    talk.say_as(0.0, &query(), Some(9), false).say_as(0.01, &query(), Some(9), false);
    assert_eq!(talk.counts(), [(1, 0)]);
    talk.say_as(0.02, &query(), Some(10), false);
    assert_eq!(talk.counts(), [(2, 0)]);
    talk.say_as(0.1, &answer(), Some(1), false).say_as(0.11, &answer(), Some(1), false);
    assert_eq!(talk.counts(), [(2, 1)]);
    // Without identifications only what comes at once is a copy.
    let mut talk = Talk::default();
    talk.say_as(0.0, &query(), None, false).say_as(0.000_1, &query(), None, false);
    assert_eq!(talk.counts(), [(1, 0)]);
    talk.say_as(0.01, &query(), None, false);
    assert_eq!(talk.counts(), [(2, 0)]);
}

#[test]
fn an_answer_shows_that_there_was_a_question() {
    let mut talk = Talk::default();
    talk.say(0.0, &answer());
    assert_eq!(talk.counts(), [(0, 1)]);
    assert_eq!(talk.questions.list[0].client, socket(CLIENT));
    talk.say(1.0, &message(true, None, &["192.0.2.9"]));
    // Without a question it fits the one of its number.
    assert_eq!(talk.counts(), [(0, 2)]);
    let mut talk = Talk::default();
    talk.say(0.0, &message(true, None, &["192.0.2.9"]));
    assert_eq!(talk.counts(), []);
}

#[test]
fn another_name_number_or_transport_is_another_question() {
    let mut talk = Talk::default();
    talk.say(0.0, &query());
    talk.say(0.1, &message(true, Some("other.example"), &["192.0.2.1"]));
    assert_eq!(talk.counts(), [(1, 0), (0, 1)]);
    talk.say(0.2, &Message { id: 8, ..answer() });
    assert_eq!(talk.counts(), [(1, 0), (0, 1), (0, 1)]);
    talk.say_as(0.3, &answer(), None, true);
    assert_eq!(talk.counts(), [(1, 0), (0, 1), (0, 1), (0, 1)]);
    assert!(talk.questions.list[3].tcp);
}

#[test]
fn other_opcodes_are_left_out() {
    let mut talk = Talk::default();
    talk.say(0.0, &Message { opcode: 5, ..query() }).say(0.1, &Message { opcode: 5, ..answer() });
    assert_eq!(talk.counts(), []);
}

#[test]
fn guesses_the_name_behind_a_cut_answer() {
    let (client, server) = (socket(CLIENT).ip(), "192.0.2.77".parse().unwrap());
    let cut = Message { cut: true, answers: Vec::new(), ..answer() };
    let mut talk = Talk::default();
    talk.say(0.0, &query()).say(0.1, &cut);
    assert_eq!(talk.questions.guess(client, server, seen(3, 0.2)), Some(NAME));
    assert_eq!(talk.questions.guess(client, server, seen(3, 1.2)), None);
    assert_eq!(talk.questions.guess(client, server, seen(3, 0.05)), None);
    assert_eq!(talk.questions.guess("10.0.0.6".parse().unwrap(), server, seen(3, 0.2)), None);
    // An address that has a name needs no guess.
    talk.say(0.3, &message(true, Some("known.example"), &["192.0.2.77"]));
    assert_eq!(talk.questions.guess(client, server, seen(4, 0.4)), None);
    // Nor is there one for a name of no interest, nor where the server says no.
    for other in [Message { rcode: 3, ..cut.clone() }, Message { question: None, ..cut }] {
        let mut talk = Talk::default();
        talk.say(0.0, &query()).say(0.1, &other);
        assert_eq!(talk.questions.guess(client, "192.0.2.78".parse().unwrap(), seen(3, 0.2)), None);
    }
}
