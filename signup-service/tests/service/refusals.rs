//! Refusals: each is counted, and the log gets the counts by key, reason and stage.

use contract::events::signup_keys::{SignupKeyPaused, SignupKeyResumed, SignupKeyRevoked};
use contract::events::signups::{RefusalReason, RefusalStage, SignupRefused};
use contract::note::Note;
use signup_service::refusals::counting::MAX_UNKNOWN_KEYS;

use crate::agents::key_event;
use crate::pages::{fields, send};
use crate::service::{Service, signup};
use harness::until;

harness::on_both_databases!(crate::service::Service::start:
    no_refusal_at_a_revoked_key_is_dropped_and_all_are_few_events,
    typed_texts_use_a_bounded_part_of_the_log_and_personal_ones_are_not_recorded,
    a_clean_shutdown_records_the_counted_refusals,
    a_refused_signup_is_decided_anew_when_it_is_repeated,
    an_unknown_key_is_recorded_with_the_most_similar_known_one,
);

fn counts(refused: &[SignupRefused]) -> Vec<(RefusalStage, u64)> {
    let of = |stage| refused.iter().filter(move |refused| refused.stage == stage).map(|refused| refused.count).sum();
    [RefusalStage::Page, RefusalStage::Lookup, RefusalStage::Signup].map(|stage| (stage, of(stage))).into()
}

async fn no_refusal_at_a_revoked_key_is_dropped_and_all_are_few_events(service: Service) {
    let seller = service.seller(None).await;
    service
        .agents
        .append(key_event(
            &seller,
            SignupKeyRevoked { agent_id: seller.agent, key: seller.key.clone(), reason: Note::Absent },
        ))
        .await;
    service.refused_as(&seller.key, "revoked").await;
    let before = service.log.head().await.unwrap().position;
    for _ in 0..100 {
        assert_eq!(service.get(&format!("/signup/{}", seller.key)).await.status(), 410);
    }
    for number in 0..20 {
        assert_eq!(service.get(&format!("/api/v1/signup-keys/{}", seller.key)).await.status(), 410);
        assert_eq!(service.sign_up(&seller.key, &format!("c{number}@example.org")).await.0, 410);
    }
    assert_eq!(service.log.head().await.unwrap().position, before);
    let refused = service.recorded().await.refused;
    assert_eq!(counts(&refused), [(RefusalStage::Page, 100), (RefusalStage::Lookup, 20), (RefusalStage::Signup, 20)]);
    assert!(refused.iter().all(|refused| refused.agent_id == Some(seller.agent) && refused.key == seller.key));
    assert!(refused.len() == 3 && refused.iter().all(|refused| refused.reason == RefusalReason::Revoked));
}

async fn typed_texts_use_a_bounded_part_of_the_log_and_personal_ones_are_not_recorded(service: Service) {
    service.recorded().await;
    let already = counts(&service.signups().await.unknown);
    for number in 0..50 {
        let key = format!("2345ABCDEF{number:02}");
        assert_eq!(service.get(&format!("/signup/{key}")).await.status(), 404);
        assert_eq!(service.get(&format!("/api/v1/signup-keys/{key}")).await.status(), 404);
    }
    for personal in ["zoe@example.org", "zoe-miller", "491701234567", "%FF"] {
        assert_eq!(service.get(&format!("/signup/{personal}")).await.status(), 404);
        assert_eq!(service.get(&format!("/api/v1/signup-keys/{personal}")).await.status(), 404);
        assert_eq!(send(&service, personal, &fields("once", "zoe@example.org")).await.0, 404);
        assert_eq!(service.get(&format!("/signup.php?key=..{personal}")).await.status(), 404);
    }
    assert_eq!(service.sign_up("zoe@example.org", "zoe@example.org").await.0, 404);
    let unknown = service.recorded().await.unknown;
    let expected = [(RefusalStage::Page, 58), (RefusalStage::Lookup, 54), (RefusalStage::Signup, 5)];
    let expected: Vec<_> =
        expected.iter().zip(&already).map(|((stage, count), (_, before))| (*stage, count + before)).collect();
    assert_eq!(counts(&unknown), expected);
    assert!(unknown.len() <= 2 * MAX_UNKNOWN_KEYS + 6, "{} events", unknown.len());
    for refused in unknown {
        assert!(refused.key.is_empty() || refused.key.starts_with("2345ABCDEF"), "{}", refused.key);
    }
}

async fn a_clean_shutdown_records_the_counted_refusals(mut service: Service) {
    let seller = service.seller(None).await;
    service
        .agents
        .append(key_event(
            &seller,
            SignupKeyPaused { agent_id: seller.agent, key: seller.key.clone(), reason: Note::Absent },
        ))
        .await;
    service.refused_as(&seller.key, "paused").await;
    for _ in 0..4 {
        assert_eq!(service.get(&format!("/signup/{}", seller.key)).await.status(), 410);
    }
    service.ends().await;
    until(async || service.signups().await.refused.iter().map(|refused| refused.count).sum::<u64>() == 4).await;
}

async fn a_refused_signup_is_decided_anew_when_it_is_repeated(service: Service) {
    let seller = service.seller(None).await;
    service
        .agents
        .append(key_event(
            &seller,
            SignupKeyPaused { agent_id: seller.agent, key: seller.key.clone(), reason: Note::Absent },
        ))
        .await;
    service.refused_as(&seller.key, "paused").await;
    let body = signup(&seller.key, "zoe@example.org");
    for _ in 0..2 {
        assert_eq!(service.post(&body, "once").await.0, 410);
    }
    service
        .agents
        .append(key_event(
            &seller,
            SignupKeyResumed { agent_id: seller.agent, key: seller.key.clone(), reason: Note::Absent },
        ))
        .await;
    service.usable(&seller.key).await;
    let first = service.post(&body, "once").await;
    assert_eq!((first.0, service.post(&body, "once").await), (201, first));
    let signups = service.recorded().await;
    assert_eq!((signups.placed.len(), counts(&signups.refused)[2].1), (1, 2));
}

async fn an_unknown_key_is_recorded_with_the_most_similar_known_one(service: Service) {
    let seller = service.seller(None).await;
    let (key, last) = (&seller.key, seller.key.len() - 1);
    let cut = &key[..last];
    let other = if key.ends_with('2') { '3' } else { '2' };
    for typed in [cut.to_owned(), format!("{cut}{other}"), format!("{key}-flyer"), key[..8].to_lowercase()] {
        let page = service.get(&format!("/signup/{typed}")).await;
        assert_eq!(page.status(), 404, "{typed}");
        assert!(!page.text().await.unwrap().contains(key.as_str()), "a visitor is shown the key for {typed}");
        let answer = service.get(&format!("/api/v1/signup-keys/{typed}")).await;
        assert!(!answer.text().await.unwrap().contains(key.as_str()), "a visitor sees the key for {typed}");
        let unknown = service.recorded().await.unknown;
        let of_typed: Vec<_> = unknown.iter().filter(|refused| refused.key.eq_ignore_ascii_case(&typed)).collect();
        assert_eq!(of_typed.len(), 2, "{typed}: {unknown:?}");
        assert!(of_typed.iter().all(|refused| refused.nearest_key.as_ref() == Some(key)), "{typed}: {unknown:?}");
    }
}
