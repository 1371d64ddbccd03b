//! The portal's material: texts with the agent's own URL, the company's logo and name, and the code for a web page.

use harness::operator::{PASSWORD, agent_body};
use serde_json::json;

use crate::browser::Browser;
use crate::office::{BackOffice, id};

harness::on_both_databases!(crate::office::BackOffice::open:
    an_agent_finds_texts_with_their_url_in_every_language,
    an_agent_without_a_usable_url_is_told_what_to_do,
);

/// One black pixel.
const LOGO: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==";

async fn agent_at<'a>(office: &'a BackOffice, login: &str) -> Browser<'a> {
    let mut browser = Browser::new(office);
    assert_eq!(browser.sign_in("/portal/sign-in", login, PASSWORD).await.status, 303);
    browser
}

async fn an_agent_finds_texts_with_their_url_in_every_language(office: BackOffice) {
    let mut body = office.ready_to_add_a_key("anna").await;
    (body["slug"], body["label"]) = ("harbour".into(), "Shop window".into());
    office.post("/signup-keys", &body).await.expect(201);
    (body["slug"], body["label"]) = ("station".into(), "".into());
    office.post("/signup-keys", &body).await.expect(201);
    let mut other = office.ready_to_add_a_key("berta").await;
    other["slug"] = "foreign".into();
    office.post("/signup-keys", &other).await.expect(201);
    let look = json!({ "customer_interface_url": "https://my.example.com", "frame_origins": ["https://anna.example"],
        "branding": { "name": "Harbour Telecom", "logo": LOGO } });
    office.call("PUT", "/settings", &[], &look).await.expect(200);
    let anna = agent_at(&office, "anna").await;
    let page = anna.page("/portal/material").await;
    for language in ["en", "es", "fr", "de", "pt", "ar"] {
        let url = format!("https://my.example.com/signup/harbour?lang={language}");
        assert!(page.matches(&url).count() >= 3, "{url}: {page}");
    }
    for part in [
        "data-copy=\"Sign up with Harbour Telecom here:",
        "dir=\"rtl\"",
        "src=\"/assets/logo-",
        "https://anna.example",
        "?embed=1",
        "Shop window (harbour)",
        "Copy the code",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("foreign"), "{page}");
    let chosen = anna.page("/portal/material?key=station").await;
    assert!(chosen.contains("<option value=\"station\" dir=\"auto\" selected>station</option>"), "{chosen}");
    assert!(chosen.contains("/signup/station?lang=en"), "{chosen}");
    assert_eq!(anna.get("/portal/material?key=foreign").await.status, 404);
    office.post("/signup-keys/station/pause", &json!({})).await.expect(200);
    let paused = anna.page("/portal/material?key=station").await;
    assert!(paused.contains("Visitors cannot sign up through this URL now"), "{paused}");
    let overview = anna.page("/portal").await;
    assert!(overview.contains("href=\"/portal/material?key=harbour\""), "{overview}");
}

async fn an_agent_without_a_usable_url_is_told_what_to_do(office: BackOffice) {
    id(&office.post("/agents", &agent_body("anna")).await.expect(201));
    let page = agent_at(&office, "anna").await.page("/portal/material").await;
    assert!(page.contains("Add a URL key first") && page.contains("href=\"/portal/signup-keys/new\""), "{page}");
}
