//! An event that cannot be applied: its agent's keys are refused, others work, and a retry repairs it.

use contract::events::agents::{AgentChanged, ApiTokenRevoked};
use event_store::sql::Sql;
use signup_service::maintenance;

use crate::agents::{Agents, agent_event, event, terms};
use crate::service::Service;
use harness::until;

static MEND: Sql = Sql::new("UPDATE parked_events SET event = REPLACE(event, '\"data\":{}', $1) WHERE position = $2");

harness::on_both_databases!(crate::service::Service::start:
    an_event_that_cannot_be_read_closes_its_agents_keys_only,
    no_customer_is_placed_while_the_settings_are_parked,
    a_token_is_refused_while_its_revocation_is_parked,
    a_token_is_refused_while_the_projection_is_halted,
);

async fn an_event_that_cannot_be_read_closes_its_agents_keys_only(service: Service) {
    let (poisoned, healthy) = (service.seller(None).await, service.seller(None).await);
    let changed = AgentChanged { agent_id: poisoned.agent, terms: terms("Mended") };
    let data = serde_json::to_string(&changed).unwrap();
    let position = service.agents.append_broken(agent_event(&poisoned, changed)).await;
    let stream = format!("agent-{}", poisoned.agent);

    until(async || service.get(&format!("/api/v1/signup-keys/{}", poisoned.key)).await.status() == 503).await;
    let (status, _) = service.sign_up(&poisoned.key, "zoe@example.org").await;
    assert_eq!(status, 503);
    assert_eq!(service.get(&format!("/signup/{}", poisoned.key)).await.status(), 503);
    assert_eq!(service.sign_up(&healthy.key, "zoe@example.org").await.0, 201);
    assert!(service.recorded().await.refused.is_empty());

    let whole = format!("\"data\":{data}");
    service.database.execute(&MEND, &[whole.into(), position.into()]).await.unwrap();
    assert_eq!(maintenance::retry(&service.database, maintenance::PROJECTION, &stream).await.unwrap(), 1);
    until(async || {
        let answer = service.get(&format!("/api/v1/signup-keys/{}", poisoned.key)).await;
        answer.status() == 200 && answer.text().await.unwrap().contains("Mended")
    })
    .await;
    assert_eq!(service.sign_up(&poisoned.key, "other@example.org").await.0, 201);
}

async fn no_customer_is_placed_while_the_settings_are_parked(service: Service) {
    let seller = service.seller(None).await;
    assert_eq!(service.sign_up(&seller.key, "zoe@example.org").await.0, 201);
    // The terms may differ from those that the page shows.
    let changed = Agents::settings();
    let data = serde_json::to_string(&changed).unwrap();
    let position = service.agents.append_broken(vec![event("settings", changed)]).await;
    until(async || service.get(&format!("/api/v1/signup-keys/{}", seller.key)).await.status() == 503).await;
    assert_eq!(service.get(&format!("/signup/{}", seller.key)).await.status(), 503);
    assert_eq!(service.sign_up(&seller.key, "other@example.org").await.0, 503);

    let whole = format!("\"data\":{data}");
    service.database.execute(&MEND, &[whole.into(), position.into()]).await.unwrap();
    assert_eq!(maintenance::retry(&service.database, maintenance::PROJECTION, "settings").await.unwrap(), 1);
    until(async || service.get(&format!("/api/v1/signup-keys/{}", seller.key)).await.status() == 200).await;
    assert_eq!(service.sign_up(&seller.key, "other@example.org").await.0, 201);
}

async fn a_token_is_refused_while_its_revocation_is_parked(service: Service) {
    static TOKEN: Sql = Sql::new("SELECT id FROM api_tokens");
    assert_eq!(service.call("GET", "/api/v1/customers").await.0, 200);
    let token_id = service.database.row(&TOKEN, &[]).await.unwrap().unwrap().uuid("id").unwrap();
    let (stream, revoked) = (format!("token-{token_id}"), ApiTokenRevoked { token_id });
    let data = serde_json::to_string(&revoked).unwrap();
    let position = service.agents.append_broken(vec![event(stream.clone(), revoked)]).await;
    until(async || service.call("GET", "/api/v1/customers").await.0 == 503).await;

    let whole = format!("\"data\":{data}");
    service.database.execute(&MEND, &[whole.into(), position.into()]).await.unwrap();
    assert_eq!(maintenance::retry(&service.database, maintenance::PROJECTION, &stream).await.unwrap(), 1);
    assert_eq!(service.call("GET", "/api/v1/customers").await.0, 401);
}

async fn a_token_is_refused_while_the_projection_is_halted(service: Service) {
    // The stored hash differs from the log's, so the projector does not lift the halt.
    static HALT: Sql = Sql::new("UPDATE checkpoints SET hash = $1, halted = 'for a test' WHERE projection = 'keys'");
    assert_eq!(service.call("GET", "/api/v1/customers").await.0, 200);
    service.database.execute(&HALT, &[[7; 32].into()]).await.unwrap();
    assert_eq!(service.call("GET", "/api/v1/customers").await.0, 503);
}
