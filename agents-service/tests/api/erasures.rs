//! Erasure of agents' and operators' personal data and messages: from responses, pages, searches and tables.

use agents_service::maintenance::{self, ProjectionName};
use agents_service::restored;
use event_store::sql::Sql;
use harness::operator::{PASSWORD, agent_body};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::office::BackOffice;

harness::on_both_databases!(crate::office::BackOffice::open:
    a_closed_agents_personal_data_are_erased,
    a_disabled_operators_login_is_erased,
    the_text_of_a_message_is_erased,
    erasures_are_made_again_in_an_older_table,
);

async fn zoe(office: &BackOffice) -> String {
    let mut body = agent_body("zoe.ruiz");
    body["contact"] = json!({ "first_name": "Zoë", "email": "zoe@mail.example", "phone": "+34 910 555 0100" });
    body["bank_details"] = "IBAN ES00".into();
    body["bank_account"] = json!({ "holder": "Zoë Ruiz", "iban": "ES9121000418450200051332" });
    let id = office.post("/agents", &body).await.expect(201)["id"].as_str().unwrap().to_owned();
    office.post(&format!("/agents/{id}/messages"), &json!({ "text": "Dear Zoë" })).await.expect(201);
    id
}

async fn delete(office: &BackOffice, path: &str, status: u16) -> Value {
    office.call("DELETE", path, &[], &json!({ "reason": "asked for" })).await.expect(status)
}

async fn agrees_with_its_log(office: &BackOffice) {
    let (database, log) = maintenance::open(&office.settings).await.unwrap();
    assert_eq!(maintenance::check(&database).await.unwrap(), Vec::<String>::new());
    for view in [ProjectionName::Directory, ProjectionName::Decisions] {
        assert_eq!(maintenance::compare(&database, view, &log, |_| ()).await.unwrap(), Vec::<String>::new());
        maintenance::rebuild(&database, view, &log, |_| ()).await.unwrap();
    }
}

/// Waits until none of SQLite's files holds a text.
async fn no_file_holds(office: &BackOffice, text: &str) {
    let Some(path) = office.settings.agents_database_url.strip_prefix("sqlite:") else { return };
    let holds = || {
        let files = ["", "-wal"].map(|end| std::fs::read(format!("{path}{end}")).unwrap_or_default());
        files.iter().any(|file| file.windows(text.len()).any(|found| found == text.as_bytes()))
    };
    harness::until(async || !holds()).await;
}

