use crate::columns::states;

states! {
    /// Whether an operator may sign in.
    #[schemars(rename = "OperatorState")]
    State { Active = "active", Disabled = "disabled", Erased = "erased", }
}
