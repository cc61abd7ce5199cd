//! From the serde form of one file to its checked form.
//!
//! Each reader looks at one file alone; what files say about each other is
//! checked in `cross`. A value that is wrong is told and then replaced by
//! any valid one, so that the rest of the file is checked too: after a
//! problem nothing of the load is used.

mod cause;
mod overriding;
mod remedy;
mod signature;

pub(crate) use cause::cause;
pub(crate) use overriding::{Override, overriding};
pub(crate) use remedy::{prohibition, remedy};
pub(crate) use signature::signature;

use std::collections::BTreeSet;

use esxray_model::{Fact, FormatName, Said};

use crate::document::{Document, Problems};
use crate::flaw::Flaw;
use crate::near::nearest;
use crate::template::{Part, parts};

/// The formats that a knowledge file may name: those whose records are known to have a writer.
pub fn logs() -> Vec<FormatName> {
    let nameless = [FormatName::Snippet, FormatName::Unknown];
    FormatName::ALL.iter().copied().filter(|it| !nameless.contains(it) && !it.is_file()).collect()
}

/// One file, and where its problems go.
pub(crate) struct Reader<'d, 'f> {
    pub(crate) document: &'d Document<'f>,
    pub(crate) problems: &'d mut Problems,
    /// Keys of texts in French that are not there.
    pub(crate) untranslated: &'d mut Vec<String>,
}

impl Reader<'_, '_> {
    fn tell(&mut self, key: &str, flaw: impl FnOnce() -> Flaw) {
        self.document.tell(self.problems, key, flaw);
    }

    /// A text must say something.
    fn text(&mut self, key: &str, text: &str) {
        if text.trim().is_empty() {
            self.tell(key, || Flaw::Empty { key: key.to_owned() });
        }
    }

    /// A text must say something, on one line.
    fn line(&mut self, key: &str, text: &str) {
        self.text(key, text);
        if text.contains('\n') {
            self.tell(key, || Flaw::SeveralLines { key: key.to_owned() });
        }
    }

    /// A list may be empty, its texts may not.
    fn texts(&mut self, key: &str, texts: &[String]) {
        for (index, _) in texts.iter().enumerate().filter(|(_, text)| text.trim().is_empty()) {
            let key = format!("{key}.{index}");
            self.tell(&key, || Flaw::Empty { key: key.clone() });
        }
    }

    /// A text in every language.
    fn said(&mut self, key: &str, english: String, french: Option<String>) -> Said {
        self.both((key, &format!("{key}_fr")), english, french, Self::text)
    }

    /// A line in every language.
    fn said_line(&mut self, key: &str, english: String, french: Option<String>) -> Said {
        self.both((key, &format!("{key}_fr")), english, french, Self::line)
    }

    /// A text in every language, or in none.
    fn said_option(&mut self, key: &str, english: Option<String>, french: Option<String>) -> Option<Said> {
        if english.is_none() && french.is_some() {
            let key = format!("{key}_fr");
            self.tell(&key, || Flaw::NothingToTranslate { key: key.clone() });
        }
        english.map(|english| self.said(key, english, french))
    }

    /// A list in every language, of the same length. It may be empty, its texts may not.
    fn said_list(&mut self, key: &str, english: Vec<String>, french: Vec<String>) -> Vec<Said> {
        if french.is_empty() && !english.is_empty() {
            self.texts(key, &english);
            self.untranslated.push(format!("{key}_fr"));
            return english.into_iter().map(Said::name).collect();
        }
        if french.len() != english.len() {
            let (key, found, wanted) = (format!("{key}_fr"), french.len(), english.len());
            self.tell(&key, || Flaw::TranslationLength { key: key.clone(), found, wanted });
        }
        let each = english.into_iter().zip(french).enumerate();
        each.map(|(index, (english, french))| {
            let keys = (format!("{key}.{index}"), format!("{key}_fr.{index}"));
            self.both((&keys.0, &keys.1), english, Some(french), Self::text)
        })
        .collect()
    }

    /// The texts behind two keys, the English one first. Where the French one is missing, English stands in for it.
    fn both(
        &mut self,
        keys: (&str, &str),
        english: String,
        french: Option<String>,
        check: fn(&mut Self, &str, &str),
    ) -> Said {
        check(self, keys.0, &english);
        let Some(french) = french else {
            self.untranslated.push(keys.1.to_owned());
            return Said::name(english);
        };
        check(self, keys.1, &french);
        // Nearly every text names nothing.
        if english.contains('{') || french.contains('{') {
            let (wanted, found) = (names(&english), names(&french));
            if wanted != found {
                let owned = |names: BTreeSet<&str>| names.into_iter().map(str::to_owned).collect();
                self.tell(keys.1, || Flaw::TranslationNames {
                    key: keys.1.to_owned(),
                    found: owned(found),
                    wanted: owned(wanted),
                });
            }
        }
        Said::new(english, french)
    }

    /// A list must have an entry.
    fn some<T>(&mut self, key: &str, list: &[T]) {
        if list.is_empty() {
            self.tell(key, || Flaw::Empty { key: key.to_owned() });
        }
    }

    /// The sources of a statement: there must be one.
    fn sources(&mut self, sources: &[String]) {
        self.some("sources", sources);
        self.texts("sources", sources);
    }

    /// The value behind a word of a closed list.
    fn word<T: Copy>(
        &mut self,
        key: &str,
        what: &'static str,
        found: &str,
        known: &[T],
        word: fn(T) -> &'static str,
    ) -> Option<T> {
        let value = known.iter().copied().find(|&value| word(value) == found);
        if value.is_none() {
            let wanted: Vec<&'static str> = known.iter().map(|&value| word(value)).collect();
            self.tell(key, || Flaw::UnknownWord {
                what,
                found: found.to_owned(),
                near: nearest(found, wanted.iter().copied()),
                wanted,
            });
        }
        value
    }

    fn fact(&mut self, key: &str, found: &str) -> Option<Fact> {
        self.word(key, "fact", found, Fact::ALL, Fact::as_str)
    }

    fn facts(&mut self, key: &str, found: &[String]) -> Vec<Fact> {
        let each = found.iter().enumerate();
        each.filter_map(|(index, word)| self.fact(&format!("{key}.{index}"), word)).collect()
    }

    fn log(&mut self, key: &str, found: &str) -> Option<FormatName> {
        self.word(key, "log format", found, &logs(), FormatName::as_str)
    }

    /// A list of formats must have an entry.
    fn logs(&mut self, key: &str, found: &[String]) -> Vec<FormatName> {
        self.some(key, found);
        let each = found.iter().enumerate();
        each.filter_map(|(index, word)| self.log(&format!("{key}.{index}"), word)).collect()
    }

    /// The name of an id or event must have the form that file names have.
    fn id(&mut self, key: &str, found: &str) {
        if !is_id(found) {
            self.tell(key, || Flaw::IdForm { found: found.to_owned() });
        }
    }
}

/// The names in braces.
fn names(text: &str) -> BTreeSet<&str> {
    parts(text).into_iter().filter_map(|part| if let Part::Name(name) = part { Some(name) } else { None }).collect()
}

/// Whether a text has the form of an id: lower-case letters, digits and `-`.
pub(crate) fn is_id(text: &str) -> bool {
    const LONGEST: usize = 80;
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text.len() <= LONGEST && text.bytes().all(fits) && !text.is_empty() && !text.starts_with('-')
}
