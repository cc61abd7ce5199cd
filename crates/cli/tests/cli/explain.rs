//! `esxray explain`.

use crate::harness::{WRONG_KEY, assert_harmless, esxray};

#[test]
fn ids_of_every_kind_and_aliases_are_explained() {
    for (query, says) in [
        ("rekey-disk-wrong-key", "cause · rekey-disk-wrong-key"),
        ("REKEY-DISK-WRONG-KEY", "cause · rekey-disk-wrong-key"),
        ("kms.providers.not_found", "cause · kms-provider-not-found-on-host"),
        ("reload-vmx", "vim-cmd vmsvc/reload <vmid>"),
        ("keep-old-provider", "prohibition · keep-old-provider"),
        ("disklib-wrong-key", "signature · disklib-wrong-key"),
        ("Cannot decrypt disk because key or password is incorrect", "cause · rekey-disk-wrong-key"),
        ("so it said: cannot decrypt disk because key or password is incorrect!", "cause · rekey-disk-wrong-key"),
    ] {
        let text = esxray(["explain", query]).exits(0).text();
        assert!(text.contains(says), "{query}\n{text}");
    }
}

#[test]
fn pasted_text_is_recognised() {
    let fault =
        "-->    com.vmware.esx.trusted_infrastructure.kms.providers.not_found<The provider 'KMS-EXT' does not exist.>";
    let block = format!(
        "2023-03-10T15:16:19.870Z error hostd[2099045] [Originator@6876 sub=Vimsvc.TaskManager opID=ab] Failed\n--> (vmodl.fault.SystemError) {{\n{fault}\n--> }}\n"
    );
    for (text, says) in [
        (WRONG_KEY.trim_end(), "/vmfs/volumes/ds1/APP-01/APP-01-lKPs.vmdk"),
        (fault, "provider  KMS-EXT"),
        (&block, "provider  KMS-EXT"),
        (&format!("{WRONG_KEY}{block}"), "provider  KMS-EXT"),
    ] {
        let typed = esxray(["explain", text]).exits(0).text();
        assert!(typed.contains(says), "{text}\n{typed}");
        let piped = esxray(["explain", "-"]).stdin(text).exits(0).text();
        assert_eq!(piped, typed);
        let json = esxray(["explain", "-", "--format", "json"]).stdin(text).exits(0).json();
        let pages = json["pages"].as_array().unwrap();
        let kinds: Vec<&str> = pages.iter().map(|page| page["type"].as_str().unwrap()).collect();
        assert!(kinds.contains(&"signature") && kinds.contains(&"cause"), "{kinds:?}");
    }
}

#[test]
fn what_is_not_known_is_1_with_what_may_have_been_meant() {
    esxray(["explain", "reload-vmxx"]).exits(1).refuses("near it: reload-vmx");
    esxray(["explain", "my lunch"]).exits(1).refuses("`esxray knowledge list` lists every id");
    esxray(["explain", "-"]).stdin("my lunch\n\n--> was good\n").exits(1).refuses("nothing is known of");
    esxray(["explain", "-"]).exits(1).refuses("nothing is known of");
    // Words of a signature, but not a record of it.
    let near = esxray(["explain", "the disk: failed to open (Cannot decrypt"]).exits(1).errors();
    assert!(near.contains("hint: "), "{near}");
}

#[test]
fn too_much_text_is_refused() {
    let text = WRONG_KEY.repeat(10_000);
    esxray(["explain", "-"]).stdin(text).exits(2).refuses("longer than 1048576 bytes");
}

#[test]
fn hostile_text_does_no_harm() {
    let evil = WRONG_KEY.replace("APP-01-lKPs", "\u{1b}]0;x\u{7}\u{202e}\u{9b}2J");
    for text in [evil.as_str(), "\u{1b}[2J\u{202e}", "no\u{1b}[31mthing"] {
        for args in [&["explain", text][..], &["explain", "-"], &["explain", text, "--format", "json"]] {
            let mut run = esxray(args).stdin(text);
            run.command.stdout(std::process::Stdio::piped());
            let ended = run.ends();
            assert_harmless(text, ended.bytes());
            assert_harmless(text, ended.errors().as_bytes());
        }
    }
}

