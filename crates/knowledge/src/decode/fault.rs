//! Names of faults, messages and API errors, in all the spellings in which logs hold them.
//!
//! ```text
//! vim.fault.NoPermission                          hostd, vpxd
//! (vim.fault.NoPermission) { privilegeId = "…" }  a dump, with what it names and the faults inside of it
//! N3Vim5Fault12NoPermission9ExceptionE            a C++ exception, by its mangled name
//! Vim::Fault::NoPermission::Exception             the same, demangled
//! com.vmware.vim25.NoPermission, VMware.Vim.…     Java and PowerCLI
//! <NoPermissionFault xsi:type="NoPermission">     SOAP
//! com.vmware.esx.….not_found<The provider 'X' …>  an error of the vAPI, with its text
//! msg.disk.noBackEnd                              the id of a message
//! com.vmware.vc.….x                               the id of a text that is translated
//! ```
//!
//! Read by grammar: a fault of a release that nobody has seen yet is one too.

use nom::branch::alt;
use nom::bytes::complete::{tag, take, take_until, take_while_m_n, take_while1};
use nom::character::complete::{alpha1, char, digit1};
use nom::combinator::{map_opt, map_res, opt, recognize, verify};
use nom::multi::{many_m_n, separated_list1};
use nom::sequence::{delimited, preceded, terminated};
use nom::{IResult, Parser};

use super::dump::Value;
use super::fault_table::{self, Known};
use super::{Basis, Decoded, EventId, name};

/// Faults inside of faults that are followed, and texts inside of those.
const DEPTH: usize = 6;
/// Names of one text that are kept.
const MOST: usize = 24;
/// Bytes of a name: no real one is longer, and a text of nothing but parts of names is not tried again and again.
const MOST_NAME: usize = 512;
/// Bytes of a value or a text that are shown.
const MOST_VALUE: usize = 160;

