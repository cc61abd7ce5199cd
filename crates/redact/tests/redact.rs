//! Names of every sort in texts of every sort.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use esxray_knowledge::Knowledge;
use esxray_redact::{Encoding, Gather, Redactor, Tally, stretches};
use proptest::prelude::*;

static KNOWLEDGE: LazyLock<Knowledge> = LazyLock::new(|| Knowledge::builtin().unwrap());

fn redactor(text: &str, also: &[&str], keep: &[&str]) -> Redactor {
    let owned = |words: &[&str]| words.iter().map(|&it| it.to_owned()).collect::<Vec<_>>();
    let mut gather = Gather::new(&KNOWLEDGE, &owned(also), &owned(keep)).unwrap();
    gather.text(text.as_bytes());
    gather.finish().unwrap()
}

fn redacted(text: &str) -> String {
    let redactor = redactor(text, &[], &[]);
    String::from_utf8(redactor.text(text.as_bytes(), &mut Tally::default())).unwrap()
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(redacted(text), expected);
}

#[test]
fn paths_of_every_system() {
    check(
        "Opened '/vmfs/volumes/ds-gold/PAY 01/PAY 01_1-000002.vmdk' on /vmfs/volumes/6564cae7-d78777e9-bf73-005056ead83f/PAY 01/PAY 01.vmx opID=1",
        "Opened '/vmfs/volumes/ds-aa/file-a1/file-a1_1-000002.vmdk' on /vmfs/volumes/65000001-00004000-8000-000000000001/file-a1/file-a1.vmx opID=1",
    );
    let homes = |windows: &str, folder: &str, user: &str| {
        let home = ["", "home", user].join("/");
        format!(
            "C:\\Users\\{windows}\\AppData\\Local\\Temp\\x.log and \"D:\\{folder}\\disk.vmdk\" and {home}/{folder}/a.iso"
        )
    };
    check(&homes("Jane Smith", "Falcon", "jsmith"), &homes("user-aa", "file-aa", "user-ab"));
    check("changing directory to C:\\VMs\\Falcon two\\.", "changing directory to C:\\VMs\\file-aa\\.");
    check("disk '[gold-3] PAY-01/PAY-01.vmx'", "disk '[ds-a1] file-a1/file-a1.vmx'");
}

#[test]
fn accounts_hosts_and_addresses() {
    check(
        "user=vpxuser:ACMECORP\\jdoe] User jdoe@10.1.2.3 logged in as jane.doe@acme.example, root@fe80::250:56ff:fe9a:1b2c",
        "user=vpxuser:dom-aa\\user-aa] User user-aa@198.18.0.1 logged in as user-ab@dom-ab.example, root@2001:db8::0:1",
    );
    check(
        "https://kmip7.acme.example:5696 and kmip7 and esx-12.acme.example and 00:50:56:9a:1b:2c, version=10.1.2.3 Chrome/115.0.0.0",
        "https://host-a1.dom-aa.example:5696 and host-a1 and host-a2.dom-aa.example and 00:50:56:00:00:01, version=10.1.2.3 Chrome/115.0.0.0",
    );
    // The head of a record of syslog; hosts in a message of code stay.
    check(
        "<166>2024-05-01T10:00:00Z pay-esx1 Hostd: java.lang.String com.vmware.vc.test.org pay-esx1",
        "<166>2024-05-01T10:00:00Z host-a1 Hostd: java.lang.String com.vmware.vc.test.org host-a1",
    );
}

#[test]
fn ids_keep_their_spelling_and_stay_one() {
    check(
        "uuid.bios = \"56 4d 1a 2b 3c 4d 5e 6f-70 81 92 a3 b4 c5 d6 e7\" 564d1a2b-3c4d-5e6f-7081-92a3b4c5d6e7 naa.60003ff44dc75adcb0a0a0a0a0a0a0a0",
        "uuid.bios = \"56 00 00 01 00 00 40 00-80 00 00 00 00 00 00 01\" 56000001-0000-4000-8000-000000000001 naa.60000002000040008000000000000002",
    );
    // A log prints the beginning of the id of a session; no id at all stays.
    check(
        "session=5262f4f8 -- 5262f4f8-b998-3a4a-ca52-384bd2c110ec 00000000-0000-0000-0000-000000000000",
        "session=52000001 -- 52000001-0000-4000-8000-000000000001 00000000-0000-0000-0000-000000000000",
    );
}

#[test]
fn secrets_leave_no_trace() {
    let text = "keySafe = \"vmware:key/list/(pair/(fqid/<VMWARE-NULL>/kms%2dgold/key%2d77,HMAC%2dSHA%2d256,c2VjcmV0c2VjcmV0))\"\npassword=Tr0ub4dor&x\nAccepted password for root\n";
    let redactor = redactor(text, &[], &[]);
    let mut tally = Tally::default();
    let out = String::from_utf8(redactor.text(text.as_bytes(), &mut tally)).unwrap();
    assert_eq!(
        out,
        "keySafe = \"vmware:key/list/(pair/(fqid/<VMWARE-NULL>/provider-aa/key-a1,HMAC%2dSHA%2d256,YmxvdHRlZA))\"\npassword=YmxvdHRlZA&x\nAccepted password for root\n"
    );
    assert_eq!(tally.secrets, 2);
    assert!(!redactor.map().contains("c2Vj") && !redactor.map().contains("Tr0ub"));
}

