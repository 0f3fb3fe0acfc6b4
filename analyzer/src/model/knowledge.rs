//! What rule packs teach the program, as plain data: host roles, log templates, causes, codes.

use std::net::IpAddr;

use super::{Pattern, Timestamp};

/// The role of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Gives out definitions.
    UpdateServer,
    /// Answers OCSP, gives out CRLs or issuer certificates.
    Revocation,
    /// Another of the vendor's services.
    Cloud,
    /// A proxy.
    Proxy,
    /// Gives out the proxy configuration (WPAD, PAC).
    Discovery,
    /// Answers DNS.
    Resolver,
    /// The first router.
    Gateway,
    /// Anything else.
    Other,
}

impl Role {
    /// Gives the name that rules and reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::UpdateServer => "update_server",
            Self::Revocation => "revocation",
            Self::Cloud => "cloud",
            Self::Proxy => "proxy",
            Self::Discovery => "discovery",
            Self::Resolver => "resolver",
            Self::Gateway => "gateway",
            Self::Other => "other",
        }
    }
}

/// A pattern of host names and the role of the hosts it fits (from `endpoints.yml`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointPattern {
    /// A host name, or a suffix beginning with `*.`; lower case.
    pub name: String,
    /// What such hosts are.
    pub role: Role,
    /// Cloud region (`nam`, `eu`, `apjc`), empty where it has none; `policy` for what a policy or configuration names.
    pub region: String,
}

/// A URL path by which a definitions request is known on any host (from `endpoints.yml`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefinitionsPath {
    /// Prefix of the path, e.g. `/av64bit`.
    pub prefix: String,
}

/// What `endpoints.yml` says: who is who by name, path and certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// Host names and their roles; the first that fits counts.
    pub patterns: Vec<EndpointPattern>,
    /// Paths of definitions requests.
    pub definitions_paths: Vec<DefinitionsPath>,
    /// Parts of issuer names (lower case) of certification authorities that serve the public.
    pub public_authorities: Vec<String>,
    /// First labels of host names by which a proxy is guessed (`proxy`, `webproxy`).
    pub proxy_labels: Vec<String>,
    /// Ports on which proxies listen.
    pub proxy_ports: Vec<u16>,
}

impl Endpoints {
    /// Gives the role of a host name, [`Role::Other`] where no pattern fits.
    pub fn role(&self, host: &str) -> Role {
        let host = host.trim_end_matches('.');
        self.patterns
            .iter()
            .find(|pattern| match pattern.name.strip_prefix('*') {
                Some(suffix) => {
                    host.len() > suffix.len()
                        && host
                            .get(host.len() - suffix.len()..)
                            .is_some_and(|end| end.eq_ignore_ascii_case(suffix))
                }
                None => host.eq_ignore_ascii_case(&pattern.name),
            })
            .map_or(Role::Other, |pattern| pattern.role)
    }

    /// Gives the known host whose name begins so, for a name that a capture cuts off; at least the first label and more
    /// must be there.
    pub fn complete<'n>(&'n self, cut: &'n str) -> &'n str {
        let telling = cut.len() >= 12 && cut.contains('.');
        let begins = |name: &str| name.get(..cut.len()).is_some_and(|head| head.eq_ignore_ascii_case(cut));
        self.patterns
            .iter()
            .find(|pattern| telling && pattern.role != Role::Other && begins(&pattern.name))
            .map_or(cut, |pattern| &pattern.name)
    }

    /// Gives the role of an address: policies and configurations name addresses too.
    pub fn role_of_address(&self, address: IpAddr) -> Role {
        self.patterns
            .iter()
            .filter(|pattern| pattern.region == "policy")
            .find(|pattern| pattern.name.parse() == Ok(address))
            .map_or(Role::Other, |pattern| pattern.role)
    }

    /// Tells whether a name is one of the vendor's public update servers, not one that only a policy names.
    pub fn is_public_update_server(&self, host: &str) -> bool {
        let host = self.without_suffix(host).unwrap_or(host);
        self.patterns.iter().any(|pattern| {
            pattern.role == Role::UpdateServer
                && pattern.region != "policy"
                && pattern.name.eq_ignore_ascii_case(host)
        })
    }

