//! An event that cannot be applied: its agent's keys fail closed, the others go on, and a retry mends it.

use shared::events::agents::AgentChanged;
use shared::sql::Sql;
use signup_service::operate;

use crate::agents::{agent_event, terms};
use crate::service::{Service, eventually};

static MEND: Sql = Sql::new("UPDATE parked_events SET event = REPLACE(event, '\"data\":{}', $1) WHERE position = $2");

crate::on_both!(an_event_that_cannot_be_read_closes_its_agents_keys_only);

async fn an_event_that_cannot_be_read_closes_its_agents_keys_only(service: Service) {
    let (poisoned, healthy) = (service.seller(None).await, service.seller(None).await);
    let changed = AgentChanged { agent_id: poisoned.agent, terms: terms("Mended") };
    let data = serde_json::to_string(&changed).unwrap();
    let position = service.agents.append_broken(agent_event(&poisoned, changed)).await;
    let stream = format!("agent-{}", poisoned.agent);

    eventually(async || service.get(&format!("/api/v1/signup-keys/{}", poisoned.key)).await.status() == 503).await;
    let (status, _) = service.sign_up(&poisoned.key, "zoe@example.org").await;
    assert_eq!(status, 503);
    assert_eq!(service.get(&format!("/signup/{}", poisoned.key)).await.status(), 503);
    assert_eq!(service.sign_up(&healthy.key, "zoe@example.org").await.0, 201);
    assert!(service.signups().await.refused.is_empty());

    let whole = format!("\"data\":{data}");
    service.database.execute(&MEND, &[whole.into(), position.into()]).await.unwrap();
    assert_eq!(operate::retry(&service.database, &stream).await.unwrap(), 1);
    eventually(async || {
        let answer = service.get(&format!("/api/v1/signup-keys/{}", poisoned.key)).await;
        answer.status() == 200 && answer.text().await.unwrap().contains("Mended")
    })
    .await;
    assert_eq!(service.sign_up(&poisoned.key, "other@example.org").await.0, 201);
}
