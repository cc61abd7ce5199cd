//! Reads the dumps of API objects that hostd and vpxd write into their logs:
//! `(vim.vm.ConfigSpec) { key = 2000, name = "x", list = (T) [ … ] }`.
//!
//! Rare and structured, so a grammar: `nom`. Strings are not escaped and hold raw line breaks and quotation
//! marks; a mark ends a string where what follows ends a value. Depth and size are bounded.

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::{char, multispace0};
use nom::combinator::{opt, value, verify};
use nom::multi::many0;
use nom::sequence::{delimited, preceded, terminated};
use nom::{IResult, Parser};

/// Objects inside of objects that are followed.
const DEPTH: usize = 48;
/// Bytes of a dump that are read.
const MOST_BYTES: usize = 256 << 10;

/// One value of a dump.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value<'t> {
    /// `(type) { name = value, … }`.
    Object { kind: &'t str, fields: Vec<(&'t str, Value<'t>)> },
    /// `(type) [ value, … ]`.
    List(Vec<Value<'t>>),
    /// `"text"`.
    Text(&'t str),
    /// A number, `true`, `<unset>`, `null`.
    Word(&'t str),
}

impl<'t> Value<'t> {
    /// The field of an object.
    fn get(&self, name: &str) -> Option<&Value<'t>> {
        match self {
            Self::Object { fields, .. } => fields.iter().find(|it| it.0 == name).map(|it| &it.1),
            _ => None,
        }
    }

    /// A field of a field, by a path of names.
    fn at(&self, path: &[&str]) -> Option<&Value<'t>> {
        path.iter().try_fold(self, |value, name| value.get(name))
    }

    /// The text of a string or a word.
    fn text(&self) -> Option<&'t str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Word(word) => Some(word).filter(|word| **word != "<unset>" && **word != "null").copied(),
            _ => None,
        }
    }
}

/// The change of key that a request asks of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Requested {
    /// Key of the device; `None` for the VM home.
    pub device: Option<String>,
    /// Path of the disk.
    pub path: Option<String>,
    pub old_key: Option<String>,
    pub old_provider: Option<String>,
    pub new_key: Option<String>,
    pub new_provider: Option<String>,
}

/// What a dump of a `ConfigSpec` asks for, object by object; empty where the text holds no such dump.
pub(crate) fn requested_keys(text: &str) -> Vec<Requested> {
    let text = text.get(..MOST_BYTES).unwrap_or(text);
    let Some(start) = text.find("(vim.vm.ConfigSpec) {") else { return Vec::new() };
    let Some(Ok((_, spec))) = text.get(start..).map(|rest| any(rest, DEPTH)) else { return Vec::new() };
    let key = |value: Option<&Value<'_>>| {
        let key = value.and_then(|it| it.get("keyId")).and_then(Value::text).map(str::to_owned);
        let provider = value.and_then(|it| it.at(&["providerId", "id"])).and_then(Value::text).map(str::to_owned);
        (key, provider)
    };
    let is_recrypt = |crypto: &&Value<'_>| matches!(crypto, Value::Object { kind, .. } if kind.contains("CryptoSpec"));
    let mut requested = Vec::new();
    if let Some(crypto) = spec.get("crypto").filter(is_recrypt) {
        let (new_key, new_provider) = key(crypto.get("newKeyId"));
        requested.push(Requested {
            device: None,
            path: None,
            old_key: None,
            old_provider: None,
            new_key,
            new_provider,
        });
    }
    let Some(Value::List(devices)) = spec.get("deviceChange") else { return requested };
    for change in devices {
        let Some(crypto) = change.at(&["backing", "crypto"]).filter(is_recrypt) else { continue };
        let (new_key, new_provider) = key(crypto.get("newKeyId"));
        let (old_key, old_provider) = key(change.at(&["device", "backing", "keyId"]));
        let text = |path: &[&str]| change.at(path).and_then(Value::text).map(str::to_owned);
        requested.push(Requested {
            device: text(&["device", "key"]),
            path: text(&["device", "backing", "fileName"]).map(|it| it.trim_start_matches("ds://").to_owned()),
            old_key,
            old_provider,
            new_key,
            new_provider,
        });
    }
    requested
}

/// Any value.
fn any(text: &str, depth: usize) -> IResult<&str, Value<'_>> {
    if let Some(inner) = depth.checked_sub(1) {
        return alt((|it| typed(it, inner), string, word)).parse(text);
    }
    alt((string, word)).parse(text)
}

/// `(type) { … }`, `(type) [ … ]`, `(type) null`.
fn typed(text: &str, depth: usize) -> IResult<&str, Value<'_>> {
    let kind =
        delimited(char('('), take_while1(|it: char| it.is_ascii_alphanumeric() || "._[]:".contains(it)), char(')'));
    let (rest, kind) = terminated(kind, multispace0).parse(text)?;
    let object = delimited(char('{'), many0(|it| field(it, depth)), preceded(multispace0, opt(char('}'))));
    let list = delimited(
        char('['),
        many0(terminated(preceded(multispace0, |it| any(it, depth)), comma)),
        preceded(multispace0, opt(char(']'))),
    );
    alt((
        object.map(|fields| Value::Object { kind, fields }),
        list.map(Value::List),
        value(Value::Word("null"), tag("null")),
    ))
    .parse(rest)
}

