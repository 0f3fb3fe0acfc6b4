//! Prints the JSON Schema of the manifest.

use std::io::Write;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(tetra_bundle::json_schema().as_bytes())
}
