//! What happens in the agents service: agents, call plans, grants, groups, signup keys, settings, messages, operators, tokens.
//! No personal data: contact details, logins and passwords stay in the service's own tables.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::payments::{
    BalanceCorrected, ChargebackWon, PaymentAttributed, PaymentReceived, PaymentReversed, ReversalHeld,
    ReversalNotApplied, SignupCommissionEarned,
};
use super::remittances::{
    RemittanceApproved, RemittanceCancelled, RemittancePaid, RemittanceRefused, RemittanceRequested, RemittanceReturned,
};
use super::signup_keys::{
    SignupKeyAdded, SignupKeyChanged, SignupKeyCommissionChanged, SignupKeyNoteChanged, SignupKeyPaused,
    SignupKeyResumed, SignupKeyRevoked,
};
use super::statements::StatementIssued;
use super::webhooks::{
    WebhookAdded, WebhookChanged, WebhookMoved, WebhookPaused, WebhookRemoved, WebhookResumed, WebhookSecretRotated,
};
use super::{contract, events, subject_ids};
use crate::agent_defaults::AgentDefaults;
use crate::bank::{BankAccount, PayoutBlockDays, UnknownBic};
use crate::canned_answers::CannedAnswer;
use crate::challenge::SignupChallenge;
use crate::commission::{AgentCommission, CommissionTerms};
use crate::money::{Currency, Money, Percent};
use crate::note::Note;
pub use crate::permission::Permission;
use crate::roles::OperatorRole;
use crate::statements::StatementSettings;
use crate::tax::VatKind;

/// An element of the customer interface that a group's customers may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are those of the interface's own elements")]
pub enum UiElement {
    Password,
    SipIax,
    CallHistory,
    PaymentHistory,
    Voucher,
    Invoices,
    Did,
    SpeedDial,
    Ratecard,
    Simulator,
    Callback,
    CallerId,
    Support,
    Notification,
    Autodialer,
    PersonalInfo,
    Recording,
}

/// Whether an optional field of the signup form is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldRule {
    /// Not asked for, and refused when sent.
    Hidden,
    /// Asked for; may stay empty.
    Shown,
    /// Asked for; must be filled in.
    Required,
}

/// The optional fields of the signup form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are those of the form's own fields")]
pub enum SignupField {
    LastName,
    Phone,
    Company,
    Address,
    City,
    State,
    Country,
    PostalCode,
    Language,
    TimeZone,
    Currency,
    VatNumber,
}

/// The terms that a customer consents to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Terms {
    /// The operator's own name for this wording, such as "2026-01".
    pub version: String,
    /// The wording.
    pub text: String,
    /// The language of the wording, such as `en`; empty where it is not stated.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub language: String,
    /// The same in other languages of the signup pages, by their tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub translations: BTreeMap<String, String>,
}

/// What agents see of who their customers are. The number is always shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CustomerMask {
    /// Nothing beside the customer number.
    NumberOnly,
    /// The first name and the first letter of the last name.
    #[default]
    Initials,
    /// Names and e-mail address.
    Full,
}

/// Which side of an agent's message board a message is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageFrom {
    /// The agent whose board it is.
    Agent,
    /// The operator, or a program of theirs.
    Operator,
}

/// How the operator's public pages look. What is empty is the pages' own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Branding {
    /// The name above the pages.
    pub name: String,
    /// The colour of buttons and accents: # and six hexadecimal digits.
    pub colour: String,
    /// A PNG picture in base64.
    pub logo: String,
}

