//! Statements: what they say, their numbers, and what they are refused for, on both databases.

use agents_service::maintenance;
use contract::ids::new_id;
use futures::future::join_all;
use serde_json::{Value, json};

use crate::office::{BackOffice, Reply, faults, id};
use crate::paid::{Shop, euro, now};

harness::on_both_databases!(crate::office::BackOffice::open:
    a_statement_says_what_the_ledger_says,
    a_payout_is_stated_with_the_tax_that_was_paid_with_it,
    of_many_requests_at_once_each_has_a_number_of_its_own_without_a_gap,
    a_statement_never_changes_and_a_correction_is_a_new_one,
    a_self_billed_statement_needs_both_parties,
    statements_of_a_period_are_issued_in_steps,
    bad_requests_are_refused_and_leave_no_number,
);

impl Shop {
    /// Asks for a statement of the agent, from a time on until now.
    pub async fn state(&self, since: &str) -> Reply {
        let period = json!({ "since": since, "until": now() });
        self.office.post("/statements", &json!({ "agent_id": self.seller.agent_id, "period": period })).await
    }

    pub async fn change_settings(&self, changes: Value) {
        self.office.call("PUT", "/settings", &[("if-match", "*")], &changes).await.expect(200);
    }

    /// Both parties have names, addresses and numbers for value-added tax.
    pub async fn name_parties(&self) {
        let company = json!({ "legal_name": "Harbour Telecom SE", "address": "Quay 1\n20457 Hamburg", "vat_number": "DE123456789" });
        self.change_settings(json!({ "statements": company })).await;
        let contact = json!({
            "company": "Zoë's Phones", "address": "Καλλιθέα 5", "city": "Łódź", "country": "PL", "vat_number": "PL7",
        });
        self.change_agent(json!({ "contact": contact })).await;
    }

    /// Requests, approves and pays an amount; returns the remittance.
    pub async fn pay_out(&self, amount: &str, bank_reference: &str) -> String {
        let remittance = id(&self.request(amount).await.expect(201));
        let payout = json!({ "method": "bank_transfer", "bank_reference": bank_reference });
        for (step, body) in [("approve", json!({})), ("pay", payout)] {
            self.office.post(&format!("/remittances/{remittance}/{step}"), &body).await.expect(200);
        }
        remittance
    }

    pub async fn state_payout(&self, remittance: &str) -> Reply {
        let body = json!({ "agent_id": self.seller.agent_id, "remittance_id": remittance });
        self.office.post("/statements", &body).await
    }

    /// Statements agree with the ledger, and the tables with the log.
    pub async fn is_in_order(&self) {
        self.is_a_fold().await;
        let faults = maintenance::check(self.office.app.log.database()).await.unwrap();
        assert_eq!(faults, Vec::<String>::new());
    }
}

fn sums(section: &Value) -> Vec<(&str, u64, &str)> {
    let sums = section["sums"].as_array().unwrap().iter();
    sums.map(|of| (of["kind"].as_str().unwrap(), of["lines"].as_u64().unwrap(), of["amount"].as_str().unwrap()))
        .collect()
}

fn kinds(statement: &Value) -> Vec<&str> {
    let items = statement["lines"][0]["items"].as_array().unwrap();
    items.iter().map(|line| line["kind"].as_str().unwrap()).collect()
}

