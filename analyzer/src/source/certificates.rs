//! The root certificates of the machine as the collector notes them, `certificates.json`.

use super::json::Json;
use super::text;
use crate::model::{Fields, Kind, Locator, Sink};

/// The root to which the vendor's definitions servers chain.
const DEFINITIONS: (&str, &str) =
    ("IdenTrust Commercial Root CA 1", "DF717EAA4AD94EC9558499602D48DE5FBCF03A25");
/// Other roots the product needs. Windows fetches them when they are first asked for, so that a missing one says nothing.
const OTHERS: &[(&str, &str)] = &[
    ("DigiCert Global Root CA", "A8985D3A65E5E5C4B2D7D66D40C6DD2FB19C5436"),
    ("DigiCert Trusted Root G4", "DDFB16CD4931C973A2037D3FC83A4D7D775D05E4"),
    ("DigiCert Assured ID Root CA", "0563B8630D62D75ABBC8AB1E4BDFB5A899B24D43"),
    ("QuoVadis Root CA 2", "CA3AFBCF1240364B44B216208880483919937CF7"),
    ("GlobalSign Root CA", "B1BC968BD4F49D622AA89A81F2150152A41D829C"),
    ("Baltimore CyberTrust Root", "D4DE20D05E66FC53FE1A50882C78DB2852CAE474"),
    ("USERTrust RSA Certification Authority", "2B8F1B57330DBBA2D07A6C51F70EE90DDAB9AD8E"),
    ("Starfield Class 2 Certification Authority", "AD7E1C28B064EF8F6003402014C3D0E3370EB58A"),
    ("Go Daddy Class 2 Certification Authority", "2796BAE63F1801E277261BA0D77770028F20EEE4"),
    (
        "VeriSign Class 3 Public Primary Certification Authority - G5",
        "4EB6D578499B1CCF5F581EAD56BE3D9B6744A5E5",
    ),
    ("AAA Certificate Services", "D1EB23A46D17D68FD92564C2F1F1601764D8E349"),
];

/// Reads which of the roots that the product needs are in the machine's store.
///
/// States `host.ok: true` for each that is there, and `host.ok: false` only where the one that the definitions servers chain to
/// is missing from a complete list.
///
/// ```text
/// [{"store":"Root","thumbprint":"DF717EAA4AD94EC9558499602D48DE5FBCF03A25","subject":"CN=IdenTrust Commercial Root CA 1, …"}]
/// ```
pub fn parse(input: &[u8], sink: &mut Sink) {
    let text = text::open(input, sink);
    let (root, problem) = Json::read(&text);
    let complete = problem.is_none();
    if let Some(problem) = problem {
        sink.anomaly(Locator::Whole, format!("{problem}; what stands before is used"));
    }
    let list = root.any(&["certificates", "root", "roots"]).unwrap_or(&root);
    let held: Vec<(usize, String)> = list
        .items()
        .iter()
        .enumerate()
        .filter(|(_, certificate)| {
            // Where stores are named, one that is distrusted does not count.
            let store = certificate.any(&["store"]).and_then(Json::text).unwrap_or("Root");
            store.to_ascii_lowercase().ends_with("root")
        })
        .filter_map(|(position, certificate)| {
            let hash = certificate
                .any(&["thumbprint", "sha1", "hash"])
                .and_then(Json::text)
                .or(certificate.text())?;
            let hash = hash.chars().filter(char::is_ascii_hexdigit).map(|c| c.to_ascii_uppercase()).collect();
            Some((position, hash))
        })
        .collect();
    for (name, hash) in std::iter::once(&DEFINITIONS).chain(OTHERS) {
        let found = held.iter().find(|(_, held)| held == hash).map(|(position, _)| *position);
        let missing = found.is_none() && *name == DEFINITIONS.0 && complete && !held.is_empty();
        if found.is_none() && !missing {
            continue;
        }
        let at = found.map_or(Locator::Whole, |position| Locator::Element(format!("/{position}")));
        let excerpt = format!("{name} (SHA-1 {hash}): {}", if missing { "missing" } else { "present" });
        let mut fields = Fields::new();
        fields.set("host.fact", "root_certificate").set("host.text", *name).set("host.ok", !missing);
        sink.observe(Kind::HostFact, at, &excerpt, None, fields);
    }
}

#[cfg(test)]
mod tests {
    use tetra_bundle::SourceId;

    use super::*;
    use crate::source::hammer;

    const SAMPLE: &[u8] = include_bytes!("../../../fixtures/sources/certificates/certificates.json");

    fn found(input: &[u8]) -> Vec<(String, bool)> {
        let (observations, _) = hammer::parse(SourceId::Certificates, input, parse);
        let show = |seen: &crate::model::Observation| {
            (
                seen.fields.text("host.text").unwrap().to_owned(),
                seen.fields.get("host.ok") == Some(&true.into()),
            )
        };
        observations.iter().map(show).collect()
    }

    #[test]
    fn finds_the_roots_by_their_hash() {
        let expected = [("IdenTrust Commercial Root CA 1", true), ("GlobalSign Root CA", true)];
        assert_eq!(found(SAMPLE), expected.map(|(name, ok)| (name.to_owned(), ok)));
    }

    #[test]
    fn says_missing_only_of_a_complete_list() {
        let other = br#"[{"store":"Root","thumbprint":"00"},{"store":"Disallowed","thumbprint":"DF717EAA4AD94EC9558499602D48DE5FBCF03A25"}]"#;
        assert_eq!(found(other), [("IdenTrust Commercial Root CA 1".to_owned(), false)]);
        assert_eq!(found(br#"[{"store":"Root","thumbprint":"00"},"#), []);
        assert_eq!(found(b"[]"), []);
    }

    #[test]
    fn survives_anything() {
        hammer::hammer(SourceId::Certificates, SAMPLE, parse);
    }
}
