//! The project is tidy: each check on the project itself. That each check can fail is tested beside it.

use xtask::{Project, tidy};

fn check(name: &str) {
    let check = tidy::CHECKS.iter().find(|check| check.name == name).expect("a check of that name");
    let project = Project::here().expect("the project can be read");
    assert!(project.packages.len() > 5 && project.files.len() > 100, "this is not the whole project");
    let complaints: Vec<String> = (check.run)(&project).iter().map(ToString::to_string).collect();
    assert!(complaints.is_empty(), "{}:\n{}", check.wants, complaints.join("\n"));
}

/// A test for each check, so that one failure does not hide another.
macro_rules! checks {
    ($($name:ident)*) => {
        $(#[test] fn $name() { check(stringify!($name)); })*

        #[test]
        fn no_check_is_forgotten() {
            let known: Vec<&str> = tidy::CHECKS.iter().map(|check| check.name).collect();
            assert_eq!(known, [$(stringify!($name)),*]);
        }
    };
}

checks! { rooms sources manifests machine fixtures data }
