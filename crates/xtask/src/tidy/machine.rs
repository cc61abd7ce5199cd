//! Nothing names the machine or the mirror that it was written with: it would not hold anywhere else.

use crate::{Complaint, Project};

/// Folders in which people and programs work.
const FOLDERS: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];
/// What logs and invented users say.
const IN_LOGS: &[&str] = &[concat!("/ho", "me/ann/"), concat!("/ro", "ot/.vmware/")];
/// Where another registry than the public one is named.
const REGISTRIES: &[&str] = &[
    concat!("sparse", "+http"),
    concat!("registry", "+http"),
    concat!("replace", "-with"),
    concat!("[regis", "tries"),
];
/// How `Cargo.lock` names the public one, on every machine.
const PUBLIC: &str = concat!("registry", "+https://github.com/rust-lang/crates.io-index");

pub(super) fn check(project: &Project) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for file in &project.files {
        for (line, text) in file.lines() {
            if let Some(folder) = FOLDERS.iter().find(|folder| names(&text, folder)) {
                let text =
                    format!("a path of one machine, `{folder}`; write it relative to the project or make one up");
                complaints.push(Complaint::new(&file.path, line, text));
            }
            let others = text.replace(PUBLIC, "");
            if let Some(registry) = REGISTRIES.iter().find(|it| others.contains(*it)) {
                let text = format!("another registry, `{registry}`; name it in the settings of your own user");
                complaints.push(Complaint::new(&file.path, line, text));
            }
        }
    }
    complaints
}

/// Whether an absolute path begins so.
fn names(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line.get(..at).and_then(|it| it.chars().next_back());
        let begins = !before.is_some_and(|it| it.is_alphanumeric() || matches!(it, '_' | '-' | '.' | '~' | '}' | ')'));
        let rest = line.get(at..).unwrap_or_default();
        begins && !IN_LOGS.iter().any(|known| rest.starts_with(known))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(path: &str, text: &str) -> Vec<String> {
        check(&Project::of(&[(path, text)])).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn paths_of_a_machine_are_refused() {
        for folder in FOLDERS {
            for line in [format!("see {folder}x"), format!("\"{folder}x\""), format!("file://{folder}x")] {
                let said = said("README.md", &format!("one\n{line}\n"));
                assert_eq!(said.len(), 1, "{line}: {said:?}");
                assert!(said[0].starts_with("README.md:2: a path of one machine"), "{said:?}");
            }
        }
    }

    #[test]
    fn paths_below_something_and_those_of_logs_are_let_pass() {
        for folder in FOLDERS {
            assert_eq!(said("a.md", &format!("net{folder}x and $ROOT}}{folder} and ~{folder}")), Vec::<String>::new());
        }
        for known in IN_LOGS {
            assert_eq!(said("a.rs", &format!("\"{known}xp.vmdk\"")), Vec::<String>::new());
        }
    }

    #[test]
    fn the_public_registry_alone_is_named() {
        assert_eq!(said("Cargo.lock", &format!("source = \"{PUBLIC}\"\n")), Vec::<String>::new());
        for registry in REGISTRIES {
            assert_eq!(
                said("Cargo.lock", &format!("x\nsource = \"{registry}://mirror.example/\"\n")).len(),
                1,
                "{registry}"
            );
        }
    }
}
