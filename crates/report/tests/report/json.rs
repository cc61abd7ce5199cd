//! The JSON report against its schema and against the contract.

use crate::cases;
use boon::{Compiler, Schemas};
use esxray_diagnosis::Diagnosis;
use esxray_model::Lang;
use esxray_report::outputs::{json, records};
use serde_json::Value;

fn report(diagnosis: &Diagnosis) -> Value {
    serde_json::from_str(&json::json(diagnosis, Lang::En)).unwrap()
}

/// Whether the schema takes the value; the reason if not.
pub(crate) fn judged(schema: &str, value: &Value) -> Result<(), String> {
    let schema: Value = serde_json::from_str(schema).unwrap();
    let mut schemas = Schemas::new();
    let mut compiler = Compiler::new();
    compiler.enable_format_assertions();
    compiler.add_resource("schema.json", schema).unwrap();
    let index = compiler.compile("schema.json", &mut schemas).unwrap();
    schemas.validate(value, index).map_err(|error| format!("{error:#}"))
}

#[test]
fn every_report_keeps_the_schema() {
    for (name, case) in cases::all() {
        judged(&json::schema(), &report(&case)).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn the_schema_refuses_what_the_contract_does_not_allow() {
    let good = report(&cases::ha_reset());
    let with = |pointer: &str, value: Value| {
        let mut report = good.clone();
        *report.pointer_mut(pointer).unwrap() = value;
        judged(&json::schema(), &report)
    };
    assert!(with("/schema_version", 2.into()).is_err());
    assert!(with("/verdict", "healthy".into()).is_err());
    assert!(with("/incidents/0/started", "yesterday".into()).is_err());
    assert!(with("/incidents/0/rekey/scope", Value::Null).is_err());
    assert!(with("/incidents/0/remedies/0/steps/0/where", "cmd.exe".into()).is_err());
    assert!(with("/coverage/0/lines", (-1).into()).is_err());
    assert!(with("/incidents/0/vm", Value::Null).is_ok());
    for (holder, key) in [("", "excluded"), ("/incidents/0", "rekey"), ("/incidents/0/rekey", "failed_step")] {
        let mut report = good.clone();
        report.pointer_mut(holder).unwrap().as_object_mut().unwrap().remove(key);
        assert!(judged(&json::schema(), &report).is_err(), "{holder}/{key} may be missing");
    }
    let mut more = good.clone();
    more.as_object_mut().unwrap().insert("added_later".to_owned(), true.into());
    assert!(judged(&json::schema(), &more).is_ok());
}

/// The contract, written down a second time: names in the order in which they are printed.
#[test]
fn fields_are_those_of_the_contract_in_its_order() {
    let text = json::json(&cases::several(), Lang::En);
    let keys_of = |opening: &str, indent: usize| -> Vec<String> {
        let from = text.lines().position(|line| line.trim() == opening).unwrap_or_else(|| panic!("no {opening}"));
        let prefix = format!("{}\"", " ".repeat(indent));
        let inside = text.lines().skip(from + 1).take_while(|line| line.len() - line.trim_start().len() >= indent);
        let keys = inside.filter_map(|line| line.strip_prefix(&prefix)).filter_map(|line| line.split_once('"'));
        let mut keys: Vec<String> = keys.map(|(key, _)| key.to_owned()).collect();
        keys.dedup();
        keys
    };
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(
        keys_of("{", 2),
        words(
            "schema_version tool knowledge verdict incidents root_causes excluded not_evaluated unexplained coverage problems clocks"
        )
    );
    assert_eq!(keys_of("\"tool\": {", 4), words("name version"));
    assert_eq!(keys_of("\"knowledge\": {", 4), words("causes signatures remedies sha256 packs"));
    let value: Value = serde_json::from_str(&text).unwrap();
    let has = |pointer: &str, names: &str| {
        let object = value.pointer(pointer).and_then(Value::as_object).unwrap_or_else(|| panic!("no {pointer}"));
        let mut wanted = words(names);
        wanted.sort();
        assert_eq!(object.keys().cloned().collect::<Vec<_>>(), wanted, "{pointer}");
    };
    has(
        "/incidents/0",
        "id kind title recovered recovered_by vm host started ended rekey findings remedies withheld do_not",
    );
    has("/incidents/0/vm", "name vmid moref uuid instance_uuid vmx_path datastore");
    has("/incidents/0/host", "name product version build");
    has(
        "/incidents/0/rekey",
        "op_id task scope from_provider to_provider outcome failed_step steps objects started ended asked_by \
         interrupted_by refused_by attempts",
    );
    has("/incidents/0/rekey/steps/3", "step state basis time evidence");
    has(
        "/incidents/0/rekey/objects/3",
        "object path label device_key key_state key_id provider key_before key_asked key_after evidence",
    );
    has("/incidents/0/rekey/asked_by", "user client session");
    has("/incidents/0/rekey/interrupted_by", "by time evidence");
    has("/incidents/0/rekey/attempts/0", "op_id started ended outcome failed_step");
    has("/incidents/0/rekey/objects/3/key_before", "key_id provider");
    has(
        "/incidents/0/findings/0",
        "cause role grade severity title explanation captures explains count first_seen last_seen evidence \
         missing_evidence confirm sources",
    );
    has("/incidents/0/findings/0/evidence/0", "source line last_line byte_offset time text span meaning supports");
    has("/incidents/0/findings/1/missing_evidence/0", "what would");
    has(
        "/incidents/0/remedies/0",
        "id rank title why kind steps service_impact history reversible prechecks verify risks applies sources",
    );
    has("/incidents/0/remedies/0/steps/0", "where command complete note");
    has("/incidents/0/withheld/0", "id title because");
    has("/incidents/0/do_not/0", "id text reason");
    has("/excluded/0", "cause vm because covered_by");
    has("/not_evaluated/0", "cause needs");
    has("/unexplained/0", "template level count first_seen last_seen source line");
    has(
        "/coverage/1",
        "source format dialect product version build bytes lines records continuation_lines unparsed_lines \
         blank_lines first last gaps sha256 problems",
    );
    has("/coverage/1/gaps/0", "from to");
    has("/problems/0", "source problem lost_bytes incomplete");
}

#[test]
fn values_are_the_diagnosis_own() {
    let value = report(&cases::several());
    let at = |pointer: &str| value.pointer(pointer).unwrap_or_else(|| panic!("no {pointer}")).clone();
    assert_eq!(at("/incidents/0/rekey/objects/0/object"), "vm-home");
    assert_eq!(at("/incidents/0/rekey/objects/2/key_state"), "unknown");
    assert_eq!(at("/incidents/0/rekey/steps/4/state"), "not-reached");
    assert_eq!(at("/incidents/0/findings/0/evidence/0/source"), "esx01.tgz!var/run/log/fdm.log");
    assert_eq!(at("/incidents/0/recovered"), false);
    assert_eq!(at("/incidents/3/recovered"), true);
    assert_eq!(at("/incidents/3/recovered_by/line"), 918);
    assert_eq!(at("/incidents/3/rekey"), Value::Null);
    assert_eq!(at("/incidents/1/rekey/scope"), "unknown");
    assert_eq!(at("/problems/1/lost_bytes"), 10_240);
    assert_eq!(at("/coverage/1/gaps/0/from"), "2023-03-10T14:00:00.000Z");
}

#[test]
fn hostile_text_comes_back_whole_and_does_not_reach_the_terminal() {
    let case = cases::hostile();
    let text = json::json(&case, Lang::En);
    assert!(!text.chars().any(|c| c != '\n' && (c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c))));
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["incidents"][0]["title"], case.incidents[0].title.en());
    assert_eq!(
        value["incidents"][0]["findings"][0]["evidence"][0]["text"],
        case.incidents[0].findings[0].evidence[0].text
    );
    assert_eq!(value["unexplained"][1]["template"], case.unexplained[1].template);
}

#[test]
fn as_a_script_sees_it() {
    insta::assert_snapshot!("provider-not-found@json", json::json(&cases::provider_not_found(), Lang::En));
    insta::assert_snapshot!("schema@report", json::schema());
    insta::assert_snapshot!("schema@record", records::schema());
}

#[test]
fn a_record_is_one_line_that_keeps_its_schema() {
    let record = records::RecordLine {
        source: "a\u{1b}.log",
        message: "one\ntwo\u{9b}".into(),
        level: Some("info"),
        continuation: vec!["\u{2028}".into()],
        fields: [("sub".into(), "Libs".into())].into(),
        raw_hex: Some("ff00".to_owned()),
        ..records::RecordLine::default()
    };
    let mut line = Vec::new();
    records::add_jsonl(&mut line, &record);
    let line = String::from_utf8(line).unwrap();
    assert_eq!(line.lines().count(), 1);
    assert!(line.is_ascii(), "{line}");
    let value: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(value["message"], "one\ntwo\u{9b}");
    assert_eq!(value["component"], Value::Null);
    judged(&records::schema(), &value).unwrap();
}
