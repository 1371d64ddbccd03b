use crate::columns::states;

states! {
    /// A token's state.
    State { Active = "active", Revoked = "revoked", }
}
