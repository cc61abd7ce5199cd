//! What the user and the script see of every case. Read a change line by line, as you would read code.
//!
//! A snapshot that contradicts the `README.md` of its case is wrong until the README is shown to be wrong.

use std::process::Stdio;

use crate::harness::{cases, input, on_cases};

fn answer(case: &str, flags: &[&str]) -> String {
    let mut run = on_cases([&[input(case).as_str()], flags].concat());
    run.command.stdout(Stdio::piped());
    run.ends().text()
}

/// Leaves out what changes whenever anything is added to the knowledge base.
fn without_knowledge(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match line {
            "  \"knowledge\": {" => {
                lines.push("  \"knowledge\": <…>,");
                inside = true;
            }
            "  }," if inside => inside = false,
            _ if inside => {}
            _ if line.starts_with("  judged with ") => lines.push("  judged with <…>"),
            _ => lines.push(line),
        }
    }
    lines.join("\n")
}

#[test]
fn every_case_as_text() {
    for case in cases() {
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("{case}@80"), without_knowledge(&answer(&case, &["--width", "80"])));
        });
    }
}

#[test]
fn every_case_as_json() {
    for case in cases() {
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("{case}@json"), without_knowledge(&answer(&case, &["--format", "json"])));
        });
    }
}
