//! One parser per source of a bundle: bytes in, observations out.

pub(crate) mod capture;
