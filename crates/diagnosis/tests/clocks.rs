//! Hosts whose clocks are wrong: what is said of them, and that the diagnosis is the same.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "the test writes its own input")]

use esxray_diagnosis::{ClockState, Diagnosis, Options, diagnose};
use esxray_knowledge::Knowledge;
use esxray_testkit::{Case, Generation, Scenario, seconds};

fn run(knowledge: &Knowledge, scenario: &Scenario) -> Diagnosis {
    let folder = tempfile::tempdir().unwrap();
    for file in scenario.generate().files {
        let path = folder.path().join(&file.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, &file.bytes).unwrap();
    }
    diagnose(&[folder.path().to_path_buf()], knowledge, &Options::default()).unwrap()
}

/// Everything of a diagnosis that a clock has no say in.
fn answer(diagnosis: &Diagnosis) -> String {
    let mut lines = vec![format!("{:?}", diagnosis.verdict)];
    for incident in &diagnosis.incidents {
        lines.push(format!(
            "{} {:?} {:?}",
            incident.title,
            incident.vm.as_ref().and_then(|it| it.name.clone()),
            incident.recovered.is_some()
        ));
        for finding in &incident.findings {
            lines.push(format!("  {} {:?} {:?} {}", finding.cause, finding.role, finding.grade, finding.count));
            // The first line behind its stamp; what lies within the uncertainty may change places.
            let first = |text: &str| text.lines().next().and_then(|it| it.get(24..)).unwrap_or_default().to_owned();
            let mut cited: Vec<String> = finding.evidence.iter().map(|it| first(&it.text)).collect();
            cited.sort();
            lines.extend(cited);
        }
        if let Some(rekey) = &incident.rekey {
            lines.push(format!(
                "  {:?} {:?} {:?} {:?}",
                rekey.outcome, rekey.failed_step, rekey.from_provider, rekey.to_provider
            ));
            for object in &rekey.objects {
                lines.push(format!("    {:?} {:?} {:?}", object.label, object.path, object.key_state));
            }
        }
        lines.extend(incident.remedies.iter().map(|it| format!("  {}", it.id)));
    }
    lines.extend(diagnosis.excluded.iter().map(|it| format!("no {} {:?}", it.cause, it.vm)));
    lines.join("\n")
}

#[test]
fn a_skewed_host_changes_no_diagnosis() {
    let knowledge = Knowledge::builtin().unwrap();
    for (case, generation) in [
        (Case::HaResetMidRekey, Generation::V80),
        (Case::HaResetMidRekey, Generation::V67),
        (Case::ProviderNotFound, Generation::V70),
        (Case::BothCauses, Generation::V80),
        (Case::Recovered, Generation::V70),
    ] {
        let right = Scenario::new(case).generation(generation).shared_operations(12, 0);
        let expected = run(&knowledge, &right);
        assert!(expected.clocks.iter().all(|it| it.state == ClockState::Agrees), "{:?}", expected.clocks);
        for (offset, drift) in [(-420, 0), (90, 0), (10_800, 0), (-420, 20)] {
            let what = format!("{case:?} {generation:?} {offset} s, {drift} s an hour");
            let skewed = run(&knowledge, &right.clone().host_clock(seconds(offset), seconds(drift)));
            let (one, other) = (answer(&skewed), answer(&expected));
            let differ: Vec<(&str, &str)> = one.lines().zip(other.lines()).filter(|it| it.0 != it.1).collect();
            assert!(one == other, "{what}: {differ:#?}");
            let [clock] = skewed.clocks.as_slice() else { panic!("{what}: {:?}", skewed.clocks) };
            assert_eq!(clock.state, ClockState::Differs, "{what}");
            assert!(clock.operations >= 12, "{what}: {clock:?}");
            assert!(clock.uncertainty_micros.unwrap() < seconds(2), "{what}: {clock:?}");
            let off = (clock.offset_micros.unwrap() - seconds(offset)).abs();
            assert!(off < seconds(if drift == 0 { 1 } else { 30 }), "{what}: {clock:?}");
            assert_eq!(clock.drift_micros_per_hour.is_some(), drift != 0, "{what}: {clock:?}");
            let doubted =
                skewed.coverage.iter().filter(|row| row.problems.iter().any(|it| it.en().contains("clock differs")));
            let of_host = skewed.coverage.iter().filter(|row| row.format != "vpxd");
            assert_eq!(doubted.count(), of_host.count(), "{what}");
        }
    }
}

#[test]
fn the_times_of_an_incident_are_those_of_vcenter_and_evidence_shows_what_was_logged() {
    let knowledge = Knowledge::builtin().unwrap();
    let right = Scenario::new(Case::HaResetMidRekey).shared_operations(12, 0);
    let expected = run(&knowledge, &right);
    let skewed = run(&knowledge, &right.host_clock(seconds(-420), 0));
    let (one, other) = (&skewed.incidents[0], &expected.incidents[0]);
    let off = one.ended.unwrap().micros_since(other.ended.unwrap()).abs();
    assert!(off < seconds(1), "{off}");
    let cited = &one.findings[0].evidence[0];
    assert!(cited.text.starts_with(&cited.time.unwrap().to_string()), "{cited:?}");
}

#[test]
fn too_few_and_contradictory_operations_correct_nothing() {
    let knowledge = Knowledge::builtin().unwrap();
    let of = |operations, scatter| {
        let case = Scenario::new(Case::CleanHost).shared_operations(operations, scatter).host_clock(seconds(-420), 0);
        run(&knowledge, &case)
    };
    let few = of(2, 0);
    assert_eq!(
        few.clocks.iter().map(|it| (it.state, it.offset_micros)).collect::<Vec<_>>(),
        [(ClockState::TooFew, None)]
    );
    let early = few.clocks[0].early_micros.unwrap();
    assert!((early - seconds(420)).abs() < seconds(1), "what is impossible is said: {early}");
    let torn = of(20, seconds(1800));
    assert_eq!(
        torn.clocks.iter().map(|it| (it.state, it.offset_micros)).collect::<Vec<_>>(),
        [(ClockState::Contradictory, None)]
    );
    for diagnosis in [few, torn] {
        assert!(diagnosis.coverage.iter().all(|row| !row.problems.iter().any(|it| it.en().contains("clock differs"))));
    }
}
