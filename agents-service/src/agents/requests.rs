//! Agents as a client describes them, in JSON or in a form: all violations are found together.

use contract::email::Email;
use contract::events::agents::{AgentTerms, Permission};
use contract::ids::new_id;
use contract::phone::is_phone;
use contract::tax::VatKind;
use contract::text::Rule;
use event_store::log::CommandMeta;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;
use web::http::{Caller, FieldErrors, Problem};

use crate::agents::accounts::{ContactChange, Details, DetailsChange};
use crate::agents::commands::{ChangeAgent, CreateAgent, FirstCallPlans};
use crate::agents::fallback::Fallback;
use crate::agents::terms_change::TermsChange;
use crate::auth::logins;
use crate::auth::passwords::Secret;
use crate::bank_accounts::requests::{BankAccountRequest, bank_account};
use crate::commission;
use crate::commission::requests::AgentTermsRequest;
use crate::fields::{Amount, Fields, LONG, NAME, Number, nullable, without_repetitions};
use crate::state::AppState;

const DETAIL: Rule = Rule::line(0, 200);

/// An agent as a client describes them.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "AgentGiven")]
pub struct AgentRequest {
    /// One word of 4 to 100 characters of one script; unique; cannot be changed.
    #[schemars(required)]
    login: Option<String>,
    #[schemars(required)]
    password: Option<Secret>,
    /// At least one screen of the portal.
    permissions: Option<Vec<Permission>>,
    /// What must be earned before a payout may be requested.
    remittance_threshold: Option<Amount>,
    name: Option<String>,
    /// 0 to 100, with at most two decimals.
    commission_percent: Option<Number>,
    /// Terms beside the percentage.
    commission: Option<AgentTermsRequest>,
    /// Days until commission is earned; null is the company's own.
    #[serde(deserialize_with = "nullable")]
    #[schemars(with = "Option<u16>")]
    #[expect(clippy::option_option, reason = "absent and null differ here")]
    hold_days: Option<Option<u16>>,
    /// In place of `remittance_threshold`: one for each currency. The first is `remittance_threshold`.
    remittance_thresholds: Option<Vec<Amount>>,
    currency: Option<String>,
    language: Option<String>,
    /// The agent's own rate.
    vat_percent: Option<Number>,
    /// Whether value-added tax is paid at the own rate, owed by the company, or none; the own rate when absent.
    vat_kind: Option<VatKind>,
    contact: Option<ContactChange>,
    bank_details: Option<String>,
    /// For payouts by bank transfer; given whole, and null takes it away. A change stops payouts for the time in the settings.
    #[serde(deserialize_with = "nullable")]
    #[schemars(with = "Option<BankAccountRequest>")]
    #[expect(clippy::option_option, reason = "absent and null differ here")]
    bank_account: Option<Option<BankAccountRequest>>,
    /// Call plans that a new agent may sell from the start; those of the settings when absent. Grant further ones later.
    call_plan_ids: Option<Vec<Uuid>>,
}

/// Most call plans that a request grants.
const MAX_CALL_PLANS: usize = 200;

/// A new agent without violations, whose password is not hashed yet.
pub struct NewAgent {
    agent_id: Uuid,
    terms: AgentTerms,
    details: Details,
    password: Secret,
    call_plans: FirstCallPlans,
}

impl NewAgent {
    /// The command, which takes as long as hashing does.
    pub async fn hashed(self, app: &AppState, command: &CommandMeta) -> Result<CreateAgent, Problem> {
        let Self { agent_id, terms, details, password, call_plans } = self;
        let login_digest = logins::of_agent(app.log.secret(), &details.login);
        let password = app.hash(command, password).await?;
        Ok(CreateAgent { agent_id, terms, details, login_digest, password, call_plans })
    }
}

/// The scopes that grant the content of a single screen of the portal. `agents:write` grants the other screens.
const SCOPES_OF_SCREENS: [(Permission, &str); 7] = [
    (Permission::Customers, "customers:read"),
    (Permission::SignupUrls, "keys:write"),
    (Permission::Groups, "groups:read"),
    (Permission::Sales, "sales:read"),
    (Permission::Commission, "money:read"),
    (Permission::Remittance, "remittances:request"),
    (Permission::CallPlans, "plans:read"),
];

