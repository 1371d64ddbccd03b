//! What a page of events changes, merged in memory to one row for each thing: a later event adds to or overrides an
//! earlier one, and what no event says stays as it is in the table (NULL leaves a column alone).

use std::collections::BTreeMap;

use shared::events::agents::{AgentTerms, AgentsEvent, SettingsChanged, SignupKeyAdded, UiElement};
use shared::sql::{Kind, Sql, SqlError, Tx, Value};
use uuid::Uuid;

use super::derive::{MOVE_KEYS, PUT_KEYS, Touched};

static PUT_AGENTS: Sql = Sql::rows(
    "INSERT INTO agents~ (id, name, commission, state) SELECT id, name, commission, state FROM {rows} WHERE true
     ON CONFLICT (id) DO UPDATE SET name = COALESCE(excluded.name, agents~.name),
         commission = COALESCE(excluded.commission, agents~.commission), state = COALESCE(excluded.state, agents~.state)",
    &[("id", Kind::Text), ("name", Kind::Text), ("commission", Kind::Int), ("state", Kind::Text)],
);
static PUT_CALL_PLANS: Sql = Sql::rows(
    "INSERT INTO call_plans~ (id, name, retired) SELECT id, name, retired FROM {rows} WHERE true
     ON CONFLICT (id) DO UPDATE SET name = COALESCE(excluded.name, call_plans~.name),
         retired = COALESCE(excluded.retired, call_plans~.retired)",
    &[("id", Kind::Text), ("name", Kind::Text), ("retired", Kind::Int)],
);
static PUT_GROUPS: Sql = Sql::rows(
    "INSERT INTO customer_groups~ (id, name, ui_elements, owner) SELECT id, name, ui_elements, owner FROM {rows} WHERE true
     ON CONFLICT (id) DO UPDATE SET name = COALESCE(excluded.name, customer_groups~.name),
         ui_elements = COALESCE(excluded.ui_elements, customer_groups~.ui_elements),
         owner = COALESCE(excluded.owner, customer_groups~.owner)",
    &[("id", Kind::Text), ("name", Kind::Text), ("ui_elements", Kind::Text), ("owner", Kind::Text)],
);
static PUT_GRANTS: Sql = Sql::rows(
    "INSERT INTO grants~ (agent_id, call_plan_id, granted) SELECT agent_id, call_plan_id, granted FROM {rows} WHERE true
     ON CONFLICT (agent_id, call_plan_id) DO UPDATE SET granted = excluded.granted",
    &[("agent_id", Kind::Text), ("call_plan_id", Kind::Text), ("granted", Kind::Int)],
);
static PUT_API_TOKENS: Sql = Sql::rows(
    "INSERT INTO api_tokens~ (id, digest, scopes, revoked) SELECT id, digest, scopes, revoked FROM {rows} WHERE true
     ON CONFLICT (id) DO UPDATE SET digest = COALESCE(excluded.digest, api_tokens~.digest),
         scopes = COALESCE(excluded.scopes, api_tokens~.scopes), revoked = COALESCE(excluded.revoked, api_tokens~.revoked)",
    &[("id", Kind::Text), ("digest", Kind::Text), ("scopes", Kind::Text), ("revoked", Kind::Int)],
);
static PUT_SETTINGS: Sql = Sql::new(
    "INSERT INTO signup_settings~ (id, signup_fields, terms_version, terms_text, branding_name, branding_colour,
         branding_logo, frame_origins) VALUES (1, $1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (id) DO UPDATE SET signup_fields = excluded.signup_fields, terms_version = excluded.terms_version,
         terms_text = excluded.terms_text, branding_name = excluded.branding_name,
         branding_colour = excluded.branding_colour, branding_logo = excluded.branding_logo,
         frame_origins = excluded.frame_origins",
);

#[derive(Default)]
struct Agent {
    name: Option<String>,
    commission: Option<i64>,
    state: Option<&'static str>,
}

#[derive(Default)]
struct CallPlan {
    name: Option<String>,
    retired: Option<bool>,
}

#[derive(Default)]
struct Group {
    name: Option<String>,
    ui_elements: Option<String>,
    /// Empty when the group belongs to nobody.
    owner: Option<String>,
}

