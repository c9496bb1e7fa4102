//! Chance that can be had again.

/// Numbers that follow from a seed (SplitMix64).
pub struct Luck {
    seed: u64,
    state: u64,
}

impl Luck {
    /// From `CRASH_SEED`, or new.
    pub fn new() -> Self {
        let seed = std::env::var("CRASH_SEED").map_or_else(
            |_| u64::from(getrandom::u32().expect("the operating system gives randomness")),
            |seed| seed.parse().expect("CRASH_SEED is a number"),
        );
        Self { seed, state: seed }
    }

    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// A number from 1 to this one.
    pub fn up_to(&mut self, most: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        1 + (mixed ^ (mixed >> 31)) % most
    }
}
