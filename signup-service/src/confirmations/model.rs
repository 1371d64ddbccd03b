use contract::events::agents::UiElement;
use uuid::Uuid;

/// How long a confirmation is shown.
pub const KEPT_DAYS: i64 = 7;

/// A signup as its visitor is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation {
    /// The customer, or the refusal behind a decoy.
    pub customer_id: Uuid,
    pub customer_number: String,
    /// The offer as it was at the signup; it may change afterwards.
    pub agent_name: String,
    pub plan_name: String,
    pub price_text: String,
    pub description: String,
    pub ui_elements: Vec<UiElement>,
    /// The terms that the visitor agreed to.
    pub terms_version: String,
}
