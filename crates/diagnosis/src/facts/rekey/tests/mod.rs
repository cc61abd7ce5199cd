//! Attempts that a lab tells of, and what is found of them.

#![expect(clippy::disallowed_methods, reason = "the tests write the logs that are read")]

mod boundaries;
mod keys;
mod lab;

use esxray_model::{Interruption, KeyState, RekeyOutcome, RekeyStep, StepBasis, StepState};

use self::lab::{APP, ASK, Ask, DB, Lab, NEW, OLD};
use crate::outcome::Rekey;

const DONE: (StepState, Option<StepBasis>) = (StepState::Done, Some(StepBasis::Evidence));
const MUST: (StepState, Option<StepBasis>) = (StepState::Done, Some(StepBasis::Model));
const FAILED: (StepState, Option<StepBasis>) = (StepState::Failed, Some(StepBasis::Evidence));
const NOT: (StepState, Option<StepBasis>) = (StepState::NotReached, Some(StepBasis::Model));
const UNSEEN: (StepState, Option<StepBasis>) = (StepState::NotEvidenced, None);

fn steps(rekey: &Rekey) -> Vec<(StepState, Option<StepBasis>)> {
    rekey.steps.iter().map(|it| (it.state, it.basis)).collect()
}

fn states(rekey: &Rekey) -> Vec<KeyState> {
    rekey.objects.iter().map(|it| it.key_state).collect()
}

/// A failed attempt in the middle of which a test says why.
#[track_caller]
fn failing(why: impl FnOnce(&mut Lab)) -> Rekey {
    let mut lab = Lab::new();
    lab.begin("15:00:00.000", ASK);
    why(&mut lab);
    lab.failed("15:00:05.000", ASK);
    lab.rekey(APP)
}

#[test]
fn each_step_that_fails_shows_those_before_it_done_and_those_after_it_not_reached() {
    let rekey = failing(|lab| lab.not_found("15:00:01.000", ASK, NEW.0));
    assert_eq!((rekey.outcome, rekey.failed_step), (RekeyOutcome::Failed, Some(RekeyStep::GetNewKey)));
    assert_eq!(steps(&rekey), [FAILED, NOT, NOT, NOT, NOT]);
    assert_eq!(states(&rekey), [KeyState::Old; 3]);

    let rekey = failing(|lab| {
        lab.event("15:00:01.000", ASK.op, "com.vmware.vc.host.Crypto.SendKeyError.HostError");
    });
    assert_eq!(rekey.failed_step, Some(RekeyStep::SaveNewKey));
    assert_eq!(steps(&rekey), [MUST, FAILED, NOT, NOT, NOT]);

    let rekey = failing(|lab| lab.not_found("15:00:01.000", ASK, OLD.0));
    assert_eq!(rekey.failed_step, Some(RekeyStep::GetOldKey));
    assert_eq!(steps(&rekey), [MUST, MUST, FAILED, NOT, NOT]);
    assert_eq!(states(&rekey), [KeyState::Old; 3]);

    let rekey = failing(|lab| {
        let path = APP.path("APP-01_1.vmdk");
        let text = format!("Failed to open '{path}': Cannot decrypt disk because key or password is incorrect");
        lab.host("15:00:01.000", ASK.op, "DiskLib", &text);
    });
    assert_eq!(rekey.failed_step, Some(RekeyStep::DecryptKdk));
    assert_eq!(steps(&rekey), [MUST, MUST, MUST, FAILED, NOT]);
    assert_eq!(states(&rekey), [KeyState::Unknown; 3], "an object before it may have been written");

    let rekey = failing(|lab| lab.event("15:00:01.000", ASK.op, "com.vmware.vc.vm.crypto.NoDiskSpace"));
    assert_eq!(rekey.failed_step, Some(RekeyStep::EncryptKdk));
    assert_eq!(steps(&rekey), [MUST, MUST, MUST, MUST, FAILED]);
}

