//! The cases: who does what, when, and what the logs keep of it.

mod cases;
mod clock;
mod quotes;
mod sheet;
mod story;

use crate::world::Generation;

pub(crate) use cases::reload_vm;
pub(crate) use clock::{HostClock, apply as turn_clock};
pub(crate) use quotes::{annotation, guest_lines, named_vm, user_event};
pub(crate) use sheet::Sheet;
pub(crate) use story::{Rekey, Story, provider_fault, section_of_restart, silent_guest};

/// Declares the cases with their folder, so that `ALL` cannot forget one.
macro_rules! cases {
    ($($(#[$meta:meta])* $variant:ident = $name:literal $generation:ident $bytes:literal,)*) => {
        /// A case that the fixtures show, one folder each.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Case { $($(#[$meta])* $variant,)* }

        impl Case {
            /// Every case.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name of its folder under `fixtures/`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The release that the committed fixture comes from.
            const fn generation(self) -> Generation {
                match self { $(Self::$variant => Generation::$generation,)* }
            }

            /// The size of the committed fixture, at least.
            const fn bytes(self) -> usize {
                match self { $(Self::$variant => $bytes,)* }
            }
        }
    };
}

cases! {
    /// vSphere HA resets a VM while it is re-keyed; its second disk of three does not open afterwards.
    HaResetMidRekey = "ha-reset-mid-rekey" V80 520_000,
    /// The host does not know the key provider that two VMs are to be re-keyed to.
    ProviderNotFound = "provider-not-found" V70 480_000,
    /// Both of the above on one host, for two VMs that have nothing to do with each other.
    BothCauses = "both-causes" V80 600_000,
    /// A disk did not open after an interrupted re-key; a reload and a second re-key cured it.
    Recovered = "recovered" V70 560_000,
    /// A busy host with nothing but harmless errors.
    CleanHost = "clean-host" V67 620_000,
    /// Users wrote the errors' texts into everything that they may write into; nothing is wrong.
    QuotesOnly = "quotes-only" V80 360_000,
    /// Only the VM's folder came: three generations of `vmware.log`.
    VmwareLogOnly = "vmware-log-only" V70 340_000,
    /// Two lines out of a ticket.
    Pasted = "pasted" V80 0,
    /// The rotated log that covers the re-key is cut off.
    Damaged = "damaged" V80 420_000,
}

/// A file of a fixture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixtureFile {
    /// Path below `input/`, with `/`.
    pub path: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// A record that a case stands or falls with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planted {
    /// What it is: `rekey-begin`, `ha-reset`, `wrong-key`, `provider-not-found`, …; `decoy-…` for what must be ignored.
    pub role: &'static str,
    /// The file that holds it, as in `FixtureFile`.
    pub path: String,
    /// Its first line, 1-based.
    pub line: usize,
    /// Its last line.
    pub last_line: usize,
    /// Its lines as they stand there.
    pub text: String,
}

/// What a scenario made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// The files, by path.
    pub files: Vec<FixtureFile>,
    /// What matters in them, in the order of the files.
    pub planted: Vec<Planted>,
}

impl Generated {
    /// The records with a role, first to last.
    pub fn planted(&self, role: &str) -> impl Iterator<Item = &Planted> {
        self.planted.iter().filter(move |planted| planted.role == role)
    }

    /// All bytes together.
    pub fn size(&self) -> usize {
        self.files.iter().map(|file| file.bytes.len()).sum()
    }
}

/// A case, a release, a seed and a size: everything that decides what is generated.
///
/// # Examples
///
/// ```
/// use esxray_testkit::{Case, Generation, Scenario};
///
/// let made = Scenario::new(Case::HaResetMidRekey).generation(Generation::V65).bytes_at_least(200_000).generate();
/// assert!(made.size() >= 200_000);
/// let wrong_key = made.planted("wrong-key").next().unwrap();
/// assert!(wrong_key.path.ends_with("vmware.log"));
/// assert!(wrong_key.text.contains("| vmx| I125: DISKLIB-LINK"));
/// ```
#[derive(Debug, Clone)]
pub struct Scenario {
    case: Case,
    generation: Generation,
    seed: u64,
    bytes: usize,
    clock: Option<clock::HostClock>,
}

impl Scenario {
    /// The scenario of the committed fixture.
    pub const fn new(case: Case) -> Self {
        Self { case, generation: case.generation(), seed: 20_230_310, bytes: case.bytes(), clock: None }
    }

    /// The same on another release. Host key providers that can be missing by name exist since 7.0.
    #[must_use]
    pub const fn generation(mut self, generation: Generation) -> Self {
        self.generation = generation;
        self
    }

    /// The same with other names, ids and noise.
    #[must_use]
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The same with at least so many bytes of logs.
    ///
    /// `Case::Pasted` has no size, and `Case::Damaged` is cut after it was made.
    #[must_use]
    pub const fn bytes_at_least(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }

    /// The same with a clock of the host that is `offset` microseconds ahead of vCenter's and gains `drift` an hour.
    #[must_use]
    pub const fn host_clock(mut self, offset: i64, drift: i64) -> Self {
        let (operations, scatter) = match self.clock {
            Some(clock) => (clock.operations, clock.scatter),
            None => (0, 0),
        };
        self.clock = Some(clock::HostClock { offset, drift, operations, scatter });
        self
    }

    /// The same with so many further operations that vCenter and the host both log; the host's stamps of them are
    /// up to `scatter` microseconds wrong, each in its own way.
    #[must_use]
    pub const fn shared_operations(mut self, operations: i64, scatter: i64) -> Self {
        let (offset, drift) = match self.clock {
            Some(clock) => (clock.offset, clock.drift),
            None => (0, 0),
        };
        self.clock = Some(clock::HostClock { offset, drift, operations, scatter });
        self
    }

    /// The case.
    pub const fn case(&self) -> Case {
        self.case
    }

    /// Makes the files.
    pub fn generate(&self) -> Generated {
        let sheets = cases::write(self);
        let mut made = Generated { files: Vec::new(), planted: Vec::new() };
        for (file, planted) in sheets {
            made.files.push(file);
            made.planted.extend(planted);
        }
        made.files.sort_by(|one, other| one.path.cmp(&other.path));
        made.planted.sort_by(|one, other| (&one.path, one.line).cmp(&(&other.path, other.line)));
        if let Some(clock) = self.clock {
            clock::apply(&mut made, self.generation, self.seed, clock);
        }
        made
    }
}
