//! SIGINT: the program ends with 130, and an unfinished output file goes with it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::exit::Exit;

/// The file that is being written, if there is one.
static UNFINISHED: Mutex<Option<PathBuf>> = Mutex::new(None);

fn lock() -> MutexGuard<'static, Option<PathBuf>> {
    // A path is whole whatever panicked beside it.
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on an interrupt ends the program in an orderly way.
#[expect(clippy::exit, reason = "an interrupt ends the program from the thread that hears of it")]
pub(crate) fn listen() {
    let end = || {
        // Held until the end, so that no other file is begun and none is renamed half-way.
        let mut unfinished = lock();
        if let Some(path) = unfinished.take() {
            let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        }
        std::process::exit(i32::from(Exit::Interrupted.code()));
    };
    // Where it cannot be had, the system's own way to end the program stays.
    let _ = ctrlc::set_handler(end);
}

/// Creates a file that an interrupt takes along.
pub(crate) fn unfinished<T>(create: impl FnOnce() -> io::Result<T>, path: impl FnOnce(&T) -> &Path) -> io::Result<T> {
    let mut unfinished = lock();
    let file = create()?;
    *unfinished = Some(path(&file).to_owned());
    Ok(file)
}

/// Gives that file its final name, after which it stays.
pub(crate) fn finished<T>(name: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let mut unfinished = lock();
    let named = name();
    *unfinished = None;
    named
}
