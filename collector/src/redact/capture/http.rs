//! HTTP/1: heads and bodies of both directions, up to the tunnel that a CONNECT opens.

use std::collections::VecDeque;

use tetra_capture::conversation::looks_like_tls;
use tetra_capture::http::{looks_like_request, looks_like_response};
use tetra_capture::stream::Dir;

use super::body::Content;
use super::framing::{end_of_head, framed, value};
use super::tls::Tools;
use super::{Side, head};

/// Longest head.
const LONGEST: usize = 64 * 1024;

/// Where one direction stands.
#[derive(Debug, Default)]
pub(super) enum Place {
    #[default]
    Head,
    /// A body: so many bytes to come, `None` until the end.
    Body(Option<u64>, Content),
    /// The line that says how long the next chunk is.
    Size(Content),
    /// A chunk, and the line end behind it.
    Chunk(u64, Content),
    /// The lines behind the last chunk.
    Trailer,
    /// A CONNECT was sent: what follows waits for its answer.
    Waiting,
}

/// What a client asked for and has no answer to yet.
#[derive(Debug)]
struct Asked {
    method: String,
    path: String,
}

/// Both directions of a connection.
#[derive(Debug, Default)]
pub(super) struct Http {
    asked: VecDeque<Asked>,
    pub up: Place,
    pub down: Place,
}

/// What came of reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// Everything that is there was read.
    Done,
    /// A tunnel was opened: what follows is another conversation.
    Tunnel,
}

impl Http {
    fn place(&mut self, dir: Dir) -> &mut Place {
        match dir {
            Dir::ToServer => &mut self.up,
            Dir::ToClient => &mut self.down,
        }
    }

    /// Reads what is there of a direction.
    pub(super) fn read(&mut self, dir: Dir, side: &mut Side, tools: &mut Tools<'_>) -> Progress {
        while !side.buffer.is_empty() {
            let before = side.buffer.len();
            let place = std::mem::take(self.place(dir));
            let (place, tunnel) = self.step(dir, place, side, tools);
            *self.place(dir) = place;
            if tunnel {
                return Progress::Tunnel;
            }
            if side.buffer.len() == before {
                break;
            }
        }
        Progress::Done
    }

    fn step(&mut self, dir: Dir, place: Place, side: &mut Side, tools: &mut Tools<'_>) -> (Place, bool) {
        match place {
            Place::Head => self.head(dir, side, tools),
            // So much without an answer: it was not captured.
            Place::Waiting => (Place::Waiting, side.buffer.len() > LONGEST),
            Place::Body(left, mut content) => {
                let there = u64::try_from(side.buffer.len()).unwrap_or(u64::MAX);
                let taken = left.map_or(there, |left| left.min(there));
                let length = usize::try_from(taken).unwrap_or(usize::MAX);
                content.take(side, length);
                side.skip(length);
                let left = left.map(|left| left - taken);
                if left == Some(0) {
                    content.end(side, tools);
                    return (Place::Head, false);
                }
                (Place::Body(left, content), false)
            }
            Place::Size(mut content) => {
                let Some(end) = side.buffer.iter().position(|byte| *byte == b'\n') else {
                    let lost = side.buffer.len() > 100;
                    return (
                        if lost { Place::Body(None, Content::Zeros) } else { Place::Size(content) },
                        false,
                    );
                };
                let line = side.buffer.get(..end).unwrap_or_default().trim_ascii_end();
                let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
                let text = std::str::from_utf8(line.get(..digits).unwrap_or_default()).unwrap_or_default();
                let Ok(size) = u64::from_str_radix(text, 16) else {
                    return (Place::Body(None, Content::Zeros), false);
                };
                // Extensions of a chunk's size become blanks.
                let mut line_out = side.buffer.get(..=end).unwrap_or_default().to_vec();
                line_out
                    .iter_mut()
                    .skip(digits)
                    .filter(|byte| !b"\r\n".contains(byte))
                    .for_each(|byte| *byte = b' ');
                side.patches.put(side.at, &line_out, tools.budget);
                side.skip(end + 1);
                if size == 0 {
                    content.end(side, tools);
                    return (Place::Trailer, false);
                }
                (Place::Chunk(size, content), false)
            }
            Place::Chunk(left, mut content) => {
                let there = u64::try_from(side.buffer.len()).unwrap_or(u64::MAX);
                if left > 0 {
                    let taken = left.min(there);
                    let length = usize::try_from(taken).unwrap_or(usize::MAX);
                    content.take(side, length);
                    side.skip(length);
                    return (Place::Chunk(left - taken, content), false);
                }
                let Some(end) = side.buffer.iter().position(|byte| *byte == b'\n').filter(|end| *end < 3)
                else {
                    return (
                        if there > 2 { Place::Body(None, Content::Zeros) } else { Place::Chunk(0, content) },
                        false,
                    );
                };
                side.patches.keep(side.at, end + 1, tools.budget);
                side.skip(end + 1);
                (Place::Size(content), false)
            }
            Place::Trailer => {
                let Some(end) = side.buffer.iter().position(|byte| *byte == b'\n') else {
                    return (Place::Trailer, false);
                };
                let line = side.buffer.get(..=end).unwrap_or_default().to_vec();
                let is_last = line.trim_ascii().is_empty();
                let edited = head::edited(&[b"x\n", line.as_slice()].concat(), tools.finder, tools.tokens);
                side.patches.put(side.at, edited.get(2..).unwrap_or_default(), tools.budget);
                side.skip(end + 1);
                (if is_last { Place::Head } else { Place::Trailer }, false)
            }
        }
    }

