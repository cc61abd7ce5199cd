//! What the scenarios promise: sizes, releases, and places of what was planted.

use esxray_testkit::{Case, Generated, Generation, Scenario};

fn file<'a>(made: &'a Generated, path: &str) -> &'a [u8] {
    made.files.iter().find(|file| file.path == path).map(|file| file.bytes.as_slice()).unwrap_or_default()
}

fn roles(made: &Generated) -> Vec<&'static str> {
    let mut roles: Vec<&str> = made.planted.iter().map(|planted| planted.role).collect();
    roles.sort_unstable();
    roles.dedup();
    roles
}

#[test]
fn planted_records_stand_where_they_are_said_to() {
    for case in Case::ALL {
        let made = Scenario::new(*case).generate();
        for planted in &made.planted {
            let text = String::from_utf8(file(&made, &planted.path).to_vec()).unwrap();
            let lines: Vec<&str> =
                text.lines().skip(planted.line - 1).take(planted.last_line + 1 - planted.line).collect();
            assert_eq!(lines.join("\n"), planted.text, "{} {}", case.name(), planted.role);
        }
    }
}

#[test]
fn each_case_holds_what_it_is_about_and_nothing_else() {
    let expected: &[(Case, &[&str])] = &[
        (
            Case::HaResetMidRekey,
            &[
                "ha-reset",
                "ha-screenshot",
                "heartbeat-timeout",
                "rekey-begin",
                "rekey-begin-vcenter",
                "rekey-end-vcenter",
                "rekey-error",
                "rekey-spec",
                "wrong-key",
            ],
        ),
        (
            Case::ProviderNotFound,
            &[
                "provider-not-found",
                "rekey-begin",
                "rekey-begin-vcenter",
                "rekey-end-vcenter",
                "rekey-error",
                "rekey-spec",
            ],
        ),
        (
            Case::Recovered,
            &[
                "disk-opened",
                "keys-changed",
                "rekey-begin",
                "rekey-begin-vcenter",
                "rekey-end-vcenter",
                "rekey-error",
                "rekey-spec",
                "rekey-success",
                "reload",
                "reload-command",
                "wrong-key",
            ],
        ),
        (Case::CleanHost, &[]),
        (Case::VmwareLogOnly, &["heartbeat-timeout", "wrong-key"]),
        (Case::Pasted, &["provider-not-found", "wrong-key"]),
    ];
    for (case, roles_expected) in expected {
        assert_eq!(roles(&Scenario::new(*case).generate()), *roles_expected, "{}", case.name());
    }
    let quotes = Scenario::new(Case::QuotesOnly).generate();
    assert!(quotes.planted.iter().all(|planted| planted.role.starts_with("decoy-")));
}

#[test]
fn the_texts_that_matter_stand_only_where_they_were_planted() {
    let evidence = ["Cannot decrypt disk", "providers.not_found", "reset by HA", "Tools heartbeat timeout", "keyId"];
    for case in [Case::CleanHost, Case::QuotesOnly] {
        let made = Scenario::new(case).generate();
        for file in &made.files {
            let text = String::from_utf8(file.bytes.clone()).unwrap();
            for (index, line) in text.lines().enumerate() {
                let planted = made.planted.iter().any(|planted| {
                    planted.path == file.path && (planted.line..=planted.last_line).contains(&(index + 1))
                });
                // A VM's own name and annotation stand in its paths and in the dump of its configuration too.
                let configuration = line.contains(" DICT ")
                    || ["/", ".vmx", ".vmdk", "_1.vmdk", ".nvram"].iter().any(|next| {
                        line.contains(&format!("Cannot decrypt disk because key or password is incorrect{next}"))
                    });
                let telling = evidence.iter().any(|text| line.contains(text));
                let allowed = case == Case::QuotesOnly && (planted || configuration);
                assert!(!telling || allowed, "{} {}:{}: {line}", case.name(), file.path, index + 1);
            }
        }
    }
}

#[test]
fn every_case_exists_on_every_release_in_its_dialect() {
    for case in Case::ALL {
        for generation in Generation::ALL {
            let made = Scenario::new(*case).generation(*generation).bytes_at_least(60_000).generate();
            assert!(!made.files.is_empty());
            if *case == Case::Pasted {
                continue;
            }
            assert!(made.size() >= 60_000, "{} {}", case.name(), generation.version());
            for file in made.files.iter().filter(|file| file.path.ends_with("/vmware.log")) {
                let text = String::from_utf8(file.bytes.clone()).unwrap();
                let mark = if *generation >= Generation::V80 {
                    " In(05) vmx - Log for VMware ESX"
                } else {
                    "| vmx| I125: Log for VMware ESX"
                };
                assert!(text.lines().next().unwrap().contains(mark), "{}", file.path);
                assert!(text.contains(&format!("version={} build=build-{}", generation.version(), generation.build())));
            }
        }
    }
    let old = Scenario::new(Case::HaResetMidRekey).generation(Generation::V65).generate();
    let begin = old.planted("rekey-begin").next().unwrap();
    let thread = begin.text.split_once(" info hostd[").unwrap().1.split_once(']').unwrap().0;
    assert!(thread.len() == 8 && thread.chars().all(|digit| digit.is_ascii_hexdigit()), "{thread}");
}

#[test]
fn size_is_at_least_what_was_asked_for() {
    for case in Case::ALL.iter().filter(|case| **case != Case::Pasted && **case != Case::Damaged) {
        let made = Scenario::new(*case).bytes_at_least(3_000_000).generate();
        assert!((3_000_000..6_000_000).contains(&made.size()), "{} {}", case.name(), made.size());
    }
}

#[test]
fn a_seed_decides_everything() {
    for case in Case::ALL.iter().filter(|case| **case != Case::Pasted) {
        let scenario = Scenario::new(*case).bytes_at_least(50_000);
        assert_eq!(scenario.generate(), scenario.generate(), "{}", case.name());
        assert_ne!(scenario.generate().files, scenario.clone().seed(2).generate().files, "{}", case.name());
    }
}

#[test]
fn stamps_never_go_back_but_for_the_header_of_a_vmware_log() {
    for case in Case::ALL.iter().filter(|case| **case != Case::Pasted) {
        for file in Scenario::new(*case).generate().files {
            let text = String::from_utf8_lossy(&file.bytes).into_owned();
            let stamps: Vec<&str> =
                text.lines().filter(|line| line.starts_with("20")).filter_map(|line| line.get(..24)).collect();
            let back = stamps.windows(2).filter(|pair| pair[1] < pair[0]).count();
            let expected = usize::from(text.contains("Log for VMware ESX pid="));
            assert_eq!(back, expected, "{}/{}", case.name(), file.path);
        }
    }
}

#[test]
fn the_damaged_log_ends_before_the_rekey() {
    let made = Scenario::new(Case::Damaged).generate();
    let mut text = Vec::new();
    let end = std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(file(&made, "esx10/hostd.0.gz")), &mut text);
    assert!(end.is_err(), "the file must be cut");
    let text = String::from_utf8_lossy(&text);
    assert!(text.len() > 50_000 && text.contains("Section for VMware ESX"));
    assert!(!text.contains("HR-03"));
    // What is left of the story is in the VM's folder and in the log after the rotation.
    assert_eq!(made.planted("wrong-key").count(), 2);
    assert!(String::from_utf8_lossy(file(&made, "esx10/hostd.log")).contains("haTask-71-vim.VirtualMachine.powerOn"));
}
