//! What happens in the signup service: pages shown, customers placed, signups refused, personal data erased.
//! No personal data: a customer is an id and a number here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{contract, events};
use crate::money::Percent;
use crate::note::Note;

/// Why a signup was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are those of the domain")]
pub enum RefusalReason {
    Unknown,
    Revoked,
    Paused,
    NotStarted,
    Ended,
    Exhausted,
    AgentSuspended,
    AgentClosed,
    PlanRetired,
    GrantWithdrawn,
    GroupNotAgents,
    /// Somebody with this e-mail address is a customer already.
    EmailKnown,
    /// A field of the page that people do not see was filled in. The form was shown again, so a person can go on.
    Honeypot,
    /// The signup came without a solution of its challenge. The form was shown again, so a person can go on.
    ChallengeUnsolved,
}

/// Where the visitor was when refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefusalStage {
    /// Looking at the signup page.
    Page,
    /// Having a program look the key up.
    Lookup,
    /// Sending the form.
    Signup,
}

/// Refusals of events from before they were counted.
fn one() -> u64 {
    1
}

/// Where a visitor came from, as the URL that they followed says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are those of the URL's own parameters")]
pub struct Campaign {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utm_source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utm_medium: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utm_campaign: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utm_term: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utm_content: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_id: Option<String>,
}

/// The way by which somebody signed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The signup page.
    Page,
    /// The signup page in a frame of somebody's own page.
    Frame,
    /// A program.
    Api,
}

/// What a stranger was shown instead of a refusal that would tell whether an e-mail address is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShownPlacement {
    /// A number that leads nowhere.
    pub customer_number: String,
    /// The key's call plan.
    pub call_plan_id: Uuid,
    /// The key's customer group.
    pub group_id: Uuid,
    /// The key's cap, which counts this as a placement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_cap: Option<u64>,
}

