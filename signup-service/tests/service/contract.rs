//! The committed OpenAPI document equals the service's. `UPDATE_CONTRACTS=1` rewrites it.

use serde_json::Value;

use crate::service::Service;
use harness::databases::sqlite_url;

#[tokio::test(flavor = "multi_thread")]
async fn the_committed_description_of_the_api_is_that_of_the_code() {
    let service = Service::start(sqlite_url()).await;
    let document: Value = service.get("/api/openapi.json").await.json().await.unwrap();
    let text = format!("{}\n", serde_json::to_string_pretty(&document).unwrap());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    if std::env::var("UPDATE_CONTRACTS").is_ok() {
        std::fs::write(path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == text, "openapi.json is not current: run the tests with UPDATE_CONTRACTS=1");
}
