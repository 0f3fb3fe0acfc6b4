use tetra_bundle::SourceId;
use tetra_capture::sample::{self, File, Order, ip, tcp, udp, without_ethernet};
use tetra_capture::stream::Dir;
use tetra_capture::talk::{Dice, fixture, unhex};

use super::*;
use crate::model::{EndpointPattern, Purpose};

const CLIENT: &str = "10.0.0.5:50000";
const SERVER: &str = "192.0.2.1:443";
const RESOLVER: &str = "10.0.0.53:53";
const MICRO: u32 = 0xa1b2_c3d4;

fn endpoints() -> Endpoints {
    let pattern = |name: &str, role| EndpointPattern { name: name.to_owned(), role, region: String::new() };
    Endpoints {
        patterns: vec![
            pattern("*.amp.cisco.com", Role::UpdateServer),
            pattern("a.example", Role::UpdateServer),
            pattern("192.0.2.1", Role::UpdateServer),
        ],
        proxy_ports: vec![3128],
        ..Endpoints::default()
    }
}

/// Reads capture files as one bundle and gives what was seen and what was odd.
fn read(files: &[&[u8]]) -> (Traffic, Vec<String>) {
    let endpoints = endpoints();
    let mut reader = Reader::new(&endpoints);
    let mut odd = Vec::new();
    for file in files {
        let mut sink = Sink::new(SourceId::Capture, "capture.pcap");
        reader.read(Box::new(*file), &mut sink);
        odd.extend(sink.finish().1.into_iter().map(|anomaly| format!("{}: {}", anomaly.at, anomaly.what)));
    }
    (reader.finish(), odd)
}

/// Writes frames into a pcap file, 10 ms apart.
fn pcap(frames: &[Vec<u8>]) -> Vec<u8> {
    let mut file = File::pcap(Order::Little, MICRO, 1);
    for (number, frame) in (0..).zip(frames) {
        file = file.record(1_800_000_000, number * 10_000, frame, frame.len());
    }
    file.bytes
}

/// Makes the frames of a connection that carries a talk, from SYN to FIN.
fn connection(server: &str, talk: &[(Dir, Vec<u8>)]) -> Vec<Vec<u8>> {
    let (mut up, mut down) = (101, 901);
    let mut frames = vec![
        tcp(CLIENT, server, "S", 100, 0, b""),
        tcp(server, CLIENT, "SA", 900, 101, b""),
        tcp(CLIENT, server, "A", up, down, b""),
    ];
    for (dir, bytes) in talk {
        for piece in bytes.chunks(1400) {
            let length = u32::try_from(piece.len()).unwrap();
            match dir {
                Dir::ToServer => {
                    frames.push(tcp(CLIENT, server, "A", up, down, piece));
                    up += length;
                }
                Dir::ToClient => {
                    frames.push(tcp(server, CLIENT, "A", down, up, piece));
                    down += length;
                }
            }
        }
    }
    frames.push(tcp(server, CLIENT, "FA", down, up, b""));
    frames.push(tcp(CLIENT, server, "FA", up, down + 1, b""));
    frames
}

fn query() -> Vec<u8> {
    unhex("0007 0100 0001 0000 0000 0000 01 61 07 6578616d706c65 00 0001 0001")
}

fn answer() -> Vec<u8> {
    unhex(
        "0007 8180 0001 0001 0000 0000 01 61 07 6578616d706c65 00 0001 0001 c00c 0001 0001 0000003c 0004 c0000209",
    )
}

#[test]
fn reads_a_question_and_the_connection_it_was_for() {
    let mut frames =
        vec![udp("10.0.0.5:5000", RESOLVER, &query()), udp(RESOLVER, "10.0.0.5:5000", &answer())];
    frames.extend(connection("192.0.2.9:443", &fixture("tls12-chain")));
    frames.extend(connection("198.51.100.9:9999", &[(Dir::ToServer, b"nothing known".to_vec())]));
    let count = u64::try_from(frames.len()).unwrap();
    let (traffic, odd) = read(&[&pcap(&frames)]);
    assert_eq!(odd, Vec::<String>::new());
    assert_eq!((traffic.captures[0].frames, traffic.flow_count), (count, 2));
    let [question] = traffic.questions.as_slice() else { panic!("{:?}", traffic.questions) };
    assert_eq!((question.name.as_str(), question.tries.len(), question.answers.len()), ("a.example", 1, 1));
    let [flow] = traffic.flows.as_slice() else { panic!("{} connections", traffic.flows.len()) };
    assert_eq!(flow.server.to_string(), "192.0.2.9:443");
    assert!(flow.app.tls.as_ref().is_some_and(|tls| !tls.certificates.is_empty()));
    assert_eq!(traffic.others[0].server.to_string(), "198.51.100.9:9999");
    let hosts: Vec<String> = traffic.hosts.iter().map(|host| host.address.to_string()).collect();
    assert_eq!(hosts, ["10.0.0.5", "10.0.0.53", "192.0.2.9", "198.51.100.9"]);
}

