//! Real logs, where they are at hand: none of their lines may be lost.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where it stands")]

use std::path::{Path, PathBuf};

use esxray_model::FormatName;
use esxray_record::{Account, ReadOptions, SpanKind, iso, month_day, read};

/// The folder of real logs beside the project, or nothing where the project stands alone.
#[expect(clippy::print_stderr, reason = "a test that did not run says so")]
fn corpus(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus").join(folder);
    let Ok(entries) = std::fs::read_dir(&root) else {
        eprintln!("skipped: there is no ../shared/corpus/{folder} beside the project");
        return Vec::new();
    };
    let mut files = Vec::new();
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            files.extend(corpus(&format!("{folder}/{name}")));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// What became of a file; its lines must add up.
#[expect(clippy::disallowed_methods, reason = "the test reads its own corpus")]
fn account(path: &Path) -> Account {
    let log = std::fs::read(path).unwrap();
    let mut generic = 0;
    let mut stamped: Vec<String> = Vec::new();
    let account = read(&mut &log[..], &path.to_string_lossy(), &ReadOptions::default(), &mut |block| {
        for span in block.spans.iter().filter(|it| it.kind == SpanKind::Unparsed) {
            for line in block.bytes[span.range.clone()].split(|byte| *byte == b'\n') {
                let inside = line.strip_prefix(b"[").unwrap_or(line);
                if iso(inside).or_else(|| month_day(inside)).is_some() {
                    stamped.push(String::from_utf8_lossy(line).into_owned());
                }
            }
        }
        generic += block.records().filter(|record| record.format() == FormatName::Generic).count();
    });
    let newlines = memchr::memchr_iter(b'\n', &log).count() as u64;
    let name = path.display();
    assert_eq!(account.lines, newlines + u64::from(log.last().is_some_and(|byte| *byte != b'\n')), "{name}");
    let kinds = account.records + account.continuation_lines + account.unparsed_lines + account.blank_lines;
    assert_eq!(account.lines, kinds, "{name}");
    assert_eq!(stamped, Vec::<String>::new(), "{name}: a line with a stamp is a record");
    assert_eq!(generic, 0, "{name}: a record of no known form");
    assert_eq!(account.glued, 0, "{name}");
    account
}

#[test]
fn every_vmware_log_is_read_whole() {
    for path in corpus("vmware-log") {
        let account = account(&path);
        assert_eq!(account.form.unwrap().format, FormatName::VmwareLog, "{}", path.display());
        assert_eq!(account.unparsed_lines, 0, "{}", path.display());
        assert!(account.header.build.is_some(), "{} has a header", path.display());
        assert_eq!(account.foreign, 0, "{}", path.display());
    }
}

/// Name of the file, and what it is.
const EXCERPTS: &[(&str, &str)] = &[
    ("dfirnotes__6841595446__esxi8_mixed.log", "syslog-8"),
    ("elastic__integrations__vsphere_syslog.log", "syslog-5424"),
    ("forwarded_syslog_esxi5_8.log", "syslog-3164"),
    ("tstack__lnav__esx_syslog_log.log", "syslog-8"),
    ("tstack__lnav__vmk_log.log", "vmkernel-5"),
    ("tstack__lnav__vmw_log.log", "vmacore-6"),
    ("tstack__lnav__vmw_py_log.log", "vc-python"),
    ("tstack__lnav__vmw_vc_svc_log.log", "vc-go"),
    ("hostd/esx41_esx40_excerpts.log", "hostd-3"),
    ("hostd/esxi55_21450142831.log", "hostd-5"),
    ("hostd/jtmoon79__super-speedy-syslog-searcher__1.log", "hostd-6"),
    ("hostd/supportnotes_57570796905__esxi67_hostd_hostd-probe.log", "hostd-6"),
    ("hostd/unknownrepo__30336000303__esxi8_hostd.log", "hostd-8"),
    // `hostd` fills most of the `messages` file of ESXi 4.
    ("vmkernel/elatov__elatov.github.io__1.log", "hostd-syslog-bsd"),
    ("vmkernel/elatov__elatov.github.io__11.log", "vmkernel-5"),
    ("vmkernel/elatov__elatov.github.io__13.log", "vmkernel-5"),
    ("vmkernel/elatov__elatov.github.io__15.log", "vmkernel-5"),
    ("vmkernel/elatov__elatov.github.io__17.log", "vmkernel-5"),
    ("vmkernel/elatov__elatov.github.io__2.log", "vmkernel-syslog-bsd"),
    ("vmkernel/elatov__elatov.github.io__3.log", "hostd-syslog-bsd"),
    ("vmkernel/elatov__elatov.github.io__5.log", "vmkernel-syslog-bsd"),
    ("vmkernel/elatov__elatov.github.io__7.log", "vmkernel-syslog-bsd"),
    ("vmkernel/elatov__elatov.github.io__9.log", "vmkernel-syslog-bsd"),
    ("vmkernel/unknownrepo__30336000303__esxi8_vmkernel.log", "vmkernel-8"),
    ("vmware-log-esxi-excerpts/dfirnotes__6841595446__esxi8.log", "vmware-c-esx"),
    ("vmware-log-esxi-excerpts/haewon83.tistory.com__m_108__esxi_vmotion.log", "vmware-c-esx"),
    ("vmware-log-esxi-excerpts/hosted_nomillis_A0.log", "vmware-a0"),
    // One record of vpxa, and one of kmxa without its stamp.
    ("vpxd/kubernetes-sigs__vsphere-csi-driver__issue1730__esxi7_vpxa_kmxa.log", "vpxa-6"),
    ("vpxd/tstack__lnav__1.log", "vpxd-6"),
    ("vpxd/tstack__lnav__2.log", "vpxd-6"),
    ("vpxd/vmware__vic__issues__vc65_vpxd.log", "vpxd-6"),
];

#[test]
fn every_excerpt_is_recognised() {
    let files = corpus("excerpts");
    for path in &files {
        let account = account(path);
        let expected = EXCERPTS.iter().find(|it| path.ends_with(it.0)).map(|it| it.1);
        assert_eq!(account.form.map(|it| it.dialect_name()), expected, "{}", path.display());
    }
    assert!(files.is_empty() || files.len() == EXCERPTS.len(), "a file went away");
}
