//! Where an answer goes: standard output, or a file that appears whole or not at all.
#![expect(clippy::disallowed_methods, reason = "this is the room that writes output files")]

use std::fs::{self, File, FileType};
use std::io::{self, BufWriter, StdoutLock, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::args::Target;
use crate::failure::Failure;
use crate::interrupt;

/// Why an answer cannot be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutputError {
    /// Something is there already.
    #[error("{path} exists")]
    Exists {
        /// As given.
        path: String,
    },
    /// The file is read, or lies in a folder that is read: overwriting it would destroy evidence.
    #[error("{path} is part of the input and is not overwritten")]
    IsInput {
        /// As given.
        path: String,
    },
    /// A folder, a disk, a socket.
    #[error("{path} is a {found}, not a file")]
    NotAFile {
        /// As given.
        path: String,
        /// What it is.
        found: &'static str,
    },
    /// The system refuses.
    #[error("cannot write {path}")]
    Write {
        /// As given, or `standard output`.
        path: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

const STDOUT: &str = "standard output";

/// Where an answer is to go; checked before anything is read, so that no hour of work ends in a refusal.
#[derive(Debug)]
pub(crate) enum Destination {
    Stdout,
    /// A device or a pipe: there is nothing to overwrite, and nothing to rename.
    Stream(PathBuf),
    /// A file.
    File {
        path: PathBuf,
        replaces: bool,
    },
}

impl Destination {
    /// Checks what the user asked for. `inputs` are what is read.
    pub(crate) fn check(target: &Target, inputs: &[PathBuf]) -> Result<Self, OutputError> {
        let Some(path) = target.output.as_deref().filter(|path| path.as_os_str() != "-") else {
            return Ok(Self::Stdout);
        };
        let name = || shown(path);
        let write = |source| OutputError::Write { path: name(), source };
        let kind = match fs::metadata(path) {
            Ok(found) => found.file_type(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if path.symlink_metadata().is_ok() {
                    return Err(OutputError::NotAFile { path: name(), found: "link that leads nowhere" });
                }
                // Whether a file can be made there at all; it has no name, and is gone at once.
                tempfile::tempfile_in(folder(path)).map_err(write)?;
                return Ok(Self::File { path: path.to_owned(), replaces: false });
            }
            Err(error) => return Err(write(error)),
        };
        if is_stream(kind) {
            return Ok(Self::Stream(path.to_owned()));
        }
        if !kind.is_file() {
            let found = if kind.is_dir() { "folder" } else { "special file" };
            return Err(OutputError::NotAFile { path: name(), found });
        }
        if !target.force {
            return Err(OutputError::Exists { path: name() });
        }
        // The file that a link leads to is replaced, not the link.
        let real = path.canonicalize().map_err(write)?;
        if inputs.iter().filter_map(|input| input.canonicalize().ok()).any(|input| real.starts_with(input)) {
            return Err(OutputError::IsInput { path: name() });
        }
        tempfile::tempfile_in(folder(&real)).map_err(write)?;
        Ok(Self::File { path: real, replaces: true })
    }

    /// Whether the answer goes to standard output.
    pub(crate) const fn is_stdout(&self) -> bool {
        matches!(self, Self::Stdout)
    }

    /// Begins to write.
    pub(crate) fn open(self) -> Result<Output, Failure> {
        let (to, name) = match self {
            Self::Stdout => (To::Stdout(BufWriter::with_capacity(BUFFER, io::stdout().lock())), STDOUT.to_owned()),
            Self::Stream(path) => {
                let name = shown(&path);
                let file = File::options().write(true).open(&path);
                (To::Stream(file.map_err(|source| OutputError::Write { path: name.clone(), source })?), name)
            }
            Self::File { path, replaces } => {
                let name = shown(&path);
                let file = unfinished(&path, replaces);
                let file = file.map_err(|source| OutputError::Write { path: name.clone(), source })?;
                (To::File { file: BufWriter::with_capacity(BUFFER, file), path, replaces }, name)
            }
        };
        Ok(Output { to, name })
    }

    /// Writes all of an answer.
    pub(crate) fn write(self, text: &str) -> Result<(), Failure> {
        let mut output = self.open()?;
        output.write(text.as_bytes())?;
        output.finish()
    }
}

const BUFFER: usize = 64 << 10;

/// Where an answer goes, while it is written.
#[derive(Debug)]
pub(crate) struct Output {
    to: To,
    name: String,
}

#[derive(Debug)]
enum To {
    Stdout(BufWriter<StdoutLock<'static>>),
    Stream(File),
    File { file: BufWriter<NamedTempFile>, path: PathBuf, replaces: bool },
}

impl Output {
    /// Writes a part of the answer.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let written = match &mut self.to {
            To::Stdout(stdout) => stdout.write_all(bytes),
            To::Stream(file) => file.write_all(bytes),
            To::File { file, .. } => file.write_all(bytes),
        };
        written.map_err(|error| self.failure(error))
    }

    /// Says that the answer is whole: only now a file gets its name.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        let Self { to, name } = self;
        let written = match to {
            To::Stdout(mut stdout) => stdout.flush(),
            To::Stream(mut file) => file.flush(),
            To::File { file, path, replaces } => match file.into_inner() {
                Ok(file) => publish(file, &path, replaces),
                Err(error) => Err(error.into_error()),
            },
        };
        written.map_err(|error| failure(&name, error))
    }

    fn failure(&self, error: io::Error) -> Failure {
        failure(&self.name, error)
    }
}

