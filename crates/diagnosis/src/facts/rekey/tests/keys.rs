//! The key that each object is on.

use super::lab::{APP, ASK, DB, Lab, NEW, OLD};
use super::{DONE, UNSEEN, states, steps};
use esxray_model::{KeyState, RekeyOutcome};

fn completed() -> Lab {
    let mut lab = Lab::new();
    lab.begin("15:00:00.000", ASK);
    lab.changed("15:00:04.000", ASK, &[None, Some(2000), Some(2001)]);
    lab.done("15:00:05.000", ASK);
    lab
}

#[test]
fn each_link_of_a_chain_is_an_object_of_its_own() {
    let mut lab = completed();
    for file in ["APP-01.vmdk", "APP-01_1.vmdk", "APP-01_1-000001.vmdk", "ORACLE.vmdk"] {
        lab.opened("14:30:00.000", APP, file);
    }
    let rekey = lab.rekey(APP);
    // The links below the top are not shown on any key; a disk that was not asked for is no part of it.
    assert_eq!(rekey.objects.len(), 4);
    assert_eq!(states(&rekey).iter().filter(|it| **it == KeyState::Unknown).count(), 1);
    let link = rekey.objects.iter().find(|it| it.key_state == KeyState::Unknown).unwrap();
    assert_eq!((link.label.as_deref(), link.device_key.as_deref()), (Some("Hard disk 2"), Some("2001")));
    assert_eq!((rekey.outcome, steps(&rekey)), (RekeyOutcome::Completed, vec![DONE; 5]));
    // Its descriptor says that it was left behind.
    lab.on_key(APP, "APP-01_1-000001.vmdk", OLD);
    let rekey = lab.rekey(APP);
    assert_eq!(rekey.outcome, RekeyOutcome::Partial);
    let link = rekey.objects.iter().find(|it| it.key_state == KeyState::Old).unwrap();
    assert_eq!(link.key_after.as_ref().unwrap().key_id.as_deref(), Some(OLD.1));
    assert_eq!(steps(&rekey), [DONE, DONE, UNSEEN, UNSEEN, UNSEEN]);
}

#[test]
fn a_task_that_failed_with_some_keys_changed_is_partial() {
    let mut lab = Lab::new();
    lab.begin("15:00:00.000", ASK);
    lab.changed("15:00:04.000", ASK, &[None, Some(2000)]);
    lab.failed("15:00:05.000", ASK);
    let rekey = lab.rekey(APP);
    assert_eq!((rekey.outcome, rekey.failed_step), (RekeyOutcome::Partial, None));
    assert_eq!(states(&rekey), [KeyState::New, KeyState::New, KeyState::Unknown]);
    assert_eq!(steps(&rekey)[..2], [DONE; 2]);
}

#[test]
fn a_disk_that_does_not_open_after_its_key_changed_is_on_neither_for_sure() {
    let mut lab = completed();
    lab.wrong_key("15:02:00.000", APP, "APP-01_1.vmdk");
    let rekey = lab.rekey(APP);
    assert_eq!(states(&rekey), [KeyState::New, KeyState::New, KeyState::Unknown]);
    assert_eq!(rekey.outcome, RekeyOutcome::Partial);
}

#[test]
fn a_disk_is_one_object_whether_it_is_named_by_number_or_by_path() {
    // No request is shown, only the event; the configuration says which disk the number means.
    let mut lab = Lab::new();
    let sub = "Vmsvc.vm:/vmfs/volumes/ds1/APP-01/APP-01.vmx";
    lab.host("15:00:03.000", ASK.op, sub, "State Transition (VM_STATE_RECONFIGURING -> VM_STATE_ON)");
    lab.changed("15:00:04.000", ASK, &[None, Some(2017)]);
    lab.end_on_host("15:00:05.000", ASK, "success");
    lab.on_key(APP, "APP-01.vmx", NEW);
    lab.say("APP-01/APP-01.vmx", "scsi1:1.present = \"TRUE\"\nscsi1:1.fileName = \"APP-01_1.vmdk\"");
    lab.on_key(APP, "APP-01_1.vmdk", NEW);
    let rekey = lab.rekey(APP);
    let disks: Vec<_> = rekey.objects.iter().map(|it| (it.device_key.as_deref(), it.key_state)).collect();
    assert_eq!(disks, [(None, KeyState::New), (Some("2017"), KeyState::New)]);
    assert!(rekey.objects[1].path.as_deref().unwrap().ends_with("APP-01_1.vmdk"));
}

#[test]
fn a_file_that_names_two_keys_is_on_neither_alone() {
    let mut lab = completed();
    let pair = |key: (&str, &str)| format!("pair/(fqid/<VMWARE-NULL>/{}/{},HMAC%2dSHA%2d256,c2VjcmV0)", key.0, key.1);
    let text = format!(
        "# Disk DescriptorFile\nversion=1\nencoding=\"UTF-8\"\nCID=3a1f0c2e\nparentCID=ffffffff\ncreateType=\"vmfs\"\n\
         RW 83886080 VMFS \"APP-01-flat.vmdk\"\nencryptionKeys=\"vmware:key/list/({},{})\"",
        pair(OLD),
        pair(NEW)
    );
    lab.opened("14:30:00.000", APP, "APP-01.vmdk");
    lab.say("APP-01/APP-01.vmdk", &text);
    let rekey = lab.rekey(APP);
    let disk = rekey.objects.iter().find(|it| it.device_key.as_deref() == Some("2000")).unwrap();
    assert_eq!(disk.key_state, KeyState::Unknown);
    assert_eq!(disk.key_after, None);
}

#[test]
fn the_home_names_its_key_each_time_the_vm_is_powered_on() {
    let dict = |key: (&str, &str)| {
        format!(
            "DICT         encryption.bundle = \"vmware:key/list/(pair/(fqid/<VMWARE-NULL>/{}/{},HMAC-SHA-256,AAEC))\"",
            key.0, key.1
        )
    };
    let mut lab = Lab::new();
    lab.vm("14:20:00.000", APP, &dict(OLD));
    lab.begin("15:00:00.000", ASK);
    lab.failed("15:00:05.000", ASK);
    let home = |lab: &Lab| lab.rekey(APP).objects.remove(0);
    let before = home(&lab);
    assert_eq!(before.key_before.as_ref().unwrap().key_id.as_deref(), Some(OLD.1));
    assert_eq!(before.key_state, KeyState::Unknown);
    lab.vm("15:40:00.000", APP, &dict(NEW));
    let after = home(&lab);
    assert_eq!((after.key_state, after.key_id.as_deref()), (KeyState::New, Some(NEW.1)));
    assert!(!after.evidence.is_empty());
    let _ = DB;
}
