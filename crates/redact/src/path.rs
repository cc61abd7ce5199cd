//! What of a path is a name, and what says only of which sort a file is.

use std::ops::Range;

/// The stems of the parts of a path, each of which may be a name, with offsets from `start`.
pub(crate) fn parts(bytes: &[u8], start: usize) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut from = 0;
    for (index, byte) in bytes.iter().chain(b"/").enumerate() {
        if matches!(byte, b'/' | b'\\') {
            let part = bytes.get(from..index).unwrap_or_default();
            let part = part.trim_ascii_end();
            let part = part.strip_suffix(b".").unwrap_or(part);
            if !part.is_empty() {
                let at = stem(part);
                parts.push(start + from + at.start..start + from + at.end);
            }
            from = index + 1;
        }
    }
    parts
}

/// What of the name of a file stands before what every such file has: `APP-01` of `APP-01_1-000002-flat.vmdk`.
pub(crate) fn stem(part: &[u8]) -> Range<usize> {
    let mut end = part.len();
    let ending = |upto: usize| {
        let head = part.get(..upto).unwrap_or_default();
        let dot = head.iter().rposition(|it| *it == b'.').filter(|dot| *dot > 0)?;
        let word = head.get(dot + 1..).unwrap_or_default();
        let word = word.strip_suffix(b"~").unwrap_or(word);
        let fits = (1..=10).contains(&word.len()) && word.iter().all(u8::is_ascii_alphanumeric);
        (fits && word.first().is_some_and(u8::is_ascii_alphabetic)).then_some(dot)
    };
    let is_file = ending(end).is_some();
    for _ in 0..2 {
        end = ending(end).unwrap_or(end);
    }
    loop {
        let head = part.get(..end).unwrap_or_default();
        let Some(mark) = head.iter().rposition(|it| matches!(it, b'-' | b'_')).filter(|mark| is_file && *mark > 0)
        else {
            break;
        };
        let word = head.get(mark + 1..).unwrap_or_default();
        let digits = !word.is_empty() && word.iter().all(u8::is_ascii_digit);
        let usual = (digits && (word.len() == 6 && head.get(mark) == Some(&b'-') || head.get(mark) == Some(&b'_')))
            || [&b"flat"[..], b"delta", b"ctk", b"sesparse", b"rdm", b"rdmp", b"digest", b"cl1", b"aux"]
                .contains(&word)
            || (digits && part.ends_with(b".png"))
            || numbered(word, b"Snapshot")
            || numbered(word, b"s")
            || numbered(word, b"f")
            || (word.len() == 8 && word.iter().all(u8::is_ascii_hexdigit));
        if !usual {
            break;
        }
        end = mark;
    }
    0..end
}

fn numbered(word: &[u8], before: &[u8]) -> bool {
    word.strip_prefix(before).is_some_and(|it| !it.is_empty() && it.iter().all(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use super::{parts, stem};

    #[test]
    fn the_name_in_the_name_of_a_file() {
        for (file, name) in [
            ("APP-01.vmx", "APP-01"),
            ("APP-01_1-000002-flat.vmdk", "APP-01"),
            ("APP-01-Snapshot12.vmsn", "APP-01"),
            ("APP-01-5c1a2b3d.hlog", "APP-01"),
            ("APP-01.vmx.lck", "APP-01"),
            ("APP-01.vmx~", "APP-01"),
            ("APP-01", "APP-01"),
            ("My VM 10.x 64-bit.vmdk", "My VM 10.x 64-bit"),
            (".dvsData", ".dvsData"),
        ] {
            assert_eq!(&file[stem(file.as_bytes())], name, "{file}");
        }
    }

    #[test]
    fn the_parts_of_a_path() {
        let path = b"ds1/APP 01/APP 01.vmdk";
        let names: Vec<&[u8]> = parts(path, 0).into_iter().map(|it| &path[it]).collect();
        assert_eq!(names, [&b"ds1"[..], b"APP 01", b"APP 01"]);
        assert_eq!(parts(b"\\\\x\\\\y", 7), [9..10, 12..13]);
    }
}
