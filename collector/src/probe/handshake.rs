//! TLS handshakes that take down what the server shows, whatever is to be thought of it.
//!
//! The verifier here believes everything, so that the facts are complete; `trust.rs` gives the platform's verdict
//! afterwards, and nothing is sent over a connection before that verdict is good.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    AlertDescription, ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned,
};

use super::record::{Outcome, ProbeRecord};
use super::wire::{Wire, ending};

/// A connection within TLS.
pub type Secured = StreamOwned<ClientConnection, Wire>;

/// What a server showed.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// The certificates, leaf first, in DER.
    pub chain: Vec<Vec<u8>>,
    /// The OCSP answer sent along.
    pub staple: Vec<u8>,
}

/// Takes down certificates and believes them.
#[derive(Debug)]
struct Recorder {
    shown: Mutex<Shown>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        staple: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let chain = std::iter::once(leaf).chain(others).map(|one| one.as_ref().to_vec()).collect();
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Shown { chain, staple: staple.to_vec() };
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, leaf, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, leaf, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Shakes hands, notes in the record what is seen, and gives the connection if it came about.
pub fn shake(host: &str, wire: Wire, record: &mut ProbeRecord) -> (Shown, Option<Secured>) {
    let provider = Arc::new(ring::default_provider());
    let recorder =
        Arc::new(Recorder { shown: Mutex::new(Shown::default()), provider: Arc::clone(&provider) });
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map(|builder| builder.dangerous().with_custom_certificate_verifier(recorder.clone()));
    let begun = config.map(|builder| builder.with_no_client_auth()).and_then(|config| {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| rustls::Error::General("the host has no valid name".to_owned()))?;
        ClientConnection::new(Arc::new(config), name)
    });
    let mut stream = match begun {
        Ok(session) => StreamOwned::new(session, wire),
        Err(fault) => {
            record.outcome = Some(Outcome::Failed);
            record.note("error", fault.to_string());
            return (Shown::default(), None);
        }
    };
    let mut done = Ok(());
    while done.is_ok() && stream.conn.is_handshaking() {
        done = match stream.conn.complete_io(&mut stream.sock) {
            Ok((0, 0)) => Err(io::ErrorKind::UnexpectedEof.into()),
            other => other.map(|_| ()),
        };
    }
    record.note("version", stream.conn.protocol_version().and_then(version));
    record.note("cipher", stream.conn.negotiated_cipher_suite().map(|suite| format!("{:?}", suite.suite())));
    let shown = recorder.shown.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match done {
        Ok(()) => {
            record.outcome = Some(Outcome::Complete);
            (shown, Some(stream))
        }
        Err(fault) => {
            record.outcome = Some(failure(&fault, record));
            record.note("error", fault.to_string());
            (shown, None)
        }
    }
}

/// Says how a handshake failed.
fn failure(fault: &io::Error, record: &mut ProbeRecord) -> Outcome {
    let inner = fault.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::AlertReceived(alert)) => {
            record.note("alert", name(*alert));
            Outcome::Alert
        }
        Some(rustls::Error::InvalidMessage(_)) => Outcome::NotTls,
        Some(_) => Outcome::Failed,
        None => ending(fault),
    }
}

fn version(version: rustls::ProtocolVersion) -> Option<&'static str> {
    match version {
        rustls::ProtocolVersion::TLSv1_2 => Some("1.2"),
        rustls::ProtocolVersion::TLSv1_3 => Some("1.3"),
        _ => None,
    }
}

/// Gives the name of an alert as the taxonomy writes it.
fn name(alert: AlertDescription) -> String {
    // Two that the library spells otherwise.
    match alert {
        AlertDescription::UnknownCA => return "unknown_ca".to_owned(),
        AlertDescription::UnrecognisedName => return "unrecognized_name".to_owned(),
        _ => {}
    }
    let camel = format!("{alert:?}");
    if camel.contains(['(', ' ']) {
        return "other".to_owned();
    }
    let mut snake = String::new();
    for letter in camel.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_alerts_as_the_taxonomy_does() {
        assert_eq!(name(AlertDescription::HandshakeFailure), "handshake_failure");
        assert_eq!(name(AlertDescription::UnknownCA), "unknown_ca");
        assert_eq!(name(AlertDescription::UnrecognisedName), "unrecognized_name");
        assert_eq!(name(AlertDescription::ProtocolVersion), "protocol_version");
        assert_eq!(name(AlertDescription::Unknown(200)), "other");
    }
}
