//! Cuts the stream of a capturing program into its blocks, pcapng or pcap, so that only whole packets are kept.

use std::fmt;

/// The longest block that is believed.
const LONGEST: usize = 16 << 20;
const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const PACKET: u32 = 6;
/// The most interfaces that are told apart.
const INTERFACES: usize = 1024;

/// One block of a capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block<'a> {
    /// The first of a capture or of a section.
    First(&'a [u8]),
    /// An interface: needed by every packet behind it.
    Interface(&'a [u8]),
    /// A packet.
    Packet {
        /// The whole block.
        whole: &'a [u8],
        /// The link type of its interface.
        link: i32,
        /// The bytes that were captured.
        data: &'a [u8],
        /// How many there were on the wire.
        wire_len: u32,
    },
    /// Anything else.
    Other(&'a [u8]),
}

/// The stream is no capture, or is none any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Garbage;

impl fmt::Display for Garbage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("what it writes is no capture")
    }
}

/// How numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Pcapng(Order),
    Pcap(Order, i32),
}

/// Cuts a stream into blocks as it comes.
#[derive(Debug, Default)]
pub struct Splitter {
    waiting: Vec<u8>,
    form: Option<Form>,
    links: Vec<i32>,
}

impl Splitter {
    /// Takes the next bytes, and hands on every block that is whole now.
    ///
    /// # Errors
    ///
    /// Fails where the stream is no capture.
    pub fn feed(&mut self, bytes: &[u8], handle: &mut dyn FnMut(Block<'_>)) -> Result<(), Garbage> {
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.extend_from_slice(bytes);
        let mut rest = waiting.as_slice();
        let fed = loop {
            let (first, length) = match self.length(rest) {
                Ok(Some(found)) => found,
                Ok(None) => break Ok(()),
                Err(garbage) => break Err(garbage),
            };
            let Some((block, behind)) = rest.split_at_checked(length) else { break Ok(()) };
            match self.block(block, first) {
                Some(block) => handle(block),
                None => break Err(Garbage),
            }
            rest = behind;
        };
        self.waiting = rest.to_vec();
        fed
    }

    /// Returns whether the next block is the first of a file or section, and how long it is, as soon as that is known.
    fn length(&mut self, bytes: &[u8]) -> Result<Option<(bool, usize)>, Garbage> {
        let Some(head) = bytes.get(..12) else { return Ok(None) };
        let kind = number(head, 0, Order::Little);
        if kind == Some(SECTION) && !matches!(self.form, Some(Form::Pcap(..))) {
            let order = match head.get(8..12) {
                Some([0x4d, 0x3c, 0x2b, 0x1a]) => Order::Little,
                Some([0x1a, 0x2b, 0x3c, 0x4d]) => Order::Big,
                _ => return Err(Garbage),
            };
            self.form = Some(Form::Pcapng(order));
            return Self::checked(number(head, 4, order), 0).map(|length| Some((true, length)));
        }
        match self.form {
            Some(Form::Pcapng(order)) => {
                Self::checked(number(head, 4, order), 0).map(|length| Some((false, length)))
            }
            Some(Form::Pcap(order, _)) => {
                Self::checked(number(head, 8, order), 16).map(|length| Some((false, length)))
            }
            None => {
                let order = match kind {
                    Some(0xa1b2_c3d4 | 0xa1b2_3c4d) => Order::Little,
                    Some(0xd4c3_b2a1 | 0x4d3c_b2a1) => Order::Big,
                    _ => return Err(Garbage),
                };
                let Some(link) = number(bytes, 20, order) else { return Ok(None) };
                self.form = Some(Form::Pcap(order, i32::try_from(link & 0x0fff_ffff).unwrap_or(-1)));
                Ok(Some((true, 24)))
            }
        }
    }

    fn checked(length: Option<u32>, more: usize) -> Result<usize, Garbage> {
        let length = length.and_then(|length| usize::try_from(length).ok()?.checked_add(more));
        length.filter(|length| (12..=LONGEST).contains(length)).ok_or(Garbage)
    }

    fn block<'a>(&mut self, block: &'a [u8], first: bool) -> Option<Block<'a>> {
        match self.form? {
            _ if first => {
                self.links.clear();
                Some(Block::First(block))
            }
            Form::Pcap(order, link) => {
                let wire_len = number(block, 12, order)?;
                Some(Block::Packet { whole: block, link, data: block.get(16..)?, wire_len })
            }
            Form::Pcapng(order) => match number(block, 0, order)? {
                INTERFACE => {
                    let link = number(block, 8, order)?;
                    let link = if order == Order::Little { link & 0xffff } else { link >> 16 };
                    if self.links.len() >= INTERFACES {
                        return None;
                    }
                    self.links.push(i32::try_from(link).ok()?);
                    Some(Block::Interface(block))
                }
                PACKET => {
                    let interface = usize::try_from(number(block, 8, order)?).ok()?;
                    let length = usize::try_from(number(block, 20, order)?).ok()?;
                    let data = block.get(28..28_usize.checked_add(length)?)?;
                    let link = *self.links.get(interface)?;
                    Some(Block::Packet { whole: block, link, data, wire_len: number(block, 24, order)? })
                }
                _ => Some(Block::Other(block)),
            },
        }
    }
}

