//! Bank accounts and the payout file: what is checked, who is paid and who is left out, on both databases.

use harness::operator::{PASSWORD, agent_body, with};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::office::{BackOffice, Reply, faults, id};

harness::on_both_databases!(crate::office::BackOffice::open:
    a_bank_account_is_checked_when_it_is_entered,
    the_bank_file_pays_what_is_approved_and_is_the_same_again,
    the_table_lists_every_approved_payout,
    nobody_is_left_out_without_a_reason,
    a_changed_bank_account_stops_payouts_for_some_days,
    the_page_shows_the_file_and_who_made_it,
    the_company_has_an_account_and_rules_of_its_own,
);

const EXPORT: &str = "/remittances/export?format=";

fn account(holder: &str) -> Value {
    json!({ "bank_account": { "holder": holder, "iban": "DE89 3704 0044 0532 0130 00", "bic": "cobadeff" } })
}

impl BackOffice {
    async fn with_account(self) -> Self {
        let company = json!({ "payout_account": { "holder": "Harbour Télécom", "iban": "NL91ABNA0417164300" } });
        self.settings(&company).await.expect(200);
        self
    }

    async fn settings(&self, changes: &Value) -> Reply {
        self.call("PUT", "/settings", &[("if-match", "*")], changes).await
    }

    /// An agent with an approved remittance; returns both ids.
    async fn approved(&self, login: &str, amount: &str, currency: &str, details: Value) -> [String; 2] {
        let money = |amount: &str| json!({ "amount": amount, "currency": currency });
        let threshold = money("1");
        let terms = json!({ "remittance_threshold": threshold, "vat_percent": "19", "permissions": ["remittance"] });
        let agent_id = id(&self.post("/agents", &with(with(agent_body(login), terms), details)).await.expect(201));
        let correction = json!({ "amount": money(amount), "reason": "opening balance" });
        self.post(&format!("/agents/{agent_id}/corrections"), &correction).await.expect(201);
        let request = json!({ "agent_id": agent_id, "amount": money(amount) });
        let remittance = id(&self.post("/remittances", &request).await.expect(201));
        self.post(&format!("/remittances/{remittance}/approve"), &json!({})).await.expect(200);
        [agent_id, remittance]
    }

    async fn change(&self, agent_id: &str, changes: &Value) -> Reply {
        self.call("PATCH", &format!("/agents/{agent_id}"), &[("if-match", "*")], changes).await
    }

    async fn export(&self, format: &str) -> Reply {
        self.call("GET", &format!("{EXPORT}{format}"), &[], &Value::Null).await
    }

    /// Why remittances are left out of the bank file, by their ids.
    async fn reasons(&self) -> Vec<(String, String)> {
        let preview = self.export("preview").await.expect(200);
        let text = |item: &Value, name: &str| item[name].as_str().unwrap().to_owned();
        let left_out = preview["left_out"].as_array().unwrap().iter();
        left_out.map(|item| (text(item, "remittance_id"), text(item, "reason"))).collect()
    }
}

fn pay(reference: &str) -> Value {
    json!({ "method": "bank_transfer", "bank_reference": reference })
}

/// The texts of an element.
fn texts<'a>(xml: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!("<{name}>");
    let parts = xml.split(start.as_str()).skip(1);
    parts.map(|part| part.split("</").next().unwrap()).collect()
}

async fn a_bank_account_is_checked_when_it_is_entered(office: BackOffice) {
    for (given, fault) in [
        (json!({ "holder": "Zoë", "iban": "DE00370400440532013000" }), ("bank_account.iban", "invalid")),
        (json!({ "holder": "Zoë", "iban": "12345" }), ("bank_account.iban", "invalid")),
        (json!({ "holder": "Zoë" }), ("bank_account.iban", "required")),
        (json!({ "iban": "DE89370400440532013000" }), ("bank_account.holder", "required")),
        (json!({ "holder": "x".repeat(71), "iban": "DE89370400440532013000" }), ("bank_account.holder", "too_long")),
        (json!({ "holder": "Zoë", "iban": "DE89370400440532013000", "bic": "X" }), ("bank_account.bic", "invalid")),
    ] {
        let body = with(agent_body("zoe-phones"), json!({ "bank_account": given }));
        assert_eq!(faults(&office.post("/agents", &body).await.expect(422)), [fault], "{given}");
    }
    let body = with(agent_body("zoe-phones"), account(" Zoë Ruiz "));
    let agent_id = id(&office.post("/agents", &body).await.expect(201));
    let path = format!("/agents/{agent_id}");
    let shown = office.get(&path).await;
    let kept = json!({ "holder": "Zoë Ruiz", "iban": "DE89370400440532013000", "bic": "COBADEFF" });
    assert_eq!((&shown["bank_account"], &shown["bank_changed_at"]), (&kept, &Value::Null));
    office.change(&agent_id, &json!({ "bank_account": null })).await.expect(200);
    let shown = office.get(&path).await;
    assert_eq!(shown["bank_account"], Value::Null);
    assert!(shown["bank_changed_at"].is_string());
    let events = office.call("GET", "/events?after=0", &[], &Value::Null).await.text;
    assert!(events.contains("\"fields\":[\"bank_account\"]"), "{events}");
    assert!(!events.contains("Ruiz") && !events.contains("DE89"), "{events}");
}

