//! Writes small event logs (MS-EVEN6, 2.2.12 and 2.2.17): binary XML without templates.

/// An element: attributes, a text, children.
#[derive(Clone, Debug, Default)]
pub(super) struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    text: Option<String>,
    children: Vec<Element>,
}

impl Element {
    pub fn new(name: &'static str) -> Self {
        Self { name, ..Self::default() }
    }

    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.attributes.push((name, value.to_owned()));
        self
    }

    pub fn text(mut self, text: &str) -> Self {
        self.text = Some(text.to_owned());
        self
    }

    pub fn child(mut self, child: Self) -> Self {
        self.children.push(child);
        self
    }
}

/// Writes a log of one chunk. Each event has the seconds of its time beside it.
pub(super) fn log(events: &[(i64, Element)]) -> Vec<u8> {
    let mut chunk = vec![0; 512];
    let mut last = 512;
    for (number, (seconds, event)) in events.iter().enumerate() {
        last = chunk.len();
        let id = u64::try_from(number).unwrap() + 1;
        // 100 ns since 1601.
        let time = u64::try_from((seconds + 11_644_473_600) * 10_000_000).unwrap();
        chunk.extend(0x2a2a_u32.to_le_bytes());
        chunk.extend([0; 4]);
        chunk.extend(id.to_le_bytes());
        chunk.extend(time.to_le_bytes());
        chunk.extend([0x0f, 1, 1, 0]);
        element(event, &mut chunk);
        chunk.push(0);
        let size = u32::try_from(chunk.len() + 4 - last).unwrap().to_le_bytes();
        chunk.extend(size);
        chunk[last + 4..last + 8].copy_from_slice(&size);
    }
    let count = u64::try_from(events.len()).unwrap();
    let mut head = b"ElfChnk\0".to_vec();
    for number in [1, count, 1, count] {
        head.extend(number.to_le_bytes());
    }
    for number in [128, last, chunk.len(), 0] {
        head.extend(u32::try_from(number).unwrap().to_le_bytes());
    }
    chunk[..head.len()].copy_from_slice(&head);
    chunk.resize(super::CHUNK, 0);
    let mut file = b"ElfFile\0".to_vec();
    file.resize(super::HEADER, 0);
    file.extend(chunk);
    file
}

fn element(element: &Element, out: &mut Vec<u8>) {
    let with_attributes = if element.attributes.is_empty() { 0 } else { 0x40 };
    out.push(0x01 | with_attributes);
    let size = hole(out);
    name(element.name, out);
    if !element.attributes.is_empty() {
        let list = hole(out);
        for (number, (key, value)) in element.attributes.iter().enumerate() {
            let more = if number + 1 < element.attributes.len() { 0x40 } else { 0 };
            out.push(0x06 | more);
            name(key, out);
            text(value, out);
        }
        fill(list, out);
    }
    out.push(0x02);
    if let Some(value) = &element.text {
        text(value, out);
    }
    element.children.iter().for_each(|child| self::element(child, out));
    out.push(0x04);
    fill(size, out);
}

/// A name stands where it is first used, behind its own offset in the chunk.
fn name(name: &str, out: &mut Vec<u8>) {
    let offset = u32::try_from(out.len() + 4).unwrap();
    out.extend(offset.to_le_bytes());
    out.extend([0; 6]);
    utf16(name, out);
    out.extend([0; 2]);
}

fn text(text: &str, out: &mut Vec<u8>) {
    out.extend([0x05, 0x01]);
    utf16(text, out);
}

fn utf16(text: &str, out: &mut Vec<u8>) {
    let units: Vec<u16> = text.encode_utf16().collect();
    out.extend(u16::try_from(units.len()).unwrap().to_le_bytes());
    out.extend(units.into_iter().flat_map(u16::to_le_bytes));
}

fn hole(out: &mut Vec<u8>) -> usize {
    out.extend([0; 4]);
    out.len()
}

fn fill(from: usize, out: &mut [u8]) {
    let size = u32::try_from(out.len() - from).unwrap().to_le_bytes();
    out[from - 4..from].copy_from_slice(&size);
}
