//! Runs a target on seeds and on what mutation makes of them.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use esxray_testkit::Prng;

use crate::Trace;
use crate::targets::Target;

/// An input on which a target panicked.
#[derive(Debug, Clone)]
pub struct Crash {
    /// Where, and with which words.
    pub message: String,
    /// The input, as small as it could be made.
    pub input: Vec<u8>,
}

/// What a campaign came to.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// How often the target ran.
    pub runs: u64,
    /// How many different things the target said.
    pub traits: usize,
    /// Inputs kept, seeds included.
    pub corpus: Vec<Vec<u8>>,
    /// One for each place and wording.
    pub crashes: Vec<Crash>,
}

/// When to stop, and whom to tell.
pub struct Campaign<'a> {
    /// Decides everything that is random.
    pub seed: u64,
    /// Runs at most, beside the seeds.
    pub runs: u64,
    /// Time at most.
    pub time: Option<Duration>,
    /// Further seeds.
    pub more_seeds: Vec<Vec<u8>>,
    /// Called before each run with its input: a hang or an abort leaves no other trace.
    pub before: &'a mut dyn FnMut(&[u8]),
    /// Called for each crash.
    pub crashed: &'a mut dyn FnMut(&Crash),
    /// Called every few seconds.
    pub progress: &'a mut dyn FnMut(&Outcome),
}

/// Inputs kept at most.
const MOST_KEPT: usize = 20_000;
/// Runs spent on making one crash small.
const MINIMISE_RUNS: usize = 3000;
const MINIMISE_TIME: Duration = Duration::from_secs(20);
const PROGRESS_EVERY: Duration = Duration::from_secs(10);

impl Campaign<'_> {
    /// Runs it.
    pub fn run(mut self, target: &Target) -> Outcome {
        let started = Instant::now();
        let mut told = started;
        let mut rng = Prng::named(self.seed, target.name);
        let mut known = BTreeSet::new();
        let mut crashes: BTreeMap<String, Crash> = BTreeMap::new();
        let mut outcome = Outcome::default();
        let mut seeds = (target.seeds)();
        seeds.append(&mut self.more_seeds);
        let pool = seeds.clone();
        let mut waiting = seeds.into_iter();
        let mut mutated = 0;
        loop {
            let seed = waiting.next();
            let is_seed = seed.is_some();
            let over = mutated >= self.runs || self.time.is_some_and(|time| started.elapsed() >= time);
            if !is_seed && over {
                break;
            }
            let input = seed.unwrap_or_else(|| {
                mutated += 1;
                offspring(target, &outcome.corpus, &pool, &mut rng)
            });
            (self.before)(&input);
            outcome.runs += 1;
            match attempt(target, &input) {
                Ok(trace) => {
                    if (trace.pour(&mut known) && outcome.corpus.len() < MOST_KEPT) || is_seed {
                        outcome.corpus.push(input);
                    }
                    outcome.traits = known.len();
                }
                Err(message) => {
                    let key = place_of(&message);
                    if let Entry::Vacant(place) = crashes.entry(key) {
                        let crash = minimised(target, input, message, place.key(), &mut self.before);
                        (self.crashed)(&crash);
                        place.insert(crash);
                    }
                }
            }
            if told.elapsed() >= PROGRESS_EVERY {
                told = Instant::now();
                (self.progress)(&outcome);
            }
        }
        outcome.crashes = crashes.into_values().collect();
        outcome
    }
}

/// Mutates something kept; what was kept lately more often, since nobody has looked behind it yet.
fn offspring(target: &Target, corpus: &[Vec<u8>], pool: &[Vec<u8>], rng: &mut Prng) -> Vec<u8> {
    let lately = corpus.get(corpus.len().saturating_sub(64)..).unwrap_or_default();
    let from = if rng.chance(1, 3) { lately } else { corpus };
    let mut input = rng.choose(from).cloned().unwrap_or_default();
    for _ in 0..1_u64 << rng.below(4) {
        (target.mutate)(&mut input, pool, rng);
    }
    input.truncate(target.most_bytes);
    input
}

