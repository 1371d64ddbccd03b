//! Pages show facts: what changed, what a permission allows, what a call plan costs.

use harness::operator::{PASSWORD, agent_body};
use serde_json::json;

use crate::browser::Browser;
use crate::office::BackOffice;

harness::on_both_databases!(crate::office::BackOffice::open:
    a_form_that_changes_nothing_reports_no_change,
    each_permission_is_offered_since_each_has_a_page,
    an_agent_sees_what_the_plans_that_they_sell_cost,
    a_browser_gets_a_page_with_its_menu_whatever_is_wrong,
    a_limit_that_cannot_be_read_is_refused_and_never_left_out,
    an_end_is_the_end_of_its_day_where_the_company_is,
    a_malformed_day_is_reported,
);

async fn a_form_that_changes_nothing_reports_no_change(office: BackOffice) {
    let plan = office.call_plan("One").await;
    let mut operator = Browser::new(&office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    let path = format!("/call-plans/{plan}");
    for (name, word) in [("One", "unchanged"), ("Two", "changed"), ("Two", "unchanged")] {
        let fields = [("name", name), ("description", ""), ("price_text", "")];
        let reply = operator.fill(&format!("{path}/edit"), &fields).await;
        assert!(reply.header("location").ends_with(&format!("?done={word}")), "{name}: {}", reply.header("location"));
    }
    assert!(operator.page(&format!("{path}?done=unchanged")).await.contains("Nothing was changed"));
}

async fn each_permission_is_offered_since_each_has_a_page(office: BackOffice) {
    let mut body = agent_body("anna");
    body["permissions"] = json!(["customers", "commission"]);
    let anna = crate::office::id(&office.post("/agents", &body).await.expect(201));
    let mut operator = Browser::new(&office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    let new = operator.page("/agents/new").await;
    assert!(["support", "commission", "remittance"].iter().all(|name| new.contains(&format!("value=\"{name}\""))));
    let edit = operator.page(&format!("/agents/{anna}/edit")).await;
    assert!(edit.contains("value=\"commission\" checked") && !edit.contains("value=\"remittance\" checked"));
}

async fn an_agent_sees_what_the_plans_that_they_sell_cost(office: BackOffice) {
    let body = office.ready_to_add_a_key("anna").await;
    let plan = format!("/call-plans/{}", body["call_plan_id"].as_str().unwrap());
    let change = json!({ "description": "Calls to the moon", "price_text": "9.90 EUR a month" });
    office.call("PATCH", &plan, &[], &change).await.expect(200);
    let key = office.post("/signup-keys", &body).await.expect(201)["key"].as_str().unwrap().to_owned();
    let agent = format!("/agents/{}", body["agent_id"].as_str().unwrap());
    let screens = json!({ "permissions": ["call_plans", "signup_urls"] });
    office.call("PATCH", &agent, &[("if-match", "\"2\"")], &screens).await.expect(200);
    let granted = office.get(&format!("{agent}/call-plans")).await;
    assert_eq!(granted["items"][0]["price_text"], "9.90 EUR a month");
    let mut anna = Browser::new(&office);
    anna.sign_in("/portal/sign-in", "anna", PASSWORD).await;
    for path in ["/portal/call-plans".to_owned(), format!("/portal/signup-keys/{key}")] {
        let page = anna.page(&path).await;
        assert!(page.contains("Calls to the moon") && page.contains("9.90 EUR a month"), "{path}: {page}");
    }
}

async fn a_browser_gets_a_page_with_its_menu_whatever_is_wrong(office: BackOffice) {
    let mut body = agent_body("anna");
    body["permissions"] = json!(["signup_urls"]);
    office.post("/agents", &body).await.expect(201);
    let (mut operator, mut anna, stranger) = (Browser::new(&office), Browser::new(&office), Browser::new(&office));
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    anna.sign_in("/portal/sign-in", "anna", PASSWORD).await;
    let menu = |path: &str| format!("<a href=\"{path}\">Signup URLs</a>");
    for path in [
        "/nowhere",
        "/agents/019a0000-0000-7000-8000-000000000000",
        "/agents/%FF",
        "/agents/x/pause",
        "/settings/nowhere",
    ] {
        let reply = operator.browse("GET", path).await;
        assert_eq!(reply.status, 404, "{path}");
        assert!(reply.text.contains(&menu("/signup-keys")), "{path}: {}", reply.text);
    }
    for (path, status) in
        [("/portal/nowhere", 404), ("/portal/signup-keys/NOSUCHKEY000", 404), ("/portal/customers", 403)]
    {
        let reply = anna.browse("GET", path).await;
        assert_eq!(reply.status, status, "{path}");
        assert!(reply.text.contains(&menu("/portal/signup-keys")), "{path}: {}", reply.text);
    }
    let wrong = operator.browse("DELETE", "/settings").await;
    assert_eq!((wrong.status.as_u16(), wrong.text.contains(&menu("/signup-keys"))), (405, true));
    let large = operator.post("/call-plans/new", &[("name", &"x".repeat(400_000))]).await;
    assert_eq!((large.status.as_u16(), large.text.contains(&menu("/signup-keys"))), (413, true), "{}", large.text);
    for path in ["/nowhere", "/portal/nowhere", "/api/v1/nowhere"] {
        let reply = stranger.browse("GET", path).await;
        assert_eq!((reply.status.as_u16(), reply.text.starts_with("<!doctype html>")), (404, true), "{path}");
        assert!(!reply.text.contains("Signup URLs"));
        let program = stranger.get(path).await;
        assert_eq!(program.header("content-type"), "application/problem+json", "{path}");
    }
}

async fn a_limit_that_cannot_be_read_is_refused_and_never_left_out(office: BackOffice) {
    let body = office.ready_to_add_a_key("anna").await;
    let agent = body["agent_id"].as_str().unwrap().to_owned();
    let screens = json!({ "permissions": ["signup_urls"] });
    office.call("PATCH", &format!("/agents/{agent}"), &[("if-match", "\"2\"")], &screens).await.expect(200);
    let (mut operator, mut anna) = (Browser::new(&office), Browser::new(&office));
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    anna.sign_in("/portal/sign-in", "anna", PASSWORD).await;
    let new = format!("/signup-keys/new?agent_id={agent}");
    for (browser, form, path) in
        [(&operator, new.as_str(), "/signup-keys/new"), (&anna, "/portal/signup-keys/new", "/portal/signup-keys/new")]
    {
        let page = browser.page(form).await;
        // Browsers send nothing for a malformed date or number.
        assert!(!page.contains("type=\"date") && !page.contains("type=\"number\""), "{page}");
        for (field, typed) in
            [("starts_at", "2026-01"), ("ends_at", "31.12.2026"), ("cap", "1e2"), ("cap", "ten"), ("cap", "-1")]
        {
            let fields = [
                ("call_plan_id", body["call_plan_id"].as_str().unwrap()),
                ("group_id", body["group_id"].as_str().unwrap()),
                (field, typed),
            ];
            let reply = browser.send(path, &page, &fields).await;
            assert_eq!(reply.status, 422, "{field} {typed}");
            let (fault, shown) = (format!("id=\"{field}-fault\""), format!("value=\"{typed}\""));
            assert!(reply.text.contains(&fault) && reply.text.contains(&shown), "{field} {typed}: {}", reply.text);
        }
    }
    assert_eq!(office.get("/signup-keys").await["items"], json!([]));
}

async fn an_end_is_the_end_of_its_day_where_the_company_is(office: BackOffice) {
    let mut body = office.ready_to_add_a_key("anna").await;
    let agent = body["agent_id"].as_str().unwrap().to_owned();
    assert_eq!(office.get("/settings").await["time_zone"], "");
    let put = async |zone: &str| office.call("PUT", "/settings", &[], &json!({ "time_zone": zone })).await;
    assert_eq!(crate::office::faults(&put("Europe/Nowhere").await.expect(422)), [("time_zone", "unknown_value")]);
    assert_eq!(put("europe/berlin").await.expect(200)["time_zone"], "Europe/Berlin");
    let mut operator = Browser::new(&office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    let page = operator.page(&format!("/signup-keys/new?agent_id={agent}")).await;
    assert!(page.contains("Time zone: Europe/Berlin."), "{page}");
    let fields = [
        ("call_plan_id", body["call_plan_id"].as_str().unwrap()),
        ("group_id", body["group_id"].as_str().unwrap()),
        ("starts_at", "2096-07-01 09:30"),
        ("ends_at", "2096-07-15"),
        ("cap", "5"),
    ];
    let reply = operator.send("/signup-keys/new", &page, &fields).await;
    assert_eq!(reply.status, 303, "{}", reply.text);
    let key = office.get("/signup-keys").await["items"][0].clone();
    let limits = (&key["starts_at"], &key["ends_at"], &key["cap"]);
    assert_eq!(limits, (&json!("2096-07-01T07:30:00.000000Z"), &json!("2096-07-15T22:00:00.000000Z"), &json!(5)));
    let shown = operator.page(&format!("/signup-keys/{}", key["key"].as_str().unwrap())).await;
    assert!(
        shown.contains("2096-07-01 09:30 (Europe/Berlin)") && shown.contains("2096-07-15 (Europe/Berlin)"),
        "{shown}"
    );
    // The API accepts a day as well as a moment.
    for (end, stored) in
        [("2096-12-31", "2096-12-31T23:00:00.000000Z"), ("2096-12-31T00:00:00Z", "2096-12-31T00:00:00.000000Z")]
    {
        body["ends_at"] = end.into();
        assert_eq!(office.post("/signup-keys", &body).await.expect(201)["ends_at"], stored);
    }
    for unreadable in ["", "next year", "2096-13-01"] {
        body["ends_at"] = unreadable.into();
        let problem = office.post("/signup-keys", &body).await.expect(422);
        assert_eq!(crate::office::faults(&problem), [("ends_at", "invalid")], "{unreadable}");
    }
}

async fn a_malformed_day_is_reported(office: BackOffice) {
    let agent = office.agent("anna").await;
    let mut operator = Browser::new(&office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    let page = operator.page(&format!("/agents/{agent}?on=31.12.2026")).await;
    assert!(page.contains("Enter a day such as 2026-01-31."), "{page}");
}
