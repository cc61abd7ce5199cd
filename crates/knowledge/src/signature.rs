use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use esxray_model::{FormatName, HistoryKind, Said};
use memchr::memmem;
use regex::bytes::{Regex, RegexBuilder};

use crate::flaw::Flaw;
use crate::glob::Glob;
use crate::pack::limits;
use crate::schema::{Basis, FieldKind, TextPlace, Tone};

/// How a record is recognised, and what is captured from it.
///
/// A signature is structural: it says in which format, from which component
/// and in which part of the record its text must stand, and its regex is
/// anchored there. Whether a record came from the right format and component
/// is [`accepts`](Self::accepts), whether its text is the right one is
/// [`matches`](Self::matches), and [`claims`](Self::claims) is both.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Signature {
    /// Id: the file's stem.
    pub id: String,
    /// Folder between `signatures/` and the file.
    pub area: String,
    /// Name of the event that it emits; several signatures may emit one event.
    pub event: String,
    /// What it means that this record is there, in one sentence.
    pub title: Said,
    /// The formats that may hold it; never empty.
    pub logs: Vec<FormatName>,
    /// Threads or subsystems of which one must have written it; empty: any.
    pub component: Vec<Glob>,
    /// Where the text must stand.
    pub place: TextPlace,
    /// Literals of which one stands in one line of every record that matches; never empty.
    pub anchors: Vec<Vec<u8>>,
    /// Whether case is ignored in anchors and regex (ASCII).
    pub ignore_case: bool,
    /// Names of the captured fields and what they mean, in the order of names.
    pub fields: Vec<(String, FieldKind)>,
    /// What the record says.
    pub tone: Tone,
    /// What it means in a history, where the file says it.
    pub history: Option<HistoryMeaning>,
    /// How well founded the text is.
    pub basis: Basis,
    /// Where the text is public.
    pub sources: Vec<String>,
    /// Records that it must recognise; never empty.
    pub samples: Vec<Sample>,
    /// Records that it must leave alone; never empty.
    pub nots: Vec<Not>,
    /// Path of its file, as messages name it.
    pub file: String,
    /// The regex as written.
    pub(crate) regex: String,
    /// Where it is written.
    pub(crate) regex_line: u32,
    /// The regex in working form, made when it is first needed.
    pub(crate) compiled: OnceLock<Option<Compiled>>,
}

/// The word for [`HistoryMeaning::by`] that stands for the id of the operation.
pub(crate) const OPERATION: &str = "operation";

/// What a recognised record means in the history of a VM or host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryMeaning {
    /// What sort of thing happened.
    pub kind: HistoryKind,
    /// What happened, with the names of fields in braces; the title of the signature where it is `None`.
    pub say: Option<Said>,
    /// A span that begins with it.
    pub begins: Option<String>,
    /// A span that ends with it.
    pub ends: Option<String>,
    /// What must be the same at both ends of a span beside the VM: a field, or `operation`.
    pub by: Option<String>,
    /// The field that says for how many microseconds it had lasted when it was logged.
    pub lasted_us: Option<String>,
}

/// A record that a signature must recognise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The message, and after each `\n` one continuation line without its mark.
    pub text: String,
    /// The format it is from; `None` for any of the signature's.
    pub log: Option<FormatName>,
    /// The thread or subsystem it is from, given or made up from the first glob.
    pub component: Option<String>,
    /// What must be captured: exactly these fields.
    pub fields: BTreeMap<String, String>,
    /// Its line in the file.
    pub line: u32,
}

/// A record that a signature must leave alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Not {
    /// The message, and after each `\n` one continuation line without its mark.
    pub text: String,
    /// The format it is from; `None` for any of the signature's.
    pub log: Option<FormatName>,
    /// The thread or subsystem it is from, given or made up from the first glob.
    pub component: Option<String>,
    /// Why it is something else.
    pub why: String,
    /// Its line in the file.
    pub line: u32,
}

/// What a signature found in a text: byte ranges of that text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captures<'s> {
    /// The whole match.
    pub span: Range<usize>,
    /// The fields that took part, in the order of names.
    pub fields: Vec<Capture<'s>>,
}

/// One captured field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture<'s> {
    /// Its name.
    pub name: &'s str,
    /// What it means.
    pub kind: FieldKind,
    /// Where it stands in the text.
    pub span: Range<usize>,
}