/// Where a panic was, while it is caught.
static PANIC: Mutex<Option<String>> = Mutex::new(None);
/// One run at a time looks at `PANIC`, also where tests run beside each other.
static RUNNING: Mutex<()> = Mutex::new(());

/// Runs a target once.
///
/// # Errors
///
/// Place and words of the panic.
pub(crate) fn attempt(target: &Target, input: &[u8]) -> Result<Trace, String> {
    let _alone = RUNNING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let words = info.payload_as_str().unwrap_or("a panic without words");
        let mut panic = PANIC.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // The first panic is the cause; a thread pool panics again when it hands it on.
        panic.get_or_insert_with(|| format!("{place}: {words}"));
    }));
    let result = catch_unwind(AssertUnwindSafe(|| {
        let mut trace = Trace::default();
        (target.run)(input, &mut trace);
        trace
    }));
    std::panic::set_hook(before);
    let said = PANIC.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
    result.map_err(|_| said.unwrap_or_else(|| "a panic without a place".to_owned()))
}

/// File, line and the first words without their numbers: the same for the same mistake.
fn place_of(message: &str) -> String {
    let (place, words) = message.split_once(": ").unwrap_or((message, ""));
    let words: String = words.chars().take(60).filter(|it| !it.is_ascii_digit()).collect();
    format!("{place}: {words}")
}

/// Cuts pieces out of an input for as long as it still panics in the same way.
fn minimised(target: &Target, input: Vec<u8>, message: String, key: &str, before: &mut dyn FnMut(&[u8])) -> Crash {
    let started = Instant::now();
    let mut best = Crash { message, input };
    let mut runs = 0;
    let mut piece = best.input.len() / 2;
    while piece > 0 {
        let mut at = 0;
        while at < best.input.len() {
            if runs >= MINIMISE_RUNS || started.elapsed() > MINIMISE_TIME {
                return best;
            }
            let mut smaller = best.input.clone();
            smaller.drain(at..(at + piece).min(best.input.len()));
            before(&smaller);
            runs += 1;
            match attempt(target, &smaller) {
                Err(message) if place_of(&message) == key => best = Crash { message, input: smaller },
                _ => at += piece,
            }
        }
        piece /= 2;
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no_seeds() -> Vec<Vec<u8>> {
        vec![b"abcdefgh".to_vec()]
    }

    fn fussy(input: &[u8], trace: &mut Trace) {
        trace.count("length", input.len() as u64);
        let at = input.iter().position(|byte| *byte == b'!');
        assert!(at.is_none(), "an exclamation mark at {at:?}");
    }

    fn shout(input: &mut Vec<u8>, _: &[Vec<u8>], rng: &mut Prng) {
        input.push(if rng.chance(1, 20) { b'!' } else { b'.' });
    }

    fn campaign(runs: u64) -> Outcome {
        let target = Target { name: "fussy", about: "", seeds: no_seeds, mutate: shout, run: fussy, most_bytes: 100 };
        Campaign {
            seed: 1,
            runs,
            time: None,
            more_seeds: Vec::new(),
            before: &mut |_| {},
            crashed: &mut |_| {},
            progress: &mut |_| {},
        }
        .run(&target)
    }

    #[test]
    fn a_crash_is_found_once_and_made_small() {
        let outcome = campaign(500);
        assert_eq!(outcome.runs, 501);
        assert_eq!(outcome.crashes.len(), 1, "{:?}", outcome.crashes);
        assert_eq!(outcome.crashes[0].input, b"!");
        assert!(outcome.crashes[0].message.ends_with(": an exclamation mark at Some(0)"), "{:?}", outcome.crashes);
    }

    #[test]
    fn what_says_something_new_is_kept() {
        let outcome = campaign(500);
        assert!(outcome.corpus.iter().any(|it| it.len() >= 16), "nothing of two generations was kept");
        assert!(outcome.corpus.len() < 10);
    }

    #[test]
    fn the_same_seed_does_the_same() {
        assert_eq!(campaign(300).corpus, campaign(300).corpus);
    }
}
