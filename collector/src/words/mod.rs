//! What the collector prints, in every language it speaks. Reasons in the manifest stay English: engineers read them.

use clap::ValueEnum;

use crate::system;

mod command;
mod fault;
mod guide;
mod help;
mod left;
mod readme;
mod text;

pub use fault::{fault, told, usage};
pub use help::{command, lang_behind_command, lang_of};
pub use left::{what, why};
pub use readme::{page, status};
pub use text::Text;

/// A language.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Simplified Chinese.
    #[value(name = "zh-CN", alias = "zh")]
    Zh,
}

impl Lang {
    /// Returns the language of a system that calls it `name`; English where it is another one.
    #[must_use]
    pub fn of(name: Option<&str>) -> Self {
        if name.is_some_and(|name| name.to_ascii_lowercase().starts_with("zh")) { Self::Zh } else { Self::En }
    }

    /// Returns the language that is asked for, else the system's.
    #[must_use]
    pub fn chosen(asked: Option<Self>) -> Self {
        asked.unwrap_or_else(|| Self::of(system::language().as_deref()))
    }

    /// Picks the text of this language from an English and a Chinese one.
    #[must_use]
    pub fn pick(self, (english, chinese): (&'static str, &'static str)) -> &'static str {
        match self {
            Self::En => english,
            Self::Zh => chinese,
        }
    }

    /// Returns a text with its `{}` filled in, in order.
    #[must_use]
    pub fn say(self, text: Text, values: &[&dyn std::fmt::Display]) -> String {
        let pattern = self.pick(text.both());
        let mut said = String::with_capacity(pattern.len());
        let mut values = values.iter();
        let mut pieces = pattern.split("{}");
        said.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            if let Some(value) = values.next() {
                said.push_str(&value.to_string());
            }
            said.push_str(piece);
        }
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_there_in_both_languages() {
        for text in Text::ALL {
            let (english, chinese) = text.both();
            assert!(
                !english.is_empty()
                    && english.chars().all(|letter| letter.is_ascii() || letter == '\u{2714}'),
                "{text:?}"
            );
            assert!(chinese.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter)), "{text:?}");
            assert_eq!(english.matches("{}").count(), chinese.matches("{}").count(), "{text:?}");
        }
        assert_eq!(Lang::of(Some("zh_CN.UTF-8")), Lang::Zh);
        assert_eq!(Lang::of(None), Lang::En);
        assert_eq!(Lang::En.say(Text::RootHash, &[&"abc"]), "Its root hash is abc.");
    }
}
