//! The committed OpenAPI document equals the service's.

use crate::office::BackOffice;
use harness::databases::sqlite_url;

#[tokio::test]
async fn the_committed_openapi_document_is_current() {
    let office = BackOffice::open(sqlite_url()).await;
    let served = office.send("GET", "/api/openapi.json", &[], Vec::new()).await.expect(200);
    let text = format!("{served:#}\n");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    if std::env::var_os("UPDATE_CONTRACTS").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == text, "openapi.json is stale: run the tests with UPDATE_CONTRACTS=1 and look at the change");
}
