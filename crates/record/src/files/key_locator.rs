//! Key locators: how a file says which key unlocks it.

use std::cell::Cell;
use std::fmt;

use nom::bytes::complete::{tag, tag_no_case, take_till};
use nom::character::complete::alpha1;
use nom::combinator::{peek, recognize};
use nom::sequence::terminated;
use nom::{IResult, Parser};

use super::HIDDEN;

/// Which key unlocks something, as `.vmx` files and disk descriptors write it, without its secrets.
///
/// ```text
/// vmware:key/list/(pair/(fqid/<VMWARE-NULL>/KMS-NEW/5ce1d0f8-…,HMAC-SHA-256,…))
/// ```
///
/// Kinds: `null`, `rawkey`, `phrase`, `ldap`, `script`, `role`, `fqid`, and `list` and `pair` of others. A list may
/// hold the same key wrapped more than once. Everything that is no secret is kept as it was written, percent
/// signs and their letters' case included.
///
/// Raw keys, wrapped keys, salts and signatures are dropped while the text is read; [`fmt::Display`] writes the rest as
/// it was, with [`HIDDEN`] for each of them, and that text is read to the same value again.
///
/// # Examples
///
/// ```
/// use esxray_record::files::KeyLocator;
///
/// let text = "vmware:key/list/(pair/(fqid/<VMWARE-NULL>/kms%2dnew/key%2d1,HMAC%2dSHA%2d256,c2VjcmV0))";
/// let locator = KeyLocator::parse(text).unwrap();
/// let key = locator.keys().remove(0);
/// assert_eq!((key.provider.as_deref(), key.key.as_deref()), (Some("kms-new"), Some("key-1")));
/// assert_eq!(locator.to_string(), text.replace("c2VjcmV0", "[hidden]"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyLocator {
    /// `vmware:key/`, in the letters that were written.
    prefix: String,
    root: Node,
}

/// A key, by its names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyRef {
    /// The unique id, which vSphere leaves empty.
    pub unique: Option<String>,
    /// The key provider.
    pub provider: Option<String>,
    /// The key; `None` where its provider has not named one.
    pub key: Option<String>,
}

/// Why a text is no key locator. Holds nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no key locator: {what} wanted at byte {at}")]
pub struct LocatorError {
    /// Where, in bytes of the text.
    pub at: usize,
    /// What was wanted there.
    pub what: &'static str,
}

/// One locator, in others or alone. Texts stay as they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Node {
    kind: Kind,
    /// The kind, in the letters that were written.
    name: String,
    /// Of a list or a pair.
    children: Vec<Node>,
    /// What follows: behind slashes, or behind the commas of a pair.
    parts: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Null,
    RawKey,
    Phrase,
    Ldap,
    Script,
    Role,
    Fqid,
    List,
    Pair,
}

/// Lists and pairs in each other beyond which a text is refused: the parser calls itself.
const MOST_DEPTH: usize = 16;
/// Bytes of a text beyond which it is refused.
const MOST_TEXT: usize = 64 << 10;
/// Locators of one text beyond which it is refused.
const MOST_NODES: usize = 4096;
/// Bytes of the name of an algorithm: what is longer is no name, and may be a secret out of its place.
const MOST_ALGORITHM: usize = 48;

impl KeyLocator {
    /// Reads a key locator.
    ///
    /// # Errors
    ///
    /// [`LocatorError`] where the text is none, is longer than any that is written, or is nested too deeply.
    pub fn parse(text: &str) -> Result<Self, LocatorError> {
        if text.len() > MOST_TEXT {
            return Err(LocatorError { at: MOST_TEXT, what: "the end" });
        }
        let nodes = Cell::new(0);
        let read = || {
            let (rest, prefix) = tag_no_case("vmware:key/").parse(text).map_err(|it| relabel(it, "`vmware:key/`"))?;
            let (rest, root) = node(rest, 0, &nodes)?;
            if rest.is_empty() { Ok(Self { prefix: prefix.to_owned(), root }) } else { Err(stop(rest, "the end")) }
        };
        read().map_err(|error: nom::Err<Stop<'_>>| match error {
            nom::Err::Error(stop) | nom::Err::Failure(stop) => {
                LocatorError { at: text.len() - stop.rest.len(), what: stop.what }
            }
            nom::Err::Incomplete(_) => LocatorError { at: text.len(), what: "more" },
        })
    }

    /// Every key that it names, in order.
    pub fn keys(&self) -> Vec<KeyRef> {
        fn collect(node: &Node, into: &mut Vec<KeyRef>) {
            if let (Kind::Fqid, [unique, provider, key]) = (node.kind, node.parts.as_slice()) {
                into.push(KeyRef { unique: decoded(unique), provider: decoded(provider), key: decoded(key) });
            }
            for child in &node.children {
                collect(child, into);
            }
        }
        let mut keys = Vec::new();
        collect(&self.root, &mut keys);
        keys
    }
}