/// What a name turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Name<'t> {
    Fault(&'t str),
    /// A C++ type that is no fault: its path.
    Type(Vec<&'t str>),
    /// The packages before the name of the error, the name, and its text.
    Api(&'t str, &'t str, Option<&'t str>),
    /// Area and topic.
    Message(&'t str, &'t str),
    /// What follows `com.vmware.vc.`.
    Localised(&'t str),
}

/// Every name of a text, outer faults before inner ones.
pub(super) fn decode(text: &str) -> Vec<Decoded> {
    let mut found = Vec::new();
    let word = text.trim();
    match fault_table::find(word.strip_suffix("Fault").unwrap_or(word)).or_else(|| fault_table::find(word)) {
        // One word alone, as a user types it.
        Some(known) => found.push(fault(word, known.name, Some(&known))),
        None => scan(text, 0, &mut found),
    }
    once(found)
}

/// Each name once: the one that says most of what it is about.
fn once(found: Vec<Decoded>) -> Vec<Decoded> {
    let mut kept: Vec<Decoded> = Vec::new();
    for one in found {
        let same = |it: &&mut Decoded| it.name == one.name && it.kind == one.kind;
        let told = kept
            .iter_mut()
            .filter(same)
            .find(|it| it.named == one.named || it.named.is_empty() || one.named.is_empty());
        match told {
            Some(it) if it.named.is_empty() => {
                it.named = one.named;
            }
            Some(_) => {}
            None => kept.push(one),
        }
    }
    kept
}

/// Finds the names of a text that is inside of so many faults.
fn scan(text: &str, depth: usize, found: &mut Vec<Decoded>) {
    let mut rest = text;
    let mut inside_word = false;
    while let Some(first) = rest.chars().next() {
        if found.len() >= MOST {
            return;
        }
        if !inside_word
            && depth < DEPTH
            && first == '('
            && is_dump(rest)
            && let Some((dump, after)) = Value::read(rest)
        {
            walk(&dump, depth, found);
            rest = after;
            continue;
        }
        if !inside_word && let Ok((after, known)) = any_name(rest) {
            let code = rest.get(..rest.len() - after.len()).unwrap_or_default();
            found.push(named(code, &known, depth));
            rest = after;
            inside_word = true;
            continue;
        }
        inside_word = is_part(first);
        rest = rest.get(first.len_utf8()..).unwrap_or_default();
    }
}

/// Whether a dump of a fault begins here.
fn is_dump(text: &str) -> bool {
    let Ok((after, _)) = delimited(char('('), verify(dotted, |it| matches!(it, Name::Fault(_))), char(')')).parse(text)
        as IResult<&str, Name<'_>>
    else {
        return false;
    };
    after.trim_start().starts_with('{')
}

const fn is_part(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | '$')
}

/// A dump: the fault with what it names, then what is inside of it.
fn walk(value: &Value<'_>, depth: usize, found: &mut Vec<Decoded>) {
    match value {
        Value::Object { kind, fields } => {
            let mut inner = depth;
            if let Some(name) = fault_of(kind) {
                let known = fault_table::find(name);
                let mut one = fault(kind, name, known.as_ref());
                one.depth = depth;
                names_in(fields, "", &mut one.named);
                found.push(one);
                inner += 1;
            } else if let Some(Value::Text(id)) = fields.iter().find(|it| it.0 == "key").map(|it| &it.1)
                && let Ok(("", message @ Name::Message(..))) = any_name(id)
            {
                let text = value.at(&["message"]).and_then(Value::text);
                let mut one = named(id, &message, depth);
                one.named.extend(text.map(|text| ("text".to_owned(), short(text))));
                found.push(one);
                return;
            }
            for (_, value) in fields {
                walk(value, inner, found);
            }
        }
        Value::List(values) => values.iter().for_each(|value| walk(value, depth, found)),
        Value::Text(text) => scan(text, depth.max(1), found),
        Value::Word(_) => {}
    }
}

/// The name of the fault that a type is.
fn fault_of(kind: &str) -> Option<&str> {
    match dotted(kind.trim_end_matches("[]")) {
        Ok(("", Name::Fault(name))) => Some(name),
        _ => None,
    }
}

/// What a fault names: its own values, and those of objects in it that are no faults.
fn names_in(fields: &[(&str, Value<'_>)], of: &str, named: &mut Vec<(String, String)>) {
    const MOST_NAMED: usize = 8;
    for (name, value) in fields {
        // Of an object with an id, its name in the fault says more than `id` does.
        let shown = if *name == "id" && !of.is_empty() { of } else { name };
        match value {
            _ if named.len() >= MOST_NAMED || ["msg", "faultCause", "faultMessage", "message"].contains(name) => {}
            Value::Text(_) | Value::Word(_) => {
                let text = value.text().map(|it| it.trim_matches('\'')).filter(|it| !it.is_empty());
                named.extend(text.map(|text| (shown.to_owned(), short(text))));
            }
            Value::List(values) => {
                let texts: Vec<&str> = values.iter().filter_map(Value::text).collect();
                if !texts.is_empty() {
                    named.push((shown.to_owned(), short(&texts.join(", "))));
                }
                for value in values {
                    if let Value::Object { kind, fields } = value
                        && fault_of(kind).is_none()
                    {
                        names_in(fields, name, named);
                    }
                }
            }
            Value::Object { kind, fields } => {
                if fault_of(kind).is_none() {
                    names_in(fields, name, named);
                }
            }
        }
    }
}

/// A value on one line, and not too much of it.
fn short(text: &str) -> String {
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.len() > MOST_VALUE {
        line.truncate(line.floor_char_boundary(MOST_VALUE));
        line.push('…');
    }
    line
}

fn fault(code: &str, name: &str, known: Option<&Known>) -> Decoded {
    let mut decoded = Decoded::named(code, "vSphere fault", name);
    let Some(known) = known else { return decoded };
    decoded.name = known.name.into();
    decoded.words = name::words(known.name);
    decoded.bases.clone_from(&known.bases);
    decoded.meaning = known.meaning.into();
    (decoded.source, decoded.basis) = ("vSphere API, as pyVmomi lists it", Basis::Documented);
    decoded
}

/// What a name says.
fn named(code: &str, of: &Name<'_>, depth: usize) -> Decoded {
    let mut decoded = match of {
        Name::Fault(name) => fault(code, name, fault_table::find(name).as_ref()),
        Name::Type(path) => {
            let mut decoded = Decoded::named(code, "C++ type", &path.join("::"));
            decoded.words = path.last().map(|it| name::words(it)).unwrap_or_default();
            decoded
        }
        Name::Api(path, error, text) => {
            let code = code.split_once('<').map_or(code, |it| it.0);
            let mut decoded = Decoded::named(code, "vAPI error", error);
            let path = path.replace('.', ", ").replace('_', " ");
            decoded.words =
                if path.is_empty() { name::words(error) } else { format!("{path}: {}", name::words(error)) };
            decoded.meaning = fault_table::api_error(error).unwrap_or_default().into();
            (decoded.source, decoded.basis) = ("vAPI, com.vmware.vapi.std.errors", Basis::Documented);
            if let Some(text) = text {
                decoded.named = quoted(text);
                decoded.named.push(("text".to_owned(), short(text)));
            }
            decoded
        }
        Name::Message(area, topic) => {
            let mut decoded = Decoded::named(code, "message id", topic);
            decoded.words = format!("area {area}: {}", name::words(topic));
            decoded
        }
        Name::Localised(path) => {
            let mut decoded = Decoded::named(code, "id of a text that is translated", code);
            decoded.words = path.split('.').map(name::words).collect::<Vec<_>>().join(", ");
            decoded
        }
    };
    decoded.depth = depth;
    decoded
}

/// What stands in quotation marks, each with the word before it: `provider` of `The provider 'X' does not exist`.
fn quoted(text: &str) -> Vec<(String, String)> {
    let mut named = Vec::new();
    let mut parts = text.split(['\'', '"']);
    while let (Some(before), Some(inside)) = (parts.next(), parts.next()) {
        let word = before.split_whitespace().next_back().map(|it| it.trim_end_matches([':', '=']));
        let word = word.filter(|it| !it.is_empty()).unwrap_or("name");
        if named.len() < 4 && !inside.is_empty() {
            named.push((word.to_owned(), short(inside)));
        }
    }
    named
}

type Read<'t, T> = IResult<&'t str, T>;

fn any_name(text: &str) -> Read<'_, Name<'_>> {
    alt((mangled, colons, soap, dotted)).parse(text)
}

/// One part of a name.
fn part(text: &str) -> Read<'_, &str> {
    take_while1(|it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '-' | '$')).parse(text)
}

/// A part that begins with a capital, as types do.
fn type_name(text: &str) -> Read<'_, &str> {
    verify(part, |it: &str| it.starts_with(|it: char| it.is_ascii_uppercase())).parse(text)
}

/// `N3Vim5Fault20GenericVmConfigFault9ExceptionE`: lengths and names, by the rules of the Itanium ABI.
///
/// Where the length of a fault's name is wrong, as in a text that was typed, the name itself tells where it ends.
fn mangled(text: &str) -> Read<'_, Name<'_>> {
    let typed = delimited((tag("N3Vim5Fault"), digit1), take_until("9ExceptionE"), tag("9ExceptionE"));
    let typed = verify(typed, |it: &str| it.len() < 100 && it.bytes().all(|it| it.is_ascii_alphanumeric()));
    alt((by_length, typed.map(Name::Fault))).parse(text)
}

fn by_length(text: &str) -> Read<'_, Name<'_>> {
    let sized = |text| {
        let (rest, count) = map_res(digit1, str::parse::<usize>).parse(text)?;
        verify(take(count), |it: &str| it.chars().all(|it| it.is_ascii_alphanumeric() || it == '_')).parse(rest)
    };
    let prefix = opt(alt((tag("_ZTI"), tag("_ZTS"), tag("PK"), tag("P"))));
    let parts = delimited((prefix, char('N')), many_m_n(2, 12, sized), char('E'));
    map_opt(parts, |path: Vec<&str>| {
        let fault = path.iter().position(|it| *it == "Fault").and_then(|at| path.get(at + 1)).copied();
        Some(fault.map_or(Name::Type(path), Name::Fault))
    })
    .parse(text)
}

/// `Vim::Fault::NoPermission::Exception`.
fn colons(text: &str) -> Read<'_, Name<'_>> {
    let (_, path) = recognize(separated_list1(tag("::"), part)).parse(beginning(text))?;
    let mut parts = path.split("::").skip_while(|it| *it != "Fault").skip(1);
    match parts.next().filter(|_| !path.starts_with("Fault")) {
        Some(name) => Ok((text.get(path.len()..).unwrap_or_default(), Name::Fault(name))),
        None => Err(nom::Err::Error(nom::error::Error::new(text, nom::error::ErrorKind::Tag))),
    }
}

/// What of a text may be a name.
fn beginning(text: &str) -> &str {
    text.get(..text.floor_char_boundary(MOST_NAME)).unwrap_or(text)
}

/// `<NoPermissionFault …>`, `<vim25:NoPermissionFault>`, `xsi:type="NoPermission"`.
fn soap(text: &str) -> Read<'_, Name<'_>> {
    fn space(text: &str) -> Read<'_, Option<&str>> {
        opt(recognize(terminated(alpha1, take_while_m_n(0, 3, |it: char| it.is_ascii_digit())).and(char(':'))))
            .parse(text)
    }
    let element = preceded((char('<'), space), verify(type_name, |it: &str| it.ends_with("Fault")));
    let typed = delimited((tag("xsi:type=\""), space), type_name, char('"'));
    map_opt(alt((typed, element)), |name: &str| {
        let known = |name: &str| fault_table::find(name).is_some();
        if known(name) {
            return Some(Name::Fault(name));
        }
        name.strip_suffix("Fault").filter(|it| known(it)).map(Name::Fault)
    })
    .parse(text)
}

