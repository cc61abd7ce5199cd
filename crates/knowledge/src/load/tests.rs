//! Every way to be refused: what stands in the file, and the message that comes out.
//!
//! The cases start from a small pack that is right, and change one thing in it.

use super::{Kind, Layer, Place, load, place_of};
use crate::error::Error;
use crate::knowledge::Knowledge;
use crate::pack::limits;

const SIGNATURE: &str = r#"emits   = "disk-lost"
title   = "a disk is gone"
logs    = ["hostd"]
component = ["Vim*svc"]
anchors = ["the disk is gone"]
regex   = 'disk (?<disk>\S+): the disk is gone'
tone    = "failure"
basis   = "documented"
sources = ["KB 1"]

[fields]
disk = "disk-path"

[[sample]]
text   = "disk a.vmdk: the disk is gone"
fields = { disk = "a.vmdk" }

[[not]]
text = "user: the disk is gone"
why  = "somebody says so"
"#;

const CAUSE: &str = r#"title       = "{disk} is gone"
aliases     = ["gone-disk"]
category    = "disk"
kind        = "disk"
severity    = "error"
about       = "vm"
explanation = "Somebody took the disk."
basis       = "documented"
affected    = "all releases"
explains    = ["disk-slow"]
confirm     = ["look for it"]
remedies    = ["find-disk"]
do_not      = ["no-format"]
see_also    = ["disk-slow"]
sources     = ["KB 1"]

[[when]]
event = ["disk-lost"]
what  = "the disk is gone"

[[recovered]]
event    = ["disk-lost"]
same     = "disk"
within   = 60
distinct = "disk"
count    = 2
what     = "it is there again"

[[unless]]
fact = "linked-clone"
what = "the disk is in another folder"

[[needs]]
logs  = ["hostd"]
what  = "hostd.log"
would = "confirm it"
"#;

const OTHER_CAUSE: &str = r#"title       = "the disk is slow"
category    = "disk"
kind        = "disk"
severity    = "warning"
about       = "vm"
explanation = "It is slow."
basis       = "from-memory"
affected    = "all releases"
not_in_logs = "no log shows it"
confirm     = []
remedies    = []
sources     = ["KB 2"]
"#;

const REMEDY: &str = r#"title          = "find the disk"
why            = "it may lie elsewhere"
kind           = "fix"
service_impact = "outage"
history        = "kept"
reversible     = true
order          = 1
forbidden      = ["rekey-window"]
applies        = "always"
prechecks      = ["there is a backup"]
verify         = []
risks          = []
basis          = "documented"
sources        = ["KB 1"]

[[step]]
where   = "esxi-shell"
command = "find /vmfs/volumes -name {disk}"
"#;

const PROHIBITION: &str = r#"text     = "do not format the datastore"
reason   = "the disk may be on it"
requires = ["vm-powered-on"]
sources  = ["KB 1"]
"#;

const FILES: [(&str, &str); 5] = [
    ("signatures/disk/disk-lost-hostd.toml", SIGNATURE),
    ("causes/disk/disk-gone.toml", CAUSE),
    ("causes/disk/disk-slow.toml", OTHER_CAUSE),
    ("remedies/find-disk.toml", REMEDY),
    ("prohibitions/no-format.toml", PROHIBITION),
];

fn load_files(files: &[(&str, &str)]) -> Result<Knowledge, Error> {
    load(&[Layer { name: "p", proved: false, files: files.to_vec() }])
}

fn problems(result: Result<Knowledge, Error>) -> String {
    match result {
        Ok(_) => String::new(),
        Err(Error::Invalid { problems }) => problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
        Err(other) => other.to_string(),
    }
}

/// Loads the pack with `from` replaced by `to` in the file whose path ends with `file`.
fn changed(file: &str, from: &str, to: &str) -> Result<Knowledge, Error> {
    let mut files: Vec<(&str, String)> = FILES.iter().map(|(path, text)| (*path, (*text).to_owned())).collect();
    let (_, text) = files.iter_mut().find(|(path, _)| path.ends_with(file)).expect("the file is in the pack");
    assert!(text.contains(from), "{file} does not hold {from:?}");
    *text = text.replacen(from, to, 1);
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    load_files(&files)
}

#[track_caller]
fn refused(file: &str, from: &str, to: &str, expected: &str) {
    assert_eq!(problems(changed(file, from, to)), expected);
}