/// `name = value,`.
fn field(text: &str, depth: usize) -> IResult<&str, (&str, Value<'_>)> {
    let name = take_while1(|it: char| it.is_ascii_alphanumeric() || "._-[]".contains(it));
    let (rest, name) = preceded(multispace0, name).parse(text)?;
    let (rest, _) = (multispace0, char('='), multispace0).parse(rest)?;
    let (rest, value) = any(rest, depth)?;
    let (rest, ()) = comma(rest)?;
    Ok((rest, (name, value)))
}

fn comma(text: &str) -> IResult<&str, ()> {
    value((), (multispace0, opt(char(',')))).parse(text)
}

/// `"text"`: the mark that ends it stands where what follows ends a value.
fn string(text: &str) -> IResult<&str, Value<'_>> {
    let (inside, _) = char('"').parse(text)?;
    for (at, _) in inside.match_indices('"') {
        let after = inside.get(at + 1..).unwrap_or_default();
        if ends_value(after) {
            return Ok((after, Value::Text(inside.get(..at).unwrap_or_default())));
        }
    }
    // Cut off: what there is of it.
    Ok(("", Value::Text(inside)))
}

/// Whether a text is what follows a value: a bracket, the end of the line, or a comma and the next value.
fn ends_value(after: &str) -> bool {
    let after = after.trim_start_matches([' ', '\t']);
    let Some(next) = after.strip_prefix(',') else {
        return after.chars().next().is_none_or(|next| matches!(next, '}' | ']' | ')' | '\n' | '\r' | ';'));
    };
    let next = next.trim_start_matches([' ', '\t']);
    let name = next.trim_start_matches(|it: char| it.is_ascii_alphanumeric() || "._-".contains(it));
    next.chars().next().is_none_or(|it| matches!(it, '\n' | '\r' | '(' | '"'))
        || (name.len() < next.len() && name.trim_start().starts_with('='))
}

/// A number, `true`, `<unset>`.
fn word(text: &str) -> IResult<&str, Value<'_>> {
    let letters = take_while(|it: char| !it.is_whitespace() && !"{}[](),=\"".contains(it));
    verify(letters, |it: &str| !it.is_empty()).map(Value::Word).parse(text)
}

#[cfg(test)]
mod tests {
    use super::{Requested, Value, any, requested_keys};

    const DUMP: &str = r#"Reconfigure: (vim.vm.ConfigSpec) {
   changeVersion = <unset>, 
   annotation = "he said "no", and
meant it", 
   deviceChange = (vim.vm.device.VirtualDeviceSpec) [
      (vim.vm.device.VirtualDeviceSpec) {
         operation = "edit", 
         device = (vim.vm.device.VirtualDisk) {
            key = 2001, 
            deviceInfo = (vim.Description) null, 
            backing = (vim.vm.device.VirtualDisk.FlatVer2BackingInfo) {
               fileName = "ds:///vmfs/volumes/ds1/APP-01/APP-01_1.vmdk", 
               keyId = (vim.encryption.CryptoKeyId) {
                  keyId = "old-1", 
                  providerId = (vim.encryption.KeyProviderId) {
                     id = "NKP-1"
                  }
               }
            }
         }, 
         backing = (vim.vm.device.VirtualDeviceSpec.BackingSpec) {
            crypto = (vim.encryption.CryptoSpecShallowRecrypt) {
               newKeyId = (vim.encryption.CryptoKeyId) {
                  keyId = "new-1", 
                  providerId = (vim.encryption.KeyProviderId) {
                     id = "KMS-EXT"
                  }
               }
            }
         }
      }
   ], 
   crypto = (vim.encryption.CryptoSpecShallowRecrypt) {
      newKeyId = (vim.encryption.CryptoKeyId) {
         keyId = "new-1", 
         providerId = (vim.encryption.KeyProviderId) {
            id = "KMS-EXT"
         }
      }
   }
}"#;

    #[test]
    fn a_request_names_every_object_with_both_keys() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            requested_keys(DUMP),
            [
                Requested {
                    device: None,
                    path: None,
                    old_key: None,
                    old_provider: None,
                    new_key: some("new-1"),
                    new_provider: some("KMS-EXT")
                },
                Requested {
                    device: some("2001"),
                    path: some("/vmfs/volumes/ds1/APP-01/APP-01_1.vmdk"),
                    old_key: some("old-1"),
                    old_provider: some("NKP-1"),
                    new_key: some("new-1"),
                    new_provider: some("KMS-EXT")
                }
            ]
        );
    }

    #[test]
    fn strings_hold_marks_and_line_breaks() {
        let (rest, value) = any("\"he said \"no\", and\nmeant it\", x = 1", 4).unwrap();
        assert_eq!((rest, value), (", x = 1", Value::Text("he said \"no\", and\nmeant it")));
    }

    #[test]
    fn cut_and_hostile_dumps_end() {
        for end in 0..DUMP.len() {
            if let Some(cut) = DUMP.get(..end) {
                let _ = requested_keys(cut);
            }
        }
        let deep = format!("(vim.vm.ConfigSpec) {{ a = {}", "(vim.X) { a = ".repeat(100_000));
        assert!(requested_keys(&deep).is_empty());
        assert!(requested_keys(&format!("(vim.vm.ConfigSpec) {{ a = {}", "(".repeat(200_000))).is_empty());
    }
}
