//! The words that a name is made of, and the text of a record without what its lines begin with.

use std::borrow::Cow;

/// The words of a name: `generic VM config fault` for `GenericVmConfigFault`, `not found` for `not_found`.
///
/// Several capitals in a row are a word of their own; letters that everybody writes large are written so.
pub(super) fn words(name: &str) -> String {
    const LARGE: [&str; 22] = [
        "vm", "vms", "cpu", "io", "nic", "ft", "ssl", "tpm", "kms", "nfs", "rdm", "drs", "ha", "os", "id", "vmfs",
        "vsan", "ip", "pci", "usb", "evc", "sso",
    ];
    let letters: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut begin = true;
    for (at, letter) in letters.iter().enumerate() {
        if !letter.is_alphanumeric() {
            begin = true;
            continue;
        }
        let before = at.checked_sub(1).and_then(|it| letters.get(it));
        let after = letters.get(at + 1);
        let new = letter.is_uppercase()
            && (before.is_some_and(|it| it.is_lowercase() || it.is_ascii_digit())
                || (before.is_some_and(|it| it.is_uppercase()) && after.is_some_and(|it| it.is_lowercase())));
        match words.last_mut() {
            Some(word) if !(begin || new) => word.push(*letter),
            _ => words.push(letter.to_string()),
        }
        begin = false;
    }
    let spelled = words.into_iter().map(|word| {
        let lower = word.to_lowercase();
        let acronym = word.chars().count() > 1 && word.chars().all(|it| it.is_uppercase() || it.is_ascii_digit());
        let shouted = name.chars().all(|it| !it.is_lowercase());
        if LARGE.contains(&lower.as_str()) || (acronym && !shouted) { word.to_uppercase() } else { lower }
    });
    spelled.collect::<Vec<_>>().join(" ")
}

/// A record's text without the marks of its continuation lines, and without the heads that release 8 repeats
/// before them.
pub(super) fn without_heads(text: &str) -> Cow<'_, str> {
    /// Bytes among which a head ends.
    const HEAD: usize = 160;
    if !text.contains("-->") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let head = line.get(..line.floor_char_boundary(HEAD)).unwrap_or(line);
        let inside = match head.find("-->") {
            Some(at) if at == 0 || head.get(..at).is_some_and(|it| it.ends_with(": ") || it.trim().is_empty()) => {
                let inside = line.get(at + 3..).unwrap_or_default();
                inside.strip_prefix(' ').unwrap_or(inside)
            }
            _ => line,
        };
        out.push_str(inside);
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::{without_heads, words};

    #[test]
    fn words_of_every_spelling() {
        for (name, expected) in [
            ("GenericVmConfigFault", "generic VM config fault"),
            ("HAErrorsAtDest", "HA errors at dest"),
            ("NoPermissionOnAD", "no permission on AD"),
            ("SSLVerifyFault", "SSL verify fault"),
            ("not_found", "not found"),
            ("noBackEnd", "no back end"),
            ("QLC_ERR_NEED_AUTH", "qlc err need auth"),
            ("error-QUIESCINGERROR", "error QUIESCINGERROR"),
            ("Windows2000Bad", "windows2000 bad"),
            ("", ""),
        ] {
            assert_eq!(words(name), expected, "{name}");
        }
    }

    #[test]
    fn heads_of_continuation_lines_go() {
        let text = "2023-03-10T15:16:20Z Er(163) Hostd[7]: a\n2023-03-10T15:16:20Z Er(163) Hostd[7]: -->    b = 1\n--> c\n x --> d\n";
        assert_eq!(without_heads(text), "2023-03-10T15:16:20Z Er(163) Hostd[7]: a\n   b = 1\nc\n x --> d\n");
    }
}
