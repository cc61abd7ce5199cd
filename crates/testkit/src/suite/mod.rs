//! The scenario suite: whole stories, each with what has to be said of it.
//!
//! A [`Tale`] is told under a [`Setting`]: other names, another time, more noise, other packaging, a part of the
//! input taken away. What is to be said of it stands beside it as an [`Expected`], judged from the model of a
//! re-key and never from what a tool says today.

mod cut_short;
mod expected;
mod fleet;
mod pack;
mod providers;
mod refused;
mod stage;
mod steps;
mod views;

use crate::scenario::Generated;
use crate::world::Generation;

pub use expected::{Expected, ExpectedIncident};
pub use pack::Layout;
use stage::Stage;

/// How the VMs of a tale are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Naming {
    /// As the tale calls them.
    #[default]
    Plain,
    /// By other names.
    Other,
    /// By names with spaces, brackets and letters beyond ASCII.
    Awkward,
    /// By names that hold the text of an error.
    Quoting,
}

impl Naming {
    /// The name of the VM that the tale calls `base`.
    pub fn of(self, base: &str) -> String {
        match self {
            Self::Plain => base.to_owned(),
            Self::Other => format!("zx{}.srv", base.to_lowercase().replace('-', "_")),
            Self::Awkward => format!("{base} (pr\u{fc}f) [1]"),
            Self::Quoting => format!("{base} {}", crate::noise::WRONG_KEY),
        }
    }
}

/// Everything about the telling of a tale that must not change what is said of it, and what is taken away.
#[derive(Debug, Clone)]
pub struct Setting {
    /// Decides ids, numbers and noise.
    pub seed: u64,
    /// The release of hosts and vCenter; else the tale's own.
    pub generation: Option<Generation>,
    /// How the VMs are called.
    pub naming: Naming,
    /// Microseconds by which everything happens later.
    pub shift: i64,
    /// Bytes of noise in each log of a service.
    pub noise: usize,
    /// Whether users wrote errors into annotations, events and the console.
    pub quotes: bool,
    /// Whether everything that failed is repaired in the end.
    pub repaired: bool,
    /// Other names for folders, so that files are read in another order.
    pub shuffled: bool,
    /// How the files are packed.
    pub layout: Layout,
    /// Roles whose records are left out.
    pub without: Vec<&'static str>,
    /// Seconds after the tale's begin at which all logs end.
    pub until: Option<i64>,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            seed: 20_240_312,
            generation: None,
            naming: Naming::Plain,
            shift: 0,
            noise: 6000,
            quotes: false,
            repaired: false,
            shuffled: false,
            layout: Layout::Folders,
            without: Vec::new(),
            until: None,
        }
    }
}

/// A scenario of the suite.
#[derive(Debug, Clone, Copy)]
pub struct Tale {
    /// Its name.
    pub name: &'static str,
    /// What it shows, in one sentence.
    pub shows: &'static str,
    /// The release that it plays on, unless the setting says another.
    pub generation: Generation,
    /// Roles of the records without which the first of its root causes is less sure, or gone.
    pub decisive: &'static [&'static str],
    hosts: u32,
    tell: fn(&mut Stage),
    expected: fn() -> Expected,
}

impl Tale {
    /// Every tale.
    pub fn all() -> Vec<Self> {
        [steps::TALES, refused::TALES, cut_short::TALES, providers::TALES, fleet::TALES, views::TALES].concat()
    }

    /// Makes its files.
    pub fn tell(&self, setting: &Setting) -> Generated {
        let mut stage = Stage::new(self, setting);
        (self.tell)(&mut stage);
        stage.finish()
    }

    /// What has to be said of it.
    pub fn expected(&self) -> Expected {
        (self.expected)()
    }
}
