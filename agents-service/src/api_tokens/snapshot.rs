use crate::columns::states;

states! {
    /// A token's state.
    #[schemars(rename = "ApiTokenState")]
    State { Active = "active", Revoked = "revoked", }
}
