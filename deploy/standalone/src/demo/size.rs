//! How much the example has, and when it ends.

use anyhow::ensure;
use clap::Args;
use contract::clock::{Clock, Day};

/// Customers of the example.
const SIGNUPS: usize = 20_000;

/// Whether to make the example.
#[derive(Args, Clone, Copy, Debug)]
pub struct DemoArguments {
    /// Fill an empty database with example data, then serve.
    #[arg(long)]
    demo: bool,
    /// Customers of the example; fewer for tests.
    #[arg(long, hide = true, default_value_t = SIGNUPS)]
    demo_signups: usize,
    /// Its last day, in the past; yesterday when absent.
    #[arg(long, hide = true)]
    demo_until: Option<Day>,
}

/// How much the example has.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub signups: usize,
    /// The last day.
    pub last: Day,
}

impl DemoArguments {
    /// How much to make; `None` where no example is wanted.
    pub fn size(self) -> anyhow::Result<Option<Size>> {
        let yesterday = Clock::System.now().day().plus(-1);
        let last = self.demo_until.unwrap_or(yesterday);
        ensure!(last <= yesterday, "the example must end before today");
        Ok(self.demo.then_some(Size { signups: self.demo_signups, last }))
    }
}
