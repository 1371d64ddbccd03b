//! Placing customers: the facts of a placement, caps, repetitions, known addresses.

use contract::events::agents::AgentChanged;
use contract::events::signup_keys::SignupKeyRevoked;
use contract::events::signups::{RefusalReason, RefusalStage};
use contract::note::Note;
use futures::future::join_all;
use serde_json::json;
use signup_service::maintenance;

use crate::agents::{agent_event, key_event, terms};
use crate::service::{Service, signup};

harness::on_both_databases!(crate::service::Service::start:
    a_placement_carries_everything_as_it_was,
    a_cap_is_counted_exactly_under_concurrency,
    a_repetition_gives_the_first_answer_and_one_customer,
    the_same_key_for_another_signup_is_refused,
    a_known_address_gets_an_answer_that_looks_the_same,
    one_address_in_one_instant_is_placed_once,
    a_refused_signup_is_in_the_log,
    no_placement_is_decided_behind_a_revocation,
);

async fn a_placement_carries_everything_as_it_was(service: Service) {
    let seller = service.seller(None).await;
    let mut body = signup(&seller.key.to_lowercase(), "zoe@example.org");
    body["campaign"] = json!({ "utm_source": "newsletter", "sub_id": "7" });
    let (status, answer) = service.post(&body, "first").await;
    assert_eq!(status, 201, "{answer}");
    assert_eq!(answer["placement"]["key"], json!(seller.key));
    service.agents.append(agent_event(&seller, AgentChanged { agent_id: seller.agent, terms: terms("Other") })).await;

    let placed = &service.signups().await.placed[0];
    assert_eq!((&placed.key, placed.agent_id), (&seller.key, seller.agent));
    assert_eq!((placed.agent_name.as_str(), placed.group_name.as_str()), ("Zoë's Phones", "VoIP"));
    assert_eq!(placed.call_plan_name, "Union City");
    assert_eq!(placed.commission.basis_points(), 1_250);
    assert_eq!(placed.campaign.utm_source.as_deref(), Some("newsletter"));
    assert_eq!(placed.agents_position, 8);
    assert_eq!(json!(placed.customer_number), answer["customer_number"]);
    let position = answer["position"].as_u64().unwrap();
    assert_eq!(position, service.log.head().await.unwrap().position);
}

async fn a_cap_is_counted_exactly_under_concurrency(service: Service) {
    let seller = service.seller(Some(10)).await;
    let signups = (0..200).map(|number| {
        let (service, key) = (&service, seller.key.clone());
        async move { service.sign_up(&key, &format!("c{number}@example.org")).await }
    });
    let outcomes = join_all(signups).await;
    let placed = outcomes.iter().filter(|(status, _)| *status == 201).count();
    let exhausted = outcomes.iter().filter(|(_, body)| body["reason"] == "exhausted").count();
    assert_eq!((placed, exhausted), (10, 190));
    let signups = service.recorded().await;
    assert_eq!((signups.placed.len(), signups.refused.iter().map(|refused| refused.count).sum()), (10, 190_u64));
    service.refused_as(&seller.key, "exhausted").await;
    assert_eq!(maintenance::check(&service.database, &service.log).await.unwrap(), Vec::<String>::new());
}

async fn a_repetition_gives_the_first_answer_and_one_customer(service: Service) {
    let seller = service.seller(Some(1)).await;
    let body = signup(&seller.key, "zoe@example.org");
    let first = service.post(&body, "once").await;
    let call = service.request("POST", "/api/v1/signups").header("Idempotency-Key", "once").json(&body);
    let again = call.send().await.unwrap();
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    let again = (again.status().as_u16(), again.json().await.unwrap());
    assert_eq!(first, again);
    assert_eq!(service.signups().await.placed.len(), 1);
}

async fn the_same_key_for_another_signup_is_refused(service: Service) {
    let seller = service.seller(None).await;
    service.post(&signup(&seller.key, "one@example.org"), "once").await;
    let (status, problem) = service.post(&signup(&seller.key, "two@example.org"), "once").await;
    assert_eq!((status, &problem["type"]), (422, &json!("urn:signpost:problem:idempotency-key-reused")));
}

async fn a_known_address_gets_an_answer_that_looks_the_same(service: Service) {
    let seller = service.seller(None).await;
    let (_, first) = service.sign_up(&seller.key, "zoë@example.org").await;
    let (status, decoy) = service.sign_up(&seller.key, "ZOË@Example.org").await;
    assert_eq!(status, 201);
    assert_ne!(decoy["customer_id"], first["customer_id"]);
    assert_eq!(decoy["placement"], first["placement"]);
    assert_eq!(decoy.as_object().unwrap().len(), first.as_object().unwrap().len());
    let signups = service.signups().await;
    assert_eq!(signups.placed.len(), 1);
    assert_eq!(signups.refused[0].reason, RefusalReason::EmailKnown);
    let path = format!("/api/v1/customers/{}", decoy["customer_id"].as_str().unwrap());
    assert_eq!(service.call("GET", &path).await.0, 404);
}

async fn one_address_in_one_instant_is_placed_once(service: Service) {
    let seller = service.seller(None).await;
    let outcomes = join_all((0..20).map(|_| service.sign_up(&seller.key, "zoe@example.org"))).await;
    assert!(outcomes.iter().all(|(status, _)| *status == 201));
    let signups = service.signups().await;
    assert_eq!((signups.placed.len(), signups.refused.len()), (1, 19));
}

async fn a_refused_signup_is_in_the_log(service: Service) {
    let seller = service.seller(None).await;
    let revoked = SignupKeyRevoked { key: seller.key.clone(), agent_id: seller.agent, reason: Note::Absent };
    let position = service.agents.append(key_event(&seller, revoked)).await;
    service.refused_as(&seller.key, "revoked").await;
    let (status, problem) = service.sign_up(&seller.key, "zoe@example.org").await;
    assert_eq!((status, &problem["reason"]), (410, &json!("revoked")));
    let refused = &service.recorded().await.refused[0];
    assert_eq!((refused.agent_id, refused.stage), (Some(seller.agent), RefusalStage::Signup));
    assert_eq!((refused.reason, refused.agents_position), (RefusalReason::Revoked, position));
}

async fn no_placement_is_decided_behind_a_revocation(service: Service) {
    let seller = service.seller(None).await;
    let signups = (0..100).map(|number| {
        let (service, key) = (&service, seller.key.clone());
        async move { service.sign_up(&key, &format!("c{number}@example.org")).await }
    });
    let revoked = SignupKeyRevoked { key: seller.key.clone(), agent_id: seller.agent, reason: Note::Absent };
    let (_, position) = tokio::join!(join_all(signups), service.agents.append(key_event(&seller, revoked)));
    assert!(service.signups().await.placed.iter().all(|placed| placed.agents_position < position));
}