/// `vim.fault.X`, `com.vmware.vim25.X`, `com.vmware.….not_found<text>`, `msg.area.topic`, `com.vmware.vc.x`.
fn dotted(text: &str) -> Read<'_, Name<'_>> {
    let (_, path) = recognize(separated_list1(char('.'), part)).parse(beginning(text))?;
    let none = || nom::Err::Error(nom::error::Error::new(text, nom::error::ErrorKind::Tag));
    let upto = |end: usize| text.get(end..).unwrap_or_default();
    // The packages, then `fault`, then a type.
    if let Some(at) = path.find(".fault.") {
        let behind = path.get(at + ".fault.".len()..).unwrap_or_default();
        let (after, name) = type_name(behind)?;
        // What follows the name belongs to a type inside of the fault, not to the fault.
        let inner = after.strip_prefix('.').is_some_and(|it| it.starts_with(|it: char| it.is_ascii_uppercase()));
        if inner && !after.starts_with(".Exception") {
            return Err(none());
        }
        return Ok((upto(path.len() - after.len()), Name::Fault(name)));
    }
    for package in ["com.vmware.vim25.", "VMware.Vim."] {
        if let Some(name) = path.strip_prefix(package) {
            let base = name.strip_suffix("FaultMsg").or_else(|| name.strip_suffix("Fault")).unwrap_or(name);
            let known = [name, base].into_iter().find(|it| fault_table::find(it).is_some());
            let name = known
                .or_else(|| Some(base).filter(|_| base.len() < name.len() && !base.is_empty()))
                .ok_or_else(none)?;
            return Ok((upto(path.len()), Name::Fault(name)));
        }
    }
    let after = upto(path.len());
    if let Some(rest) = path.strip_prefix("com.vmware.") {
        let (packages, last) = rest.rsplit_once('.').unwrap_or(("", rest));
        let standard = packages.strip_prefix("vapi.std.errors").is_some();
        let told: Read<'_, &str> =
            delimited(char('<'), verify(take_until(">"), |it: &str| it.len() < 2048), char('>')).parse(after);
        if standard || (told.is_ok() && fault_table::api_error(last).is_some()) {
            let (after, text) = told.map_or((after, None), |it| (it.0, Some(it.1)));
            return Ok((after, Name::Api(if standard { "" } else { packages }, last, text)));
        }
        // Behind a bracket it is a class, whose method stands in a stack trace.
        return match rest.strip_prefix("vc.").filter(|it| !it.is_empty() && !after.starts_with('(')) {
            // An event has a page of its own.
            Some(path) if EventId::find(path).is_none() => Ok((after, Name::Localised(path))),
            _ => Err(none()),
        };
    }
    let message = path.strip_prefix("msg.").and_then(|it| it.split_once('.')).filter(|it| !it.1.is_empty());
    message.map(|(area, topic)| (after, Name::Message(area, topic))).ok_or_else(none)
}

