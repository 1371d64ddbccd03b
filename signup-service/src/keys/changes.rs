//! The changes of a page of events, merged in memory to one row for each thing: later events override earlier ones. A
//! column that no event sets stays as it is (NULL means "unchanged").

use std::collections::BTreeMap;

use contract::clock::Moment;
use contract::events::agents::{
    AgentTerms, Branding, CallPlanChanged, CallPlanCreated, SettingsChanged, Terms, UiElement,
};
use contract::events::signup_keys::SignupKeyAdded;
use contract::ids::from_hex;
use contract::statements::StatementSettings;
use event_store::sql::{Kind, Sql, SqlError, Tx, Value};
use uuid::Uuid;

use crate::keys::derive::{CHANGE_KEYS, PUT_KEYS, Touched};
use crate::keys::events::KeyEvent;

static PUT_AGENTS: Sql = Sql::rows(
    "INSERT INTO agents{shadow} AS t ({columns}) SELECT {columns} FROM {rows} WHERE true
     ON CONFLICT (id) DO UPDATE SET name = COALESCE(excluded.name, t.name),
         commission = COALESCE(excluded.commission, t.commission), state = COALESCE(excluded.state, t.state)",
    &[("id", Kind::Uuid), ("name", Kind::Text), ("commission", Kind::Int), ("state", Kind::Text)],
);
static PUT_CALL_PLANS: Sql = Sql::rows(
    "INSERT INTO call_plans{shadow} AS t ({columns}) SELECT {columns} FROM {rows} WHERE true
     ON CONFLICT (id) DO UPDATE SET name = COALESCE(excluded.name, t.name),
         description = COALESCE(excluded.description, t.description),
         price_text = COALESCE(excluded.price_text, t.price_text), retired = COALESCE(excluded.retired, t.retired)",
    &[
        ("id", Kind::Uuid),
        ("name", Kind::Text),
        ("description", Kind::Text),
        ("price_text", Kind::Text),
        ("retired", Kind::Flag),
    ],
);
static PUT_GROUPS: Sql = Sql::rows(
    "INSERT INTO customer_groups{shadow} AS t ({columns}) SELECT {columns} FROM {rows} WHERE true
     ON CONFLICT (id) DO UPDATE SET name = COALESCE(excluded.name, t.name),
         ui_elements = COALESCE(excluded.ui_elements, t.ui_elements), owner = COALESCE(excluded.owner, t.owner)",
    &[("id", Kind::Uuid), ("name", Kind::Text), ("ui_elements", Kind::Text), ("owner", Kind::Uuid)],
);
static PUT_GRANTS: Sql = Sql::rows(
    "INSERT INTO grants{shadow} ({columns}) SELECT {columns} FROM {rows} WHERE true
     ON CONFLICT (agent_id, call_plan_id) DO UPDATE SET granted = excluded.granted",
    &[("agent_id", Kind::Uuid), ("call_plan_id", Kind::Uuid), ("granted", Kind::Flag)],
);
static PUT_API_TOKENS: Sql = Sql::rows(
    "INSERT INTO api_tokens{shadow} AS t ({columns}) SELECT {columns} FROM {rows} WHERE true
     ON CONFLICT (id) DO UPDATE SET digest = COALESCE(excluded.digest, t.digest),
         scopes = COALESCE(excluded.scopes, t.scopes), revoked = COALESCE(excluded.revoked, t.revoked)",
    &[("id", Kind::Uuid), ("digest", Kind::Bytes), ("scopes", Kind::Text), ("revoked", Kind::Flag)],
);
static PUT_SETTINGS: Sql = Sql::new(
    "INSERT INTO signup_settings{shadow} (id, signup_fields, terms_version, terms_text, branding_name, branding_colour,
         branding_logo, frame_origins, terms_language, terms_translations,
         company_name, company_address, signup_challenge)
     VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     ON CONFLICT (id) DO UPDATE SET signup_fields = excluded.signup_fields, terms_version = excluded.terms_version,
         terms_text = excluded.terms_text, branding_name = excluded.branding_name,
         branding_colour = excluded.branding_colour, branding_logo = excluded.branding_logo,
         frame_origins = excluded.frame_origins, terms_language = excluded.terms_language,
         terms_translations = excluded.terms_translations, company_name = excluded.company_name,
         company_address = excluded.company_address, signup_challenge = excluded.signup_challenge",
);

/// The rows of a table by their ids; a column that no event sets is NULL.
#[derive(Default)]
struct Rows<const COLUMNS: usize>(BTreeMap<Uuid, [Value; COLUMNS]>);