async fn a_statement_says_what_the_ledger_says(office: BackOffice) {
    let shop = Shop::open(office, json!({ "commission_percent": "12.5" })).await;
    shop.name_parties().await;
    let agent = shop.seller.agent_id;
    let opening = json!({ "amount": euro("5.00"), "reason": "opening balance" });
    shop.office.post(&format!("/agents/{agent}/corrections"), &opening).await.expect(201);
    let since = now();
    let mut payment = shop.payment("INV-42", euro("119.00"));
    payment["vat_percent"] = "19".into();
    shop.send(&payment).await.expect(201);
    shop.refund("INV-42", "r-1", "39.67").await.expect(201);
    let yen = json!({ "amount": "1260", "currency": "JPY" });
    shop.send(&shop.payment("INV-43", yen)).await.expect(201);

    let issued = shop.state(&since).await;
    assert_eq!(issued.header("location"), "/api/v1/statements/1");
    let issued = issued.expect(201);
    assert_eq!(
        (&issued["number"], &issued["shown_number"], &issued["self_billing"]),
        (&json!(1), &json!("1"), &json!(false))
    );
    let [euros, yens] = [&issued["sections"][0], &issued["sections"][1]];
    assert_eq!(
        (&euros["currency"], &euros["opening"], &euros["closing"]),
        (&json!("EUR"), &json!("5.00"), &json!("13.33"))
    );
    assert_eq!(sums(euros), [("commission", 1, "12.50"), ("refund", 1, "-4.17")]);
    assert_eq!((&yens["opening"], &yens["closing"]), (&json!("0"), &json!("158")));

    let shown = shop.office.get("/statements/1").await;
    assert_eq!(shown["sections"], issued["sections"]);
    assert_eq!(shown["company"]["lines"], json!(["Quay 1", "20457 Hamburg"]));
    assert_eq!((&shown["agent"]["name"], &shown["agent"]["vat_number"]), (&json!("Zoë's Phones"), &json!("PL7")));
    let lines = &shown["lines"][0]["items"];
    let [commission, refund] = [&lines[0], &lines[1]];
    assert_eq!(
        (&commission["cause"], &commission["rate"], &commission["rule"]),
        (&json!("INV-42"), &json!("12.5"), &json!("agent"))
    );
    assert_eq!(commission["payment"], json!({ "amount": "119.00", "base": "100.00", "reversal": null }));
    assert_eq!((&commission["amount"], &commission["balance"]), (&json!("12.50"), &json!("17.50")));
    assert_eq!(refund["payment"], json!({ "amount": "-39.67", "base": "-33.34", "reversal": "r-1" }));
    assert_eq!((&refund["amount"], &refund["balance"]), (&json!("-4.17"), &json!("13.33")));

    let listed = shop.office.get(&format!("/statements?agent_id={agent}")).await;
    assert_eq!((&listed["items"][0]["number"], &listed["next"]), (&json!(1), &Value::Null));
    assert_eq!(shop.office.get(&format!("/statements?agent_id={}", new_id())).await["items"], json!([]));
    shop.is_in_order().await;
}

async fn a_payout_is_stated_with_the_tax_that_was_paid_with_it(office: BackOffice) {
    let threshold = json!({ "amount": "50.00", "currency": "EUR" });
    let terms = json!({ "commission_percent": "100", "remittance_threshold": threshold, "vat_percent": "19" });
    let shop = Shop::open(office, terms).await;
    for (number, (kind, vat, gross, says)) in [
        ("rate", "13.30", "83.30", "Value-added tax 19 %"),
        ("reverse_charge", "0.00", "70.00", "Reverse charge: the recipient of the service owes"),
        ("none", "0.00", "70.00", "No value-added tax is charged."),
    ]
    .into_iter()
    .enumerate()
    {
        shop.change_agent(json!({ "vat_kind": kind })).await;
        shop.pay(&format!("pay-{number}"), "75.00").await;
        let remittance = shop.pay_out("70.00", &format!("B-{number}")).await;
        // What was paid counts, and not what the terms are now.
        shop.change_agent(json!({ "vat_kind": "rate" })).await;
        let issued = shop.state_payout(&remittance).await.expect(201);
        let section = &issued["sections"][0];
        let tax = &section["taxes"][0];
        assert_eq!((&tax["net"], &tax["vat"], &tax["gross"]), (&json!("70.00"), &json!(vat), &json!(gross)), "{kind}");
        assert_eq!(tax["terms"], json!({ "kind": kind, "percent": "19" }));
        // Each begins where the payout before ended.
        let carried = 5 * number;
        assert_eq!(
            (&section["opening"], &section["closing"]),
            (&json!(format!("{carried}.00")), &json!(format!("{}.00", carried + 5)))
        );
        let path = format!("/statements/{}", number + 1);
        let lines = shop.office.get(&path).await;
        let expected = ["commission", "requested", "paid", "vat"];
        assert_eq!(kinds(&lines), &expected[..if kind == "rate" { 4 } else { 3 }]);
        let html = shop.office.call("GET", &path, &[("accept", "text/html")], &Value::Null).await;
        assert!(html.text.contains(says), "{kind}: {}", html.text);
        let paid = shop.office.get(&format!("/remittances/{remittance}")).await;
        assert_eq!(paid["vat"]["amount"], vat);
    }
    shop.is_in_order().await;
}

