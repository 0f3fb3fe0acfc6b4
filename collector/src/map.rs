//! The map from pseudonyms to what they stand for. It stays with the user, beside the bundle, encrypted with a passphrase
//! that is shown once; secrets are not in it.

use std::fs::File;
use std::io::{self, BufRead, Read, Write};
use std::path::{Path, PathBuf};

use age::secrecy::SecretString;
use age::{Decryptor, Encryptor, scrypt};
use aho_corasick::{AhoCorasick, MatchKind};
use serde::{Deserialize, Serialize};

use crate::redact::{Key, Redactor};
use crate::words::{Lang, Text, told};
use crate::{ALL_DONE, NO_BUNDLE};

/// The work of guessing is in the passphrase, of 130 random bits; more work here would cost memory only.
const WORK: u8 = 13;
/// The most work that is done for a map from elsewhere: 64 MiB.
const MOST_WORK: u8 = 16;
/// The longest map that is read.
const LONGEST: u64 = 64 << 20;
/// Letters of a passphrase: none is taken for another.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz234567890";

/// What the pseudonyms of one bundle stand for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Map {
    /// Version of this form.
    pub schema: String,
    /// The root hash of the bundle.
    pub bundle: String,
    /// Each once, sorted by kind and original.
    pub pseudonyms: Vec<Pseudonym>,
}

/// A pseudonym.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pseudonym {
    /// What it is: user, host, address, mac, certificate.
    pub kind: String,
    /// What it stands for.
    pub original: String,
    /// What is in the bundle.
    pub pseudonym: String,
}

/// Names the map of a bundle.
pub fn beside(bundle: &Path) -> PathBuf {
    bundle.with_extension("map.age")
}

/// Writes the map of a bundle to the new file `path`, and gives the passphrase that opens it.
///
/// # Errors
///
/// Fails where the file is there already or cannot be written.
pub fn write(redactor: &Redactor, bundle: &str, path: &Path) -> io::Result<String> {
    let each = redactor.pseudonyms().map(|(kind, original, pseudonym)| Pseudonym {
        kind: kind.name().to_owned(),
        original: original.to_owned(),
        pseudonym: pseudonym.to_owned(),
    });
    let schema = "tetra-map/1".to_owned();
    let map = Map { schema, bundle: bundle.to_owned(), pseudonyms: each.collect() };
    let passphrase = passphrase().ok_or_else(|| io::Error::other("the system has no random numbers"))?;
    let mut recipient = scrypt::Recipient::new(SecretString::from(passphrase.clone()));
    recipient.set_work_factor(WORK);
    let encryptor = Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient))
        .map_err(io::Error::other)?;
    let mut out = encryptor.wrap_output(File::create_new(path)?)?;
    serde_json::to_writer(&mut out, &map)?;
    out.finish()?.sync_all()?;
    Ok(passphrase)
}

/// Makes a passphrase: six groups of letters.
fn passphrase() -> Option<String> {
    let random = Key::random()?.letters_of(LETTERS, 30);
    let groups: Vec<&str> = (0..6).filter_map(|group| random.get(group * 5..group * 5 + 5)).collect();
    Some(groups.join("-"))
}

/// Opens a map.
///
/// # Errors
///
/// Fails where it is none, or the passphrase is another.
pub fn read(path: &Path, passphrase: &str) -> io::Result<Map> {
    let invalid = |why: String| io::Error::new(io::ErrorKind::InvalidData, why);
    let decryptor = Decryptor::new_buffered(io::BufReader::new(File::open(path)?))
        .map_err(|why| invalid(format!("it is no map: {why}")))?;
    let mut identity = scrypt::Identity::new(SecretString::from(passphrase.trim().to_owned()));
    identity.set_max_work_factor(MOST_WORK);
    let plain = decryptor
        .decrypt(std::iter::once(&identity as &dyn age::Identity))
        .map_err(|_| invalid("the passphrase does not open it".to_owned()))?;
    serde_json::from_reader(plain.take(LONGEST)).map_err(|why| invalid(format!("it is no map: {why}")))
}