#[derive(Debug, Clone)]
pub(crate) struct Compiled {
    regex: Regex,
    /// For each of the signature's fields, its group.
    groups: Vec<usize>,
}

impl Signature {
    /// Whether a record of this format and component can be one.
    pub fn accepts(&self, log: FormatName, component: Option<&[u8]>) -> bool {
        self.logs.contains(&log) && self.accepts_component(component)
    }

    pub(crate) fn accepts_component(&self, component: Option<&[u8]>) -> bool {
        self.component.is_empty()
            || component.is_some_and(|component| self.component.iter().any(|glob| glob.matches(component)))
    }

    /// Whether one of the anchors stands in the text.
    ///
    /// The diagnosis finds all anchors of all signatures in one pass instead, see
    /// [`Knowledge::anchors`](crate::Knowledge::anchors).
    pub fn has_anchor(&self, text: &[u8]) -> bool {
        if self.ignore_case {
            let lower = text.to_ascii_lowercase();
            return self.anchors.iter().any(|anchor| memmem::find(&lower, &anchor.to_ascii_lowercase()).is_some());
        }
        self.anchors.iter().any(|anchor| memmem::find(text, anchor).is_some())
    }

    /// What the regex finds in a record's text, `None` if it finds nothing.
    ///
    /// `text` is the message, and after each `\n` one continuation line without
    /// its mark, whatever the signature's place is. Blanks at the start of a
    /// continuation line do not count. Of several continuation lines that
    /// match, the first is taken.
    ///
    /// # Examples
    ///
    /// ```
    /// use esxray_knowledge::Knowledge;
    ///
    /// let knowledge = Knowledge::builtin()?;
    /// let signature = knowledge.signature("disklib-wrong-key").unwrap();
    /// let text = br#"DISKLIB-LINK : "/vmfs/volumes/ds1/APP-01/APP-01.vmdk" : failed to open (Cannot decrypt disk because key or password is incorrect)."#;
    /// let captures = signature.matches(text).unwrap();
    /// let disk = captures.field("disk").unwrap();
    /// assert_eq!(&text[disk.span.clone()], b"/vmfs/volumes/ds1/APP-01/APP-01.vmdk");
    ///
    /// // The same text as a guest would get it into the log is something else.
    /// assert_eq!(signature.matches(&[b"Guest: ", &text[..]].concat()), None);
    /// # Ok::<(), esxray_knowledge::Error>(())
    /// ```
    pub fn matches(&self, text: &[u8]) -> Option<Captures<'_>> {
        let compiled = self.compiled()?;
        match self.place {
            TextPlace::Message => self.find(compiled, text, 0..text.len()),
            TextPlace::Continuation => self.find_in_lines(compiled, text),
            TextPlace::Either => {
                self.find(compiled, text, 0..text.len()).or_else(|| self.find_in_lines(compiled, text))
            }
        }
    }

    /// What the signature finds in a record, if the record is one of its own.
    ///
    /// That is: format, component, anchor and regex all agree.
    pub fn claims(&self, log: FormatName, component: Option<&[u8]>, text: &[u8]) -> Option<Captures<'_>> {
        (self.accepts(log, component) && self.has_anchor(text)).then(|| self.matches(text)).flatten()
    }

    /// As [`claims`](Self::claims), for a record that may be of any format.
    pub(crate) fn claims_in_any(&self, component: Option<&[u8]>, text: &[u8]) -> Option<Captures<'_>> {
        (self.accepts_component(component) && self.has_anchor(text)).then(|| self.matches(text)).flatten()
    }

    /// The regex as written in the file, without the anchoring that the loader adds.
    pub fn regex(&self) -> &str {
        &self.regex
    }

    fn find_in_lines(&self, compiled: &Compiled, text: &[u8]) -> Option<Captures<'_>> {
        let mut start = memchr::memchr(b'\n', text)? + 1;
        loop {
            let rest = text.get(start..)?;
            let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let blanks = rest.iter().take(length).take_while(|&&byte| byte == b' ' || byte == b'\t').count();
            if let Some(captures) = self.find(compiled, text, start + blanks..start + length) {
                return Some(captures);
            }
            start += length + 1;
        }
    }

    fn find(&self, compiled: &Compiled, text: &[u8], place: Range<usize>) -> Option<Captures<'_>> {
        let offset = place.start;
        let found = compiled.regex.captures(text.get(place)?)?;
        let absolute = |range: Range<usize>| range.start + offset..range.end + offset;
        let fields = self.fields.iter().zip(&compiled.groups).filter_map(|((name, kind), &group)| {
            Some(Capture { name, kind: *kind, span: absolute(found.get(group)?.range()) })
        });
        Some(Captures { span: absolute(found.get_match().range()), fields: fields.collect() })
    }

    /// The regex in working form.
    ///
    /// Compiling costs several times as much as reading the file, and a run
    /// needs few of the built-in regexes, so it waits for the first record
    /// with an anchor. The built-in regexes are proved by the tests
    /// (`Knowledge::check_deep`), those of user packs when they are loaded:
    /// `None` means a regex that neither has seen.
    fn compiled(&self) -> Option<&Compiled> {
        self.compiled.get_or_init(|| self.compile().ok()).as_ref()
    }

    fn compile(&self) -> Result<Compiled, Flaw> {
        // `\A` rather than a search from the start, so that a text in the middle of a line is no match.
        let regex = build(&format!(r"\A(?:{})", self.regex), self.ignore_case)?;
        let group = |name: &str| regex.capture_names().position(|group| group == Some(name));
        let groups = self
            .fields
            .iter()
            .map(|(name, _)| group(name).ok_or_else(|| Flaw::FieldWithoutGroup { name: name.clone() }))
            .collect::<Result<_, _>>()?;
        Ok(Compiled { regex, groups })
    }

    /// Everything that is wrong with the regex.
    pub(crate) fn regex_flaws(&self) -> Vec<Flaw> {
        // Alone first: `a)|(?:b` is only a regex inside the loader's brackets, and there it is another one.
        let regex = match build(&self.regex, self.ignore_case) {
            Ok(regex) => regex,
            Err(flaw) => return vec![flaw],
        };
        let mut flaws = Vec::new();
        for group in regex.capture_names().flatten() {
            if !self.fields.iter().any(|(name, _)| name == group) {
                flaws.push(Flaw::GroupWithoutField { name: group.to_owned() });
            }
        }
        match self.compile() {
            Ok(compiled) if compiled.regex.is_match(b"") => flaws.push(Flaw::RegexMatchesEmpty),
            Ok(_) => {}
            Err(flaw) => flaws.push(flaw),
        }
        flaws
    }
}

