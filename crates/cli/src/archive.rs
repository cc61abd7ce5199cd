//! Writes folders and archives whose bytes depend on nothing but what is put in.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};

/// A folder, or an archive of `tar`, while it is filled.
pub(crate) enum Tree {
    /// Files below a folder.
    Folder(PathBuf),
    /// Members of an archive.
    Archive(Box<Tar>),
}

impl Tree {
    /// Puts a file in; its name has slashes.
    pub(crate) fn add(&mut self, name: &str, modified: Option<i64>, content: &mut File) -> io::Result<()> {
        content.seek(SeekFrom::Start(0))?;
        match self {
            Self::Folder(root) => {
                let path = root.join(name);
                fs::create_dir_all(path.parent().unwrap_or(root))?;
                let mut file = File::options().write(true).create_new(true).open(path)?;
                io::copy(content, &mut file).map(|_| ())
            }
            Self::Archive(tar) => tar.add(name, modified, content),
        }
    }
}

/// An archive of `tar`, compressed or not.
pub(crate) struct Tar {
    builder: tar::Builder<Sink>,
}

/// Where the bytes of an archive or a compressed file go.
enum Sink {
    Plain(File),
    Gzip(Box<GzEncoder<File>>),
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.write(bytes),
            Self::Gzip(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(file) => file.flush(),
            Self::Gzip(file) => file.flush(),
        }
    }
}

impl Sink {
    fn new(file: File, gzip: bool, modified: Option<i64>) -> Self {
        let time = modified.and_then(|it| u32::try_from(it).ok()).unwrap_or(0);
        let gzipped = |file| GzBuilder::new().mtime(time).operating_system(255).write(file, Compression::default());
        if gzip { Self::Gzip(Box::new(gzipped(file))) } else { Self::Plain(file) }
    }

    /// The file, whole; a compressed one without its last bytes where what it is a copy of was damaged.
    fn finish(self, damaged: bool) -> io::Result<File> {
        match self {
            Self::Plain(file) => Ok(file),
            Self::Gzip(encoder) => {
                let file = encoder.finish()?;
                if damaged {
                    file.set_len(file.metadata()?.len().saturating_sub(TRAILER))?;
                }
                Ok(file)
            }
        }
    }
}

/// Bytes of the check at the end of a gzip stream: without them a reader gets everything, and hears that it ends early.
const TRAILER: u64 = 8;

impl Tar {
    /// An archive that is written to this file.
    pub(crate) fn new(file: File, gzip: bool) -> Self {
        Self { builder: tar::Builder::new(Sink::new(file, gzip, None)) }
    }

    fn add(&mut self, name: &str, modified: Option<i64>, content: &mut File) -> io::Result<()> {
        let size = content.metadata()?.len();
        self.stream(name, modified, size, content)
    }

    /// Puts bytes in as a member.
    pub(crate) fn bytes(&mut self, name: &str, mut bytes: &[u8]) -> io::Result<()> {
        self.stream(name, None, bytes.len() as u64, &mut bytes)
    }

    fn stream(&mut self, name: &str, modified: Option<i64>, size: u64, content: &mut dyn Read) -> io::Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Regular);
        header.set_mode(0o644);
        header.set_size(size);
        header.set_mtime(modified.and_then(|it| u64::try_from(it).ok()).unwrap_or(0));
        self.builder.append_data(&mut header, name, content)
    }

    pub(crate) fn finish(self, damaged: bool) -> io::Result<File> {
        self.builder.into_inner()?.finish(damaged)
    }
}

/// Puts the sources of one input at a time into a tree, members of archives into archives again.
pub(crate) struct Unpacked<'t> {
    tree: &'t mut Tree,
    used: BTreeSet<String>,
    /// Archives that are open, each in the one before it: what it was called, what it is called, when it was written.
    open: Vec<(String, String, Option<i64>, Tar)>,
    /// A compressed file that waits to hear whether it was damaged.
    waiting: Option<(String, Option<i64>, Sink)>,
}

impl<'t> Unpacked<'t> {
    pub(crate) fn new(tree: &'t mut Tree) -> Self {
        Self { tree, used: BTreeSet::new(), open: Vec::new(), waiting: None }
    }

    /// Puts a source in: `was` is its name below the input, `becomes` the same with other names. Gives the name it got.
    pub(crate) fn add(
        &mut self,
        was: &str,
        becomes: &str,
        modified: Option<i64>,
        content: &mut File,
    ) -> io::Result<String> {
        self.finish_waiting(false)?;
        let (was, becomes) = (levels(was), levels(becomes));
        let above = was.len().saturating_sub(1);
        let same = self.open.iter().zip(&was).take_while(|(open, was)| open.0 == **was).count().min(above);
        self.close(same, false)?;
        for (was, becomes) in was.iter().zip(&becomes).take(above).skip(same) {
            let name = self.unique(&archive_name(&safe(becomes)));
            let gzip = !has_end(&name, ".tar");
            self.open.push(((*was).clone(), name, modified, Tar::new(tempfile::tempfile()?, gzip)));
        }
        let leaf = becomes.last().map(|it| safe(it)).unwrap_or_default();
        let (leaf, gzip) = leaf_name(&leaf);
        let leaf = self.unique(&leaf);
        let full = self.open.iter().map(|it| it.1.as_str()).chain([leaf.as_str()]).collect::<Vec<_>>().join("!");
        if gzip {
            content.seek(SeekFrom::Start(0))?;
            let mut sink = Sink::new(tempfile::tempfile()?, true, modified);
            io::copy(content, &mut sink)?;
            self.waiting = Some((leaf, modified, sink));
        } else {
            self.put(&leaf, modified, content)?;
        }
        Ok(full)
    }

