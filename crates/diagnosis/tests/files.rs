//! What the files of a VM add to what its logs say.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "the tests make the files that are read")]

use std::path::Path;

use esxray_diagnosis::{Diagnosis, Options, diagnose};
use esxray_knowledge::Knowledge;
use esxray_model::{KeyState, StepState};

const NEW: (&str, &str) = ("KMS-EXT", "0a5f91c3-new");
const OLD: (&str, &str) = ("NKP-1", "7c2f0c2e-old");

/// The case of the article, with the files of the VM beside its logs: its home and its three disks on these keys.
fn case(keys: [(&str, &str); 4]) -> Diagnosis {
    let input = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/ha-reset-mid-rekey/input");
    let folder = tempfile::tempdir().unwrap();
    for part in ["TEST-VM-2/vmware.log", "TEST-VM-2/vmware-1.log", "esx07/hostd.log", "vcenter01/vpxd.log"] {
        let to = folder.path().join(part);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(input.join(part), to).unwrap();
    }
    let locator = |(provider, key): (&str, &str)| {
        format!("vmware:key/list/(pair/(fqid/<VMWARE-NULL>/{provider}/{key},HMAC%2dSHA%2d256,c2VjcmV0))")
    };
    let vm = folder.path().join("TEST-VM-2");
    let vmx = format!(
        ".encoding = \"UTF-8\"\nconfig.version = \"8\"\nvirtualHW.version = \"19\"\ndisplayName = \"TEST-VM-2\"\n\
         encryption.bundle = \"{}\"\n",
        locator(keys[0])
    );
    std::fs::write(vm.join("TEST-VM-2.vmx"), vmx).unwrap();
    for (name, key) in ["TEST-VM-2", "TEST-VM-2-lKPs", "TEST-VM-2-r0Qd"].iter().zip(&keys[1..]) {
        let text = format!(
            "# Disk DescriptorFile\nversion=1\nencoding=\"UTF-8\"\nCID=3a1f0c2e\nparentCID=ffffffff\n\
             createType=\"vmfs\"\nRW 83886080 VMFS \"{name}-flat.vmdk\"\nencryptionKeys=\"{}\"\n",
            locator(*key)
        );
        std::fs::write(vm.join(format!("{name}.vmdk")), text).unwrap();
    }
    diagnose(&[folder.path().to_owned()], &Knowledge::builtin().unwrap(), &Options::default()).unwrap()
}

#[test]
fn descriptors_say_which_disks_are_left_on_the_old_key() {
    let diagnosis = case([NEW, NEW, OLD, OLD]);
    let incident = &diagnosis.incidents[0];
    assert_eq!(incident.findings[0].cause, "ha-vmmon-reset-during-rekey");
    assert!(incident.findings.iter().any(|it| it.cause == "rekey-partial-multi-disk"));
    let rekey = incident.rekey.as_ref().unwrap();
    let objects: Vec<_> =
        rekey.objects.iter().map(|it| (it.key_state, it.key_id.as_deref(), it.provider.as_deref())).collect();
    let on = |state, key: (&'static str, &'static str)| (state, Some(key.1), Some(key.0));
    assert_eq!(
        objects,
        [on(KeyState::New, NEW), on(KeyState::New, NEW), on(KeyState::Old, OLD), on(KeyState::Old, OLD)]
    );
    // Two objects went through all five steps, so the first four worked.
    let states: Vec<StepState> = rekey.steps.iter().map(|it| it.state).collect();
    assert_eq!(states, [StepState::Done, StepState::Done, StepState::Done, StepState::Done, StepState::Failed]);
    // Each object cites the line of its file that names its key.
    for object in &rekey.objects {
        let cited = object.evidence.iter().find(|it| it.time.is_none()).unwrap();
        assert!(cited.text.starts_with("encrypt") && !cited.text.contains("c2VjcmV0"), "{}", cited.text);
        assert!(cited.place.byte_offset > 0 && !cited.meaning.is_empty());
    }
}

#[test]
fn a_vm_whose_files_agree_is_not_mixed() {
    let diagnosis = case([OLD; 4]);
    let incident = &diagnosis.incidents[0];
    assert!(
        incident.findings.iter().all(|it| it.cause != "rekey-partial-multi-disk" && it.cause != "mixed-provider-vm")
    );
    let rekey = incident.rekey.as_ref().unwrap();
    assert!(rekey.objects.iter().all(|it| it.key_state == KeyState::Old));
}
