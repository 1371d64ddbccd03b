//! The shape of every decision: a pure function of the history and the command. Time, ids and secrets arrive inside
//! the command.

/// One kind of thing with a history: an agent, a call plan, a signup key.
pub trait Decider {
    /// The state after a history; the default is the state before the first event.
    type State: Default;
    /// A request to change it.
    type Command;
    /// A change of it.
    type Event;
    /// Why a command is refused.
    type Error;

    /// The events that the command causes; none where nothing changes.
    fn decide(state: &Self::State, command: Self::Command) -> Result<Vec<Self::Event>, Self::Error>;

    /// The state after one more event. Never fails, since the event has happened.
    fn evolve(state: Self::State, event: &Self::Event) -> Self::State;

    /// The state after a whole history.
    fn fold<'a>(history: impl IntoIterator<Item = &'a Self::Event>) -> Self::State
    where
        Self::Event: 'a,
    {
        history.into_iter().fold(Self::State::default(), Self::evolve)
    }
}