async fn of_many_requests_at_once_each_has_a_number_of_its_own_without_a_gap(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    let other = shop.office.again().await;
    let replicas = [&shop.office, &other];
    let body = |day: usize| {
        let until = format!("2026-{:02}-{:02}", 1 + day / 25, 1 + day % 25);
        json!({ "agent_id": shop.seller.agent_id, "period": { "since": "2025-12-01", "until": until } })
    };
    let bodies: Vec<Value> = (0..50).map(body).collect();
    let all = async || {
        let sent = bodies.iter().enumerate().map(|(index, body)| replicas[index % 2].post("/statements", body));
        join_all(sent).await
    };
    let number = |reply: &Reply| reply.json()["number"].as_u64().unwrap();
    let first = all().await;
    assert!(first.iter().all(|reply| reply.status == 201), "{first:?}");
    let mut numbers: Vec<u64> = first.iter().map(number).collect();
    let again = all().await;
    assert!(again.iter().all(|reply| reply.status == 200), "{again:?}");
    assert_eq!(again.iter().map(number).collect::<Vec<_>>(), numbers);
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=50).collect::<Vec<u64>>());
    // The same one fifty times over.
    let next = json!({ "agent_id": shop.seller.agent_id, "period": { "since": "2025-12-01", "until": "2025-12-31" } });
    let same = join_all((0..50).map(|index| replicas[index % 2].post("/statements", &next))).await;
    assert_eq!(same.iter().filter(|reply| reply.status == 201).count(), 1);
    assert!(same.iter().all(|reply| number(reply) == 51), "{same:?}");
    shop.is_in_order().await;
}

async fn a_statement_never_changes_and_a_correction_is_a_new_one(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    shop.name_parties().await;
    let since = now();
    shop.pay("pay-1", "100.00").await;
    shop.state(&since).await.expect(201);
    let formats = ["json", "html", "csv", "pdf"];
    let written = async || {
        let mut all = Vec::new();
        for format in formats {
            let reply = shop.office.call("GET", &format!("/statements/1.{format}"), &[], &Value::Null).await;
            assert_eq!(reply.status, 200, "{}", reply.text);
            all.push(reply.text);
        }
        all
    };
    let before = written().await;
    shop.refund("pay-1", "r-1", "40.00").await.expect(201);
    let correction = json!({ "amount": euro("-1.00"), "reason": "counted twice" });
    shop.office.post(&format!("/agents/{}/corrections", shop.seller.agent_id), &correction).await.expect(201);
    shop.change_agent(json!({ "name": "Other", "contact": { "company": "Other" }, "vat_kind": "none" })).await;
    let settings =
        json!({ "time_zone": "Pacific/Auckland", "statements": { "number_prefix": "GS-", "legal_name": "Other" } });
    shop.change_settings(settings).await;
    assert!(written().await == before, "an issued statement has changed");

    let corrects = json!({ "corrects": 1 });
    let corrected = shop.office.post("/statements", &corrects).await.expect(201);
    assert_eq!(
        (&corrected["number"], &corrected["shown_number"], &corrected["corrects"]),
        (&json!(2), &json!("GS-2"), &json!(1))
    );
    assert_eq!(shop.office.post("/statements", &corrects).await.expect(200), corrected);
    // The refund came after the period.
    assert_eq!(corrected["sections"][0]["closing"], "10.00");
    assert_eq!(shop.office.get("/statements/2").await["agent"]["name"], "Other");
    let listed = shop.office.get("/statements").await;
    assert_eq!((&listed["items"][0]["corrects"], &listed["items"][1]["corrected_by"]), (&json!(1), &json!(2)));
    assert!(written().await == before, "a corrected statement has changed");
    let again = shop.office.post("/statements", &json!({ "corrects": 2 })).await.expect(201);
    assert_eq!((&again["number"], &again["corrects"]), (&json!(3), &json!(2)));
    shop.is_in_order().await;
}

