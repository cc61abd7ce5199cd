//! The same re-key, however its logs were collected.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "the test packs its own input")]

use std::collections::BTreeMap;
use std::path::Path;

use esxray_diagnosis::{Diagnosis, Options, diagnose};
use esxray_knowledge::Knowledge;
use esxray_model::Role;

/// The files of a fixture, by their paths.
fn files(name: &str) -> BTreeMap<String, Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name).join("input");
    let mut files = BTreeMap::new();
    for folder in std::fs::read_dir(&root).unwrap() {
        let folder = folder.unwrap();
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let file = file.unwrap();
            let names = [folder.file_name(), file.file_name()].map(|it| it.into_string().unwrap());
            files.insert(names.join("/"), std::fs::read(file.path()).unwrap());
        }
    }
    files
}

/// A tar archive of some files, each below a folder.
fn tar(files: &BTreeMap<String, Vec<u8>>, takes: impl Fn(&str) -> bool, below: &str) -> Vec<u8> {
    let mut archive = Vec::new();
    for (path, bytes) in files.iter().filter(|it| takes(it.0)) {
        let mut head = [0_u8; 512];
        let mut put = |at: usize, text: &str| {
            head.iter_mut().skip(at).zip(text.bytes()).for_each(|(to, from)| *to = from);
        };
        put(0, &format!("{below}{path}"));
        put(100, "0000644");
        put(108, "0000000");
        put(116, "0000000");
        put(124, &format!("{:011o}", bytes.len()));
        put(136, "00000000000");
        put(148, "        ");
        put(156, "0");
        put(257, "ustar");
        put(263, "00");
        let sum: u32 = head.iter().map(|it| u32::from(*it)).sum();
        let mut put = |at: usize, text: &str| {
            head.iter_mut().skip(at).zip(text.bytes()).for_each(|(to, from)| *to = from);
        };
        put(148, &format!("{sum:06o}\0 "));
        archive.extend_from_slice(&head);
        archive.extend_from_slice(bytes);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive.resize(archive.len() + 1024, 0);
    archive
}

/// What must not depend on how the logs were packed: VM, root causes, outcome, step, steps and objects.
fn told(diagnosis: &Diagnosis) -> Vec<String> {
    let mut told: Vec<String> = diagnosis
        .incidents
        .iter()
        .map(|incident| {
            let roots = incident.findings.iter().filter(|it| it.role == Role::RootCause);
            let roots: Vec<_> = roots.map(|it| (it.cause.as_str(), it.grade)).collect();
            let vm = incident.vm.as_ref().and_then(|it| it.name.as_deref());
            let rekey = incident.rekey.as_ref().map(|rekey| {
                let steps: Vec<_> = rekey.steps.iter().map(|it| (it.state, it.basis)).collect();
                let objects: Vec<_> = rekey
                    .objects
                    .iter()
                    .map(|it| {
                        (it.path.as_deref(), it.device_key.as_deref(), it.key_state, &it.key_before, &it.key_after)
                    })
                    .collect();
                let ended = (rekey.outcome, rekey.failed_step, rekey.interrupted_by.as_ref().map(|it| it.by));
                format!("{ended:?} {steps:?} {objects:?} {:?}", rekey.asked_by)
            });
            format!("{vm:?} {roots:?} {rekey:?}")
        })
        .collect();
    told.sort();
    told
}

fn run(parts: &[(&str, Vec<u8>)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in parts {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let knowledge = Knowledge::builtin().unwrap();
    told(&diagnose(&[folder.path().to_owned()], &knowledge, &Options::default()).unwrap())
}

#[test]
fn a_bundle_folders_and_bundles_of_host_and_vcenter_tell_the_same() {
    for name in ["ha-reset-mid-rekey", "provider-not-found", "both-causes", "recovered"] {
        let files = files(name);
        let is_of_vcenter = |path: &str| path.starts_with("vcenter");
        let folders: Vec<(&str, Vec<u8>)> = files.iter().map(|(path, bytes)| (path.as_str(), bytes.clone())).collect();
        let whole = run(&folders);
        assert!(!whole.is_empty());
        let bundle = run(&[("all.tar", tar(&files, |_| true, "collected/"))]);
        assert_eq!(whole, bundle, "{name}: one bundle");
        let split = run(&[
            ("host/esx-2024-03-12.tar", tar(&files, |path| !is_of_vcenter(path), "")),
            ("vcenter/vc-2024-03-12.tar", tar(&files, is_of_vcenter, "")),
        ]);
        assert_eq!(whole, split, "{name}: a bundle of the host and one of vCenter");
    }
}
