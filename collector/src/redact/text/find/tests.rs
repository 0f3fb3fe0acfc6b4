use super::*;
use crate::redact::text::bounds::run;
use crate::redact::text::{LONGEST, field};
use crate::redact::{Key, Level};

/// Finds what [`Finder::find`] finds, one sort of hit after the other, and leaves nothing out beforehand.
fn plainly(learned: &Learned, piece: &[u8], tokens: &Tokens) -> Vec<Hit> {
    let (mut hits, mut at) = (Vec::new(), 0);
    while let Some(start) = piece[at..].iter().position(u8::is_ascii_alphabetic).map(|start| at + start) {
        let end = run(piece, start, |byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        at = field::find(piece, start, end, &mut hits).map_or(end, |behind| behind.max(end));
    }
    let search = |patterns: Vec<&[u8]>, any_case: bool| {
        let mut builder = AhoCorasick::builder();
        builder.ascii_case_insensitive(any_case).match_kind(MatchKind::LeftmostLongest);
        builder.build(patterns).unwrap()
    };
    for found in search(learned.secrets.iter().map(Vec::as_slice).collect(), false).find_iter(piece) {
        hits.push(Hit::new(found.start(), found.end(), What::Secret));
    }
    let mut sorted = without_overlaps(hits);
    let (mut more, mut from) = (Vec::new(), 0);
    for (start, end) in sorted.iter().map(|hit| (hit.start, hit.end)).chain([(piece.len(), piece.len())]) {
        let joins = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:".contains(&byte) || byte >= 0x80;
        while from < start {
            let behind = from + piece[from..start].iter().take_while(|byte| joins(**byte)).count();
            let sorts = lex::sorts(&piece[from..behind]);
            token::find(piece, Span { start: from, end: behind, sorts }, tokens, &mut more);
            from = behind + 1;
        }
        from = end;
    }
    sorted.append(&mut more);
    let mut sorted = without_overlaps(sorted);
    let kinds: Vec<Kind> = learned.words.values().copied().collect();
    let words = search(learned.words.keys().map(String::as_bytes).collect(), true);
    let mut more: Vec<Hit> = words
        .find_iter(piece)
        .filter(|found| stands_alone(piece, found.start(), found.end()))
        .map(|found| Hit::new(found.start(), found.end(), What::Word(kinds[found.pattern().as_usize()])))
        .collect();
    more.retain(|word| !overlaps(&sorted, word));
    sorted.append(&mut more);
    without_overlaps(sorted)
}

fn tokens() -> Tokens {
    let mut tokens = Tokens::new(Key::new(&[4; 32]), Level::Full);
    for secret in [&b"abc@defg"[..], b"Canary-P4ssw0rd!", b"user=x\\y"] {
        tokens.learn_secret(secret);
    }
    for word in ["jane", "pc-7", "jane doe", "müller-lüd", "e-pc-71"] {
        tokens.learn_word(Kind::User, word);
    }
    tokens.learn_host("pc7.corp.zone-9");
    tokens
}

/// What tells something, and what it can be mistaken for.
const BITS: [&str; 64] = [
    "=",
    ":",
    "::",
    "<",
    "</",
    ">",
    "\"",
    "'",
    "\\",
    "\\\"",
    " ",
    "   ",
    "\t",
    "\n",
    "\r\n",
    "@",
    "/",
    "://",
    "\\\\",
    ".",
    "-",
    "--",
    "_",
    "é",
    "名",
    "user",
    "Password",
    "pass-word",
    "my-api_key",
    "BEGIN PRIVATE KEY-----",
    "-----END",
    "Basic",
    "bearer dXNlcjpwYXNz",
    "Cookie",
    "computername",
    "\\Users\\",
    "/home/",
    "10.2.3.4",
    "10.2.*",
    "010.2.3.4",
    "fe80::1:2",
    "::ffff:10.2.3.4",
    "00:50:56:ab:cd:ef",
    "00-50-56-AB-CD-EF",
    "0050.56ab.cdef",
    "pc7.corp.zone-9",
    "a.b.corp.zone-9",
    "PC7.example.com",
    "svchost.exe",
    "x.id",
    "jane",
    "JANE Doe",
    "the-PC-71",
    "S-1-5-21-1-2-3-500",
    "version ",
    "8.1.7.21417",
    "CEventManager::Publish",
    "05:00:00.123",
    "abc@defg",
    "Canary-P4ssw0rd!",
    "user=x\\y",
    "\"token\": {",
    "\"secret\": [7,",
    "}",
];

struct Random(u64);

impl Random {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % count
    }

    fn text(&mut self, bits: usize) -> Vec<u8> {
        let mut text = Vec::new();
        for _ in 0..bits {
            match self.below(16) {
                0 => text.push(u8::try_from(self.below(255) + 1).unwrap()),
                1 => text.extend(std::iter::repeat_n(b'a', self.below(50))),
                _ => text.extend_from_slice(BITS[self.below(BITS.len())].as_bytes()),
            }
        }
        text
    }
}

#[test]
fn what_is_left_out_beforehand_would_not_have_been_found() {
    let (tokens, mut random) = (tokens(), Random(5));
    let finder = Finder::new(&tokens.learned).unwrap();
    let mut kinds = [0; 10];
    for _ in 0..4000 {
        let bits = random.below(24);
        let text = random.text(bits);
        let hits = finder.find(&text, &tokens);
        assert_eq!(hits, plainly(&tokens.learned, &text, &tokens), "{}", String::from_utf8_lossy(&text));
        for hit in hits {
            let kind = match hit.what {
                What::Secret => 0,
                What::Quoted => 1,
                What::Word(Kind::User) => 2,
                What::Word(_) => 3,
                What::Host => 4,
                What::V4 => 5,
                What::Partial => 6,
                What::V6 => 7,
                What::Mac => 8,
                What::Sid => 9,
            };
            kinds[kind] += 1;
        }
    }
    assert!(kinds.iter().all(|count| *count > 20), "{kinds:?}");
}

#[test]
fn what_begins_before_the_limit_is_found_whatever_is_behind_it() {
    let (tokens, mut random) = (tokens(), Random(6));
    let finder = Finder::new(&tokens.learned).unwrap();
    for _ in 0..300 {
        let text = random.text(400);
        let limit = random.below(text.len());
        let before =
            |hits: Vec<Hit>, at: usize| hits.into_iter().filter(|hit| hit.guard < at).collect::<Vec<_>>();
        let at = limit.saturating_sub(LONGEST);
        assert_eq!(
            before(finder.find_until(&text, limit, &tokens), at),
            before(finder.find(&text, &tokens), at)
        );
    }
}