async fn the_bank_file_pays_what_is_approved_and_is_the_same_again(office: BackOffice) {
    let office = office.with_account().await;
    let [_, one] = office.approved("zoe-phones", "70.00", "EUR", account("Müller & Söhne <GmbH>")).await;
    let [_, two] = office.approved("lodz-phones", "1.05", "EUR", account("Łódź Žižka")).await;
    let first = office.export("pain.001").await;
    assert_eq!((first.status.as_u16(), first.header("content-type")), (200, "application/xml"));
    let xml = &first.text;
    assert_eq!(texts(xml, "EndToEndId"), [one.replace('-', ""), two.replace('-', "")]);
    assert_eq!(texts(xml, "InstdAmt Ccy=\"EUR\""), ["83.30", "1.25"]);
    assert_eq!(texts(xml, "CtrlSum"), ["84.55", "84.55"]);
    assert_eq!(texts(xml, "Nm")[1..], ["Harbour Telecom", "Muller + Sohne (GmbH)", "Lodz Zizka"]);
    assert!(texts(xml, "MsgId")[0].len() <= 35);
    let again = office.export("pain.001").await.text;
    for name in ["MsgId", "PmtInfId", "EndToEndId"] {
        assert_eq!(texts(&again, name), texts(xml, name));
    }
    office.post(&format!("/remittances/{one}/pay"), &pay("B-1")).await.expect(200);
    assert_eq!(office.get(&format!("/remittances/{one}")).await["vat"]["amount"], "13.30");
    let rest = office.export("pain.001").await.text;
    assert_eq!(texts(&rest, "EndToEndId"), [two.replace('-', "")]);
    assert_ne!(texts(&rest, "MsgId"), texts(xml, "MsgId"));
    office.post(&format!("/remittances/{two}/pay"), &pay("B-2")).await.expect(200);
    assert_eq!(office.export("pain.001").await.expect(409)["code"], "no_payout_file");
}

async fn the_table_lists_every_approved_payout(office: BackOffice) {
    let named = with(account("=1+1"), json!({ "name": "Łódź, \"Best\"" }));
    let [agent, remittance] = office.approved("zoe-phones", "70.00", "EUR", named).await;
    let yen = json!({ "name": "東京", "bank_details": "-see letter" });
    let [tokyo, paid] = office.approved("tokyo-phones", "1268", "JPY", yen).await;
    let table = office.export("csv").await;
    assert_eq!(table.header("content-type"), "text/csv; charset=utf-8; header=present");
    assert!(table.header("content-disposition").starts_with("attachment; filename=\"payouts-"));
    let [id_one, id_two] = [&remittance, &paid].map(|id| id.replace('-', ""));
    let lines = [
        "remittance_id,end_to_end_id,agent_id,agent,amount,vat,total,currency,holder,iban,bic,bank_details,not_in_bank_file"
            .to_owned(),
        format!(
            "{remittance},{id_one},{agent},\"Łódź, \"\"Best\"\"\",70.00,13.30,83.30,EUR,'=1+1,DE89370400440532013000,COBADEFF,,"
        ),
        format!("{paid},{id_two},{tokyo},東京,1268,241,1509,JPY,,,,'-see letter,other_currency"),
        "# rows 2\r\n".to_owned(),
    ];
    assert_eq!(table.text, lines.join("\r\n"));
}

async fn nobody_is_left_out_without_a_reason(office: BackOffice) {
    let office = office.with_account().await;
    let [_, none] = office.approved("no-account", "5.00", "EUR", json!({})).await;
    let [_, dollars] = office.approved("in-dollars", "5.00", "USD", account("Zoe")).await;
    let british = json!({ "holder": "Zoe", "iban": "GB82 WEST 1234 5698 7654 32" });
    let [abroad, address] = office.approved("in-britain", "5.00", "EUR", json!({ "bank_account": british })).await;
    let expected = [(&none, "no_bank_account"), (&dollars, "other_currency"), (&address, "no_address")];
    assert_eq!(office.reasons().await, expected.map(|(id, reason)| (id.clone(), reason.to_owned())));
    let refused = office.export("pain.001").await.expect(409);
    assert_eq!((&refused["code"], &refused["reason"]), (&json!("no_payout_file"), &json!("no_payout_file")));
    let contact = json!({ "contact": { "city": "London", "country": "GB" } });
    office.change(&abroad, &contact).await.expect(200);
    let file = office.export("pain.001").await.text;
    assert_eq!((texts(&file, "TwnNm"), texts(&file, "Ctry")), (vec!["London"], vec!["GB"]));
    let token = json!({ "name": "reader", "scopes": ["money:read"] });
    let token = office.post("/api-tokens", &token).await.expect(201)["token"].as_str().unwrap().to_owned();
    let headers = [("authorization", format!("Bearer {token}"))];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    office.send("GET", &format!("/api/v1{EXPORT}csv"), &headers, Vec::new()).await.expect(403);
    assert_eq!(faults(&office.export("xls").await.expect(422)), [("format", "invalid")]);
}