/// As `refused`, where other files then miss what was changed.
#[track_caller]
fn refused_among(file: &str, from: &str, to: &str, expected: &str) {
    let found = problems(changed(file, from, to));
    assert!(found.contains(expected), "{found}");
}

#[track_caller]
fn signature_refused(from: &str, to: &str, expected: &str) {
    refused("lost-hostd.toml", from, to, &format!("p/signatures/disk/disk-lost-hostd.toml:{expected}"));
}

#[track_caller]
fn cause_refused(from: &str, to: &str, expected: &str) {
    refused("disk-gone.toml", from, to, &format!("p/causes/disk/disk-gone.toml:{expected}"));
}

#[track_caller]
fn remedy_refused(from: &str, to: &str, expected: &str) {
    refused("find-disk.toml", from, to, &format!("p/remedies/find-disk.toml:{expected}"));
}

#[test]
fn the_pack_of_the_cases_is_right() {
    let knowledge = load_files(&FILES).unwrap();
    assert_eq!(knowledge.self_test(), []);
    assert_eq!(knowledge.check_deep(), []);
    assert_eq!(knowledge.warnings, []);
    let signature = knowledge.signature("disk-lost-hostd").unwrap();
    assert_eq!((signature.area.as_str(), signature.event.as_str()), ("disk", "disk-lost"));
    assert_eq!(knowledge.cause("gone-disk").unwrap().id, "disk-gone");
    assert_eq!(knowledge.remedy("find-disk").unwrap().costs().unwrap(), "stops the VM");
}

#[test]
fn toml_that_is_no_toml() {
    signature_refused("tone    =", "tone", "7: key with no value, expected `=`");
}

#[test]
fn unknown_keys() {
    let message =
        "1: unknown field `titel`, expected one of `text`, `text_fr`, `reason`, `reason_fr`, `requires`, `sources`";
    refused("no-format.toml", "text ", "titel ", &format!("p/prohibitions/no-format.toml:{message}"));
    cause_refused(
        "what  = \"hostd",
        "wath = \"hostd",
        "35: unknown field `wath`, expected one of `logs`, `what`, `what_fr`, `would`, `would_fr`",
    );
    signature_refused(
        "why  =",
        "because =",
        "20: unknown field `because`, expected one of `text`, `log`, `component`, `why`",
    );
}

#[test]
fn missing_keys() {
    refused("no-format.toml", "reason ", "#", "p/prohibitions/no-format.toml:1: missing field `reason`");
    signature_refused("why  =", "#", "18: missing field `why`");
}

#[test]
fn values_of_the_wrong_type() {
    cause_refused(
        "title       = \"{disk} is gone\"",
        "title = 1e3",
        "1: invalid type: floating point `1000.0`, expected a string",
    );
    remedy_refused("order          = 1", "order = -1", "7: invalid value: integer `-1`, expected u32");
    remedy_refused("reversible     = true", "reversible = 'no'", "6: invalid type: string \"no\", expected a boolean");
}

#[test]
fn words_that_are_in_no_list() {
    let quoted = |words: &mut dyn Iterator<Item = &'static str>| {
        words.map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ")
    };
    let logs = quoted(&mut crate::read::logs().into_iter().map(esxray_model::FormatName::as_str));
    let kinds = quoted(&mut crate::FieldKind::ALL.iter().map(|it| it.as_str()));
    signature_refused(
        "logs    = [\"hostd\"]",
        "logs = ['fdm', 'hostdd']",
        &format!("3: unknown log format `hostdd`: wanted {logs}; did you mean `hostd`?"),
    );
    signature_refused(
        "\"disk-path\"",
        "\"diskpath\"",
        &format!("12: unknown variant `diskpath`, expected one of {kinds}"),
    );
    cause_refused(
        "severity    = \"error\"",
        "severity = 'errror'",
        "5: unknown severity `errror`: wanted `info`, `warning`, `error`, `critical`; did you mean `error`?",
    );
    cause_refused(
        "kind        = \"disk\"",
        "kind = 'network'",
        "4: unknown kind of incident `network`: wanted `rekey`, `vm-locked`, `power-on`, `disk`, `storage`, `host`, `ha`, `forensic`, `other`",
    );
    let facts = format!("wanted {}", quoted(&mut esxray_model::Fact::ALL.iter().map(|it| it.as_str())));
    cause_refused(
        "fact = \"linked-clone\"",
        "fact = 'linked-clones'",
        &format!("30: unknown fact `linked-clones`: {facts}; did you mean `linked-clone`?"),
    );
    remedy_refused("\"rekey-window\"", "\"monday\"", &format!("8: unknown fact `monday`: {facts}"));
    cause_refused(
        "logs  = [\"hostd\"]",
        "logs = ['snippet']",
        &format!("34: unknown log format `snippet`: wanted {logs}"),
    );
}

