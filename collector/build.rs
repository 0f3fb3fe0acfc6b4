//! Gives the program for Windows its icon, its version and its manifest.

use std::env::var;
use std::io;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=windows");
    if var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system != "windows") {
        return Ok(());
    }
    if var("CARGO_CFG_TARGET_ENV").is_ok_and(|kind| kind == "gnu") {
        // The same source gives the same program, whenever it is linked.
        println!("cargo::rustc-link-arg-bins=-Wl,--no-insert-timestamp");
    }
    let mut resource = winresource::WindowsResource::new();
    resource
        .set_icon("windows/icon.ico")
        .set_manifest_file("windows/manifest.xml")
        .set("ProductName", "Tetra Triage")
        .set("FileDescription", "Collects why TETRA definitions do not arrive")
        .set("OriginalFilename", "tetra-collect.exe")
        .set("LegalCopyright", "MIT OR Apache-2.0");
    // Of the program alone: tests link the library, and must not ask for an administrator.
    resource.compile_for("tetra-collect")
}
