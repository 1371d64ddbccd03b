//! A service that sends webhooks to a receiver, with a clock that stands.

use contract::clock::{Clock, SetClock};
use event_store::log::Log;
use harness::until;
use serde_json::{Value, json};

use crate::office::{BackOffice, id};
use crate::receiver::Receiver;

pub const PRIVATE: [(&str, &str); 1] = [("SIGNPOST_WEBHOOK_ALLOW_PRIVATE", "on")];

pub struct Scene {
    pub office: BackOffice,
    pub receiver: Receiver,
    pub clock: SetClock,
}

/// An endpoint, and its first secret.
pub struct Endpoint {
    pub path: String,
    pub secret: String,
}

impl Scene {
    pub async fn open(url: String) -> Self {
        Self::with_signups(url, None).await
    }

    pub async fn with_signups(url: String, signups: Option<Log>) -> Self {
        let clock = SetClock::at(Clock::System.now());
        let office = BackOffice::open_with(url, signups, Clock::Set(clock.clone()), &PRIVATE).await;
        Self { office, receiver: Receiver::start().await, clock }
    }

    /// The service, ended as by a kill and started again with the same data, clock and receiver.
    pub async fn again(self) -> Self {
        let Self { office, receiver, clock } = self;
        let url = office.settings.agents_database_url.clone();
        drop(office);
        let office = BackOffice::open_with(url, None, Clock::Set(clock.clone()), &PRIVATE).await;
        Self { office, receiver, clock }
    }

    /// Another process with the same data.
    pub async fn other(&self) -> BackOffice {
        let url = self.office.settings.agents_database_url.clone();
        BackOffice::open_with(url, None, Clock::Set(self.clock.clone()), &PRIVATE).await
    }

    /// Time passes.
    pub fn wait(&self, seconds: i64) {
        self.clock.set(self.clock.now().plus_seconds(seconds));
    }

    /// Adds the receiver as an endpoint of the agents' log.
    pub async fn endpoint(&self, types: &[&str]) -> Endpoint {
        self.endpoint_of(&["agents"], types).await
    }

    pub async fn endpoint_of(&self, logs: &[&str], types: &[&str]) -> Endpoint {
        let body = json!({ "url": self.receiver.url(), "description": "Billing", "logs": logs, "types": types });
        let added = self.office.post("/webhooks", &body).await.expect(201);
        Endpoint { path: format!("/webhooks/{}", id(&added)), secret: added["secret"].as_str().unwrap().to_owned() }
    }

    /// Makes so many events of one type; returns the last position.
    pub async fn plans(&self, count: usize) -> u64 {
        for number in 0..count {
            self.office.call_plan(&format!("Plan {number}")).await;
        }
        self.office.app.log.head().await.unwrap().position
    }

    pub async fn show(&self, endpoint: &Endpoint) -> Value {
        self.office.get(&endpoint.path).await
    }

    pub async fn step(&self, endpoint: &Endpoint, step: &str, body: &Value) -> Value {
        self.office.post(&format!("{}/{step}", endpoint.path), body).await.expect(200)
    }

    /// Waits until the first cursor shows so many failed attempts.
    pub async fn has_failed(&self, endpoint: &Endpoint, attempts: u64) {
        until(async || self.show(endpoint).await["cursors"][0]["attempts"] == attempts).await;
    }

    /// Waits until the first cursor is at this position, or beyond events that are not wanted.
    pub async fn is_at(&self, endpoint: &Endpoint, position: u64) {
        let is_there = |shown: Value| shown["cursors"][0]["position"].as_u64().unwrap() >= position;
        until(async || is_there(self.show(endpoint).await)).await;
    }

    /// Waits until the endpoint is paused for this cause.
    pub async fn is_paused(&self, endpoint: &Endpoint, cause: &str) {
        until(async || self.show(endpoint).await["paused_because"] == cause).await;
    }
}

pub const PLAN_CREATED: &str = "signpost.agents.call_plan_created.v1";