async fn a_self_billed_statement_needs_both_parties(office: BackOffice) {
    let shop = Shop::open(office, json!({ "vat_percent": "19" })).await;
    let since = now();
    shop.pay("pay-1", "100.00").await;
    shop.change_settings(json!({ "statements": { "self_billing": "periods" } })).await;
    assert_eq!(shop.state(&since).await.expect(409)["reason"], "company_details_missing");
    let company = json!({ "legal_name": "Harbour", "address": "Quay 1", "vat_number": "DE1" });
    shop.change_settings(json!({ "statements": company })).await;
    assert_eq!(shop.state(&since).await.expect(409)["reason"], "agent_details_missing");
    shop.name_parties().await;
    let issued = shop.state(&since).await.expect(201);
    assert_eq!((&issued["number"], &issued["self_billing"]), (&json!(1), &json!(true)));
    let html = shop.office.call("GET", "/statements/1", &[("accept", "text/html")], &Value::Null).await.text;
    for part in [
        "Self-billed invoice 1",
        "in the name and on behalf of the supplier",
        "VAT number PL7",
        "VAT number DE123456789",
    ] {
        assert!(html.contains(part), "{part} is missing: {html}");
    }
    for (changes, field) in [
        (json!({ "keep_years": 0 }), "statements.keep_years"),
        (json!({ "keep_years": 101 }), "statements.keep_years"),
        (json!({ "self_billing": "always" }), "statements.self_billing"),
        (json!({ "number_prefix": "x".repeat(21) }), "statements.number_prefix"),
    ] {
        let body = json!({ "statements": changes });
        let refused = shop.office.call("PUT", "/settings", &[("if-match", "*")], &body).await.expect(422);
        assert_eq!(faults(&refused)[0].0, field);
    }
}

async fn statements_of_a_period_are_issued_in_steps(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    let since = now();
    for login in ["anna-agent", "bert-agent", "cora-agent", "dora-agent"] {
        let agent = shop.office.agent(login).await;
        let opening = json!({ "amount": euro("5.00"), "reason": "opening balance" });
        shop.office.post(&format!("/agents/{agent}/corrections"), &opening).await.expect(201);
    }
    let period = json!({ "since": since, "until": now() });
    let step = async |after: &Value| {
        let body = json!({ "period": period, "limit": 3, "after": after });
        shop.office.post("/statements/batch", &body).await.expect(200)
    };
    let first = step(&Value::Null).await;
    assert_eq!((&first["issued"], &first["remaining"]), (&json!(3), &json!(1)));
    let second = step(&first["next"]).await;
    assert_eq!((&second["issued"], &second["next"]), (&json!(1), &Value::Null));
    let again = step(&Value::Null).await;
    assert_eq!((&again["issued"], &again["existing"]), (&json!(0), &json!(3)));
    assert_eq!(shop.office.get("/statements").await["items"].as_array().unwrap().len(), 4);

    let settings = json!({ "self_billing": "periods", "legal_name": "H", "address": "Q", "vat_number": "D" });
    shop.change_settings(json!({ "statements": settings })).await;
    let body = json!({ "period": { "since": since, "until": now() } });
    let refused = shop.office.post("/statements/batch", &body).await.expect(200);
    let left_out = refused["left_out"].as_array().unwrap();
    assert_eq!((left_out.len(), &left_out[0]["reason"]), (4, &json!("agent_details_missing")));
    shop.is_in_order().await;
}

