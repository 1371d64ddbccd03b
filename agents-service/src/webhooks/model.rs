//! An endpoint that events are sent to. The model knows the host alone; URL and secrets stand beside the log.

use contract::clock::Moment;
use contract::decider::Decider;
use contract::events::Contract;
use contract::events::agents::AgentsEvent;
use contract::events::signups::SignupsEvent;
use contract::events::webhooks::{
    WebhookAdded, WebhookChanged, WebhookLog, WebhookMoved, WebhookPauseCause, WebhookPaused, WebhookRemoved,
    WebhookResumed, WebhookSecretRotated,
};
use uuid::Uuid;

use crate::domain_error::DomainError;

pub fn stream(endpoint_id: Uuid) -> String {
    format!("webhook-{endpoint_id}")
}

/// The life stages of an endpoint. `Removed` is final.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Webhook {
    #[default]
    Absent,
    Live(Endpoint),
    Removed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub id: Uuid,
    pub target: Target,
    /// Why it is paused; `None` while events are sent.
    pub paused: Option<WebhookPauseCause>,
    /// When the secret before the current one ends.
    old_ends_at: Option<Moment>,
}

/// What is sent, and where to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub host: String,
    pub logs: Vec<WebhookLog>,
    /// Empty for all.
    pub types: Vec<String>,
}

/// A change; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    pub host: Option<String>,
    pub logs: Option<Vec<WebhookLog>>,
    pub types: Option<Vec<String>>,
}

#[derive(Clone, Debug)]
pub enum WebhookCommand {
    Add { endpoint_id: Uuid, target: Target },
    Change(Change),
    Pause { cause: WebhookPauseCause, reason: Option<String> },
    Resume { reason: Option<String> },
    Remove { reason: Option<String> },
    Rotate { now: Moment, old_ends_at: Moment },
    Move { log: WebhookLog, from: u64, to: u64, reason: Option<String> },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebhookError {
    Unknown,
    Exists,
    Removed,
    NoLog,
    UnknownType(String),
    AlreadyPaused,
    NotPaused,
    OtherLog,
}

impl From<WebhookError> for DomainError {
    fn from(error: WebhookError) -> Self {
        match error {
            WebhookError::Unknown => Self::not_found("there is no such endpoint"),
            WebhookError::Exists => Self::conflict("webhook_exists", "there is an endpoint with this id already"),
            WebhookError::Removed => Self::conflict("already_removed", "the endpoint is removed for good"),
            WebhookError::NoLog => Self::invalid_field("logs", "required", "needs at least one choice"),
            WebhookError::UnknownType(name) => {
                Self::invalid_field("types", "unknown_value", format!("{name} is no type of event of the chosen logs"))
            }
            WebhookError::AlreadyPaused => Self::conflict("already_paused", "the endpoint is paused already"),
            WebhookError::NotPaused => Self::conflict("not_paused", "the endpoint is not paused"),
            WebhookError::OtherLog => {
                Self::invalid_field("log", "not_sent", "is a log whose events are not sent to the endpoint")
            }
        }
    }
}

impl Target {
    /// The target, if it names a log and types of its logs alone.
    fn checked(self) -> Result<Self, WebhookError> {
        if self.logs.is_empty() {
            return Err(WebhookError::NoLog);
        }
        let is_known = |name: &&String| self.logs.iter().any(|log| types(*log).contains(&name.as_str()));
        match self.types.iter().find(|name| !is_known(name)) {
            Some(unknown) => Err(WebhookError::UnknownType(unknown.clone())),
            None => Ok(self),
        }
    }
}

/// The types of a log's events.
pub fn types(log: WebhookLog) -> Vec<&'static str> {
    let types = match log {
        WebhookLog::Agents => AgentsEvent::types(),
        WebhookLog::Signups => SignupsEvent::types(),
    };
    types.into_iter().map(|known| known.name).collect()
}

impl Endpoint {
    fn decide(&self, command: WebhookCommand) -> Result<AgentsEvent, WebhookError> {
        let endpoint_id = self.id;
        Ok(match command {
            WebhookCommand::Add { .. } => return Err(WebhookError::Exists),
            WebhookCommand::Change(change) => {
                let target = Target {
                    host: change.host.unwrap_or_else(|| self.target.host.clone()),
                    logs: change.logs.unwrap_or_else(|| self.target.logs.clone()),
                    types: change.types.unwrap_or_else(|| self.target.types.clone()),
                };
                let Target { host, logs, types } = target.checked()?;
                WebhookChanged { endpoint_id, host, logs, types }.into()
            }
            WebhookCommand::Pause { .. } if self.paused.is_some() => return Err(WebhookError::AlreadyPaused),
            WebhookCommand::Pause { cause, reason } => {
                WebhookPaused { endpoint_id, cause, reason: reason.into() }.into()
            }
            WebhookCommand::Resume { .. } if self.paused.is_none() => return Err(WebhookError::NotPaused),
            WebhookCommand::Resume { reason } => WebhookResumed { endpoint_id, reason: reason.into() }.into(),
            WebhookCommand::Remove { reason } => WebhookRemoved { endpoint_id, reason: reason.into() }.into(),
            WebhookCommand::Rotate { now, old_ends_at } => {
                let ended_older = self.old_ends_at.is_some_and(|ends_at| ends_at > now);
                WebhookSecretRotated { endpoint_id, old_ends_at, ended_older }.into()
            }
            WebhookCommand::Move { log, .. } if !self.target.logs.contains(&log) => return Err(WebhookError::OtherLog),
            WebhookCommand::Move { log, from, to, reason } => {
                WebhookMoved { endpoint_id, log, from, to, reason: reason.into() }.into()
            }
        })
    }

