//! The pages of the knowledge base, on a pack of our own so that they do not change with the built-in base.

use esxray_knowledge::decode::{EventId, decode};
use esxray_knowledge::{Entry, Knowledge, Pack, PackFile};
use esxray_model::Lang;
use esxray_report::{TextOptions, Verbosity, explain};
use serde_json::Value;

use crate::json::judged;
use crate::properties::columns;

const CAUSE: &str = r#"
title       = "The demo lamp {provider} went out"
aliases     = ["demo-lamp-dark"]
category    = "demo"
kind        = "other"
severity    = "error"
about       = "host"
explanation = """
The lamp shows that the demo runs.
It went out."""
basis       = "documented"
affected    = "demo 1 and later"
explains    = []
confirm     = ["Look at the lamp"]
remedies    = ["demo-risk-lamp", "demo-change-lamp", "demo-look-at-lamp"]
do_not      = ["demo-no-dark"]
see_also    = ["demo-lamp"]
sources     = ["https://example.com/lamp"]

[[when]]
event = ["demo-lamp-out"]
count = 2
decisive = true
what = "the lamp said that it goes out"

[[unless]]
event = ["demo-lamp-out"]
within = 60
what = "it said so in time"

[[recovered]]
fact = "rekey-completed-later"
what = "something ended well"

[[needs]]
logs  = ["hostd"]
what  = "hostd.log of the host"
would = "confirm or exclude it"
"#;

const SIGNATURE: &str = r#"
emits   = "demo-lamp-out"
title   = "The demo lamp went out"
logs    = ["hostd"]
anchors = ["demo lamp went out"]
regex   = "demo lamp went out: '(?<provider>[^']*)'"
tone    = "failure"
basis   = "verbatim"
sources = ["https://example.com/lamp"]

[fields]
provider = "provider"

[[sample]]
text = "demo lamp went out: 'LAMP-1'"
fields = { provider = "LAMP-1" }

[[sample]]
text = "demo lamp went out: 'LAMP 2' after a while"
fields = { provider = "LAMP 2" }

[[sample]]
text = "demo lamp went out: ''"
fields = { provider = "" }

[[not]]
text = "Guest: demo lamp went out: 'LAMP-1'"
why  = "the guest writes what it likes"

[[not]]
text = "demo lamp went out"
why  = "no lamp is named"

[[not]]
text = "the demo lamp went outside: 'LAMP-1'"
why  = "a near miss"
"#;

const LOOK: &str = r#"
title          = "Look at the lamp"
why            = "It only reads."
kind           = "check"
service_impact = "none"
history        = "not-concerned"
reversible     = true
order          = 10
applies        = "Always."
prechecks      = []
verify         = ["you know"]
risks          = ["none"]
basis          = "documented"
sources        = ["https://example.com/lamp"]

[[step]]
where   = "esxi-shell"
command = "lamp show {provider}"
note    = "prints on or off"
"#;

const CHANGE: &str = r#"
title          = "Change the lamp"
why            = "A new lamp burns longer."
kind           = "fix"
service_impact = "outage"
history        = "lost"
reversible     = false
order          = 5
forbidden      = ["provider-unavailable"]
applies        = "demo 1"
prechecks      = ["there is a new lamp"]
verify         = ["it burns"]
risks          = ["it breaks"]
basis          = "documented"
sources        = ["https://example.com/lamp"]

[[step]]
where   = "vsphere-client"
command = "Host > Lamp > Change"

[[step]]
where   = "powercli"
command = "Set-Lamp -Name {provider}"
"#;

const RISK: &str = r#"
title          = "Kick the lamp"
why            = "It sometimes helps."
kind           = "workaround"
service_impact = "none"
history        = "not-concerned"
reversible     = true
data_loss      = true
order          = 1
forbidden      = ["provider-unavailable"]
applies        = "demo 1"
prechecks      = ["nobody looks"]
verify         = ["it burns"]
risks          = ["it breaks"]
basis          = "documented"
sources        = ["https://example.com/lamp"]

[[step]]
where   = "vsphere-client"
command = "Host > Lamp > Kick"
"#;

const NO_DARK: &str =
    "text = \"Do not work in the dark\"\nreason = \"One falls.\"\nsources = [\"https://example.com\"]\n";

fn knowledge() -> Knowledge {
    let files = [
        ("causes/demo/demo-lamp.toml", CAUSE),
        ("signatures/demo/demo-lamp-out.toml", SIGNATURE),
        ("remedies/demo-look-at-lamp.toml", LOOK),
        ("remedies/demo-change-lamp.toml", CHANGE),
        ("remedies/demo-risk-lamp.toml", RISK),
        ("prohibitions/demo-no-dark.toml", NO_DARK),
    ];
    let files = files.map(|(path, text)| PackFile { path: path.to_owned(), text: text.to_owned() });
    Knowledge::load(&[Pack { name: "demo".to_owned(), files: files.to_vec() }])
        .unwrap_or_else(|error| panic!("{error}"))
}

