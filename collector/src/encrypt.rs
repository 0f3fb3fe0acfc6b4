//! Encrypts a bundle to the keys of those who may open it, with age.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use age::x25519::Recipient;

/// Returns the key that a text names.
///
/// # Errors
///
/// Says what is wrong with the text.
pub fn key(text: &str) -> Result<Recipient, String> {
    text.trim().parse().map_err(|why| format!("it is no public key of age (age1…): {why}"))
}

/// Encrypts `from` to `keys` as `to`, which appears only when it is whole; an existing file is never replaced.
///
/// # Errors
///
/// Fails where a key is none, or the file cannot be read or written; nothing is left behind then.
pub fn encrypt(from: &Path, to: &Path, keys: &[String]) -> io::Result<()> {
    let keys: Vec<Recipient> =
        keys.iter().map(|text| key(text)).collect::<Result<_, _>>().map_err(invalid)?;
    let given = keys.iter().map(|key| key as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(given).map_err(invalid)?;
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    let partial = to.with_file_name(name);
    let written = write(encryptor, from, &partial).and_then(|()| {
        if to.symlink_metadata().is_ok() {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, "a file of that name is there already"));
        }
        fs::rename(&partial, to)
    });
    if written.is_err() {
        // What is left is encrypted, and its name says what it is.
        let _ = fs::remove_file(&partial);
    }
    written
}

fn write(encryptor: age::Encryptor, from: &Path, partial: &Path) -> io::Result<()> {
    let mut out = encryptor.wrap_output(File::create(partial)?)?;
    io::copy(&mut File::open(from)?, &mut out)?;
    out.finish()?.sync_all()
}

fn invalid(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn only_the_holder_of_the_key_opens_it() {
        let place = tempfile::tempdir().unwrap();
        let (plain, sealed) = (place.path().join("plain"), place.path().join("sealed.age"));
        fs::write(&plain, "secret").unwrap();
        let owner = age::x25519::Identity::generate();
        let keys = [owner.to_public().to_string()];
        encrypt(&plain, &sealed, &keys).unwrap();
        let open = |identity: &age::x25519::Identity| {
            let decryptor = age::Decryptor::new(File::open(&sealed).unwrap()).unwrap();
            let mut text = String::new();
            let mut reader = decryptor.decrypt(std::iter::once(identity as &dyn age::Identity)).ok()?;
            reader.read_to_string(&mut text).unwrap();
            Some(text)
        };
        assert_eq!(open(&owner).as_deref(), Some("secret"));
        assert_eq!(open(&age::x25519::Identity::generate()), None);
        assert_eq!(encrypt(&plain, &sealed, &keys).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2);
        assert!(key("age1nonsense").is_err());
        assert!(encrypt(&plain, &place.path().join("x"), &["age1".to_owned()]).is_err());
    }
}
