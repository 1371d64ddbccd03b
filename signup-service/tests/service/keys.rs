//! The lookup table: its rows after each kind of event, and after a rebuild.

use contract::clock::{Clock, Moment};
use contract::events::agents::*;
use contract::events::signup_keys::*;
use contract::ids::new_id;
use contract::note::Note;
use event_store::projections::Checkpoint;
use event_store::sql::{Database, Sql};
use serde_json::{Value, json};
use signup_service::app::migrations;
use signup_service::keys::queries::Keys;
use signup_service::keys::watch::share_freshness;
use signup_service::maintenance;

use crate::agents::{Agents, Seller, agent_event, group_event, key_event, plan_event, terms};
use crate::service::Service;
use harness::until;

harness::on_both_databases!(crate::service::Service::start:
    a_usable_keys_lookup_shows_what_it_stands_for,
    careless_typing_finds_the_key,
    the_obstacle_of_a_key_is_shown_after_its_commit,
    a_changed_cap_counts_for_the_next_signup,
    a_fold_from_nothing_equals_the_live_table,
    an_unknown_key_is_not_found,
    freshness_in_the_future_is_ignored_and_replaced,
);

async fn a_usable_keys_lookup_shows_what_it_stands_for(service: Service) {
    let seller = service.seller(None).await;
    let answer: Value = service.get(&format!("/api/v1/signup-keys/{}", seller.key)).await.json().await.unwrap();
    assert_eq!(answer["state"], "usable");
    assert_eq!(
        answer["call_plan"],
        json!({ "id": seller.plan, "name": "Union City", "description": "Calls to Union City.", "price_text": "1 EUR" })
    );
    assert_eq!(answer["agent"], json!({ "id": seller.agent, "name": "Zoë's Phones" }));
    assert_eq!(answer["group"], json!({ "id": seller.group, "ui_elements": ["call_history", "invoices"] }));
    assert_eq!(answer["signup_fields"]["company"], "hidden");
    assert_eq!(answer["terms_version"], "2026-01");
}

async fn careless_typing_finds_the_key(service: Service) {
    let seller = service.seller(None).await;
    let careless = seller.key.to_lowercase().replace('0', "o").replace('1', "l");
    assert_eq!(service.get(&format!("/api/v1/signup-keys/{careless}")).await.status(), 200);
}

async fn the_obstacle_of_a_key_is_shown_after_its_commit(service: Service) {
    let seller = service.seller(None).await;
    let (agent_id, call_plan_id, group_id) = (seller.agent, seller.plan, seller.group);
    let key = || seller.key.clone();
    let other = new_id();
    let steps = [
        (key_event(&seller, SignupKeyPaused { key: key(), agent_id: seller.agent, reason: Note::Absent }), "paused"),
        (key_event(&seller, SignupKeyResumed { key: key(), agent_id: seller.agent, reason: Note::Absent }), "usable"),
        (key_event(&seller, limited(&seller, Some(1), None)), "not_started"),
        (key_event(&seller, limited(&seller, None, Some(2))), "ended"),
        (key_event(&seller, limited(&seller, None, None)), "usable"),
        (agent_event(&seller, AgentSuspended { agent_id, reason: Note::Absent }), "agent_suspended"),
        (agent_event(&seller, AgentReinstated { agent_id, reason: Note::Absent }), "usable"),
        (
            agent_event(&seller, CallPlanWithdrawn { agent_id, call_plan_id, reason: Note::Absent, keys_stopped: 1 }),
            "grant_withdrawn",
        ),
        (agent_event(&seller, CallPlanGranted { agent_id, call_plan_id }), "usable"),
        (
            group_event(&seller, GroupAssigned { group_id, agent_id: other, previous_agent_id: Some(agent_id) }),
            "group_not_agents",
        ),
        (group_event(&seller, GroupReleased { group_id, previous_agent_id: other }), "group_not_agents"),
        (group_event(&seller, GroupAssigned { group_id, agent_id, previous_agent_id: None }), "usable"),
        (plan_event(&seller, CallPlanRetired { call_plan_id, reason: Note::Absent }), "plan_retired"),
        (agent_event(&seller, AgentClosed { agent_id, reason: Note::Absent }), "agent_closed"),
        (key_event(&seller, SignupKeyRevoked { key: key(), agent_id: seller.agent, reason: Note::Absent }), "revoked"),
    ];
    for (events, expected) in steps {
        service.agents.append(events).await;
        // Without `at_least`, so that the cache responds.
        until(async || {
            let answer = service.get(&format!("/api/v1/signup-keys/{}", seller.key)).await;
            let usable = answer.status() == 200;
            let body: Value = answer.json().await.unwrap();
            if expected == "usable" { usable } else { !usable && body["reason"] == expected }
        })
        .await;
    }
    let (status, body) = service.sign_up(&seller.key, "late@example.org").await;
    assert_eq!((status, &body["reason"]), (410, &json!("revoked")));
}