#[test]
fn a_regex_that_is_wrong() {
    signature_refused(
        ": the",
        ": (?=the)",
        "6: the regex is wrong: look-around, including look-ahead and look-behind, is not supported",
    );
    signature_refused(": the", r": \1the", "6: the regex is wrong: backreferences are not supported");
    signature_refused(": the", ": )|(?:the", "6: the regex is wrong: unopened group");
}

#[test]
fn a_regex_that_is_too_large_or_too_deep() {
    signature_refused(
        r"\S+",
        r"\S+(?:\w{1000}){1000}",
        "6: the regex compiles to more than 262144 bytes, so it can be slow: write `[^\\n]*` instead of long repetitions such as `.{0,1000}`",
    );
    // No engine needs more for it, but one that tries every count at every byte is slow on a record of megabytes.
    signature_refused(
        r"\S+",
        r"\S+(?:.{0,1000}x){0,40}",
        "6: the regex compiles to more than 262144 bytes, so it can be slow: write `[^\\n]*` instead of long repetitions such as `.{0,1000}`",
    );
    let deep = format!("disk (?<disk>x){}", "(?:".repeat(200) + &")".repeat(200));
    signature_refused(
        r"disk (?<disk>\S+)",
        &deep,
        "6: the regex is wrong: exceed the maximum number of nested parentheses/brackets (50)",
    );
}

#[test]
fn a_regex_that_matches_everything() {
    signature_refused(
        r"disk (?<disk>\S+): the disk is gone",
        "(?<disk>x)?",
        "6: the regex matches the empty text, so every record would match",
    );
    signature_refused(
        r"'disk (?<disk>\S+): the disk is gone'",
        "''",
        "6: `regex` is empty\np/signatures/disk/disk-lost-hostd.toml:6: `[fields]` names `disk`, but the regex has no such group",
    );
}

#[test]
fn groups_and_fields_that_differ() {
    refused_among(
        "lost-hostd.toml",
        "disk = \"disk-path\"",
        "",
        "p/signatures/disk/disk-lost-hostd.toml:6: the regex captures `disk`, but `[fields]` does not say what it means\n\
         p/signatures/disk/disk-lost-hostd.toml:16: the sample expects `disk`, which `[fields]` does not name",
    );
    signature_refused(
        "disk = \"disk-path\"",
        "disk = \"disk-path\"\nvm = \"vm-name\"",
        "6: `[fields]` names `vm`, but the regex has no such group",
    );
    signature_refused(
        "{ disk =",
        "{ dsk =",
        "16: the sample expects `dsk`, which `[fields]` does not name; did you mean `disk`?",
    );
}

#[test]
fn anchors_that_find_nothing_or_everything() {
    signature_refused(
        "[\"the disk is gone\"]",
        "[]",
        "5: `anchors` is empty\np/signatures/disk/disk-lost-hostd.toml:15: no anchor stands in this sample, so its record would never be found",
    );
    signature_refused(
        "[\"the disk is gone\"]",
        "['the disk is gone', 'disk ']",
        "5: anchor `disk ` has 5 bytes: wanted at least 6",
    );
    signature_refused(
        "[\"the disk is gone\"]",
        "['the disk is gone', \"disk\\n is\"]",
        "5: anchor `disk<U+000A> is` holds a line break, so it stands in no line",
    );
    signature_refused(
        "[\"the disk is gone\"]",
        "['The Disk is gone']",
        "15: no anchor stands in this sample, so its record would never be found",
    );
    assert!(changed("lost-hostd.toml", "[\"the disk is gone\"]", "['The Disk is gone']\nignore_case = true").is_ok());
    signature_refused(
        "[\"the disk is gone\"]",
        &format!("[{}]", "'the disk',".repeat(17)),
        "5: `anchors` has 17 entries; at most 16 are read",
    );
}

#[test]
fn samples_that_say_nothing() {
    let two = "text = \"user: the disk is gone\"\nwhy  = \"somebody says so\"\n";
    signature_refused(two, "text = 'user'\nwhy = ' '\n", "20: `not.0.why` is empty");
    signature_refused(&format!("[[not]]\n{two}"), "", "1: missing field `not`");
    signature_refused(
        "fields = {",
        "log = 'fdm'\nfields = {",
        "16: the sample is of `fdm`, which is none of the signature's `logs`",
    );
}

