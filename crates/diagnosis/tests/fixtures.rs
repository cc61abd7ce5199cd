//! The fixtures, judged as their READMEs say.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use esxray_diagnosis::{Diagnosis, Incident, Options, diagnose};
use esxray_knowledge::Knowledge;
use esxray_model::{
    Grade, Interruption, KeyState, RekeyOutcome, RekeyStep, Role, Severity, StepBasis, StepState, Verdict,
};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name).join("input")
}

fn run(name: &str) -> Diagnosis {
    diagnose(&[fixture(name)], &Knowledge::builtin().unwrap(), &Options::default()).unwrap()
}

/// The one incident of a VM.
#[track_caller]
fn of_vm<'d>(diagnosis: &'d Diagnosis, vm: &str) -> &'d Incident {
    let named: Vec<&Incident> = diagnosis
        .incidents
        .iter()
        .filter(|it| it.vm.as_ref().is_some_and(|it| it.name.as_deref() == Some(vm)))
        .collect();
    assert_eq!(named.len(), 1, "incidents of {vm}");
    named[0]
}

/// Causes with role and grade, in order.
fn findings(incident: &Incident) -> Vec<(&str, Role, Grade)> {
    incident.findings.iter().map(|it| (it.cause.as_str(), it.role, it.grade)).collect()
}

fn ids(incident: &Incident) -> Vec<&str> {
    incident.remedies.iter().map(|it| it.id.as_str()).collect()
}

fn commands<'i>(incident: &'i Incident, remedy: &str) -> Vec<(&'i str, bool)> {
    let remedy = incident.remedies.iter().find(|it| it.id == remedy).unwrap();
    remedy.steps.iter().map(|it| (it.command.as_str(), it.complete)).collect()
}

/// Whether the ids stand in this order, with others between them.
#[track_caller]
fn in_order(all: &[&str], wanted: &[&str]) {
    let places: Vec<Option<usize>> = wanted.iter().map(|id| all.iter().position(|it| it == id)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{wanted:?} in {all:?}");
}

fn withheld(incident: &Incident) -> Vec<&str> {
    incident.withheld.iter().map(|it| it.id.as_str()).collect()
}

fn excluded<'d>(diagnosis: &'d Diagnosis, vm: &str) -> Vec<&'d str> {
    let of_vm = diagnosis.excluded.iter().filter(|it| it.vm.as_deref() == Some(vm));
    of_vm
        .inspect(|it| assert!(!it.covered_by.is_empty(), "an exclusion names its cover: {it:?}"))
        .map(|it| it.cause.as_str())
        .collect()
}

fn not_evaluated(diagnosis: &Diagnosis) -> Vec<&str> {
    diagnosis.not_evaluated.iter().map(|it| it.cause.as_str()).collect()
}

const BY_IMPACT: [&str; 6] = [
    "preserve-evidence",
    "reload-vmx",
    "disable-ha-vm-monitoring",
    "reissue-rekey",
    "power-off-and-rekey",
    "reregister-vm",
];

#[test]
fn a_reset_by_ha_in_the_middle_of_a_rekey_explains_the_disk_that_does_not_open() {
    let diagnosis = run("ha-reset-mid-rekey");
    assert_eq!((diagnosis.verdict, diagnosis.incidents.len()), (Verdict::Failure, 1));
    let incident = of_vm(&diagnosis, "TEST-VM-2");
    let vm = incident.vm.as_ref().unwrap();
    assert_eq!((vm.vmid.as_deref(), vm.moref.as_deref()), (Some("62"), Some("vm-1012")));
    let host = incident.host.as_ref().unwrap();
    assert_eq!((host.version.as_deref(), host.build.as_deref()), (Some("8.0.2"), Some("22380479")));
    assert_eq!(host.name.as_deref(), Some("esx07.lab.example"));
    assert_eq!(
        findings(incident),
        [
            ("ha-vmmon-reset-during-rekey", Role::RootCause, Grade::Confirmed),
            ("rekey-disk-wrong-key", Role::Consequence, Grade::Confirmed)
        ]
    );
    assert_eq!(incident.findings[0].explains, ["rekey-disk-wrong-key"]);
    let rekey = incident.rekey.as_ref().unwrap();
    assert_eq!((rekey.task.as_deref(), rekey.scope), (Some("task-40824"), Some("shallow")));
    assert_eq!((rekey.from_provider.as_deref(), rekey.to_provider.as_deref()), (Some("NKP-1"), Some("KMS-EXT")));
    assert_eq!((rekey.outcome, rekey.failed_step), (RekeyOutcome::Interrupted, Some(RekeyStep::EncryptKdk)));
    // A disk on another key than its VM shows that something was written: the steps before that were done.
    assert!(rekey.steps[..4].iter().all(|it| (it.state, it.basis) == (StepState::Done, Some(StepBasis::Model))));
    assert_eq!(rekey.interrupted_by.as_ref().unwrap().by, Interruption::HaReset);
    let by = (rekey.asked_by.user.as_deref(), rekey.asked_by.client.as_deref());
    assert_eq!(by, (Some("VSPHERE.LOCAL\\Administrator"), Some("vSphere Client")));
    assert_eq!(rekey.objects.len(), 4);
    assert!(rekey.objects.iter().all(|it| it.key_state == KeyState::Unknown));
    in_order(&ids(incident), &BY_IMPACT);
    assert!(commands(incident, "reload-vmx").contains(&("vim-cmd vmsvc/reload 62", true)));
    let do_not: Vec<&str> = incident.do_not.iter().map(|it| it.id.as_str()).collect();
    assert!(
        do_not.contains(&"keep-old-provider") && !do_not.contains(&"no-power-off"),
        "it is off already: {do_not:?}"
    );
    assert!(excluded(&diagnosis, "TEST-VM-2").contains(&"kms-provider-not-found-on-host"));
}