fn number(bytes: &[u8], at: usize, order: Order) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    Some(match order {
        Order::Little => u32::from_le_bytes(bytes),
        Order::Big => u32::from_be_bytes(bytes),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pcapng() -> Vec<u8> {
        let mut bytes = Vec::new();
        for words in [
            vec![SECTION, 28, 0x1a2b_3c4d, 1, u32::MAX, u32::MAX, 28],
            vec![INTERFACE, 20, 113, 0, 20],
            vec![PACKET, 36, 0, 0, 0, 4, 60, 0x0403_0201, 36],
            vec![5, 12, 12],
        ] {
            bytes.extend(words.into_iter().flat_map(u32::to_le_bytes));
        }
        bytes
    }

    fn shown(bytes: &[u8], step: usize) -> (Vec<String>, Result<(), Garbage>) {
        let mut splitter = Splitter::default();
        let mut seen = Vec::new();
        for piece in bytes.chunks(step) {
            let fed = splitter.feed(piece, &mut |block| {
                seen.push(match block {
                    Block::First(whole) => format!("first {}", whole.len()),
                    Block::Interface(whole) => format!("interface {}", whole.len()),
                    Block::Packet { link, data, wire_len, .. } => format!("{link} {data:?} {wire_len}"),
                    Block::Other(whole) => format!("other {}", whole.len()),
                });
            });
            if fed.is_err() {
                return (seen, fed);
            }
        }
        (seen, Ok(()))
    }

    #[test]
    fn cuts_pcapng_wherever_the_pieces_end() {
        for step in [1, 7, 1000] {
            let (seen, fed) = shown(&pcapng(), step);
            assert_eq!(seen, ["first 28", "interface 20", "113 [1, 2, 3, 4] 60", "other 12"]);
            assert_eq!(fed, Ok(()));
        }
    }

    #[test]
    fn cuts_pcap_of_either_byte_order() {
        for big in [false, true] {
            let words = [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65535, 1, 1, 2, 4, 60, 0x0403_0201, 1, 2, 4, 60];
            let bytes: Vec<u8> = words
                .into_iter()
                .flat_map(|word| if big { word.to_be_bytes() } else { word.to_le_bytes() })
                .collect();
            let (seen, fed) = shown(&bytes, 5);
            let data = if big { "1 [4, 3, 2, 1] 60" } else { "1 [1, 2, 3, 4] 60" };
            assert_eq!((seen.as_slice(), fed), (["first 24".to_owned(), data.to_owned()].as_slice(), Ok(())));
        }
    }

    #[test]
    fn knows_garbage() {
        assert_eq!(shown(b"no capture at all, only text", 1000).1, Err(Garbage));
        let mut broken = pcapng();
        broken.extend([0xff; 64]);
        assert_eq!(shown(&broken, 1000).1, Err(Garbage));
    }
}
