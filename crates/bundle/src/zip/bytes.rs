//! Bytes that can be read at any place, as the directory of a zip archive needs them.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};

use crate::reading::Reading;

/// Bytes with a length, read at any place.
pub(crate) trait Bytes {
    fn length(&self) -> u64;

    /// Reads what fits into `out`; less only at the end.
    fn at(&self, place: u64, out: &mut [u8]) -> usize;
}

impl Bytes for Vec<u8> {
    fn length(&self) -> u64 {
        self.len() as u64
    }

    fn at(&self, place: u64, out: &mut [u8]) -> usize {
        let from = usize::try_from(place).unwrap_or(usize::MAX);
        let there = self.get(from..).unwrap_or_default();
        let count = there.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..count), there.get(..count)) {
            to.copy_from_slice(from);
        }
        count
    }
}

/// A file; a failure to read is a problem, and an end.
pub(crate) struct FileBytes<'a, 'r> {
    reading: &'a Reading<'r>,
    name: &'a str,
    file: &'a File,
    size: u64,
    failed: Cell<bool>,
}

impl<'a, 'r> FileBytes<'a, 'r> {
    pub(crate) fn new(reading: &'a Reading<'r>, name: &'a str, file: &'a File, size: u64) -> Self {
        Self { reading, name, file, size, failed: Cell::new(false) }
    }

    /// Reads at a place, and leaves the file where it was for whom reads it from start to end.
    fn read(&self, place: u64, out: &mut [u8]) -> io::Result<usize> {
        let mut file = self.file;
        let before = file.stream_position()?;
        file.seek(SeekFrom::Start(place))?;
        let mut done = 0;
        while let Some(rest) = out.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match file.read(rest) {
                Ok(0) => break,
                Ok(count) => done += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        file.seek(SeekFrom::Start(before))?;
        Ok(done)
    }
}

impl Bytes for FileBytes<'_, '_> {
    fn length(&self) -> u64 {
        self.size
    }

    fn at(&self, place: u64, out: &mut [u8]) -> usize {
        match self.read(place, out) {
            Ok(count) => {
                self.reading.count_raw(count);
                count
            }
            Err(error) => {
                if !self.failed.replace(true) {
                    let problem = format!("reading failed at byte {place}: {error}");
                    self.reading.problem(self.name, problem, None, true);
                }
                0
            }
        }
    }
}

/// A stretch of bytes, read from its start to its end.
pub(crate) struct Stretch<'b> {
    bytes: &'b dyn Bytes,
    place: u64,
    end: u64,
}

impl<'b> Stretch<'b> {
    pub(crate) fn new(bytes: &'b dyn Bytes, start: u64, length: u64) -> Self {
        let end = start.saturating_add(length).min(bytes.length());
        Self { bytes, place: start, end }
    }
}

impl Read for Stretch<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = self.end.saturating_sub(self.place);
        let room = usize::try_from(left).unwrap_or(usize::MAX).min(out.len());
        let count = self.bytes.at(self.place, out.get_mut(..room).unwrap_or_default());
        self.place += count as u64;
        Ok(count)
    }
}