impl<const COLUMNS: usize> Rows<COLUMNS> {
    /// Sets those columns of a row that are not NULL here.
    fn set(&mut self, id: Uuid, columns: [Value; COLUMNS]) {
        let row = self.0.entry(id).or_insert([const { Value::Null(Kind::Text) }; COLUMNS]);
        for (old, new) in row.iter_mut().zip(columns).filter(|(_, new)| !matches!(new, Value::Null(_))) {
            *old = new;
        }
    }

    async fn put(self, tx: &mut Tx, sql: &'static Sql) -> Result<(), SqlError> {
        let rows = self.0.into_iter().map(|(id, columns)| [id.into()].into_iter().chain(columns).collect());
        tx.execute_many(sql, rows.collect()).await.map(drop)
    }
}

type Limits = (Option<Moment>, Option<Moment>, Option<u64>);

#[derive(Default)]
struct Key {
    /// Of the last event.
    position: u64,
    state: Option<&'static str>,
    /// Start, end and cap, where they were said on this page.
    limits: Option<Limits>,
    /// Agent, call plan and group, where the key was added on this page.
    added: Option<[Uuid; 3]>,
}

#[derive(Default)]
pub(super) struct Changes {
    agents: Rows<3>,
    call_plans: Rows<4>,
    groups: Rows<3>,
    grants: BTreeMap<(Uuid, Uuid), bool>,
    keys: BTreeMap<String, Key>,
    api_tokens: Rows<3>,
    settings: Option<SettingsChanged>,
    touched: Touched,
}

impl Changes {
    pub(super) fn take(&mut self, position: u64, event: &KeyEvent) {
        use KeyEvent as Event;
        match event {
            Event::AgentCreated(e) => self.agent(position, e.agent_id, Some(&e.terms), Some("active")),
            Event::AgentChanged(e) => self.agent(position, e.agent_id, Some(&e.terms), None),
            Event::AgentSuspended(e) => self.agent(position, e.agent_id, None, Some("suspended")),
            Event::AgentReinstated(e) => self.agent(position, e.agent_id, None, Some("active")),
            Event::AgentClosed(e) => self.agent(position, e.agent_id, None, Some("closed")),
            Event::CallPlanGranted(e) => self.grant(position, e.agent_id, e.call_plan_id, true),
            Event::CallPlanWithdrawn(e) => self.grant(position, e.agent_id, e.call_plan_id, false),
            Event::CallPlanCreated(CallPlanCreated { call_plan_id, name, description, price_text, .. }) => {
                self.call_plan(position, *call_plan_id, [name, description, price_text].map(Some), Some(false));
            }
            Event::CallPlanChanged(CallPlanChanged { call_plan_id, name, description, price_text, .. }) => {
                self.call_plan(position, *call_plan_id, [name, description, price_text].map(Some), None);
            }
            Event::CallPlanRetired(e) => self.call_plan(position, e.call_plan_id, [None; 3], Some(true)),
            Event::GroupCreated(e) => self.group(position, e.group_id, Some((&e.name, &e.ui_elements)), None),
            Event::GroupChanged(e) => self.group(position, e.group_id, Some((&e.name, &e.ui_elements)), None),
            Event::GroupAssigned(e) => self.group(position, e.group_id, None, Some(e.agent_id)),
            Event::GroupReleased(e) => self.group(position, e.group_id, None, Some(Uuid::nil())),
            Event::SignupKeyAdded(e) => self.key_added(position, e),
            Event::SignupKeyChanged(e) => {
                self.key(position, &e.key).limits = Some((e.starts_at, e.ends_at, e.cap));
            }
            Event::SignupKeyPaused(e) => self.key(position, &e.key).state = Some("paused"),
            Event::SignupKeyResumed(e) => self.key(position, &e.key).state = Some("active"),
            Event::SignupKeyRevoked(e) => self.key(position, &e.key).state = Some("revoked"),
            Event::SettingsChanged(e) => self.settings = Some(e.clone()),
            Event::ApiTokenIssued(e) => {
                let columns = [digest_of(&e.digest).into(), e.scopes.join(" ").into(), false.into()];
                self.api_tokens.set(e.token_id, columns);
            }
            Event::ApiTokenRevoked(e) => {
                let (digest, scopes) = (None::<[u8; 32]>, None::<String>);
                self.api_tokens.set(e.token_id, [digest.into(), scopes.into(), true.into()]);
            }
        }
    }

    fn agent(&mut self, position: u64, id: Uuid, terms: Option<&AgentTerms>, state: Option<&str>) {
        self.touched.agents.insert(id, position);
        let (name, commission) = terms.map(|terms| (&terms.name, terms.commission.basis_points())).unzip();
        self.agents.set(id, [name.into(), commission.into(), state.into()]);
    }

