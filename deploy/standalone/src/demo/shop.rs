//! What the example knows of itself while it is made.

use std::fmt;

use anyhow::Context;

use super::cast::Cast;
use super::links::Link;

/// Of those who would follow a link, one in so many still does after it stopped.
const FADED: i64 = 6;

/// What an agent may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    Active,
    Suspended,
    Closed,
}

/// An agent of the cast.
pub struct Agent {
    pub cast: &'static Cast,
    pub id: String,
    pub password: String,
    pub life: Life,
}

/// A signup key.
pub struct Offer {
    pub key: String,
    pub agent: usize,
    pub plan: usize,
    pub group_id: String,
    pub link: &'static Link,
    /// The first and the last day of its time, where it has one.
    pub days: Option<[i64; 2]>,
    /// Customers who were placed through it.
    pub placed: u64,
    /// Something that it stands for was stopped.
    pub is_stopped: bool,
    pub weight: i64,
}

impl Offer {
    /// Whether it places customers on a day.
    pub fn is_usable_on(&self, day: i64) -> bool {
        let is_in_time = self.days.is_none_or(|[first, last]| (first..=last).contains(&day));
        is_in_time && self.link.cap.is_none_or(|cap| self.placed < cap) && !self.is_stopped
    }

    /// How many follow it on a day, beside other keys.
    pub fn weight_on(&self, day: i64) -> i64 {
        if self.is_usable_on(day) { self.weight } else { (self.weight / FADED).max(1) }
    }
}

/// A customer who signed up.
pub struct Customer {
    pub id: String,
    pub number: String,
    pub offer: usize,
    pub placed: i64,
    /// The number of the visitor, which is the same in each run.
    pub visitor: u64,
    /// Their address.
    pub email: String,
    pub is_erased: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Counts {
    pub views: u64,
    pub refusals: u64,
    pub customers: u64,
    pub erased: u64,
    pub payments: u64,
    pub reversals: u64,
    pub remittances: u64,
    pub statements: u64,
    pub messages: u64,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { views, refusals, customers, erased, payments, reversals, remittances, statements, messages } = self;
        write!(
            f,
            "{views} page views, {refusals} visitors refused, {customers} customers, {erased} of them erased, {payments} payments, \
             {reversals} refunds and chargebacks, {remittances} payout requests, {statements} statements, {messages} messages"
        )
    }
}

pub struct Shop {
    pub terms_version: String,
    pub plans: Vec<String>,
    pub agents: Vec<Agent>,
    pub offers: Vec<Offer>,
    pub customers: Vec<Customer>,
    /// How many visitors filled the form in.
    pub visitors: u64,
    pub counts: Counts,
}

impl Shop {
    /// The place of an agent who has begun.
    pub fn agent(&self, login: &str) -> anyhow::Result<usize> {
        let place = self.agents.iter().position(|agent| agent.cast.login == login);
        place.with_context(|| format!("the agent {login} has not begun"))
    }

    pub fn agent_id(&self, login: &str) -> anyhow::Result<&str> {
        Ok(&self.agents[self.agent(login)?].id)
    }

    /// The key that an agent got so many keys after the first.
    pub fn offer(&mut self, login: &str, number: usize) -> anyhow::Result<&mut Offer> {
        let agent = self.agent(login)?;
        let own = self.offers.iter_mut().filter(|offer| offer.agent == agent).nth(number);
        own.with_context(|| format!("{login} has no key {number}"))
    }

    /// Notes that keys stopped, or that they work again.
    pub fn stop(&mut self, is_stopped: bool, which: impl Fn(&Offer) -> bool) {
        for offer in self.offers.iter_mut().filter(|offer| which(offer)) {
            offer.is_stopped = is_stopped;
        }
    }
}
