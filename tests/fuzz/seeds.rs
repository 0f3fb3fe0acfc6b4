//! Writes the seeds of every target: `cargo run --example seeds -- corpus`.

use std::path::Path;

use tetra_fuzz::{TARGETS, seeds};

fn main() {
    let corpus = std::env::args_os().nth(1).expect("a folder");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for target in TARGETS {
        let folder = Path::new(&corpus).join(target.name);
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        for (number, seed) in seeds::of(target.name, &root).iter().enumerate() {
            std::fs::write(folder.join(format!("seed-{number:03}")), seed).expect("a file can be written");
        }
    }
}
