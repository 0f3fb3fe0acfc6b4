//! The report that an engineer reads in a terminal: the answer first, then what proves it, then the rest.

mod answer;
mod doubts;
mod input;
mod ladder;
mod page;
mod places;

use std::io::{self, Write};

use crate::model::Analysis;
use page::Page;

pub(crate) use super::clean::{clean, is_hostile};
pub use super::words::Lang;

/// The signs of the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Glyphs {
    /// Ticks and crosses.
    #[default]
    Unicode,
    /// Nothing beyond ASCII, except what the input says.
    Ascii,
}

/// How the report looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextOptions {
    /// Whether colours are used.
    pub color: bool,
    /// Columns of a line.
    pub width: usize,
    /// The language.
    pub lang: Lang,
    /// The signs.
    pub glyphs: Glyphs,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self { color: false, width: 100, lang: Lang::En, glyphs: Glyphs::Unicode }
    }
}

/// Writes the report.
pub fn write(analysis: &Analysis, options: &TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(*options);
    answer::headline(analysis, &mut page);
    ladder::write(analysis, &mut page);
    answer::evidence(analysis, &mut page);
    doubts::write(analysis, &mut page);
    answer::other_causes(analysis, &mut page);
    doubts::findings(analysis, &mut page);
    input::endpoint(&analysis.endpoint, &mut page);
    answer::next_steps(analysis, &mut page);
    input::coverage(&analysis.coverage, &mut page);
    input::anomalies(&analysis.anomalies, &mut page);
    answer::origin(analysis, &mut page);
    out.write_all(page.into_text().as_bytes())
}

#[cfg(test)]
mod tests;