fn all(knowledge: &Knowledge) -> Vec<Entry<'_>> {
    let causes = knowledge.causes.iter().map(Entry::Cause);
    causes
        .chain(knowledge.remedies.iter().map(Entry::Remedy))
        .chain(knowledge.prohibitions.iter().map(Entry::Prohibition))
        .chain(knowledge.signatures.iter().map(Entry::Signature))
        .collect()
}

#[test]
fn as_the_user_sees_it() {
    let knowledge = knowledge();
    let options = TextOptions::default();
    for id in ["demo-lamp", "demo-change-lamp", "demo-look-at-lamp", "demo-no-dark", "demo-lamp-out"] {
        insta::assert_snapshot!(id, explain::text(&knowledge, &knowledge.find(id), &options));
    }
    let message = "demo lamp went out: 'LAMP\u{1b}[31m'";
    let found: Vec<_> = knowledge.claims(None, None, message.as_bytes()).collect();
    insta::assert_snapshot!("recognised", explain::recognised(&knowledge, message, true, &found, &options));
}

#[test]
fn as_a_script_sees_it() {
    let knowledge = knowledge();
    let ids = ["demo-lamp", "demo-change-lamp", "demo-no-dark", "demo-lamp-out"];
    let entries: Vec<Entry<'_>> = ids.iter().flat_map(|id| knowledge.find(id)).collect();
    let json = explain::json(&knowledge, &entries, &[], &[], Lang::En).replace(&knowledge.sha256, "<sha256>");
    insta::assert_snapshot!("pages@json", json);
}

#[test]
fn what_costs_least_comes_first() {
    let knowledge = knowledge();
    let text = explain::text(&knowledge, &knowledge.find("demo-lamp"), &TextOptions::default());
    let at = |id: &str| text.find(id).unwrap_or_else(|| panic!("no {id} in\n{text}"));
    // What can lose data stands last, though it costs neither history nor service.
    assert!(at("demo-look-at-lamp") < at("demo-change-lamp"), "{text}");
    assert!(at("demo-change-lamp") < at("demo-risk-lamp"), "{text}");
}

#[test]
fn every_page_of_the_built_in_base_fits_and_keeps_the_schema() {
    let knowledge = Knowledge::builtin().unwrap();
    for entry in all(&knowledge) {
        for (width, verbosity) in [(60, Verbosity::Normal), (80, Verbosity::Verbose)] {
            let options = TextOptions { width, verbosity, ..TextOptions::default() };
            let text = explain::text(&knowledge, &[entry], &options);
            assert!(text.contains(entry.id()), "{text}");
            let commands = text.lines().filter(|line| columns(line) > width);
            let Entry::Remedy(remedy) = entry else {
                assert_eq!(commands.collect::<Vec<_>>(), [""; 0], "{}", entry.id());
                continue;
            };
            // Only a command may be wider than the page.
            let steps: Vec<String> =
                remedy.steps.iter().map(|step| step.command.to_string().replace(['{', '}', '<', '>'], "")).collect();
            for line in commands {
                assert!(steps.contains(&line.trim().replace(['{', '}', '<', '>'], "")), "{line}");
            }
        }
    }
    let codes = decode("H:0x2 (vim.fault.NoPermission) { privilegeId = \"Cryptographer.Access\" }");
    let events: Vec<EventId> = EventId::all().step_by(90).collect();
    let json = explain::json(&knowledge, &all(&knowledge), &codes, &events, Lang::En);
    let value: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["pages"].as_array().unwrap().len(), all(&knowledge).len());
    judged(&explain::schema(), &value).unwrap();
}

#[test]
fn an_event_names_what_recognises_it() {
    let knowledge = Knowledge::builtin().unwrap();
    let event = EventId::find("kms.crypto.Unreachable").unwrap();
    let text = explain::events(&knowledge, &[event], &TextOptions::default());
    for wanted in [
        "event · com.vmware.vc.kms.crypto.Unreachable · error",
        "Key Management Server is unreachable",
        "kms-unreachable",
        "judged by its words",
    ] {
        assert!(text.contains(wanted), "no {wanted} in\n{text}");
    }
    let event = EventId::find("esx.audit.dcui.enabled").unwrap();
    let text = explain::events(&knowledge, &[event], &TextOptions { width: 60, ..TextOptions::default() });
    assert!(text.contains("No signature recognises it."), "{text}");
    assert!(text.lines().all(|line| columns(line) <= 60), "{text}");
}