#[test]
fn a_provider_that_the_host_does_not_know_fails_the_first_step_and_forbids_what_cannot_help() {
    let diagnosis = run("provider-not-found");
    assert_eq!((diagnosis.verdict, diagnosis.incidents.len()), (Verdict::Failure, 2));
    for (name, vmid) in [("PAY-01", "31"), ("PAY-02", "34")] {
        let incident = of_vm(&diagnosis, name);
        assert_eq!(incident.vm.as_ref().unwrap().vmid.as_deref(), Some(vmid));
        assert_eq!(findings(incident), [("kms-provider-not-found-on-host", Role::RootCause, Grade::Confirmed)]);
        assert_eq!(incident.findings[0].captures.get("provider").map(String::as_str), Some("KMS-EXT"));
        let rekey = incident.rekey.as_ref().unwrap();
        assert_eq!((rekey.from_provider.as_deref(), rekey.to_provider.as_deref()), (Some("NKP-1"), Some("KMS-EXT")));
        assert_eq!((rekey.outcome, rekey.failed_step), (RekeyOutcome::Failed, Some(RekeyStep::GetNewKey)));
        assert!(rekey.steps[1..].iter().all(|it| it.state == StepState::NotReached));
        assert!(rekey.objects.iter().all(|it| it.key_state == KeyState::Old), "{:?}", rekey.objects);
        in_order(&ids(incident), &["preserve-evidence", "restore-kms-connection", "push-provider-to-host"]);
        for id in ["reload-vmx", "reregister-vm", "power-off-and-rekey", "reissue-rekey"] {
            assert!(withheld(incident).contains(&id) && !ids(incident).contains(&id), "{id}");
        }
        let do_not: Vec<&str> = incident.do_not.iter().map(|it| it.id.as_str()).collect();
        for id in ["no-power-off", "keep-old-provider", "no-unregister-while-provider-unreachable"] {
            assert!(do_not.contains(&id), "{id}");
        }
        let excluded = excluded(&diagnosis, name);
        assert!(
            excluded.contains(&"ha-vmmon-reset-during-rekey") && excluded.contains(&"rekey-disk-wrong-key"),
            "{excluded:?}"
        );
    }
}

#[test]
fn two_causes_on_one_host_stay_with_their_vms() {
    let diagnosis = run("both-causes");
    assert_eq!((diagnosis.verdict, diagnosis.incidents.len()), (Verdict::Failure, 2));
    let reset = of_vm(&diagnosis, "ERP-01");
    assert_eq!(reset.findings[0].cause, "ha-vmmon-reset-during-rekey");
    assert_eq!((reset.findings[0].grade, reset.findings.len()), (Grade::Confirmed, 2));
    in_order(&ids(reset), &BY_IMPACT);
    assert!(commands(reset, "reload-vmx").contains(&("vim-cmd vmsvc/reload 21", true)));
    let missing = of_vm(&diagnosis, "ERP-DB");
    assert_eq!(findings(missing), [("kms-provider-not-found-on-host", Role::RootCause, Grade::Confirmed)]);
    assert!(withheld(missing).contains(&"reload-vmx"));
    assert!(excluded(&diagnosis, "ERP-01").contains(&"kms-provider-not-found-on-host"));
    assert!(excluded(&diagnosis, "ERP-DB").contains(&"ha-vmmon-reset-during-rekey"));
}

