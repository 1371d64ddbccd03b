//! Agents as they are shown and listed.

use schemars::JsonSchema;
use serde::Serialize;
use shared::collation::sort_key;
use shared::events::agents::{AgentTerms, AgentsEvent, Permission};
use shared::follow::Followed;
use shared::money::{Currency, Money, Percent};
use shared::sql::{Database, Kind, Row, Sql, SqlError, Tx, Value};
use uuid::Uuid;

use super::{Page, containing, from_json, one_more, states, to_json};
use crate::domain::agent;
use crate::domain::text::folded;

states! {
    /// An agent's stage of life.
    State { Active = "active", Suspended = "suspended", Closed = "closed", }
}

/// An agent, but for what is personal.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Agent")]
pub struct Agent {
    pub id: Uuid,
    pub version: u64,
    pub name: String,
    pub state: State,
    pub permissions: Vec<Permission>,
    pub remittance_threshold: Money,
    pub commission_percent: Percent,
    pub currency: Currency,
    pub language: String,
    pub vat_percent: Percent,
}

/// An agent in a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "AgentItem")]
pub struct Item {
    #[serde(flatten)]
    pub agent: Agent,
    pub login: String,
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    Name,
    NameDown,
    Login,
    LoginDown,
    #[default]
    Created,
    CreatedDown,
}

/// Which agents to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub search: Option<String>,
    pub state: Option<State>,
    pub sort: Sort,
    /// The cursor of the page before.
    pub after: Option<String>,
    pub limit: usize,
}

static ADD: Sql = Sql::new(
    "INSERT INTO agents{shadow} (agent_id, position, version, state, name, name_folded, permissions, threshold_amount,
         threshold_currency, commission, currency, language, vat, name_sorted)
     VALUES ($1, $2, $3, 'active', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
);
static CHANGE: Sql = Sql::new(
    "UPDATE agents{shadow} SET version = $3, name = $4, name_folded = $5, permissions = $6, threshold_amount = $7,
         threshold_currency = $8, commission = $9, currency = $10, language = $11, vat = $12, name_sorted = $13
     WHERE agent_id = $1 AND position <= $2",
);
static SET_STATE: Sql = Sql::new("UPDATE agents{shadow} SET version = $2, state = $3 WHERE agent_id = $1");
static SET_VERSION: Sql = Sql::new("UPDATE agents{shadow} SET version = $2 WHERE agent_id = $1");
static GET: Sql = Sql::new("SELECT * FROM agents WHERE agent_id = $1");

