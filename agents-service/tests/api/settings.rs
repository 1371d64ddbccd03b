//! The settings of the public pages: their look, and who may show them in a frame.

use agents_service::maintenance;
use contract::ids::new_id;
use harness::operator::PASSWORD;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::office::{BackOffice, faults};
use crate::signups::{Seller, Signups, placed};

harness::on_both_databases!(crate::office::BackOffice::open:
    the_branding_is_changed_part_by_part_and_shown,
    harmful_branding_and_origins_are_refused,
    the_terms_are_given_in_several_languages,
    a_changed_text_takes_unchanged_translations_away_on_the_page,
    the_mask_of_customers_has_three_values,
    a_challenge_before_signups_is_switched_by_api_and_page,
    an_agent_who_may_see_numbers_only_sees_no_name,
    the_customer_interface_url_holds_no_secret,
    an_address_inside_is_checked_after_a_warning_and_a_confirmation,
    a_key_comes_with_a_snippet_for_the_agents_page,
);

/// One black pixel.
pub const LOGO: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==";

async fn the_branding_is_changed_part_by_part_and_shown(office: BackOffice) {
    let put = async |body: Value| office.call("PUT", "/settings", &[], &body).await.expect(200);
    put(json!({ "branding": { "name": " Harbour ", "colour": "#FFD400", "logo": LOGO } })).await;
    put(json!({ "frame_origins": ["https://Shop.example/", "https://b.example:8443", "https://shop.example"] })).await;
    put(json!({ "branding": { "logo": "" } })).await;
    let settings = office.get("/settings").await;
    assert_eq!(settings["branding"], json!({ "name": "Harbour", "colour": "#ffd400", "logo": "" }));
    assert_eq!(settings["frame_origins"], json!(["https://shop.example", "https://b.example:8443"]));
    let cleared = put(json!({ "frame_origins": [], "branding": { "colour": "" } })).await;
    assert_eq!(cleared["branding"], json!({ "name": "Harbour", "colour": "", "logo": "" }));
    assert_eq!(cleared["frame_origins"], json!([]));
    assert!(cleared["terms"]["text"].as_str().is_some_and(|text| !text.is_empty()));
}

async fn harmful_branding_and_origins_are_refused(office: BackOffice) {
    let body = json!({
        "branding": { "name": "a\nb", "colour": "red;} body {", "logo": "PHN2Zz48L3N2Zz4=", "font": "x" },
        "frame_origins": ["https://a.example", "*", "https://b.example; script-src *"],
    });
    let problem = office.call("PUT", "/settings", &[], &body).await.expect(422);
    assert_eq!(
        faults(&problem),
        [
            ("branding.colour", "invalid"),
            ("branding.font", "unknown_field"),
            ("branding.logo", "invalid"),
            ("branding.name", "control_character"),
            ("frame_origins.1", "invalid"),
            ("frame_origins.2", "invalid"),
        ]
    );
    let many: Vec<String> = (0..31).map(|number| format!("https://{number}.example")).collect();
    let problem = office.call("PUT", "/settings", &[], &json!({ "frame_origins": many })).await.expect(422);
    assert_eq!(faults(&problem), [("frame_origins", "too_many")]);
}

async fn the_mask_of_customers_has_three_values(office: BackOffice) {
    let put = async |mask: &str| office.call("PUT", "/settings", &[], &json!({ "customer_mask": mask })).await;
    assert_eq!(office.get("/settings").await["customer_mask"], "initials");
    for mask in ["full", "number_only", "initials"] {
        assert_eq!(put(mask).await.expect(200)["customer_mask"], mask);
        assert_eq!(office.get("/settings").await["customer_mask"], mask);
    }
    assert_eq!(faults(&put("everything").await.expect(422)), [("customer_mask", "unknown_value")]);
    put("full").await.expect(200);
    office.call("PUT", "/settings", &[], &json!({ "frame_origins": [] })).await.expect(200);
    assert_eq!(office.get("/settings").await["customer_mask"], "full");
    let (database, log) = maintenance::open(&office.settings).await.unwrap();
    let faults = maintenance::compare(&database, maintenance::ProjectionName::Directory, &log, |_| ()).await.unwrap();
    assert_eq!(faults, Vec::<String>::new());
}

