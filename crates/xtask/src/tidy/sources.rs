//! What must not stand in Rust code. The words are put together here, so that this file may be checked too.

use crate::{Complaint, Project};

struct Word {
    text: &'static str,
    /// Whether letters around it make it another word.
    whole: bool,
    instead: &'static str,
}

const WORDS: &[Word] = &[
    Word {
        text: concat!("TO", "DO"),
        whole: true,
        instead: concat!("do it, or write a FIX", "ME that names an issue"),
    },
    Word { text: concat!("to", "do!("), whole: false, instead: "write the code, or return an error" },
    Word { text: concat!("unimple", "mented!("), whole: false, instead: "write the code, or return an error" },
    Word {
        text: concat!("#[ign", "ore"),
        whole: false,
        instead: concat!("assert today's wrong answer, with a FIX", "ME that names an issue"),
    },
    Word { text: concat!("db", "g!("), whole: false, instead: "take it out" },
    Word {
        text: concat!("#[al", "low("),
        whole: false,
        instead: "use #[expect(lint, reason = \"…\")], which says when it is no longer needed",
    },
    Word {
        text: concat!("#![al", "low("),
        whole: false,
        instead: "use #![expect(lint, reason = \"…\")], which says when it is no longer needed",
    },
];

const LATER: &str = concat!("FIX", "ME");

pub(super) fn check(project: &Project) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for file in project.files.iter().filter(|file| file.is_a("rs")) {
        for (line, text) in file.lines() {
            for word in WORDS.iter().filter(|word| stands(&text, word.text, word.whole)) {
                complaints.push(Complaint::new(&file.path, line, format!("`{}`; {}", word.text, word.instead)));
            }
            if stands(&text, LATER, true) && !names_an_issue(&text) {
                let text = format!("`{LATER}` without an issue; write {LATER}(#12)");
                complaints.push(Complaint::new(&file.path, line, text));
            }
        }
    }
    complaints
}

fn stands(line: &str, word: &str, whole: bool) -> bool {
    let is_word = |it: char| it.is_alphanumeric() || it == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|it| it.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|it| it.chars().next());
        !before.is_some_and(is_word) && (!whole || !after.is_some_and(is_word))
    })
}

/// Whether a number of an issue stands on the line: `#12`.
fn names_an_issue(line: &str) -> bool {
    line.match_indices('#')
        .any(|(at, _)| line.get(at + 1..).is_some_and(|it| it.starts_with(|it: char| it.is_ascii_digit())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(line: &str) -> Vec<String> {
        let text = format!("fn main() {{}}\n{line}\n");
        check(&Project::of(&[("crates/x/src/a.rs", &text), ("notes.md", &text)]))
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn each_word_is_refused_with_its_line() {
        for word in WORDS {
            let said = said(&format!("    {}x)", word.text).replace(concat!("TO", "DOx"), concat!("TO", "DO x")));
            assert_eq!(said.len(), 1, "{}: {said:?}", word.text);
            assert!(said[0].starts_with("crates/x/src/a.rs:2: "), "{said:?}");
        }
    }

    #[test]
    fn what_only_looks_alike_is_let_pass() {
        for fine in [
            "let todos = 1;",
            "TODOS",
            "method_todo!(x)",
            "#[expect(lint, reason = \"x\")]",
            "// ignore it",
            "#[must_use]",
        ] {
            assert_eq!(said(fine), Vec::<String>::new(), "{fine}");
        }
    }

    #[test]
    fn a_promise_names_its_issue() {
        assert_eq!(said(&format!("// {LATER}: later")).len(), 1);
        assert_eq!(said(&format!("// {LATER}(#12): the second generation is read twice")), Vec::<String>::new());
    }
}