/// The name of an agent without one. Visitors must not see the login.
fn unnamed(agent_id: Uuid) -> String {
    let id = agent_id.simple().to_string().to_uppercase();
    format!("Agent {}", &id[id.len() - 6..])
}

impl AgentRequest {
    /// Refuses a caller who may not see what the portal will show to the agent, so that no caller grants more than
    /// they have. A new password of an existing agent needs all screens, since permissions may change before or
    /// after. The screens in the settings' defaults are nobody's gift: whoever may add an agent may add one with them.
    pub fn check_gifts(&self, caller: &Caller, exists: bool, defaults: &[Permission]) -> Result<(), Problem> {
        let opens_all = exists && self.password.is_some();
        let asked: Vec<_> = self.permissions.iter().flatten().filter(|screen| !defaults.contains(screen)).collect();
        let mut opened = SCOPES_OF_SCREENS.iter().filter(|(screen, _)| opens_all || asked.contains(&screen));
        opened.try_for_each(|(_, scope)| caller.require(scope))
    }

    /// The request of a form that shows these permissions: the same ones again are no gift.
    #[must_use]
    pub fn keeping(self, shown: &[Permission]) -> Self {
        let permissions = self.permissions.filter(|permissions| permissions.as_slice() != shown);
        Self { permissions, ..self }
    }

    /// The same request with this password.
    #[must_use]
    pub fn with_password(self, password: Secret) -> Self {
        Self { password: Some(password), ..self }
    }

    pub async fn creation(
        self,
        app: &AppState,
        command: &CommandMeta,
        errors: FieldErrors,
        fallback: Fallback,
    ) -> Result<CreateAgent, Problem> {
        self.new_agent(errors, fallback)?.hashed(app, command).await
    }

    /// The permissions, and those of the settings where the request has none.
    fn with_permissions(self, defaults: &[Permission]) -> Self {
        let defaults = Some(defaults.to_vec()).filter(|permissions| !permissions.is_empty());
        Self { permissions: self.permissions.or(defaults), ..self }
    }

    /// Checks the request of a new agent.
    pub fn new_agent(self, errors: FieldErrors, fallback: Fallback) -> Result<NewAgent, Problem> {
        let agent_id = new_id();
        let Fallback { defaults, commission, thresholds } = fallback;
        let mut request = self.with_permissions(&defaults.permissions);
        let mut fields = Fields::new(errors);
        let call_plans = first_call_plans(&mut fields, request.call_plan_ids.take(), defaults.call_plan_ids);
        let login = fields.login(request.login.clone());
        fields.required("password", request.password.as_ref());
        fields.required("permissions", request.permissions.as_ref());
        if request.remittance_thresholds.is_none() {
            fields.required("remittance_threshold", request.remittance_threshold.as_ref());
        }
        let (terms, change, password) = request.check(&mut fields);
        fields.finish()?;
        let (Some(threshold), Some(password)) = (terms.remittance_threshold, password) else {
            return Err(Problem::internal());
        };
        let language = Some(defaults.language).filter(|tag| !tag.is_empty());
        let further = thresholds.into_iter().filter(|further| further.currency() != threshold.currency());
        let terms = AgentTerms {
            name: terms.name.unwrap_or_else(|| unnamed(agent_id)),
            permissions: terms.permissions.unwrap_or_default(),
            remittance_threshold: threshold,
            commission: terms.commission.or(defaults.commission_percent).unwrap_or_default(),
            currency: terms.currency.unwrap_or(threshold.currency()),
            language: terms.language.or(language).unwrap_or_else(|| "en".to_owned()),
            vat: terms.vat.unwrap_or_default(),
            vat_kind: terms.vat_kind.unwrap_or_default(),
            commission_terms: terms.commission_terms.over(commission),
            hold_days: terms.hold_days.unwrap_or(defaults.hold_days),
            remittance_thresholds: terms.remittance_thresholds.unwrap_or_else(|| further.collect()),
        };
        let mut details = Details { login, ..Details::default() };
        details.change(&change);
        Ok(NewAgent { agent_id, terms, details, password, call_plans })
    }