/// Gives a text about the bundle, such as its report, with the originals in place of the pseudonyms.
pub fn revealed(map: &Map, text: &[u8]) -> Vec<u8> {
    let build = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(map.pseudonyms.iter().map(|one| one.pseudonym.as_bytes()));
    let Ok(automaton) = build else { return text.to_vec() };
    let part = |at: Option<usize>| {
        at.and_then(|at| text.get(at)).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80)
    };
    let (mut out, mut done) = (Vec::with_capacity(text.len()), 0);
    for found in automaton.find_iter(text) {
        let whole = !part(found.start().checked_sub(1)) && !part(Some(found.end()));
        let Some(one) = map.pseudonyms.get(found.pattern().as_usize()).filter(|_| whole) else { continue };
        out.extend_from_slice(text.get(done..found.start()).unwrap_or_default());
        out.extend_from_slice(one.original.as_bytes());
        done = found.end();
    }
    out.extend_from_slice(text.get(done..).unwrap_or_default());
    out
}

/// Opens a map and prints it, or a text with the originals in it. The passphrase is read from the input.
pub fn command(
    file: &Path,
    text: Option<&Path>,
    lang: Lang,
    input: &mut impl BufRead,
    out: &mut impl Write,
    err: &mut impl Write,
) -> io::Result<u8> {
    write!(err, "{}", lang.say(Text::Passphrase, &[&file.display()]))?;
    err.flush()?;
    let mut passphrase = String::new();
    input.take(1024).read_line(&mut passphrase)?;
    let opened = read(file, &passphrase).map_err(|why| format!("cannot open `{}`: {why}", file.display()));
    let text = text.map(std::fs::read).transpose().map_err(|why| format!("cannot read the text: {why}"));
    let (map, text) = match opened.and_then(|map| Ok((map, text?))) {
        Ok(both) => both,
        Err(why) => {
            writeln!(err, "\n{}", lang.say(Text::Fault, &[&told(&why, lang)]))?;
            return Ok(NO_BUNDLE);
        }
    };
    match text {
        Some(text) => out.write_all(&revealed(&map, &text))?,
        None => {
            writeln!(out, "kind\tpseudonym\toriginal")?;
            for one in &map.pseudonyms {
                writeln!(out, "{}\t{}\t{}", one.kind, one.pseudonym, one.original)?;
            }
        }
    }
    Ok(ALL_DONE)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::redact::Level;

    #[test]
    fn a_map_opens_again_with_its_passphrase_alone() {
        let place = tempfile::tempdir().unwrap();
        let mut redactor = Redactor::new(Key::new(&[3; 32]), Level::Full);
        let text = "<user>jane</user> <hostname>pc7.corp.internal</hostname> 10.9.8.7 <password>Pa55word!</password>";
        let open = || -> io::Result<Box<dyn Read + Send>> { Ok(Box::new(Cursor::new(text))) };
        let mut clean = Vec::new();
        redactor.learn(&open).unwrap();
        redactor.clean(&open, &mut clean).unwrap();
        let path = beside(&place.path().join("tetra.zip"));
        let passphrase = write(&redactor, "hash", &path).unwrap();
        assert_eq!((path.file_name().unwrap().to_str().unwrap(), passphrase.len()), ("tetra.map.age", 35));
        assert_ne!(passphrase, write(&redactor, "hash", &place.path().join("other")).unwrap());
        let map = read(&path, &format!("{passphrase}\n")).unwrap();
        assert!(map.pseudonyms.iter().any(|one| one.kind == "user" && one.original == "jane"), "{map:?}");
        assert!(map.pseudonyms.iter().any(|one| one.original == "10.9.8.7"), "{map:?}");
        assert!(!format!("{map:?}").contains("Pa55word!"));
        let back = String::from_utf8(revealed(&map, &clean)).unwrap();
        assert!(
            back.contains("jane") && back.contains("pc7.corp.internal") && back.contains("10.9.8.7"),
            "{back}"
        );
        assert!(read(&path, "abcde").unwrap_err().to_string().contains("passphrase"));
        assert!(read(&path, "").is_err() && write(&redactor, "hash", &path).is_err());

        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut ask = |said: String| {
            command(&path, None, Lang::Zh, &mut Cursor::new(said), &mut out, &mut err).unwrap()
        };
        assert_eq!(ask("no\n".to_owned()), NO_BUNDLE);
        assert_eq!(ask(passphrase), ALL_DONE);
        assert!(String::from_utf8(out).unwrap().contains("\tjane\n"));
    }
}
