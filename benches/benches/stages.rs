//! What each stage costs: `cargo bench -p esxray-benches`, with a word behind `--` for some of them.

use std::io::Write;
use std::path::PathBuf;

use divan::Bencher;
use divan::counter::BytesCount;
use esxray_benches::{SEED, log, name_of};
use esxray_bundle::Limits;
use esxray_diagnosis::{Diagnosis, Options, Recogniser, diagnose};
use esxray_knowledge::Knowledge;
use esxray_record::ReadOptions;
use esxray_report::{Output, TextOptions, Verbosity};
use esxray_testkit::NoiseFormat::{self, Hostd, VmwareLog};

fn main() {
    divan::main();
}

/// Bytes of a log.
const BYTES: u64 = 16 << 20;

/// Log and hits in a million records.
#[derive(Debug, Clone, Copy)]
struct Load(NoiseFormat, u64);

const LOADS: [Load; 4] = [Load(Hostd, 100), Load(Hostd, 10_000), Load(VmwareLog, 100), Load(VmwareLog, 10_000)];

impl std::fmt::Display for Load {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}.{:02} %", name_of(self.0), self.1 / 10_000, self.1 / 100 % 100)
    }
}

impl Load {
    fn bytes(self) -> Vec<u8> {
        log(self.0, SEED, BYTES, self.1)
    }
}

/// A file in a folder that goes when this goes.
struct OnDisk {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl OnDisk {
    fn new(name: &str, bytes: &[u8]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join(name);
        std::fs::File::create(&path).and_then(|mut file| file.write_all(bytes)).expect("room for a log");
        Self { _folder: folder, path }
    }

    fn diagnose(&self, knowledge: &Knowledge) -> Diagnosis {
        let options = Options { threads: Some(1), ..Options::default() };
        diagnose(std::slice::from_ref(&self.path), knowledge, &options).expect("the file is there")
    }
}

fn knowledge() -> Knowledge {
    Knowledge::builtin().expect("the built-in knowledge loads")
}

/// Every line in a record or counted, nothing looked for.
#[divan::bench(args = [Load(Hostd, 100), Load(VmwareLog, 100)], sample_count = 20)]
fn account(bencher: Bencher, load: Load) {
    let log = load.bytes();
    bencher
        .counter(BytesCount::of_slice(&log))
        .bench(|| esxray_record::read(&mut &log[..], name_of(load.0), &ReadOptions::default(), &mut |_| {}));
}

/// The same, and what the knowledge base recognises.
#[divan::bench(args = LOADS, sample_count = 20)]
fn recognise(bencher: Bencher, load: Load) {
    let (log, knowledge) = (load.bytes(), knowledge());
    let recogniser = Recogniser::new(&knowledge).expect("the built-in knowledge compiles");
    bencher.counter(BytesCount::of_slice(&log)).bench(|| recogniser.recognise(&log, name_of(load.0)));
}

/// The whole way from a file to a diagnosis, on one thread.
#[divan::bench(args = LOADS, sample_count = 20)]
fn diagnosis(bencher: Bencher, load: Load) {
    let (log, knowledge) = (load.bytes(), knowledge());
    let file = OnDisk::new(name_of(load.0), &log);
    bencher.counter(BytesCount::of_slice(&log)).bench(|| file.diagnose(&knowledge));
}

/// Bytes out of a gzip file.
#[divan::bench(sample_count = 20)]
fn gzip(bencher: Bencher) {
    let log = Load(Hostd, 100).bytes();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(&log).expect("room for a log");
    let file = OnDisk::new("hostd.0.gz", &encoder.finish().expect("room for a log"));
    let limits = Limits::default();
    bencher.counter(BytesCount::of_slice(&log)).bench(|| {
        let mut bytes = 0;
        let found = esxray_bundle::plan(std::slice::from_ref(&file.path), &limits).expect("the file is there");
        for unit in &found.units {
            unit.read(&limits, &mut |member| bytes += std::io::copy(member.reader, &mut std::io::sink()).unwrap_or(0));
        }
        bytes
    });
}

/// A diagnosis with many incidents as text.
#[divan::bench(args = [false, true])]
fn report_text(bencher: Bencher, verbose: bool) {
    let it = OnDisk::new("hostd.log", &Load(Hostd, 10_000).bytes()).diagnose(&knowledge());
    let verbosity = if verbose { Verbosity::Verbose } else { Verbosity::Normal };
    let options = TextOptions { width: 100, verbosity, ..TextOptions::default() };
    bencher.bench(|| Output::Text.render(&it, &options));
}

/// The same as JSON.
#[divan::bench]
fn report_json(bencher: Bencher) {
    let it = OnDisk::new("hostd.log", &Load(Hostd, 10_000).bytes()).diagnose(&knowledge());
    bencher.bench(|| Output::Json.render(&it, &TextOptions::default()));
}

/// The built-in knowledge from its texts.
#[divan::bench]
fn knowledge_load() -> Knowledge {
    knowledge()
}

/// Its anchors made ready to search with.
#[divan::bench]
fn knowledge_compile(bencher: Bencher) {
    let knowledge = knowledge();
    bencher.bench(|| Recogniser::new(&knowledge).is_ok());
}

/// A file of one line: what every run costs before it begins.
#[divan::bench]
fn start_up(bencher: Bencher) {
    let file = OnDisk::new("vmware.log", b"2024-03-12T09:00:00.000Z In(05) vmx - PowerOn\n");
    bencher.bench(|| file.diagnose(&knowledge()));
}
