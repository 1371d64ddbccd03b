//! The signups' log of a test, without the signup-service: events are appended as that service appends them.

use contract::clock::{Clock, Moment};
use contract::events::signups::{
    Campaign, Channel, CustomerErased, CustomerPlaced, RefusalReason, RefusalStage, ShownPlacement, SignupPageViewed,
    SignupRefused, SignupsEvent,
};
use contract::ids::new_id;
use contract::money::Percent;
use contract::note::Note;
use event_store::health::Health;
use event_store::log::{
    CommandHandler, CommandMeta, CommandResponse, Decision, Decisions, Log, MIGRATIONS, NewEvent, RecordedEvent,
    Repeated, Writer,
};
use event_store::sql::{Database, SqlError, Tx};
use uuid::Uuid;

struct Append;

impl CommandHandler for Append {
    type Request = Vec<(String, SignupsEvent)>;
    type Error = ();
    type HandlerState = ();
    type Queries = ();

    fn queue_queries(&self, _: &mut Tx, _: &[&Self::Request]) {}

    async fn decide(
        &self,
        _: &mut Tx,
        (): (),
        requests: &[&Self::Request],
        _: Moment,
    ) -> Result<Decisions<Self>, SqlError> {
        let decisions = requests.iter().map(|events| {
            let events = events.iter().map(|(stream, event)| NewEvent::of(stream.clone(), event).unwrap()).collect();
            Ok(Decision {
                expected_versions: Vec::new(),
                events,
                answer: CommandResponse::new(200, &()).unwrap(),
                state: (),
            })
        });
        Ok(decisions.collect())
    }

    async fn repeat(&self, _: &mut Tx, _: &Self::Request, _: &Repeated) -> Result<CommandResponse, SqlError> {
        Ok(CommandResponse::new(200, &()).unwrap())
    }

    async fn store(
        &self,
        _: &mut Tx,
        _: &[(&Self::Request, &Decision)],
        _: &[RecordedEvent],
        _: bool,
    ) -> Result<(), SqlError> {
        Ok(())
    }
}

/// The agent, call plan and group of a key.
#[derive(Clone)]
pub struct Seller {
    pub agent_id: Uuid,
    pub call_plan_id: Uuid,
    pub group_id: Uuid,
    pub key: String,
}

impl Seller {
    pub fn new(key: &str) -> Self {
        Self { agent_id: new_id(), call_plan_id: new_id(), group_id: new_id(), key: key.to_owned() }
    }

    pub fn with_key(&self, key: &str) -> Self {
        Self { key: key.to_owned(), ..self.clone() }
    }
}

pub struct Signups {
    pub log: Log,
    writer: Writer<Append>,
}

impl Signups {
    pub async fn new() -> Self {
        let log = Log::open(Database::scratch(MIGRATIONS).await.unwrap(), "signups").await.unwrap();
        Self {
            writer: Writer::start(
                log.clone(),
                Clock::System,
                Append,
                Health::new("signups").dependency("log"),
                Vec::new(),
            ),
            log,
        }
    }

    /// Appends events; returns the last position.
    pub async fn append(&self, events: Vec<(String, SignupsEvent)>) -> u64 {
        let id = new_id().to_string();
        let command = CommandMeta { id, fingerprint: String::new(), actor: "test".to_owned(), cause: None };
        self.writer.submit(command, events).await.unwrap().position
    }
}

pub fn placed(seller: &Seller, customer_id: Uuid, number: &str, campaign: Option<&str>) -> (String, SignupsEvent) {
    placed_at(seller, customer_id, number, campaign, 7)
}

/// A placement that was decided at a position of the agents' log.
pub fn placed_at(
    seller: &Seller,
    customer_id: Uuid,
    number: &str,
    campaign: Option<&str>,
    agents_position: u64,
) -> (String, SignupsEvent) {
    let event = CustomerPlaced {
        customer_id,
        customer_number: number.to_owned(),
        key: seller.key.clone(),
        agent_id: seller.agent_id,
        agent_name: "Zoë's Phones".to_owned(),
        call_plan_id: seller.call_plan_id,
        call_plan_name: "Union City".to_owned(),
        group_id: seller.group_id,
        group_name: "VoIP".to_owned(),
        commission: Percent::parse("12.5").unwrap(),
        key_cap: None,
        campaign: Campaign { utm_campaign: campaign.map(str::to_owned), ..Campaign::default() },
        channel: Some(Channel::Page),
        country: Some("DE".to_owned()),
        currency: Some("EUR".to_owned()),
        language: Some("de".to_owned()),
        terms_version: "2026-01".to_owned(),
        agents_position,
    };
    (format!("customer-{customer_id}"), event.into())
}

pub fn erased(seller: &Seller, customer_id: Uuid) -> (String, SignupsEvent) {
    let event = CustomerErased { customer_id, agent_id: seller.agent_id, reason: Note::Absent };
    (format!("customer-{customer_id}"), event.into())
}

pub fn viewed(seller: &Seller, views: u64) -> (String, SignupsEvent) {
    let Seller { agent_id, call_plan_id, group_id, key } = seller.clone();
    (
        format!("views-{key}"),
        SignupPageViewed { key, agent_id, call_plan_id, group_id, views, automated: 0, campaign: Campaign::default() }
            .into(),
    )
}

/// Refusals at an unknown key.
pub fn unknown(key: &str, nearest_key: Option<&str>) -> (String, SignupsEvent) {
    let event = SignupRefused {
        key: key.to_owned(),
        nearest_key: nearest_key.map(str::to_owned),
        ..refusal(None, RefusalReason::Unknown)
    };
    ("unknown-keys".to_owned(), event.into())
}

/// The refusal of a known address with this decoy number.
pub fn known(seller: &Seller, number: &str) -> (String, SignupsEvent) {
    let refused = refusal(Some(seller), RefusalReason::EmailKnown);
    let (customer_number, key_cap) = (number.to_owned(), Some(2));
    let shown =
        ShownPlacement { customer_number, call_plan_id: seller.call_plan_id, group_id: seller.group_id, key_cap };
    (
        format!("shown-{number}"),
        SignupRefused { count: 1, shown: Some(shown), customer_id: Some(new_id()), ..refused }.into(),
    )
}

/// Two refusals; without a seller, at an unknown key.
pub fn refused(seller: Option<&Seller>, reason: RefusalReason) -> (String, SignupsEvent) {
    let event = refusal(seller, reason);
    (format!("key-{}", event.key), event.into())
}

fn refusal(seller: Option<&Seller>, reason: RefusalReason) -> SignupRefused {
    SignupRefused {
        refusal_id: new_id(),
        key: seller.map_or("no-such-key", |seller| &seller.key).to_owned(),
        agent_id: seller.map(|seller| seller.agent_id),
        call_plan_id: None,
        group_id: None,
        reason,
        campaign: Campaign::default(),
        stage: RefusalStage::Page,
        count: 2,
        nearest_key: None,
        shown: None,
        customer_id: None,
        agents_position: 7,
    }
}
