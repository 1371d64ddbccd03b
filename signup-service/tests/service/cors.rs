//! Scripts of agents' sites and the public API.

use contract::events::agents::Branding;

use crate::faces::change_settings;
use crate::service::Service;

harness::on_both_databases!(crate::service::Service::start:
    scripts_of_allowed_sites_may_use_the_public_api_and_no_other,
);

const SITE: &str = "https://anna.example";

async fn allowed(service: &Service, method: &str, path: &str, origin: &str) -> Option<String> {
    let call = service.request(method, path).header("origin", origin);
    let call = call
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type,idempotency-key,signpost-solution");
    let answer = call.send().await.unwrap();
    let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_lowercase());
    if method == "OPTIONS" && header("access-control-allow-origin").is_some() {
        assert_eq!(answer.status(), 200);
        for sent in ["content-type", "idempotency-key", "signpost-solution"] {
            assert!(header("access-control-allow-headers").unwrap().contains(sent), "{sent}");
        }
        assert!(!header("access-control-allow-headers").unwrap().contains("authorization"));
    }
    header("access-control-allow-origin")
}

async fn scripts_of_allowed_sites_may_use_the_public_api_and_no_other(service: Service) {
    let seller = service.seller(None).await;
    let key = format!("/api/v1/signup-keys/{}", seller.key);
    assert_eq!(allowed(&service, "GET", &key, SITE).await, None, "no site is allowed by default");
    change_settings(&service, Branding::default(), &[SITE]).await;
    for (method, path) in [("GET", key.as_str()), ("OPTIONS", "/api/v1/signups"), ("POST", "/api/v1/signups")] {
        assert_eq!(allowed(&service, method, path, SITE).await.as_deref(), Some(SITE), "{method} {path}");
        assert_eq!(allowed(&service, method, path, "https://other.example").await, None, "{method} {path}");
    }
    // Errors can be read, too.
    assert_eq!(allowed(&service, "GET", "/api/v1/signup-keys/nosuchkey000", SITE).await.as_deref(), Some(SITE));
    for path in ["/api/v1/customers", "/api/v1/events", &format!("/signup/{}", seller.key)] {
        assert_eq!(allowed(&service, "GET", path, SITE).await, None, "{path}");
        assert_eq!(allowed(&service, "OPTIONS", path, SITE).await, None, "{path}");
    }
}
