//! The command line: what is to be measured.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::seed::Business;

pub const USAGE: &str =
    "usage: bench [ROW...] [--turns 12] [--seconds 2] [--keys 1000000] [--connections 64] [--events 1000000]
       bench --smoke [ROW...]
       bench money [--agents 5000] [--customers 1000000] [--payments 3000000] [--part 1] [--least 100] [--strict]
       bench growth [--from 10000] [--up-to 1000000] [--placements as many as keys] [--seconds 5]
       bench seed [--keys 1000000] [--database URL]
rows: lookup page signup hot replicas sqlite overload seen revoked append relay follow money; all of them when none is named
money is measured with so many agents, placements and payments, divided by --part
--strict fails where a promise does not hold, or less than so many percent of it by --least
--smoke runs the rows as small as possible, to see that they run and get right answers; the figures mean nothing
seed fills the database at URL, or starts servers and services of its own and keeps them until Ctrl-C";

/// What `bench` can measure by rows.
pub const ROWS: [&str; 13] = [
    "lookup", "page", "signup", "hot", "replicas", "sqlite", "overload", "seen", "revoked", "append", "relay",
    "follow", "money",
];

#[derive(Debug)]
pub enum Wish {
    Help,
    Rows(Vec<String>),
    Growth,
    Seed,
}

#[derive(Debug)]
pub struct Order {
    pub wish: Wish,
    pub turns: usize,
    /// Length of one contender's part of a turn.
    pub slice: Duration,
    /// Keys in the log that is published and followed.
    pub events: u64,
    /// Connections that ask over HTTP at once.
    pub connections: usize,
    /// Keys that are seeded, also for the rows that read over HTTP.
    pub keys: u64,
    /// The smallest and the largest size of growth.
    pub from: u64,
    pub up_to: u64,
    /// Most customers that are placed beforehand there: ten million with all that is kept of them fill a disk.
    pub placements: u64,
    /// How large the company is whose money is measured.
    pub business: Business,
    /// How much of a promise must hold, in percent.
    pub least: u32,
    /// A promise that does not hold is a failure.
    pub strict: bool,
    /// Where to seed.
    pub database: Option<String>,
    /// Everything as small as possible: only that each row runs and gets right answers is of interest.
    pub smoke: bool,
}

impl Order {
    pub fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self> {
        let mut rows = Vec::new();
        let mut order = Self {
            wish: Wish::Growth,
            turns: 12,
            slice: Duration::from_secs(2),
            events: 1_000_000,
            keys: 1_000_000,
            connections: 64,
            from: 10_000,
            up_to: 1_000_000,
            placements: u64::MAX,
            business: Business { agents: 5_000, keys: 10_000, customers: 1_000_000, payments: 3_000_000 },
            least: 100,
            strict: false,
            database: None,
            smoke: false,
        };
        while let Some(argument) = arguments.next() {
            if matches!(argument.as_str(), "--help" | "-h") {
                return Ok(Self { wish: Wish::Help, ..order });
            }
            if argument == "--smoke" {
                order = order.smallest();
                continue;
            }
            if argument == "--strict" {
                order.strict = true;
                continue;
            }
            if !argument.starts_with("--") {
                rows.push(argument);
                continue;
            }
            let value = arguments.next().with_context(|| format!("{argument} needs a value\n{USAGE}"))?;
            order.set(&argument, &value)?;
        }
        order.wish = match rows.first().map(String::as_str) {
            Some("growth") => Wish::Growth,
            Some("seed") => Wish::Seed,
            None => Wish::Rows(ROWS.map(str::to_owned).into()),
            Some(_) => Wish::Rows(rows.clone()),
        };
        if let Wish::Rows(rows) = &order.wish {
            let unknown = rows.iter().find(|row| !ROWS.contains(&row.as_str()));
            ensure!(unknown.is_none(), "there is no row {}\n{USAGE}", unknown.map_or("", String::as_str));
        } else {
            ensure!(rows.len() == 1, "{USAGE}");
        }
        ensure!(
            order.turns > 0
                && order.from > 0
                && order.events > 0
                && order.keys > 0
                && order.connections > 0
                && !order.slice.is_zero(),
            "{USAGE}"
        );
        Ok(order)
    }

    /// Sets what an option with a value says.
    fn set(&mut self, argument: &str, value: &str) -> Result<()> {
        match argument {
            "--turns" => self.turns = value.parse()?,
            "--seconds" => self.slice = Duration::from_secs(value.parse()?),
            "--events" => self.events = value.parse()?,
            "--connections" => self.connections = value.parse()?,
            "--keys" => self.keys = value.parse()?,
            "--from" => self.from = value.parse()?,
            "--placements" => self.placements = value.parse()?,
            "--up-to" => self.up_to = value.parse()?,
            "--agents" => self.business.agents = value.parse()?,
            "--customers" => self.business.customers = value.parse()?,
            "--payments" => self.business.payments = value.parse()?,
            "--part" => self.business = self.business.divided(value.parse()?),
            "--least" => self.least = value.parse()?,
            "--database" => self.database = Some(value.to_owned()),
            _ => bail!("{argument} is unknown\n{USAGE}"),
        }
        Ok(())
    }

    /// One turn, and little in it.
    fn smallest(self) -> Self {
        let slice = Duration::from_millis(200);
        let business = Business { agents: 10, keys: 40, customers: 300, payments: 900 };
        Self { smoke: true, turns: 1, slice, events: 10_000, keys: 200, connections: 8, business, ..self }
    }
}