impl fmt::Display for KeyLocator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.prefix)?;
        self.root.fmt(f)
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.name)?;
        if !self.kind.is_compound() {
            return f.write_str(&self.parts.join("/"));
        }
        f.write_str("(")?;
        for (at, child) in self.children.iter().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            child.fmt(f)?;
        }
        for part in &self.parts {
            write!(f, ",{part}")?;
        }
        f.write_str(")")
    }
}

impl Kind {
    fn from_name(name: &str) -> Option<Self> {
        [
            ("null", Self::Null),
            ("rawkey", Self::RawKey),
            ("phrase", Self::Phrase),
            ("ldap", Self::Ldap),
            ("script", Self::Script),
            ("role", Self::Role),
            ("fqid", Self::Fqid),
            ("list", Self::List),
            ("pair", Self::Pair),
        ]
        .into_iter()
        .find(|it| it.0.eq_ignore_ascii_case(name))
        .map(|it| it.1)
    }

    fn is_compound(self) -> bool {
        matches!(self, Self::List | Self::Pair)
    }

    /// How many parts follow, with slashes between.
    fn parts(self) -> usize {
        match self {
            Self::List | Self::Pair => 0,
            Self::Null | Self::RawKey => 1,
            // All others begin with a unique id. Then: how the key is made; the role; the provider and the key;
            // path and signature; server, domain, port, SSL and path.
            Self::Phrase | Self::Role => 2,
            Self::Fqid | Self::Script => 3,
            Self::Ldap => 6,
        }
    }
}

/// Where a text stops being a locator.
#[derive(Debug)]
struct Stop<'a> {
    rest: &'a str,
    what: &'static str,
}

impl<'a> nom::error::ParseError<&'a str> for Stop<'a> {
    fn from_error_kind(rest: &'a str, _: nom::error::ErrorKind) -> Self {
        Self { rest, what: "something else" }
    }

    fn append(_: &'a str, _: nom::error::ErrorKind, other: Self) -> Self {
        other
    }
}

fn stop<'a>(rest: &'a str, what: &'static str) -> nom::Err<Stop<'a>> {
    nom::Err::Failure(Stop { rest, what })
}

fn relabel<'a>(error: nom::Err<Stop<'a>>, what: &'static str) -> nom::Err<Stop<'a>> {
    error.map(|it| Stop { rest: it.rest, what })
}

type Read<'a, T> = IResult<&'a str, T, Stop<'a>>;

fn literal<'a>(rest: &'a str, wanted: &'static str, what: &'static str) -> Read<'a, &'a str> {
    tag(wanted).parse(rest).map_err(|it| relabel(it, what))
}

/// `kind/` and what it holds.
fn node<'a>(rest: &'a str, depth: usize, nodes: &Cell<usize>) -> Read<'a, Node> {
    nodes.set(nodes.get() + 1);
    if depth >= MOST_DEPTH || nodes.get() > MOST_NODES {
        return Err(stop(rest, "less nesting"));
    }
    let mut word = terminated(recognize(alpha1), peek(tag("/")));
    let (after, name) = word.parse(rest).map_err(|it| relabel(it, "a kind"))?;
    let kind = Kind::from_name(name).ok_or_else(|| stop(rest, "a kind"))?;
    let (after, _) = literal(after, "/", "a slash")?;
    let (after, children, parts) = match kind {
        Kind::List => {
            let (after, children) = list(after, depth, nodes)?;
            (after, children, Vec::new())
        }
        Kind::Pair => {
            let (after, (locker, parts)) = pair(after, depth, nodes)?;
            (after, vec![locker], parts)
        }
        _ => {
            let (after, parts) = parts(after, kind)?;
            (after, Vec::new(), parts)
        }
    };
    Ok((after, Node { kind, name: name.to_owned(), children, parts }))
}

/// `(locator,locator,…)`
fn list<'a>(rest: &'a str, depth: usize, nodes: &Cell<usize>) -> Read<'a, Vec<Node>> {
    let (mut rest, _) = literal(rest, "(", "an opening bracket")?;
    let mut children = Vec::new();
    if let Some(after) = rest.strip_prefix(')') {
        return Ok((after, children));
    }
    loop {
        let (after, child) = node(rest, depth + 1, nodes)?;
        children.push(child);
        match after.strip_prefix(',') {
            Some(after) => rest = after,
            None => return Ok((literal(after, ")", "a comma or a closing bracket")?.0, children)),
        }
    }
}