#[test]
fn sources_that_are_missing() {
    signature_refused("[\"KB 1\"]", "[]", "9: `sources` is empty");
    remedy_refused("[\"KB 1\"]", "[' ']", "14: `sources.0` is empty");
}

#[test]
fn texts_that_are_empty_or_too_long() {
    cause_refused("\"Somebody took the disk.\"", "''", "7: `explanation` is empty");
    cause_refused("\"{disk} is gone\"", "\"a\\nb\"", "1: `title` has more than one line");
}

#[test]
fn characters_that_drive_a_terminal() {
    signature_refused("a disk is gone", r"\e]0;x\u0007", "2: a text holds the character U+001B, which cannot be seen");
    cause_refused(
        "Somebody took",
        "Somebody \u{202e}took",
        "7: a text holds the character U+202E, which cannot be seen",
    );
    signature_refused(
        "a.vmdk: the disk is gone\"",
        r#"a\u009b.vmdk: the disk is gone""#,
        "15: a text holds the character U+009B, which cannot be seen",
    );
    remedy_refused("-name", "\\t-name", "18: a text holds the character U+0009, which cannot be seen");
}

#[test]
fn a_condition_with_no_subject_or_two() {
    cause_refused(
        "event = [\"disk-lost\"]\nwhat  =",
        "what =",
        "17: a condition needs either `event` or `fact`: this one has neither\np/causes/disk/disk-gone.toml:22: `same` compares with the event of the first `when` condition, which names none\np/causes/disk/disk-gone.toml:22: no signature of these events captures `disk`\np/causes/disk/disk-gone.toml:23: `within` compares with the event of the first `when` condition, which names none",
    );
    cause_refused(
        "event = [\"disk-lost\"]\nwhat  =",
        "event = ['disk-lost']\nfact = 'ide-disk'\nwhat =",
        "17: a condition needs either `event` or `fact`: this one has both",
    );
}

#[test]
fn a_remedy_that_does_not_help() {
    let with = |id: &str| format!("remedies    = [\"find-disk\"]\nunhelpful = {{ \"{id}\" = \"it is elsewhere\" }}");
    let from = "remedies    = [\"find-disk\"]";
    cause_refused(from, &with("find-disc"), "13: there is no remedy `find-disc`; did you mean `find-disk`?");
    cause_refused(from, &with("find-disk"), "13: `find-disk` is among `remedies` too");
}

#[test]
fn a_fix_that_is_to_save_evidence() {
    remedy_refused(
        "forbidden      = ",
        "saves_evidence = true\nforbidden = ",
        "8: a remedy that saves evidence comes before anything that costs something, so its kind is `check`",
    );
}

#[test]
fn a_condition_with_keys_that_do_not_fit() {
    cause_refused("count    = 2", "count = 0", "26: `count` is 0: wanted 1 or more, or the condition under `unless`");
    cause_refused(
        "fact = \"linked-clone\"",
        "fact = 'linked-clone'\ncount = 2",
        "31: `count` speaks of an event, but this condition names a fact",
    );
    cause_refused(
        "same     = \"disk\"",
        "same = 'dick'",
        "23: no signature of these events captures `dick`; did you mean `disk`?",
    );
    cause_refused("distinct = \"disk\"", "distinct = 'host'", "25: no signature of these events captures `host`");
    cause_refused("distinct = \"disk\"", "where = { host = 'a*' }", "25: no signature of these events captures `host`");
    cause_refused("distinct = \"disk\"", "where = { disk = [] }", "25: `recovered.0.where.disk` is empty");
    cause_refused(
        "distinct = \"disk\"",
        "where = { disk = ['a', '9..1'] }",
        "25: `9..1` is no range: wanted two whole numbers around `..`, the smaller one first, or one of them",
    );
    cause_refused(
        "fact = \"linked-clone\"",
        "fact = \"linked-clone\"\nwhere = { disk = 'a' }",
        "31: `where` speaks of an event, but this condition names a fact",
    );
    cause_refused(
        "distinct = \"disk\"",
        "decisive = true\nweak = true",
        "26: a condition that is `decisive` cannot be `weak`",
    );
    cause_refused(
        "\"{disk} is gone\"",
        "'{dsk} is gone'",
        "1: no signature of these events captures `dsk`; did you mean `disk`?",
    );
}

