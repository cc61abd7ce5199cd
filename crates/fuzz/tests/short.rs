//! A short run of each target, the same every time, and every input that once was a crash.
#![expect(clippy::disallowed_methods, reason = "it reads the cases")]

use std::path::Path;

use esxray_fuzz::{Campaign, targets};

const RUNS: u64 = 2000;

fn short(target: &targets::Target) {
    let outcome = Campaign {
        seed: 1,
        runs: RUNS,
        time: None,
        more_seeds: Vec::new(),
        before: &mut |_| {},
        crashed: &mut |_| {},
        progress: &mut |_| {},
    }
    .run(target);
    assert!(outcome.runs > RUNS, "the seeds ran too");
    assert!(outcome.traits > 10, "the target says what it saw");
    let crashes: Vec<String> = outcome
        .crashes
        .iter()
        .map(|it| format!("{}\n  {:?}", it.message, String::from_utf8_lossy(&it.input)))
        .collect();
    assert!(crashes.is_empty(), "{}", crashes.join("\n"));
}

macro_rules! short {
    ($($name:ident)*) => {
        $(#[test] fn $name() {
            short(targets::ALL.iter().find(|it| it.name == stringify!($name)).expect("a target of that name"));
        })*

        #[test]
        fn mended_crashes_stay_mended() {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
            for target in targets::ALL {
                for case in std::fs::read_dir(folder.join(target.name)).into_iter().flatten().flatten() {
                    target.check(&std::fs::read(case.path()).expect("a case can be read"));
                }
            }
        }

        #[test]
        fn no_target_is_forgotten() {
            let known: Vec<&str> = targets::ALL.iter().map(|it| it.name).collect();
            assert_eq!(known, [$(stringify!($name)),*]);
        }
    };
}

short! { records dialects stamps containers knowledge pipeline }
