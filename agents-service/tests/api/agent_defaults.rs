//! What a new agent gets where nothing else is stated: the defaults of the settings, or the terms of another agent.

use harness::operator::{PASSWORD, agent_body, with};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::office::{BackOffice, faults, id};

harness::on_both_databases!(crate::office::BackOffice::open:
    a_request_that_leaves_fields_out_gets_the_defaults,
    what_is_stated_wins_over_the_defaults,
    the_form_and_the_import_begin_with_the_defaults,
    a_role_without_a_right_adds_an_agent_with_the_defaults,
    the_settings_page_states_the_defaults,
    an_agent_is_copied_with_all_terms_and_nothing_personal,
);

/// Defaults with one call plan on offer and one that is retired; returns the plan on offer.
async fn with_defaults(office: &BackOffice) -> String {
    let (plan, retired) = (office.call_plan("World 300").await, office.call_plan("Fax").await);
    let new_agents = json!({ "commission_percent": "12.5", "hold_days": 14, "language": "de",
        "call_plan_ids": [plan, retired], "permissions": ["signup_urls", "commission"] });
    let set = office.call("PUT", "/settings", &[], &json!({ "new_agents": new_agents })).await.expect(200);
    assert_eq!(set["new_agents"], new_agents);
    office.post(&format!("/call-plans/{retired}/retire"), &Value::Null).await.expect(200);
    plan
}

/// A body with what an agent must have.
fn bare(login: &str) -> Value {
    json!({ "login": login, "password": PASSWORD, "remittance_threshold": { "amount": "50", "currency": "EUR" } })
}

async fn plans(office: &BackOffice, agent: &str) -> Vec<String> {
    let granted = office.get(&format!("/agents/{agent}/call-plans")).await;
    granted["items"].as_array().unwrap().iter().map(id).collect()
}

async fn operator(office: &BackOffice) -> Browser<'_> {
    let mut browser = Browser::new(office);
    assert_eq!(browser.sign_in("/sign-in", "operator", PASSWORD).await.status, 303);
    browser
}

async fn a_request_that_leaves_fields_out_gets_the_defaults(office: BackOffice) {
    let before = office.post("/agents", &agent_body("before")).await.expect(201);
    assert_eq!(faults(&office.post("/agents", &bare("anna")).await.expect(422)), [("permissions", "required")]);
    let plan = with_defaults(&office).await;
    let anna = office.post("/agents", &bare("anna")).await.expect(201);
    for (name, value) in [
        ("commission_percent", json!("12.5")),
        ("hold_days", json!(14)),
        ("language", json!("de")),
        ("permissions", json!(["signup_urls", "commission"])),
    ] {
        assert_eq!(anna[name], value, "{name}");
    }
    assert_eq!(plans(&office, &id(&anna)).await, [plan.clone()]);
    let lines = office.lines("/agents:batch", &[], &[bare("bert").to_string()]).await;
    assert_eq!(plans(&office, &id(&lines[0]["agent"])).await, [plan]);
    assert_eq!(office.get(&format!("/agents/{}", id(&before))).await["hold_days"], Value::Null);
}

async fn what_is_stated_wins_over_the_defaults(office: BackOffice) {
    let plan = with_defaults(&office).await;
    let stated = json!({ "commission_percent": "0", "hold_days": null, "language": "en", "permissions": ["sales"],
        "call_plan_ids": [] });
    let anna = office.post("/agents", &with(bare("anna"), stated)).await.expect(201);
    for (name, value) in
        [("commission_percent", json!("0")), ("hold_days", Value::Null), ("permissions", json!(["sales"]))]
    {
        assert_eq!(anna[name], value, "{name}");
    }
    assert_eq!((&anna["language"], plans(&office, &id(&anna)).await.len()), (&json!("en"), 0));
    let other = office.call_plan("Other").await;
    let bert = office.post("/agents", &with(bare("bert"), json!({ "call_plan_ids": [other] }))).await.expect(201);
    assert_eq!(plans(&office, &id(&bert)).await, [other]);
    office.post(&format!("/call-plans/{plan}/retire"), &Value::Null).await.expect(200);
    let refused = office.post("/agents", &with(bare("carl"), json!({ "call_plan_ids": [plan] }))).await.expect(422);
    assert_eq!(faults(&refused), [("call_plan_ids", "not_offered")]);
    let path = format!("/agents/{}", id(&anna));
    let change = office.call("PATCH", &path, &[("if-match", "*")], &json!({ "call_plan_ids": [] })).await.expect(422);
    assert_eq!(faults(&change), [("call_plan_ids", "fixed")]);
}