#[derive(Default)]
struct Key {
    /// Of the last event.
    position: u64,
    state: &'static str,
    /// What it stands for, where it was added just now.
    added: Option<SignupKeyAdded>,
}

#[derive(Default)]
struct ApiToken {
    digest: Option<String>,
    scopes: Option<String>,
    revoked: Option<bool>,
}

/// The merged changes of a page of events.
#[derive(Default)]
pub(super) struct Changes {
    agents: BTreeMap<Uuid, Agent>,
    call_plans: BTreeMap<Uuid, CallPlan>,
    groups: BTreeMap<Uuid, Group>,
    grants: BTreeMap<(Uuid, Uuid), bool>,
    keys: BTreeMap<String, Key>,
    api_tokens: BTreeMap<Uuid, ApiToken>,
    settings: Option<SettingsChanged>,
    touched: Touched,
}

impl Changes {
    /// Merges one more event.
    pub(super) fn take(&mut self, position: u64, event: &AgentsEvent) {
        use AgentsEvent as Event;
        match event {
            Event::AgentCreated(e) => {
                self.agent_terms(position, e.agent_id, &e.terms);
                self.agent(position, e.agent_id).state = Some("active");
            }
            Event::AgentChanged(e) => self.agent_terms(position, e.agent_id, &e.terms),
            Event::AgentSuspended(e) => self.agent(position, e.agent_id).state = Some("suspended"),
            Event::AgentReinstated(e) => self.agent(position, e.agent_id).state = Some("active"),
            Event::AgentClosed(e) => self.agent(position, e.agent_id).state = Some("closed"),
            Event::CallPlanGranted(e) => self.grant(position, e.agent_id, e.call_plan_id, true),
            Event::CallPlanWithdrawn(e) => self.grant(position, e.agent_id, e.call_plan_id, false),
            Event::CallPlanCreated(e) => {
                *self.call_plan(position, e.call_plan_id) =
                    CallPlan { name: Some(e.name.clone()), retired: Some(false) };
            }
            Event::CallPlanChanged(e) => self.call_plan(position, e.call_plan_id).name = Some(e.name.clone()),
            Event::CallPlanRetired(e) => self.call_plan(position, e.call_plan_id).retired = Some(true),
            Event::GroupCreated(e) => self.group_described(position, e.group_id, &e.name, &e.ui_elements),
            Event::GroupChanged(e) => self.group_described(position, e.group_id, &e.name, &e.ui_elements),
            Event::GroupAssigned(e) => self.group(position, e.group_id).owner = Some(e.agent_id.to_string()),
            Event::GroupReleased(e) => self.group(position, e.group_id).owner = Some(String::new()),
            Event::SignupKeyAdded(e) => self.key_added(position, e),
            Event::SignupKeyPaused(e) => self.key(position, &e.key).state = "paused",
            Event::SignupKeyResumed(e) => self.key(position, &e.key).state = "active",
            Event::SignupKeyRevoked(e) => self.key(position, &e.key).state = "revoked",
            Event::SettingsChanged(e) => self.settings = Some(e.clone()),
            Event::ApiTokenIssued(e) => {
                let token = self.api_tokens.entry(e.token_id).or_default();
                (token.digest, token.scopes) = (Some(e.digest.clone()), Some(e.scopes.join(" ")));
                token.revoked = Some(false);
            }
            Event::ApiTokenRevoked(e) => self.api_tokens.entry(e.token_id).or_default().revoked = Some(true),
            Event::AgentContactChanged(_)
            | Event::AgentPasswordChanged(_)
            | Event::OperatorCreated(_)
            | Event::MessagePosted(_)
            | Event::OperatorPasswordChanged(_) => {}
        }
    }

    fn agent(&mut self, position: u64, id: Uuid) -> &mut Agent {
        self.touched.agents.insert(id.to_string(), position);
        self.agents.entry(id).or_default()
    }

    fn agent_terms(&mut self, position: u64, id: Uuid, terms: &AgentTerms) {
        let agent = self.agent(position, id);
        agent.name = Some(terms.name.clone());
        agent.commission = Some(terms.commission.basis_points());
    }

    fn grant(&mut self, position: u64, agent_id: Uuid, call_plan_id: Uuid, granted: bool) {
        self.touched.agents.insert(agent_id.to_string(), position);
        self.grants.insert((agent_id, call_plan_id), granted);
    }

