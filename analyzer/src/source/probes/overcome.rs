//! Which failures were overcome: the same thing went well for another address, by another way, or for another server
//! of the same role, or the connector goes by its policy's proxy and the failure lies elsewhere. Such a failure does not
//! keep definitions away.

use std::collections::BTreeSet;

use super::super::policy_xml;
use super::Probe;
use crate::model::Role;
use crate::source::json::Json;

/// The way by the proxy of the policy.
const OWN: Option<&str> = Some("policy_proxy");

/// What went well in the whole file.
pub struct WentWell<'a> {
    /// What, and with which host.
    pairs: BTreeSet<(&'static str, &'a str)>,
    /// Names that the system's own resolver found.
    resolved: BTreeSet<&'a str>,
    /// What, and with hosts of which role.
    roles: BTreeSet<(&'static str, &'static str)>,
    /// Certificates of which a revocation source said that they are good.
    good: BTreeSet<&'a str>,
    /// The connector has a proxy of its own, which is its way.
    own_proxy: bool,
}

impl<'a> WentWell<'a> {
    /// Takes down what went well.
    pub fn of(probes: &'a [Probe<'a>]) -> Self {
        let mut found = Self {
            pairs: BTreeSet::new(),
            resolved: BTreeSet::new(),
            roles: BTreeSet::new(),
            good: BTreeSet::new(),
            own_proxy: probes.iter().any(|probe| probe.what == "proxy" && path(probe) == OWN),
        };
        for probe in probes.iter().filter(|probe| ok(probe) == Some(true)) {
            found.pairs.insert((probe.what, &probe.host));
            found.roles.insert((probe.what, probe.role));
            if path(probe) == Some("resolver") {
                found.resolved.insert(&probe.host);
            }
            if matches!(probe.what, "ocsp" | "crl") {
                found.good.extend(detail(probe, "serial"));
            }
        }
        found
    }

    /// Says whether a failure was overcome; nothing of what went well.
    pub fn overcomes(&self, probe: &Probe<'_>) -> Option<bool> {
        if ok(probe) != Some(false) {
            return None;
        }
        let well = |what: &'static str| {
            let update = Role::UpdateServer.name();
            self.pairs.contains(&(what, probe.host.as_str()))
                || (probe.role == update && self.roles.contains(&(what, update)))
        };
        let about_server =
            matches!(probe.what, "dns" | "tcp" | "tls" | "http") && probe.role == Role::UpdateServer.name();
        if self.own_proxy && path(probe) != OWN && (about_server || probe.what == "proxy") {
            return Some(true);
        }
        Some(match probe.what {
            "dns" => self.resolved.contains(probe.host.as_str()) || well("tls") || well("http"),
            "tcp" => self.pairs.contains(&("tcp", probe.host.as_str())) || well("tls"),
            "tls" => well("tls"),
            "http" => well("http"),
            // The proxy of the policy is the connector's own way: that another way works does not help it.
            "proxy" if path(probe) == OWN => false,
            "proxy" => {
                let wanted = detail(probe, "for").map(policy_xml::host_of).unwrap_or_default();
                self.pairs.contains(&("tls", wanted.as_str()))
                    || self.roles.contains(&("tls", Role::UpdateServer.name()))
            }
            "ocsp" | "crl" => detail(probe, "serial").is_some_and(|serial| self.good.contains(serial)),
            _ => false,
        })
    }
}

fn ok(probe: &Probe<'_>) -> Option<bool> {
    probe.root.any(&["ok"]).and_then(Json::bool)
}

fn path<'a>(probe: &'a Probe<'_>) -> Option<&'a str> {
    probe.root.any(&["path"]).and_then(Json::text)
}

fn detail<'a>(probe: &'a Probe<'_>, name: &str) -> Option<&'a str> {
    probe.root.any(&["detail"]).and_then(|detail| detail.any(&[name])).and_then(Json::text)
}
