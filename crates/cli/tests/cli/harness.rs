//! Runs the built binary on files of a temporary folder.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// One run of `esxray`, about to begin.
pub(crate) struct Run {
    pub(crate) command: Command,
    stdin: Vec<u8>,
}

/// A run with these arguments. Nothing of the tester's own environment that matters gets in.
pub(crate) fn esxray<A: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = A>) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_esxray"));
    command.args(args).env_remove("NO_COLOR").env_remove("LC_ALL").env_remove("LANG").env_remove("RUST_BACKTRACE");
    Run { command, stdin: Vec::new() }
}

impl Run {
    pub(crate) fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    pub(crate) fn within(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.current_dir(folder);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn stdout(mut self, to: impl Into<Stdio>) -> Self {
        self.command.stdout(to);
        self
    }

    /// Runs it to its end, with standard output and error captured.
    #[track_caller]
    pub(crate) fn ends(mut self) -> Ended {
        self.command.stdin(Stdio::piped()).stderr(Stdio::piped());
        let told = format!("{:?}", self.command);
        let mut child = self.command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let bytes = self.stdin;
        let feed = std::thread::spawn(move || {
            // A program that does not read its input closes it.
            let _ = stdin.write_all(&bytes);
        });
        let output = child.wait_with_output().unwrap();
        feed.join().unwrap();
        Ended { output, told }
    }

    /// Runs it, and holds it to an exit status.
    #[track_caller]
    pub(crate) fn exits(mut self, code: i32) -> Ended {
        self.command.stdout(Stdio::piped());
        self.ends().with(code)
    }
}

/// What a run left behind.
pub(crate) struct Ended {
    output: Output,
    told: String,
}

impl Ended {
    #[track_caller]
    pub(crate) fn with(self, code: i32) -> Self {
        assert_eq!(self.output.status.code(), Some(code), "{}\n{}\n{}", self.told, self.text(), self.errors());
        assert!(!self.errors().contains("has a bug"), "{}\n{}", self.told, self.errors());
        self
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.output.stdout
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    pub(crate) fn errors(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(self.bytes()).unwrap_or_else(|error| panic!("{}: {error}\n{}", self.told, self.text()))
    }

    /// Standard error is one `error:` line, further lines, and a hint; standard output is empty.
    #[track_caller]
    pub(crate) fn refuses(self, says: &str) -> Self {
        let errors = self.errors();
        assert!(errors.starts_with("error: "), "{}\n{errors}", self.told);
        assert!(errors.contains("\n  hint: "), "{}\n{errors}", self.told);
        assert!(errors.contains(says), "{}\n{errors}\ndoes not say: {says}", self.told);
        assert_eq!(self.text(), "", "{}", self.told);
        self
    }
}

/// The folder of the committed cases.
pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").canonicalize().unwrap()
}

/// The names of all cases, in order.
pub(crate) fn cases() -> Vec<String> {
    let entries = fs::read_dir(fixtures()).unwrap().map(|entry| entry.unwrap().path());
    let cases = entries.filter(|path| path.join("input").is_dir());
    let mut names: Vec<String> = cases.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    assert!(names.len() >= 9, "{names:?}");
    names
}

/// What a user of the case `name` types, from the folder of the cases.
pub(crate) fn input(name: &str) -> String {
    format!("{name}/input")
}

/// A run from the folder of the cases.
pub(crate) fn on_cases<A: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = A>) -> Run {
    esxray(args).within(fixtures())
}

/// A temporary folder with files in it.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn with(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// A run within it.
    pub(crate) fn run<A: AsRef<std::ffi::OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Run {
        esxray(args).within(self.path())
    }

    /// The names of everything directly in it, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

/// One ordinary record, and one that shows the wrong key.
pub(crate) const QUIET: &str = "2023-03-10T15:16:20.000Z In(05) vmx - Hostname=esx07.lab.example\n";
pub(crate) const WRONG_KEY: &str = "2023-03-10T15:16:22.314Z In(05) vmx - DISKLIB-LINK : \"/vmfs/volumes/ds1/APP-01/APP-01-lKPs.vmdk\" : failed to open (Cannot decrypt disk because key or password is incorrect).\n";

/// Whether no byte of it could drive a terminal or hide from the reader.
#[track_caller]
pub(crate) fn assert_harmless(what: &str, bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
    for c in text.chars() {
        let hidden = matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
        assert!(c == '\n' || !(c.is_control() || hidden), "{what}: {c:?} got out\n{text:?}");
    }
}
