use super::*;
use crate::sample::{File, Order};

const MICRO: u32 = 0xa1b2_c3d4;
const NANO: u32 = 0xa1b2_3c4d;

/// What a test looks at of each frame: number, nanoseconds, interface, link type, bytes, length on the wire.
type Row = (u64, i64, u32, i32, Vec<u8>, u32);

fn rows(bytes: &[u8]) -> (Vec<Row>, End) {
    let mut rows = Vec::new();
    let end = read(Box::new(bytes), &mut |frame| {
        rows.push((
            frame.number,
            frame.time.0,
            frame.interface,
            frame.link,
            frame.data.to_vec(),
            frame.wire_len,
        ));
    });
    (rows, end)
}

#[test]
fn reads_pcap_of_both_byte_orders_and_resolutions() {
    for order in [Order::Little, Order::Big] {
        for (magic, nanoseconds) in [(MICRO, 7_000), (NANO, 7)] {
            let file = File::pcap(order, magic, 1).record(10, 7, b"abcd", 90).record(9, 0, b"", 60);
            let (rows, end) = rows(&file.bytes);
            let first = (1, 10_000_000_000 + nanoseconds, 0, 1, b"abcd".to_vec(), 90);
            assert_eq!(rows, [first, (2, 9_000_000_000, 0, 1, Vec::new(), 60)], "{order:?} {magic:x}");
            assert_eq!((end.frames, &end.cut), (2, &None));
            assert_eq!(end.span.unwrap().0.0, 9_000_000_000);
            assert_eq!(end.span.unwrap().1.0, 10_000_000_000 + nanoseconds);
        }
    }
}

#[test]
fn reads_sections_and_interfaces_of_pcapng() {
    for (one, two) in [(Order::Little, Order::Big), (Order::Big, Order::Little)] {
        let file = File::pcapng(one)
            .interface(1, None)
            .interface(113, Some(9))
            .packet(0, 5_000_001, b"a")
            .packet(1, 5_000_000_001, b"bb")
            .section(two)
            .interface(101, Some(0x81))
            .packet(0, 11, b"ccc");
        let (rows, end) = rows(&file.bytes);
        let expected = [
            (1, 5_000_001_000, 0, 1, b"a".to_vec(), 1),
            (2, 5_000_000_001, 1, 113, b"bb".to_vec(), 2),
            // Binary resolution: 11 halves of a second, on the first interface of the second section.
            (3, 5_500_000_000, 2, 101, b"ccc".to_vec(), 3),
        ];
        assert_eq!(rows, expected, "{one:?} then {two:?}");
        assert_eq!(end.cut, None);
    }
}

#[test]
fn gives_a_simple_packet_the_time_before_it() {
    let file = File::pcapng(Order::Little).interface(1, None).packet(0, 8_000_000, b"a").simple(b"bcde");
    let (rows, _) = rows(&file.bytes);
    assert_eq!(rows[1], (2, 8_000_000_000, 0, 1, b"bcde".to_vec(), 4));
}

#[test]
fn counts_a_packet_of_an_unknown_interface_and_skips_unknown_blocks() {
    let file = File::pcapng(Order::Little)
        .interface(1, None)
        .block(0x0bad_0bad, b"what")
        .packet(9, 0, b"lost")
        .packet(0, 0, b"read");
    let (rows, end) = rows(&file.bytes);
    assert_eq!(rows.iter().map(|row| (row.0, row.4.as_slice())).collect::<Vec<_>>(), [(2, &b"read"[..])]);
    assert_eq!(end.frames, 2);
}

#[test]
fn keeps_comments_with_the_number_of_their_frame() {
    let mut body = File::pcapng(Order::Little).u32(0).bytes;
    body.clear();
    body.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0]);
    body.extend_from_slice(b"data\x01\x00\x04\x00here\x00\x00\x00\x00");
    let file = File::pcapng(Order::Little).interface(1, None).packet(0, 0, b"x").block(6, &body);
    assert_eq!(rows(&file.bytes).1.comments, [(2, "here".to_owned())]);
}

#[test]
fn says_where_a_cut_file_ends() {
    let pcap = File::pcap(Order::Little, MICRO, 1).record(1, 0, b"abcdefgh", 8);
    let whole = pcap.bytes.len();
    let pcap = pcap.record(2, 0, b"abcdefgh", 8);
    let ng = File::pcapng(Order::Big).interface(1, None).packet(0, 0, b"abcdefgh");
    let ng_whole = ng.bytes.len();
    let ng = ng.packet(0, 0, b"abcdefgh");
    for (bytes, whole) in [(&pcap.bytes, whole), (&ng.bytes, ng_whole)] {
        for cut in whole + 1..bytes.len() {
            let (rows, end) = rows(&bytes[..cut]);
            assert_eq!(rows.len(), 1, "cut at {cut}");
            assert_eq!(
                end.cut.as_deref(),
                Some("ends in the middle of a record after frame 1"),
                "cut at {cut}"
            );
        }
        assert_eq!(rows(&bytes[..whole]).1.cut, None);
    }
}

#[test]
fn says_what_is_no_capture() {
    assert_eq!(rows(b"").1.cut.as_deref(), Some("is empty"));
    for bytes in [&b"PK\x03\x04 a zip archive of some length"[..], b"\xd4\xc3", &[0; 64]] {
        assert_eq!(rows(bytes).1.cut.as_deref(), Some("has no pcap or pcapng header"), "{bytes:?}");
    }
}

#[test]
fn stops_where_the_file_turns_to_nonsense() {
    let fine = File::pcapng(Order::Little).interface(1, None).packet(0, 0, b"fine");
    let bad_lengths = [6, 0, 0, 0, 3, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9];
    for nonsense in [bad_lengths, [0; 16], [0xff; 16]] {
        let (rows, end) = rows(&[fine.bytes.as_slice(), &nonsense].concat());
        assert_eq!((rows.len(), end.frames), (1, 1), "{nonsense:02x?}");
        assert!(
            end.cut.as_ref().is_some_and(|cut| cut.ends_with("after frame 1")),
            "{nonsense:02x?} {end:?}"
        );
    }
}

#[test]
fn does_not_hold_a_block_of_any_size() {
    let head =
        File::pcapng(Order::Little).interface(1, None).packet(0, 0, b"fine").u32(5).u32(0x7fff_fff0).bytes;
    let mut read_bytes = 0;
    let endless = std::io::repeat(0).take(1 << 30);
    let counted = Counted { inner: Cursor::new(head).chain(endless), count: &mut read_bytes };
    let end = read(Box::new(counted), &mut |_| {});
    assert!(end.cut.is_some(), "{end:?}");
    assert_eq!(end.frames, 1);
    assert!(read_bytes <= 40 << 20, "{read_bytes} bytes were read");
}

struct Counted<'a, R> {
    inner: R,
    count: &'a mut usize,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let got = self.inner.read(buffer)?;
        *self.count += got;
        Ok(got)
    }
}

#[test]
fn keeps_what_came_before_an_error_of_the_input() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("bad checksum"))
        }
    }
    // The first 64 KiB are read in one piece; the error comes behind them.
    let mut file = File::pcap(Order::Little, MICRO, 1);
    for _ in 0..70 {
        file = file.record(1, 0, &[0; 1000], 1000);
    }
    let end = read(Box::new(Cursor::new(file.bytes).chain(Broken)), &mut |_| {});
    assert_eq!(end.frames, 70);
    assert_eq!(end.cut.as_deref(), Some("cannot be read further: bad checksum after frame 70"));
}