    fn grant(&mut self, position: u64, agent_id: Uuid, call_plan_id: Uuid, granted: bool) {
        self.touched.agents.insert(agent_id, position);
        self.grants.insert((agent_id, call_plan_id), granted);
    }

    fn call_plan(&mut self, position: u64, id: Uuid, texts: [Option<&String>; 3], retired: Option<bool>) {
        self.touched.call_plans.insert(id, position);
        let [name, description, price_text] = texts.map(Value::from);
        self.call_plans.set(id, [name, description, price_text, retired.into()]);
    }

    /// The nil UUID as the owner: the group belongs to no agent.
    fn group(&mut self, position: u64, id: Uuid, described: Option<(&String, &Vec<UiElement>)>, owner: Option<Uuid>) {
        self.touched.groups.insert(id, position);
        let (name, ui_elements) = described.unzip();
        let ui_elements = ui_elements.and_then(|elements| serde_json::to_string(elements).ok());
        self.groups.set(id, [name.into(), ui_elements.into(), owner.into()]);
    }

    fn key(&mut self, position: u64, key: &str) -> &mut Key {
        let key = self.keys.entry(key.to_owned()).or_default();
        key.position = position;
        key
    }

    fn key_added(&mut self, position: u64, added: &SignupKeyAdded) {
        let limits = Some((added.starts_at, added.ends_at, added.cap));
        let added_as = Some([added.agent_id, added.call_plan_id, added.group_id]);
        *self.key(position, &added.key) = Key { position, state: Some("active"), limits, added: added_as };
    }

    /// Writes the changes, one statement for each table. Keys come last, since their rows copy facts from the other
    /// tables. Returns what keys must be derived again.
    pub(super) async fn write(self, tx: &mut Tx) -> Result<Touched, SqlError> {
        self.agents.put(tx, &PUT_AGENTS).await?;
        self.call_plans.put(tx, &PUT_CALL_PLANS).await?;
        self.groups.put(tx, &PUT_GROUPS).await?;
        let grants = self.grants.into_iter();
        let grants = grants.map(|((agent_id, plan), granted)| vec![agent_id.into(), plan.into(), granted.into()]);
        tx.execute_many(&PUT_GRANTS, grants.collect()).await?;
        let (added, moved): (Vec<_>, Vec<_>) = self.keys.into_iter().partition(|(_, key)| key.added.is_some());
        tx.execute_many(&PUT_KEYS, added.into_iter().map(key_row).collect()).await?;
        tx.execute_many(&CHANGE_KEYS, moved.into_iter().map(key_row).collect()).await?;
        self.api_tokens.put(tx, &PUT_API_TOKENS).await?;
        if let Some(settings) = self.settings {
            tx.execute(&PUT_SETTINGS, &settings_row(settings)?).await?;
        }
        Ok(self.touched)
    }
}

fn settings_row(settings: SettingsChanged) -> Result<[Value; 12], SqlError> {
    let SettingsChanged { signup_fields, terms, branding, frame_origins, statements, signup_challenge, .. } = settings;
    let unwritable = |_| SqlError::Column { column: "signup_fields".to_owned() };
    let fields = serde_json::to_string(&signup_fields).map_err(unwritable)?;
    let origins = serde_json::to_string(&frame_origins).map_err(unwritable)?;
    let translations = serde_json::to_string(&terms.translations).map_err(unwritable)?;
    let challenge = serde_json::to_string(&signup_challenge).map_err(unwritable)?;
    let Branding { name, colour, logo } = branding;
    let StatementSettings { legal_name, address, .. } = statements;
    let Terms { version, text, language, .. } = terms;
    let texts =
        [fields, version, text, name, colour, logo, origins, language, translations, legal_name, address, challenge];
    Ok(texts.map(Value::from))
}

/// A malformed digest matches no token.
fn digest_of(text: &str) -> Option<[u8; 32]> {
    from_hex(text)?.try_into().ok()
}

/// A row for `CHANGE_KEYS`; a longer one, for `PUT_KEYS`, where the key was added.
fn key_row((key, change): (String, Key)) -> Vec<Value> {
    let (starts_at, ends_at, cap) = change.limits.unwrap_or_default();
    let mut row = vec![key.into(), change.state.into(), change.position.into()];
    row.extend([starts_at.into(), ends_at.into(), cap.into()]);
    match change.added {
        Some(added) => row.extend(added.map(Value::from)),
        None => row.push(change.limits.is_some().into()),
    }
    row
}
