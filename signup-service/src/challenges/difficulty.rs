//! How hard a challenge is, by the signups through the same key within a minute. A browser tries some hundred thousand
//! numbers a second, an old telephone a tenth of that.

use contract::challenge::{BURST_SIGNUPS, SignupChallenge};

/// Signups through one key in a minute from which challenges are the hardest.
pub const FLOOD_SIGNUPS: u32 = 4 * BURST_SIGNUPS;

/// A step of difficulty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Calm,
    Burst,
    Flood,
}

impl Step {
    pub const ALL: [Self; 3] = [Self::Calm, Self::Burst, Self::Flood];

    fn by(recent_signups: u32) -> Self {
        if recent_signups >= FLOOD_SIGNUPS {
            Self::Flood
        } else if recent_signups >= BURST_SIGNUPS {
            Self::Burst
        } else {
            Self::Calm
        }
    }

    /// The step of the challenge that a signup needs; `None` where it needs none.
    pub fn needed(setting: SignupChallenge, recent_signups: u32) -> Option<Self> {
        let step = Self::by(recent_signups);
        match setting {
            SignupChallenge::Never => None,
            SignupChallenge::Bursts => Some(step).filter(|step| *step > Self::Calm),
            SignupChallenge::Always => Some(step),
        }
    }

    /// The solution is one of so many numbers; half of them are tried on average, and never more than all.
    pub fn numbers(self) -> u64 {
        match self {
            Self::Calm => 100_000,
            Self::Burst => 500_000,
            Self::Flood => 2_000_000,
        }
    }

    /// How long a visitor waits who cannot solve a challenge: longer than a slow browser works.
    pub fn wait_seconds(self) -> i64 {
        match self {
            Self::Calm => 15,
            Self::Burst => 30,
            Self::Flood => 60,
        }
    }

    /// The step's name in a challenge.
    pub fn code(self) -> char {
        match self {
            Self::Calm => '1',
            Self::Burst => '2',
            Self::Flood => '3',
        }
    }

    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| code.chars().eq([step.code()]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_harder_the_more_signups_come() {
        let at = |recent| Step::needed(SignupChallenge::Always, recent).unwrap();
        assert_eq!([0, BURST_SIGNUPS - 1].map(at), [Step::Calm; 2]);
        assert_eq!([BURST_SIGNUPS, FLOOD_SIGNUPS - 1].map(at), [Step::Burst; 2]);
        assert_eq!([FLOOD_SIGNUPS, u32::MAX].map(at), [Step::Flood; 2]);
        assert!(Step::ALL.is_sorted_by_key(|step| (step.numbers(), step.wait_seconds())));
    }

    #[test]
    fn the_setting_says_when_a_challenge_is_needed() {
        let calm_and_burst = |setting| [0, BURST_SIGNUPS].map(|recent| Step::needed(setting, recent).is_some());
        assert_eq!(calm_and_burst(SignupChallenge::Never), [false, false]);
        assert_eq!(calm_and_burst(SignupChallenge::Bursts), [false, true]);
        assert_eq!(calm_and_burst(SignupChallenge::Always), [true, true]);
    }

    #[test]
    fn each_step_has_a_name_of_its_own() {
        assert_eq!(Step::ALL.map(|step| Step::of_code(&step.code().to_string())), Step::ALL.map(Some));
        assert_eq!(["", "0", "4", "11"].map(Step::of_code), [None; 4]);
    }
}
