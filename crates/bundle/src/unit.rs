use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::limits::Limits;
use crate::meter::Meter;
use crate::reading::{At, Reading, open};
use crate::zip::{Bytes, FileBytes};

/// Something that was not read, or not wholly, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadProblem {
    /// The source or the archive, named as [`Member::name`] names it.
    pub source: String,
    /// What is wrong, where and how much was read, in words.
    pub problem: String,
    /// Bytes that should be there and were not read, where the input says how many.
    pub lost_bytes: Option<u64>,
    /// Whether evidence may be lost, so that "clean" would be a lie.
    pub incomplete: bool,
}

/// One log source, while it is read.
#[non_exhaustive]
pub struct Member<'a> {
    /// The path as given, `ARCHIVE!MEMBER` inside an archive; a compressed file of one log keeps just its path.
    ///
    /// Of members with one name in one archive, the second is called `NAME#2`.
    /// In a name that is not UTF-8 other bytes are `\\xNN` and backslashes are
    /// doubled; control characters are left as they are.
    pub name: String,
    /// Whether the user named this very source, or it is standard input; a member of an archive is not named.
    pub explicit: bool,
    /// When the source was last written, in seconds since 1970, if the container that it came in says so.
    pub modified: Option<i64>,
    /// The decoded bytes. It never fails: damage ends it, and is reported by [`Unit::read`].
    pub reader: &'a mut dyn Read,
}

/// A thing that the user named, or a file found in a folder that they named.
///
/// It is opened only while it is read, and may give several sources.
#[derive(Debug, Clone)]
pub struct Unit {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) explicit: bool,
    pub(crate) size: u64,
}

/// Where a unit's bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// Standard input.
    Stdin,
    /// A file, or a pipe that the user named.
    File(PathBuf),
    /// The parts of a split file, in order, with their names.
    Parts(Vec<(PathBuf, String)>),
}

impl Unit {
    /// The path as given, or `-`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the user named it, or it is standard input.
    pub fn explicit(&self) -> bool {
        self.explicit
    }

    /// The bytes on disk when the plan was made; 0 for a stream.
    pub fn size_hint(&self) -> u64 {
        self.size
    }

    /// Calls `each` once for every source, in the order in which they stand, and gives what went wrong.
    ///
    /// What `each` leaves unread is skipped. Standard input can be read once.
    pub fn read(&self, limits: &Limits, each: &mut dyn FnMut(Member<'_>)) -> Vec<ReadProblem> {
        self.read_metered(limits, None, each)
    }

    /// As [`Unit::read`], and counts how far it is.
    pub fn read_metered(
        &self,
        limits: &Limits,
        meter: Option<&Meter>,
        each: &mut dyn FnMut(Member<'_>),
    ) -> Vec<ReadProblem> {
        let reading = Reading::new(limits, meter, each);
        let at = At::top(&self.name, self.explicit);
        match &self.place {
            Place::Stdin => {
                let stdin = io::stdin().lock();
                open(&reading, at, &mut Raw::new(&reading, &self.name, stdin, None), None);
            }
            Place::File(path) => match open_file(path, self.explicit) {
                Ok((file, size)) => {
                    let bytes = FileBytes::new(&reading, &self.name, &file, size.unwrap_or(0));
                    let whole: Option<&dyn Bytes> = if size.is_some() { Some(&bytes) } else { None };
                    let mut raw = Raw::new(&reading, &self.name, &file, size);
                    open(&reading, at, &mut raw, whole);
                    raw.compare(&file);
                }
                Err(why) => reading.problem(&self.name, format!("cannot be opened: {why}"), Some(self.size), true),
            },
            Place::Parts(parts) => {
                let mut chain =
                    Chain { reading: &reading, explicit: self.explicit, parts: parts.iter(), current: None };
                open(&reading, at, &mut chain, None);
            }
        }
        reading.count_rest(self.size);
        reading.into_problems()
    }

    /// The bytes on disk; `None` for a stream, of which nobody knows.
    pub(crate) fn known_size(&self) -> Option<u64> {
        match &self.place {
            Place::Stdin => None,
            // A pipe that was named, and what the kernel makes up, claim to be empty.
            Place::File(_) if self.explicit && self.size == 0 => None,
            Place::File(_) | Place::Parts(_) => Some(self.size),
        }
    }
}

/// Opens a file and gives its size, if it has one that says how much there is to read.
///
/// A file that was found in a folder and has since become a link or a pipe is
/// refused, because opening it could lead anywhere or hang.
fn open_file(path: &Path, explicit: bool) -> io::Result<(File, Option<u64>)> {
    if explicit {
        let file = File::open(path)?;
        let found = file.metadata()?;
        return Ok((file, (found.is_file() && found.len() > 0).then_some(found.len())));
    }
    let before = std::fs::symlink_metadata(path)?;
    if !before.is_file() {
        return Err(io::Error::other("it is no longer a regular file"));
    }
    let file = File::open(path)?;
    let found = file.metadata()?;
    if identity(&before) != identity(&found) {
        return Err(io::Error::other("it was replaced while it was opened"));
    }
    // Files of a kernel's making claim to be empty and are not.
    Ok((file, (found.len() > 0).then_some(found.len())))
}

/// What tells one file of a machine from another, where the system has such a thing.
#[cfg_attr(unix, expect(clippy::unnecessary_wraps, reason = "other systems have no such thing"))]
pub(crate) fn identity(found: &std::fs::Metadata) -> Option<(u64, u64)> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        Some((found.dev(), found.ino()))
    }
    #[cfg(not(unix))]
    {
        let _ = found;
        None
    }
}