async fn a_changed_bank_account_stops_payouts_for_some_days(office: BackOffice) {
    let office = office.with_account().await;
    let [agent, remittance] = office.approved("zoe-phones", "70.00", "EUR", account("Zoë Ruiz")).await;
    let path = format!("/remittances/{remittance}/pay");
    office.change(&agent, &account("Zoë Ruiz")).await.expect(200);
    assert_eq!(office.reasons().await, []);
    office.change(&agent, &account("Somebody Else")).await.expect(200);
    let refused = office.post(&path, &pay("B-1")).await.expect(409);
    assert_eq!(refused["code"], "payouts_blocked");
    assert!(refused["detail"].as_str().unwrap().contains("payouts are stopped until"), "{refused}");
    assert_eq!(office.reasons().await, [(remittance.clone(), "payouts_blocked".to_owned())]);
    assert!(!office.export("csv").await.text.contains("DE89"));
    let mut operator = Browser::new(&office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    let mut own = Browser::new(&office);
    own.sign_in("/portal/sign-in", "zoe-phones", PASSWORD).await;
    let pages = [(&operator, format!("/payouts/{remittance}")), (&operator, format!("/agents/{agent}"))];
    for (browser, page) in pages.iter().chain(&[(&own, "/portal/payouts".to_owned())]) {
        assert!(browser.page(page).await.contains("no payout until"), "{page}");
    }
    office.settings(&json!({ "payout_block_days": 0 })).await.expect(200);
    assert_eq!(office.reasons().await, []);
    assert!(!operator.page(&format!("/agents/{agent}")).await.contains("no payout until"));
    office.post(&path, &pay("B-1")).await.expect(200);
}

async fn the_page_shows_the_file_and_who_made_it(office: BackOffice) {
    let office = office.with_account().await;
    let [_, one] = office.approved("zoe-phones", "70.00", "EUR", account("Müller & Söhne")).await;
    office.approved("no-account", "5.00", "EUR", json!({})).await;
    let mut operator = Browser::new(&office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    let page = operator.page("/payouts/file").await;
    for text in ["83.30 EUR", "Muller + Sohne", "DE89370400440532013000", "The agent has no IBAN"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(page.contains("No payout file was made yet."));
    let file = operator.fill("/payouts/file/pain.001", &[]).await;
    assert_eq!((file.status.as_u16(), file.header("content-type")), (200, "application/xml"));
    assert_eq!(texts(&file.text, "EndToEndId"), [one.replace('-', "")]);
    let table = operator.fill("/payouts/file/csv", &[]).await;
    assert!(table.text.ends_with("# rows 2\r\n"), "{}", table.text);
    let page = operator.page("/payouts/file").await;
    assert!(page.contains("Do not send it to the bank twice."), "{page}");
    let made = office.export("preview").await.expect(200)["made"].clone();
    let formats: Vec<_> = made.as_array().unwrap().iter().map(|made| made["format"].as_str().unwrap()).collect();
    assert_eq!(formats, ["csv", "pain.001"]);
    assert_eq!((&made[1]["payouts"], &made[1]["message_id"]), (&json!(1), &json!(texts(&file.text, "MsgId")[0])));
    assert_eq!(operator.get("/payouts/file/preview").await.status.as_u16(), 404);
}

async fn the_company_has_an_account_and_rules_of_its_own(office: BackOffice) {
    assert_eq!(office.get("/settings").await["payout_block_days"], 7);
    office
        .approved(
            "zoe-phones",
            "70.00",
            "EUR",
            json!({ "bank_account": { "holder": "Zoe", "iban": "NL91ABNA0417164300" } }),
        )
        .await;
    assert_eq!(office.export("pain.001").await.expect(409)["code"], "no_payout_file");
    let wrong =
        json!({ "payout_account": { "holder": "x", "iban": "NL00ABNA0417164300" }, "payout_block_days": "366" });
    let wrong = office.settings(&wrong).await.expect(422);
    assert_eq!(faults(&wrong), [("payout_account.iban", "invalid"), ("payout_block_days", "out_of_range")]);
    let office = office.with_account().await;
    assert!(!office.export("pain.001").await.text.contains("CdtrAgt"));
    let mut operator = Browser::new(&office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    let page = operator.page("/settings").await;
    assert!(page.contains("NL91ABNA0417164300"), "{page}");
    office.settings(&json!({ "unknown_bic": "not_provided", "payout_block_days": 14 })).await.expect(200);
    let file = office.export("pain.001").await.text;
    assert!(file.split("<CdtrAgt>").nth(1).unwrap().contains("NOTPROVIDED"), "{file}");
    let settings = office.get("/settings").await;
    assert_eq!((&settings["payout_block_days"], &settings["unknown_bic"]), (&json!(14), &json!("not_provided")));
    office.settings(&json!({ "payout_account": null })).await.expect(200);
    assert_eq!(office.get("/settings").await["payout_account"], Value::Null);
}
