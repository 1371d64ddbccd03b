//! What the commands of a batch decide by, read with a few statements and kept up to date as the batch is decided: a command
//! sees what the commands before it in the batch changed. If one of those fails, the versions that later commands rely on do
//! not hold, and these commands are decided again.

use std::collections::{BTreeSet, HashMap};

use contract::decider::Decider;
use contract::events::agents::AgentsEvent;
use event_store::log::{ExpectedVersion, LogError, NewEvent, histories};
use event_store::sql::{SqlError, Tx};

use crate::domain_error::DomainError;
use crate::facts::{Fact, Facts, Needs};

/// The histories and facts of a batch.
#[derive(Default)]
pub struct BatchContext {
    histories: HashMap<String, Vec<AgentsEvent>>,
    facts: Facts,
    /// One of these must be the version of the stream that the present command decides on.
    expected: Option<Vec<u64>>,
}

impl BatchContext {
    /// Reads these streams and facts.
    pub async fn load(tx: &mut Tx, streams: BTreeSet<String>, needs: Needs) -> Result<Self, SqlError> {
        let histories = histories(tx, streams, u64::MAX).await.map_err(unreadable)?;
        Ok(Self { histories, facts: needs.load(tx).await?, expected: None })
    }

    /// One stream as it was at a position.
    pub async fn at(tx: &mut Tx, stream: &str, position: u64) -> Result<Self, SqlError> {
        let histories = histories(tx, [stream.to_owned()], position).await.map_err(unreadable)?;
        Ok(Self { histories, ..Self::default() })
    }

    /// The state of a stream, as far as the batch has come.
    pub fn state<D: Decider<Event = AgentsEvent>>(&self, stream: &str) -> D::State {
        D::fold(self.histories.get(stream).map(Vec::as_slice).unwrap_or_default())
    }

    /// The version of a stream, as far as the batch has come.
    pub fn version(&self, stream: &str) -> u64 {
        u64::try_from(self.histories.get(stream).map_or(0, Vec::len)).unwrap_or(u64::MAX)
    }

    /// That a stream is at the version that the batch sees.
    pub fn expected_version(&self, stream: &str) -> ExpectedVersion {
        ExpectedVersion { stream: stream.to_owned(), version: self.version(stream) }
    }

    /// What is known of a key.
    pub fn fact<F: Fact>(&self, key: &F::Key) -> Option<&F::Value> {
        self.facts.get::<F>(key)
    }

    /// Notes what the commands behind this one decide by.
    pub fn set_fact<F: Fact>(&mut self, key: F::Key, value: F::Value) {
        self.facts.set::<F>(key, value);
    }

    /// The versions that the next decision allows; `None` allows each.
    pub fn expect(&mut self, versions: Option<Vec<u64>>) {
        self.expected = versions;
    }

    /// Decides a command on a stream.
    pub fn decide<D>(&mut self, stream: &str, command: D::Command) -> Result<Decided, DomainError>
    where
        D: Decider<Event = AgentsEvent>,
        D::Error: Into<DomainError>,
    {
        let version = self.version(stream);
        let decided = D::decide(&self.state::<D>(stream), command);
        if self.expected.take().is_some_and(|expected| !expected.contains(&version)) {
            // What does not exist has no version: then the domain's own reason counts.
            return Err(decided.err().filter(|_| version == 0).map_or(DomainError::VersionMismatch, Into::into));
        }
        let events = decided.map_err(Into::into)?;
        let expected_versions = vec![self.expected_version(stream)];
        let new = events.iter().map(|event| NewEvent::of(stream, event)).collect::<Result<_, _>>();
        let outcome = Outcome { stream: stream.to_owned(), last: events.last().cloned() };
        self.histories.entry(stream.to_owned()).or_default().extend(events);
        Ok(Decided { expected_versions, events: new.map_err(|_| DomainError::Unwritable)?, outcome })
    }
}

/// What a command leads to, but for the response.
pub struct Decided {
    pub expected_versions: Vec<ExpectedVersion>,
    pub events: Vec<NewEvent>,
    pub outcome: Outcome,
}

/// What the response to a command is made from, beside the state of the stream.
pub struct Outcome {
    /// The stream that the command was decided on.
    pub stream: String,
    /// The last event that it led to.
    pub last: Option<AgentsEvent>,
}

impl Outcome {
    /// The id in the stream's name.
    pub fn id(&self) -> &str {
        self.stream.split_once('-').map_or("", |(_, id)| id)
    }
}

/// An event that this program cannot read was written by a newer one, which then should answer instead.
fn unreadable(error: LogError) -> SqlError {
    if let LogError::Sql(error) = error { error } else { SqlError::Column { column: "data".to_owned() } }
}