async fn bad_requests_are_refused_and_leave_no_number(office: BackOffice) {
    let threshold = json!({ "amount": "50.00", "currency": "EUR" });
    let shop = Shop::open(office, json!({ "commission_percent": "100", "remittance_threshold": threshold })).await;
    shop.pay("pay-1", "70.00").await;
    let open = id(&shop.request("60.00").await.expect(201));
    let (agent, other) = (shop.seller.agent_id, shop.office.agent("anna-agent").await);
    let period = |since: &str, until: &str| json!({ "since": since, "until": until });
    let past = period("2026-01-01", "2026-01-31");
    for (body, fault) in [
        (json!({ "period": past }), ("agent_id", "required")),
        (json!({ "agent_id": agent }), ("period", "required")),
        (json!({ "agent_id": agent, "period": period("2026-01-01", "2999-01-01") }), ("period.until", "not_ended")),
        (json!({ "agent_id": agent, "period": period("2026-01-02", "2026-01-01") }), ("period.until", "before_since")),
        (json!({ "agent_id": agent, "period": period("2026-02-30", "2026-03-01") }), ("period.since", "invalid")),
        (json!({ "agent_id": agent, "period": { "since": "2026-01-01" } }), ("period.until", "required")),
        (
            json!({ "agent_id": agent, "period": { "since": "2026-01-01", "until": "2026-01-02", "zone": "x" } }),
            ("period.zone", "unknown_field"),
        ),
        (json!({ "agent_id": new_id(), "period": past }), ("agent_id", "agent_unknown")),
        (json!({ "agent_id": agent, "period": past, "remittance_id": open }), ("period", "ambiguous")),
        (json!({ "agent_id": agent, "remittance_id": open }), ("remittance_id", "not_paid")),
        (json!({ "agent_id": other, "remittance_id": open }), ("remittance_id", "not_paid")),
        (json!({ "agent_id": agent, "remittance_id": new_id() }), ("remittance_id", "not_paid")),
        (json!({ "corrects": 1 }), ("corrects", "statement_unknown")),
        (json!({ "corrects": u64::MAX }), ("corrects", "statement_unknown")),
        (json!({ "corrects": 1, "agent_id": agent }), ("agent_id", "ambiguous")),
        (json!({ "agent_id": agent, "period": past, "amount": "1" }), ("amount", "unknown_field")),
    ] {
        let refused = shop.office.post("/statements", &body).await.expect(422);
        assert!(faults(&refused).contains(&fault), "{body}: {refused}");
    }
    for body in
        [json!({}), json!({ "period": period("2026-01-01", "2999-01-01") }), json!({ "period": past, "limit": 501 })]
    {
        shop.office.post("/statements/batch", &body).await.expect(422);
    }
    for number in ["0", "1", "01", "x", "1.xml", "-1", "99999999999999999999", "18446744073709551615"] {
        shop.office.call("GET", &format!("/statements/{number}"), &[], &Value::Null).await.expect(404);
    }
    let reader = shop.bearer(&["money:read"]).await;
    let body = json!({ "agent_id": agent, "period": past }).to_string().into_bytes();
    let refused = shop.office.send("POST", "/api/v1/statements", &[("authorization", &reader)], body.clone()).await;
    assert_eq!(refused.status, 403);
    let issuer = shop.bearer(&["statements:issue"]).await;
    let answer = shop.office.send("POST", "/api/v1/statements", &[("authorization", &issuer)], body).await.expect(201);
    assert_eq!(answer["number"], 1);
    let unread = shop.office.send("GET", "/api/v1/statements/1", &[("authorization", &issuer)], Vec::new()).await;
    assert_eq!(unread.status, 403);
    shop.is_in_order().await;
}
