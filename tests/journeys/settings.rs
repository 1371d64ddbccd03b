//! The settings under "Signup": the URL that signup URLs begin with, its warnings, and the fields of the form.

use harness::names::{Dice, person};
use harness::operator::with;
use harness::{Pair, Result, ensure, eventually, json, seconds};

harness::on_both_pairs!(a_doubtful_customer_interface_url_is_warned_about, the_operator_chooses_the_fields_of_the_form);

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
        let mut dice = Dice::new(3);
        let body = visitor.body(&key.id, &person(&mut dice, replica));
        let without = visitor.api.post("/api/v1/signups").json(&body);
        let problem = without.refused(422, "validation").await?;
        ensure!(harness::api::field_errors(&problem)[0].0 == "phone", "{problem}");
        let complete = with(body, json!({"phone": "+49 30 1234567"}));
        eventually(seconds(2), async || visitor.api.post("/api/v1/signups").json(&complete).expect(201).await).await?;
    }
    Ok(())
}