/// A key with a start so many hours from now, or an end so many hours ago.
fn limited(seller: &Seller, starts_in: Option<i64>, ended_ago: Option<i64>) -> SignupKeyChanged {
    let hours = |hours: i64| Moment::from_micros(Clock::System.now().micros() + hours * 3_600_000_000);
    let (starts_at, ends_at) = (starts_in.map(hours), ended_ago.map(|ago| hours(-ago)));
    let (key, agent_id, label) = (seller.key.clone(), seller.agent, "Leaflet".to_owned());
    SignupKeyChanged { key, agent_id, label, starts_at, ends_at, cap: None }
}

async fn a_changed_cap_counts_for_the_next_signup(service: Service) {
    let seller = service.seller(Some(1)).await;
    assert_eq!(service.sign_up(&seller.key, "one@example.org").await.0, 201);
    for (cap, outcome) in [(None, 201), (Some(2), 410), (Some(3), 201), (Some(3), 410)] {
        let event = SignupKeyChanged { cap, ..limited(&seller, None, None) };
        let position = service.agents.append(key_event(&seller, event)).await;
        service.look_up_at(&seller.key, position).await;
        let address = format!("{}@example.org", new_id());
        assert_eq!(service.sign_up(&seller.key, &address).await.0, outcome, "{cap:?}");
    }
}

async fn a_fold_from_nothing_equals_the_live_table(service: Service) {
    let mut position = 0;
    for _ in 0..5 {
        let seller = service.seller(Some(3)).await;
        let (agent_id, group_id) = (seller.agent, seller.group);
        service.agents.append(agent_event(&seller, AgentChanged { agent_id, terms: terms("Renamed") })).await;
        let key = seller.key.clone();
        let described = GroupChanged {
            group_id,
            agent_id: None,
            name: "New".into(),
            description: String::new(),
            ui_elements: vec![],
        };
        service.agents.append(group_event(&seller, described)).await;
        service.agents.append(key_event(&seller, limited(&seller, Some(1), None))).await;
        position = service
            .agents
            .append(key_event(&seller, SignupKeyPaused { key, agent_id: seller.agent, reason: Note::Absent }))
            .await;
    }
    service.look_up_at("none", position).await;
    let log = &service.agents.log;
    assert_eq!(maintenance::compare(&service.database, log, |_| {}).await.unwrap(), Vec::<String>::new());
    assert_eq!(maintenance::rebuild(&service.database, log, |_| {}).await.unwrap(), position);
    assert_eq!(maintenance::compare(&service.database, log, |_| {}).await.unwrap(), Vec::<String>::new());
}

async fn an_unknown_key_is_not_found(service: Service) {
    for key in ["ABCDEFGHJKMN", "no-such-slug", "x", "%FF%FE", "a%20b", "%F0%9F%98%80"] {
        let answer = service.get(&format!("/api/v1/signup-keys/{key}")).await;
        assert_eq!(answer.status(), 404, "{key}");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["type"], "urn:signpost:problem:key-unusable");
        assert_eq!(body["reason"], "unknown");
    }
}

async fn freshness_in_the_future_is_ignored_and_replaced(service: Service) {
    static FORGE: Sql = Sql::new("UPDATE keys_freshness SET caught_up_at = $1");
    // Without a projector, only the stored freshness counts.
    let unfollowed = Database::connect(&harness::databases::sqlite_url(), &migrations()).await.unwrap();
    let now = Clock::System.now();
    for (ahead_seconds, age_seconds) in [(3_600, None), (0, Some(0)), (-60, Some(60))] {
        put_freshness(&unfollowed, now.plus_seconds(ahead_seconds)).await;
        let checkpoint = Checkpoint::open(unfollowed.clone(), maintenance::PROJECTION).await.unwrap();
        let keys = Keys::new(unfollowed.clone(), checkpoint);
        share_freshness(&keys, now).await.unwrap();
        assert_eq!(keys.age_seconds(now), age_seconds, "{ahead_seconds} s ahead");
    }
    until(async || service.database.execute(&FORGE, &[now.plus_seconds(3_600).into()]).await.unwrap() == 1).await;
    until(async || is_believable(&service.database).await).await;
}

async fn put_freshness(database: &Database, moment: Moment) {
    static PUT: Sql = Sql::new(
        "INSERT INTO keys_freshness (id, caught_up_at) VALUES (1, $1)
         ON CONFLICT (id) DO UPDATE SET caught_up_at = excluded.caught_up_at",
    );
    database.execute(&PUT, &[moment.into()]).await.unwrap();
}

/// Whether the stored freshness is not in the future.
async fn is_believable(database: &Database) -> bool {
    static GET: Sql = Sql::new("SELECT caught_up_at FROM keys_freshness");
    let row = database.row(&GET, &[]).await.unwrap();
    row.is_some_and(|row| row.moment("caught_up_at").unwrap() < Clock::System.now().plus_seconds(60))
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_a_clock_that_is_ahead_do_not_make_the_keys_fresh() {
    let ahead = Clock::Fixed(Clock::System.now().plus_seconds(3_600));
    let url = harness::databases::sqlite_url();
    let service = Service::start_with(Agents::by(ahead).await, &[("SIGNPOST_DATABASE_URL", &url)], Clock::System).await;
    let seller = service.seller(None).await;
    assert_eq!(service.sign_up(&seller.key, "zoe@example.org").await.0, 201);
    until(async || is_believable(&service.database).await).await;
}
