/// A small pseudo-random generator: the same seed gives the same numbers on every machine.
///
/// It is `SplitMix64` (Steele, Lea and Flood, 2014): one addition and three
/// shift-and-multiply rounds on 64-bit integers, no floating point, nothing
/// taken from the machine. Good enough to vary log text, useless for secrets.
///
/// # Examples
///
/// ```
/// use esxray_testkit::Prng;
///
/// assert_eq!(Prng::new(0).next_u64(), 0xE220_A839_7B1D_CDAF);
/// assert_eq!(Prng::new(7).hex(8), Prng::new(7).hex(8));
/// ```
#[derive(Debug, Clone)]
pub struct Prng {
    state: u64,
}

impl Prng {
    /// A generator that starts from `seed`.
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A generator for one purpose: the same seed and name give the same numbers,
    /// whatever other generators were asked for before.
    pub fn named(seed: u64, name: &str) -> Self {
        // FNV-1a keeps the streams of two names apart.
        let hash = name
            .bytes()
            .fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3));
        Self::new(seed ^ hash)
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.state;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    /// A number below `bound`; 0 for a bound of 0.
    ///
    /// The remainder's bias is below one in a billion for the small bounds used here.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next_u64().checked_rem(bound).unwrap_or(0)
    }

    /// A number from `low` up to and including `high`.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// True in `part` of `whole` cases.
    pub fn chance(&mut self, part: u64, whole: u64) -> bool {
        self.below(whole) < part
    }

    /// One of the texts; empty for none.
    pub fn pick<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        self.choose(texts).copied().unwrap_or("")
    }

    /// One of the items; `None` for none.
    pub fn choose<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let index = self.below(u64::try_from(items.len()).unwrap_or(0));
        items.get(usize::try_from(index).unwrap_or(0))
    }

    /// So many hexadecimal digits, lower case.
    pub fn hex(&mut self, digits: usize) -> String {
        self.of(digits, "0123456789abcdef")
    }

    /// So many characters of the base64 alphabet without `+` and `/`.
    pub fn base64(&mut self, characters: usize) -> String {
        self.of(characters, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
    }

    fn of(&mut self, count: usize, alphabet: &str) -> String {
        let bytes = alphabet.as_bytes();
        (0..count).filter_map(|_| self.choose(bytes)).map(|byte| char::from(*byte)).collect()
    }

    /// A UUID in its usual form.
    pub fn uuid(&mut self) -> String {
        format!("{}-{}-{}-{}-{}", self.hex(8), self.hex(4), self.hex(4), self.hex(4), self.hex(12))
    }

    /// A waiting time of the given mean, spread like the gaps between independent events.
    ///
    /// The quantiles of the exponential distribution stand in a table, so that
    /// no logarithm's last bit can differ between platforms.
    pub fn gap(&mut self, mean_micros: i64) -> i64 {
        const PER_MILLE: [i64; 16] =
            [32, 98, 170, 247, 330, 421, 521, 632, 755, 896, 1061, 1256, 1498, 1814, 2281, 3976];
        let share = self.choose(&PER_MILLE).copied().unwrap_or(1000);
        // Within a quantile the time varies too, or a log would tick like a clock.
        let blur = i64::try_from(self.between(800, 1200)).unwrap_or(1000);
        (mean_micros * share / 1000 * blur / 1000).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_published_sequence() {
        let mut prng = Prng::new(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| prng.next_u64()).collect();
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn gaps_keep_their_mean() {
        let mut prng = Prng::new(3);
        let sum: i64 = (0..16_000).map(|_| prng.gap(1_000_000)).sum();
        let mean = sum / 16_000;
        assert!((960_000..1_040_000).contains(&mean), "{mean}");
    }

    #[test]
    fn bounds_are_kept() {
        let mut prng = Prng::new(9);
        assert_eq!(prng.below(0), 0);
        assert!((0..1000).all(|_| (3..=5).contains(&prng.between(3, 5))));
        assert_eq!(prng.pick(&[]), "");
        assert_eq!(prng.uuid().len(), 36);
    }

    #[test]
    fn names_separate_streams() {
        assert_ne!(Prng::named(1, "hostd").next_u64(), Prng::named(1, "vpxd").next_u64());
        assert_eq!(Prng::named(1, "hostd").next_u64(), Prng::named(1, "hostd").next_u64());
    }
}
