//! The words of the pages that flows go by, in English and in one place: a page that says something else now is told so
//! here, and no flow changes.

/// The form behind a signup URL, and what follows.
pub mod signup {
    pub const FIRST_NAME: &str = "First name";
    pub const LAST_NAME: &str = "Last name";
    pub const EMAIL: &str = "E-mail address";
    pub const CONSENT: &str = "I agree to the terms";
    pub const SEND: &str = "Sign up";
    pub const LOOK_AGAIN: &str = "Please check these fields";
    pub const DONE: &str = "You have signed up";
    pub const NOTHING_HERE: &str = "There is nothing here";

    /// What a visitor is told about a link that can't be used, by the reason's name in the API.
    pub const UNUSABLE: [(&str, &str); 11] = [
        ("unknown", "We don't know this link"),
        ("revoked", "The link was withdrawn"),
        ("paused", "Signing up here is paused"),
        ("not_started", "This offer has not started yet"),
        ("ended", "This offer has ended"),
        ("exhausted", "All places are taken"),
        ("agent_suspended", "takes no new customers for now"),
        ("agent_closed", "takes no new customers any more"),
        ("plan_retired", "The call plan of this link was withdrawn"),
        ("grant_withdrawn", "does not sell this call plan"),
        ("group_not_agents", "has changed since the link was made"),
    ];
}
