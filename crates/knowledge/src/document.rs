//! One knowledge file while it is read: its text, and where its keys stand.

use std::cell::{Cell, OnceCell};

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use crate::error::LoadProblem;
use crate::flaw::Flaw;
use crate::nesting::deeper_than;
use crate::pack::limits;
use crate::shown::unprintable;

/// The problems of one load, up to a number that a person still reads.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<LoadProblem>);

impl Problems {
    const MOST: usize = 500;

    pub(crate) fn add(&mut self, problem: LoadProblem) {
        if !self.full() {
            self.0.push(problem);
        }
    }

    pub(crate) fn full(&self) -> bool {
        self.0.len() >= Self::MOST
    }

    /// All of them, in the order of paths and lines.
    pub(crate) fn into_sorted(mut self) -> Vec<LoadProblem> {
        self.0.sort();
        self.0.dedup();
        self.0
    }
}

/// A file's text with its path.
#[derive(Debug)]
pub(crate) struct Document<'f> {
    /// As messages and signatures name the file.
    pub(crate) path: String,
    text: &'f str,
    /// Only filled when a problem has to be placed.
    tree: OnceCell<Option<Spanned<DeTable<'f>>>>,
    told: Cell<usize>,
}

impl<'f> Document<'f> {
    /// Problems of one file beyond this many say nothing new.
    const MOST: usize = 50;

    pub(crate) fn new(path: String, text: &'f str) -> Self {
        Self { path, text, tree: OnceCell::new(), told: Cell::new(0) }
    }

    /// The file in its serde form; `None` after its problems were told.
    pub(crate) fn parse<T: DeserializeOwned>(&self, problems: &mut Problems) -> Option<T> {
        if self.text.len() > limits::FILE_BYTES {
            self.tell_at(problems, 0, || Flaw::TooBig { bytes: self.text.len(), limit: limits::FILE_BYTES });
            return None;
        }
        if let Some(offset) = deeper_than(self.text, limits::DEPTH) {
            self.tell_at(problems, offset, || Flaw::TooDeep { limit: limits::DEPTH });
            return None;
        }
        let wrong = |error: &toml::de::Error, problems: &mut Problems| {
            let offset = error.span().map_or(0, |span| span.start);
            self.tell_at(problems, offset, || Flaw::Toml { message: error.message().to_owned() });
        };
        let table = match DeTable::parse(self.text) {
            Ok(table) => table,
            Err(error) => {
                wrong(&error, problems);
                return None;
            }
        };
        self.refuse_unprintable(table.get_ref(), problems);
        T::deserialize(Deserializer::from(table)).map_err(|error| wrong(&error, problems)).ok()
    }

    /// Tells a flaw of the value at `key`: names and indices joined by dots, such as `sample.0.text`.
    ///
    /// Where there is no such value, the flaw stands at the nearest one around it.
    pub(crate) fn tell(&self, problems: &mut Problems, key: &str, flaw: impl FnOnce() -> Flaw) {
        if self.told.get() < Self::MOST && !problems.full() {
            self.tell_at(problems, self.offset_of(key), flaw);
        }
    }

    /// Tells a flaw at a byte of the text.
    pub(crate) fn tell_at(&self, problems: &mut Problems, offset: usize, flaw: impl FnOnce() -> Flaw) {
        if self.told.get() < Self::MOST && !problems.full() {
            self.told.set(self.told.get() + 1);
            problems.add(LoadProblem { path: self.path.clone(), line: self.line_at(offset), flaw: flaw() });
        }
    }

    /// The line, from 1, that holds a byte of the text.
    pub(crate) fn line_at(&self, offset: usize) -> u32 {
        let before = self.text.as_bytes().get(..offset).unwrap_or(self.text.as_bytes());
        let breaks = memchr::memchr_iter(b'\n', before).count();
        u32::try_from(breaks + 1).unwrap_or(u32::MAX)
    }

    fn offset_of(&self, key: &str) -> usize {
        let tree = self.tree.get_or_init(|| DeTable::parse(self.text).ok());
        let Some(table) = tree else { return 0 };
        let mut steps = key.split('.');
        let Some((mut offset, mut value)) = steps.next().and_then(|name| entry(table.get_ref(), name)) else {
            return 0;
        };
        for step in steps {
            let inner = match value {
                DeValue::Table(table) => entry(table, step),
                DeValue::Array(array) => step
                    .parse()
                    .ok()
                    .and_then(|index: usize| array.get(index))
                    .map(|element| (element.span().start, element.get_ref())),
                _ => None,
            };
            let Some(inner) = inner else { break };
            (offset, value) = inner;
        }
        offset
    }

    fn refuse_unprintable(&self, table: &DeTable<'_>, problems: &mut Problems) {
        for (key, value) in table {
            self.refuse_unprintable_text(key.get_ref(), key.span().start, problems);
            self.refuse_unprintable_value(value, problems);
        }
    }

    /// Goes as deep as the brackets do, and those were counted.
    fn refuse_unprintable_value(&self, value: &Spanned<DeValue<'_>>, problems: &mut Problems) {
        match value.get_ref() {
            DeValue::String(text) => self.refuse_unprintable_text(text, value.span().start, problems),
            DeValue::Array(array) => array.iter().for_each(|element| self.refuse_unprintable_value(element, problems)),
            DeValue::Table(table) => self.refuse_unprintable(table, problems),
            _ => {}
        }
    }

    fn refuse_unprintable_text(&self, text: &str, offset: usize, problems: &mut Problems) {
        // Nearly every text is plain, and this runs over the whole built-in base at every start.
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n')) {
            return;
        }
        // Line breaks part paragraphs, and samples hold tabs where the logs do.
        if let Some(c) = text.chars().find(|&c| unprintable(c) && c != '\n' && c != '\t') {
            self.tell_at(problems, offset, || Flaw::Unprintable { code: u32::from(c) });
        }
    }
}

/// Where an entry's key stands, and its value.
fn entry<'t, 'f>(table: &'t DeTable<'f>, name: &str) -> Option<(usize, &'t DeValue<'f>)> {
    let (key, value) = table.iter().find(|(key, _)| key.get_ref() == name)?;
    Some((key.span().start, value.get_ref()))
}

#[cfg(test)]
mod tests {
    use super::{Document, Problems};
    use crate::flaw::Flaw;

    const TEXT: &str = "title = 'x'\nlist = [\n  'a',\n  'b',\n]\n\n[fields]\none = 1\n\n[[sample]]\ntext = 'a'\n\n[[sample]]\nfields = { a = 'b' }\n";

    fn line_of(key: &str) -> u32 {
        let document = Document::new("x.toml".to_owned(), TEXT);
        let mut problems = Problems::default();
        document.tell(&mut problems, key, || Flaw::RegexMatchesEmpty);
        problems.into_sorted()[0].line
    }

    #[test]
    fn a_key_is_found_on_its_line() {
        for (key, line) in [
            ("title", 1),
            ("list", 2),
            ("list.1", 4),
            ("fields.one", 8),
            ("sample.0", 10),
            ("sample.0.text", 11),
            ("sample.1", 13),
            ("sample.1.fields.a", 14),
            ("sample.1.text", 13),
            ("nothing", 1),
        ] {
            assert_eq!(line_of(key), line, "{key}");
        }
    }

    #[test]
    fn one_file_cannot_flood_the_list() {
        let document = Document::new("x.toml".to_owned(), TEXT);
        let mut problems = Problems::default();
        for index in 0..10_000_u32 {
            document.tell(&mut problems, "list", || Flaw::Unprintable { code: index });
        }
        assert_eq!(problems.into_sorted().len(), Document::MOST);
    }
}