#[test]
fn events_and_ids_that_do_not_exist() {
    cause_refused(
        "event = [\"disk-lost\"]",
        "event = ['disk-lost', 'disk-last']",
        "18: no signature emits the event `disk-last`; did you mean `disk-lost`?",
    );
    cause_refused(
        "remedies    = [\"find-disk\"]",
        "remedies = ['find-disks']",
        "12: there is no remedy `find-disks`; did you mean `find-disk`?",
    );
    cause_refused("do_not      = [\"no-format\"]", "do_not = ['x']", "13: there is no prohibition `x`");
    cause_refused(
        "explains    = [\"disk-slow\"]",
        "explains = ['disk-slow', 'network']",
        "10: there is no cause `network`",
    );
    refused(
        "disk-slow.toml",
        "remedies    =",
        "explains = ['gone-disk']\nremedies =",
        "p/causes/disk/disk-slow.toml:11: there is no cause `gone-disk`; did you mean `disk-gone`?",
    );
}

#[test]
fn see_also_may_name_what_is_not_there_yet() {
    let knowledge =
        changed("disk-gone.toml", "see_also    = [\"disk-slow\"]", "see_also = ['disk-slow', 'disk-full']").unwrap();
    let warnings: Vec<String> = knowledge.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(warnings, ["p/causes/disk/disk-gone.toml:14: there is no cause `disk-full`"]);
}

#[test]
fn a_text_in_french_says_as_much_as_the_english_one() {
    let title = "title       = \"{disk} is gone\"";
    cause_refused(
        title,
        &format!("{title}\ntitle_fr = \"le disque a disparu\""),
        "2: `title_fr` names nothing in braces, but what it translates names `disk`",
    );
    cause_refused(
        title,
        &format!("{title}\ntitle_fr = \" \""),
        "2: `title_fr` is empty\np/causes/disk/disk-gone.toml:2: `title_fr` names nothing in braces, but what it translates names `disk`",
    );
    let confirm = "confirm     = [\"look for it\"]";
    cause_refused(
        confirm,
        &format!("{confirm}\nconfirm_fr = ['le chercher', 'encore']"),
        "12: `confirm_fr` has 2 entries, but what it translates has 1",
    );
    remedy_refused(
        "applies        =",
        "applies_en =",
        "9: unknown field `applies_en`, expected one of `title`, `title_fr`, `why`, `why_fr`, `kind`, `service_impact`, `history`, `reversible`, `data_loss`, `order`, `requires`, `forbidden`, `later_when`, `saves_evidence`, `applies`, `applies_fr`, `release`, `step`, `prechecks`, `prechecks_fr`, `verify`, `verify_fr`, `risks`, `risks_fr`, `basis`, `sources`",
    );
    remedy_refused(
        "where   =",
        "note_fr = \"seul\"\nwhere =",
        "17: `step.0.note_fr` translates a text that is not there",
    );
    let unhelpful = "\n[unhelpful_fr]\n\"find-disk\" = \"il est parti\"\n\n[[when]]\n";
    cause_refused("\n[[when]]\n", unhelpful, "18: `unhelpful_fr.find-disk` translates a text that is not there");
}

#[test]
fn a_text_without_a_french_one_is_shown_in_english_and_remarked_on() {
    let knowledge = load_files(&FILES).unwrap();
    let remarks: Vec<String> = knowledge.untranslated.iter().map(ToString::to_string).collect();
    assert_eq!(
        remarks,
        [
            "p/causes/disk/disk-gone.toml:1: `title_fr` is missing, and 8 more: French reports show the English text",
            "p/causes/disk/disk-slow.toml:1: `title_fr` is missing, and 3 more: French reports show the English text",
            "p/prohibitions/no-format.toml:1: `text_fr` is missing, and 1 more: French reports show the English text",
            "p/remedies/find-disk.toml:1: `title_fr` is missing, and 3 more: French reports show the English text",
            "p/signatures/disk/disk-lost-hostd.toml:1: `title_fr` is missing: French reports show the English text",
        ]
    );
    assert_eq!(knowledge.cause("disk-gone").unwrap().title.fr(), "{disk} is gone");
    let title = "title       = \"{disk} is gone\"";
    let translated = changed("disk-gone.toml", title, &format!("{title}\ntitle_fr = \"{{disk}} a disparu\"")).unwrap();
    assert_eq!(translated.cause("disk-gone").unwrap().title.fr(), "{disk} a disparu");
    assert!(translated.untranslated[0].to_string().contains("`explanation_fr` is missing, and 7 more"));
}