#[cfg(test)]
mod tests {
    use super::{Decoded, decode};
    use crate::schema::Basis;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let decoded = decode(text);
        let seen: Vec<(&str, &str)> = decoded.iter().map(|it| (it.code.as_str(), &*it.name)).collect();
        assert_eq!(seen, expected, "{text}");
    }

    fn named(one: &Decoded) -> Vec<(&str, &str)> {
        one.named.iter().map(|it| (it.0.as_str(), it.1.as_str())).collect()
    }

    #[test]
    fn one_fault_in_every_spelling() {
        for code in [
            "vim.fault.NoPermission",
            "vmodl.fault.NoPermission",
            "com.vmware.vim.binding.vim.fault.NoPermission",
            "N3Vim5Fault12NoPermission9ExceptionE",
            "N3Vim5Fault7NoPermission9ExceptionE",
            "_ZTIN3Vim5Fault12NoPermission9ExceptionE",
            "Vim::Fault::NoPermission::Exception",
            "com.vmware.vim25.NoPermission",
            "com.vmware.vim25.NoPermissionFaultMsg",
            "VMware.Vim.NoPermission",
            "<NoPermissionFault",
            "<vim25:NoPermissionFault",
            "xsi:type=\"NoPermission\"",
        ] {
            check(&format!("Caught {code}, no"), &[(code, "NoPermission")]);
            check(code, &[(code, "NoPermission")]);
        }
        check("noPermission", &[("noPermission", "NoPermission")]);
        check("NoPermissionFault", &[("NoPermissionFault", "NoPermission")]);
        check("GenericVmConfigFault", &[("GenericVmConfigFault", "GenericVmConfigFault")]);
    }

    #[test]
    fn a_fault_that_nobody_knows_is_taken_apart() {
        let decoded = decode("throw vim.fault.KeyVaultOutOfReach").remove(0);
        assert_eq!((decoded.words.as_str(), &*decoded.meaning), ("key vault out of reach", ""));
        assert!(decoded.bases.is_empty());
        assert_eq!(decoded.basis, Basis::Inferred);
    }

    #[test]
    fn what_is_no_fault() {
        for text in [
            "",
            "vim.fault.",
            "vim.fault.lower",
            "default.fault",
            "vim.VirtualMachine.reload",
            "N3VimE",
            "N9VimE",
            "N99999999999999999999Vim3AbcE",
            "com.vmware.vim25.ManagedObjectReference",
            "com.vmware.vc.Foo.bar(Foo.java:7)",
            "msg.disk",
            "the file NotFound was not found",
            "(vmodl.MethodFault) null",
            "std::Fault",
        ] {
            check(text, &[]);
        }
    }

    #[test]
    fn other_names() {
        check(
            "N7Vmacore4Http13HttpExceptionE(x)",
            &[("N7Vmacore4Http13HttpExceptionE", "Vmacore::Http::HttpException")],
        );
        check("[msg.disk.noBackEnd] Cannot open", &[("msg.disk.noBackEnd", "noBackEnd")]);
        assert_eq!(decode("msg.disk.noBackEnd").remove(0).words, "area disk: no back end");
        check("com.vmware.vapi.std.errors.not_found", &[("com.vmware.vapi.std.errors.not_found", "not_found")]);
        check("com.vmware.vc.sms.some.Text", &[("com.vmware.vc.sms.some.Text", "com.vmware.vc.sms.some.Text")]);
    }

    #[test]
    fn an_error_of_the_api_names_its_object() {
        let text =
            "com.vmware.esx.trusted_infrastructure.kms.providers.not_found<The provider 'KMS-EXT' does not exist.>";
        let decoded = decode(text).remove(0);
        assert_eq!(Some(decoded.code.as_str()), text.split('<').next());
        assert_eq!(decoded.name, "not_found");
        assert_eq!(decoded.words, "esx, trusted infrastructure, kms, providers: not found");
        assert_eq!(named(&decoded), [("provider", "KMS-EXT"), ("text", "The provider 'KMS-EXT' does not exist.")]);
        assert_eq!(decoded.basis, Basis::Documented);
        assert_eq!(decode("com.vmware.esx.x.something_else<text>"), []);
    }

    const DUMP: &str = r#"Task failed: vim.fault.GenericVmConfigFault:
