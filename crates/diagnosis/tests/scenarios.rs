//! The same stories with other names, times and noise, and with their decisive lines taken out.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "the test writes its own input")]

use esxray_diagnosis::{Diagnosis, Options, diagnose};
use esxray_knowledge::Knowledge;
use esxray_model::{Grade, Role, Verdict};
use esxray_testkit::{Case, Generated, Generation, Scenario};

/// Writes files into a folder and diagnoses it.
fn run(knowledge: &Knowledge, generated: &Generated, threads: usize) -> Diagnosis {
    let folder = tempfile::tempdir().unwrap();
    for file in &generated.files {
        let path = folder.path().join(&file.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, &file.bytes).unwrap();
    }
    let options = Options { threads: Some(threads), ..Options::default() };
    let mut diagnosis = diagnose(&[folder.path().to_path_buf()], knowledge, &options).unwrap();
    let root = format!("{}/", folder.path().display());
    for source in &mut diagnosis.sources {
        *source = source.replace(&root, "");
    }
    diagnosis
}

/// Takes the lines of some roles out of the files.
fn without(mut generated: Generated, roles: &[&str]) -> Generated {
    for file in &mut generated.files {
        let dropped: Vec<(usize, usize)> = generated
            .planted
            .iter()
            .filter(|it| it.path == file.path && roles.contains(&it.role))
            .map(|it| (it.line, it.last_line))
            .collect();
        let lines = file.bytes.split_inclusive(|byte| *byte == b'\n').zip(1_usize..);
        let kept = lines.filter(|(_, number)| !dropped.iter().any(|it| (it.0..=it.1).contains(number)));
        file.bytes = kept.flat_map(|it| it.0.to_vec()).collect();
    }
    generated
}

/// Takes the lines that hold a text out of the files.
fn without_text(mut generated: Generated, text: &str) -> Generated {
    for file in &mut generated.files {
        let lines = file.bytes.split_inclusive(|byte| *byte == b'\n');
        let kept = lines.filter(|line| !String::from_utf8_lossy(line).contains(text));
        file.bytes = kept.flat_map(<[u8]>::to_vec).collect();
    }
    generated
}

/// Cause and grade of the root of each open incident.
fn roots(diagnosis: &Diagnosis) -> Vec<(&str, Grade)> {
    let open = diagnosis.incidents.iter().filter(|it| it.recovered.is_none());
    open.flat_map(|it| it.findings.iter().filter(|it| it.role == Role::RootCause))
        .map(|it| (it.cause.as_str(), it.grade))
        .collect()
}

const GENERATIONS: [Generation; 4] = [Generation::V65, Generation::V67, Generation::V70, Generation::V80];

#[test]
fn names_times_noise_and_releases_change_nothing() {
    let knowledge = Knowledge::builtin().unwrap();
    for generation in GENERATIONS {
        for seed in 1..=4 {
            let of = |case| run(&knowledge, &Scenario::new(case).generation(generation).seed(seed).generate(), 2);
            let what = format!("{generation:?} seed {seed}");
            let reset = of(Case::HaResetMidRekey);
            assert_eq!(roots(&reset), [("ha-vmmon-reset-during-rekey", Grade::Confirmed)], "{what}");
            assert_eq!(reset.incidents.iter().flat_map(|it| &it.findings).count(), 2, "{what}");
            let missing = of(Case::ProviderNotFound);
            assert_eq!(roots(&missing), [("kms-provider-not-found-on-host", Grade::Confirmed); 2], "{what}");
            let both = of(Case::BothCauses);
            assert_eq!(both.incidents.len(), 2, "{what}");
            assert_eq!(roots(&of(Case::Recovered)), [], "{what}");
            for case in [Case::CleanHost, Case::QuotesOnly] {
                assert_eq!(of(case).verdict, Verdict::Clean, "{what} {case:?}");
            }
        }
    }
}

#[test]
fn without_the_reset_the_disk_is_its_own_root() {
    let knowledge = Knowledge::builtin().unwrap();
    let generated = Scenario::new(Case::HaResetMidRekey).generate();
    let diagnosis = run(&knowledge, &without(generated, &["ha-reset"]), 1);
    assert_eq!(roots(&diagnosis).iter().map(|it| it.0).collect::<Vec<_>>(), ["rekey-disk-wrong-key"]);
}

#[test]
fn without_its_decisive_line_a_cause_is_gone() {
    let knowledge = Knowledge::builtin().unwrap();
    for (case, text) in [
        (Case::ProviderNotFound, "kms.providers.not_found<"),
        (Case::VmwareLogOnly, "key or password is incorrect"),
        (Case::Pasted, "key or password is incorrect"),
    ] {
        let generated = Scenario::new(case).generate();
        let before = roots(&run(&knowledge, &generated, 1)).len();
        let after = run(&knowledge, &without_text(generated, text), 1);
        assert!(roots(&after).len() < before, "{case:?}: {:?}", roots(&after));
    }
}

#[test]
fn without_the_task_the_reset_is_at_most_possible() {
    let knowledge = Knowledge::builtin().unwrap();
    let roles = ["rekey-begin", "rekey-begin-vcenter", "rekey-spec", "rekey-error", "rekey-end-vcenter"];
    let generated = Scenario::new(Case::HaResetMidRekey).generate();
    let generated = without_text(without(generated, &roles), "VM_STATE_RECONFIGURING");
    let diagnosis = run(&knowledge, &generated, 1);
    let findings = diagnosis.incidents.iter().flat_map(|it| &it.findings);
    let during: Vec<Grade> =
        findings.filter(|it| it.cause == "ha-vmmon-reset-during-rekey").map(|it| it.grade).collect();
    assert!(during.iter().all(|grade| *grade == Grade::Possible), "{during:?}");
}

#[test]
fn without_the_host_the_grade_is_lower_and_says_why() {
    let knowledge = Knowledge::builtin().unwrap();
    let mut generated = Scenario::new(Case::HaResetMidRekey).generate();
    generated.files.retain(|file| file.path.contains("vmware"));
    let diagnosis = run(&knowledge, &generated, 1);
    assert_eq!(roots(&diagnosis), [("rekey-disk-wrong-key", Grade::Probable)]);
    assert!(diagnosis.not_evaluated.iter().any(|it| it.cause == "ha-vmmon-reset-during-rekey"));
}

#[test]
fn threads_change_nothing() {
    let knowledge = Knowledge::builtin().unwrap();
    for case in Case::ALL {
        let generated = Scenario::new(*case).generate();
        let one = format!("{:?}", run(&knowledge, &generated, 1));
        let four = format!("{:?}", run(&knowledge, &generated, 4));
        // The folder's own name differs; everything else is compared.
        let plain =
            |text: &str| text.split("/.tmp").map(|it| it.get(6..).unwrap_or_default()).collect::<Vec<_>>().join("");
        assert!(plain(&one) == plain(&four), "{case:?}");
    }
}
