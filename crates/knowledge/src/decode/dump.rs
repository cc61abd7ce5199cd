//! Reads the dumps of API objects that hostd and vpxd write into their logs:
//! `(vim.vm.ConfigSpec) { key = 2000, name = "x", list = (T) [ … ] }`.
//!
//! Rare and structured, so a grammar: `nom`. Strings are not escaped and hold raw line breaks and quotation
//! marks; a mark ends a string where what follows ends a value. Depth and size are bounded. A dump that is cut off
//! gives what there is of it.

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
pub enum Value<'t> {
    /// `(type) { name = value, … }`.
    Object {
        /// Its type.
        kind: &'t str,
        /// Its fields, in order.
        fields: Vec<(&'t str, Value<'t>)>,
    },
    /// `(type) [ value, … ]`.
    List(Vec<Value<'t>>),
    /// `"text"`.
    Text(&'t str),
    /// A number, `true`, `<unset>`, `null`.
    Word(&'t str),
}

impl<'t> Value<'t> {
    /// The value that a text begins with, and what follows it.
    ///
    /// # Examples
    ///
    /// ```
    /// use esxray_knowledge::decode::dump::Value;
    ///
    /// let (dump, rest) = Value::read("(vim.fault.NoPermission) { privilegeId = \"Cryptographer.Access\" } and more").unwrap();
    /// assert_eq!(dump.at(&["privilegeId"]).and_then(Value::text), Some("Cryptographer.Access"));
    /// assert_eq!(rest, " and more");
    /// ```
    pub fn read(text: &'t str) -> Option<(Self, &'t str)> {
        let cut = text.floor_char_boundary(MOST_BYTES);
        let (rest, value) = any(text.get(..cut)?, DEPTH).ok()?;
        Some((value, text.get(cut - rest.len()..)?))
    }

    /// A field of a field, by a path of names.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |value, name| match value {
            Self::Object { fields, .. } => fields.iter().find(|it| it.0 == *name).map(|it| &it.1),
            _ => None,
        })
    }

    /// The text of a string or a word.
    pub fn text(&self) -> Option<&'t str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Word(word) => Some(word).filter(|word| **word != "<unset>" && **word != "null").copied(),
            _ => None,
        }
    }
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
    use super::Value;

    #[test]
    fn strings_hold_marks_and_line_breaks() {
        let (value, rest) = Value::read("\"he said \"no\", and\nmeant it\", x = 1").unwrap();
        assert_eq!((rest, value), (", x = 1", Value::Text("he said \"no\", and\nmeant it")));
    }

    #[test]
    fn a_dump_that_is_cut_off_gives_what_there_is() {
        let (value, rest) = Value::read("(vim.X) { a = 1, b = (vim.Y) { c = \"no end").unwrap();
        assert_eq!(value.at(&["a"]).and_then(Value::text), Some("1"));
        assert_eq!((value.at(&["b", "c"]).and_then(Value::text), rest), (Some("no end"), ""));
    }
}
