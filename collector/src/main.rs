//! Collects one bundle on an endpoint.

fn main() {}