    fn head(&mut self, dir: Dir, side: &mut Side, tools: &mut Tools<'_>) -> (Place, bool) {
        let fits = match dir {
            Dir::ToServer => looks_like_request(&side.buffer) || side.buffer.len() < 9,
            Dir::ToClient => looks_like_response(&side.buffer) || side.buffer.len() < 7,
        };
        let is_tunnel = dir == Dir::ToClient && matches!(self.up, Place::Waiting);
        if !fits && is_tunnel && looks_like_tls(&side.buffer) {
            // The answer that opens the tunnel was not captured.
            return (Place::Head, true);
        }
        if !fits {
            // Behind a hole, or no HTTP: a head may come with the next segment.
            side.skip(side.buffer.len());
            return (Place::Head, false);
        }
        let Some(length) = end_of_head(&side.buffer) else {
            if side.buffer.len() > LONGEST {
                side.skip(side.buffer.len());
            }
            return (Place::Head, false);
        };
        let bytes = side.buffer.get(..length).unwrap_or_default().to_vec();
        let edited = head::edited(&bytes, tools.finder, tools.tokens);
        side.patches.put(side.at, &edited, tools.budget);
        side.skip(length);
        match dir {
            Dir::ToServer => {
                tools.tokens.meet_request(&bytes, head::host_of(&bytes).as_deref(), side.peer);
                (self.request(&bytes), false)
            }
            Dir::ToClient => self.response(&bytes),
        }
    }

    fn request(&mut self, head: &[u8]) -> Place {
        let first = String::from_utf8_lossy(head.split(|byte| *byte == b'\n').next().unwrap_or_default())
            .into_owned();
        let mut words = first.split(' ');
        let method = words.next().unwrap_or_default().to_owned();
        let target = words.next().unwrap_or_default();
        let path = target
            .split_once("://")
            .map_or(target, |(_, rest)| rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"));
        let content = Content::of(&value(head, "content-type"), path, None, false);
        self.asked.push_back(Asked { method: method.clone(), path: path.to_owned() });
        if self.asked.len() > 64 {
            self.asked.pop_front();
        }
        if method == "CONNECT" {
            return Place::Waiting;
        }
        framed(head, content, Some(0))
    }

    fn response(&mut self, head: &[u8]) -> (Place, bool) {
        let status = head
            .get(9..12)
            .and_then(|text| std::str::from_utf8(text).ok())
            .and_then(|text| text.parse().ok());
        let status: u16 = status.unwrap_or(0);
        if (100..200).contains(&status) && status != 101 {
            return (Place::Head, false);
        }
        let asked = self.asked.pop_front();
        let (method, path) = asked.map_or((String::new(), String::new()), |asked| (asked.method, asked.path));
        if status == 101 || (method == "CONNECT" && (200..300).contains(&status)) {
            return (Place::Head, true);
        }
        if matches!(self.up, Place::Waiting) {
            self.up = Place::Head;
        }
        if method == "HEAD" || status == 204 || status == 304 {
            return (Place::Head, false);
        }
        let encoded = !value(head, "content-encoding").is_empty();
        let content = Content::of(&value(head, "content-type"), &path, Some(status), encoded);
        (framed(head, content, None), false)
    }

    /// Passes over bytes that were not captured.
    pub(super) fn gap(&mut self, dir: Dir, missing: u64, side: &mut Side, tools: &mut Tools<'_>) -> Progress {
        let mut progress = Progress::Done;
        let place = std::mem::take(self.place(dir));
        let place = match place {
            Place::Head => {
                let (place, tunnel) = self.cut_head(dir, side, tools);
                if tunnel {
                    progress = Progress::Tunnel;
                }
                place
            }
            Place::Body(left, mut content) => {
                content.end(side, tools);
                match left {
                    Some(left) if missing >= left => Place::Head,
                    Some(left) => Place::Body(Some(left - missing), Content::Zeros),
                    None => Place::Body(None, Content::Zeros),
                }
            }
            Place::Chunk(left, mut content) => {
                content.end(side, tools);
                if missing <= left { Place::Chunk(left - missing, Content::Zeros) } else { Place::Head }
            }
            Place::Size(mut content) => {
                content.end(side, tools);
                Place::Head
            }
            other => other,
        };
        side.skip(side.buffer.len());
        *self.place(dir) = place;
        progress
    }

    /// Writes the begin of a head whose end was not captured. It still says what was asked or answered, though not how
    /// long its body is.
    fn cut_head(&mut self, dir: Dir, side: &mut Side, tools: &mut Tools<'_>) -> (Place, bool) {
        let known = match dir {
            Dir::ToServer => looks_like_request(&side.buffer),
            Dir::ToClient => looks_like_response(&side.buffer),
        };
        if !known {
            return (Place::Head, false);
        }
        let bytes = side.buffer.clone();
        let edited = head::edited(&bytes, tools.finder, tools.tokens);
        side.patches.put(side.at, &edited, tools.budget);
        match dir {
            Dir::ToServer if matches!(self.request(&bytes), Place::Waiting) => (Place::Waiting, false),
            Dir::ToServer => (Place::Head, false),
            Dir::ToClient => (Place::Head, self.response(&bytes).1),
        }
    }
}
