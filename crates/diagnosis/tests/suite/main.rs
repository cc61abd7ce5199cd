//! The scenario suite: each tale judged as is written beside it, and again under every change that must not matter.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "the tests write their own input")]

mod judged;
mod known;
mod metamorphic;
mod seen;

use std::sync::LazyLock;

use seen::{Seen, seen};

use esxray_diagnosis::{Diagnosis, Options, diagnose};
use esxray_knowledge::Knowledge;
use esxray_testkit::{Generated, Naming, Setting, Tale};

static KNOWLEDGE: LazyLock<Knowledge> = LazyLock::new(|| Knowledge::builtin().unwrap());

/// Every tale as it is, and what is said of it.
static PLAIN: LazyLock<Vec<(Tale, Diagnosis, Vec<Seen>)>> = LazyLock::new(|| {
    let told = |tale: Tale| {
        let diagnosis = told(&tale, &Setting::default());
        let seen = seen(&diagnosis, &tale, Naming::Plain);
        (tale, diagnosis, seen)
    };
    Tale::all().into_iter().map(told).collect()
});

/// Diagnoses a tale as it is told under a setting.
fn told(tale: &Tale, setting: &Setting) -> Diagnosis {
    diagnosed(&tale.tell(setting), 1)
}

/// Writes files into a folder and diagnoses it; the folder's own name is taken out of the answer.
fn diagnosed(generated: &Generated, threads: usize) -> Diagnosis {
    let folder = tempfile::tempdir().unwrap();
    for file in &generated.files {
        let path = folder.path().join(&file.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, &file.bytes).unwrap();
    }
    let options = Options { threads: Some(threads), ..Options::default() };
    let mut diagnosis = diagnose(&[folder.path().to_path_buf()], &KNOWLEDGE, &options).unwrap();
    let root = format!("{}/", folder.path().display());
    for source in &mut diagnosis.sources {
        *source = source.replace(&root, "");
    }
    diagnosis
}

/// Fails with every complaint, after all tales were looked at.
#[track_caller]
fn none(complaints: &[String]) {
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
}