    /// Ends an input; `damaged` where not all of it could be read, which whoever reads the copy is to hear too.
    pub(crate) fn end(&mut self, damaged: bool) -> io::Result<()> {
        self.finish_waiting(damaged && self.open.is_empty())?;
        self.close(0, damaged)
    }

    fn finish_waiting(&mut self, damaged: bool) -> io::Result<()> {
        let Some((name, modified, sink)) = self.waiting.take() else { return Ok(()) };
        let mut file = sink.finish(damaged)?;
        self.put(&name, modified, &mut file)
    }

    fn close(&mut self, upto: usize, damaged: bool) -> io::Result<()> {
        while self.open.len() > upto {
            let Some((_, name, modified, tar)) = self.open.pop() else { break };
            let mut file = tar.finish(damaged && self.open.is_empty())?;
            self.put(&name, modified, &mut file)?;
        }
        Ok(())
    }

    fn put(&mut self, name: &str, modified: Option<i64>, content: &mut File) -> io::Result<()> {
        match self.open.last_mut() {
            Some((_, _, _, tar)) => {
                content.seek(SeekFrom::Start(0))?;
                tar.add(name, modified, content)
            }
            None => self.tree.add(name, modified, content),
        }
    }

    /// A name that nothing beside it has.
    fn unique(&mut self, name: &str) -> String {
        let within = self.open.iter().map(|it| it.1.as_str()).collect::<Vec<_>>().join("!");
        let mut number = 2;
        let mut made = name.to_owned();
        while !self.used.insert(format!("{within}!{made}")) {
            made = format!("{name}#{number}");
            number += 1;
        }
        made
    }
}

fn has_end(name: &str, end: &str) -> bool {
    name.len() >= end.len() && name.get(name.len() - end.len()..).is_some_and(|it| it.eq_ignore_ascii_case(end))
}

/// Endings of archives that become others.
const OTHERS: [&str; 9] = [".tar.xz", ".tar.bz2", ".tar.zst", ".txz", ".tbz2", ".tzst", ".tbz", ".zip", ".gz"];

/// What an archive that was `name` is called as one of `tar`.
fn archive_name(name: &str) -> String {
    if [".tgz", ".tar.gz", ".tar"].iter().any(|end| has_end(name, end)) {
        return name.to_owned();
    }
    let bare = OTHERS.iter().find(|end| has_end(name, end)).and_then(|end| name.get(..name.len() - end.len()));
    format!("{}.tgz", bare.unwrap_or(name))
}

/// What a file that was `name` is called, and whether it is compressed again.
fn leaf_name(name: &str) -> (String, bool) {
    let other = [".xz", ".bz2", ".zst"].iter().find(|end| has_end(name, end));
    match other.and_then(|end| name.get(..name.len() - end.len())) {
        Some(bare) => (bare.to_owned(), false),
        None => (name.to_owned(), has_end(name, ".gz")),
    }
}

/// The archives in a name, and the file in the last of them. An exclamation mark elsewhere is part of a name.
fn levels(name: &str) -> Vec<String> {
    const ARCHIVES: [&str; 12] =
        [".tgz", ".gz", ".tar", ".zip", ".xz", ".txz", ".bz2", ".tbz2", ".zst", ".tzst", ".tbz", ".bin"];
    let mut levels = Vec::new();
    let mut part = String::new();
    for piece in name.split_inclusive('!') {
        part.push_str(piece);
        if let Some(bare) = part.strip_suffix('!')
            && (levels.is_empty() || ARCHIVES.iter().any(|end| has_end(bare, end)))
        {
            levels.push(bare.to_owned());
            part.clear();
        }
    }
    levels.push(part);
    levels
}

/// A name that stays in the folder it is put in, on every system.
pub(crate) fn safe(name: &str) -> String {
    let bare = |part: &str| -> String {
        let part: String = part.chars().map(|it| if it.is_control() || it == '\\' { '_' } else { it }).collect();
        let end = part.char_indices().map(|it| it.0 + it.1.len_utf8()).take_while(|end| *end <= 200).last();
        match part.as_str() {
            ".." => "__".to_owned(),
            _ => part.get(..end.unwrap_or(0)).unwrap_or_default().to_owned(),
        }
    };
    let parts: Vec<String> = name.split('/').map(bare).filter(|it| !it.is_empty() && it != ".").collect();
    if parts.is_empty() { "file".to_owned() } else { parts.join("/") }
}

/// Whether an output is to be an archive.
pub(crate) fn is_archive(path: &Path) -> bool {
    let name = path.to_string_lossy();
    has_end(&name, ".tgz") || has_end(&name, ".tar.gz")
}

#[cfg(test)]
mod tests {
    use super::{archive_name, leaf_name, levels, safe};

    #[test]
    fn names_stay_below_their_folder() {
        for (name, expected) in [
            ("../../etc/x", "__/__/etc/x"),
            ("/etc/x", "etc/x"),
            ("a/./b\n", "a/b_"),
            ("", "file"),
            ("a\\..\\b", "a_.._b"),
        ] {
            assert_eq!(safe(name), expected);
        }
    }

    #[test]
    fn an_archive_stays_one() {
        assert_eq!(levels("a.tgz!b/c.log"), ["a.tgz", "b/c.log"]);
        assert_eq!(levels("a.tgz!b.zip!c!d.log"), ["a.tgz", "b.zip", "c!d.log"]);
        assert_eq!(levels("c.log"), ["c.log"]);
        assert_eq!(["a.zip", "a.tar", "a.tgz", "a"].map(archive_name), ["a.tgz", "a.tar", "a.tgz", "a.tgz"]);
        assert_eq!(leaf_name("h.0.gz"), ("h.0.gz".to_owned(), true));
        assert_eq!(leaf_name("h.0.xz"), ("h.0".to_owned(), false));
    }
}