    /// Gives the role of a name as it stands in a question to a resolver: also with a search suffix behind it, also
    /// `wpad`, also what by its first label is a proxy.
    pub fn role_of_question(&self, name: &str) -> Role {
        let role = self.role(name);
        if role != Role::Other {
            return role;
        }
        if self.without_suffix(name).is_some() {
            return Role::UpdateServer;
        }
        let label = name.split('.').next().unwrap_or_default();
        if label.eq_ignore_ascii_case("wpad") {
            Role::Discovery
        } else if self.looks_like_proxy(name) {
            Role::Proxy
        } else {
            Role::Other
        }
    }

    /// Gives the update server's name of a question that has a search suffix behind it.
    pub fn without_suffix<'n>(&self, name: &'n str) -> Option<&'n str> {
        self.patterns
            .iter()
            .filter(|pattern| pattern.role == Role::UpdateServer && !pattern.name.starts_with('*'))
            .find_map(|pattern| {
                let (head, rest) = name.split_at_checked(pattern.name.len())?;
                (rest.starts_with('.') && head.eq_ignore_ascii_case(&pattern.name)).then_some(head)
            })
    }

    /// Tells whether a host is a proxy by its first label.
    pub fn looks_like_proxy(&self, name: &str) -> bool {
        let label = name
            .split('.')
            .next()
            .unwrap_or_default()
            .trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
        self.proxy_labels.iter().any(|known| {
            known.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-').eq_ignore_ascii_case(label)
        })
    }

    /// Tells whether a path is one of definitions.
    pub fn is_definitions_path(&self, path: &str) -> bool {
        self.definitions_paths.iter().any(|known| {
            path.get(..known.prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(&known.prefix))
                && path
                    .get(known.prefix.len()..)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '_']))
        })
    }

    /// Tells whether an issuer's name belongs to a certification authority that serves the public.
    pub fn is_public_authority(&self, issuer: &str) -> bool {
        let issuer = issuer.to_lowercase();
        self.public_authorities.iter().any(|known| issuer.contains(known.as_str()))
    }
}

/// A template of the connector's log: a line that means something (from `templates/*.yml`).
#[derive(Clone, Debug)]
pub struct LogTemplate {
    /// Name, the `log.event` of what it recognises.
    pub event: String,
    /// Text (at least 4 bytes) that every matching line contains, for the search.
    pub literal: String,
    /// The pattern; named groups become fields (`code`, `host`, `component`, `text`).
    pub pattern: Pattern,
    /// Whether a public source shows such a line.
    pub verified: bool,
}

/// A cause of the catalogue (from `causes.yml` and its translations).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cause {
    /// Public slug.
    pub slug: String,
    /// `dns`, `connect`, `tls`, `interrupt`, `proxy` or `endpoint`.
    pub category: String,
    /// The rung at which it stands.
    pub stage: String,
    /// One sentence.
    pub title: String,
    /// Causes that follow from it.
    pub leads_to: Vec<String>,
    /// The more general cause it is a case of: support for that one supports this one.
    pub refines: Option<String>,
    /// What the endpoint's user can do.
    pub user: Vec<String>,
    /// What the engineer does next.
    pub engineer: Vec<String>,
    /// Where to read more.
    pub docs: Vec<String>,
}

/// An error code (from `codes.yml`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Code {
    /// Family: `lasterror`, `hresult`, `winhttp`, `curl`, `rcode`, `tls-alert`, `socks`, `http`, `event`.
    pub family: String,
    /// The number, signed where the family is.
    pub number: i64,
    /// Symbolic name, empty where none is published.
    pub name: String,
    /// What it says.
    pub meaning: String,
    /// Where that is published.
    pub source: String,
    /// Whether a public source shows this number with this meaning for this product.
    pub verified: bool,
    /// Causes it points to.
    pub causes: Vec<String>,
}

/// A rule pack as the report names it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct PackInfo {
    /// Name of the pack.
    pub pack: String,
    /// Its version.
    pub version: String,
    /// SHA-256 over its files, in hex.
    pub sha256: String,
}

/// The time span of a source, for rules about absence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    /// The source, named as in the taxonomy's `from:`.
    pub source: &'static str,
    /// First time covered.
    pub from: Timestamp,
    /// Last time covered.
    pub to: Timestamp,
}
