//! Exit statuses and the form of refusals.

use crate::harness::{Folder, QUIET, WRONG_KEY, esxray, fixtures, input, on_cases};

#[test]
fn a_clean_input_is_0() {
    let text = on_cases([input("clean-host")]).exits(0).text();
    assert!(text.starts_with("CLEAN"), "{text}");
    assert!(text.contains("Nothing known was found"), "never an all-clear: {text}");
    on_cases([input("quotes-only")]).exits(0);
}

#[test]
fn a_finding_is_1() {
    for case in ["ha-reset-mid-rekey", "provider-not-found", "both-causes", "vmware-log-only", "pasted", "damaged"] {
        on_cases([input(case)]).exits(1);
    }
}

#[test]
fn the_grade_that_counts_can_be_chosen() {
    let pasted = input("pasted");
    on_cases(["--fail-on", "probable", &pasted]).exits(1);
    on_cases(["--fail-on", "possible", &pasted]).exits(1);
    on_cases(["--fail-on", "confirmed", &pasted]).exits(0);
    on_cases(["--fail-on", "confirmed", &input("ha-reset-mid-rekey")]).exits(1);
}

#[test]
fn what_could_not_be_read_is_3() {
    let folder = Folder::new().with("noise.bin", [0, 1, 2, 3].repeat(5000)).with("cut.gz", {
        let whole = std::fs::read(fixtures().join("damaged/input/esx10/hostd.0.gz")).unwrap();
        whole[..2000].to_vec()
    });
    for path in ["noise.bin", "cut.gz"] {
        let text = folder.run([path]).exits(3).text();
        assert!(text.starts_with("INCONCLUSIVE"), "{path}: {text}");
    }
    // A finding outranks what was not read.
    let folder = folder.with("vmware.log", [QUIET, WRONG_KEY].concat());
    folder.run(["cut.gz", "vmware.log"]).exits(1);
}

#[test]
fn an_empty_file_is_read_and_told() {
    let folder = Folder::new().with("empty.log", "");
    let text = folder.run(["empty.log"]).exits(0).text();
    for says in ["Nothing known was found in 0 of 0 records", "empty (0 bytes)"] {
        assert!(text.contains(says), "{text}");
    }
}

#[test]
fn the_command_may_be_left_out() {
    let case = input("ha-reset-mid-rekey");
    let short = on_cases([&case]).exits(1).text();
    assert_eq!(short, on_cases(["diagnose", &case]).exits(1).text());
}

#[test]
fn the_two_lines_of_a_ticket_are_recognised_on_standard_input() {
    let disk = "2023-03-10T15:16:22.314Z In(05) vmx - DISKLIB-LINK : \"/vmfs/volumes/vsan:xxxxxxxxx-5exxxxxxx6/271xxxxxx3-xxac-xx91-xxa0-exxxxxxxx80/TEST-VM-2-lKPs.vmdk\" : failed to open (Cannot decrypt disk because key or password is incorrect).\n";
    let provider = "-->    com.vmware.esx.trusted_infrastructure.kms.providers.not_found<The provider 'nom-du-kms-externe' does not exist.>\n";
    for (line, cause) in [(disk, "rekey-disk-wrong-key"), (provider, "kms-provider-not-found-on-host")] {
        for args in [&["-", "--format", "json"][..], &["diagnose", "--format", "json", "-"]] {
            let report = esxray(args).stdin(line).exits(1).json();
            let finding = &report["incidents"][0]["findings"][0];
            assert_eq!(finding["cause"], cause);
            assert_eq!(finding["evidence"][0]["source"], "-");
        }
    }
    let report = esxray(["-", "--format=json"]).stdin(provider).exits(1).json();
    assert_eq!(report["incidents"][0]["findings"][0]["captures"]["provider"], "nom-du-kms-externe");
}

#[test]
fn a_path_that_is_not_there_is_2() {
    let folder = Folder::new().with("vmware.log", [QUIET, WRONG_KEY].concat());
    folder.run(["nowhere.log"]).exits(2).refuses("cannot read nowhere.log: ");
    folder.run(["records", "nowhere.log"]).exits(2).refuses("cannot read nowhere.log: ");
    folder.run(["vmware.log", "nowhere.log"]).exits(2).refuses("cannot read nowhere.log: ");
    folder.run(["diagnos", "vmware.log"]).exits(2).refuses("did you mean the command `esxray diagnose`?");
}

#[cfg(unix)]
#[test]
fn what_is_neither_file_nor_folder_is_2() {
    let folder = Folder::new();
    let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap();
    folder.run(["socket"]).exits(2).refuses("socket is a socket, not a file or folder");
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_is_2() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new().with("vmware.log", QUIET);
    let path = folder.path().join("vmware.log");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::File::open(&path).is_ok() {
        eprintln!("skipped: this user may read every file");
        return;
    }
    folder.run(["vmware.log"]).exits(2).refuses("cannot read vmware.log: ");
}

#[test]
fn bad_usage_is_2() {
    let folder = Folder::new().with("a.log", QUIET);
    for (args, says) in [
        (&["--frmat", "json", "a.log"][..], "unexpected argument '--frmat'"),
        (&["a.log", "--format", "yaml"], "invalid value 'yaml'"),
        (&["a.log", "--fail-on", "certain"], "invalid value 'certain'"),
        (&["a.log", "--tz", "Mars/Olympus"], "is not a zone such as UTC, +02:00 or Europe/Paris"),
        (&["a.log", "--since", "yesterday"], "is not a time such as"),
        (&["a.log", "--since", "2023-03-11", "--until", "2023-03-10"], "is not before --until"),
        (&["records", "a.log", "--since", "2023-03-11", "--until", "2023-03-11"], "is not before --until"),
        (&["a.log", "--year", "23"], "23 is not in 1970..=9999"),
        (&["a.log", "--threads", "0"], "not a number from 1 to 1024"),
        (&["a.log", "--force"], "--output"),
        (&["a.log", "-q", "-v"], "cannot be used with"),
        (&["diagnose"], "<PATH>"),
        (&["records"], "<PATH>"),
        (&["records", "a.log", "--format", "xml"], "invalid value 'xml'"),
        (&["explain"], "<ID|TEXT>"),
        (&["explain", "--frmat"], "no such flag"),
        (&["completions", "tcsh"], "invalid value 'tcsh'"),
        (&["man", "nothing"], "there is no command `nothing`"),
        (&["schema", "nothing"], "unrecognized subcommand"),
        (&["a.log", "--knowledge", "nowhere"], "cannot read nowhere"),
        (&["a.log", "--knowledge", "a.log"], "a.log is not a folder"),
    ] {
        folder.run(args).exits(2).refuses(says);
    }
}

#[test]
fn no_arguments_show_the_help_and_are_2() {
    for args in [&[][..], &["knowledge"], &["schema"]] {
        let ended = esxray(args).exits(2);
        assert!(ended.errors().contains("Usage: esxray"), "{}", ended.errors());
        assert_eq!(ended.text(), "");
    }
}

#[test]
fn a_selection_without_incidents_is_not_a_finding() {
    let case = input("ha-reset-mid-rekey");
    on_cases(["--vm", "TEST-VM-2", &case]).exits(1);
    on_cases(["--until", "2001-01-01", &case]).exits(0);
}
