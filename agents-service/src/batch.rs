//! The histories and facts of a batch, read with a few statements and updated while the batch is decided: a command
//! sees the changes of the commands before it. If one of those fails, the versions that later commands expect do not
//! hold, and these commands are decided again.

use std::collections::{BTreeSet, HashMap};

use contract::clock::Moment;
use contract::decider::Decider;
use contract::events::agents::AgentsEvent;
use event_store::log::{ExpectedVersion, History, LogError, NewEvent, histories};
use event_store::sql::{Sql, SqlError, Tx, Value};
use uuid::Uuid;

use crate::domain_error::DomainError;
use crate::facts::{Fact, Facts, Needs};
use crate::life::{Life, Times};

#[derive(Default)]
pub struct BatchContext {
    histories: HashMap<String, History<AgentsEvent>>,
    facts: Facts,
    now: Moment,
    /// The stream versions that the current command accepts.
    expected: Option<Vec<u64>>,
}

impl BatchContext {
    /// Reads these streams and facts.
    pub async fn load(tx: &mut Tx, streams: BTreeSet<String>, needs: Needs, now: Moment) -> Result<Self, SqlError> {
        let histories = histories(tx, streams, u64::MAX).await.map_err(unreadable)?;
        Ok(Self { histories, facts: needs.load(tx, now).await?, now, expected: None })
    }

    /// One stream at a position.
    pub async fn at(tx: &mut Tx, stream: &str, position: u64) -> Result<Self, SqlError> {
        let histories = histories(tx, [stream.to_owned()], position).await.map_err(unreadable)?;
        Ok(Self { histories, ..Self::default() })
    }

    /// When the batch is decided.
    pub fn now(&self) -> Moment {
        self.now
    }

    /// The state of a stream after the commands so far.
    pub fn state<D: Decider<Event = AgentsEvent>>(&self, stream: &str) -> D::State {
        D::fold(self.histories.get(stream).map(|history| &*history.events).unwrap_or_default())
    }

    /// The snapshot of a command's stream.
    pub fn snapshot<D, S>(&self, outcome: &Outcome, of: fn(&D, Life) -> S) -> S
    where
        D: Decider<State = D, Event = AgentsEvent>,
    {
        of(&self.state::<D>(&outcome.stream), self.life(&outcome.stream))
    }

    /// The version of a stream after the commands so far.
    pub fn version(&self, stream: &str) -> u64 {
        u64::try_from(self.histories.get(stream).map_or(0, |history| history.events.len())).unwrap_or(u64::MAX)
    }

    /// The version of a stream after the commands so far, with its times.
    pub fn life(&self, stream: &str) -> Life {
        let times = self
            .histories
            .get(stream)
            .map(|history| Times { created_at: history.begun_at, updated_at: history.changed_at });
        Life { version: self.version(stream), times: times.unwrap_or_default() }
    }

    /// The expectation that a stream has the version that the batch sees.
    pub fn expected_version(&self, stream: &str) -> ExpectedVersion {
        ExpectedVersion { stream: stream.to_owned(), version: self.version(stream) }
    }

    /// The fact of a key.
    pub fn fact<F: Fact>(&self, key: &F::Key) -> Option<&F::Value> {
        self.facts.get::<F>(key)
    }

    /// Updates a fact for the later commands.
    pub fn set_fact<F: Fact>(&mut self, key: F::Key, value: F::Value) {
        self.facts.set::<F>(key, value);
    }

    /// The versions that the next decision accepts; `None` accepts each.
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
            // Without a stream there is no version to compare, so the domain's own error counts.
            return Err(decided.err().filter(|_| version == 0).map_or(DomainError::VersionMismatch, Into::into));
        }
        let events = decided.map_err(Into::into)?;
        let expected_versions = vec![self.expected_version(stream)];
        let new = events.iter().map(|event| NewEvent::of(stream, event)).collect::<Result<_, _>>();
        let outcome = Outcome { stream: stream.to_owned(), last: events.last().cloned() };
        self.histories.entry(stream.to_owned()).or_default().extend(events.iter().cloned(), self.now);
        let (new, beside) = (new.map_err(|_| DomainError::Unwritable)?, Vec::new());
        Ok(Decided { expected_versions, events: new, happened: events, beside, outcome })
    }
}

/// A row beside the events, and the statement over a set of rows that writes it.
pub type RowBeside = (&'static Sql, Vec<Value>);

/// A decision without its response.
pub struct Decided {
    pub expected_versions: Vec<ExpectedVersion>,
    pub events: Vec<NewEvent>,
    /// The same events, not serialised.
    pub happened: Vec<AgentsEvent>,
    /// Rows beside the events that were decided with them, each with its statement.
    pub beside: Vec<RowBeside>,
    pub outcome: Outcome,
}

/// The input of a command's response, beside the state of the stream.
pub struct Outcome {
    /// The command's stream.
    pub stream: String,
    /// The command's last event.
    pub last: Option<AgentsEvent>,
}

impl Outcome {
    /// The id in the stream's name.
    pub fn id(&self) -> &str {
        self.stream.split_once('-').map_or("", |(_, id)| id)
    }

    /// The same, where it is a UUID.
    pub fn uuid(&self) -> Uuid {
        self.id().parse().unwrap_or_default()
    }
}

/// A newer program wrote an event that this one cannot read, so the newer one should respond.
fn unreadable(error: LogError) -> SqlError {
    if let LogError::Sql(error) = error { error } else { SqlError::Column { column: "data".to_owned() } }
}