--> (vim.fault.GenericVmConfigFault) {
-->    faultCause = (vim.fault.NoPermission) {
-->       faultCause = (vmodl.MethodFault) null, 
-->       faultMessage = <unset>, 
-->       object = 'vim.Folder:group-v3', 
-->       privilegeId = "Cryptographer.RegisterVM", 
-->       missingPrivileges = (vim.fault.NoPermission.EntityPrivileges) [
-->          (vim.fault.NoPermission.EntityPrivileges) {
-->             entity = 'vim.HostSystem:host-9', 
-->             privilegeIds = (string) [
-->                "Cryptographer.RegisterHost"
-->             ]
-->          }
-->       ]
-->       msg = ""
-->    }, 
-->    faultMessage = (vmodl.LocalizableMessage) [
-->       (vmodl.LocalizableMessage) {
-->          key = "msg.disk.noBackEnd", 
-->          arg = <unset>, 
-->          message = "Cannot open the disk 'APP-01.vmdk'"
-->       }
-->    ], 
-->    reason = "com.vmware.esx.kms.providers.not_found<The provider 'KMS-EXT' does not exist.>"
-->    msg = ""
--> }"#;

    #[test]
    fn a_dump_gives_outer_and_inner_faults_with_what_they_name() {
        let decoded = decode(&crate::decode::name::without_heads(DUMP));
        let seen: Vec<(&str, usize)> = decoded.iter().map(|it| (&*it.name, it.depth)).collect();
        assert_eq!(seen, [("GenericVmConfigFault", 0), ("NoPermission", 1), ("noBackEnd", 1), ("not_found", 1)]);
        assert_eq!(
            named(&decoded[1]),
            [
                ("object", "vim.Folder:group-v3"),
                ("privilegeId", "Cryptographer.RegisterVM"),
                ("entity", "vim.HostSystem:host-9"),
                ("privilegeIds", "Cryptographer.RegisterHost")
            ]
        );
        assert_eq!(named(&decoded[2]), [("text", "Cannot open the disk 'APP-01.vmdk'")]);
        assert_eq!(named(&decoded[3])[0], ("provider", "KMS-EXT"));
    }

    #[test]
    fn an_id_inside_of_an_object_has_the_name_of_the_object() {
        let text = "(vim.fault.EncryptionKeyRequired) { requiredKey = (vim.encryption.CryptoKeyId) [ (vim.encryption.CryptoKeyId) { keyId = \"k-1\", providerId = (vim.encryption.KeyProviderId) { id = \"KMS-EXT\" } } ] }";
        assert_eq!(named(&decode(text)[0]), [("keyId", "k-1"), ("providerId", "KMS-EXT")]);
    }

    #[test]
    fn hostile_texts_end() {
        let deep = "(vim.fault.X) { a = ".repeat(2_000);
        assert!(decode(&deep).len() <= super::MOST);
        for text in [
            "com.vmware.".repeat(5_000),
            "vim.fault.".repeat(5_000),
            "N3Vim".repeat(5_000),
            "<".repeat(20_000),
            "Vim::".repeat(5_000),
            "msg.a.b ".repeat(5_000),
            "(vim.fault.X) { b = \"".repeat(2_000),
        ] {
            assert!(decode(&text).len() <= super::MOST);
        }
        for end in 0..DUMP.len() {
            if let Some(cut) = DUMP.get(..end) {
                let _ = decode(cut);
            }
        }
    }
}