    fn evolve(self, event: &AgentsEvent) -> Webhook {
        let live = match event {
            AgentsEvent::WebhookChanged(WebhookChanged { host, logs, types, .. }) => {
                Self { target: Target { host: host.clone(), logs: logs.clone(), types: types.clone() }, ..self }
            }
            AgentsEvent::WebhookPaused(event) => Self { paused: Some(event.cause), ..self },
            AgentsEvent::WebhookResumed(_) => Self { paused: None, ..self },
            AgentsEvent::WebhookSecretRotated(event) => Self { old_ends_at: Some(event.old_ends_at), ..self },
            AgentsEvent::WebhookRemoved(_) => return Webhook::Removed,
            _ => self,
        };
        Webhook::Live(live)
    }
}

impl Decider for Webhook {
    type State = Self;
    type Command = WebhookCommand;
    type Event = AgentsEvent;
    type Error = WebhookError;

    fn decide(state: &Self, command: WebhookCommand) -> Result<Vec<AgentsEvent>, WebhookError> {
        match (state, command) {
            (Self::Absent, WebhookCommand::Add { endpoint_id, target }) => {
                let Target { host, logs, types } = target.checked()?;
                Ok(vec![WebhookAdded { endpoint_id, host, logs, types }.into()])
            }
            (Self::Absent, _) => Err(WebhookError::Unknown),
            (Self::Live(endpoint), command) => endpoint.decide(command).map(|event| vec![event]),
            (Self::Removed, _) => Err(WebhookError::Removed),
        }
    }

    fn evolve(state: Self, event: &AgentsEvent) -> Self {
        match (state, event) {
            (_, AgentsEvent::WebhookAdded(WebhookAdded { endpoint_id, host, logs, types })) => Self::Live(Endpoint {
                id: *endpoint_id,
                target: Target { host: host.clone(), logs: logs.clone(), types: types.clone() },
                paused: None,
                old_ends_at: None,
            }),
            (Self::Live(endpoint), event) => endpoint.evolve(event),
            (state, _) => state,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn target(types: &[&str]) -> Target {
        let types = types.iter().map(|name| (*name).to_owned()).collect();
        Target { host: "hooks.example.com".to_owned(), logs: vec![WebhookLog::Signups], types }
    }

    fn add(types: &[&str]) -> WebhookCommand {
        WebhookCommand::Add { endpoint_id: Uuid::nil(), target: target(types) }
    }

    fn pause() -> WebhookCommand {
        WebhookCommand::Pause { cause: WebhookPauseCause::Asked, reason: None }
    }

    fn after(commands: impl IntoIterator<Item = WebhookCommand>) -> Webhook {
        commands.into_iter().fold(Webhook::Absent, |webhook, command| {
            Webhook::decide(&webhook, command).unwrap().iter().fold(webhook, Webhook::evolve)
        })
    }

    fn moment(seconds: i64) -> Moment {
        Moment::default().plus_seconds(seconds)
    }

    #[test]
    fn types_are_those_of_the_chosen_logs() {
        let agents = "signpost.agents.agent_created.v1";
        assert!(Webhook::decide(&Webhook::Absent, add(&["signpost.signups.customer_placed.v1"])).is_ok());
        let refused = Webhook::decide(&Webhook::Absent, add(&[agents])).unwrap_err();
        assert_eq!(refused, WebhookError::UnknownType(agents.to_owned()));
        let change = |logs| WebhookCommand::Change(Change { logs: Some(logs), ..Change::default() });
        let webhook = after([add(&["signpost.signups.customer_placed.v1"])]);
        assert_eq!(Webhook::decide(&webhook, change(Vec::new())), Err(WebhookError::NoLog));
        assert!(Webhook::decide(&webhook, change(vec![WebhookLog::Agents])).is_err());
        assert!(Webhook::decide(&webhook, change(vec![WebhookLog::Agents, WebhookLog::Signups])).is_ok());
    }

    #[test]
    fn rotating_again_before_the_old_secret_ends_says_that_it_ended() {
        let rotate = |now| WebhookCommand::Rotate { now: moment(now), old_ends_at: moment(now + 100) };
        let ended_older = |webhook: &Webhook, now| match &Webhook::decide(webhook, rotate(now)).unwrap()[..] {
            [AgentsEvent::WebhookSecretRotated(event)] => event.ended_older,
            other => panic!("{other:?}"),
        };
        let webhook = after([add(&[])]);
        assert!(!ended_older(&webhook, 0));
        let webhook = after([add(&[]), rotate(0)]);
        assert!(ended_older(&webhook, 99) && !ended_older(&webhook, 100));
    }

    proptest! {
        #[test]
        fn any_accepted_history_folds_and_nothing_follows_removal(
            choices in prop::collection::vec(0..6, 0..20),
        ) {
            let (mut webhook, mut history) = (Webhook::Absent, Vec::new());
            for choice in choices {
                let command = match choice {
                    0 => add(&[]),
                    1 => pause(),
                    2 => WebhookCommand::Resume { reason: None },
                    3 => WebhookCommand::Change(Change::default()),
                    4 => WebhookCommand::Move { log: WebhookLog::Signups, from: 1, to: 0, reason: None },
                    _ => WebhookCommand::Remove { reason: None },
                };
                let decided = Webhook::decide(&webhook, command);
                prop_assert!(webhook != Webhook::Removed || decided.is_err());
                let events = decided.unwrap_or_default();
                webhook = events.iter().fold(webhook, Webhook::evolve);
                history.extend(events);
            }
            prop_assert_eq!(Webhook::fold(&history), webhook);
        }
    }
}
