//! A page of terminal text: wrapped at its width, coloured only if asked, no space at a line's end.

use anstyle::{AnsiColor, Style};
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm, core::display_width};

use super::{Glyphs, Lang, TextOptions};
use crate::report::clean::{ascii, clean};
use crate::report::words::{Words, fill, words};

/// Narrowest page; below it nothing could be aligned.
const NARROWEST: usize = 40;

/// How a piece of text stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Plain,
    Bold,
    Good,
    Bad,
    Notice,
    Quiet,
    Place,
}

impl Look {
    fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Bold => Style::new().bold(),
            Self::Good => AnsiColor::Green.on_default().bold(),
            Self::Bad => AnsiColor::Red.on_default().bold(),
            Self::Notice => AnsiColor::Yellow.on_default().bold(),
            Self::Quiet => Style::new().dimmed(),
            Self::Place => AnsiColor::Cyan.on_default(),
        }
    }
}

/// A piece of a line that is laid out already.
pub(super) type Piece<'t> = (Look, &'t str);

/// Collects the lines of the report.
pub(super) struct Page {
    text: String,
    options: TextOptions,
    /// The texts of its language.
    pub(super) words: &'static Words,
}

impl Page {
    pub(super) fn new(options: TextOptions) -> Self {
        Self { text: String::new(), options, words: words(options.lang) }
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    pub(super) fn width(&self) -> usize {
        self.options.width.max(NARROWEST)
    }

    pub(super) fn glyphs(&self) -> Glyphs {
        self.options.glyphs
    }

    /// Begins a section: an empty line and its title.
    pub(super) fn section(&mut self, title: &str) {
        self.blank();
        self.wrapped(&[], 0, Look::Bold, title);
    }

    pub(super) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// Writes text that must stay in one piece, however long: what is to be pasted, and places.
    pub(super) fn unbroken(&mut self, indent: &str, label: &str, look: Look, text: &str) {
        let line = format!("{indent}{}{}", self.paint(Look::Bold, label), self.paint(look, &self.safe(text)));
        self.end_line(&line);
    }

    /// Tells how many of a list are not shown.
    pub(super) fn more(&mut self, left_out: usize) {
        if left_out > 0 {
            let text = fill(self.words.more, &[&left_out.to_string()]);
            self.wrapped(&[(Look::Plain, "  ")], 4, Look::Quiet, &text);
        }
    }

    /// Writes text behind `first` pieces, wrapped, its further lines indented by `indent` columns.
    ///
    /// The pieces are taken as they are, spaces included; only the text counts as foreign.
    pub(super) fn wrapped(&mut self, first: &[Piece<'_>], indent: usize, look: Look, text: &str) {
        let plain: String = first.iter().map(|(_, text)| *text).collect();
        let rest = " ".repeat(indent);
        // Chinese has no spaces to break at.
        let separator = match self.options.lang {
            Lang::En => WordSeparator::AsciiSpace,
            Lang::Zh => WordSeparator::UnicodeBreakProperties,
        };
        let options = Options::new(self.width())
            .initial_indent(&plain)
            .subsequent_indent(&rest)
            .word_separator(separator)
            .word_splitter(WordSplitter::NoHyphenation)
            .wrap_algorithm(WrapAlgorithm::FirstFit)
            .break_words(true);
        let text = self.safe(text);
        let mut lines = textwrap::wrap(&text, options).into_iter().map(|line| line.into_owned());
        let head: String = first.iter().map(|(look, text)| self.paint(*look, text)).collect();
        let line = lines.next().unwrap_or_default();
        let body = line.strip_prefix(&plain).unwrap_or_default().trim_end();
        let line = if body.is_empty() { head } else { head + &self.paint(look, body) };
        self.end_line(&line);
        for line in lines {
            let body = line.trim();
            let line = format!("{rest}{}", self.paint(look, body));
            self.end_line(&line);
        }
    }

    /// Writes a list entry: a mark and wrapped text.
    pub(super) fn bullet(&mut self, text: &str) {
        self.wrapped(&[(Look::Plain, "  - ")], 4, Look::Plain, text);
    }

    /// Makes text fit for the terminal.
    pub(super) fn safe(&self, text: &str) -> String {
        match self.options.glyphs {
            Glyphs::Unicode => clean(text),
            Glyphs::Ascii => ascii(&clean(text)),
        }
    }

    fn paint(&self, look: Look, text: &str) -> String {
        if !self.options.color || look == Look::Plain || text.trim().is_empty() {
            return text.to_owned();
        }
        let body = text.trim_end();
        let spaces = text.get(body.len()..).unwrap_or_default();
        let style = look.style();
        format!("{style}{body}{style:#}{spaces}")
    }

    fn end_line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }
}

/// Fills text up with spaces to a number of columns.
pub(super) fn pad(text: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(display_width(text));
    format!("{text}{}", " ".repeat(missing))
}

/// Puts spaces before text up to a number of columns.
pub(super) fn pad_left(text: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(display_width(text));
    format!("{}{text}", " ".repeat(missing))
}