#[test]
fn within_one_provider_the_first_step_needs_it_first() {
    let ask = Ask { new: (OLD.0, "0a5f-new"), ..ASK };
    let mut lab = Lab::new();
    lab.begin("15:00:00.000", ask);
    lab.not_found("15:00:01.000", ask, OLD.0);
    lab.failed("15:00:05.000", ask);
    assert_eq!(lab.rekey(APP).failed_step, Some(RekeyStep::GetNewKey));
}

#[test]
fn a_failure_that_gives_no_reason_has_no_step() {
    let rekey = failing(|_| ());
    assert_eq!((rekey.outcome, rekey.failed_step), (RekeyOutcome::Failed, None));
    assert_eq!(steps(&rekey), [UNSEEN; 5]);
    assert_eq!(states(&rekey), [KeyState::Unknown; 3]);
    // A provider of other VMs says nothing either.
    let rekey = failing(|lab| lab.not_found("15:00:01.000", ASK, "KMS-OTHER"));
    assert_eq!((rekey.outcome, rekey.failed_step), (RekeyOutcome::Failed, None));
}

#[test]
fn a_refusal_leaves_everything_as_it_was() {
    let rekey = failing(|lab| {
        let text = "Failed to reconfigure: Not supported: unable to shallow rekey powered on vm";
        lab.host("15:00:01.000", ASK.op, "Vimsvc", text);
    });
    assert_eq!((rekey.outcome, rekey.failed_step), (RekeyOutcome::Failed, None));
    assert!(rekey.refused_by.as_ref().unwrap().text.contains("powered on"));
    assert_eq!(steps(&rekey), [NOT; 5]);
    assert_eq!(states(&rekey), [KeyState::Old; 3]);
}

#[test]
fn what_another_operation_is_refused_is_not_its_refusal() {
    let busy = "AdapterServer caught exception: vim.fault.TaskInProgress";
    let rekey = failing(|lab| lab.host("15:00:01.000", "55443322-9", "Vimsvc", busy));
    assert!(rekey.refused_by.is_none());
    let rekey = failing(|lab| lab.host("15:00:01.000", ASK.op, "Vmsvc.vm:/vmfs/volumes/ds1/APP-01/APP-01.vmx", busy));
    assert!(rekey.refused_by.is_some());
}

#[test]
fn an_event_of_vcenter_that_the_rekey_failed_fails_it() {
    let mut lab = Lab::new();
    lab.begin("15:00:00.000", ASK);
    lab.event("15:00:04.000", ASK.op, "com.vmware.vc.vm.crypto.RekeyFail");
    let rekey = lab.rekey(APP);
    assert_eq!((rekey.outcome, rekey.failed_step), (RekeyOutcome::Failed, None));
}

#[test]
fn a_completed_attempt_names_every_object_with_both_keys() {
    let mut lab = Lab::new();
    lab.begin("15:00:00.000", ASK);
    lab.changed("15:00:04.000", ASK, &[None, Some(2000), Some(2001)]);
    lab.done("15:00:05.000", ASK);
    let rekey = lab.rekey(APP);
    assert_eq!((rekey.outcome, rekey.failed_step), (RekeyOutcome::Completed, None));
    assert_eq!((rekey.task.as_deref(), rekey.scope), (Some("task-501"), Some("shallow")));
    assert_eq!(steps(&rekey), [DONE; 5]);
    assert_eq!(states(&rekey), [KeyState::New; 3]);
    let disk = &rekey.objects[2];
    assert_eq!((disk.label.as_deref(), disk.device_key.as_deref()), (Some("Hard disk 2"), Some("2001")));
    assert!(disk.path.as_deref().unwrap().ends_with("APP-01_1.vmdk"));
    for (name, key) in [(&disk.key_before, OLD), (&disk.key_asked, NEW), (&disk.key_after, NEW)] {
        let name = name.as_ref().unwrap();
        assert_eq!((name.provider.as_deref(), name.key_id.as_deref()), (Some(key.0), Some(key.1)));
    }
    assert_eq!(rekey.started.unwrap().to_string(), "2024-03-12T15:00:00.000Z");
    assert_eq!(rekey.ended.unwrap().to_string(), "2024-03-12T15:00:05.000Z");
}

