use std::num::NonZeroU32;

use super::values::Values;
use crate::http::throttle::Limit;

/// The rate limits for visitors in one process: its share, where several replicas serve them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimits {
    /// Pages and lookups of one address.
    pub pages: Limit,
    /// Signups from one address.
    pub signups: Limit,
    /// Signups through one key.
    pub signups_per_key: Limit,
    /// Replicas that clients are spread over.
    pub replicas: NonZeroU32,
}

impl RateLimits {
    /// `None` where they are off.
    pub(super) fn read(values: &mut Values) -> Option<Self> {
        let is_off = values.checked("SIGNPOST_RATE_LIMITS", "on or off", |word| matches!(word, "on" | "off"))
            == Some("off".to_owned());
        let mut number = |name, default: u32, expected, most: u32| {
            let number = values.number(name, default, expected, |number| (1..=most).contains(number));
            NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
        };
        let per_minute = "a number in a minute, 1 to 1000000";
        let pages = number("SIGNPOST_RATE_LIMIT_PAGES", 240, per_minute, 1_000_000);
        let signups = number("SIGNPOST_RATE_LIMIT_SIGNUPS", 20, per_minute, 1_000_000);
        let signups_per_key = number("SIGNPOST_RATE_LIMIT_SIGNUPS_PER_KEY", 600, per_minute, 1_000_000);
        let percent = number("SIGNPOST_RATE_LIMIT_BURST_PERCENT", 100, "a percentage, 1 to 100", 100);
        let replicas = number("SIGNPOST_RATE_LIMIT_REPLICAS", 1, "a number of replicas, 1 to 1000", 1_000);
        let limit = |per_minute: NonZeroU32| {
            let burst = (per_minute.get() * percent.get()).div_ceil(100);
            let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
            Limit { per_minute, burst }.shared_by(replicas)
        };
        let limits =
            Self { pages: limit(pages), signups: limit(signups), signups_per_key: limit(signups_per_key), replicas };
        (!is_off).then_some(limits)
    }
}
