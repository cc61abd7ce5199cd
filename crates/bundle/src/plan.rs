use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{File, FileType, Metadata};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::error::Error;
use crate::limits::Limits;
use crate::name::shown_path;
use crate::reading::Problems;
use crate::split;
use crate::unit::{Place, ReadProblem, Unit, identity};

/// What there is to read, in a fixed order.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Plan {
    /// The arguments in the order given, what a folder holds sorted by the bytes of its path.
    pub units: Vec<Unit>,
    /// What will not be read: links, pipes, devices, folders that may not be listed.
    pub problems: Vec<ReadProblem>,
}

/// Lists what the named paths hold, without reading any of it.
///
/// `-` is standard input. A folder is listed with everything below it. A link
/// that was named is followed, a link that was found is not; pipes and devices
/// that were found are never opened, since that could hang. A file that two
/// names lead to is read once. The parts `NAME.FRAG-00000`, `NAME.FRAG-00001` …
/// of a split file are one unit, called `NAME`.
///
/// # Errors
///
/// When a named path does not exist, may not be read, or is a device.
pub fn plan(paths: &[PathBuf], limits: &Limits) -> Result<Plan, Error> {
    let mut found = Found {
        units: Vec::new(),
        problems: Problems::new(limits.problems),
        seen: HashMap::new(),
        files: limits.members,
    };
    for path in paths {
        found.named(path)?;
    }
    found.join_parts();
    Ok(Plan { units: found.units, problems: found.problems.list() })
}

struct Found {
    units: Vec<Unit>,
    problems: Problems,
    /// Index of the unit that reads a file, by device and inode.
    seen: HashMap<(u64, u64), usize>,
    /// How many more files may be found in folders.
    files: u64,
}

impl Found {
    fn named(&mut self, path: &Path) -> Result<(), Error> {
        let name = shown_path(path);
        if path.as_os_str() == "-" {
            if self.units.iter().any(|unit| unit.place == Place::Stdin) {
                self.problem(name, "standard input was named before and is read once", None, false);
            } else {
                self.units.push(Unit { name, place: Place::Stdin, explicit: true, size: 0 });
            }
            return Ok(());
        }
        let unreadable = |source| Error::Read { path: shown_path(path), source };
        let metadata = std::fs::metadata(path).map_err(unreadable)?;
        let kind = metadata.file_type();
        if kind.is_dir() {
            std::fs::read_dir(path).map_err(unreadable)?;
            self.folder(path);
        } else if kind.is_file() {
            File::open(path).map_err(unreadable)?;
            self.file(path, &metadata, true);
        } else if special(kind) == PIPE {
            // The shell's `<(command)`. Opening it here and again later would lose its writer.
            self.file(path, &metadata, true);
        } else {
            return Err(Error::NotAFile { path: name, found: special(kind) });
        }
        Ok(())
    }

    fn folder(&mut self, root: &Path) {
        let mut entries = Vec::new();
        for entry in WalkDir::new(root).min_depth(1) {
            match entry {
                Ok(entry) if entry.file_type().is_dir() => {}
                Ok(entry) if self.files > 0 => {
                    self.files -= 1;
                    entries.push(Ok(entry));
                }
                Ok(entry) => {
                    let problem =
                        "stopped listing at the limit of files in folders (--max-members), the rest was not read";
                    self.problem(shown_path(entry.path()), problem, None, true);
                    break;
                }
                Err(error) => entries.push(Err(error)),
            }
        }
        entries.sort_by(|a, b| bytes_of(a, root).cmp(bytes_of(b, root)));
        for entry in entries {
            match entry {
                Ok(entry) => self.entry(&entry),
                Err(error) => {
                    let place = shown_path(error.path().unwrap_or(root));
                    let problem = match error.io_error() {
                        Some(why) => format!("cannot be listed: {why}"),
                        None => format!("cannot be listed: {error}"),
                    };
                    self.problem(place, problem, None, true);
                }
            }
        }
    }

