//! The changes of a page of events, merged in memory to one row for each thing: later events override earlier ones. A
//! column that no event sets stays as it is (NULL means "unchanged").

use std::collections::BTreeMap;

use contract::events::agents::{AgentTerms, SettingsChanged, SignupKeyAdded, UiElement};
use contract::ids::from_hex;
use event_store::sql::{Sql, SqlError, Tx, Value};
use event_store::sql_rows;
use uuid::Uuid;

use crate::keys::derive::{MOVE_KEYS, PUT_KEYS, Touched};
use crate::keys::events::KeyEvent;

sql_rows! {
    static PUT_AGENTS = "INSERT INTO agents{shadow} AS t ({columns}) SELECT {columns} FROM {rows} WHERE true
         ON CONFLICT (id) DO UPDATE SET name = COALESCE(excluded.name, t.name),
             commission = COALESCE(excluded.commission, t.commission), state = COALESCE(excluded.state, t.state)";
    fn agent_row(agent: (Uuid, Agent)) {
        id: Uuid = agent.0,
        name: Text = agent.1.name,
        commission: Int = agent.1.commission,
        state: Text = agent.1.state,
    }
}
sql_rows! {
    static PUT_CALL_PLANS = "INSERT INTO call_plans{shadow} AS t ({columns}) SELECT {columns} FROM {rows} WHERE true
         ON CONFLICT (id) DO UPDATE SET name = COALESCE(excluded.name, t.name),
             description = COALESCE(excluded.description, t.description),
             price_text = COALESCE(excluded.price_text, t.price_text), retired = COALESCE(excluded.retired, t.retired)";
    fn call_plan_row(plan: (Uuid, CallPlan)) {
        id: Uuid = plan.0,
        name: Text = plan.1.name,
        description: Text = plan.1.description,
        price_text: Text = plan.1.price_text,
        retired: Flag = plan.1.retired,
    }
}
sql_rows! {
    static PUT_GROUPS = "INSERT INTO customer_groups{shadow} AS t ({columns}) SELECT {columns} FROM {rows} WHERE true
         ON CONFLICT (id) DO UPDATE SET name = COALESCE(excluded.name, t.name),
             ui_elements = COALESCE(excluded.ui_elements, t.ui_elements), owner = COALESCE(excluded.owner, t.owner)";
    fn group_row(group: (Uuid, Group)) {
        id: Uuid = group.0,
        name: Text = group.1.name,
        ui_elements: Text = group.1.ui_elements,
        owner: Uuid = group.1.owner,
    }
}
sql_rows! {
    static PUT_GRANTS = "INSERT INTO grants{shadow} ({columns}) SELECT {columns} FROM {rows} WHERE true
         ON CONFLICT (agent_id, call_plan_id) DO UPDATE SET granted = excluded.granted";
    fn grant_row(grant: ((Uuid, Uuid), bool)) {
        agent_id: Uuid = grant.0.0,
        call_plan_id: Uuid = grant.0.1,
        granted: Flag = grant.1,
    }
}
sql_rows! {
    static PUT_API_TOKENS = "INSERT INTO api_tokens{shadow} AS t ({columns}) SELECT {columns} FROM {rows} WHERE true
         ON CONFLICT (id) DO UPDATE SET digest = COALESCE(excluded.digest, t.digest),
             scopes = COALESCE(excluded.scopes, t.scopes), revoked = COALESCE(excluded.revoked, t.revoked)";
    fn api_token_row(token: (Uuid, ApiToken)) {
        id: Uuid = token.0,
        digest: Bytes = token.1.digest,
        scopes: Text = token.1.scopes,
        revoked: Flag = token.1.revoked,
    }
}
static PUT_SETTINGS: Sql = Sql::new(
    "INSERT INTO signup_settings{shadow} (id, signup_fields, terms_version, terms_text, branding_name, branding_colour,
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
    description: Option<String>,
    price_text: Option<String>,
    retired: Option<bool>,
}

#[derive(Default)]
struct Group {
    name: Option<String>,
    ui_elements: Option<String>,
    /// The nil UUID where the group belongs to no agent.
    owner: Option<Uuid>,
}

#[derive(Default)]
struct Key {
    /// Of the last event.
    position: u64,
    state: &'static str,
    /// Set where the key was added on this page.
    added: Option<SignupKeyAdded>,
}