impl<'s> Captures<'s> {
    /// The field of that name, if it took part in the match.
    pub fn field(&self, name: &str) -> Option<&Capture<'s>> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// A regex over bytes.
///
/// Unicode is off: `vmware.log` is written in the host's code page, and a name
/// in Latin-1 would end every `[^"]+` that only matches valid UTF-8.
fn build(pattern: &str, ignore_case: bool) -> Result<Regex, Flaw> {
    RegexBuilder::new(pattern)
        .unicode(false)
        .case_insensitive(ignore_case)
        .size_limit(limits::REGEX_BYTES)
        .nest_limit(limits::REGEX_DEPTH)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(limit) => Flaw::RegexTooLarge { limit },
            other => {
                // The reader draws the place over several lines and says what is wrong on the last.
                let text = other.to_string();
                let message = text.rsplit("error: ").next().unwrap_or(&text).trim();
                Flaw::Regex { message: message.to_owned() }
            }
        })
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use esxray_model::{FormatName, Said};

    use super::{Captures, Signature};
    use crate::glob::Glob;
    use crate::schema::{Basis, FieldKind, TextPlace, Tone};

    fn signature(place: TextPlace, regex: &str) -> Signature {
        Signature {
            id: "x".to_owned(),
            area: String::new(),
            event: "x".to_owned(),
            title: Said::name("x"),
            logs: vec![FormatName::Hostd],
            component: vec![Glob::new("Vim*")],
            place,
            anchors: vec![b"does not exist".to_vec()],
            ignore_case: false,
            fields: vec![("name".to_owned(), FieldKind::Provider)],
            tone: Tone::Failure,
            history: None,
            basis: Basis::Documented,
            sources: Vec::new(),
            samples: Vec::new(),
            nots: Vec::new(),
            file: "x.toml".to_owned(),
            regex: regex.to_owned(),
            regex_line: 1,
            compiled: OnceLock::new(),
        }
    }

    const NAME: &str = "provider '(?<name>[^']*)' does not exist";

    /// The whole match and the name, as text; `None` for no match.
    fn found(place: TextPlace, text: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
        let signature = signature(place, NAME);
        let captures: Captures<'_> = signature.matches(text)?;
        let name = captures.field("name").unwrap();
        assert_eq!(name.kind, FieldKind::Provider);
        Some((text[captures.span.clone()].to_vec(), text[name.span.clone()].to_vec()))
    }

    #[test]
    fn a_message_matches_at_its_start_only() {
        let expected = Some((b"provider 'KMS' does not exist".to_vec(), b"KMS".to_vec()));
        assert_eq!(found(TextPlace::Message, b"provider 'KMS' does not exist."), expected);
        assert_eq!(found(TextPlace::Message, b"Guest: provider 'KMS' does not exist"), None);
        assert_eq!(found(TextPlace::Message, b"fault\nprovider 'KMS' does not exist"), None);
        assert_eq!(found(TextPlace::Either, b"provider 'KMS' does not exist\nmore"), expected);
    }

    #[test]
    fn a_continuation_line_matches_at_its_start_after_blanks() {
        let expected = Some((b"provider 'KMS' does not exist".to_vec(), b"KMS".to_vec()));
        for text in [
            &b"fault\nprovider 'KMS' does not exist"[..],
            b"fault\n \t  provider 'KMS' does not exist\n}",
            b"fault\n\n\nprovider 'KMS' does not exist\nprovider 'OTHER' does not exist",
        ] {
            assert_eq!(found(TextPlace::Continuation, text), expected);
            assert_eq!(found(TextPlace::Either, text), expected);
        }
        for text in [
            &b"provider 'KMS' does not exist"[..],
            b"fault\nname = provider 'KMS' does not exist",
            b"",
            b"\n",
            b"\n\n",
            b"provider 'KMS' does\nnot exist",
        ] {
            assert_eq!(found(TextPlace::Continuation, text), None);
        }
    }

    #[test]
    fn a_name_in_the_hosts_code_page_is_matched() {
        let text = b"provider 'cl\xe9' does not exist";
        assert_eq!(found(TextPlace::Message, text).unwrap().1, b"cl\xe9");
    }

    #[test]
    fn a_group_that_took_no_part_is_no_field() {
        let signature = signature(TextPlace::Message, "provider(?: '(?<name>[^']*)')? does not exist");
        let captures = signature.matches(b"provider does not exist").unwrap();
        assert_eq!(captures.fields, []);
        assert_eq!(captures.field("name"), None);
    }

    #[test]
    fn a_claim_needs_log_component_anchor_and_regex() {
        let mut signature = signature(TextPlace::Message, NAME);
        let text = b"provider 'KMS' does not exist";
        assert!(signature.claims(FormatName::Hostd, Some(b"Vimsvc"), text).is_some());
        assert!(signature.claims(FormatName::Vpxd, Some(b"Vimsvc"), text).is_none());
        assert!(signature.claims(FormatName::Hostd, Some(b"Hostsvc"), text).is_none());
        assert!(signature.claims(FormatName::Hostd, None, text).is_none());
        signature.component.clear();
        assert!(signature.claims(FormatName::Hostd, None, text).is_some());
        signature.anchors = vec![b"DOES NOT EXIST".to_vec()];
        assert!(signature.claims(FormatName::Hostd, None, text).is_none());
        assert!(signature.matches(text).is_some(), "the anchor is the searcher's business");
    }

    #[test]
    fn case_is_ignored_in_anchor_and_regex_where_the_signature_says_so() {
        let text = b"PROVIDER 'KMS' DOES NOT EXIST";
        let mut signature = signature(TextPlace::Message, NAME);
        assert!(!signature.has_anchor(text) && signature.matches(text).is_none());
        signature = Signature { ignore_case: true, compiled: OnceLock::new(), ..signature };
        assert!(signature.has_anchor(text) && signature.matches(text).is_some());
    }

    #[test]
    fn a_regex_cannot_break_out_of_its_place() {
        let broken = signature(TextPlace::Message, "a)|(?:(?<name>b)");
        assert_eq!(
            broken.regex_flaws().first().map(ToString::to_string).as_deref(),
            Some("the regex is wrong: unopened group")
        );
        assert_eq!(signature(TextPlace::Message, "^(?<name>b)$|c").matches(b"xc"), None);
    }
}
