//! Numbers that mean something only with the word before them: `VIX error 16014`, `errno 28`, `signal:11`.

use crate::schema::Basis;

use super::numbers::{DISK_LIB, ERRNO_ALONE, FILE_IO_ALONE, VIX};
use super::scsi::{DEVICE, HOST, OPERATIONS, PLUGIN, SENSE_KEYS};
use super::words::{CRYPTO_ERROR, KMIP_REASON};
use super::{Decoded, Table, memory, row};

/// Which table the number behind a word is looked up in.
const PHRASES: &[(&str, &Table)] = &[
    ("kmip", &KMIP_REASON),
    ("result reason", &KMIP_REASON),
    ("resultreason", &KMIP_REASON),
    ("cryptoerror", &CRYPTO_ERROR),
    ("crypto error", &CRYPTO_ERROR),
    ("vix", &VIX),
    ("vddk", &VIX),
    ("disklib", &DISK_LIB),
    ("fileio", &FILE_IO_ALONE),
    ("errno", &ERRNO_ALONE),
    ("signal", &SIGNAL),
    ("host status", &HOST),
    ("device status", &DEVICE),
    ("plugin status", &PLUGIN),
    ("plug-in status", &PLUGIN),
    ("sense key", &SENSE_KEYS),
    ("opcode", &OPERATIONS),
    ("operation code", &OPERATIONS),
];

/// Names of products and components: a number that only follows one may be a version or a count.
const VAGUE: [&str; 5] = ["kmip", "vix", "vddk", "disklib", "fileio"];

/// The number behind each phrase that has one.
pub(super) fn decode(text: &str) -> Vec<Decoded> {
    let lower = text.to_ascii_lowercase();
    let mut found: Vec<(usize, Decoded)> = Vec::new();
    for (phrase, table) in PHRASES {
        for (at, _) in lower.match_indices(phrase) {
            let alone = |it: Option<char>| it.is_none_or(|it| !it.is_ascii_alphanumeric() && it != '_' && it != '.');
            let end = at + phrase.len();
            let (before, after) = (lower.get(..at).unwrap_or_default(), lower.get(end..).unwrap_or_default());
            if !alone(before.chars().next_back()) || !alone(after.chars().next()) {
                continue;
            }
            let Some(Number { from, printed, told }) = number(after) else { continue };
            let whole = before.trim().is_empty() && after.get(from..).is_some_and(|it| it.trim() == printed);
            if VAGUE.contains(phrase) && !told && !whole {
                continue;
            }
            let value = match printed.strip_prefix("0x") {
                Some(digits) => u32::from_str_radix(digits, 16).ok(),
                None => printed.parse().ok(),
            };
            if let Some(decoded) = value.and_then(|value| table.get(value, printed.to_owned()))
                && found.iter().all(|it| it.0 != end + from && it.1 != decoded)
            {
                found.push((end + from, decoded));
            }
        }
    }
    found.sort_by_key(|it| it.0);
    found.into_iter().map(|it| it.1).collect()
}

/// A number behind a phrase.
struct Number<'t> {
    from: usize,
    printed: &'t str,
    /// Whether a word such as `error` stands between.
    told: bool,
}

/// The number that follows, behind nothing but words such as `error code =`.
fn number(text: &str) -> Option<Number<'_>> {
    const FILLERS: [&str; 9] = ["error", "errors", "code", "codes", "reason", "result", "status", "number", "is"];
    let mut from = 0;
    let mut told = false;
    loop {
        let rest = text.get(from..)?;
        let inside = rest.trim_start_matches([' ', ':', '=', '(', '#', ',', '"', '\'', '-']);
        from += rest.len() - inside.len();
        let end = inside.find(|it: char| !it.is_ascii_alphanumeric()).unwrap_or(inside.len());
        let (word, after) = inside.split_at_checked(end)?;
        if FILLERS.contains(&word) {
            told = true;
            from += end;
            continue;
        }
        let digits = word.strip_prefix("0x");
        let is_number = digits.map_or_else(
            || word.bytes().all(|it| it.is_ascii_digit()),
            |digits| digits.bytes().all(|it| it.is_ascii_hexdigit()),
        );
        let is_version = after.strip_prefix('.').is_some_and(|it| it.starts_with(|it: char| it.is_ascii_digit()));
        let sound = is_number && !is_version && !digits.unwrap_or(word).is_empty() && !after.starts_with('_');
        return sound.then_some(Number { from, printed: word, told });
    }
}

const SIGNAL: Table = Table {
    kind: "signal that ended a process",
    source: "signal(7)",
    basis: Basis::Documented,
    rows: &[
        row(6, "SIGABRT", "it ended itself: an assertion failed, or a panic"),
        row(7, "SIGBUS", "a file that was mapped into its memory could not be read"),
        row(9, "SIGKILL", "somebody killed it"),
        row(11, "SIGSEGV", "it touched memory that is not its own"),
        row(15, "SIGTERM", "it was asked to end"),
        memory(25, "SIGXFSZ", "a file would have become too large"),
    ],
};

#[cfg(test)]
mod tests {
    use super::decode;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let decoded = decode(text);
        let seen: Vec<(&str, &str)> = decoded.iter().map(|it| (it.code.as_str(), &*it.name)).collect();
        assert_eq!(seen, expected, "{text}");
    }

    #[test]
    fn a_number_with_its_word() {
        check("VIX 16014", &[("16014", "VIX_E_DISK_NEEDKEY")]);
        check("Vix error code = 17005", &[("17005", "VIX_E_CRYPTO_BAD_PASSWORD")]);
        check("KMIP result reason: 0x0C", &[("0x0c", "PERMISSION_DENIED")]);
        check("kmip 1", &[("1", "ITEM_NOT_FOUND")]);
        check("CryptoError 7, errno (28)", &[("7", "CRYPTO_ERROR_BAD_PASSWORD"), ("28", "ENOSPC")]);
        check("CoreDump: signal:11 exitCode:255", &[("11", "SIGSEGV")]);
        check("DISKLIB 18", &[("18", "CID mismatch")]);
        check("opcode 0x2a", &[("0x2a", "WRITE(10)")]);
    }

    #[test]
    fn a_number_without_it_stays_a_number() {
        for text in [
            "",
            "vix",
            "vix of 16014",
            "previx 16014",
            "kmip\n1",
            "errno",
            "KMIP 1.4",
            "the KMIP 1 server",
            "errno 28.5",
            "vix.version 15",
            "signal strength 11",
            "kmip 0x",
        ] {
            check(text, &[]);
        }
    }
}
