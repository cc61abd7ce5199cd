//! Says whether an output keeps what is promised, by rules of its own: nothing is taken from the code that it judges.

/// Panics where a character of a text could drive a terminal or hide from its reader.
pub(crate) fn harmless(text: &str) {
    for (line, content) in (1..).zip(text.split('\n')) {
        if let Some(bad) = content.chars().find(|it| drives(*it) || hides(*it)) {
            panic!("U+{:04X} on line {line} of the output: {content:?}", u32::from(bad));
        }
    }
}

/// C0, DEL and C1.
fn drives(it: char) -> bool {
    matches!(it, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}')
}

/// Bidirectional controls, zero width, line separators, tags, interlinear marks, noncharacters.
fn hides(it: char) -> bool {
    matches!(it,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Takes out the colours that we write; any other escape stays and is judged.
pub(crate) fn without_color(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        let code = after.strip_prefix('[').and_then(|it| it.split_once('m'));
        let of_ours = |code: &str| code.len() <= 8 && code.chars().all(|it| it.is_ascii_digit() || it == ';');
        rest = code.filter(|(code, _)| of_ours(code)).map_or(after, |(_, behind)| behind);
        if rest.len() == after.len() {
            plain.push('\u{1b}');
        }
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> bool {
        std::panic::catch_unwind(|| harmless(text)).is_err()
    }

    #[test]
    fn what_drives_or_hides_is_refused() {
        assert!(!refused("FAILURE  é 仮 └─\n  ^^^ <U+001B>\n"));
        for bad in ["\u{1b}[2J", "\r", "\t", "\u{7}", "\u{9b}31m", "\u{202e}", "\u{200b}", "\u{feff}", "\u{e0041}"] {
            assert!(refused(&format!("one\ntwo {bad} three")), "{bad:?}");
        }
    }

    #[test]
    fn colours_are_not_refused_and_other_escapes_are() {
        assert_eq!(without_color("\u{1b}[1;31mFAILURE\u{1b}[0m x"), "FAILURE x");
        assert!(refused(&without_color("\u{1b}[2Jx")));
        assert!(refused(&without_color("\u{1b}]0;title\u{7}")));
        assert!(refused(&without_color("\u{1b}[31m\u{1b}")));
    }
}