#[test]
fn a_task_that_went_well_was_carried_out_but_does_not_name_the_keys() {
    let mut lab = Lab::new();
    lab.begin("15:00:00.000", Ask { scope: "Deep", ..ASK });
    lab.done("15:00:05.000", ASK);
    let rekey = lab.rekey(APP);
    assert_eq!((rekey.outcome, rekey.scope), (RekeyOutcome::Completed, Some("deep")));
    assert_eq!(steps(&rekey), [MUST; 5]);
    assert_eq!(states(&rekey), [KeyState::Unknown; 3]);
}

#[test]
fn what_cuts_an_attempt_short_is_named_and_what_it_left_is_not_guessed() {
    let cut = |why: &dyn Fn(&mut Lab)| {
        let rekey = failing(|lab| why(lab));
        assert_eq!((rekey.outcome, rekey.failed_step), (RekeyOutcome::Interrupted, None));
        assert_eq!(steps(&rekey), [UNSEEN; 5]);
        rekey.interrupted_by.unwrap().by
    };
    let state = |from: &str, to: &str| format!("State Transition (VM_STATE_{from} -> VM_STATE_{to})");
    let sub = "Vmsvc.vm:/vmfs/volumes/ds1/APP-01/APP-01.vmx";
    let reset = cut(&|lab| lab.host("15:00:02.000", "", sub, &state("ON", "RESETTING")));
    assert_eq!(reset, Interruption::Reset);
    let off = cut(&|lab| lab.host("15:00:02.000", "", sub, &state("ON", "OFF")));
    assert_eq!(off, Interruption::PowerOff);
    let ha = cut(&|lab| {
        lab.host("15:00:02.000", "", sub, &state("ON", "RESETTING"));
        let text = "Event 72 : This virtual machine reset by HA. Reason: VMware Tools heartbeat failure. A screenshot is \
                    saved at /vmfs/volumes/ds1/APP-01/APP-01-0.png.";
        lab.host("15:00:02.100", "", "Vimsvc.ha-eventmgr", text);
    });
    assert_eq!(ha, Interruption::HaReset);
    let moved = cut(&|lab| {
        lab.vcenter(
            "15:00:02.000",
            "aa11bb22-5",
            "[VpxLRO] -- BEGIN task-502 -- vm-1012 -- vim.VirtualMachine.relocate",
        );
    });
    assert_eq!(moved, Interruption::Migration);
}

#[test]
fn a_reset_that_leaves_a_disk_behind_cut_the_writing_of_descriptors() {
    let mut lab = Lab::new();
    lab.begin("15:00:00.000", ASK);
    lab.host(
        "15:00:02.000",
        "",
        "Vmsvc.vm:/vmfs/volumes/ds1/APP-01/APP-01.vmx",
        "State Transition (VM_STATE_ON -> VM_STATE_OFF)",
    );
    lab.failed("15:00:05.000", ASK);
    lab.wrong_key("15:00:20.000", APP, "APP-01_1.vmdk");
    let rekey = lab.rekey(APP);
    assert_eq!((rekey.outcome, rekey.failed_step), (RekeyOutcome::Interrupted, Some(RekeyStep::EncryptKdk)));
    assert_eq!(steps(&rekey), [MUST, MUST, MUST, MUST, FAILED]);
    // Without the reset, nothing says at which step keys came to differ; what was asked once was done.
    let rekey = {
        let mut lab = Lab::new();
        lab.begin("15:00:00.000", ASK);
        lab.failed("15:00:05.000", ASK);
        lab.wrong_key("15:00:20.000", APP, "APP-01_1.vmdk");
        lab.rekey(APP)
    };
    assert_eq!((rekey.outcome, rekey.failed_step), (RekeyOutcome::Failed, None));
    assert_eq!(steps(&rekey), [MUST, MUST, UNSEEN, UNSEEN, UNSEEN]);
}

