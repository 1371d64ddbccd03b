//! The settings under "Signup": the base of signup URLs, its warnings, the fields of the form, its look, and who may
//! show it in a frame.

use harness::names::{Rng, person};
use harness::operator::with;
use harness::{Pair, Result, ensure, eventually, json, seconds};

harness::on_both_pairs!(
    a_doubtful_customer_interface_url_is_warned_about,
    the_operator_chooses_the_fields_of_the_form,
    the_page_has_the_operators_theme_and_may_be_framed_by_allowed_origins,
);

/// One black pixel.
const LOGO: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==";

async fn a_doubtful_customer_interface_url_is_warned_about(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let doubtful = [
        "http://localhost",
        "https://localhost/",
        "http://127.0.0.1:8080",
        "https://[::1]",
        "https://10.1.2.3",
        "https://192.168.0.7/customer",
        "http://my.telecom.example",
    ];
    for url in doubtful {
        let settings = operator.change_settings(&json!({"customer_interface_url": url})).await?.json()?;
        ensure!(settings["warnings"].as_array().is_some_and(|warnings| !warnings.is_empty()), "no warning: {settings}");
    }
    let sound = operator.change_settings(&json!({"customer_interface_url": "https://my.telecom.example/c/"})).await?;
    ensure!(sound.json()?["warnings"] == json!([]), "{sound}");
    let seller = operator.add_seller().await?;
    let key = operator.add_key(&seller).await?;
    ensure!(key.body["url"] == format!("https://my.telecom.example/c/signup/{}", key.id), "{:?}", key.body);
    Ok(())
}

async fn the_operator_chooses_the_fields_of_the_form(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let seller = operator.add_seller().await?;
    let key = operator.add_key(&seller).await?;
    let rules = json!({"signup_fields": {"phone": "required", "vat_number": "hidden"}});
    let position = operator.change_settings(&rules).await?.position()?;
    for replica in 0..pair.replicas() {
        let visitor = pair.signup(replica);
        visitor.lookup_at(&key.id, position).await?.expect(200)?;
        let page = visitor.page(&key.id).await?.expect(200)?.text();
        ensure!(page.contains("name=\"phone\"") && !page.contains("name=\"vat_number\""), "another form: {page}");
        let mut rng = Rng::new(3);
        let body = visitor.body(&key.id, &person(&mut rng, replica));
        let without = visitor.api.post("/api/v1/signups").json(&body);
        let problem = without.refused(422, "validation").await?;
        ensure!(harness::api::field_errors(&problem)[0].0 == "phone", "{problem}");
        let complete = with(body, json!({"phone": "+49 30 1234567"}));
        eventually(seconds(2), async || visitor.api.post("/api/v1/signups").json(&complete).expect(201).await).await?;
    }
    Ok(())
}

async fn the_page_has_the_operators_theme_and_may_be_framed_by_allowed_origins(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let seller = operator.add_seller().await?;
    let key = operator.add_key(&seller).await?;
    ensure!(key.body["frame_snippet"].as_str().is_some_and(|text| text.contains("?embed=1")), "{:?}", key.body);
    let look = json!({
        "branding": {"name": "Harbour & Sons", "colour": "#FFD400", "logo": LOGO},
        "frame_origins": ["https://shop.example"],
    });
    let position = operator.change_settings(&look).await?.position()?;
    for replica in 0..pair.replicas() {
        let visitor = pair.signup(replica);
        visitor.lookup_at(&key.id, position).await?.expect(200)?;
        let path = format!("/signup/{}?lang=ar&embed=", key.id);
        let page = visitor.api.get(&format!("{path}0")).send().await?.expect(200)?;
        for part in ["<html lang=\"ar\" dir=\"rtl\">", "Harbour &#38; Sons", "colour-ffd400.css"] {
            ensure!(page.text().contains(part), "no {part}: {page}");
        }
        ensure!(page.header("content-security-policy").ends_with("frame-ancestors 'none'"), "{page}");
        let logo =
            page.text().split('"').find(|part| part.starts_with("/signup/assets/logo-")).unwrap_or_default().to_owned();
        visitor.api.get(&logo).send().await?.expect(200)?;
        let framed = visitor.api.get(&format!("{path}1")).send().await?.expect(200)?;
        ensure!(framed.header("content-security-policy").ends_with("frame-ancestors https://shop.example"), "{framed}");
    }
    Ok(())
}