    fn call_plan(&mut self, position: u64, id: Uuid) -> &mut CallPlan {
        self.touched.call_plans.insert(id.to_string(), position);
        self.call_plans.entry(id).or_default()
    }

    fn group(&mut self, position: u64, id: Uuid) -> &mut Group {
        self.touched.groups.insert(id.to_string(), position);
        self.groups.entry(id).or_default()
    }

    fn group_described(&mut self, position: u64, id: Uuid, name: &str, ui_elements: &[UiElement]) {
        let group = self.group(position, id);
        group.name = Some(name.to_owned());
        group.ui_elements = serde_json::to_string(ui_elements).ok();
    }

    fn key(&mut self, position: u64, key: &str) -> &mut Key {
        let key = self.keys.entry(key.to_owned()).or_default();
        key.position = position;
        key
    }

    fn key_added(&mut self, position: u64, added: &SignupKeyAdded) {
        *self.key(position, &added.key) = Key { position, state: "active", added: Some(added.clone()) };
    }

    /// Writes the changes, one statement for each table, the keys last, since their rows say what the other tables know;
    /// answers whose keys must be derived anew.
    pub(super) async fn write(self, tx: &mut Tx) -> Result<Touched, SqlError> {
        let agents = self
            .agents
            .into_iter()
            .map(|(id, agent)| vec![id.into(), agent.name.into(), agent.commission.into(), agent.state.into()]);
        tx.execute_many(&PUT_AGENTS, agents.collect()).await?;
        let call_plans =
            self.call_plans.into_iter().map(|(id, plan)| vec![id.into(), plan.name.into(), flag(plan.retired)]);
        tx.execute_many(&PUT_CALL_PLANS, call_plans.collect()).await?;
        let groups = self
            .groups
            .into_iter()
            .map(|(id, group)| vec![id.into(), group.name.into(), group.ui_elements.into(), group.owner.into()]);
        tx.execute_many(&PUT_GROUPS, groups.collect()).await?;
        let grants =
            self.grants.into_iter().map(|((agent, plan), granted)| vec![agent.into(), plan.into(), granted.into()]);
        tx.execute_many(&PUT_GRANTS, grants.collect()).await?;
        let (added, moved): (Vec<_>, Vec<_>) = self.keys.into_iter().partition(|(_, key)| key.added.is_some());
        tx.execute_many(&PUT_KEYS, added.into_iter().map(key_row).collect()).await?;
        tx.execute_many(&MOVE_KEYS, moved.into_iter().map(key_row).collect()).await?;
        let tokens = self
            .api_tokens
            .into_iter()
            .map(|(id, token)| vec![id.into(), token.digest.into(), token.scopes.into(), flag(token.revoked)]);
        tx.execute_many(&PUT_API_TOKENS, tokens.collect()).await?;
        if let Some(settings) = self.settings {
            tx.execute(&PUT_SETTINGS, &settings_row(settings)?).await?;
        }
        Ok(self.touched)
    }
}

fn settings_row(settings: SettingsChanged) -> Result<[Value; 7], SqlError> {
    let SettingsChanged { signup_fields, terms, branding, frame_origins, .. } = settings;
    let unwritable = |_| SqlError::Column { column: "signup_fields".to_owned() };
    let fields = serde_json::to_string(&signup_fields).map_err(unwritable)?;
    let origins = serde_json::to_string(&frame_origins).map_err(unwritable)?;
    let texts = [fields, terms.version, terms.text, branding.name, branding.colour, branding.logo, origins];
    Ok(texts.map(Value::from))
}

fn flag(yes: Option<bool>) -> Value {
    yes.map_or(Value::NullInt, Value::from)
}

/// A row for `MOVE_KEYS`; a longer one, for `PUT_KEYS`, where the key was added.
fn key_row((key, change): (String, Key)) -> Vec<Value> {
    let mut row = vec![key.into(), change.state.into(), change.position.into()];
    if let Some(added) = change.added {
        row.extend([added.agent_id, added.call_plan_id, added.group_id].map(Value::from));
        row.extend([added.starts_at.into(), added.ends_at.into(), added.cap.into()]);
    }
    row
}