#[test]
fn notes_serials_and_tickets() {
    check(
        "annotation = \"Owner: Jane, room 12\" Serial Number: CZ-12345X case 12345678 ethernet0.networkName = \"Falcon LAN\"",
        "annotation = \"note-a1\" Serial Number: serial-a1 case ticketa1 ethernet0.networkName = \"net-aa\"",
    );
}

#[test]
fn a_word_that_is_a_name_leaves_messages_alone() {
    let text = "displayName = \"Power\"\n/vmfs/volumes/gold7/Power/Power.vmx\nPower on failed\nPowering on\n";
    let given = redactor(text, &[], &[]);
    let mut tally = Tally::default();
    let out = String::from_utf8(given.text(text.as_bytes(), &mut tally)).unwrap();
    assert_eq!(out, "displayName = \"vm-aa\"\n/vmfs/volumes/ds-a1/vm-aa/vm-aa.vmx\nPower on failed\nPowering on\n");
    let forced = redactor(text, &["Power"], &[]);
    let out = String::from_utf8(forced.text(text.as_bytes(), &mut tally)).unwrap();
    assert!(out.contains("\nword-aa on failed\nPowering on\n"), "{out}");
    let kept = redactor(text, &[], &["Power"]);
    assert!(String::from_utf8(kept.text(text.as_bytes(), &mut tally)).unwrap().contains("= \"Power\""));
}

#[test]
fn sixteen_bits_a_letter_and_what_is_no_text() {
    let utf16: Vec<u8> = "\u{feff}10.1.2.3\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut seen = Vec::new();
    stretches(&mut utf16.as_slice(), &mut |encoding, text| {
        seen.push((encoding, encoding.encode(text)));
        Ok(())
    })
    .unwrap();
    assert_eq!(seen, [(Encoding::Little, utf16)]);
    let binary: Vec<u8> = (0..=255).cycle().take(5000).collect();
    assert!(stretches(&mut binary.as_slice(), &mut |_, _| Ok(())).is_err());
}

/// Names as people give them: of words of logs, of metacharacters, of other scripts.
fn name() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "[A-Z]{2,5}-[0-9]{1,3}",
        "[a-z]{3,8}[0-9]{1,2}",
        Just("disk".to_owned()),
        Just("vm".to_owned()),
        Just("é日本".to_owned()),
        "[.*+?()\\[\\]{}|^$#&%!=,;~-]{1,3}",
        "[A-Za-z]{1,3}",
    ];
    proptest::collection::vec(part, 1..4).prop_map(|parts| parts.join(" ")).prop_filter("a name", |it| it.len() > 5)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn no_name_is_left_and_a_second_time_changes_no_line(names in proptest::collection::vec(name(), 1..5)) {
        let mut text = String::new();
        for name in &names {
            let line = format!("DISK: OPEN scsi0:0 \"/vmfs/volumes/gold-7/{name}/{name}.vmdk\" persistent\n");
            text.extend([line, format!("VM ({name}) is off\n"), format!("x{name}x\n")]);
        }
        let mut gather = Gather::new(&KNOWLEDGE, &names, &[]).unwrap();
        gather.text(text.as_bytes());
        let redactor = gather.finish().unwrap();
        let out = redactor.text(text.as_bytes(), &mut Tally::default());
        let mut left = BTreeMap::new();
        redactor.search(&out, &mut left);
        prop_assert!(left.is_empty(), "{left:?} in {}", String::from_utf8_lossy(&out));
        let out = String::from_utf8(out).unwrap();
        prop_assert_eq!(out.lines().count(), text.lines().count());
        for line in out.lines().step_by(3) {
            prop_assert!(line.starts_with("DISK: OPEN scsi0:0 \"/vmfs/volumes/") && line.ends_with(".vmdk\" persistent"), "{line}");
        }
        prop_assert_eq!(redacted(&out).lines().count(), text.lines().count());
    }

    #[test]
    fn any_bytes_are_taken(bytes in proptest::collection::vec(any::<u8>(), 0..400), cut in 0_usize..400) {
        let mut gather = Gather::new(&KNOWLEDGE, &[], &[]).unwrap();
        gather.text(&bytes);
        gather.text(b"user=ACME9\\jd7 10.1.2.3 /vmfs/volumes/\xff/\xc3(/x.vmx\n");
        let redactor = gather.finish().unwrap();
        let lines = |bytes: &[u8]| bytes.split(|it| *it == b'\n').count();
        prop_assert_eq!(lines(&redactor.text(&bytes, &mut Tally::default())), lines(&bytes));
        redactor.text(bytes.get(cut.min(bytes.len())..).unwrap_or_default(), &mut Tally::default());
    }
}