/// The outermost bytes: never fails, ends where the file ended when it was opened.
struct Raw<'a, 'r, R> {
    reading: &'a Reading<'r>,
    name: &'a str,
    inner: R,
    size: Option<u64>,
    got: u64,
    state: State,
}

#[derive(PartialEq, Eq)]
enum State {
    Open,
    /// The file ended, or all of the size that it had was read.
    Ended,
    Failed,
}

impl<'a, 'r, R: Read> Raw<'a, 'r, R> {
    fn new(reading: &'a Reading<'r>, name: &'a str, inner: R, size: Option<u64>) -> Self {
        Self { reading, name, inner, size, got: 0, state: State::Open }
    }

    /// Notes when the file shrank or grew while it was read to its end.
    fn compare(&self, file: &File) {
        let Some(size) = self.size else { return };
        if self.state != State::Ended {
            return;
        }
        let got = self.got;
        if got < size {
            let problem = format!("the file shrank while it was read: {got} of {size} bytes were read");
            self.reading.problem(self.name, problem, Some(size - got), true);
        } else if let Ok(now) = file.metadata()
            && now.len() > size
        {
            let more = now.len() - size;
            let problem = format!("the file grew while it was read: {more} bytes after the first {size} were not read");
            self.reading.problem(self.name, problem, Some(more), false);
        }
    }
}

impl<R: Read> Read for Raw<'_, '_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.state != State::Open || out.is_empty() {
            return Ok(0);
        }
        let left = self.size.map_or(u64::MAX, |size| size.saturating_sub(self.got));
        let room = usize::try_from(left).unwrap_or(usize::MAX).min(out.len());
        let room = out.get_mut(..room).unwrap_or_default();
        loop {
            match self.inner.read(room) {
                Ok(0) => {
                    self.state = State::Ended;
                    return Ok(0);
                }
                Ok(count) => {
                    self.got += count as u64;
                    self.reading.count_raw(count);
                    return Ok(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.state = State::Failed;
                    let problem = format!("reading failed after {} bytes: {error}", self.got);
                    let lost = self.size.map(|size| size.saturating_sub(self.got));
                    self.reading.problem(self.name, problem, lost, true);
                    return Ok(0);
                }
            }
        }
    }
}

/// The parts of a split file, one behind the other; each is opened when its turn comes.
struct Chain<'a, 'r> {
    reading: &'a Reading<'r>,
    explicit: bool,
    parts: std::slice::Iter<'a, (PathBuf, String)>,
    current: Option<Raw<'a, 'r, File>>,
}

impl Read for Chain<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            if let Some(raw) = &mut self.current {
                let count = raw.read(out)?;
                if count > 0 {
                    return Ok(count);
                }
                raw.compare(&raw.inner);
                if raw.state == State::Failed {
                    self.give_up("parts of the split file behind it were not read");
                    return Ok(0);
                }
                self.current = None;
            }
            let Some((path, name)) = self.parts.next() else {
                return Ok(0);
            };
            match open_file(path, self.explicit) {
                Ok((file, size)) => self.current = Some(Raw::new(self.reading, name, file, size)),
                Err(why) => {
                    self.reading.problem(name, format!("cannot be opened: {why}"), None, true);
                    self.give_up("parts of the split file behind it were not read");
                    return Ok(0);
                }
            }
        }
    }
}

impl Chain<'_, '_> {
    /// Ends the chain: to go on behind a gap would glue together what does not belong together.
    fn give_up(&mut self, why: &str) {
        self.current = None;
        let rest = std::mem::take(&mut self.parts);
        if let Some((_, name)) = rest.as_slice().first() {
            self.reading.problem(name, why, None, true);
        }
    }
}
