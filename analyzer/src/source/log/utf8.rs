//! UTF-16 logs as UTF-8, and byte-order marks taken off; everything else passes untouched.

use std::io::{self, Cursor, Read};

use encoding_rs::Decoder;

use crate::model::{Locator, Sink};
use crate::source::text::sniff;

/// How much is looked at to tell the encoding.
const START: u64 = 512;
/// How much is decoded at a time.
const CHUNK: usize = 64 << 10;

/// Calls `read` with the input as UTF-8.
pub(super) fn with_utf8(
    input: &mut dyn Read,
    sink: &mut Sink,
    read: &mut dyn FnMut(&mut dyn Read, &mut Sink),
) {
    let mut start = Vec::new();
    if let Err(error) = input.take(START).read_to_end(&mut start) {
        sink.anomaly(Locator::Whole, format!("cannot be read beyond byte {}: {error}", start.len()));
    }
    let (encoding, mark) = sniff(&start);
    start.drain(..mark.min(start.len()));
    let mut whole = Cursor::new(start).chain(input);
    match encoding {
        None => read(&mut whole, sink),
        Some(encoding) => {
            let mut decoded = Utf8 {
                input: &mut whole,
                decoder: encoding.new_decoder_without_bom_handling(),
                raw: vec![0; CHUNK],
                text: vec![0; CHUNK],
                raw_span: (0, 0),
                text_span: (0, 0),
                ended: false,
                flushed: false,
            };
            read(&mut decoded, sink);
        }
    }
}

/// Decodes while reading.
struct Utf8<'a> {
    input: &'a mut dyn Read,
    decoder: Decoder,
    raw: Vec<u8>,
    text: Vec<u8>,
    raw_span: (usize, usize),
    text_span: (usize, usize),
    ended: bool,
    flushed: bool,
}

impl Read for Utf8<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.text_span.0 >= self.text_span.1 {
            if self.flushed {
                return Ok(0);
            }
            if self.raw_span.0 >= self.raw_span.1 && !self.ended {
                let read = self.input.read(&mut self.raw)?;
                self.ended = read == 0;
                self.raw_span = (0, read);
            }
            let raw = self.raw.get(self.raw_span.0..self.raw_span.1).unwrap_or_default();
            let (result, read, written, _) = self.decoder.decode_to_utf8(raw, &mut self.text, self.ended);
            self.raw_span.0 = self.raw_span.0.saturating_add(read);
            self.text_span = (0, written);
            self.flushed = self.ended && result == encoding_rs::CoderResult::InputEmpty;
        }
        let ready = self.text.get(self.text_span.0..self.text_span.1).unwrap_or_default();
        let taken = ready.len().min(out.len());
        if let (Some(out), Some(ready)) = (out.get_mut(..taken), ready.get(..taken)) {
            out.copy_from_slice(ready);
        }
        self.text_span.0 = self.text_span.0.saturating_add(taken);
        Ok(taken)
    }
}