/// What it means that standard output does not take what is written.
pub(crate) fn stdout_failure(error: io::Error) -> Failure {
    failure(STDOUT, error)
}

fn failure(name: &str, error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::ClosedPipe,
        io::ErrorKind::AlreadyExists => OutputError::Exists { path: name.to_owned() }.into(),
        _ => OutputError::Write { path: name.to_owned(), source: error }.into(),
    }
}

/// A file beside the final one, under a name that says what it is.
fn unfinished(path: &Path, replaces: bool) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".esxray-").suffix(".unfinished");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As any other program would make it; a temporary file would be for its owner alone.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let file = interrupt::unfinished(|| builder.tempfile_in(folder(path)), NamedTempFile::path)?;
    if replaces {
        file.as_file().set_permissions(fs::metadata(path)?.permissions())?;
    }
    Ok(file)
}

/// Gives a whole file its name, so that not even a loss of power leaves half of it under that name.
fn publish(file: NamedTempFile, path: &Path, replaces: bool) -> io::Result<()> {
    file.as_file().sync_all()?;
    interrupt::finished(|| {
        let named = if replaces { file.persist(path) } else { file.persist_noclobber(path) };
        named.map(drop).map_err(|error| error.error)
    })?;
    #[cfg(unix)]
    if let Ok(folder) = File::open(folder(path)) {
        // The file is whole either way; some file systems do not know how to sync a folder.
        let _ = folder.sync_all();
    }
    Ok(())
}

/// The folder that a path lies in.
fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether what a path leads to can be read once and not again.
pub(crate) fn is_read_once(path: &Path) -> bool {
    path.as_os_str() == "-" || fs::metadata(path).is_ok_and(|found| is_stream(found.file_type()))
}

fn is_stream(kind: FileType) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        kind.is_char_device() || kind.is_fifo()
    }
    #[cfg(not(unix))]
    {
        let _ = kind;
        false
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::{Destination, OutputError};
    use crate::args::Target;
    use crate::failure::Failure;

    fn target(path: PathBuf, force: bool) -> Target {
        Target { output: Some(path), force }
    }

    #[test]
    fn an_unfinished_answer_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.txt");
        let mut output = Destination::check(&target(path.clone(), false), &[]).unwrap().open().unwrap();
        output.write(b"half").unwrap();
        assert!(!path.exists());
        drop(output);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_appeared_meanwhile_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.txt");
        let destination = Destination::check(&target(path.clone(), false), &[]).unwrap();
        fs::write(&path, "mine").unwrap();
        let error = destination.write("report").unwrap_err();
        assert!(matches!(error, Failure::Output(OutputError::Exists { .. })), "{error:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn input_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("hostd.log");
        fs::write(&log, "evidence").unwrap();
        for input in [log.clone(), folder.path().to_owned(), folder.path().join(".")] {
            let error = Destination::check(&target(log.clone(), true), &[input]).unwrap_err();
            assert!(matches!(error, OutputError::IsInput { .. }), "{error:?}");
        }
        assert_eq!(fs::read_to_string(&log).unwrap(), "evidence");
    }

    #[cfg(unix)]
    #[test]
    fn the_file_behind_a_link_is_replaced_and_keeps_its_mode() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("file", &link).unwrap();
        Destination::check(&target(link.clone(), true), &[]).unwrap().write("new").unwrap();
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_nowhere_and_a_folder_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        for path in [link, folder.path().to_owned()] {
            let error = Destination::check(&target(path, true), &[]).unwrap_err();
            assert!(matches!(error, OutputError::NotAFile { .. }), "{error:?}");
        }
    }
}
