use std::collections::{BTreeMap, BTreeSet};

use esxray_model::FormatName;

use crate::cause::Cause;
use crate::error::{Error, LoadProblem};
use crate::load::{Layer, load};
use crate::near::suggestions;
use crate::pack::Pack;
use crate::remedy::{Prohibition, Remedy};
use crate::signature::{Captures, Signature};

/// The checked knowledge base: what `diagnosis` recognises records and judges causes with.
///
/// All lists are in the order of ids, so the same files give the same base,
/// whatever the order in which they were read.
///
/// # Examples
///
/// ```
/// use esxray_knowledge::Knowledge;
///
/// let knowledge = Knowledge::builtin()?;
/// assert_eq!(knowledge.packs, ["builtin"]);
/// assert_eq!(knowledge.sha256.len(), 64);
///
/// let signature = knowledge.signature("disklib-wrong-key").unwrap();
/// assert_eq!(signature.event, "disk-open-wrong-key");
/// # Ok::<(), esxray_knowledge::Error>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Knowledge {
    /// How records are recognised.
    pub signatures: Vec<Signature>,
    /// What events and facts mean together.
    pub causes: Vec<Cause>,
    /// What can be done.
    pub remedies: Vec<Remedy>,
    /// What must not be done.
    pub prohibitions: Vec<Prohibition>,
    /// What is doubtful about the files, but no reason to refuse them: `see_also` of a cause that does not exist, a
    /// remedy that no cause names.
    pub warnings: Vec<LoadProblem>,
    /// Files that lack a text in French: one remark each. Reports in French show the English text instead.
    pub untranslated: Vec<LoadProblem>,
    /// SHA-256 over kind, id and text of every file that counts, in hexadecimal.
    pub sha256: String,
    /// `builtin` and the user's packs, in order.
    pub packs: Vec<String>,
    /// Cause of each alias.
    aliases: BTreeMap<String, usize>,
}

impl Knowledge {
    /// The built-in base alone.
    ///
    /// Its regexes are compiled when they are first needed. This takes some ten
    /// milliseconds, so load once and share.
    ///
    /// # Errors
    /// [`Error::Invalid`] if a built-in file is wrong, which the tests of this crate exclude.
    pub fn builtin() -> Result<Self, Error> {
        load(&[Layer::builtin()])
    }

    /// The built-in base with packs over it, see [`Pack`] for how they meet.
    ///
    /// Nothing of an invalid pack is used. Other than the built-in ones, the
    /// regexes of packs are all compiled here, because nobody has tried them before.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that is wrong in any file, or an error about sizes.
    ///
    /// # Examples
    ///
    /// ```
    /// use esxray_knowledge::{Knowledge, Pack, PackFile};
    ///
    /// let text = "text = 'do not'\nreason = 'x'\nsource = ['y']\n";
    /// let file = PackFile { path: "prohibitions/do-not.toml".to_owned(), text: text.to_owned() };
    /// let error = Knowledge::load(&[Pack { name: "mine".to_owned(), files: vec![file] }]).unwrap_err();
    /// assert!(error.to_string().contains("mine/prohibitions/do-not.toml:3: unknown field `source`"));
    /// ```
    pub fn load(packs: &[Pack]) -> Result<Self, Error> {
        let layers: Vec<Layer<'_>> = std::iter::once(Layer::builtin()).chain(packs.iter().map(Layer::of)).collect();
        load(&layers)
    }

    pub(crate) fn assemble(
        signatures: Vec<Signature>,
        causes: Vec<Cause>,
        remedies: Vec<Remedy>,
        prohibitions: Vec<Prohibition>,
        (warnings, untranslated): (Vec<LoadProblem>, Vec<LoadProblem>),
        sha256: String,
        packs: Vec<String>,
    ) -> Self {
        let aliases = causes
            .iter()
            .enumerate()
            .flat_map(|(index, cause)| cause.aliases.iter().map(move |alias| (alias.clone(), index)))
            .collect();
        Self { signatures, causes, remedies, prohibitions, warnings, untranslated, sha256, packs, aliases }
    }

    /// The cause of that id or alias.
    pub fn cause(&self, id: &str) -> Option<&Cause> {
        let index = self.causes.binary_search_by(|cause| cause.id.as_str().cmp(id)).ok();
        self.causes.get(index.or_else(|| self.aliases.get(id).copied())?)
    }

    /// The remedy of that id.
    pub fn remedy(&self, id: &str) -> Option<&Remedy> {
        self.remedies.get(self.remedies.binary_search_by(|remedy| remedy.id.as_str().cmp(id)).ok()?)
    }

    /// The prohibition of that id.
    pub fn prohibition(&self, id: &str) -> Option<&Prohibition> {
        self.prohibitions.get(self.prohibitions.binary_search_by(|known| known.id.as_str().cmp(id)).ok()?)
    }

    /// The signature of that id.
    pub fn signature(&self, id: &str) -> Option<&Signature> {
        self.signatures.get(self.signatures.binary_search_by(|known| known.id.as_str().cmp(id)).ok()?)
    }