/// What an agent is, but for what is personal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AgentTerms {
    /// The name that visitors see.
    pub name: String,
    /// At least one screen of the portal.
    pub permissions: Vec<Permission>,
    /// What must be earned before a payout may be requested.
    pub remittance_threshold: Money,
    /// Commission on payments received.
    pub commission: Percent,
    /// The agent's own currency.
    pub currency: Currency,
    /// The agent's own language (BCP 47).
    pub language: String,
    /// Value-added tax, where the agent's own rate is paid.
    pub vat: Percent,
    /// How value-added tax is handled.
    #[serde(default, skip_serializing_if = "VatKind::is_default")]
    pub vat_kind: VatKind,
    /// Commission terms beside the percentage.
    #[serde(default, skip_serializing_if = "AgentCommission::is_default")]
    pub commission_terms: AgentCommission,
    /// Days until commission is earned; absent where the company's own count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_days: Option<u16>,
    /// What must be earned in further currencies before a payout may be requested.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remittance_thresholds: Vec<Money>,
}

events! {
    /// An agent was added.
    AgentCreated {
        agent_id: Uuid, terms: AgentTerms,
        /// A keyed digest of the login, in hex: whether a login is taken shows by this. Nobody without the key can tell the login.
        #[serde(default)] login_digest: String,
    }
    /// An agent's terms were changed; they are given whole.
    AgentChanged { agent_id: Uuid, terms: AgentTerms, }
    /// Contact or bank details were changed; only the names of the fields are given.
    AgentContactChanged { agent_id: Uuid, fields: Vec<String>, }
    /// The agent's password was changed.
    AgentPasswordChanged { agent_id: Uuid, }
    /// The agent's keys stopped until they are reinstated.
    AgentSuspended { agent_id: Uuid, #[serde(rename = "has_reason")] reason: Note, }
    /// The agent may sell again.
    AgentReinstated { agent_id: Uuid, #[serde(rename = "has_reason")] reason: Note, }
    /// The agent is closed for good.
    AgentClosed { agent_id: Uuid, #[serde(rename = "has_reason")] reason: Note, }
    /// What is personal of a closed agent was erased: login, contact and bank details, and the texts of the messages.
    AgentErased { agent_id: Uuid, #[serde(rename = "has_reason")] reason: Note, }
    /// The agent may sell the call plan.
    CallPlanGranted { agent_id: Uuid, call_plan_id: Uuid, }
    /// The commission terms of a call plan for this agent were changed.
    GrantCommissionChanged {
        agent_id: Uuid, call_plan_id: Uuid,
        /// Absent where the grant has no terms of its own any more.
        #[serde(default, skip_serializing_if = "Option::is_none")] commission: Option<CommissionTerms>,
    }
    /// The agent may no longer sell the call plan; the keys that use this grant stopped.
    CallPlanWithdrawn {
        agent_id: Uuid, call_plan_id: Uuid, #[serde(rename = "has_reason")] reason: Note,
        /// How many live keys stopped.
        #[serde(default)] keys_stopped: u64,
    }

    /// A call plan was added.
    CallPlanCreated {
        call_plan_id: Uuid, name: String, description: String, price_text: String,
        /// The commission terms of the plan.
        #[serde(default, skip_serializing_if = "Option::is_none")] commission: Option<CommissionTerms>,
    }
    /// A call plan was described anew.
    CallPlanChanged {
        call_plan_id: Uuid, name: String, description: String, price_text: String,
        /// The commission terms of the plan.
        #[serde(default, skip_serializing_if = "Option::is_none")] commission: Option<CommissionTerms>,
    }
    /// A call plan is no longer sold.
    CallPlanRetired { call_plan_id: Uuid, #[serde(rename = "has_reason")] reason: Note, }

    /// A customer group was added; it belongs to nobody yet.
    GroupCreated { group_id: Uuid, name: String, description: String, ui_elements: Vec<UiElement>, }
    /// A group was described anew.
    GroupChanged {
        group_id: Uuid,
        /// The agent whose group it is, if it is anybody's.
        #[serde(default, skip_serializing_if = "Option::is_none")] agent_id: Option<Uuid>,
        name: String, description: String, ui_elements: Vec<UiElement>,
    }
    /// A group was given to an agent, perhaps taken from another; customers placed before stay counted for that one.
    GroupAssigned { group_id: Uuid, agent_id: Uuid, previous_agent_id: Option<Uuid>, }
    /// A group belongs to nobody again.
    GroupReleased { group_id: Uuid, previous_agent_id: Uuid, }

    /// Settings were changed; they are given whole.
    SettingsChanged {
        customer_interface_url: String,
        /// The optional fields of the signup form; what is absent is shown.
        signup_fields: BTreeMap<SignupField, FieldRule>,
        terms: Terms,
        #[serde(default)] branding: Branding,
        /// Whose pages may show the signup form in a frame, such as `https://shop.example`.
        #[serde(default)] frame_origins: Vec<String>,
        /// What agents see of who their customers are.
        #[serde(default)] customer_mask: CustomerMask,
        /// The company's time zone, such as `Europe/Berlin`: days that people name are days there. Empty is UTC.
        #[serde(default)] time_zone: String,
        /// Days until commission is earned, where an agent's terms do not say.
        #[serde(default)] hold_days: u16,
        /// Whether whoever approved a remittance must not pay it.
        #[serde(default)] four_eyes: bool,
        /// The company's account that payouts are made from.
        #[serde(default, skip_serializing_if = "Option::is_none")] payout_account: Option<BankAccount>,
        /// What stands in a bank file for a payee's BIC that is not known.
        #[serde(default)] unknown_bic: UnknownBic,
        /// Days for which a change of an agent's bank details stops their payouts.
        #[serde(default)] payout_block_days: PayoutBlockDays,
        /// The company on statements, and how they are issued.
        #[serde(default)] statements: StatementSettings,
        /// When a signup needs a solved challenge.
        #[serde(default)] signup_challenge: SignupChallenge,
        /// What new agents get where nothing else is stated.
        #[serde(default, skip_serializing_if = "AgentDefaults::is_empty")] new_agents: AgentDefaults,
        /// Texts that operators answer agents with, each under its own name.
        #[serde(default, skip_serializing_if = "Vec::is_empty")] canned_answers: Vec<CannedAnswer>,
    }

    /// A message was written on an agent's message board; its text is kept outside the log.
    MessagePosted { message_id: Uuid, agent_id: Uuid, from: MessageFrom, }
    /// The text of a message was erased.
    MessageErased { message_id: Uuid, agent_id: Uuid, #[serde(rename = "has_reason")] reason: Note, }

    /// Someone may work in the back office.
    OperatorCreated {
        operator_id: Uuid,
        /// A keyed digest of the login, in hex: whether a login is taken shows by this. Nobody without the key can tell the login.
        #[serde(default)] login_digest: String,
        #[serde(default)] role: OperatorRole,
    }
    /// An operator may do other things.
    OperatorRoleChanged { operator_id: Uuid, role: OperatorRole, }
    /// An operator has another password; it is kept outside the log.
    OperatorPasswordChanged { operator_id: Uuid, }
    /// An operator may no longer sign in.
    OperatorDisabled { operator_id: Uuid, #[serde(rename = "has_reason")] reason: Note, }
    /// An operator may sign in again.
    OperatorEnabled { operator_id: Uuid, #[serde(rename = "has_reason")] reason: Note, }
    /// What is personal of a disabled operator was erased: the login. They never sign in again.
    OperatorErased { operator_id: Uuid, #[serde(rename = "has_reason")] reason: Note, }
    /// An API token was issued; the digest (SHA-256 of 160 random bits) is what both services check it by.
    ApiTokenIssued { token_id: Uuid, name: String, scopes: Vec<String>, digest: String, }
    /// An API token was revoked.
    ApiTokenRevoked { token_id: Uuid, }
}

contract! {
    /// Everything that happens in the agents service.
    AgentsEvent, root "agents.v1",
    AgentCreated = "signpost.agents.agent_created.v1" "agent" "created";
    AgentChanged = "signpost.agents.agent_changed.v1" "agent" "changed";
    AgentContactChanged = "signpost.agents.agent_contact_changed.v1" "agent" "contact_changed";
    AgentPasswordChanged = "signpost.agents.agent_password_changed.v1" "agent" "password_changed";
    AgentSuspended = "signpost.agents.agent_suspended.v1" "agent" "suspended";
    AgentReinstated = "signpost.agents.agent_reinstated.v1" "agent" "reinstated";
    AgentClosed = "signpost.agents.agent_closed.v1" "agent" "closed";
    AgentErased = "signpost.agents.agent_erased.v1" "agent" "erased";
    CallPlanGranted = "signpost.agents.call_plan_granted.v1" "agent" "call_plan_granted";
    GrantCommissionChanged = "signpost.agents.grant_commission_changed.v1" "agent" "grant_commission_changed";
    CallPlanWithdrawn = "signpost.agents.call_plan_withdrawn.v1" "agent" "call_plan_withdrawn";
    CallPlanCreated = "signpost.agents.call_plan_created.v1" "call_plan" "created";
    CallPlanChanged = "signpost.agents.call_plan_changed.v1" "call_plan" "changed";
    CallPlanRetired = "signpost.agents.call_plan_retired.v1" "call_plan" "retired";
    GroupCreated = "signpost.agents.group_created.v1" "group" "created";
    GroupChanged = "signpost.agents.group_changed.v1" "group" "changed";
    GroupAssigned = "signpost.agents.group_assigned.v1" "group" "assigned";
    GroupReleased = "signpost.agents.group_released.v1" "group" "released";
    SignupKeyAdded = "signpost.agents.signup_key_added.v1" "signup_key" "added";
    SignupKeyChanged = "signpost.agents.signup_key_changed.v1" "signup_key" "changed";
    SignupKeyNoteChanged = "signpost.agents.signup_key_note_changed.v1" "signup_key" "note_changed";
    SignupKeyPaused = "signpost.agents.signup_key_paused.v1" "signup_key" "paused";
    SignupKeyResumed = "signpost.agents.signup_key_resumed.v1" "signup_key" "resumed";
    SignupKeyRevoked = "signpost.agents.signup_key_revoked.v1" "signup_key" "revoked";
    SignupKeyCommissionChanged = "signpost.agents.signup_key_commission_changed.v1" "signup_key" "commission_changed";
    SettingsChanged = "signpost.agents.settings_changed.v1" "settings" "changed";
    MessagePosted = "signpost.agents.message_posted.v1" "message" "posted";
    MessageErased = "signpost.agents.message_erased.v1" "message" "erased";
    OperatorCreated = "signpost.agents.operator_created.v1" "operator" "created";
    OperatorRoleChanged = "signpost.agents.operator_role_changed.v1" "operator" "role_changed";
    OperatorPasswordChanged = "signpost.agents.operator_password_changed.v1" "operator" "password_changed";
    OperatorDisabled = "signpost.agents.operator_disabled.v1" "operator" "disabled";
    OperatorEnabled = "signpost.agents.operator_enabled.v1" "operator" "enabled";
    OperatorErased = "signpost.agents.operator_erased.v1" "operator" "erased";
    ApiTokenIssued = "signpost.agents.api_token_issued.v1" "api_token" "issued";
    ApiTokenRevoked = "signpost.agents.api_token_revoked.v1" "api_token" "revoked";
    PaymentReceived = "signpost.agents.payment_received.v1" "payment" "received";
    PaymentAttributed = "signpost.agents.payment_attributed.v1" "payment" "attributed";
    PaymentReversed = "signpost.agents.payment_reversed.v1" "payment" "reversed";
    ReversalHeld = "signpost.agents.reversal_held.v1" "payment" "reversal_held";
    ReversalNotApplied = "signpost.agents.reversal_not_applied.v1" "payment" "reversal_not_applied";
    ChargebackWon = "signpost.agents.chargeback_won.v1" "payment" "chargeback_won";
    SignupCommissionEarned = "signpost.agents.signup_commission_earned.v1" "commission" "signup_earned";
    BalanceCorrected = "signpost.agents.balance_corrected.v1" "balance" "corrected";
    RemittanceRequested = "signpost.agents.remittance_requested.v1" "remittance" "requested";
    RemittanceApproved = "signpost.agents.remittance_approved.v1" "remittance" "approved";
    RemittanceRefused = "signpost.agents.remittance_refused.v1" "remittance" "refused";
    RemittanceCancelled = "signpost.agents.remittance_cancelled.v1" "remittance" "cancelled";
    RemittancePaid = "signpost.agents.remittance_paid.v1" "remittance" "paid";
    RemittanceReturned = "signpost.agents.remittance_returned.v1" "remittance" "returned";
    StatementIssued = "signpost.agents.statement_issued.v1" "statement" "issued";
    WebhookAdded = "signpost.agents.webhook_added.v1" "webhook" "added";
    WebhookChanged = "signpost.agents.webhook_changed.v1" "webhook" "changed";
    WebhookPaused = "signpost.agents.webhook_paused.v1" "webhook" "paused";
    WebhookResumed = "signpost.agents.webhook_resumed.v1" "webhook" "resumed";
    WebhookRemoved = "signpost.agents.webhook_removed.v1" "webhook" "removed";
    WebhookSecretRotated = "signpost.agents.webhook_secret_rotated.v1" "webhook" "secret_rotated";
    WebhookMoved = "signpost.agents.webhook_moved.v1" "webhook" "moved";
}

subject_ids! {
    AgentCreated: agent_id; AgentChanged: agent_id; AgentContactChanged: agent_id; AgentPasswordChanged: agent_id;
    AgentSuspended: agent_id; AgentReinstated: agent_id; AgentClosed: agent_id; AgentErased: agent_id;
    CallPlanGranted: agent_id; GrantCommissionChanged: agent_id; CallPlanWithdrawn: agent_id;
    CallPlanCreated: call_plan_id; CallPlanChanged: call_plan_id; CallPlanRetired: call_plan_id;
    GroupCreated: group_id; GroupChanged: group_id; GroupAssigned: group_id; GroupReleased: group_id;
    SignupKeyAdded: key; SignupKeyChanged: key; SignupKeyNoteChanged: key; SignupKeyPaused: key; SignupKeyResumed: key; SignupKeyRevoked: key;
    SignupKeyCommissionChanged: key; MessagePosted: message_id; MessageErased: message_id;
    OperatorCreated: operator_id; OperatorRoleChanged: operator_id; OperatorPasswordChanged: operator_id;
    OperatorDisabled: operator_id; OperatorEnabled: operator_id; OperatorErased: operator_id;
    ApiTokenIssued: token_id; ApiTokenRevoked: token_id; StatementIssued: statement_id;
    PaymentReceived: payment_id; PaymentAttributed: payment_id; PaymentReversed: payment_id;
    ReversalHeld: payment_id; ReversalNotApplied: payment_id; ChargebackWon: payment_id;
    SignupCommissionEarned: customer_id; BalanceCorrected: correction_id;
    RemittanceRequested: remittance_id; RemittanceApproved: remittance_id; RemittanceRefused: remittance_id;
    RemittanceCancelled: remittance_id; RemittancePaid: remittance_id; RemittanceReturned: remittance_id;
    WebhookAdded: endpoint_id; WebhookChanged: endpoint_id; WebhookPaused: endpoint_id; WebhookResumed: endpoint_id;
    WebhookRemoved: endpoint_id; WebhookSecretRotated: endpoint_id; WebhookMoved: endpoint_id;
}

impl SettingsChanged {
    /// There is one set of settings, so its subject has a fixed last token.
    #[expect(clippy::unused_self, reason = "every event has one")]
    fn subject_id(&self) -> String {
        "signup".to_owned()
    }
}
