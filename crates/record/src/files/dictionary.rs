//! The dictionaries that VMware's programs write: a line `key = "value"` each.

use std::borrow::Cow;

use super::charset::Charset;
use super::sheet::{Sheet, numbered};
use super::{Found, HIDDEN, KeyLocator, LocatorError};

/// A line of a dictionary.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// Nothing, or a comment.
    Comment,
    /// A key, and its value as bytes without quotes, not unescaped; `closed` unless the value ends before its quote.
    Pair { key: &'a str, value: &'a [u8], closed: bool },
    /// Anything else.
    Other,
}

/// Reads one line.
///
/// Blanks around the equals sign and quotes around the value may be missing, and a comment may follow the value.
/// A value may hold quotes that were not escaped: it goes up to the last one.
pub(crate) fn line(line: &[u8]) -> Line<'_> {
    let line = line.trim_ascii();
    if line.is_empty() || line.starts_with(b"#") {
        return Line::Comment;
    }
    let Some(equals) = memchr::memchr(b'=', line) else { return Line::Other };
    let (key, value) = line.split_at(equals);
    let key = key.trim_ascii();
    let value = value.get(1..).unwrap_or_default().trim_ascii();
    let plain = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'|');
    let Ok(key) = std::str::from_utf8(key) else { return Line::Other };
    if key.is_empty() || key.len() > MOST_KEY || !key.bytes().all(|it| plain(&it)) {
        return Line::Other;
    }
    let Some(inside) = value.strip_prefix(b"\"") else { return Line::Pair { key, value, closed: true } };
    let Some(end) = memchr::memrchr(b'"', inside) else { return Line::Pair { key, value: inside, closed: false } };
    let after = inside.get(end + 1..).unwrap_or_default().trim_ascii();
    if !after.is_empty() && !after.starts_with(b"#") {
        return Line::Other;
    }
    Line::Pair { key, value: inside.get(..end).unwrap_or_default(), closed: true }
}

/// Bytes of a key beyond which a line is none of a dictionary.
const MOST_KEY: usize = 256;

/// Takes out the escapes of a value: `|22` is a quotation mark, `|7C` the bar itself, `|0A` a line feed.
pub(crate) fn unescaped(value: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'|', value).is_none() {
        return Cow::Borrowed(value);
    }
    let mut plain = Vec::with_capacity(value.len());
    let mut rest = value;
    while let [first, after @ ..] = rest {
        let hex = after.first_chunk::<2>().filter(|it| *first == b'|' && it.iter().all(u8::is_ascii_hexdigit));
        let byte = hex.and_then(|it| u8::from_str_radix(std::str::from_utf8(it).ok()?, 16).ok());
        plain.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    Cow::Owned(plain)
}

/// A pair of a dictionary, its value as text.
pub(crate) struct Pair<'a> {
    pub(crate) line: u64,
    /// The key in lower case.
    pub(crate) key: String,
    pub(crate) value: Cow<'a, str>,
}

impl Pair<'_> {
    /// Keeps the value, if it is the first of its key.
    pub(crate) fn text(&self, into: &mut Option<Found<String>>, sheet: &mut Sheet) {
        if sheet.has_room(self.line, self.value.len()) {
            self.keep(into, self.value.as_ref().to_owned(), sheet);
        }
    }

    /// Keeps the value as yes or no.
    pub(crate) fn flag(&self, into: &mut Option<Found<bool>>, sheet: &mut Sheet) {
        match self.value.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => self.keep(into, true, sheet),
            "false" | "no" | "off" | "0" | "" => self.keep(into, false, sheet),
            _ => sheet.problem(self.line, format!("`{}` is neither yes nor no", self.key)),
        }
    }

    /// Keeps the value as a number.
    pub(crate) fn number(&self, into: &mut Option<Found<u32>>, sheet: &mut Sheet) {
        match self.value.trim().parse() {
            Ok(number) => self.keep(into, number, sheet),
            Err(_) => sheet.problem(self.line, format!("`{}` is not a number", self.key)),
        }
    }

    /// Keeps the value as a key locator.
    pub(crate) fn locator(&self, into: &mut Option<Found<Result<KeyLocator, LocatorError>>>, sheet: &mut Sheet) {
        let locator = KeyLocator::parse(self.value.trim());
        if let Err(error) = &locator {
            sheet.problem(self.line, format!("`{}`: {error}", self.key));
        }
        self.keep(into, locator, sheet);
    }

    pub(crate) fn keep<T>(&self, into: &mut Option<Found<T>>, value: T, sheet: &mut Sheet) {
        if into.is_some() {
            sheet.problem(self.line, format!("`{}` is there again, and the first counts", self.key));
            return;
        }
        *into = Some(Found { value, line: self.line });
    }
}

