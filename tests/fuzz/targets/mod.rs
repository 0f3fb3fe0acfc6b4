//! What is done with any bytes, one function per parser: it ends, it does not panic, and what it says can be shown.
//!
//! `cargo fuzz` runs these with coverage (`tests/fuzz/README.md`); the tests run them on seeds with changes, on stable Rust.

mod files;
mod packets;
pub mod seeds;
mod streams;
mod whole;

/// One way to read bytes, under a name.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name.
    pub name: &'static str,
    /// Reads the bytes.
    pub run: fn(&[u8]),
    /// How many changed inputs the tests read; more where reading is cheap.
    pub rounds: usize,
}

const fn target(name: &'static str, rounds: usize, run: fn(&[u8])) -> Target {
    Target { name, run, rounds }
}

/// All targets.
pub const TARGETS: [Target; 19] = [
    target("archive", 2_000, files::archive),
    target("manifest", 4_000, files::manifest),
    target("xml", 4_000, files::xml),
    target("json", 6_000, files::json),
    target("probes", 4_000, files::probes),
    target("log", 1_500, files::log),
    target("transcript", 4_000, files::transcript),
    target("pack", 80, files::pack),
    target("blocks", 3_000, packets::blocks),
    target("link", 20_000, packets::link),
    target("reassembly", 10_000, packets::reassembly),
    target("frames", 1_000, packets::frames),
    target("dns", 30_000, packets::dns),
    target("tls", 3_000, streams::tls),
    target("x509", 8_000, streams::x509),
    target("http", 6_000, streams::http),
    target("socks", 20_000, streams::socks),
    target("conversation", 3_000, streams::conversation),
    target("analyze", 500, whole::analyze),
];

/// Finds a target by its name.
pub fn find(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|target| target.name == name)
}

/// Runs a target by its name.
pub fn run(name: &str, bytes: &[u8]) {
    let target = find(name).expect("a target of this name");
    (target.run)(bytes);
}