#[test]
fn what_no_cause_names_is_doubtful() {
    let warnings = |from: &str, to: &str| -> Vec<String> {
        changed("disk-gone.toml", from, to).unwrap().warnings.iter().map(ToString::to_string).collect()
    };
    assert_eq!(
        warnings("remedies    = [\"find-disk\"]", "remedies = []"),
        [
            "p/remedies/find-disk.toml:1: no cause names this remedy, so no report will ever show it: name it in the `remedies` of a cause, or take the file out"
        ]
    );
    assert_eq!(
        warnings("do_not      = [\"no-format\"]", "do_not = []"),
        [
            "p/prohibitions/no-format.toml:1: no cause names this prohibition, so no report will ever show it: name it in the `do_not` of a cause, or take the file out"
        ]
    );
}

#[test]
fn releases_that_are_none_or_leave_none() {
    let affected = "affected    = \"all releases\"";
    let with = |more: &str| format!("{affected}\n{more}");
    let cause = changed("disk-gone.toml", affected, &with("since = '7.0 U2'\nbefore = '8.0.1'")).unwrap();
    let cause = cause.cause("disk-gone").unwrap();
    assert_eq!(cause.since.unwrap().to_string(), "7.0 U2");
    assert_eq!(cause.before.unwrap().to_string(), "8.0 U1");
    cause_refused(
        affected,
        &with("since = '7.0 and later'"),
        "10: `7.0 and later` is not a release: wanted a form such as `8.0`, `8.0 U2` or `7.0 U3c`",
    );
    cause_refused(
        affected,
        &with("since = '8.0'\nbefore = '7.0 U3'"),
        "11: no release lies at or after `since` (8.0) and before `before` (7.0 U3)",
    );
}

#[test]
fn a_broken_file_is_told_once_and_not_by_those_that_use_it() {
    refused("find-disk.toml", "order          = 1", "", "p/remedies/find-disk.toml:1: missing field `order`");
    signature_refused("tone    = \"failure\"", "", "1: missing field `tone`");
}

#[test]
fn causes_that_explain_each_other() {
    refused(
        "disk-slow.toml",
        "remedies    =",
        "explains = ['disk-gone']\nremedies =",
        "p/causes/disk/disk-slow.toml:11: `explains` runs in a circle: disk-gone → disk-slow → disk-gone",
    );
    cause_refused("[\"disk-slow\"]", "['disk-gone']", "10: `explains` runs in a circle: disk-gone → disk-gone");
}

#[test]
fn a_long_chain_of_causes_is_no_circle_and_no_recursion() {
    let texts: Vec<(String, String)> = (0..5_000)
        .map(|index| {
            let text = OTHER_CAUSE.replace("remedies ", &format!("explains = ['c{}']\nremedies ", index + 1));
            (format!("causes/c{index}.toml"), text)
        })
        .collect();
    let mut files: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    files.push(("causes/c5000.toml", OTHER_CAUSE));
    assert_eq!(problems(load_files(&files)), "");
}

#[test]
fn causes_that_can_never_be_judged() {
    refused(
        "disk-slow.toml",
        "not_in_logs =",
        "#",
        "p/causes/disk/disk-slow.toml:1: the cause has neither `when` nor `not_in_logs`, and is not `context`",
    );
    assert!(changed("disk-slow.toml", "not_in_logs =", "context = true #").is_ok());
    refused("disk-slow.toml", "\"no log shows it\"", "''", "p/causes/disk/disk-slow.toml:9: `not_in_logs` is empty");
    cause_refused(
        "[[when]]",
        "[[corroborate]]",
        "1: the cause has neither `when` nor `not_in_logs`, and is not `context`\np/causes/disk/disk-gone.toml:23: `same` compares with the event of the first `when` condition, which names none\np/causes/disk/disk-gone.toml:23: no signature of these events captures `disk`\np/causes/disk/disk-gone.toml:24: `within` compares with the event of the first `when` condition, which names none",
    );
    cause_refused(
        "confirm  ",
        "not_in_logs = 'x'\nconfirm ",
        "18: a cause with `not_in_logs` has no conditions, but this one has `when`",
    );
}

#[test]
fn aliases_that_are_taken() {
    cause_refused("[\"gone-disk\"]", "['disk-slow']", "2: alias `disk-slow` already names the cause `disk-slow`");
    refused(
        "disk-slow.toml",
        "category ",
        "aliases = ['gone-disk']\ncategory ",
        "p/causes/disk/disk-slow.toml:2: alias `gone-disk` already names the cause `disk-gone`",
    );
}

