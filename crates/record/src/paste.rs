//! What happens to a log on its way into a ticket or an article: stamps blotted out, list marks and table bars in
//! front of lines, characters escaped for a page.

use bstr::ByteSlice;

/// Takes off a stamp that somebody blotted out, and says whether there was one.
///
/// `YYYY-MM-DDTHH:MM:SSZ `, `[Timestamp] `, `<timestamp>| `, `xxxx-xx-xxTxx:xx:xx `, `[Date]T##### `.
pub(crate) fn behind_blotted_stamp(line: &[u8]) -> (&[u8], bool) {
    let rest = named(line).or_else(|| shaped(line));
    let Some(rest) = rest else { return (line, false) };
    // `Z| vmx| …` in old logs of VMs, `Z: [x]` in those of vobd.
    let rest = [&b": "[..], b"| ", b"|", b" "].iter().find_map(|mark| rest.strip_prefix(*mark));
    rest.map_or((line, false), |rest| (rest.trim_ascii_start(), true))
}

/// `[Timestamp]`, `<date time>`, `[Date]T####`: what follows it.
fn named(line: &[u8]) -> Option<&[u8]> {
    const WORDS: [&[u8]; 8] =
        [b"timestamp", b"time stamp", b"date", b"time", b"date time", b"datetime", b"date/time", b"date and time"];
    let close = match line.first()? {
        b'[' => b']',
        b'<' => b'>',
        _ => return None,
    };
    let end = memchr::memchr(close, line.get(..24).unwrap_or(line))?;
    let name = line.get(1..end)?;
    let rest = line.get(end + 1..)?;
    WORDS.iter().any(|word| name.eq_ignore_ascii_case(word)).then(|| time(rest))
}

/// `YYYY-MM-DD…`, `2023-XX-XX…`, in brackets or not: what follows it.
///
/// A whole stamp is none: something of it must be gone.
fn shaped(line: &[u8]) -> Option<&[u8]> {
    let inside = line.strip_prefix(b"[").or_else(|| line.strip_prefix(b"<")).unwrap_or(line);
    let shape: &[u8; 10] = inside.first_chunk()?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = shape else { return None };
    let date = [y1, y2, y3, y4, m1, m2, d1, d2];
    let blotted = |byte: &u8| b"YyMmDdXxNnJj#*_?".contains(byte);
    if !date.iter().all(|byte| byte.is_ascii_digit() || blotted(byte)) {
        return None;
    }
    let rest = inside.get(10..)?;
    let rest = if inside.len() < line.len() { rest.strip_prefix(b">").unwrap_or(rest) } else { rest };
    let behind = time(rest);
    let clock = rest.get(..rest.len() - behind.len())?;
    let gone = date.iter().any(|byte| !byte.is_ascii_digit()) || clock.iter().any(|byte| b"#*xX".contains(byte));
    // A date alone is no stamp: prose speaks of the form of a date.
    let has_time = clock.contains(&b':') || clock.len() > 8;
    (gone && has_time).then_some(behind)
}

/// Takes off the time of a blotted stamp, with the bracket that closes it.
fn time(text: &[u8]) -> &[u8] {
    let is_time = |byte: &&u8| byte.is_ascii_digit() || b"HhMmSsXxZzTtNn#*_?:.,+<>".contains(byte);
    let mut rest = text;
    let run = |text: &[u8]| text.iter().take_while(is_time).count();
    let first = run(rest);
    rest = rest.get(first..).unwrap_or_default();
    // `T HH:MM:SS`, ` HH:MM:SS`: a blank stands inside.
    if first <= 1
        && let Some(behind) = rest.strip_prefix(b" ")
    {
        let second = run(behind);
        let clock = behind.get(..second).unwrap_or_default();
        let is_clock = clock.len() >= 5 && clock.get(2) == Some(&b':');
        if is_clock && matches!(behind.get(second), None | Some(b' ' | b']' | b'|')) {
            rest = behind.get(second..).unwrap_or_default();
        }
    }
    let taken = text.get(..text.len() - rest.len()).unwrap_or_default();
    // `:` is a mark behind the stamp, not a part of it.
    let rest = if taken.ends_with(b":") { text.get(taken.len() - 1..).unwrap_or_default() } else { rest };
    rest.strip_prefix(b"]").unwrap_or(rest)
}

/// Bytes in front of a pasted line that are no part of it: blanks, marks of lists, quotations, tables and code,
/// and the file name that `grep` puts there.
pub(crate) fn lead(line: &[u8]) -> usize {
    let mut at = 0;
    loop {
        let rest = line.get(at..).unwrap_or_default();
        let used = match rest {
            [b' ' | b'\t' | b'`' | b'|', ..] => 1,
            // In UTF-8: a blank that does not break, a raised dot, a bullet.
            [b'-' | b'*' | b'+' | b'>', b' ' | b'\t', ..] | [0xc2, 0xa0 | 0xb7, ..] => 2,
            [0xe2, 0x80, 0xa2, ..] | [b'0'..=b'9', b'.' | b')', b' ', ..] => 3,
            [b'0'..=b'9', b'0'..=b'9', b'.' | b')', b' ', ..] => 4,
            _ => 0,
        };
        if used == 0 {
            break;
        }
        at += used;
    }
    let rest = line.get(at..).unwrap_or_default();
    at + file_name(rest)
}