    fn entry(&mut self, entry: &walkdir::DirEntry) {
        let kind = entry.file_type();
        if kind.is_symlink() {
            let target = std::fs::read_link(entry.path()).map_or_else(|_| "?".to_owned(), |to| shown_path(&to));
            let problem = format!("link to {target}, not followed");
            self.problem(shown_path(entry.path()), problem, None, false);
        } else if kind.is_file() {
            match entry.metadata() {
                Ok(metadata) => self.file(entry.path(), &metadata, false),
                Err(error) => {
                    let problem = format!("cannot be read: {error}");
                    self.problem(shown_path(entry.path()), problem, None, true);
                }
            }
        } else {
            let problem = format!("{}, not a regular file, skipped", special(kind));
            self.problem(shown_path(entry.path()), problem, None, false);
        }
    }

    fn file(&mut self, path: &Path, metadata: &Metadata, explicit: bool) {
        let name = shown_path(path);
        if let Some(id) = identity(metadata) {
            let first = *self.seen.entry(id).or_insert(self.units.len());
            if let Some(unit) = self.units.get_mut(first) {
                unit.explicit |= explicit;
                let problem = format!("the same file as {}, read once under that name", unit.name);
                return self.problem(name, problem, None, false);
            }
        }
        self.units.push(Unit { name, place: Place::File(path.to_owned()), explicit, size: metadata.len() });
    }

    /// Makes one unit of the parts of each split file, where the first of them stood.
    fn join_parts(&mut self) {
        let mut parts: BTreeMap<String, BTreeMap<u32, Unit>> = BTreeMap::new();
        let mut order = Vec::new();
        for unit in std::mem::take(&mut self.units) {
            let part = split::part(unit.name.as_bytes());
            let key = part.map(|(whole, number)| (String::from_utf8_lossy(whole).into_owned(), number));
            match key {
                Some((whole, number)) if matches!(unit.place, Place::File(_)) => {
                    let group = parts.entry(whole.clone()).or_default();
                    if group.is_empty() {
                        order.push(Err(whole));
                    }
                    group.insert(number, unit);
                }
                _ => order.push(Ok(unit)),
            }
        }
        let names: HashSet<String> = order.iter().flatten().map(|unit| unit.name.clone()).collect();
        for next in order {
            match next {
                Ok(unit) => self.units.push(unit),
                Err(whole) => self.join(&whole, parts.remove(&whole).unwrap_or_default(), &names),
            }
        }
    }

    /// Joins parts that follow each other; behind a gap in the numbers another unit begins.
    fn join(&mut self, whole: &str, parts: BTreeMap<u32, Unit>, names: &HashSet<String>) {
        let mut expected = 0;
        let mut begun = false;
        for (number, unit) in parts {
            if number > expected {
                let problem = format!("parts {expected} to {} of a split file are missing before it", number - 1);
                self.problem(unit.name.clone(), problem, None, true);
            }
            let follows = begun && number == expected;
            expected = number.saturating_add(1);
            begun = true;
            let Place::File(path) = unit.place else { continue };
            let part = (path, unit.name.clone());
            if follows
                && let Some(last) = self.units.last_mut()
                && let Place::Parts(parts) = &mut last.place
            {
                parts.push(part);
                last.explicit |= unit.explicit;
                last.size += unit.size;
                continue;
            }
            let mut name = unit.name;
            if number == 0 && names.contains(whole) {
                let problem = format!("parts of a split file stand beside {whole}, which may hold the same");
                self.problem(name.clone(), problem, None, false);
            } else if number == 0 {
                whole.clone_into(&mut name);
            }
            self.units.push(Unit { name, place: Place::Parts(vec![part]), explicit: unit.explicit, size: unit.size });
        }
    }

    fn problem(&mut self, source: String, problem: impl Into<String>, lost_bytes: Option<u64>, incomplete: bool) {
        self.problems.add(ReadProblem { source, problem: problem.into(), lost_bytes, incomplete });
    }
}

fn bytes_of<'a>(entry: &'a walkdir::Result<walkdir::DirEntry>, root: &'a Path) -> &'a [u8] {
    let path = match entry {
        Ok(entry) => entry.path(),
        Err(error) => error.path().unwrap_or(root),
    };
    path.as_os_str().as_encoded_bytes()
}

const PIPE: &str = "pipe";

/// What something is that is no file, folder or link.
fn special(kind: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        if kind.is_fifo() {
            return PIPE;
        }
        if kind.is_socket() {
            return "socket";
        }
        if kind.is_char_device() || kind.is_block_device() {
            return "device";
        }
    }
    let _ = kind;
    "special file"
}
