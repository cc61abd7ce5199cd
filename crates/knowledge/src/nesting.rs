//! How deep brackets stand in a text, before anything recursive reads it.

/// Where brackets and braces first nest deeper than `limit`; strings and comments do not count.
///
/// The TOML reader has a limit of its own, but one that another crate of the
/// same build can switch off with a feature; a stack overflow cannot be caught.
pub(crate) fn deeper_than(text: &str, limit: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'[' | b'{' => {
                depth += 1;
                if depth > limit {
                    return Some(at);
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'#' => {
                at = end_of_line(bytes, at);
                continue;
            }
            b'"' | b'\'' => {
                at = end_of_string(bytes, at, byte);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

fn end_of_line(bytes: &[u8], from: usize) -> usize {
    bytes.get(from..).and_then(|rest| memchr::memchr(b'\n', rest)).map_or(bytes.len(), |length| from + length)
}

/// The byte behind the string that begins at `from` with `quote`.
fn end_of_string(bytes: &[u8], from: usize, quote: u8) -> usize {
    let three = |at: usize| bytes.get(at..at + 3) == Some(&[quote; 3][..]);
    let long = three(from);
    let mut at = from + if long { 3 } else { 1 };
    // Most of a file is text in quotes, so what means nothing in it is skipped at memory speed.
    while let Some(next) = bytes.get(at..).and_then(|rest| memchr::memchr3(quote, b'\\', b'\n', rest)) {
        at += next;
        match bytes.get(at) {
            Some(b'\\') if quote == b'"' => at += 2,
            Some(b'\n') if !long => return at + 1,
            Some(&byte) if byte == quote && !long => return at + 1,
            Some(_) if three(at) => return at + 3,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::deeper_than;

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        for text in [
            "a = '[[[[['\nb = [1]",
            "a = \"\\\"[[[[[\"",
            "a = \"\"\"\n[[[[[ \\\"\"\"\" # [[[[",
            "a = '''[[[[[''' # [[[[[",
            "regex = '[a-z]+[^\"]*[x]'",
        ] {
            assert_eq!(deeper_than(text, 3), None, "{text}");
        }
    }

    #[test]
    fn nested_brackets_are_found_where_they_get_too_deep() {
        assert_eq!(deeper_than("a = [[[1]]]", 3), None);
        assert_eq!(deeper_than("a = [[[[1]]]]", 3), Some(7));
        assert_eq!(deeper_than("a = '''x''' \nb = [{c = [{d = 1}]}]", 3), Some(24));
        assert_eq!(deeper_than(&"[".repeat(100_000), 16), Some(16));
    }
}
