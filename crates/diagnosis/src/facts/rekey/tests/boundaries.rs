//! Where an attempt begins and ends.

use super::lab::{APP, ASK, Ask, HOSTD, Lab, NEW, VPXD, Vm};
use super::{states, steps};
use esxray_model::{KeyState, RekeyOutcome, RekeyStep, StepState};

#[test]
fn the_host_alone_vcenter_alone_and_both_tell_the_same() {
    let mut both = Lab::new();
    both.begin("15:00:00.000", ASK);
    both.not_found("15:00:01.000", ASK, NEW.0);
    both.failed("15:00:05.000", ASK);
    let of = |file: &str| {
        let mut lab = both.clone();
        lab.files.retain(|path, _| path == file);
        lab.rekey(APP)
    };
    let (whole, host) = (both.rekey(APP), of(HOSTD));
    assert_eq!((whole.outcome, whole.failed_step), (host.outcome, host.failed_step));
    assert_eq!((states(&whole), steps(&whole)), (states(&host), steps(&host)));
    assert_eq!(host.task.as_deref(), Some("haTask-62-vim.VirtualMachine.reconfigure-700501"));
    // The request that vCenter repeats in the record of its failure begins no second attempt, and hides no begin.
    let mut lab = both.clone();
    lab.files.retain(|path, _| path == VPXD);
    let text = lab.files[VPXD].replace("BEGIN task-501", "BEGIN task-x");
    lab.files.insert(VPXD.to_owned(), text);
    let all = lab.rekeys(Vm { name: "vm-1012", ..APP });
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].outcome, all[0].started), (RekeyOutcome::Failed, None));
    assert!(all[0].ended.is_some());
}

#[test]
fn a_begin_that_was_rotated_away_is_not_made_up() {
    let mut lab = Lab::new();
    lab.changed("15:00:04.000", ASK, &[None, Some(2000), Some(2001)]);
    lab.end_on_host("15:00:05.000", ASK, "success");
    let rekey = lab.rekey(APP);
    assert_eq!((rekey.outcome, rekey.started), (RekeyOutcome::Completed, None));
    assert!(rekey.ended.is_some());
    assert_eq!(
        rekey.objects.iter().map(|it| it.device_key.as_deref()).collect::<Vec<_>>(),
        [None, Some("2000"), Some("2001")]
    );
}

#[test]
fn an_attempt_without_an_end_is_open() {
    let mut lab = Lab::new();
    lab.begin("15:00:00.000", ASK);
    let rekey = lab.rekey(APP);
    assert_eq!((rekey.outcome, rekey.failed_step, rekey.ended), (RekeyOutcome::Unknown, None, None));
    assert!(rekey.started.is_some() && rekey.steps.iter().all(|it| it.state == StepState::NotEvidenced));
}

#[test]
fn retries_are_attempts_of_their_own() {
    let asks = [
        ASK,
        // Again under the same operation id: the task tells them apart.
        Ask { task: 502, ..ASK },
        Ask { task: 503, op: "99aa88bb-1", ..ASK },
    ];
    let mut lab = Lab::new();
    for (ask, minute) in asks.iter().zip(["00", "02", "04"]) {
        lab.begin(&format!("15:{minute}:00.000"), *ask);
        lab.not_found(&format!("15:{minute}:01.000"), *ask, NEW.0);
        lab.failed(&format!("15:{minute}:02.000"), *ask);
    }
    let all = lab.rekeys(APP);
    let tasks: Vec<&str> = all.iter().filter_map(|it| it.task.as_deref()).collect();
    assert_eq!(tasks, ["task-501", "task-502", "task-503"]);
    assert!(all.iter().all(|it| it.failed_step == Some(RekeyStep::GetNewKey)));
    let before: Vec<usize> = all.iter().map(|it| it.attempts.len()).collect();
    assert_eq!(before, [0, 1, 2]);
    assert_eq!(all[2].attempts[1].failed_step, Some(RekeyStep::GetNewKey));
    // Three times the same is one incident, told of its last attempt.
    let incidents = lab.diagnose().incidents;
    let told: Vec<_> = incidents.iter().filter_map(|it| it.rekey.as_ref()).collect();
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].task.as_deref(), told[0].attempts.len()), (Some("task-503"), 2));
    assert_eq!(incidents[0].started.unwrap().to_string(), "2024-03-12T15:00:00.000Z");
    // What came before a success is another incident's.
    let mut lab = lab.clone();
    let good = Ask { task: 504, op: "99aa88bb-2", ..ASK };
    lab.begin("15:06:00.000", good);
    lab.changed("15:06:01.000", good, &[None, Some(2000), Some(2001)]);
    lab.done("15:06:02.000", good);
    let bad = Ask { task: 505, op: "99aa88bb-3", ..ASK };
    lab.begin("15:08:00.000", bad);
    lab.failed("15:08:02.000", bad);
    let all = lab.rekeys(APP);
    assert_eq!((all[3].outcome, all[3].attempts.len()), (RekeyOutcome::Completed, 3));
    assert_eq!(all[4].attempts.len(), 0);
}

#[test]
fn any_other_reconfiguration_is_none() {
    let plain = |lab: &mut Lab, task: u32, minute: u32, status: &str| {
        let task = format!("haTask-62-vim.VirtualMachine.reconfigure-{task}");
        let op = "0011aabb-3";
        lab.host(&format!("15:{minute:02}:00.000"), op, "Vimsvc.TaskManager", &format!("Task Created : {task}"));
        lab.host(
            &format!("15:{minute:02}:01.000"),
            op,
            "Vimsvc.TaskManager",
            &format!("Task Completed : {task} Status {status}"),
        );
    };
    let mut lab = Lab::new();
    lab.host(
        "14:59:00.000",
        "",
        "Vmsvc.vm:/vmfs/volumes/ds1/APP-01/APP-01.vmx",
        "State Transition (VM_STATE_OFF -> VM_STATE_POWERING_ON)",
    );
    plain(&mut lab, 700_100, 0, "success");
    // A key that is missing later, and a disk that does not open later, are not its work.
    lab.not_found("15:05:00.000", Ask { op: "77665544-1", ..ASK }, NEW.0);
    lab.wrong_key("15:06:00.000", APP, "APP-01.vmdk");
    assert!(lab.rekeys(APP).is_empty(), "{:#?}", lab.rekeys(APP));
}

#[test]
fn what_happens_after_a_success_does_not_undo_it() {
    let mut lab = Lab::new();
    lab.begin("15:00:00.000", ASK);
    lab.changed("15:00:04.000", ASK, &[None, Some(2000), Some(2001)]);
    lab.done("15:00:05.000", ASK);
    lab.host(
        "15:04:00.000",
        "",
        "Vmsvc.vm:/vmfs/volumes/ds1/APP-01/APP-01.vmx",
        "State Transition (VM_STATE_ON -> VM_STATE_OFF)",
    );
    lab.not_found("15:05:00.000", Ask { op: "77665544-1", ..ASK }, NEW.0);
    let rekey = lab.rekey(APP);
    assert_eq!((rekey.outcome, rekey.failed_step), (RekeyOutcome::Completed, None));
    assert_eq!(states(&rekey), [KeyState::New; 3]);
}
