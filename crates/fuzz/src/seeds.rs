//! What mutation begins with: small inputs that every reader accepts.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use esxray_knowledge::Knowledge;
use esxray_model::FormatName;
use esxray_testkit::{Case, Dialect, Generation, Level, LogRecord, LogTime, NoiseFormat, NoiseWriter, Scenario, wrap};

/// Begins the next file of an input that holds several: this byte, its path, a line feed, its text.
pub(crate) const FILE: u8 = 0x1c;

/// The built-in knowledge, loaded once.
pub(crate) fn knowledge() -> &'static Knowledge {
    static KNOWLEDGE: OnceLock<Knowledge> = OnceLock::new();
    #[expect(clippy::expect_used, reason = "without its knowledge nothing can be tested")]
    KNOWLEDGE.get_or_init(|| Knowledge::builtin().expect("the built-in knowledge loads"))
}

/// When the records of a seed are.
pub(crate) fn time(step: i64) -> LogTime {
    LogTime::civil(2024, 3, 12, 9, 0, 0) + esxray_testkit::seconds(step)
}

/// A few records in each dialect, with continuation lines, quotes and things that need a second look.
pub(crate) fn logs() -> Vec<Vec<u8>> {
    const TEXTS: &[(&str, &str)] = &[
        ("vmx", "Log for VMware ESX pid=1234 version=8.0.2 build=build-22380479 option=Release"),
        (
            "vmx",
            "DISKLIB-LINK  : \"/vmfs/volumes/ds1/APP-01/APP-01.vmdk\" : failed to open (Cannot decrypt disk because key or password is incorrect).",
        ),
        (
            "Default",
            "Fault Caught:\n(vim.fault.CryptoManagerFault) {\n   faultCause = (vmodl.MethodFault) null,\n   msg = \"a \\\"quoted\\\" word\"\n}",
        ),
        (
            "vmx",
            "Msg_Post: Error\n[msg.hbacommon.corruptredo] It is damaged.\n\n----------------------------------------",
        ),
        ("vcpu-0", "Guest: toolbox: Version: 12.3.5"),
        ("Vmsvc.vm:/vmfs/volumes/ds1/APP-01/APP-01.vmx", "State Transition (VM_STATE_ON -> VM_STATE_OFF)"),
        ("vmx", ""),
    ];
    let mut seeds = Vec::new();
    for dialect in Dialect::ALL {
        let mut log = Vec::new();
        for (step, (component, text)) in (0..).zip(TEXTS) {
            let record =
                LogRecord::new(time(step), *component, text).level(Level::Warning).op_id("51c7-9a-01").user("root");
            log.extend(wrap(*dialect, &record));
        }
        seeds.push(log);
    }
    for format in [NoiseFormat::Hostd, NoiseFormat::VmwareLog] {
        for generation in Generation::ALL {
            let mut log = Vec::new();
            let writer = NoiseWriter::new(format, *generation, 9).bytes(4000).hits_per_million(100_000);
            // Writing to a vector cannot fail.
            let _ = writer.write(&mut log);
            seeds.push(log);
        }
    }
    let wide: Vec<u8> = seeds.first().into_iter().flatten().flat_map(|byte| [*byte, 0]).collect();
    seeds.push([&b"\xff\xfe"[..], &wide].concat());
    seeds.push(wide);
    seeds.extend(
        [&b""[..], b"\n", b"\0\0\0\0", b"\xef\xbb\xbfx\r\ny\r\n", b"The provider 'x' does not exist."]
            .map(<[u8]>::to_vec),
    );
    seeds
}

/// For each signature, a folder with its samples and with what it must leave alone, in the dialects of its logs.
pub(crate) fn samples() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (index, signature) in knowledge().signatures.iter().enumerate() {
        let samples = signature.samples.iter().map(|it| (&it.text, it.log, &it.component));
        let nots = signature.nots.iter().map(|it| (&it.text, it.log, &it.component));
        let mut logs: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
        for (step, (text, log, component)) in (0..).zip(samples.chain(nots)) {
            let Some(log) = log.or_else(|| signature.logs.first().copied()) else { continue };
            let component = component.as_deref().unwrap_or("Default");
            let record = LogRecord::new(time(step), component, text);
            logs.entry(path_of(log)).or_default().extend(wrap(dialect(log, index), &record));
        }
        seeds.push(logs.iter().flat_map(|(path, log)| named(path, log)).collect());
    }
    seeds
}

/// Whole cases as they come from a customer, small.
pub(crate) fn cases() -> Vec<Vec<u8>> {
    let whole = |case: &Case| {
        let made = Scenario::new(*case).bytes_at_least(1).generate();
        made.files.iter().flat_map(|file| named(&file.path, &file.bytes)).collect()
    };
    Case::ALL.iter().map(whole).collect()
}

fn named(path: &str, text: &[u8]) -> Vec<u8> {
    [&[FILE], path.as_bytes(), b"\n", text].concat()
}

/// A dialect of that format; another one for each `turn`.
fn dialect(log: FormatName, turn: usize) -> Dialect {
    let of_format: Vec<Dialect> = Dialect::ALL.iter().copied().filter(|it| it.format() == log.as_str()).collect();
    of_format.get(turn % of_format.len().max(1)).copied().unwrap_or(Dialect::HostdH8)
}

fn path_of(log: FormatName) -> &'static str {
    match log {
        FormatName::VmwareLog => "APP-01/vmware.log",
        FormatName::Vpxd => "vcenter01/vpxd.log",
        FormatName::Vpxa => "esx01/vpxa.log",
        FormatName::Fdm => "esx01/fdm.log",
        _ => "esx01/hostd.log",
    }
}

/// The files of the knowledge base: path below `data/`, a line feed, text.
pub(crate) fn knowledge_files() -> Vec<Vec<u8>> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../knowledge/data");
    let mut folders = vec![data.clone()];
    let mut seeds = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let (Ok(below), Ok(text)) = (path.strip_prefix(&data), std::fs::read(&path)) {
                let name = below.to_string_lossy().replace('\\', "/");
                seeds.push([name.as_bytes(), b"\n", &text].concat());
            }
        }
    }
    seeds.sort();
    seeds
}