#[test]
fn remedies_that_cost_something_and_that_nothing_holds_back() {
    remedy_refused(
        "forbidden      = [\"rekey-window\"]",
        "",
        "1: the remedy stops the VM, so it needs `requires` or `forbidden`",
    );
    remedy_refused("[\"there is a backup\"]", "[]", "1: the remedy stops the VM, so it needs `prechecks`");
    remedy_refused(
        "forbidden      = [\"rekey-window\"]\napplies        = \"always\"\nprechecks      = [\"there is a backup\"]",
        "applies = 'a'\nprechecks = []\ndata_loss = true",
        "1: the remedy can lose data, so it needs `prechecks`, and `requires` or `forbidden`",
    );
    remedy_refused(
        "history        = \"kept\"\nreversible     = true\norder          = 1\nforbidden      = [\"rekey-window\"]",
        "history = 'lost'\nreversible = false\norder = 1",
        "1: the remedy loses the VM's history, so it needs `requires` or `forbidden`",
    );
    remedy_refused(
        "\"outage\"\nhistory        = \"kept\"\nreversible     = true\norder          = 1\nforbidden      = [\"rekey-window\"]",
        "'none'\nhistory = 'kept'\nreversible = false\norder = 1",
        "1: the remedy cannot be undone, so it needs `requires` or `forbidden`",
    );
}

#[test]
fn checks_that_change_something() {
    remedy_refused(
        "kind           = \"fix\"",
        "kind = 'check'",
        "3: a remedy of kind `check` is read-only, but this one stops the VM",
    );
}

#[test]
fn commands_that_take_something_away_for_nothing() {
    let free = REMEDY.replace("\"outage\"", "\"none\"");
    let with = |command: &str| {
        let text = free.replace("find /vmfs/volumes -name {disk}", command);
        let files = FILES.map(|(path, file)| (path, if path.starts_with("remedies/") { text.as_str() } else { file }));
        problems(load_files(&files))
    };
    assert_eq!(with("ls /vmfs/volumes"), "");
    for (command, word) in [
        ("vmkfstools -U {disk}", "vmkfstools -U"),
        ("rm -rf /vmfs/volumes/x", "rm -"),
        ("vim-cmd vmsvc/unregister {vmid}", "vmsvc/unregister"),
        ("Get-VM {vm} | Remove-VM", "Remove-"),
    ] {
        assert_eq!(
            with(command),
            format!(
                "p/remedies/find-disk.toml:18: `{word}` takes something away, so the remedy needs `data_loss = true`, `history = \"lost\"`, `service_impact = \"outage\"` or `reversible = false`"
            )
        );
        // Once it says what it costs, its prechecks and facts hold it back.
        let text = REMEDY.replace("find /vmfs/volumes -name {disk}", command);
        let files = FILES.map(|(path, file)| (path, if path.starts_with("remedies/") { text.as_str() } else { file }));
        assert_eq!(problems(load_files(&files)), "");
    }
}

#[test]
fn commands_from_memory() {
    remedy_refused(
        "basis          = \"documented\"",
        "basis = 'from-memory'",
        "17: a remedy from memory gives no commands: wanted `where = \"vsphere-client\"`, found `esxi-shell`",
    );
}

#[test]
fn placeholders_that_are_unknown_or_in_quotes() {
    remedy_refused("{disk}", "{disk_path}", "18: unknown placeholder `{disk_path}`");
    remedy_refused("{disk}", "{vmxpath}", "18: unknown placeholder `{vmxpath}`; did you mean `vmx_path`?");
    remedy_refused(
        "{disk}",
        "'*{disk}'",
        "18: `{disk}` stands in quotes or behind `$`: its value is quoted by the tool",
    );
}

#[test]
fn ids_and_events_of_another_form() {
    refused_among(
        "lost-hostd.toml",
        "\"disk-lost\"",
        "\"Disk lost\"",
        "p/signatures/disk/disk-lost-hostd.toml:1: `Disk lost` is not an id: wanted lower-case letters, digits and `-`, 80 at most",
    );
    let message = "p/causes/A b.toml:1: `A b` is not an id: wanted lower-case letters, digits and `-`, 80 at most";
    assert_eq!(problems(load_files(&[("causes/A b.toml", OTHER_CAUSE)])), message);
}

