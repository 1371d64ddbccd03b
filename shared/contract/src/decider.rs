//! The shape of every decision: a pure function of what happened so far and what is asked now.
//! Time, ids and secrets arrive inside the command; nothing here waits, reads or stores.

/// One kind of thing that has a history: an agent, a call plan, a signup key.
pub trait Decider {
    /// What its history amounts to; the default is "nothing has happened yet".
    type State: Default;
    /// What can be asked of it.
    type Command;
    /// What can happen to it.
    type Event;
    /// Why a command is refused.
    type Error;

    /// The events that the command causes; none when things are already as asked.
    fn decide(state: &Self::State, command: Self::Command) -> Result<Vec<Self::Event>, Self::Error>;

    /// The state after one more event. Never fails: what happened, happened.
    fn evolve(state: Self::State, event: &Self::Event) -> Self::State;

    /// The state after a whole history.
    fn fold<'a>(history: impl IntoIterator<Item = &'a Self::Event>) -> Self::State
    where
        Self::Event: 'a,
    {
        history.into_iter().fold(Self::State::default(), Self::evolve)
    }
}
