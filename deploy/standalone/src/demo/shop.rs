//! What the example knows of itself while it is made.

use std::collections::BTreeMap;
use std::fmt;

use contract::clock::{Day, Moment};

use super::cast::{AGENTS, Cast};

/// A simulated day.
#[derive(Clone, Copy, Debug)]
pub struct Today {
    /// From 0.
    pub number: i64,
    pub day: Day,
}

impl Today {
    /// So many minutes after the day began, by UTC.
    pub fn at(self, minutes: i64) -> Moment {
        self.day.begins().plus_seconds(minutes * 60)
    }
}

/// An agent of the cast.
pub struct Agent {
    pub cast: &'static Cast,
    pub id: String,
    pub password: String,
    /// One for each of the agent's keys.
    pub groups: Vec<String>,
}

/// A signup key.
pub struct Offer {
    pub key: String,
    pub agent: usize,
    pub plan: usize,
    pub weight: i64,
    /// Whether it takes so few that the order of visitors counts.
    pub is_capped: bool,
}

/// A customer who signed up.
pub struct Customer {
    pub id: String,
    pub number: String,
    pub agent: usize,
    pub plan: usize,
    pub placed: i64,
    /// The number of the visitor, which is the same in each run.
    pub visitor: u64,
}

/// Something that was paid.
pub struct Paid {
    pub reference: String,
    pub hundredths: i64,
    pub currency: &'static str,
    pub on: i64,
}

#[derive(Clone, Debug, Default)]
pub struct Counts {
    pub views: u64,
    pub refusals: u64,
    pub customers: u64,
    pub payments: u64,
    pub reversals: u64,
    pub remittances: u64,
    pub messages: u64,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { views, refusals, customers, payments, reversals, remittances, messages } = self;
        write!(
            f,
            "{views} page views, {refusals} visitors refused, {customers} customers, {payments} payments, \
             {reversals} refunds and chargebacks, {remittances} payout requests, {messages} messages"
        )
    }
}

pub struct Shop {
    pub terms_version: String,
    pub plans: Vec<String>,
    pub agents: Vec<Agent>,
    pub offers: Vec<Offer>,
    pub customers: Vec<Customer>,
    pub paid: Vec<Paid>,
    /// By the name that the example gives them.
    pub remittances: BTreeMap<&'static str, String>,
    /// How many visitors filled the form in.
    pub visitors: u64,
    pub counts: Counts,
}

impl Shop {
    /// The place of an agent who has begun.
    pub fn agent(&self, login: &str) -> anyhow::Result<usize> {
        let place = self.agents.iter().position(|agent| agent.cast.login == login);
        place.ok_or_else(|| anyhow::anyhow!("the agent {login} has not begun; there are {}", AGENTS.len()))
    }

    pub fn agent_id(&self, login: &str) -> anyhow::Result<String> {
        Ok(self.agents[self.agent(login)?].id.clone())
    }

    /// The key that an agent got so many keys after the first.
    pub fn key(&self, login: &str, number: usize) -> anyhow::Result<String> {
        let agent = self.agent(login)?;
        let own = self.offers.iter().filter(|offer| offer.agent == agent).nth(number);
        Ok(own.ok_or_else(|| anyhow::anyhow!("{login} has no key {number}"))?.key.clone())
    }
}
