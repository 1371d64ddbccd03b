//! Page views: each is counted once and recorded in the log, also at a clean shutdown.

use contract::events::signups::Channel;
use signup_service::maintenance;

use crate::agents::Seller;
use crate::pages::{fields, send};
use crate::service::Service;
use harness::until;

harness::on_both_databases!(crate::service::Service::start:
    a_shown_page_is_counted_once_and_recorded_once,
    a_fetch_without_a_reader_is_no_view,
    each_placement_names_its_channel,
    a_clean_shutdown_records_the_counted_views,
    counts_that_a_halted_log_refuses_are_recorded_after_the_repair,
);

async fn look(service: &Service, seller: &Seller, times: usize) {
    for _ in 0..times {
        assert_eq!(service.get(&format!("/signup/{}", seller.key.to_lowercase())).await.status(), 200);
    }
}

async fn record(service: &Service) {
    service.app.counts.record(&service.app.writer).await;
}

async fn a_shown_page_is_counted_once_and_recorded_once(service: Service) {
    let (seller, other) = (service.seller(None).await, service.seller(None).await);
    record(&service).await;
    look(&service, &seller, 3).await;
    look(&service, &other, 1).await;
    for _ in 0..2 {
        record(&service).await;
    }
    look(&service, &seller, 2).await;
    record(&service).await;
    let viewed = service.signups().await.viewed;
    let views = |seller: &Seller| {
        let of_seller = viewed.iter().filter(|viewed| viewed.key == seller.key);
        assert!(of_seller.clone().all(|viewed| viewed.agent_id == seller.agent && viewed.group_id == seller.group));
        of_seller.map(|viewed| viewed.views).collect::<Vec<_>>()
    };
    assert_eq!((views(&seller), views(&other)), (vec![3, 2], vec![1]));
    assert_eq!(maintenance::check(&service.database, &service.log).await.unwrap(), Vec::<String>::new());
}

async fn a_fetch_without_a_reader_is_no_view(service: Service) {
    let seller = service.seller(None).await;
    let path = format!("/signup/{}", seller.key);
    for _ in 0..3 {
        assert_eq!(service.request("HEAD", &path).send().await.unwrap().status(), 200);
    }
    for (name, value) in [
        ("Sec-Purpose", "prefetch;prerender"),
        ("Purpose", "prefetch"),
        ("X-Moz", "prefetch"),
        ("User-Agent", "Twitterbot/1.0"),
        ("User-Agent", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"),
        ("User-Agent", "WhatsApp/2.23.20.0"),
    ] {
        assert_eq!(service.request("GET", &path).header(name, value).send().await.unwrap().status(), 200);
    }
    look(&service, &seller, 1).await;
    service.get(&format!("/api/v1/signup-keys/{}", seller.key)).await;
    service.get("/signup/NOSUCHKEY000").await;
    record(&service).await;
    let viewed = service.signups().await.viewed;
    assert_eq!(viewed.iter().map(|viewed| (viewed.views, viewed.automated)).collect::<Vec<_>>(), [(1, 9)]);
}

async fn each_placement_names_its_channel(service: Service) {
    let seller = service.seller(None).await;
    assert_eq!(service.sign_up(&seller.key, "api@example.org").await.0, 201);
    assert_eq!(send(&service, &seller.key, &fields("one", "page@example.org")).await.0, 200);
    let framed = format!("{}?embed=1", seller.key);
    assert_eq!(send(&service, &framed, &fields("two", "frame@example.org")).await.0, 200);
    let channels: Vec<_> = service.signups().await.placed.iter().map(|placed| placed.channel.unwrap()).collect();
    assert_eq!(channels, [Channel::Api, Channel::Page, Channel::Frame]);
}

async fn a_clean_shutdown_records_the_counted_views(mut service: Service) {
    let seller = service.seller(None).await;
    look(&service, &seller, 4).await;
    service.ends().await;
    until(async || service.signups().await.viewed.iter().map(|viewed| viewed.views).sum::<u64>() == 4).await;
}

async fn counts_that_a_halted_log_refuses_are_recorded_after_the_repair(service: Service) {
    let seller = service.seller(None).await;
    service.log.halt("for a test").await.unwrap();
    look(&service, &seller, 3).await;
    for _ in 0..2 {
        record(&service).await;
    }
    assert!(service.signups().await.viewed.is_empty());
    service.log.resume().await.unwrap();
    record(&service).await;
    assert_eq!(service.signups().await.viewed.iter().map(|viewed| viewed.views).collect::<Vec<_>>(), [3]);
}
