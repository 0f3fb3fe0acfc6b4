//! The report as Markdown, ready to be pasted into a case: for the customer without what is internal, or for an
//! engineer with everything.

mod customer;
mod engineer;
mod escape;
mod redact;

use std::io::{self, Write};

use super::words::{Lang, words};
use crate::model::Analysis;

/// Who reads the reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reader {
    /// The customer: what was found and what to do, internal names, addresses and users left out.
    #[default]
    Customer,
    /// An engineer: everything, as it stands.
    Engineer,
}

/// Writes the reply.
pub fn write(analysis: &Analysis, reader: Reader, lang: Lang, out: &mut dyn Write) -> io::Result<()> {
    let words = words(lang);
    let text = match reader {
        Reader::Customer => customer::reply(analysis, words),
        Reader::Engineer => engineer::reply(analysis, words),
    };
    out.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests;