async fn a_challenge_before_signups_is_switched_by_api_and_page(office: BackOffice) {
    let put = async |setting: &str| office.call("PUT", "/settings", &[], &json!({ "signup_challenge": setting })).await;
    assert_eq!(office.get("/settings").await["signup_challenge"], "never");
    for setting in ["always", "bursts"] {
        assert_eq!(put(setting).await.expect(200)["signup_challenge"], setting);
        assert_eq!(office.get("/settings").await["signup_challenge"], setting);
    }
    assert_eq!(faults(&put("sometimes").await.expect(422)), [("signup_challenge", "unknown_value")]);
    // Other settings leave it as it is.
    office.call("PUT", "/settings", &[], &json!({ "frame_origins": [] })).await.expect(200);
    let (database, log) = maintenance::open(&office.settings).await.unwrap();
    let faults = maintenance::compare(&database, maintenance::ProjectionName::Directory, &log, |_| ()).await.unwrap();
    assert_eq!(faults, Vec::<String>::new());
    let mut browser = Browser::new(&office);
    browser.sign_in("/sign-in", "operator", PASSWORD).await;
    let page = browser.page("/settings").await;
    let chosen = "<option value=\"bursts\" dir=\"auto\" selected>While signups come in bursts</option>";
    assert!(page.contains(chosen) && page.contains("A burst is 30 signups a minute"), "{page}");
    let terms = office.get("/settings").await["terms"].clone();
    let (version, text) = (terms["version"].as_str().unwrap(), terms["text"].as_str().unwrap());
    let sent = [("signup_challenge", "always"), ("hold_days", "3"), ("terms.version", version), ("terms.text", text)];
    assert_eq!(browser.fill("/settings", &sent).await.status, 303);
    assert_eq!(office.get("/settings").await["signup_challenge"], "always");
}

async fn an_agent_who_may_see_numbers_only_sees_no_name(office: BackOffice) {
    let anna_id = office.agent("anna").await;
    let signups = Signups::new().await;
    let anna = Seller { agent_id: anna_id.parse().unwrap(), ..Seller::new("annas-key") };
    let events = vec![
        placed(&anna, new_id(), "10000000001", None),
        placed(&Seller::new("other"), new_id(), "20000000002", None),
    ];
    let position = signups.append(events).await;
    let office = office.following(&signups).await;
    office.get(&format!("/sales?at_least={position}")).await;
    let mut browser = Browser::new(&office);
    browser.sign_in("/portal/sign-in", "anna", PASSWORD).await;
    // Customers' data is not configured, so it cannot be shown.
    assert_eq!(browser.get("/portal/customers").await.status, 409);
    office.call("PUT", "/settings", &[], &json!({ "customer_mask": "number_only" })).await.expect(200);
    let page = browser.page("/portal/customers").await;
    assert!(page.contains("10000000001") && !page.contains("20000000002"), "{page}");
    assert!(!page.contains(">Name<") && !page.contains(">E-mail<"), "{page}");
}

async fn a_key_comes_with_a_snippet_for_the_agents_page(office: BackOffice) {
    let body = office.ready_to_add_a_key("anna").await;
    office
        .call("PUT", "/settings", &[], &json!({ "customer_interface_url": "https://my.example.com" }))
        .await
        .expect(200);
    let added = office.post("/signup-keys", &body).await.expect(201);
    let url = format!("<iframe src=\"{}?embed=1\"", added["url"].as_str().unwrap());
    assert!(added["frame_snippet"].as_str().unwrap().starts_with(&url));
    let shown = office.get(&format!("/signup-keys/{}", added["key"].as_str().unwrap())).await;
    assert_eq!(shown["frame_snippet"], added["frame_snippet"]);
}

async fn the_customer_interface_url_holds_no_secret(office: BackOffice) {
    for url in ["https://admin:hunter22@my.example.com", "https://my.example.com/?token=x", "https://my.example.com/#x"]
    {
        let problem = office.call("PUT", "/settings", &[], &json!({ "customer_interface_url": url })).await.expect(422);
        assert_eq!(faults(&problem), [("customer_interface_url", "invalid")]);
        assert!(!problem.to_string().contains("hunter22"));
    }
    let doubled = json!({ "customer_interface_url": "https://my.example.com/signup" });
    let reply = office.call("PUT", "/settings", &[], &doubled).await.expect(200);
    assert!(reply["warnings"].to_string().contains("every signup URL adds it"), "{reply}");
}

