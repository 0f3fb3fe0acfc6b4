//! Encrypts a bundle to the keys of those who may open it, with age.

use std::fs::File;
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

/// Encrypts the file `from` to `keys`, as the new file `to`.
///
/// # Errors
///
/// Fails where a key is none, or a file cannot be read or written.
pub fn encrypt(from: &Path, to: &Path, keys: &[String]) -> io::Result<()> {
    let keys: Vec<Recipient> =
        keys.iter().map(|text| key(text)).collect::<Result<_, _>>().map_err(invalid)?;
    let given = keys.iter().map(|key| key as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(given).map_err(invalid)?;
    let mut out = encryptor.wrap_output(File::create_new(to)?)?;
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
        std::fs::write(&plain, "secret").unwrap();
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
        assert!(key("age1nonsense").is_err());
        assert!(encrypt(&plain, &place.path().join("x"), &["age1".to_owned()]).is_err());
    }
}