events! {
    /// A customer was placed with an agent, a call plan and a group, all as they were at that moment.
    CustomerPlaced {
        customer_id: Uuid, customer_number: String, key: String,
        agent_id: Uuid, agent_name: String, call_plan_id: Uuid, call_plan_name: String,
        group_id: Uuid, group_name: String,
        /// The agent's commission rate at that moment.
        commission: Percent,
        /// The key's cap, which counts this placement.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key_cap: Option<u64>,
        campaign: Campaign,
        /// The way by which they signed up.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        channel: Option<Channel>,
        /// ISO 3166-1 alpha-2, where the form asked for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        country: Option<String>,
        /// ISO 4217, where the form asked for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        currency: Option<String>,
        /// BCP 47, where the form asked for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        language: Option<String>,
        /// The wording that the customer consented to.
        terms_version: String,
        /// The position of the agents' log that the decision was made at.
        agents_position: u64,
    }
    /// Visitors could not sign up. Refusals of one key are told together, twice a minute; until then they are counted in memory,
    /// as views are. The key is empty where those of several keys are counted together, and where what was typed can be no key
    /// or may be personal.
    SignupRefused {
        refusal_id: Uuid, key: String, agent_id: Option<Uuid>, reason: RefusalReason, stage: RefusalStage,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        call_plan_id: Option<Uuid>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group_id: Option<Uuid>,
        /// Where the visitors came from. Empty beyond what is counted apart.
        #[serde(default)]
        campaign: Campaign,
        /// How many refusals this tells of.
        #[serde(default = "one")]
        count: u64,
        /// With the reason `unknown`: the known key that is most like what was typed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        nearest_key: Option<String>,
        /// With the reason `email_known`: the placement that was shown. Its customer id was that of the refusal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shown: Option<ShownPlacement>,
        /// With the reason `email_known`: the customer who has the address.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        customer_id: Option<Uuid>,
        /// The position of the agents' log that the decision was made at.
        agents_position: u64,
    }
    /// A customer's personal data was corrected; only the names of the fields are given.
    CustomerCorrected { customer_id: Uuid, agent_id: Uuid, fields: Vec<String>, }
    /// A customer's personal data was erased; the placement stays.
    CustomerErased { customer_id: Uuid, agent_id: Uuid, #[serde(rename = "has_reason")] reason: Note, }
    /// A customer's personal data were lost, by a restore from a copy without them; the placement stays.
    CustomerDataLost { customer_id: Uuid, agent_id: Uuid, }
    /// A system of the operator, such as a softswitch, serves the customer. The account there, and what else the system tells,
    /// may be personal: they stand beside the log.
    CustomerProvisioned { customer_id: Uuid, agent_id: Uuid,
        /// The system's name.
        system: String,
    }
    /// A system of the operator could not serve the customer; it may try again.
    ProvisioningFailed { customer_id: Uuid, agent_id: Uuid,
        /// The system's name.
        system: String,
        #[serde(rename = "has_reason")]
        reason: Note,
    }
    /// A customer is not served for now. The placement stays.
    CustomerSuspended { customer_id: Uuid, agent_id: Uuid, #[serde(rename = "has_reason")] reason: Note, }
    /// A suspended customer is served again.
    CustomerReinstated { customer_id: Uuid, agent_id: Uuid, #[serde(rename = "has_reason")] reason: Note, }
    /// A customer is a customer no more, for good. The placement stays.
    CustomerClosed { customer_id: Uuid, agent_id: Uuid, #[serde(rename = "has_reason")] reason: Note, }
    /// A key's signup page was shown so many times since this was last told. Counted in memory: a process that is killed
    /// takes with it what it counted in the last half minute.
    SignupPageViewed { key: String, agent_id: Uuid, call_plan_id: Uuid, group_id: Uuid, views: u64,
        /// How often it was fetched by what nobody looks at: previews of links, prefetching browsers, robots.
        #[serde(default)]
        automated: u64,
        /// Where the visitors came from. Empty beyond what is counted apart.
        #[serde(default)]
        campaign: Campaign,
    }
}

contract! {
    /// Everything that happens in the signup service.
    SignupsEvent, root "signups.v1",
    CustomerPlaced = "signpost.signups.customer_placed.v1" "customer" "placed";
    SignupRefused = "signpost.signups.signup_refused.v1" "signup" "refused";
    CustomerCorrected = "signpost.signups.customer_corrected.v1" "customer" "corrected";
    CustomerErased = "signpost.signups.customer_erased.v1" "customer" "erased";
    CustomerDataLost = "signpost.signups.customer_data_lost.v1" "customer" "data_lost";
    CustomerProvisioned = "signpost.signups.customer_provisioned.v1" "customer" "provisioned";
    ProvisioningFailed = "signpost.signups.provisioning_failed.v1" "customer" "provisioning_failed";
    CustomerSuspended = "signpost.signups.customer_suspended.v1" "customer" "suspended";
    CustomerReinstated = "signpost.signups.customer_reinstated.v1" "customer" "reinstated";
    CustomerClosed = "signpost.signups.customer_closed.v1" "customer" "closed";
    SignupPageViewed = "signpost.signups.signup_page_viewed.v1" "signup_page" "viewed";
}

impl CustomerPlaced {
    fn subject_id(&self) -> String {
        self.agent_id.to_string()
    }
}

impl SignupRefused {
    /// A refusal at an unknown key concerns no agent.
    fn subject_id(&self) -> String {
        self.agent_id.map_or_else(|| "none".to_owned(), |agent_id| agent_id.to_string())
    }
}

impl CustomerCorrected {
    fn subject_id(&self) -> String {
        self.agent_id.to_string()
    }
}

impl CustomerErased {
    fn subject_id(&self) -> String {
        self.agent_id.to_string()
    }
}

impl CustomerDataLost {
    fn subject_id(&self) -> String {
        self.agent_id.to_string()
    }
}

impl CustomerProvisioned {
    fn subject_id(&self) -> String {
        self.agent_id.to_string()
    }
}

impl ProvisioningFailed {
    fn subject_id(&self) -> String {
        self.agent_id.to_string()
    }
}

impl CustomerSuspended {
    fn subject_id(&self) -> String {
        self.agent_id.to_string()
    }
}

impl CustomerReinstated {
    fn subject_id(&self) -> String {
        self.agent_id.to_string()
    }
}

impl CustomerClosed {
    fn subject_id(&self) -> String {
        self.agent_id.to_string()
    }
}

impl SignupPageViewed {
    fn subject_id(&self) -> String {
        self.agent_id.to_string()
    }
}