#[test]
fn reads_questions_over_tcp() {
    let framed =
        |message: Vec<u8>| [&u16::try_from(message.len()).unwrap().to_be_bytes()[..], &message].concat();
    let talk = [(Dir::ToServer, framed(query())), (Dir::ToClient, framed(answer()))];
    let (traffic, _) = read(&[&pcap(&connection(RESOLVER, &talk))]);
    let question = &traffic.questions[0];
    assert_eq!((question.tcp, question.name.as_str(), question.answers.len()), (true, "a.example", 1));
}

#[test]
fn reads_an_exchange_through_a_proxy() {
    let (traffic, _) = read(&[&pcap(&connection("10.0.0.9:3128", &fixture("http-connect-tls")))]);
    let app = &traffic.flows[0].app;
    assert_eq!((app.http[0].purpose, app.tunnel, app.http[0].port), (Purpose::Connect, Some(0), Some(443)));
    assert!(app.tls.as_ref().is_some_and(|tls| tls.sni.as_deref() == Some("tetra-defs.amp.cisco.com")));
}

#[test]
fn ties_router_errors_to_what_they_are_about() {
    let asked = udp("10.0.0.5:5000", RESOLVER, &query());
    let syn = tcp(CLIENT, SERVER, "S", 100, 0, b"");
    let error = |frame: &[u8]| {
        ip("10.0.0.1", "10.0.0.5", 1, &[&[3, 1, 0, 0, 0, 0, 0, 0], &without_ethernet(frame)[..28]].concat())
    };
    let (traffic, _) = read(&[&pcap(&[asked.clone(), syn.clone(), error(&asked), error(&syn)])]);
    assert_eq!((&traffic.questions[0].errors, &traffic.flows[0].errors), (&vec![0], &vec![1]));
    assert_eq!(traffic.icmp[1].meaning(), "host_unreachable");
}

#[test]
fn reads_the_clock_of_a_time_server() {
    let mut message = vec![0x24; 48];
    message[40..44].copy_from_slice(&(1_800_000_005_u64 + 2_208_988_800).to_be_bytes()[4..]);
    let (traffic, _) = read(&[&pcap(&[udp("10.0.0.1:123", "10.0.0.5:123", &message)])]);
    let [(source, at, told)] = traffic.clocks.as_slice() else { panic!("{:?}", traffic.clocks) };
    assert_eq!((*source, at.frame, told.secs()), (ClockSource::Ntp, 1, 1_800_000_005));
    // A client's message tells nothing.
    message[0] = 0x23;
    let (traffic, _) = read(&[&pcap(&[udp("10.0.0.1:123", "10.0.0.5:123", &message)])]);
    assert_eq!(traffic.clocks, []);
}

#[test]
fn reads_several_files_as_one() {
    let frames = connection(SERVER, &fixture("tls12-chain"));
    let (one, two) = frames.split_at(5);
    let (whole, _) = read(&[&pcap(&frames)]);
    let (split, odd) = read(&[&pcap(one), &pcap(two)]);
    assert_eq!(odd, Vec::<String>::new());
    assert_eq!((split.captures.len(), split.flows.len()), (2, 1));
    assert_eq!(split.flows[0].last.capture, 1);
    assert_eq!(split.flows[0].down.bytes, whole.flows[0].down.bytes);
    assert_eq!(split.flows[0].app.tls.as_ref().unwrap().sni, whole.flows[0].app.tls.as_ref().unwrap().sni);
}