#[test]
fn the_numbers_of_a_line_are_explained() {
    let line = "NMP: nmp_ThrottleLogForDevice:3617: Cmd 0x2a (0x43950c44a000, 65575) to dev \"naa.6001\" on path \
                \"vmhba64:C0:T0:L0\" Failed: H:0x0 D:0x2 P:0x0 Valid sense data: 0x5 0x25 0x0. Act:EVAL";
    let text = esxray(["explain", line]).exits(0).text();
    for wanted in
        ["D:0x2 CHECK CONDITION", "0x5 0x25 0x0 LOGICAL UNIT NOT SUPPORTED", "permanent device loss", "(1030381)"]
    {
        assert!(text.contains(wanted), "no {wanted} in {text}");
    }
    let json = esxray(["explain", "-", "--format", "json"]).stdin(line).exits(0).json();
    let names: Vec<&str> = json["codes"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        ["WRITE(10)", "OK", "CHECK CONDITION", "GOOD", "ILLEGAL REQUEST", "LOGICAL UNIT NOT SUPPORTED", "EVAL"]
    );
    assert!(esxray(["explain", "0xbad0003"]).exits(0).text().contains("Not found"));
    assert!(esxray(["explain", "H:0x8"]).exits(0).text().contains("RESET"));
}

#[test]
fn events_faults_and_codes_are_explained_by_any_spelling() {
    for (query, says) in [
        ("com.vmware.vc.kms.crypto.Unreachable", "event · com.vmware.vc.kms.crypto.Unreachable · error"),
        ("vim.event.VmDasBeingResetEvent", "vSphere HA is resetting VM"),
        ("VM.CRYPTO.REKEYFAIL", "event · com.vmware.vc.vm.crypto.RekeyFail · error"),
        ("esx.audit.dcui.enabled", "No signature recognises it."),
        ("N3Vim5Fault20GenericVmConfigFault9ExceptionE", "one of VmConfigFault"),
        ("Vim::Fault::NoDiskSpace::Exception", "no space is left on the datastore"),
        ("noPermission", "a right is missing"),
        ("vim.fault.KeyVaultOutOfReach", "key vault out of reach"),
        ("(vim.fault.NoPermission) {\n  privilegeId = \"Cryptographer.Access\"\n}", "privilege Cryptographer.Access"),
        ("msg.some.newTopic", "area some: new topic"),
        ("KeyStateMissingInKMS", "has no such key"),
        ("QLC_ERR_NEED_AUTH", "from memory, not checked"),
        ("VIX error 17005", "VIX_E_CRYPTO_BAD_PASSWORD"),
        ("kmip 0x0c\r\n", "PERMISSION_DENIED"),
    ] {
        let text = esxray(["explain", query]).exits(0).text();
        assert!(text.contains(says), "{query}\n{text}");
    }
    let json = esxray(["explain", "vim.event.VmDasBeingResetEvent", "--format", "json"]).exits(0).json();
    let event = &json["events"][0];
    assert_eq!((&event["id"], &event["severity"]), (&"VmDasBeingResetEvent".into(), &"warning".into()));
    assert!(event["signatures"].as_array().unwrap().iter().any(|it| it == "ha-reset-event"), "{event}");
    esxray(["explain", "crypto.rekeyfail"]).exits(1).refuses("near it: com.vmware.vc.vm.crypto.RekeyFail");
}

#[test]
fn a_text_of_no_log_says_so() {
    let note = "The text does not say from which log it is";
    let disk = "DISKLIB-LINK  : \"/vmfs/volumes/ds1/APP-01/APP-01.vmdk\" : failed to open (Cannot decrypt disk because key or password is incorrect).";
    for text in [disk.to_owned(), format!("{disk}\r\n")] {
        let text = esxray(["explain", &text]).exits(0).text();
        assert!(text.contains(note) && text.contains("disklib-wrong-key"), "{text}");
    }
    let text = esxray(["explain", WRONG_KEY.trim_end()]).exits(0).text();
    assert!(!text.contains(note), "{text}");
}
