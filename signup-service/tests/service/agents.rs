//! The agents' log of a test, without the agents-service: events are appended as that service appends them.

use contract::agent_defaults::AgentDefaults;
use contract::bank::{PayoutBlockDays, UnknownBic};
use contract::challenge::SignupChallenge;
use contract::clock::{Clock, Moment};
use contract::commission::AgentCommission;
use contract::events::agents::*;
use contract::events::signup_keys::*;
use contract::events::signups::{
    CustomerCorrected, CustomerErased, CustomerPlaced, SignupPageViewed, SignupRefused, SignupsEvent,
};
use contract::events::{Contract, DecodeError, EventType};
use contract::ids::{digest, new_id};
use contract::money::{Currency, Money, Percent};
use contract::note::Note;
use contract::statements::StatementSettings;
use contract::tax::VatKind;
use event_store::health::Health;
use event_store::log::{
    CommandHandler, CommandMeta, CommandResponse, Decision, Decisions, Log, MIGRATIONS, NewEvent, RecordedEvent,
    Repeated, Writer,
};
use event_store::sql::{Database, SqlError, Tx};
use uuid::Uuid;

/// The API token that is issued in every test.
pub const TOKEN: &str = "a-token-for-tests";

pub type Event = (String, AgentsEvent);

/// An event with data that does not fit its type.
struct Unreadable(AgentsEvent);

impl Contract for Unreadable {
    const SUBJECT_ROOT: &'static str = AgentsEvent::SUBJECT_ROOT;

    fn types() -> Vec<EventType> {
        AgentsEvent::types()
    }

    fn event_type(&self) -> EventType {
        self.0.event_type()
    }

    fn data(&self) -> Result<String, serde_json::Error> {
        Ok("{}".to_owned())
    }

    fn subject_id(&self) -> String {
        self.0.subject_id()
    }

    fn read(_: &str, _: &str) -> Result<Option<Self>, DecodeError> {
        Ok(None)
    }
}

struct Append;

pub struct Appended {
    events: Vec<Event>,
    broken: bool,
}

impl CommandHandler for Append {
    type Request = Appended;
    type Error = ();
    type HandlerState = ();
    type Queries = ();

    fn queue_queries(&self, _: &mut Tx, _: &[&Appended]) {}

    async fn decide(&self, _: &mut Tx, (): (), requests: &[&Appended], _: Moment) -> Result<Decisions<Self>, SqlError> {
        let decisions = requests.iter().map(|request| {
            let new = |(stream, event): &Event| {
                let stream = stream.clone();
                let new = if request.broken {
                    NewEvent::of(stream, &Unreadable(event.clone()))
                } else {
                    NewEvent::of(stream, event)
                };
                new.unwrap()
            };
            let events = request.events.iter().map(new).collect();
            let answer = CommandResponse::new(200, &()).unwrap();
            Ok(Decision { expected_versions: Vec::new(), events, answer, state: () })
        });
        Ok(decisions.collect())
    }

    async fn repeat(&self, _: &mut Tx, _: &Appended, _: &Repeated) -> Result<CommandResponse, SqlError> {
        Ok(CommandResponse::new(200, &()).unwrap())
    }

    async fn store(
        &self,
        _: &mut Tx,
        _: &[(&Appended, &Decision)],
        _: &[RecordedEvent],
        _: bool,
    ) -> Result<(), SqlError> {
        Ok(())
    }
}

/// An agent with a call plan, a group and a key.
#[derive(Clone, Debug)]
pub struct Seller {
    pub agent: Uuid,
    pub plan: Uuid,
    pub group: Uuid,
    pub key: String,
}

pub struct Agents {
    pub log: Log,
    writer: Writer<Append>,
}

impl Agents {
    pub async fn new() -> Self {
        Self::by(Clock::System).await
    }

    /// A log with this clock.
    pub async fn by(clock: Clock) -> Self {
        let database = Database::scratch(MIGRATIONS).await.unwrap();
        let log = Log::open(database, "agents").await.unwrap();
        let agents = Self {
            writer: Writer::start(log.clone(), clock, Append, Health::new("agents").dependency("log"), Vec::new()),
            log,
        };
        let scopes = ["events:read", "customers:read", "customers:write", "customers:erase", "customers:provision"];
        let token_id = new_id();
        let token = ApiTokenIssued {
            token_id,
            name: "tests".to_owned(),
            scopes: scopes.map(str::to_owned).to_vec(),
            digest: digest(TOKEN),
        };
        let settings = event("settings", Self::settings());
        agents.append(vec![event(format!("token-{token_id}"), token), settings]).await;
        agents
    }