#[test]
fn a_later_open_of_the_same_disk_closes_the_incident() {
    let diagnosis = run("recovered");
    assert_eq!(diagnosis.verdict, Verdict::Attention);
    let incident = of_vm(&diagnosis, "CRM-02");
    let closing = incident.recovered.as_ref().unwrap();
    assert!(closing.text.contains("lKPs.vmdk"), "{closing:?}");
    assert!(incident.findings.iter().all(|it| it.severity == Severity::Info));
    assert_eq!(incident.findings[0].cause, "rekey-disk-wrong-key");
    assert!(incident.remedies.is_empty() && incident.do_not.is_empty());
}

#[test]
fn a_busy_host_and_texts_that_only_quote_are_clean() {
    for name in ["clean-host", "quotes-only"] {
        let diagnosis = run(name);
        assert_eq!((diagnosis.verdict, diagnosis.incidents.len()), (Verdict::Clean, 0), "{name}");
        assert!(diagnosis.excluded.is_empty());
    }
    assert!(!run("clean-host").unexplained.is_empty(), "harmless errors are shown as unexplained");
}

#[test]
fn the_log_of_the_vm_alone_is_probable_and_says_what_is_missing() {
    let diagnosis = run("vmware-log-only");
    let incident = of_vm(&diagnosis, "LEGAL-07");
    assert_eq!(findings(incident), [("rekey-disk-wrong-key", Role::RootCause, Grade::Probable)]);
    assert!(!incident.findings[0].missing_evidence.is_empty());
    let vm = incident.vm.as_ref().unwrap();
    assert!(vm.uuid.is_some() && vm.instance_uuid.is_some() && vm.vmid.is_none());
    let rekey = incident.rekey.as_ref().unwrap();
    assert_eq!((rekey.outcome, rekey.failed_step), (RekeyOutcome::Unknown, None));
    assert!(commands(incident, "reload-vmx").contains(&("vim-cmd vmsvc/reload <vmid>", false)));
    in_order(&ids(incident), &BY_IMPACT);
    let open = not_evaluated(&diagnosis);
    assert!(
        open.contains(&"ha-vmmon-reset-during-rekey") && open.contains(&"kms-provider-not-found-on-host"),
        "{open:?}"
    );
}

#[test]
fn the_articles_two_lines_are_recognised_alone_and_tied_to_nothing() {
    let diagnosis = run("pasted");
    assert_eq!(diagnosis.verdict, Verdict::Failure);
    let causes: Vec<(&str, Grade)> =
        diagnosis.incidents.iter().flat_map(|it| &it.findings).map(|it| (it.cause.as_str(), it.grade)).collect();
    assert!(causes.contains(&("rekey-disk-wrong-key", Grade::Probable)), "{causes:?}");
    assert!(causes.contains(&("kms-provider-not-found-on-host", Grade::Probable)), "{causes:?}");
    assert!(diagnosis.incidents.iter().flat_map(|it| &it.findings).all(|it| it.explains.is_empty()));
}

#[test]
fn damage_where_the_proof_would_stand_keeps_the_grade_down_and_excludes_nothing() {
    let diagnosis = run("damaged");
    assert_eq!(diagnosis.verdict, Verdict::Failure);
    assert!(diagnosis.problems.iter().any(|it| it.source.ends_with("hostd.0.gz") && it.incomplete));
    let incident = of_vm(&diagnosis, "HR-03");
    assert_eq!(findings(incident), [("rekey-disk-wrong-key", Role::RootCause, Grade::Probable)]);
    assert!(commands(incident, "reload-vmx").contains(&("vim-cmd vmsvc/reload 71", true)));
    for id in ["reregister-vm", "restore-from-backup"] {
        assert!(withheld(incident).contains(&id) && !ids(incident).contains(&id), "{id}");
    }
    assert!(excluded(&diagnosis, "HR-03").is_empty());
    assert!(not_evaluated(&diagnosis).contains(&"ha-vmmon-reset-during-rekey"));
}

#[test]
fn nothing_that_costs_more_comes_before_what_costs_less() {
    use esxray_knowledge::{History, ServiceImpact};
    for name in ["ha-reset-mid-rekey", "provider-not-found", "vmware-log-only", "damaged", "pasted"] {
        for incident in run(name).incidents {
            let costs: Vec<(bool, bool)> = incident
                .remedies
                .iter()
                .map(|it| (it.history == History::Lost, it.service_impact == ServiceImpact::Outage))
                .collect();
            let first_outage = costs.iter().position(|it| it.1 || it.0).unwrap_or(costs.len());
            assert!(costs[first_outage..].iter().all(|it| it.1 || it.0), "{name}: {costs:?}");
            assert!(incident.remedies.iter().zip(1..).all(|(it, rank)| it.rank == rank));
        }
    }
}
