//! Random numbers from a seed, the same in each run.

/// The parts of the example: each has numbers of its own, so that a change of one does not shift the others'.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    Season = 1,
    Visitors,
    Agent,
    Customer,
    Billing,
    Payment,
    Messages,
}

/// The generator `SplitMix64`.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The numbers of one of a part, such as a day or a customer.
    pub fn of(part: Part, number: u64) -> Self {
        Self((((part as u64) << 48) | number).wrapping_mul(0xD129_0D3B_3F2A_57E5))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// 0 to `most` - 1.
    pub fn below(&mut self, most: i64) -> i64 {
        i64::try_from(self.next() % most.unsigned_abs().max(1)).unwrap_or_default()
    }

    /// Whether something happens that happens so often in a hundred.
    pub fn percent(&mut self, chance: i64) -> bool {
        self.below(100) < chance
    }

    /// One of several.
    pub fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(usize::try_from(self.below(i64::try_from(of.len()).unwrap_or(1))).unwrap_or_default())
    }

    /// The place of one of several, each as often as its weight.
    pub fn weighted(&mut self, weights: &[i64]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (place, weight) in weights.iter().enumerate() {
            if left < *weight {
                return place;
            }
            left -= weight;
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_numbers_and_weights_count() {
        let drawn = || {
            let mut random = Random::of(Part::Visitors, 7);
            (0..1_000).map(|_| random.weighted(&[1, 0, 3])).collect::<Vec<_>>()
        };
        assert_eq!(drawn(), drawn());
        let count = |place| drawn().iter().filter(|drawn| **drawn == place).count();
        assert!(count(1) == 0 && (200..300).contains(&count(0)), "{}", count(0));
    }
}
