//! Events that no signature explains: listed by their id and severity, and never where they are benign.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "the test writes its own input")]

use esxray_diagnosis::{Options, diagnose};
use esxray_knowledge::Knowledge;
use esxray_model::Level;

/// Level, count and template of what nothing explains in files of these names and texts.
fn unexplained(files: &[(&str, String)]) -> Vec<(Level, u64, String)> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let diagnosis = diagnose(&[folder.path().to_owned()], &Knowledge::builtin().unwrap(), &Options::default()).unwrap();
    assert!(diagnosis.incidents.is_empty(), "{:?}", diagnosis.incidents);
    diagnosis.unexplained.into_iter().map(|it| (it.level, it.count, it.template)).collect()
}

const AUDIT: &str = "esx.audit.dcui.enabled";
const AUDIT_TEXT: &str = "The DCUI has been enabled.";
const FENCE: &str = "esx.problem.net.fence.port.badfenceid";
const FENCE_SHOWN: &str = "esx.problem.net.fence.port.badfenceid: Invalid fenceId configuration on dvPort";

#[test]
fn observations_of_a_host_are_told_by_their_ids() {
    let line = |second: u32, id: &str, text: &str| {
        format!(
            "2023-03-10T15:16:{second:02}.897Z In(14) vobd[2097553]:  [netCorrelator] 41053{second:02}us: [{id}] {text}\n"
        )
    };
    let vobd = [
        line(1, AUDIT, AUDIT_TEXT),
        line(2, "vob.net.fence.port.badfenceid", "port 12 has no fence"),
        line(2, FENCE, "VMkernel failed to set fenceId 7 on distributed virtual port 12"),
        line(9, FENCE, "VMkernel failed to set fenceId 8 on distributed virtual port 13"),
    ];
    assert_eq!(unexplained(&[("vobd.log", vobd.concat())]), [(Level::Error, 2, FENCE_SHOWN.to_owned())]);
}

#[test]
fn the_severity_in_a_record_counts_more_than_ours_and_than_the_level_of_its_line() {
    let line = |key: u32, id: &str, severity: &str| {
        format!(
            "<14>1 2023-03-10T15:16:{key:02}.263383+00:00 vc01 vpxd 58650 - -  Event [{key}] [1-1] \
             [2023-03-10T15:16:{key:02}.26309Z] [{id}] [{severity}] [LAB\\ann] [Lab] [{key}] [text {key}]\n"
        )
    };
    let vpxd = [
        line(1, "vim.event.UserLoginSessionEvent", "info"),
        line(2, "esx.problem.net.fence.switch.unavailable", "info"),
        line(3, FENCE, "warning"),
        line(4, "vim.event.GeneralUserEvent", "error"),
        line(5, AUDIT, "info"),
    ];
    assert_eq!(unexplained(&[("vpxd.log", vpxd.concat())]), [(Level::Warning, 1, FENCE_SHOWN.to_owned())]);
}

#[test]
fn rows_of_an_export_are_told_by_their_ids() {
    let row = |second: u32, id: &str, severity: &str| {
        format!(
            "\"{id}\",\"{severity}\",\"\",\"esx01.lab.example\",\"{second}\",\"2023-03-10T15:16:{second:02}Z\",\"\",\"Etwas ist geschehen.\"\n"
        )
    };
    let head = "\"EventTypeId\",\"Severity\",\"Message\",\"ObjectName\",\"Key\",\"CreatedTime\",\"UserName\",\"FullFormattedMessage\"\n";
    let rows = format!(
        "{head}{}{}{}",
        row(1, AUDIT, "info"),
        row(2, FENCE, "error"),
        row(3, "esx.problem.brand.new", "warning")
    );
    assert_eq!(
        unexplained(&[("events.csv", rows)]),
        [
            (Level::Error, 1, FENCE_SHOWN.to_owned()),
            (Level::Warning, 1, "esx.problem.brand.new: Etwas ist geschehen.".to_owned())
        ]
    );
}
