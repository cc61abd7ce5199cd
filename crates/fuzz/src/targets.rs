//! What is fuzzed: one target for each door through which foreign bytes come in.

mod containers;
mod dialects;
mod knowledge;
mod pipeline;
mod records;
mod stamps;

use esxray_testkit::Prng;

use crate::Trace;

/// A door, how to get through it, and what must hold behind it.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// The name of its binary.
    pub name: &'static str,
    /// What it gives its bytes to, and what must hold.
    pub about: &'static str,
    /// What mutation begins with.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Changes an input a little; the second argument holds the seeds.
    pub mutate: fn(&mut Vec<u8>, &[Vec<u8>], &mut Prng),
    /// Runs once; panics where a promise is broken.
    pub run: fn(&[u8], &mut Trace),
    /// Longer inputs are cut.
    pub most_bytes: usize,
}

impl Target {
    /// Runs once, for other engines: `fuzz_target!(|data: &[u8]| RECORDS.check(data))`.
    ///
    /// # Panics
    ///
    /// Where a promise is broken.
    pub fn check(&self, input: &[u8]) {
        (self.run)(input, &mut Trace::default());
    }
}

/// Declares the targets, so that [`ALL`] cannot forget one.
macro_rules! targets {
    ($($name:ident: $module:ident,)*) => {
        $(#[doc = concat!("See the binary `", stringify!($module), "`.")] pub const $name: Target = $module::TARGET;)*

        /// Every target.
        pub const ALL: &[Target] = &[$($name,)*];
    };
}

targets! {
    RECORDS: records,
    DIALECTS: dialects,
    STAMPS: stamps,
    CONTAINERS: containers,
    KNOWLEDGE: knowledge,
    PIPELINE: pipeline,
}