#[test]
fn one_id_in_two_files() {
    let files = [("causes/a/x.toml", OTHER_CAUSE), ("causes/b/x.toml", OTHER_CAUSE)];
    assert_eq!(problems(load_files(&files)), "p/causes/b/x.toml:1: `x` is there twice: also in p/causes/a/x.toml");
}

#[test]
fn files_in_the_wrong_place() {
    let message = "not a knowledge file: wanted `signatures/`, `causes/`, `remedies/`, `prohibitions/` or `overrides/` and a name that ends in `.toml`";
    for path in ["x.toml", "cause/x.toml", "causes/x.tml", "causes/x", "../causes/x.toml", "rules.yaml"] {
        assert_eq!(problems(load_files(&[(path, OTHER_CAUSE)])), format!("p/{path}:1: {message}"));
    }
    for path in ["README.md", "causes/notes.md", ".git/config", "causes/.x.toml.swp"] {
        assert_eq!(problems(load_files(&[(path, "anything")])), "");
    }
}

#[test]
fn a_place_is_read_from_a_path() {
    let at = |area: &str, id| Place::At { kind: Kind::Signature, area: area.to_owned(), id };
    assert_eq!(place_of("signatures/x.toml"), at("", "x"));
    assert_eq!(place_of("./signatures/rekey//deep/x.toml"), at("rekey/deep", "x"));
}

#[test]
fn limits_are_met_before_anything_is_read() {
    let big = format!("# {}\n{OTHER_CAUSE}", "x".repeat(limits::FILE_BYTES));
    let message = format!("p/causes/x.toml:1: the file has {} bytes; at most 262144 are read", big.len());
    assert_eq!(problems(load_files(&[("causes/x.toml", &big)])), message);

    let many = vec![("causes/x.toml", "["); limits::FILES + 1];
    assert_eq!(problems(load_files(&many)), "cannot load pack p: 20001 files, but at most 20000 are read");

    let half = "x".repeat(limits::PACK_BYTES / 2 + 1);
    let files = [("causes/x.toml", half.as_str()), ("causes/y.toml", half.as_str())];
    assert_eq!(
        problems(load_files(&files)),
        "cannot load pack p: 33554434 bytes of text, but at most 33554432 are read"
    );
}

#[test]
fn nesting_bombs_are_refused_without_a_stack_overflow() {
    let deep = "p/causes/x.toml:1: brackets are nested deeper than 16";
    for text in [
        "[".repeat(200_000),
        format!("a = {}", "[".repeat(200_000)),
        format!("a = {}", "{a=".repeat(80_000)),
        format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000)),
    ] {
        assert_eq!(problems(load_files(&[("causes/x.toml", &text)])), deep);
    }
    let dotted = format!("{}a = 1", "a.".repeat(100_000));
    assert_eq!(problems(load_files(&[("causes/x.toml", &dotted)])), "p/causes/x.toml:1: recursion limit");
}

#[test]
fn a_later_layer_replaces_the_whole_file() {
    let below = Layer { name: "builtin", proved: true, files: FILES.to_vec() };
    let text = OTHER_CAUSE.replace("the disk is slow", "the disk is very slow");
    let above = Layer { name: "mine/", proved: false, files: vec![("causes/elsewhere/disk-slow.toml", &text)] };
    let both = load(&[below, above]).unwrap();
    let cause = both.cause("disk-slow").unwrap();
    assert_eq!((cause.title.to_string().as_str(), cause.area.as_str()), ("the disk is very slow", "elsewhere"));
    assert_eq!(cause.file, "mine/causes/elsewhere/disk-slow.toml");
    assert_eq!(both.packs, ["builtin", "mine/"]);
    assert_eq!(both.causes.len(), 2);
    assert_ne!(both.sha256, load_files(&FILES).unwrap().sha256);
}

#[test]
fn the_hash_is_of_what_counts_and_not_of_how_it_came() {
    let hash = load_files(&FILES).unwrap().sha256;
    let mut files = FILES;
    files.reverse();
    assert_eq!(load_files(&files).unwrap().sha256, hash);
    let windows: Vec<(&str, String)> = FILES.iter().map(|(path, text)| (*path, text.replace('\n', "\r\n"))).collect();
    let windows: Vec<(&str, &str)> = windows.iter().map(|(path, text)| (*path, text.as_str())).collect();
    assert_eq!(load_files(&windows).unwrap().sha256, hash);
    assert_ne!(changed("find-disk.toml", "find the disk", "find the  disk").unwrap().sha256, hash);
}