#[test]
fn a_host_that_stops_takes_its_attempts_along() {
    let cut = |file: &str, line: &str, ends: bool| {
        let mut lab = Lab::new();
        lab.begin("15:00:00.000", ASK);
        if ends {
            lab.fail_in_vcenter("15:03:00.000", ASK);
        }
        lab.say(file, line);
        let rekey = lab.rekey(APP);
        rekey.interrupted_by.map(|it| it.by)
    };
    let boot = "2024-03-12T15:06:00.000Z bootstop: Host has booted";
    for ends in [true, false] {
        assert_eq!(cut("esx01/vmksummary.log", boot, ends), Some(Interruption::HostRestart));
        assert_eq!(cut("esx02/vmksummary.log", boot, ends), None, "another host");
        let started = "2024-03-12T15:01:00.000Z In(166) Hostd[2101111]: - time the service was last started \
                       2024-03-12T15:01:00.000Z, Section for VMware ESX, pid=2101111, version=8.0.2, build=22380479, \
                       option=Release";
        assert_eq!(cut(lab::HOSTD, started, ends), Some(Interruption::HostdRestart));
    }
    let panic =
        "2024-03-12T15:01:00.000Z cpu3:2098151)@BlueScreen: #PF Exception 14 in world 2098151:vmm0 IP 0x418 addr 0x0";
    let mut lab = Lab::new();
    lab.begin("15:00:00.000", ASK);
    lab.say("esx01/vmkernel.log", "2024-03-12T15:00:30.000Z cpu3:2098151)Config: 727: \"SIOControlFlag1\" = 0");
    lab.say("esx01/vmkernel.log", panic);
    lab.say("esx01/vmksummary.log", boot);
    assert_eq!(lab.rekey(APP).interrupted_by.unwrap().by, Interruption::HostCrash);
    // A task that the host ended itself was not cut by a later restart.
    let mut lab = Lab::new();
    lab.begin("15:00:00.000", ASK);
    lab.not_found("15:00:01.000", ASK, NEW.0);
    lab.failed("15:00:05.000", ASK);
    lab.say("esx01/vmksummary.log", boot);
    assert_eq!(lab.rekey(APP).failed_step, Some(RekeyStep::GetNewKey));
}

#[test]
fn who_asked_is_read_off_the_heads_and_the_login_of_the_session() {
    let mut lab = Lab::new();
    let login = "Event 220 : User root@192.0.2.13 logged in as PowerCLI/13.2.1.22851661";
    lab.say(
        lab::HOSTD,
        &format!("2024-03-12T14:58:26.435Z In(166) Hostd[1050278]: [Originator@6876 sub=Vimsvc.ha-eventmgr opID=c4c96306 sid=52016aa0] {login}"),
    );
    lab.begin("15:00:00.000", ASK);
    lab.failed("15:00:05.000", ASK);
    let by = lab.rekey(APP).asked_by;
    assert_eq!((by.user.as_deref(), by.client.as_deref()), (Some("LAB\\ann"), Some("PowerCLI/13.2.1.22851661")));
    assert!(by.session.unwrap().starts_with("52016aa0"));
    // Of another session's login nothing follows.
    let mut other = lab.clone();
    let text = other.files[lab::HOSTD].replacen("sid=52016aa0", "sid=52999999", 1);
    other.files.insert(lab::HOSTD.to_owned(), text);
    assert_eq!(other.rekey(APP).asked_by.client, None);
}

#[test]
fn attempts_of_two_vms_in_one_script_do_not_mix() {
    let (app, db) = (Ask { op: "6f1c2d3e-77", ..ASK }, Ask { vm: DB, op: "6f1c2d3e-78", task: 502, ..ASK });
    let mut lab = Lab::new();
    lab.begin("15:00:00.000", app);
    lab.begin("15:00:00.400", db);
    lab.not_found("15:00:01.000", db, NEW.0);
    lab.changed("15:00:02.000", app, &[None, Some(2000), Some(2001)]);
    lab.done("15:00:02.100", app);
    lab.failed("15:00:03.000", db);
    assert_eq!(lab.rekey(APP).outcome, RekeyOutcome::Completed);
    let rekey = lab.rekey(DB);
    assert_eq!((rekey.outcome, rekey.failed_step), (RekeyOutcome::Failed, Some(RekeyStep::GetNewKey)));
    assert_eq!(rekey.objects.len(), 2);
}