macro_rules! list {
    ($key:literal, $direction:literal, $beyond:literal) => {
        Sql::new(concat!(
            "SELECT a.*, c.login, c.login_sorted FROM agents a JOIN agent_accounts c ON c.agent_id = a.agent_id
             WHERE ($1 IS NULL OR a.state = $1)
               AND ($2 IS NULL OR a.name_folded LIKE $2 ESCAPE '\\' OR c.search LIKE $2 ESCAPE '\\')
               AND ($3 IS NULL OR (",
            $key,
            ", a.agent_id) ",
            $beyond,
            " ($3, $4)) ORDER BY ",
            $key,
            $direction,
            ", a.agent_id",
            $direction,
            " LIMIT $5"
        ))
    };
}
static BY_NAME: Sql = list!("a.name_sorted", "", ">");
static BY_NAME_DOWN: Sql = list!("a.name_sorted", " DESC", "<");
static BY_LOGIN: Sql = list!("c.login_sorted", "", ">");
static BY_LOGIN_DOWN: Sql = list!("c.login_sorted", " DESC", "<");
static BY_POSITION: Sql = list!("a.position", "", ">");
static BY_POSITION_DOWN: Sql = list!("a.position", " DESC", "<");

impl Sort {
    fn sql(self) -> &'static Sql {
        match self {
            Self::Name => &BY_NAME,
            Self::NameDown => &BY_NAME_DOWN,
            Self::Login => &BY_LOGIN,
            Self::LoginDown => &BY_LOGIN_DOWN,
            Self::Created => &BY_POSITION,
            Self::CreatedDown => &BY_POSITION_DOWN,
        }
    }

    /// The last row's key and id, as a cursor.
    fn cursor(self, row: &Row) -> Result<String, SqlError> {
        let key = match self {
            Self::Name | Self::NameDown => row.text("name_sorted")?,
            Self::Login | Self::LoginDown => row.text("login_sorted")?,
            Self::Created | Self::CreatedDown => row.int("position")?.to_string(),
        };
        Ok(format!("{}.{key}", row.uuid("agent_id")?))
    }

    /// Whether a text is a cursor of this order.
    pub fn knows(self, cursor: &str) -> bool {
        let by_position = matches!(self, Self::Created | Self::CreatedDown);
        cursor
            .split_once('.')
            .is_some_and(|(id, key)| id.parse::<Uuid>().is_ok() && (!by_position || key.parse::<i64>().is_ok()))
    }

    /// The parameters that a cursor stands for.
    fn beyond(self, cursor: Option<&str>) -> [Value; 2] {
        let parts = cursor.and_then(|cursor| cursor.split_once('.'));
        let by_position = matches!(self, Self::Created | Self::CreatedDown);
        match parts {
            Some((id, key)) if by_position => [key.parse().unwrap_or(0_i64).into(), id.parse::<Uuid>().ok().into()],
            Some((id, key)) => [key.into(), id.parse::<Uuid>().ok().into()],
            None if by_position => [Value::Null(Kind::Int), Value::Null(Kind::Uuid)],
            None => [Value::Null(Kind::Text), Value::Null(Kind::Uuid)],
        }
    }
}

impl Agent {
    /// An agent out of his history; none before it begins.
    pub fn of(agent: &agent::Agent, version: u64) -> Option<Self> {
        let state = match agent.stage() {
            agent::Stage::Absent => return None,
            agent::Stage::Active => State::Active,
            agent::Stage::Suspended => State::Suspended,
            agent::Stage::Closed => State::Closed,
        };
        let standing = agent.standing()?.clone();
        let terms = standing.terms;
        Some(Self {
            id: standing.agent_id,
            version,
            name: terms.name,
            state,
            permissions: terms.permissions,
            remittance_threshold: terms.remittance_threshold,
            commission_percent: terms.commission,
            currency: terms.currency,
            language: terms.language,
            vat_percent: terms.vat,
        })
    }

    fn read(row: &Row) -> Result<Self, SqlError> {
        let wrong = |column: &'static str| move |_| SqlError::Column { column: column.to_owned() };
        let currency = |column| Currency::parse(&row.text(column)?).map_err(wrong(column));
        let percent = |column| Percent::from_basis_points(row.int(column)?).map_err(wrong(column));
        Ok(Self {
            id: row.uuid("agent_id")?,
            version: row.count("version")?,
            name: row.text("name")?,
            state: row.parsed("state")?,
            permissions: from_json(row, "permissions")?,
            remittance_threshold: Money::new(row.parsed("threshold_amount")?, currency("threshold_currency")?)
                .map_err(wrong("threshold_amount"))?,
            commission_percent: percent("commission")?,
            currency: currency("currency")?,
            language: row.text("language")?,
            vat_percent: percent("vat")?,
        })
    }
}

/// One agent.
pub async fn get(database: &Database, agent_id: Uuid) -> Result<Option<Agent>, SqlError> {
    database.row(&GET, &[agent_id.into()]).await?.as_ref().map(Agent::read).transpose()
}

/// A page of agents.
pub async fn list(database: &Database, filter: &Filter) -> Result<Page<Item>, SqlError> {
    let [key, id] = filter.sort.beyond(filter.after.as_deref());
    let pattern = filter.search.as_deref().filter(|text| !text.is_empty()).map(containing);
    let values = [filter.state.map(State::as_str).into(), pattern.into(), key, id, one_more(filter.limit).into()];
    let rows = database.rows(filter.sort.sql(), &values).await?;
    let items = rows
        .iter()
        .map(|row| Ok((Item { agent: Agent::read(row)?, login: row.text("login")? }, filter.sort.cursor(row)?)));
    Ok(Page::of(items.collect::<Result<_, SqlError>>()?, filter.limit))
}

pub(super) async fn apply(tx: &mut Tx, followed: &Followed<AgentsEvent>) -> Result<(), SqlError> {
    let version = Value::from(followed.version);
    match &followed.event {
        AgentsEvent::AgentCreated(event) => {
            tx.execute(&ADD, &terms_row(event.agent_id, followed, &event.terms)?).await?;
        }
        AgentsEvent::AgentChanged(event) => {
            tx.execute(&CHANGE, &terms_row(event.agent_id, followed, &event.terms)?).await?;
        }
        AgentsEvent::AgentSuspended(event) => set_state(tx, event.agent_id, version, State::Suspended).await?,
        AgentsEvent::AgentReinstated(event) => set_state(tx, event.agent_id, version, State::Active).await?,
        AgentsEvent::AgentClosed(event) => set_state(tx, event.agent_id, version, State::Closed).await?,
        AgentsEvent::AgentContactChanged(event) => set_version(tx, event.agent_id, version).await?,
        AgentsEvent::AgentPasswordChanged(event) => set_version(tx, event.agent_id, version).await?,
        AgentsEvent::CallPlanGranted(event) => set_version(tx, event.agent_id, version).await?,
        AgentsEvent::CallPlanWithdrawn(event) => set_version(tx, event.agent_id, version).await?,
        _ => {}
    }
    Ok(())
}

async fn set_state(tx: &mut Tx, agent_id: Uuid, version: Value, state: State) -> Result<(), SqlError> {
    tx.execute(&SET_STATE, &[agent_id.into(), version, state.as_str().into()]).await.map(drop)
}

async fn set_version(tx: &mut Tx, agent_id: Uuid, version: Value) -> Result<(), SqlError> {
    tx.execute(&SET_VERSION, &[agent_id.into(), version]).await.map(drop)
}

fn terms_row(agent_id: Uuid, followed: &Followed<AgentsEvent>, terms: &AgentTerms) -> Result<[Value; 13], SqlError> {
    Ok([
        agent_id.into(),
        followed.position.into(),
        followed.version.into(),
        terms.name.as_str().into(),
        folded(&terms.name).into(),
        to_json(&terms.permissions)?.into(),
        terms.remittance_threshold.amount().to_string().into(),
        terms.remittance_threshold.currency().as_str().into(),
        terms.commission.basis_points().into(),
        terms.currency.as_str().into(),
        terms.language.as_str().into(),
        terms.vat.basis_points().into(),
        sort_key(&terms.name).into(),
    ])
}