async fn a_closed_agents_personal_data_are_erased(office: BackOffice) {
    let id = zoe(&office).await;
    let path = format!("/agents/{id}");
    assert_eq!(delete(&office, &path, 409).await["code"], "agent_not_closed");
    let reason = json!({ "reason": "Ms Ruiz complained" });
    office.post(&format!("{path}/close"), &reason).await.expect(200);
    let mut operator = Browser::new(&office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    assert!(operator.page(&format!("{path}/history")).await.contains("Ms Ruiz complained"));
    for _ in 0..2 {
        assert_eq!(delete(&office, &path, 200).await["erased"], true);
    }
    let shown = office.get(&path).await;
    assert_eq!((&shown["login"], &shown["bank_details"], &shown["state"]), (&json!(""), &json!(""), &json!("closed")));
    assert_eq!((&shown["bank_account"], &shown["bank_changed_at"]), (&Value::Null, &Value::Null));
    assert!(shown["contact"].as_object().unwrap().values().all(|text| text == ""), "{shown}");
    assert_eq!(office.get(&format!("{path}/messages")).await["items"][0]["text"], "");
    for search in ["zoe", "ruiz", "zoe@mail.example", "0100"] {
        assert_eq!(office.get(&format!("/agents?search={search}")).await["items"], json!([]), "{search}");
    }
    assert_eq!(
        office.post(&format!("{path}/messages"), &json!({ "text": "x" })).await.expect(409)["code"],
        "agent_closed"
    );
    let events = office.call("GET", "/events?after=0", &[], &Value::Null).await.text;
    assert_eq!(events.matches("\"type\":\"signpost.agents.agent_erased.v1\"").count(), 1);
    assert!(!events.contains("zoe") && !events.contains("complained"));
    for page in [path.as_str(), "/agents", &format!("/support/{id}")] {
        let page = operator.page(page).await;
        assert!(page.contains("(erased)") && !page.contains("zoe") && !page.contains("Dear"), "{page}");
        assert!(!page.contains("complained"), "{page}");
    }
    // The reason for the erasure itself stays.
    assert!(operator.page(&format!("{path}/history")).await.contains("asked for"));
    agrees_with_its_log(&office).await;
    no_file_holds(&office, "zoe@mail.example").await;
    no_file_holds(&office, "ES9121000418450200051332").await;
    no_file_holds(&office, "complained").await;
    // The login stays taken: the log has its digest.
    office.post("/agents", &agent_body("zoe.ruiz")).await.expect(409);
}

async fn a_disabled_operators_login_is_erased(office: BackOffice) {
    let body = json!({ "login": "clara.meyer", "password": PASSWORD });
    let id = office.post("/operators", &body).await.expect(201)["id"].as_str().unwrap().to_owned();
    let path = format!("/operators/{id}");
    assert_eq!(delete(&office, &path, 409).await["code"], "not_disabled");
    office.post(&format!("{path}/disable"), &Value::Null).await.expect(200);
    for _ in 0..2 {
        assert_eq!(delete(&office, &path, 200).await["state"], "erased");
    }
    let shown = office.get(&path).await;
    assert_eq!(
        (&shown["login"], &shown["state"], &shown["last_sign_in_at"]),
        (&json!(""), &json!("erased"), &Value::Null)
    );
    assert_eq!(office.post(&format!("{path}/enable"), &Value::Null).await.expect(409)["code"], "operator_erased");
    let token = json!({ "name": "less", "scopes": ["operators:write", "agents:write"] });
    let token = office.post("/api-tokens", &token).await.expect(201)["token"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {token}");
    for path in [path.as_str(), "/agents/00000000-0000-7000-8000-000000000000"] {
        let headers = [("authorization", bearer.as_str())];
        office.send("DELETE", &format!("/api/v1{path}"), &headers, Vec::new()).await.expect(403);
    }
    let mut operator = Browser::new(&office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    let page = operator.page("/operators").await;
    assert!(page.contains("(erased)") && !page.contains("clara"), "{page}");
    agrees_with_its_log(&office).await;
}

async fn the_text_of_a_message_is_erased(office: BackOffice) {
    let id = zoe(&office).await;
    let message = office.get(&format!("/agents/{id}/messages")).await["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/agents/{id}/messages/{message}");
    delete(&office, &format!("/agents/{id}/messages/{id}"), 404).await;
    for _ in 0..2 {
        let erased = delete(&office, &path, 200).await;
        assert_eq!(erased, json!({ "id": message, "agent_id": id, "erased": true }));
    }
    assert_eq!(office.get(&format!("/agents/{id}/messages")).await["items"][0]["text"], "");
    office.post(&format!("/agents/{id}/messages"), &json!({ "text": "second" })).await.expect(201);
    let mut operator = Browser::new(&office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    let second = office.get(&format!("/agents/{id}/messages")).await["items"][0]["id"].as_str().unwrap().to_owned();
    operator.fill(&format!("/support/{id}/{second}/erase"), &[("reason", "a mistake")]).await;
    let page = operator.page(&format!("/support/{id}")).await;
    assert!(page.matches("(erased)").count() == 2 && !page.contains("second"), "{page}");
    agrees_with_its_log(&office).await;
}

async fn erasures_are_made_again_in_an_older_table(office: BackOffice) {
    static AGE_ACCOUNTS: Sql = Sql::new("UPDATE agent_accounts SET login = 'zoe', bank_details = 'IBAN'");
    static AGE_MESSAGES: Sql = Sql::new("UPDATE messages SET text = 'Dear Zoë'");
    static AGE_OPERATORS: Sql = Sql::new("UPDATE operator_accounts SET login = 'clara' WHERE login = ''");
    let id = zoe(&office).await;
    office.post(&format!("/agents/{id}/close"), &Value::Null).await.expect(200);
    delete(&office, &format!("/agents/{id}"), 200).await;
    let body = json!({ "login": "clara.meyer", "password": PASSWORD });
    let operator = office.post("/operators", &body).await.expect(201)["id"].as_str().unwrap().to_owned();
    office.post(&format!("/operators/{operator}/disable"), &Value::Null).await.expect(200);
    delete(&office, &format!("/operators/{operator}"), 200).await;
    let database = office.app.log.database();
    for sql in [&AGE_ACCOUNTS, &AGE_MESSAGES, &AGE_OPERATORS] {
        assert_eq!(database.execute(sql, &[]).await.unwrap(), 1);
    }
    assert_eq!(maintenance::check(database).await.unwrap().len(), 2);
    restored::restore_tables(database).await.unwrap();
    agrees_with_its_log(&office).await;
}