/// How a dictionary is written.
pub(crate) struct Manner {
    /// The key that names the encoding, in lower case.
    pub(crate) encoding: &'static str,
    /// Whether values are escaped with bars.
    pub(crate) escaped: bool,
    /// Whether the bytes are UTF-8 whatever the file says: they were decoded on the way.
    pub(crate) utf8: bool,
}

/// Takes a line that is no pair, with its number.
type Other<'o> = dyn FnMut(u64, &[u8], Charset, &mut Sheet) + 'o;

/// Reads every pair of a dictionary and counts its lines; what else there is goes to `other`, which says whether it
/// understood it.
pub(crate) fn pairs(
    bytes: &[u8],
    manner: &Manner,
    sheet: &mut Sheet,
    each: &mut dyn FnMut(&Pair<'_>, &mut Sheet),
    other: &mut Other<'_>,
) {
    let charset = if manner.utf8 { Charset::Utf8 } else { charset(bytes, manner, sheet) };
    for (number, text) in numbered(bytes) {
        match line(text) {
            Line::Comment => sheet.understood(number),
            Line::Other => other(number, text, charset, sheet),
            Line::Pair { key, value, closed } => {
                let plain = if manner.escaped { unescaped(value) } else { Cow::Borrowed(value) };
                let (value, whole) = charset.decode(&plain);
                if !whole {
                    sheet.undecodable = true;
                    sheet.problem(number, format!("`{key}` is not in the file's encoding, and read as far as it goes"));
                }
                if !closed {
                    sheet.problem(number, format!("`{key}` has no closing quotation mark"));
                }
                sheet.entry(number, || format!("{key} = \"{}\"", shown(key, &value)));
                each(&Pair { line: number, key: key.to_ascii_lowercase(), value }, sheet);
            }
        }
    }
}

/// The encoding that the file says it has, wherever it says so.
fn charset(bytes: &[u8], manner: &Manner, sheet: &mut Sheet) -> Charset {
    let said = numbered(bytes).find_map(|(number, text)| match line(text) {
        Line::Pair { key, value, .. } if key.eq_ignore_ascii_case(manner.encoding) => Some((number, value)),
        _ => None,
    });
    let Some((number, name)) = said else { return Charset::default() };
    let charset = Charset::of(&String::from_utf8_lossy(name));
    if charset == Charset::Other && !bytes.is_ascii() {
        sheet.problem(number, "an encoding that is not read: letters outside of ASCII are lost");
    }
    charset
}

/// The value of a pair, or what of it is no secret.
pub(crate) fn shown<'a>(key: &str, value: &'a str) -> Cow<'a, str> {
    let key = key.to_ascii_lowercase();
    if value.is_empty() || (is_plain(&key) && !holds_key(value)) {
        return Cow::Borrowed(value);
    }
    if value.trim_start().get(..11).is_some_and(|it| it.eq_ignore_ascii_case("vmware:key/")) {
        return KeyLocator::parse(value.trim()).map_or(Cow::Borrowed(HIDDEN), |it| Cow::Owned(it.to_string()));
    }
    if is_secret(&key) || holds_key(value) || is_opaque(value) { Cow::Borrowed(HIDDEN) } else { Cow::Borrowed(value) }
}

/// Keys whose values are long names.
fn is_plain(key: &str) -> bool {
    matches!(key, "keyid" | "displayname" | "parentfilenamehint" | "ddb.sidecars" | "sched.swap.derivedname")
}

/// Keys whose values are, or often hold, what nobody but their owner should read.
fn is_secret(key: &str) -> bool {
    const WORDS: &[&str] = &[
        "password",
        "passwd",
        "passphrase",
        "pwd",
        "secret",
        "credential",
        "token",
        "privatekey",
        "private_key",
        "chap",
        "community",
        "license",
        "serialnumber",
        "cookie",
        "ticket",
        "keysafe",
        "datafilekey",
        "encryption.",
        "apikey",
        "authkey",
        "hash",
    ];
    // What a guest is given to set itself up, and notes: people write passwords there.
    key.starts_with("guestinfo.")
        || key.starts_with("annotation")
        || matches!(key, "data" | "encryptionkeys")
        || matches!(key.rsplit('.').next(), Some("key" | "description"))
        || WORDS.iter().any(|word| key.contains(word))
}