async fn the_form_and_the_import_begin_with_the_defaults(office: BackOffice) {
    let plan = with_defaults(&office).await;
    let operator = operator(&office).await;
    let page = operator.page("/agents/new").await;
    for part in ["value=\"12.5\"", "value=\"14\"", "value=\"de\"", "value=\"commission\" checked"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(page.contains(&format!("value=\"{plan}\" checked")) && !page.contains("value=\"sales\" checked"));
    // What the form shows is stated by it, also where it was emptied.
    let fields = [
        ("login", "anna"),
        ("password", PASSWORD),
        ("permissions[]", "sales"),
        ("remittance_threshold.amount", "50"),
        ("remittance_threshold.currency", "EUR"),
        ("hold_days", ""),
        ("commission_percent", ""),
    ];
    assert_eq!(operator.send("/agents/new", &page, &fields).await.status, 303);
    let anna = office.get("/agents?search=anna").await["items"][0].clone();
    assert_eq!((&anna["hold_days"], &anna["commission_percent"]), (&Value::Null, &json!("0")));
    assert_eq!((anna["permissions"].clone(), plans(&office, &id(&anna)).await.len()), (json!(["sales"]), 0));

    let ask = operator.page("/agents/import").await;
    assert!(ask.contains("value=\"12.5\"") && ask.contains("value=\"World 300\" checked"), "{ask}");
    let fields = [
        ("table", "login\nbert.shop\n"),
        ("permissions[]", "signup_urls"),
        ("permissions[]", "commission"),
        ("remittance_threshold.amount", "50"),
        ("remittance_threshold.currency", "EUR"),
        ("commission_percent", "12.5"),
        ("_call_plans[]", "World 300"),
    ];
    let preview = operator.send("/agents/import", &ask, &fields).await;
    assert!(preview.text.contains("1 agent is added"), "{}", preview.text);
    let added = operator.send("/agents/import", &preview.text, &[]).await;
    assert_eq!(added.status, 200, "{}", added.text);
    let bert = office.get("/agents?search=bert").await["items"][0].clone();
    assert_eq!((&bert["hold_days"], &bert["language"]), (&json!(14), &json!("de")));
    assert_eq!(plans(&office, &id(&bert)).await, [plan]);
}

async fn a_role_without_a_right_adds_an_agent_with_the_defaults(office: BackOffice) {
    with_defaults(&office).await;
    let helper = json!({ "login": "helper", "password": PASSWORD, "role": "support" });
    office.post("/operators", &helper).await.expect(201);
    let mut browser = Browser::new(&office);
    browser.sign_in("/sign-in", "helper", PASSWORD).await;
    let fields = |permission| {
        [
            ("login", "anna"),
            ("password", PASSWORD),
            ("permissions[]", permission),
            ("remittance_threshold.amount", "50"),
            ("remittance_threshold.currency", "EUR"),
        ]
    };
    assert_eq!(browser.fill("/agents/new", &fields("remittance")).await.status, 422);
    assert_eq!(browser.fill("/agents/new", &fields("commission")).await.status, 303);
    let anna = office.get("/agents?search=anna").await["items"][0].clone();
    assert_eq!(anna["permissions"], json!(["commission"]));
}

async fn the_settings_page_states_the_defaults(office: BackOffice) {
    let plan = with_defaults(&office).await;
    let operator = operator(&office).await;
    let page = operator.page("/settings").await;
    assert!(page.contains(&format!("value=\"{plan}\" checked")), "{page}");
    let fields = [
        ("terms.version", "1"),
        ("terms.text", "Terms"),
        ("new_agents.commission_percent", ""),
        ("new_agents.hold_days", "7"),
        ("new_agents.language", ""),
        ("new_agents.permissions[]", "sales"),
    ];
    let saved = operator.send("/settings", &page, &fields).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    assert_eq!(office.get("/settings").await["new_agents"], json!({ "hold_days": 7, "permissions": ["sales"] }));
    let wrong = json!({ "new_agents": { "commission_percent": "101", "hold_days": 9999, "language": "?" } });
    let refused = office.call("PUT", "/settings", &[], &wrong).await.expect(422);
    let fields: Vec<&str> = faults(&refused).iter().map(|(field, _)| *field).collect();
    assert_eq!(fields, ["new_agents.commission_percent", "new_agents.hold_days", "new_agents.language"]);
}

async fn an_agent_is_copied_with_all_terms_and_nothing_personal(office: BackOffice) {
    let plan = office.call_plan("World 300").await;
    let terms = json!({
        "commission": { "flat": { "amount": "5", "currency": "EUR" }, "per": "signup", "rate_at": "payment" },
        "remittance_threshold": null,
        "remittance_thresholds": [{ "amount": "100", "currency": "EUR" }, { "amount": "120", "currency": "USD" }],
        "permissions": ["sales"], "language": "fr", "contact": { "city": "Lyon", "phone": "+33 1 23 45 67 89" },
        "bank_details": "Cash at the counter" });
    let mut body = with(agent_body("anna"), terms);
    body.as_object_mut().unwrap().remove("remittance_threshold");
    let anna = id(&office.post("/agents", &body).await.expect(201));
    office.grant(&anna, &plan).await.expect(200);
    let operator = operator(&office).await;
    let page = operator.page(&format!("/agents/new?copy={anna}")).await;
    for part in ["beside the percentage are those of", "120.00 USD", "value=\"fr\"", "value=\"sales\" checked"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(page.contains(&format!("value=\"{plan}\" checked")), "{page}");
    for personal in ["anna\"", "Lyon", "+33 1", "Cash at"] {
        assert!(!page.contains(personal), "{personal}: {page}");
    }
    let fields = [
        ("login", "bert.shop"),
        ("password", PASSWORD),
        ("permissions[]", "sales"),
        ("remittance_threshold.amount", "80"),
        ("remittance_threshold.currency", "USD"),
        ("language", "fr"),
    ];
    // What is copied is kept while the form has faults.
    let faulty = operator.send("/agents/new", &page, &fields[..4]).await;
    assert_eq!(faulty.status, 422);
    let added = operator.send("/agents/new", &faulty.text, &fields).await;
    assert_eq!(added.status, 303, "{}", added.text);
    let bert = office.get("/agents?search=bert").await["items"][0].clone();
    assert_eq!(bert["commission"], office.get(&format!("/agents/{anna}")).await["commission"]);
    let thresholds = json!([{ "amount": "80.00", "currency": "USD" }, { "amount": "100.00", "currency": "EUR" }]);
    assert_eq!(bert["remittance_thresholds"], thresholds);
}