    /// The names of all events, in order.
    pub fn events(&self) -> BTreeSet<&str> {
        self.signatures.iter().map(|signature| signature.event.as_str()).collect()
    }

    /// The signatures that emit an event.
    pub fn signatures_of<'k>(&'k self, event: &'k str) -> impl Iterator<Item = &'k Signature> {
        self.signatures.iter().filter(move |signature| signature.event == event)
    }

    /// The literals for one search over all: anchor, whether its case is ignored, index of its signature.
    ///
    /// A record can only be one of a signature if one of its anchors stands in one of the record's lines.
    pub fn anchors(&self) -> impl Iterator<Item = (&[u8], bool, usize)> {
        self.signatures.iter().enumerate().flat_map(|(index, signature)| {
            signature.anchors.iter().map(move |anchor| (anchor.as_slice(), signature.ignore_case, index))
        })
    }

    /// The signatures that claim one record, with what they find in it; slow, for single records.
    ///
    /// `log` is `None` for a text of unknown origin, such as a line that somebody pasted.
    pub fn claims<'k>(
        &'k self,
        log: Option<FormatName>,
        component: Option<&'k [u8]>,
        text: &'k [u8],
    ) -> impl Iterator<Item = (&'k Signature, Captures<'k>)> {
        self.signatures.iter().filter_map(move |signature| {
            let captures = match log {
                Some(log) => signature.claims(log, component, text),
                // Who wrote it is not known either.
                None if component.is_none() => signature.has_anchor(text).then(|| signature.matches(text)).flatten(),
                None => signature.claims_in_any(component, text),
            };
            Some((signature, captures?))
        })
    }

    /// Compiles every regex and tells what is wrong with any: what [`load`](Self::load) leaves out for built-in files.
    pub fn check_deep(&self) -> Vec<LoadProblem> {
        let flaws = |signature: &Signature| {
            let (path, line) = (signature.file.clone(), signature.regex_line);
            signature.regex_flaws().into_iter().map(move |flaw| LoadProblem { path: path.clone(), line, flaw })
        };
        self.signatures.iter().flat_map(flaws).collect()
    }

    /// Everything with that id, alias or name of an event, of any kind; case does not matter.
    ///
    /// # Examples
    ///
    /// ```
    /// use esxray_knowledge::{Entry, Knowledge};
    ///
    /// let knowledge = Knowledge::builtin()?;
    /// let found = knowledge.find("disk-open-wrong-key");
    /// assert!(found.iter().any(|entry| matches!(entry, Entry::Signature(known) if known.id == "disklib-wrong-key")));
    /// assert!(knowledge.find("disklib-wrong-kez").is_empty());
    /// assert!(knowledge.suggest("disklib-wrong-kez").contains(&"disklib-wrong-key"));
    /// # Ok::<(), esxray_knowledge::Error>(())
    /// ```
    pub fn find(&self, query: &str) -> Vec<Entry<'_>> {
        let query = query.trim();
        let is = |name: &String| name.eq_ignore_ascii_case(query);
        let causes = self.causes.iter().filter(|cause| is(&cause.id) || cause.aliases.iter().any(is));
        let signatures = self.signatures.iter().filter(|signature| is(&signature.id) || is(&signature.event));
        causes
            .map(Entry::Cause)
            .chain(self.remedies.iter().filter(|remedy| is(&remedy.id)).map(Entry::Remedy))
            .chain(self.prohibitions.iter().filter(|prohibition| is(&prohibition.id)).map(Entry::Prohibition))
            .chain(signatures.map(Entry::Signature))
            .collect()
    }

    /// Ids, aliases and names of events that are near `query` or hold it, nearest first; a few.
    pub fn suggest(&self, query: &str) -> Vec<&str> {
        let causes = self.causes.iter().flat_map(|cause| std::iter::once(&cause.id).chain(&cause.aliases));
        let signatures = self.signatures.iter().flat_map(|signature| [&signature.id, &signature.event]);
        let names = causes
            .chain(self.remedies.iter().map(|remedy| &remedy.id))
            .chain(self.prohibitions.iter().map(|prohibition| &prohibition.id))
            .chain(signatures);
        suggestions(query, names.map(String::as_str))
    }
}

/// One thing of the knowledge base.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Entry<'k> {
    /// A cause.
    Cause(&'k Cause),
    /// A remedy.
    Remedy(&'k Remedy),
    /// A prohibition.
    Prohibition(&'k Prohibition),
    /// A signature.
    Signature(&'k Signature),
}

impl<'k> Entry<'k> {
    /// Its id.
    pub fn id(&self) -> &'k str {
        match self {
            Self::Cause(cause) => &cause.id,
            Self::Remedy(remedy) => &remedy.id,
            Self::Prohibition(prohibition) => &prohibition.id,
            Self::Signature(signature) => &signature.id,
        }
    }
}
