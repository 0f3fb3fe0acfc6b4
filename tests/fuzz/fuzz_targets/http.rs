#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tetra_fuzz::run("http", bytes));
