//! Analysis by events: campaigns, and whether their visitors signed up, were refused or only looked.

use contract::events::signup_keys::SignupKeyPaused;
use contract::events::signups::{Campaign, Channel, RefusalStage};
use contract::note::Note;
use serde_json::json;

use crate::agents::key_event;
use crate::service::{Service, signup};

harness::on_both_databases!(crate::service::Service::start: events_hold_the_facts_for_analysis);

async fn events_hold_the_facts_for_analysis(service: Service) {
    let seller = service.seller(None).await;
    let campaign = Campaign { utm_source: Some("leaflet".to_owned()), ..Campaign::default() };
    let link = format!("/signup/{}?utm_source=leaflet", seller.key);
    for _ in 0..2 {
        assert_eq!(service.get(&link).await.status(), 200);
    }
    assert_eq!(service.get(&format!("/signup/{}", seller.key)).await.status(), 200);
    let mut body = signup(&seller.key, "zoe@example.org");
    for (name, value) in [("country", "de"), ("currency", "EUR"), ("language", "de"), ("city", "Köln")] {
        body[name] = value.into();
    }
    body["campaign"] = json!({ "utm_source": "leaflet" });
    assert_eq!(service.post(&body, "once").await.0, 201);
    let paused = SignupKeyPaused { key: seller.key.clone(), agent_id: seller.agent, reason: Note::Absent };
    service.agents.append(key_event(&seller, paused)).await;
    service.refused_as(&seller.key, "paused").await;
    assert_eq!(service.get(&link).await.status(), 410);

    let signups = service.recorded().await;
    let placed = signups.placed.first().unwrap();
    let fields = [&placed.country, &placed.currency, &placed.language].map(|text| text.as_deref().unwrap());
    assert_eq!((fields, placed.channel), (["DE", "EUR", "de"], Some(Channel::Api)));
    let views = |campaign: &Campaign| -> u64 {
        signups.viewed.iter().filter(|viewed| viewed.campaign == *campaign).map(|viewed| viewed.views).sum()
    };
    assert_eq!((views(&campaign), views(&Campaign::default())), (2, 1));
    let refused = signups.refused.iter().find(|refused| refused.stage == RefusalStage::Page).unwrap();
    assert_eq!((&refused.campaign, refused.count), (&campaign, 1));
    let offer = (refused.agent_id, refused.call_plan_id, refused.group_id);
    assert_eq!(offer, (Some(seller.agent), Some(seller.plan), Some(seller.group)));
}
