//! The settings of the public pages: how they look, and whose pages may show them in a frame.

use serde_json::{Value, json};

use crate::office::{Office, faults};

crate::on_both!(
    the_branding_is_changed_part_by_part_and_shown,
    what_could_harm_a_page_is_no_branding_and_no_origin,
    a_key_comes_with_a_snippet_for_the_agents_page,
);

/// One black pixel.
const LOGO: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==";

async fn the_branding_is_changed_part_by_part_and_shown(office: Office) {
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

async fn what_could_harm_a_page_is_no_branding_and_no_origin(office: Office) {
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

async fn a_key_comes_with_a_snippet_for_the_agents_page(office: Office) {
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