/// `vmkernel.9:Mar 10 …`, `./hostd.log:12:2023-…`: the bytes that `grep` put before a stamp.
fn file_name(line: &[u8]) -> usize {
    const LONGEST: usize = 200;
    let fits = |byte: &&u8| byte.is_ascii_alphanumeric() || b"._-/".contains(byte);
    let length = line.iter().take(LONGEST).take_while(fits).count();
    let Some(rest) = line.get(length..).and_then(|rest| rest.strip_prefix(b":")).filter(|_| length > 0) else {
        return 0;
    };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let numbered = rest.get(digits..).and_then(|rest| rest.strip_prefix(b":")).filter(|_| digits > 0);
    [Some(rest), numbered]
        .into_iter()
        .flatten()
        .find(|rest| crate::iso(rest).or_else(|| crate::month_day(rest)).is_some())
        .map_or(0, |rest| line.len() - rest.len())
}

/// Bytes of the largest source that may be a paste.
pub(crate) const MOST_BYTES: usize = 64 << 10;

/// Undoes what a page did to the characters of a small text; `None` where there is nothing to undo.
///
/// Each kind is undone only where all of the text shows it: a page that escapes `<` has none left, and an editor
/// that curls quotation marks leaves no straight one. A log that merely holds such characters stays as it is.
/// Line feeds are never added nor taken away.
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    // What somebody pasted is text; the bytes of anything else stay as they are.
    if text.len() > MOST_BYTES || text.contains(&0) || std::str::from_utf8(text).is_err() {
        return None;
    }
    let mut pairs: Vec<(&[u8], &[u8])> = Vec::new();
    let escaped = [&b"&lt;"[..], b"&gt;", b"&quot;"].iter().any(|it| text.contains_str(it));
    if escaped && !text.contains(&b'<') && !text.contains(&b'>') {
        // `&amp;` comes last in the text's own escaping, so that `&amp;lt;` becomes `&lt;`.
        pairs.extend([
            (&b"&lt;"[..], &b"<"[..]),
            (b"&gt;", b">"),
            (b"&quot;", b"\""),
            (b"&#39;", b"'"),
            (b"&nbsp;", b" "),
            (b"&amp;", b"&"),
        ]);
    }
    if [&b"\\[Originator@"[..], b"\\[msg.", b"\\[vob.", b"\\[esx.", b"\\[vim."].iter().any(|it| text.contains_str(it)) {
        pairs.extend([
            (&b"\\["[..], &b"["[..]),
            (b"\\]", b"]"),
            (b"\\_", b"_"),
            (b"\\*", b"*"),
            (b"\\<", b"<"),
            (b"\\>", b">"),
        ]);
    }
    let curly = ["\u{201c}", "\u{201d}", "\u{201e}", "\u{2033}"];
    if !text.contains(&b'"') && curly.iter().any(|it| text.contains_str(it)) {
        pairs.extend(curly.iter().map(|it| (it.as_bytes(), &b"\""[..])));
    }
    let single = ["\u{2018}", "\u{2019}", "\u{201a}"];
    if !text.contains(&b'\'') && single.iter().any(|it| text.contains_str(it)) {
        pairs.extend(single.iter().map(|it| (it.as_bytes(), &b"'"[..])));
    }
    if pairs.is_empty() {
        return None;
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, behind)) = rest.split_first() {
        if let Some((from, to)) = pairs.iter().find(|it| rest.starts_with(it.0)) {
            decoded.extend_from_slice(to);
            rest = rest.get(from.len()..).unwrap_or_default();
        } else {
            decoded.push(*first);
            rest = behind;
        }
    }
    (decoded != text).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use super::{decode, lead};

    #[test]
    fn marks_in_front_of_a_line() {
        for (line, rest) in [
            ("  - `2023-03-10T15:16:22Z In(05) vmx - x`", "2023-03-10T15:16:22Z In(05) vmx - x`"),
            ("> > cpu3:1)x", "cpu3:1)x"),
            ("| a.b | EventEx |", "a.b | EventEx |"),
            ("\u{2022} cpu3:1)x", "cpu3:1)x"),
            ("12. cpu3:1)x", "cpu3:1)x"),
            ("--> text", "--> text"),
            ("   --> text", "--> text"),
            ("vmkernel.9:Mar 10 01:00:45 esx01 vmkernel: x", "Mar 10 01:00:45 esx01 vmkernel: x"),
            ("./log/hostd.log:77:2023-03-10T15:16:22.314Z x", "2023-03-10T15:16:22.314Z x"),
            ("2023-03-10T15:16:22.314Z x", "2023-03-10T15:16:22.314Z x"),
            ("hostd.log:77: text", "hostd.log:77: text"),
        ] {
            assert_eq!(&line[lead(line.as_bytes())..], rest, "{line}");
        }
    }

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(decode(text.as_bytes()).map(|it| String::from_utf8(it).unwrap()).as_deref(), expected, "{text}");
    }

    #[test]
    fn bytes_that_are_no_text_stay_as_they_are() {
        let quoted = "it\u{2019}s".as_bytes();
        assert!(decode(quoted).is_some());
        assert_eq!(decode(&[quoted, &[0xff]].concat()), None);
        assert_eq!(decode(&[quoted, &[0]].concat()), None);
    }

    #[test]
    fn what_a_page_did_is_undone_where_it_did_it_everywhere() {
        check("--&gt; x&lt;The provider &quot;a&amp;b&quot;&gt;", Some("--> x<The provider \"a&b\">"));
        check("--> x &lt;tag&gt;", None);
        check("a &amp; b", None);
        check("info hostd[1] \\[Originator@6876 sub=Vm\\_x\\] t", Some("info hostd[1] [Originator@6876 sub=Vm_x] t"));
        check("C:\\[x]", None);
        check("to dev \u{201c}naa.600\u{2033} failed", Some("to dev \"naa.600\" failed"));
        check("VM \"Ann\u{2019}s \u{201c}x\u{201d}\"", Some("VM \"Ann's \u{201c}x\u{201d}\""));
        check("plain", None);
    }
}
