//! The JSON reports, held to the schema that the tool itself prints.

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;

use crate::harness::{assert_harmless, cases, esxray, input, on_cases};

/// A schema as `esxray schema NAME` prints it.
pub(crate) struct Judge {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Judge {
    pub(crate) fn of(names: &[&str]) -> Self {
        let schema = esxray([&["schema"], names].concat()).exits(0).json();
        let mut schemas = Schemas::new();
        let mut compiler = Compiler::new();
        compiler.enable_format_assertions();
        compiler.add_resource("schema.json", schema).unwrap();
        let index = compiler.compile("schema.json", &mut schemas).unwrap();
        Self { schemas, index }
    }

    #[track_caller]
    pub(crate) fn accepts(&self, value: &Value) {
        if let Err(error) = self.schemas.validate(value, self.index) {
            panic!("{error:#}");
        }
    }

    pub(crate) fn refuses(&self, value: &Value) -> bool {
        self.schemas.validate(value, self.index).is_err()
    }
}

#[test]
fn every_case_keeps_the_schema() {
    let judge = Judge::of(&["report"]);
    for case in cases() {
        for extra in [&[][..], &["--vm", "no-such-vm"], &["--since", "2030-01-01"]] {
            let mut run = on_cases([&[input(&case).as_str(), "--format", "json"], extra].concat());
            run.command.stdout(std::process::Stdio::piped());
            let ended = run.ends();
            judge.accepts(&ended.json());
            assert_harmless(&case, ended.bytes());
        }
    }
    assert!(judge.refuses(&serde_json::json!({ "schema_version": 1 })), "the schema takes anything");
}

#[test]
fn the_lines_of_a_source_add_up() {
    for case in cases() {
        let mut run = on_cases([&input(&case), "--format", "json"]);
        run.command.stdout(std::process::Stdio::piped());
        let report = run.ends().json();
        for row in report["coverage"].as_array().unwrap() {
            let of = |key: &str| row[key].as_u64().unwrap();
            let parts = of("records") + of("continuation_lines") + of("unparsed_lines") + of("blank_lines");
            assert_eq!(of("lines"), parts, "{row}");
            let source = row["source"].as_str().unwrap();
            assert!(source.starts_with(&format!("{case}/input/")), "named as given: {source}");
        }
    }
}

#[test]
fn a_citation_is_what_stands_there() {
    for case in cases() {
        let mut run = on_cases([&input(&case), "--format", "json"]);
        run.command.stdout(std::process::Stdio::piped());
        let report = run.ends().json();
        let findings = report["incidents"].as_array().unwrap().iter();
        let findings = findings.flat_map(|incident| incident["findings"].as_array().unwrap());
        for cited in findings.flat_map(|finding| finding["evidence"].as_array().unwrap()) {
            let source = cited["source"].as_str().unwrap();
            let bytes = std::fs::read(crate::harness::fixtures().join(source)).unwrap();
            if bytes.starts_with(&[0x1f, 0x8b]) {
                continue;
            }
            let offset = usize::try_from(cited["byte_offset"].as_u64().unwrap()).unwrap();
            let text = cited["text"].as_str().unwrap();
            let there = String::from_utf8_lossy(&bytes[offset..]);
            // Of a very long record a part is left out, and the place says so.
            let parts: Vec<&str> = text.split("\n[… ").collect();
            assert!(there.starts_with(parts[0]), "{source}:{}\n{text}", cited["line"]);
            for part in &parts[1..] {
                let (left_out, rest) = part.split_once("…]\n").unwrap();
                assert!(left_out.ends_with("left out "), "{left_out}");
                assert!(there.contains(rest), "{source}:{}\n{rest}", cited["line"]);
            }
            let before = bytes[..offset].split(|byte| *byte == b'\n').count();
            assert_eq!(cited["line"], before, "{source}");
        }
    }
}

#[test]
fn explanations_keep_their_schema() {
    let judge = Judge::of(&["explain"]);
    for query in ["rekey-disk-wrong-key", "reload-vmx", "keep-old-provider", "disklib-wrong-key"] {
        let ended = esxray(["explain", query, "--format", "json"]).exits(0);
        judge.accepts(&ended.json());
    }
}
