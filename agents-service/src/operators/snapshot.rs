use crate::columns::states;

states! {
    /// Whether an operator may sign in.
    State { Active = "active", Disabled = "disabled", Erased = "erased", }
}
