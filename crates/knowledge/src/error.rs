use std::fmt;

use crate::flaw::Flaw;
use crate::shown::{shown, shown_path};

/// Knowledge that cannot be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Files that are wrong. Each problem is printed on a line of its own.
    #[error("cannot load the knowledge files\n{}", Lines(problems))]
    Invalid {
        /// In the order of paths and lines; never empty. A few hundred at most are collected.
        problems: Vec<LoadProblem>,
    },
    /// More files than any person writes; none was looked at.
    #[error("cannot load pack {}: {found} files, but at most {limit} are read", shown(pack))]
    TooManyFiles {
        /// Name of the pack.
        pack: String,
        /// How many files it has.
        found: usize,
        /// [`limits::FILES`](crate::limits::FILES).
        limit: usize,
    },
    /// More text than any person writes; none was looked at.
    #[error("cannot load pack {}: {found} bytes of text, but at most {limit} are read", shown(pack))]
    TooMuchText {
        /// Name of the pack.
        pack: String,
        /// How many bytes its files have together.
        found: usize,
        /// [`limits::PACK_BYTES`](crate::limits::PACK_BYTES).
        limit: usize,
    },
}

/// One thing that is wrong in one knowledge file: where, and what.
///
/// Prints as `path:line: flaw`. Whatever the file holds, the printed text is one
/// line without control or invisible characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LoadProblem {
    /// Path below the pack, after the pack's name; for built-in files the path alone.
    pub path: String,
    /// Line, from 1; a flaw of a whole file stands on line 1.
    pub line: u32,
    /// What is wrong.
    pub flaw: Flaw,
}

impl fmt::Display for LoadProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", shown_path(&self.path), self.line, self.flaw)
    }
}

struct Lines<'p>(&'p [LoadProblem]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Error, LoadProblem};
    use crate::flaw::Flaw;

    #[test]
    fn every_problem_stands_on_its_line() {
        let problem = |line, name: &str| LoadProblem {
            path: "my-pack/causes/x.toml".to_owned(),
            line,
            flaw: Flaw::Empty { key: name.to_owned() },
        };
        let error = Error::Invalid { problems: vec![problem(2, "title"), problem(9, "affected")] };
        assert_eq!(
            error.to_string(),
            "cannot load the knowledge files\nmy-pack/causes/x.toml:2: `title` is empty\nmy-pack/causes/x.toml:9: `affected` is empty"
        );
    }

    #[test]
    fn a_hostile_path_cannot_drive_the_terminal() {
        let problem = LoadProblem {
            path: "pack\u{1b}]0;x\u{7}/causes/\u{202e}x.toml".to_owned(),
            line: 1,
            flaw: Flaw::Empty { key: "title\u{1b}[2J".to_owned() },
        };
        assert_eq!(
            problem.to_string(),
            "pack<U+001B>]0;x<U+0007>/causes/<U+202E>x.toml:1: `title<U+001B>[2J` is empty"
        );
    }
}