/// Whether a value holds a key in plain text, whatever it is called: `type=key:cipher=XTS-AES-256:key=…`.
fn holds_key(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    ["type=key", "type%3dkey", ":key=", "key%3d", "vmware:key/", "-----begin", "salt=", "salt%3d"]
        .iter()
        .any(|it| value.contains(it))
}

/// Whether a value is long and of letters that only programs read: Base64 or hexadecimal.
fn is_opaque(value: &str) -> bool {
    const FEWEST: usize = 48;
    let value = value.trim();
    value.len() >= FEWEST
        && value.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'+' | b'/' | b'=' | b'_' | b'-' | b'%'))
}

#[cfg(test)]
mod tests {
    use super::{Line, line, shown, unescaped};
    use crate::files::HIDDEN;

    #[track_caller]
    fn check(text: &str, key: &str, value: &str) {
        assert_eq!(line(text.as_bytes()), Line::Pair { key, value: value.as_bytes(), closed: true }, "{text}");
    }

    #[test]
    fn pairs_however_they_are_spaced_and_quoted() {
        check("displayName = \"APP-01\"", "displayName", "APP-01");
        check("  displayName=\"APP-01\"\r", "displayName", "APP-01");
        check("CID=fffffffe", "CID", "fffffffe");
        check("a = \"b\"   # a comment", "a", "b");
        check("a = \"say \"hi\"\"", "a", "say \"hi\"");
        check("/system/uuid = \"5f\"", "/system/uuid", "5f");
        check("a =", "a", "");
        check("a = \"x=y\"", "a", "x=y");
    }

    #[test]
    fn what_is_no_pair() {
        for text in ["", "  ", "# a = \"b\"", "#!/usr/bin/vmware"] {
            assert_eq!(line(text.as_bytes()), Line::Comment, "{text}");
        }
        for text in [
            "no equals sign",
            "two words = \"x\"",
            "a = \"b\" c",
            "= \"x\"",
            "\"a\" = \"b\"",
            "2023-12-05T17:42:40.666Z In(05) vmx - DICT config.version = \"8\"",
        ] {
            assert_eq!(line(text.as_bytes()), Line::Other, "{text}");
        }
        assert_eq!(line(b"a = \"b"), Line::Pair { key: "a", value: b"b", closed: false });
    }

    #[test]
    fn escapes() {
        assert_eq!(unescaped(b"say |22hi|22 |7C|0a"), &b"say \"hi\" |\n"[..]);
        assert_eq!(unescaped(b"a|b||2"), &b"a|b||2"[..]);
    }

    #[test]
    fn secrets_are_hidden_by_key_and_by_value() {
        for (key, value) in [
            ("RemoteDisplay.vnc.password", "hunter2"),
            ("RemoteDisplay.vnc.key", "x"),
            ("encryption.data", "AAAA"),
            ("guestinfo.userdata", "I2Nsb3VkLWNvbmZpZw=="),
            ("guestinfo.root.password", "x"),
            ("annotation", "root / hunter2"),
            ("dataFileKey", "type=key:cipher=XTS-AES-256:key=abc"),
            ("anything", "type=key:cipher=XTS-AES-256:key=abc"),
            ("anything", "vmware:key/rawkey/abc)"),
            ("anything", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9w"),
            ("/storage/iscsi/chapSecret", "x"),
            ("displayName", "vmware:key/rawkey/abc)"),
        ] {
            assert_eq!(shown(key, value), HIDDEN, "{key}");
        }
        for (key, value) in [
            ("displayName", "APP-01"),
            ("scsi0:0.fileName", "/vmfs/volumes/65f0a1b2-3c4d5e6f-7a8b-0050560a1b2c/APP-01/APP-01.vmdk"),
            ("uuid.bios", "42 0c 5e 91 d4 0b 7a 66-13 f8 2c 90 ab 4d 61 e7"),
            ("RemoteDisplay.vnc.password", ""),
        ] {
            assert_eq!(shown(key, value), value, "{key}");
        }
        let locator = "vmware:key/list/(pair/(fqid/<VMWARE-NULL>/kp/k,HMAC%2dSHA%2d256,c2VjcmV0))";
        assert_eq!(shown("encryption.bundle", locator), locator.replace("c2VjcmV0", HIDDEN));
    }
}