/// `(locator,algorithm,data)`; the data is dropped here.
fn pair<'a>(rest: &'a str, depth: usize, nodes: &Cell<usize>) -> Read<'a, (Node, Vec<String>)> {
    let (rest, _) = literal(rest, "(", "an opening bracket")?;
    let (rest, locker) = node(rest, depth + 1, nodes)?;
    let (rest, _) = literal(rest, ",", "a comma")?;
    let (after, algorithm) = part(rest, &[',', ')'])?;
    let plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '%' | '<' | '>');
    if algorithm.len() > MOST_ALGORITHM || !algorithm.chars().all(plain) {
        return Err(stop(rest, "the name of an algorithm"));
    }
    let (rest, _) = literal(after, ",", "a comma")?;
    let (rest, data) = part(rest, &[',', ')'])?;
    let (rest, _) = literal(rest, ")", "a closing bracket")?;
    Ok((rest, (locker, vec![algorithm.to_owned(), hidden(data)])))
}

/// The parts of a kind, with slashes between; the last one goes on to the end of the locator.
fn parts(rest: &str, kind: Kind) -> Read<'_, Vec<String>> {
    let mut rest = rest;
    let mut parts = Vec::new();
    for _ in 1..kind.parts() {
        let (after, text) = part(rest, &['/', ',', ')'])?;
        rest = literal(after, "/", "a slash")?.0;
        parts.push(text.to_owned());
    }
    let (after, last) = part(rest, &[',', ')'])?;
    parts.push(match kind {
        Kind::RawKey | Kind::Script => hidden(last),
        Kind::Phrase => without_salt(last),
        _ => last.to_owned(),
    });
    Ok((after, parts))
}

/// A text up to one of `ends`. Brackets are percent-encoded where they are no brackets.
fn part<'a>(rest: &'a str, ends: &[char]) -> Read<'a, &'a str> {
    take_till(|it| it == '(' || ends.contains(&it)).parse(rest)
}

/// What stands for a secret; for an empty one, nothing.
fn hidden(secret: &str) -> String {
    if secret.is_empty() { String::new() } else { HIDDEN.to_owned() }
}

/// `pass2key=PBKDF2-HMAC-SHA-1:cipher=AES-256:rounds=1000:salt=…` with only those values that are known to be no secret.
fn without_salt(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    loop {
        let (setting, mark, after) = split_encoded(rest, ':', "%3a");
        let (name, equals, value) = split_encoded(setting, '=', "%3d");
        let plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '%');
        match name.to_ascii_lowercase().as_str() {
            "pass2key" | "cipher" | "rounds" if value.len() <= MOST_ALGORITHM && value.chars().all(plain) => {
                shown.push_str(setting);
            }
            "pass2key" | "cipher" | "rounds" | "salt" => {
                shown.push_str(name);
                shown.push_str(equals);
                shown.push_str(&hidden(value));
            }
            _ => shown.push_str(&hidden(setting)),
        }
        if mark.is_empty() {
            return shown;
        }
        shown.push_str(mark);
        rest = after;
    }
}

/// Splits at a mark that may be percent-encoded, in either case: what is before it, the mark, what is behind it.
fn split_encoded<'a>(text: &'a str, mark: char, encoded: &str) -> (&'a str, &'a str, &'a str) {
    let at = text.char_indices().find_map(|(at, it)| {
        if it == mark {
            return Some((at, at + 1));
        }
        let three = text.get(at..at + 3).filter(|_| it == '%')?;
        three.eq_ignore_ascii_case(encoded).then_some((at, at + 3))
    });
    let (start, end) = at.unwrap_or((text.len(), text.len()));
    (
        text.get(..start).unwrap_or_default(),
        text.get(start..end).unwrap_or_default(),
        text.get(end..).unwrap_or_default(),
    )
}

/// What a part means; `None` for nothing.
fn decoded(part: &str) -> Option<String> {
    if part.is_empty()
        || part.eq_ignore_ascii_case("<VMWARE-NULL>")
        || part.eq_ignore_ascii_case("<VMWARE-EMPTYSTRING>")
    {
        return None;
    }
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = |it: &&[u8; 2]| *first == b'%' && it.iter().all(u8::is_ascii_hexdigit);
        let pair = after.first_chunk::<2>().filter(hex);
        let byte = pair.and_then(|it| u8::from_str_radix(std::str::from_utf8(it).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
