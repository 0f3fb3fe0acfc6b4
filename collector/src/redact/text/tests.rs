use std::io::Cursor;

use super::*;
use crate::redact::{Key, Level, Redactor};

/// Cleans texts as files of one bundle.
fn cleaned(key: u8, level: Level, texts: &[&[u8]]) -> Vec<Result<Vec<u8>, &'static str>> {
    let mut redactor = Redactor::new(Key::new(&[key; 32]), level);
    let open = |text: &[u8]| -> io::Result<Box<dyn Read + Send>> { Ok(Box::new(Cursor::new(text.to_vec()))) };
    for text in texts {
        redactor.learn(&|| open(text)).unwrap();
    }
    let each = texts.iter().map(|text| {
        let mut out = Vec::new();
        match redactor.clean(&|| open(text), &mut out).unwrap() {
            Outcome::Cleaned => Ok(out),
            Outcome::Withheld(why) => Err(why),
        }
    });
    each.collect()
}

fn full(text: &[u8]) -> Vec<u8> {
    cleaned(1, Level::Full, &[text]).remove(0).unwrap()
}

const TELLS: &str = "<password>Canary P4ss</password> pc7.corp.internal 10.9.8.7 fd12::7:9 00:50:56:ab:cd:ef";

#[test]
fn a_piece_may_end_anywhere() {
    let clean = full(TELLS.as_bytes());
    assert!(!String::from_utf8_lossy(&clean).contains("P4ss"));
    let length = TELLS.len();
    let borders = [PIECE / 2, PIECE, PIECE + AHEAD];
    for pad in [&b"x"[..], b"a line\n"] {
        for before in borders.into_iter().flat_map(|border| (border - length..border + 3).step_by(29)) {
            let padding: Vec<u8> = pad.iter().copied().cycle().take(before).chain(*b" ").collect();
            let more = vec![b' '; PIECE];
            let text = [&padding, TELLS.as_bytes(), &more].concat();
            let expected = [padding.as_slice(), &clean, &more].concat();
            assert!(full(&text) == expected, "{} before {before}", String::from_utf8_lossy(pad));
        }
    }
}

#[test]
fn what_is_not_private_stays_byte_for_byte() {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let odd = [&[0xff, 0xfe][..], &wide("Zeile\r\nzwei"), &[0, 0xd8, b'x', 0, 7]].concat();
    for text in [
        b"\xef\xbb\xbf2026-11-23T05:00:00.123Z error 0x80092013 -2146885613\r\nversion 8.1.7.21417\rend"
            .as_slice(),
        b"bytes \xff\xfe\x80 and \xc3\x28 stay\n\n",
        b"GET https://tetra-defs.amp.cisco.com/av64bit_95321/versions.id commercial.ocsp.identrust.com\n",
        &odd,
        b"",
    ] {
        assert_eq!(full(text), text, "{}", String::from_utf8_lossy(text));
    }
}

#[test]
fn the_same_stands_for_the_same_in_every_file_and_in_both_widths() {
    let wide: Vec<u8> = TELLS.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let wide = [&[0xff, 0xfe][..], &wide].concat();
    let all = cleaned(1, Level::Full, &[TELLS.as_bytes(), &wide]);
    let narrow = String::from_utf8(all[0].clone().unwrap()).unwrap();
    let units: Vec<u16> =
        all[1].as_ref().unwrap()[2..].chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    assert_eq!(String::from_utf16(&units).unwrap(), narrow);
    assert_eq!(all, cleaned(1, Level::Full, &[TELLS.as_bytes(), &wide]), "same key, same bytes");
    assert_ne!(all, cleaned(2, Level::Full, &[TELLS.as_bytes(), &wide]), "another key, others");
    let secrets = cleaned(1, Level::Secrets, &[TELLS.as_bytes()]).remove(0).unwrap();
    let secrets = String::from_utf8(secrets).unwrap();
    assert!(secrets.ends_with("pc7.corp.internal 10.9.8.7 fd12::7:9 00:50:56:ab:cd:ef"), "{secrets}");
    assert!(!secrets.contains("P4ss"));
}

#[test]
fn what_cannot_be_cleaned_is_withheld_with_its_reason() {
    let unclosed = format!("<password>{}", "x".repeat(3 * PIECE));
    let events = [b"ElfFile\0".as_slice(), &[0; 5000]].concat();
    for level in [Level::Secrets, Level::Full] {
        let all = cleaned(1, level, &[unclosed.as_bytes(), &events, &[0, 1, 2, 3, 0, 9]]);
        assert_eq!(all[0], Err("the end of a secret in it cannot be found"));
        assert_eq!(all[1], Err("it is an event log (EVTX), which cannot be cleaned"));
        assert_eq!(all[2], Err("it is not a text, and cannot be cleaned"));
    }
}

#[test]
fn damaged_texts_end_without_a_secret() {
    let text = format!(
        "{{\"a\":[{{\"token\":\"Canary-T0ken\",\"x\":1}}]}}\n<c a='1'>{TELLS}</c>\nuser=jane Cookie: q=1\n"
    );
    let mut random = 7u32;
    for _ in 0..1000 {
        let mut bytes = text.clone().into_bytes();
        for _ in 0..2 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = usize::try_from(random >> 8).unwrap() % bytes.len();
            match random & 3 {
                0 => bytes.truncate(at.max(1)),
                1 => _ = bytes.remove(at),
                _ => bytes[at] = b"<>\"{}[]&;\\ \n\xff"[usize::try_from(random >> 4).unwrap() % 13],
            }
        }
        let known = memchr::memmem::find(&bytes, b"<password>Canary P4ss</password>").is_some();
        if let Ok(out) = &cleaned(1, Level::Full, &[&bytes])[0] {
            let leaks = memchr::memmem::find(out, b"Canary P4ss").is_some();
            assert!(!(known && leaks), "{}", String::from_utf8_lossy(&bytes));
        }
    }
}