#[derive(Default)]
struct ApiToken {
    digest: Option<[u8; 32]>,
    scopes: Option<String>,
    revoked: Option<bool>,
}

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
    pub(super) fn take(&mut self, position: u64, event: &KeyEvent) {
        use KeyEvent as Event;
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
                self.call_plan_described(position, e.call_plan_id, [&e.name, &e.description, &e.price_text]);
                self.call_plan(position, e.call_plan_id).retired = Some(false);
            }
            Event::CallPlanChanged(e) => {
                self.call_plan_described(position, e.call_plan_id, [&e.name, &e.description, &e.price_text]);
            }
            Event::CallPlanRetired(e) => self.call_plan(position, e.call_plan_id).retired = Some(true),
            Event::GroupCreated(e) => self.group_described(position, e.group_id, &e.name, &e.ui_elements),
            Event::GroupChanged(e) => self.group_described(position, e.group_id, &e.name, &e.ui_elements),
            Event::GroupAssigned(e) => self.group(position, e.group_id).owner = Some(e.agent_id),
            Event::GroupReleased(e) => self.group(position, e.group_id).owner = Some(Uuid::nil()),
            Event::SignupKeyAdded(e) => self.key_added(position, e),
            Event::SignupKeyPaused(e) => self.key(position, &e.key).state = "paused",
            Event::SignupKeyResumed(e) => self.key(position, &e.key).state = "active",
            Event::SignupKeyRevoked(e) => self.key(position, &e.key).state = "revoked",
            Event::SettingsChanged(e) => self.settings = Some(e.clone()),
            Event::ApiTokenIssued(e) => {
                let token = self.api_tokens.entry(e.token_id).or_default();
                (token.digest, token.scopes) = (digest_of(&e.digest), Some(e.scopes.join(" ")));
                token.revoked = Some(false);
            }
            Event::ApiTokenRevoked(e) => self.api_tokens.entry(e.token_id).or_default().revoked = Some(true),
        }
    }

    fn agent(&mut self, position: u64, id: Uuid) -> &mut Agent {
        self.touched.agents.insert(id, position);
        self.agents.entry(id).or_default()
    }

    fn agent_terms(&mut self, position: u64, id: Uuid, terms: &AgentTerms) {
        let agent = self.agent(position, id);
        agent.name = Some(terms.name.clone());
        agent.commission = Some(terms.commission.basis_points());
    }

    fn grant(&mut self, position: u64, agent_id: Uuid, call_plan_id: Uuid, granted: bool) {
        self.touched.agents.insert(agent_id, position);
        self.grants.insert((agent_id, call_plan_id), granted);
    }

    fn call_plan(&mut self, position: u64, id: Uuid) -> &mut CallPlan {
        self.touched.call_plans.insert(id, position);
        self.call_plans.entry(id).or_default()
    }

    fn call_plan_described(&mut self, position: u64, id: Uuid, [name, description, price_text]: [&String; 3]) {
        let plan = self.call_plan(position, id);
        plan.name = Some(name.clone());
        plan.description = Some(description.clone());
        plan.price_text = Some(price_text.clone());
    }

    fn group(&mut self, position: u64, id: Uuid) -> &mut Group {
        self.touched.groups.insert(id, position);
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

    /// Writes the changes, one statement for each table. Keys come last, since their rows copy facts from the other
    /// tables. Returns what keys must be derived again.
    pub(super) async fn write(self, tx: &mut Tx) -> Result<Touched, SqlError> {
        tx.execute_many(&PUT_AGENTS, self.agents.into_iter().map(agent_row).collect()).await?;
        tx.execute_many(&PUT_CALL_PLANS, self.call_plans.into_iter().map(call_plan_row).collect()).await?;
        tx.execute_many(&PUT_GROUPS, self.groups.into_iter().map(group_row).collect()).await?;
        tx.execute_many(&PUT_GRANTS, self.grants.into_iter().map(grant_row).collect()).await?;
        let (added, moved): (Vec<_>, Vec<_>) = self.keys.into_iter().partition(|(_, key)| key.added.is_some());
        tx.execute_many(&PUT_KEYS, added.into_iter().map(key_row).collect()).await?;
        tx.execute_many(&MOVE_KEYS, moved.into_iter().map(key_row).collect()).await?;
        tx.execute_many(&PUT_API_TOKENS, self.api_tokens.into_iter().map(api_token_row).collect()).await?;
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

/// A malformed digest matches no token.
fn digest_of(text: &str) -> Option<[u8; 32]> {
    from_hex(text)?.try_into().ok()
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
