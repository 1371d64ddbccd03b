//! Lines that say how far the example is.

use super::season::Today;
use super::shop::{Counts, Shop};

/// Lines in all.
const STEPS: usize = 20;

pub struct Progress {
    signups: usize,
    told: usize,
}

impl Progress {
    pub fn to(signups: usize) -> Self {
        Self { signups, told: 0 }
    }

    /// Tells of a day, after every twentieth of the signups.
    pub fn tell(&mut self, shop: &Shop, today: Today) {
        let step = shop.customers.len() * STEPS / self.signups.max(1);
        if step > self.told {
            self.told = step;
            let Counts { customers, views, payments, remittances, .. } = shop.counts;
            let counts = [customers, u64::try_from(self.signups).unwrap_or_default(), views, payments, remittances];
            let [customers, signups, views, payments, requests] = counts.map(grouped);
            println!(
                "demo: {}: signups {customers} of {signups}, page views {views}, payments {payments}, payout requests {requests}",
                today.day
            );
        }
    }
}

/// With a comma before each three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_by_threes() {
        for (number, text) in [(7, "7"), (999, "999"), (12_000, "12,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
    }
}