async fn an_address_inside_is_checked_after_a_warning_and_a_confirmation(office: BackOffice) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let set = async |url: &str| {
        let body = json!({ "customer_interface_url": url });
        office.call("PUT", "/settings", &[], &body).await.expect(200);
    };
    set(&url).await;
    let mut operator = Browser::new(&office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    let warning = operator.page("/settings/check").await;
    assert!(warning.contains("inside a private network") && warning.contains("Check it all the same"), "{warning}");
    let nobody = tokio::time::timeout(std::time::Duration::from_millis(200), listener.accept()).await;
    assert!(nobody.is_err(), "it was called without a confirmation");
    drop(listener);
    let reply = operator.send("/settings/check", &warning, &[]).await;
    assert!(reply.text.contains("no connection is made"), "{}", reply.text);
    // The confirmation is valid only for the URL of the warning.
    set("http://127.0.0.1:9").await;
    let again = operator.send("/settings/check", &warning, &[]).await;
    assert!(again.text.contains("Check it all the same"), "{}", again.text);
}

async fn the_terms_are_given_in_several_languages(office: BackOffice) {
    let put = async |terms: Value| office.call("PUT", "/settings", &[], &json!({ "terms": terms })).await;
    let first = office.get("/settings").await["terms"].clone();
    assert_eq!((&first["language"], first["translations"].as_object().unwrap().len()), (&json!("en"), 5));
    let given = json!({ "version": "2", "text": "Be kind.", "language": "EN-gb",
        "translations": { "de": "Seid nett.", "ar": "" } });
    let settings = put(given).await.expect(200);
    let kept =
        json!({ "version": "2", "text": "Be kind.", "language": "en-GB", "translations": { "de": "Seid nett." } });
    assert_eq!(settings["terms"], kept);
    assert_eq!(office.get("/settings").await["terms"], kept);
    let wrong = json!({ "version": "3", "text": "x".repeat(50_000), "language": "no way",
        "translations": { "xx": "y", "de": "€".repeat(50_000), "es": "y".repeat(10_000), "fr": "z".repeat(50_001) } });
    let problem = put(wrong).await.expect(422);
    let expected = [
        ("terms.language", "unknown_value"),
        ("terms.text", "too_long"),
        ("terms.translations.fr", "too_long"),
        ("terms.translations.xx", "unknown_value"),
    ];
    assert_eq!(faults(&problem), expected);
    // Translations of an older text would state something else.
    let settings = put(json!({ "version": "3", "text": "Be kinder." })).await.expect(200);
    assert_eq!(settings["terms"], json!({ "version": "3", "text": "Be kinder." }));
}

async fn a_changed_text_takes_unchanged_translations_away_on_the_page(office: BackOffice) {
    let terms = json!({ "version": "2", "text": "Be kind.\nAlways.", "language": "en",
        "translations": { "de": "Seid nett.\nImmer.", "fr": "Soyez gentils." } });
    office.call("PUT", "/settings", &[], &json!({ "terms": terms })).await.expect(200);
    let mut browser = Browser::new(&office);
    browser.sign_in("/sign-in", "operator", PASSWORD).await;
    let page = browser.page("/settings").await;
    assert!(page.contains("Soyez gentils.") && page.contains("The terms in Arabic"), "{page}");
    let shown = [
        ("terms.version", "2"),
        ("terms.text", "Be kind.\r\nAlways."),
        ("terms.language", "en"),
        ("terms.translations.de", "Seid nett.\r\nImmer."),
        ("terms.translations.fr", "Soyez gentils."),
        ("terms.translations.ar", ""),
        ("hold_days", "3"),
    ];
    assert_eq!(browser.fill("/settings", &shown).await.status, 303);
    let kept = office.get("/settings").await["terms"].clone();
    assert_eq!(kept["translations"].as_object().unwrap().len(), 2, "{kept}");
    let mut changed = shown;
    changed[0].1 = "3";
    changed[1].1 = "Be kinder.";
    changed[4].1 = "Soyez plus gentils.";
    assert_eq!(browser.fill("/settings", &changed).await.status, 303);
    let expected = json!({ "version": "3", "text": "Be kinder.", "language": "en",
        "translations": { "fr": "Soyez plus gentils." } });
    assert_eq!(office.get("/settings").await["terms"], expected);
}