#[test]
fn says_what_it_could_not_read() {
    let unknown = File::pcap(Order::Little, MICRO, 105).record(1, 0, b"802.11", 6).record(2, 0, b"802.11", 6);
    let mut cut = pcap(&[tcp(CLIENT, SERVER, "S", 100, 0, b"")]);
    cut.pop();
    let snapped =
        File::pcap(Order::Little, MICRO, 1).record(1, 0, &tcp(CLIENT, SERVER, "S", 1, 0, b""), 1500);
    let (traffic, odd) = read(&[&unknown.bytes, &cut, b"no capture", &snapped.bytes]);
    assert_eq!(odd.len(), 3, "{odd:?}");
    assert!(odd[0].starts_with("frame 1: link type 105 is not known"));
    assert_eq!(odd[1], "frame 0: the capture ends in the middle of a record after frame 0");
    assert_eq!(odd[2], "frame 0: the capture has no pcap or pcapng header");
    assert_eq!(
        traffic.captures.iter().map(|file| file.snap).collect::<Vec<_>>(),
        [None, None, None, Some(54)]
    );
}

/// How many of the last seeds take long.
const SLOW: usize = 2;

/// Small captures that between them touch every reader.
fn seeds() -> Vec<Vec<u8>> {
    let first = |name: &str, bytes: usize| {
        let mut talk = fixture(name);
        talk.iter_mut().for_each(|(_, said)| said.truncate(bytes));
        talk.truncate(4);
        talk
    };
    let mut mixed = vec![udp("10.0.0.5:5000", RESOLVER, &query()), udp(RESOLVER, "10.0.0.5:5000", &answer())];
    mixed.push(sample::fragment("10.0.0.5", "10.0.0.53", 17, 0, true, &[0; 16]));
    mixed.push(sample::fragment("10.0.0.5", "10.0.0.53", 17, 16, false, &[0; 9]));
    mixed.push(sample::fragment("2001:db8::5", "2001:db8::53", 17, 0, true, &[0; 16]));
    mixed.push(ip(
        "10.0.0.1",
        "10.0.0.5",
        1,
        &[&[3, 1, 0, 0, 0, 0, 0, 0], without_ethernet(&mixed[0])].concat(),
    ));
    mixed.push(ip("10.0.0.1", "10.0.0.5", 47, &[&[0, 0, 0x65, 0x58], mixed[1].as_slice()].concat()));
    mixed.push(ip("fe80::5", "ff02::1", 58, &[&[135, 0, 0, 0, 0, 0, 0, 0][..], &[9; 16]].concat()));
    mixed.push(udp("10.0.0.1:123", "10.0.0.5:123", &[0x24; 48]));
    let framed = [&[0, 27][..], &query()].concat();
    let mut seeds = vec![
        pcap(&mixed),
        pcap(&connection(SERVER, &first("tls13-healthy", 700))),
        pcap(&connection("192.0.2.1:80", &first("http-download", 500))),
        pcap(&connection("10.0.0.9:3128", &first("http-connect-tls", 400))),
        pcap(&connection("10.0.0.9:1080", &first("socks5-not-allowed", 400))),
        pcap(&connection(RESOLVER, &[(Dir::ToServer, framed)])),
    ];
    let mut sections = File::pcapng(Order::Big).interface(1, Some(9)).interface(101, Some(0x8a));
    for frame in &mixed {
        sections = sections.packet(0, 1_800_000_000_000_000_000, frame).simple(frame);
        sections = sections.packet(1, 1 << 40, without_ethernet(frame));
    }
    seeds.push(sections.section(Order::Little).interface(113, None).packet(0, 5, &[0; 40]).bytes);
    seeds.push(pcap(&connection(SERVER, &first("tls12-revoked", 1400))));
    seeds.push(pcap(&connection("192.0.2.1:80", &first("ocsp-good", 2000))));
    seeds
}

#[test]
fn ends_on_twenty_thousand_damaged_captures() {
    let seeds = seeds();
    let endpoints = endpoints();
    let mut dice = Dice(20_260_101);
    let (mut frames, mut flows) = (0, 0);
    for round in 0..20_000 {
        // Certificates and signatures take long: they have their turn less often.
        let number = if round % 20 == 0 { round / 20 % seeds.len() } else { round % (seeds.len() - SLOW) };
        let mut bytes = seeds[number].clone();
        dice.damage(&mut bytes);
        let mut reader = Reader::new(&endpoints);
        reader.read(Box::new(bytes.as_slice()), &mut Sink::new(SourceId::Capture, "capture.pcap"));
        let traffic = reader.finish();
        frames += traffic.captures[0].frames;
        flows += traffic.flows.len();
    }
    // The damage leaves most of it readable: the readers were reached.
    assert!(frames > 60_000 && flows > 5_000, "{frames} frames, {flows} connections");
}
