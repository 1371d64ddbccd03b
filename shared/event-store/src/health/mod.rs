//! The state of a service's dependencies. Each dependency reports its state under its own name; a change is logged
//! once, with its cause, and is a metric. `/readyz` responds with these states.

pub mod database;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The state of one dependency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It works.
    Ok,
    /// It is impaired, but the service works without it. The text names the cause.
    Degraded(String),
    /// The service cannot work without it. The text names the cause.
    Failing(String),
}

impl Status {
    /// 0, 1 or 2: ok, degraded, failing.
    pub fn level(&self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Degraded(_) => 1,
            Self::Failing(_) => 2,
        }
    }
}

/// The dependencies of one service; clones share them.
#[derive(Clone, Debug)]
pub struct Health {
    service: &'static str,
    statuses: Arc<Mutex<BTreeMap<&'static str, Status>>>,
}

impl Health {
    /// For a service, such as `agents`.
    pub fn new(service: &'static str) -> Self {
        Self { service, statuses: Arc::default() }
    }

    /// The service's name.
    pub fn service(&self) -> &'static str {
        self.service
    }

    /// A dependency of this name; its state is ok until it reports otherwise.
    pub fn dependency(&self, name: &'static str) -> Dependency {
        self.begin(name, Status::Ok)
    }

    /// A dependency that fails with this cause until it reports otherwise. The first state is not logged, since every
    /// start begins with it.
    pub fn awaited(&self, name: &'static str, cause: &str) -> Dependency {
        self.begin(name, Status::Failing(cause.to_owned()))
    }

    fn begin(&self, name: &'static str, status: Status) -> Dependency {
        let dependency = Dependency { health: self.clone(), name };
        dependency.measure(&status);
        self.lock().entry(name).or_insert(status);
        dependency
    }

    /// The state of each dependency, by name.
    pub fn statuses(&self) -> BTreeMap<&'static str, Status> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Status>> {
        self.statuses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One dependency of a service; clones report for the same one.
#[derive(Clone, Debug)]
pub struct Dependency {
    health: Health,
    name: &'static str,
}

impl Dependency {
    /// Reports the state. Only a change of the level is logged, so a cause that varies from try to try does not flood
    /// the log.
    pub fn set(&self, status: Status) {
        self.report(status, |before, now| before.level() != now.level());
    }

    /// Reports a state that lasts until an operator acts. A new cause is logged too, since the operator must see it.
    pub fn set_lasting(&self, status: Status) {
        self.report(status, |before, now| before != now);
    }

    fn report(&self, status: Status, is_news: fn(&Status, &Status) -> bool) {
        let mut statuses = self.health.lock();
        if is_news(statuses.get(self.name).unwrap_or(&Status::Ok), &status) {
            self.measure(&status);
            self.log(&status);
        }
        statuses.insert(self.name, status);
    }

    fn log(&self, status: &Status) {
        let (service, dependency) = (self.health.service, self.name);
        match status {
            Status::Ok => tracing::info!(service, dependency, "works"),
            Status::Degraded(cause) => tracing::warn!(service, dependency, cause, "degraded"),
            Status::Failing(cause) => tracing::error!(service, dependency, cause, "failing"),
        }
    }

    /// The last reported state.
    pub fn status(&self) -> Status {
        self.health.lock().get(self.name).cloned().unwrap_or(Status::Ok)
    }

    fn measure(&self, status: &Status) {
        let labels = [("service", self.health.service), ("dependency", self.name)];
        metrics::gauge!("signpost_dependency_state", &labels).set(f64::from(status.level()));
    }
}

/// An error with its causes in one line: `the stream cannot be read: connection refused`.
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.ends_with(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_is_ok_until_it_reports_and_keeps_its_last_state() {
        let health = Health::new("agents");
        let (database, nats) = (health.dependency("database"), health.dependency("nats"));
        nats.set(Status::Degraded("connection refused".to_owned()));
        nats.clone().set(Status::Failing("another cause".to_owned()));
        assert_eq!(database.status(), Status::Ok);
        let levels: Vec<_> = health.statuses().into_iter().map(|(name, status)| (name, status.level())).collect();
        assert_eq!(levels, [("database", 0), ("nats", 2)]);
    }

    #[test]
    fn an_error_names_each_of_its_causes_once() {
        let inner = std::io::Error::other("connection refused");
        let error = crate::sql::SqlError::Unavailable(sqlx::Error::Io(inner));
        let text = with_causes(&error);
        assert_eq!(text.matches("connection refused").count(), 1, "{text}");
    }
}