    pub async fn change(
        self,
        app: &AppState,
        command: &CommandMeta,
        errors: FieldErrors,
        agent_id: Uuid,
    ) -> Result<ChangeAgent, Problem> {
        let mut fields = Fields::new(errors);
        if self.login.is_some() {
            fields.error("login", "fixed", "cannot be changed");
        }
        if self.call_plan_ids.is_some() {
            fields.error("call_plan_ids", "fixed", "is of a new agent only: grant call plans, or withdraw them");
        }
        let (terms, details, password) = self.check(&mut fields);
        fields.finish()?;
        let password = match password {
            Some(password) => Some(app.hash(command, password).await?),
            None => None,
        };
        let details = DetailsChange { at: Some(app.clock.now()), ..details };
        Ok(ChangeAgent { agent_id, terms, details, password })
    }

    /// Checks the fields, except for the login.
    fn check(self, fields: &mut Fields) -> (TermsChange, DetailsChange, Option<Secret>) {
        let mut threshold = fields.amount("remittance_threshold", self.remittance_threshold);
        let listed = self.remittance_thresholds.and_then(|given| commission::requests::thresholds(fields, given));
        let further = listed.map(|mut listed| {
            let first = listed.remove(0);
            if threshold.is_some_and(|threshold| threshold != first) {
                fields.error("remittance_threshold", "ambiguous", "is not the first of remittance_thresholds");
            }
            threshold = Some(first);
            listed
        });
        let hold_days = match self.hold_days {
            Some(Some(days)) => commission::requests::hold_days(fields, days).map(Some),
            other => other,
        };
        let terms = TermsChange {
            name: fields.text("name", self.name, NAME),
            permissions: fields.choice("permissions", self.permissions),
            remittance_threshold: threshold,
            commission: fields.percent("commission_percent", self.commission_percent),
            currency: fields.currency("currency", self.currency),
            language: fields.language("language", self.language),
            vat: fields.percent("vat_percent", self.vat_percent),
            vat_kind: self.vat_kind,
            commission_terms: self.commission.unwrap_or_default().check(fields),
            hold_days,
            remittance_thresholds: further,
        };
        let contact = check_contact(self.contact.unwrap_or_default(), fields);
        let details = DetailsChange {
            contact,
            bank_details: fields.text("bank_details", self.bank_details, LONG),
            bank_account: bank_account(fields, "bank_account", self.bank_account),
            at: None,
        };
        (terms, details, fields.password(self.password))
    }
}

/// The call plans that a new agent may sell from the start.
fn first_call_plans(fields: &mut Fields, given: Option<Vec<Uuid>>, defaults: Vec<Uuid>) -> FirstCallPlans {
    let Some(given) = given else { return FirstCallPlans::Default(defaults) };
    if given.len() > MAX_CALL_PLANS {
        fields.error("call_plan_ids", "too_many", format!("must be at most {MAX_CALL_PLANS}"));
    }
    FirstCallPlans::Given(without_repetitions(given))
}

fn check_contact(mut contact: ContactChange, fields: &mut Fields) -> ContactChange {
    for (name, value) in contact.fields().into_iter().filter(|(name, _)| *name != "contact.country") {
        *value = fields.text(name, value.take(), DETAIL);
    }
    contact.country = fields.country("contact.country", contact.country);
    if contact.phone.as_deref().is_some_and(|phone| !phone.trim().is_empty() && !is_phone(phone)) {
        fields.error("contact.phone", "invalid", "must be a phone number of 3 to 15 digits");
    }
    if let Some(email) = contact.email.as_mut().filter(|email| !email.trim().is_empty()) {
        match Email::parse(email) {
            Some(read) => *email = read.address,
            None => fields.error("contact.email", "invalid", "must be an e-mail address"),
        }
    }
    contact
}
