//! Certificates, OCSP answers and revocation lists of the tests' own, made anew for each test.

use std::time::{Duration, SystemTime};

use der::asn1::{BitString, GeneralizedTime, Null, OctetString};
use der::oid::ObjectIdentifier;
use der::{Any, Decode, Encode};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer,
    CrlDistributionPoint, CustomExtension, DnType, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose,
    RevokedCertParams, SerialNumber, SigningKey,
};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{AccessDescription, AuthorityInfoAccessSyntax};
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_ocsp::{
    BasicOcspResponse, CertStatus, OcspGeneralizedTime, OcspRequest, OcspResponse, OcspResponseStatus,
    ResponderId, ResponseBytes, ResponseData, RevokedInfo, SingleResponse, Version,
};

/// The name of the server.
pub const HOST: &str = "tetra-defs.amp.cisco.com";
const SERIAL: u64 = 0x00C0_FFEE;

/// An authority: a root, and an issuer below it.
pub struct Authority {
    root: CertifiedIssuer<'static, KeyPair>,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// What a server shows, and its key.
pub struct Identity {
    /// The chain, leaf first.
    pub chain: Vec<Vec<u8>>,
    /// The key in PKCS #8.
    pub key: Vec<u8>,
}

/// Where a certificate points to.
#[derive(Default)]
pub struct Points {
    pub ocsp: Option<String>,
    pub crl: Option<String>,
    pub issuer: Option<String>,
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages =
        vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign, KeyUsagePurpose::DigitalSignature];
    params
}

impl Authority {
    /// Makes one; its names tell whether it serves the public.
    pub fn new(name: &str) -> Self {
        let root =
            CertifiedIssuer::self_signed(authority(&format!("{name} Root")), KeyPair::generate().unwrap())
                .unwrap();
        let below = authority(&format!("{name} Issuing"));
        let issuer = CertifiedIssuer::signed_by(below, KeyPair::generate().unwrap(), &root).unwrap();
        Self { root, issuer }
    }

    pub fn root(&self) -> Vec<u8> {
        self.root.der().to_vec()
    }

    pub fn issuer(&self) -> Vec<u8> {
        self.issuer.der().to_vec()
    }

    /// Issues a certificate whose time begins and ends so many days from now.
    pub fn issue(&self, host: &str, days: (i64, i64), points: &Points) -> Identity {
        let key = KeyPair::generate().unwrap();
        let mut params = leaf(host, days);
        params.crl_distribution_points =
            points.crl.iter().map(|url| CrlDistributionPoint { uris: vec![url.clone()] }).collect();
        let named = [("1.3.6.1.5.5.7.48.1", &points.ocsp), ("1.3.6.1.5.5.7.48.2", &points.issuer)];
        let access: Vec<AccessDescription> = named
            .iter()
            .filter_map(|(method, url)| {
                let url = der::asn1::Ia5String::new(url.as_ref()?).unwrap();
                let access_location = GeneralName::UniformResourceIdentifier(url);
                Some(AccessDescription {
                    access_method: ObjectIdentifier::new_unwrap(method),
                    access_location,
                })
            })
            .collect();
        if !access.is_empty() {
            let content = AuthorityInfoAccessSyntax(access).to_der().unwrap();
            let extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], content);
            params.custom_extensions.push(extension);
        }
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity { chain: vec![certificate.der().to_vec(), self.issuer()], key: key.serialize_der() }
    }

    /// Makes a revocation list whose next is due so many days from now.
    pub fn list(&self, revoked: bool, days: i64) -> Vec<u8> {
        let now = SystemTime::now();
        let one = RevokedCertParams {
            serial_number: SerialNumber::from(SERIAL),
            revocation_time: now.into(),
            reason_code: None,
            invalidity_date: None,
        };
        let params = CertificateRevocationListParams {
            this_update: moved(now, -10).into(),
            next_update: moved(now, days).into(),
            crl_number: SerialNumber::from(7_u64),
            issuing_distribution_point: None,
            revoked_certs: if revoked { vec![one] } else { Vec::new() },
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(&self.issuer).unwrap().der().to_vec()
    }

    /// Answers an OCSP question; the answer holds until so many days from now.
    pub fn answer(&self, question: &[u8], status: CertStatus, days: i64) -> Vec<u8> {
        sign(question, status, days, self.issuer.key())
    }
}

/// Signs an OCSP answer with any key.
pub fn sign(question: &[u8], status: CertStatus, days: i64, key: &KeyPair) -> Vec<u8> {
    let request = OcspRequest::from_der(question).unwrap();
    let id = request.tbs_request.request_list[0].req_cert.clone();
    let now = SystemTime::now();
    let time = |days| OcspGeneralizedTime(GeneralizedTime::from_system_time(moved(now, days)).unwrap());
    let data = ResponseData {
        version: Version::V1,
        responder_id: ResponderId::ByKey(id.issuer_key_hash.clone()),
        produced_at: time(-1),
        responses: vec![SingleResponse {
            cert_id: id,
            cert_status: status,
            this_update: time(-20),
            next_update: Some(time(days)),
            single_extensions: None,
        }],
        response_extensions: None,
    };
    let signature = key.sign(&data.to_der().unwrap()).unwrap();
    let basic = BasicOcspResponse {
        tbs_response_data: data,
        signature_algorithm: AlgorithmIdentifierOwned {
            oid: ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2"),
            parameters: None::<Null>.map(Any::from),
        },
        signature: BitString::from_bytes(&signature).unwrap(),
        certs: None,
    };
    let bytes = ResponseBytes {
        response_type: ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.1"),
        response: OctetString::new(basic.to_der().unwrap()).unwrap(),
    };
    let response =
        OcspResponse { response_status: OcspResponseStatus::Successful, response_bytes: Some(bytes) };
    response.to_der().unwrap()
}

/// An answer without an answer.
pub fn refusal(status: OcspResponseStatus) -> Vec<u8> {
    OcspResponse { response_status: status, response_bytes: None }.to_der().unwrap()
}

/// A revocation since just now.
pub fn revoked() -> CertStatus {
    let time = GeneralizedTime::from_system_time(SystemTime::now()).unwrap();
    CertStatus::Revoked(RevokedInfo { revocation_time: OcspGeneralizedTime(time), revocation_reason: None })
}

/// A certificate that a server made itself.
pub fn self_signed(host: &str) -> Identity {
    let key = KeyPair::generate().unwrap();
    let certificate = leaf(host, (-1, 30)).self_signed(&key).unwrap();
    Identity { chain: vec![certificate.der().to_vec()], key: key.serialize_der() }
}

fn leaf(host: &str, days: (i64, i64)) -> CertificateParams {
    let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, host);
    params.serial_number = Some(SerialNumber::from(SERIAL));
    params.not_before = moved(SystemTime::now(), days.0).into();
    params.not_after = moved(SystemTime::now(), days.1).into();
    params.use_authority_key_identifier_extension = true;
    params
}

fn moved(from: SystemTime, days: i64) -> SystemTime {
    let by = Duration::from_secs(days.unsigned_abs() * 86_400);
    if days < 0 { from - by } else { from + by }
}
