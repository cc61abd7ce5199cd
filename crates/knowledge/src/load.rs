//! From packs to one checked base.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use crate::cause::Cause;
use crate::cross::{self, Loaded};
use crate::document::{Document, Problems};
use crate::error::{Error, LoadProblem};
use crate::flaw::Flaw;
use crate::knowledge::Knowledge;
use crate::pack::{BUILTIN, Pack, limits};
use crate::read::{self, Reader, is_id};
use crate::schema::FileKind as Kind;

/// Files that come together; later layers replace files of earlier ones.
pub(crate) struct Layer<'p> {
    pub(crate) name: &'p str,
    /// Whether the files were proved by the tests of this crate.
    pub(crate) proved: bool,
    pub(crate) files: Vec<(&'p str, &'p str)>,
}

impl<'p> Layer<'p> {
    pub(crate) fn builtin() -> Self {
        Self { name: "builtin", proved: true, files: BUILTIN.to_vec() }
    }

    pub(crate) fn of(pack: &'p Pack) -> Self {
        let files = pack.files.iter().map(|file| (file.path.as_str(), file.text.as_str())).collect();
        Self { name: &pack.name, proved: false, files }
    }

    fn check_size(&self) -> Result<(), Error> {
        let pack = || self.name.to_owned();
        let found = self.files.len();
        if found > limits::FILES {
            return Err(Error::TooManyFiles { pack: pack(), found, limit: limits::FILES });
        }
        let found = self.files.iter().map(|(_, text)| text.len()).sum();
        if found > limits::PACK_BYTES {
            return Err(Error::TooMuchText { pack: pack(), found, limit: limits::PACK_BYTES });
        }
        Ok(())
    }

    /// A file's path as messages name it.
    fn shown_path(&self, path: &str) -> String {
        if self.proved { path.to_owned() } else { format!("{}/{path}", self.name.trim_end_matches('/')) }
    }
}

/// One file that counts: no later layer replaces it.
struct Source<'p> {
    area: String,
    path: String,
    text: Cow<'p, str>,
    proved: bool,
}

/// By kind and id, which is the order in which they are hashed.
type Sources<'p> = BTreeMap<(Kind, String), Source<'p>>;

/// Loads all layers, or tells everything that is wrong with them.
pub(crate) fn load(layers: &[Layer<'_>]) -> Result<Knowledge, Error> {
    for layer in layers {
        layer.check_size()?;
    }
    let mut problems = Problems::default();
    let mut sources = Sources::new();
    for layer in layers {
        place_files(layer, &mut sources, &mut problems);
    }
    let packs = layers.iter().map(|layer| layer.name.to_owned()).collect();
    let knowledge = read_all(&sources, packs, &mut problems);
    let problems = problems.into_sorted();
    if problems.is_empty() { Ok(knowledge) } else { Err(Error::Invalid { problems }) }
}

/// Sorts a layer's files into their places, over those of earlier layers.
fn place_files<'p>(layer: &Layer<'p>, sources: &mut Sources<'p>, problems: &mut Problems) {
    let mut files = layer.files.clone();
    files.sort_unstable();
    let mut seen: BTreeMap<(Kind, String), String> = BTreeMap::new();
    for (path, text) in files {
        let shown = layer.shown_path(path);
        let mut tell = |flaw| problems.add(LoadProblem { path: shown.clone(), line: 1, flaw });
        let (kind, area, id) = match place_of(path) {
            Place::Ignored => continue,
            Place::Misplaced => {
                tell(Flaw::Misplaced);
                continue;
            }
            Place::At { kind, area, id } => (kind, area, id.to_owned()),
        };
        if !is_id(&id) {
            tell(Flaw::IdForm { found: id });
            continue;
        }
        if let Some(other) = seen.get(&(kind, id.clone())) {
            tell(Flaw::DuplicateId { id, other: other.clone() });
            continue;
        }
        seen.insert((kind, id.clone()), shown.clone());
        // A checkout on Windows may end lines with CR LF; it is the same knowledge.
        let text = if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n")) } else { Cow::Borrowed(text) };
        sources.insert((kind, id), Source { area, path: shown, text, proved: layer.proved });
    }
}

