//! One line that tells how the watch goes: rewritten in place at a terminal, a line now and then elsewhere.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use textwrap::core::display_width;

use super::Console;
use crate::words::{Lang, Text};

/// How often a line is written where it cannot be rewritten.
const SELDOM: Duration = Duration::from_secs(300);

/// The line.
#[derive(Debug)]
pub struct Live {
    console: Console,
    lang: Lang,
    last: Option<(Instant, String)>,
}

impl Live {
    /// Makes a line that is not written yet.
    #[must_use]
    pub fn new(console: &Console, lang: Lang) -> Self {
        Self { console: console.clone(), lang, last: None }
    }

    /// Shows how much time is left, and whether an attempt was seen.
    ///
    /// # Errors
    ///
    /// Fails where it cannot be written.
    pub fn show(&mut self, left: Duration, seen: bool, err: &mut impl Write) -> io::Result<()> {
        let seen = self.lang.say(if seen { Text::LiveSeen } else { Text::LiveWaiting }, &[]);
        let minutes = left.as_secs() / 60;
        let time = format!("{minutes}:{:02}", left.as_secs() % 60);
        let line = self.lang.say(Text::Live, &[&time, &seen]);
        let now = Instant::now();
        let news = match (&self.last, &self.console) {
            (None, _) => true,
            (Some((_, shown)), Console::Terminal) => *shown != line,
            (Some((at, shown)), _) => {
                now.duration_since(*at) >= SELDOM || shown.ends_with(&seen) != line.ends_with(&seen)
            }
        };
        if !news {
            return Ok(());
        }
        self.last = Some((now, line.clone()));
        if matches!(self.console, Console::Terminal) {
            let width = self.console.width().saturating_sub(1);
            // Where there is little room, what was seen matters most.
            let line = if display_width(&line) > width { format!("{time} {seen}") } else { line };
            let line = fit(&line, width);
            write!(err, "\r{line}")?;
            err.flush()
        } else {
            writeln!(err, "{line}")
        }
    }

    /// Leaves the line, so that the next one begins anew.
    ///
    /// # Errors
    ///
    /// Fails where it cannot be written.
    pub fn end(&mut self, err: &mut impl Write) -> io::Result<()> {
        if self.last.take().is_some() && matches!(self.console, Console::Terminal) {
            writeln!(err)?;
        }
        Ok(())
    }
}

/// Cuts or fills a line to so many columns; a Chinese letter takes two.
fn fit(line: &str, width: usize) -> String {
    let mut fitted = String::new();
    let mut used: usize = 0;
    for letter in line.chars() {
        let wide = display_width(letter.encode_utf8(&mut [0; 4]));
        if used.saturating_add(wide) > width {
            break;
        }
        used = used.saturating_add(wide);
        fitted.push(letter);
    }
    fitted.push_str(&" ".repeat(width.saturating_sub(used)));
    fitted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_seldom_where_nothing_can_be_rewritten() {
        let mut live = Live::new(&Console::None, Lang::En);
        let mut out = Vec::new();
        for second in (0..100).rev() {
            live.show(Duration::from_secs(second), second < 50, &mut out).unwrap();
        }
        live.end(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.contains("1:39") && !text.contains('\r'));
    }

    #[test]
    fn fits_narrow_consoles() {
        assert_eq!(fit("abc", 5), "abc  ");
        assert_eq!(fit("abcdef", 4), "abcd");
        assert_eq!(fit("剩余", 3), "剩 ");
    }
}
