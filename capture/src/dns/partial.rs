//! Reads the front of a message: what a snap length left of it.

use super::{Data, MAX_QUESTIONS, Malformed, Message, Question, Record, kind_text, push_label};
use crate::cursor::Cursor;

const CNAME: u16 = 5;
const SOA: u16 = 6;
const OPT: u16 = 41;
/// A name has at most 127 labels; more means that its pointers go round in circles.
const MAX_LABELS: usize = 128;

/// Reads header and question, and as many records as there are.
pub(super) fn parse(bytes: &[u8]) -> Result<Message, Malformed> {
    let mut cursor = Cursor::new(bytes);
    let mut number = || cursor.u16().ok_or(Malformed);
    let (id, flags, questions) = (number()?, number()?, number()?);
    let counts = [number()?, number()?, number()?];
    if questions > MAX_QUESTIONS {
        return Err(Malformed);
    }
    let mut message = Message {
        id,
        response: flags & 0x8000 != 0,
        opcode: u8::try_from(flags >> 11 & 0xf).unwrap_or_default(),
        rcode: flags & 0xf,
        truncated: flags & 0x0200 != 0,
        recursion_available: flags & 0x0080 != 0,
        authoritative: flags & 0x0400 != 0,
        question: None,
        answers: Vec::new(),
        soa: false,
        edns_size: None,
        cut: false,
    };
    message.cut = sections(bytes, cursor, questions, counts, &mut message).is_none();
    Ok(message)
}

/// Reads the sections; `None` when the bytes run out or make no sense.
fn sections<'a>(
    bytes: &'a [u8],
    mut cursor: Cursor<'a>,
    questions: u16,
    counts: [u16; 3],
    message: &mut Message,
) -> Option<()> {
    for _ in 0..questions {
        let name = name(bytes, &mut cursor)?;
        let kind = kind_text(cursor.u16()?);
        cursor.u16()?;
        message.question.get_or_insert(Question { name, kind });
    }
    let [answers, authorities, additionals] = counts;
    for _ in 0..answers {
        let (record, _, _) = record(bytes, &mut cursor)?;
        message.answers.push(record);
    }
    for _ in 0..authorities {
        let (_, kind, _) = record(bytes, &mut cursor)?;
        message.soa |= kind == SOA;
    }
    for _ in 0..additionals {
        let (record, kind, class) = record(bytes, &mut cursor)?;
        if kind == OPT && message.edns_size.is_none() {
            message.edns_size = Some(class);
            message.rcode |= u16::try_from(record.ttl >> 24).unwrap_or_default() << 4;
        }
    }
    Some(())
}

/// Reads a record, and returns its type and class beside it.
fn record<'a>(bytes: &'a [u8], cursor: &mut Cursor<'a>) -> Option<(Record, u16, u16)> {
    let owner = name(bytes, cursor)?;
    let (kind, class) = (cursor.u16()?, cursor.u16()?);
    let ttl = cursor.u32()?;
    let value = cursor.after_u16()?;
    let data = match (kind, value.len()) {
        (1, 4) => Data::A(<[u8; 4]>::try_from(value).ok()?.into()),
        (28, 16) => Data::Aaaa(<[u8; 16]>::try_from(value).ok()?.into()),
        (CNAME, _) => Data::Cname(name(bytes, &mut Cursor::new(value))?),
        _ => Data::Other(kind_text(kind)),
    };
    Some((Record { name: owner, ttl, data }, kind, class))
}

/// Reads a name and follows its pointers, which must go backwards.
fn name<'a>(bytes: &'a [u8], cursor: &mut Cursor<'a>) -> Option<String> {
    let mut text = String::new();
    let mut jumped: Option<(usize, Cursor<'a>)> = None;
    for _ in 0..MAX_LABELS {
        let reader = jumped.as_mut().map_or(&mut *cursor, |(_, reader)| reader);
        let length = reader.u8()?;
        match length {
            0 => return Some(text),
            1..=63 => push_label(&mut text, reader.take(usize::from(length))?),
            192.. => {
                let target = usize::from(u16::from_be_bytes([length & 0x3f, reader.u8()?]));
                if jumped.is_some_and(|(before, _)| target >= before) {
                    return None;
                }
                jumped = Some((target, Cursor::new(bytes.get(target..)?)));
            }
            _ => return None,
        }
    }
    None
}