    pub fn settings() -> SettingsChanged {
        SettingsChanged {
            customer_interface_url: "https://example.org".to_owned(),
            signup_fields: [(SignupField::Company, FieldRule::Hidden)].into(),
            terms: Terms { version: "2026-01".to_owned(), text: "Be kind.".to_owned(), ..Terms::default() },
            branding: Branding { name: "Harbour Telecom".to_owned(), ..Branding::default() },
            frame_origins: Vec::new(),
            customer_mask: CustomerMask::default(),
            time_zone: String::new(),
            hold_days: 0,
            four_eyes: false,
            payout_account: None,
            unknown_bic: UnknownBic::default(),
            payout_block_days: PayoutBlockDays::default(),
            statements: StatementSettings::default(),
            signup_challenge: SignupChallenge::default(),
            new_agents: AgentDefaults::default(),
            canned_answers: Vec::new(),
        }
    }

    /// Appends events; returns the last position.
    pub async fn append(&self, events: Vec<Event>) -> u64 {
        self.submit(Appended { events, broken: false }).await
    }

    /// Appends events with malformed data.
    pub async fn append_broken(&self, events: Vec<Event>) -> u64 {
        self.submit(Appended { events, broken: true }).await
    }

    async fn submit(&self, request: Appended) -> u64 {
        let id = new_id().to_string();
        let command = CommandMeta { id, fingerprint: String::new(), actor: "test".to_owned(), cause: None };
        self.writer.submit(command, request).await.unwrap().position
    }

    /// Adds an agent with a usable key; returns it and the position of the key.
    pub async fn add_seller(&self) -> (Seller, u64) {
        self.add_seller_with(None).await
    }

    pub async fn add_seller_with(&self, cap: Option<u64>) -> (Seller, u64) {
        let key = contract::key::Key::random().unwrap().into_string();
        let seller = Seller { agent: new_id(), plan: new_id(), group: new_id(), key };
        let position = self.append(history(&seller, cap)).await;
        (seller, position)
    }
}

pub fn event(stream: impl Into<String>, event: impl Into<AgentsEvent>) -> Event {
    (stream.into(), event.into())
}

pub fn agent_event(seller: &Seller, of: impl Into<AgentsEvent>) -> Vec<Event> {
    vec![event(format!("agent-{}", seller.agent), of)]
}

pub fn plan_event(seller: &Seller, of: impl Into<AgentsEvent>) -> Vec<Event> {
    vec![event(format!("plan-{}", seller.plan), of)]
}

pub fn group_event(seller: &Seller, of: impl Into<AgentsEvent>) -> Vec<Event> {
    vec![event(format!("group-{}", seller.group), of)]
}

pub fn key_event(seller: &Seller, of: impl Into<AgentsEvent>) -> Vec<Event> {
    vec![event(format!("key-{}", seller.key), of)]
}

pub fn terms(name: &str) -> AgentTerms {
    let currency = Currency::parse("EUR").unwrap();
    AgentTerms {
        name: name.to_owned(),
        permissions: vec![Permission::Sales],
        remittance_threshold: Money::new(100.into(), currency).unwrap(),
        commission: Percent::from_basis_points(1_250).unwrap(),
        currency,
        language: "en".to_owned(),
        vat: Percent::default(),
        vat_kind: VatKind::default(),
        commission_terms: AgentCommission::default(),
        hold_days: None,
        remittance_thresholds: Vec::new(),
    }
}

fn history(seller: &Seller, cap: Option<u64>) -> Vec<Event> {
    let (agent_id, call_plan_id, group_id) = (seller.agent, seller.plan, seller.group);
    let text = |text: &str| text.to_owned();
    let key = SignupKeyAdded {
        key: seller.key.clone(),
        agent_id,
        call_plan_id,
        group_id,
        label: String::new(),
        note: Note::Absent,
        starts_at: None,
        ends_at: None,
        cap,
        commission: None,
    };
    let group = GroupCreated {
        group_id,
        name: text("VoIP"),
        description: String::new(),
        ui_elements: vec![UiElement::CallHistory, UiElement::Invoices],
    };
    let plan = CallPlanCreated {
        call_plan_id,
        name: text("Union City"),
        description: text("Calls to Union City."),
        price_text: text("1 EUR"),
        commission: None,
    };
    [
        agent_event(seller, AgentCreated { agent_id, terms: terms("Zoë's Phones"), login_digest: String::new() }),
        plan_event(seller, plan),
        agent_event(seller, CallPlanGranted { agent_id, call_plan_id }),
        group_event(seller, group),
        group_event(seller, GroupAssigned { group_id, agent_id, previous_agent_id: None }),
        key_event(seller, key),
    ]
    .concat()
}

/// The events of the signups' log by type.
#[derive(Default)]
pub struct Signups {
    pub placed: Vec<CustomerPlaced>,
    pub refused: Vec<SignupRefused>,
    pub corrected: Vec<CustomerCorrected>,
    /// At unknown keys.
    pub unknown: Vec<SignupRefused>,
    pub erased: Vec<CustomerErased>,
    pub viewed: Vec<SignupPageViewed>,
    /// What became of customers' service.
    pub served: Vec<SignupsEvent>,
}