/// What a file is by its path.
#[derive(Debug, PartialEq, Eq)]
enum Place<'p> {
    At {
        kind: Kind,
        area: String,
        id: &'p str,
    },
    /// Documentation, or hidden.
    Ignored,
    Misplaced,
}

fn place_of(path: &str) -> Place<'_> {
    let steps: Vec<&str> = path.split('/').filter(|step| !step.is_empty() && *step != ".").collect();
    let is_page = path.rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("md"));
    if is_page || steps.iter().any(|step| step.starts_with('.') && *step != "..") {
        return Place::Ignored;
    }
    let [folder, between @ .., file] = steps.as_slice() else { return Place::Misplaced };
    let kind = Kind::ALL.iter().copied().find(|kind| kind.folder() == *folder);
    match (kind, file.strip_suffix(".toml")) {
        (Some(kind), Some(id)) => Place::At { kind, area: between.join("/"), id },
        _ => Place::Misplaced,
    }
}

/// Reads every file and checks them against each other.
fn read_all(sources: &Sources<'_>, packs: Vec<String>, problems: &mut Problems) -> Knowledge {
    let documents: Vec<Document<'_>> =
        sources.values().map(|source| Document::new(source.path.clone(), &source.text)).collect();
    let mut loaded = Loaded::default();
    let mut remarks = Problems::default();
    for (((kind, id), source), document) in sources.iter().zip(&documents) {
        if problems.full() {
            break;
        }
        loaded.ids.entry(*kind).or_insert_with(BTreeSet::new).insert(id);
        let mut untranslated = Vec::new();
        let mut reader = Reader { document, problems, untranslated: &mut untranslated };
        match kind {
            Kind::Cause => {
                loaded.causes.extend(read::cause(&mut reader, id, &source.area).map(|cause| (cause, document)));
            }
            Kind::Override => {
                loaded.overrides.extend(read::overriding(&mut reader, id).map(|it| (it, document)));
            }
            Kind::Remedy => loaded.remedies.extend(read::remedy(&mut reader, id)),
            Kind::Prohibition => loaded.prohibitions.extend(read::prohibition(&mut reader, id)),
            Kind::Signature => {
                let Some(signature) = read::signature(&mut reader, id, &source.area) else {
                    loaded.signature_unread = true;
                    continue;
                };
                if !source.proved {
                    for flaw in signature.regex_flaws() {
                        document.tell(problems, "regex", || flaw);
                    }
                }
                loaded.signatures.push(signature);
            }
        }
        if let Some((first, others)) = untranslated.split_first() {
            document.tell(&mut remarks, first, || Flaw::Untranslated { key: first.clone(), more: others.len() });
        }
    }
    let warnings = cross::check(&loaded, problems);
    let mut causes: Vec<Cause> = loaded.causes.into_iter().map(|(cause, _)| cause).collect();
    for (it, _) in &loaded.overrides {
        for cause in causes.iter_mut().filter(|cause| cause.id == it.cause) {
            cause.severity = it.severity.unwrap_or(cause.severity);
        }
        causes.retain(|cause| cause.id != it.cause || !it.disabled);
    }
    let doubts = (warnings, remarks.into_sorted());
    Knowledge::assemble(loaded.signatures, causes, loaded.remedies, loaded.prohibitions, doubts, hash(sources), packs)
}

/// SHA-256 over kind, id and text of every file that counts, in hexadecimal.
fn hash(sources: &Sources<'_>) -> String {
    let mut hasher = Sha256::new();
    for ((kind, id), source) in sources {
        hasher.update(kind.folder());
        hasher.update([0]);
        hasher.update(id);
        hasher.update([0]);
        // The length keeps one file's end apart from the next one's name.
        hasher.update((source.text.len() as u64).to_le_bytes());
        hasher.update(source.text.as_bytes());
    }
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    hasher.finalize().iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
