//! Page views: each counted once, told to the log, and none of them lost when the service ends in order.

use signup_service::operate;

use crate::agents::Seller;
use crate::service::{Service, eventually};

crate::on_both!(
    a_shown_page_is_counted_once_and_told_once,
    what_nobody_looks_at_is_no_view,
    the_end_of_the_service_tells_what_was_counted,
    what_a_halted_log_does_not_take_is_told_when_it_is_repaired,
);

async fn look(service: &Service, seller: &Seller, times: usize) {
    for _ in 0..times {
        assert_eq!(service.get(&format!("/signup/{}", seller.key.to_lowercase())).await.status(), 200);
    }
}

async fn tell(service: &Service) {
    service.app.page_views.tell(&service.app.writer).await;
}

async fn a_shown_page_is_counted_once_and_told_once(service: Service) {
    let (seller, other) = (service.seller(None).await, service.seller(None).await);
    tell(&service).await;
    look(&service, &seller, 3).await;
    look(&service, &other, 1).await;
    for _ in 0..2 {
        tell(&service).await;
    }
    look(&service, &seller, 2).await;
    tell(&service).await;
    let viewed = service.signups().await.viewed;
    let views = |seller: &Seller| {
        let of_seller = viewed.iter().filter(|viewed| viewed.key == seller.key);
        assert!(of_seller.clone().all(|viewed| viewed.agent_id == seller.agent && viewed.group_id == seller.group));
        of_seller.map(|viewed| viewed.views).collect::<Vec<_>>()
    };
    assert_eq!((views(&seller), views(&other)), (vec![3, 2], vec![1]));
    assert_eq!(operate::check(&service.database, &service.log).await.unwrap(), Vec::<String>::new());
}

async fn what_nobody_looks_at_is_no_view(service: Service) {
    let seller = service.seller(None).await;
    let path = format!("/signup/{}", seller.key);
    assert_eq!(service.request("HEAD", &path).send().await.unwrap().status(), 200);
    for purpose in ["prefetch", "prefetch;prerender"] {
        service.request("GET", &path).header("Sec-Purpose", purpose).send().await.unwrap();
    }
    service.get(&format!("/api/v1/signup-keys/{}", seller.key)).await;
    service.get("/signup/NOSUCHKEY000").await;
    tell(&service).await;
    assert!(service.signups().await.viewed.is_empty());
}

async fn the_end_of_the_service_tells_what_was_counted(mut service: Service) {
    let seller = service.seller(None).await;
    look(&service, &seller, 4).await;
    service.ends().await;
    eventually(async || service.signups().await.viewed.iter().map(|viewed| viewed.views).sum::<u64>() == 4).await;
}

async fn what_a_halted_log_does_not_take_is_told_when_it_is_repaired(service: Service) {
    let seller = service.seller(None).await;
    service.log.halt("for a test").await.unwrap();
    look(&service, &seller, 3).await;
    for _ in 0..2 {
        tell(&service).await;
    }
    assert!(service.signups().await.viewed.is_empty());
    service.log.resume().await.unwrap();
    tell(&service).await;
    assert_eq!(service.signups().await.viewed.iter().map(|viewed| viewed.views).collect::<Vec<_>>(), [3]);
}
