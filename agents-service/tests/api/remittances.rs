//! Remittances: each step, its rules and its refusals, on both databases.

use futures::future::join_all;
use harness::operator::{PASSWORD, agent_body, with};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::office::{BackOffice, faults, id};
use crate::paid::Shop;

harness::on_both_databases!(crate::office::BackOffice::open:
    a_remittance_is_requested_approved_paid_and_returned,
    a_request_needs_the_threshold_and_so_much,
    a_refund_between_request_and_approval_stops_the_approval,
    a_refund_after_the_payout_is_carried,
    of_many_requests_at_once_no_more_is_given_than_is_there,
    of_many_approvals_and_payouts_at_once_one_wins,
    one_bank_reference_pays_one_remittance,
    where_four_eyes_are_asked_for_a_token_is_its_operator,
    there_is_one_threshold_for_each_currency,
    many_requests_are_approved_at_once_with_an_answer_for_each,
    all_that_wait_are_approved_on_one_page,
    a_payout_shows_its_steps_on_both_faces,
    what_is_left_of_a_closed_agent_can_be_paid_out,
);

fn payout(reference: &str) -> Value {
    json!({ "method": "bank_transfer", "bank_reference": reference })
}

impl Shop {
    /// An agent with a threshold of 50.00, and so much earned.
    async fn with_earned(office: BackOffice, earned: &str) -> Self {
        let shop = Self::open(
            office,
            json!({ "remittance_threshold": { "amount": "50.00", "currency": "EUR" }, "commission_percent": "100" }),
        )
        .await;
        shop.pay("pay-1", earned).await;
        shop
    }

    async fn requested(&self, amount: &str) -> String {
        id(&self.request(amount).await.expect(201))
    }

    async fn step(&self, remittance: &str, step: &str, body: &Value) -> crate::office::Reply {
        self.office.post(&format!("/remittances/{remittance}/{step}"), body).await
    }
}

async fn a_remittance_is_requested_approved_paid_and_returned(office: BackOffice) {
    let shop = Box::pin(Shop::with_earned(office, "70.00")).await;
    shop.change_agent(json!({ "vat_percent": "19" })).await;
    let remittance = shop.requested("70.00").await;
    assert_eq!(shop.balance().await, ["0.00", "70.00", "70.00", "0.00", "0.00"]);
    let early = shop.step(&remittance, "pay", &payout("B-1")).await.expect(409);
    assert_eq!(early["detail"], "The remittance is requested.");
    shop.step(&remittance, "approve", &json!({})).await.expect(200);
    shop.step(&remittance, "cancel", &json!({})).await.expect(409);
    let paid = shop.step(&remittance, "pay", &payout("B-1")).await.expect(200);
    assert_eq!((&paid["state"], &paid["vat"]["amount"]), (&json!("paid"), &json!("13.30")));
    assert_eq!(shop.balance().await, ["0.00", "70.00", "0.00", "70.00", "0.00"]);
    assert_eq!(faults(&shop.step(&remittance, "return", &json!({})).await.expect(422)), [("reason", "required")]);
    let reason = json!({ "reason": "account closed" });
    shop.step(&remittance, "return", &reason).await.expect(200);
    assert_eq!(shop.balance().await, ["0.00", "70.00", "0.00", "0.00", "70.00"]);
    let listed = shop.office.get(&format!("/remittances?agent_id={}&state=returned", shop.seller.agent_id)).await;
    let item = &listed["items"][0];
    assert_eq!((&item["bank_reference"], &item["reason"]), (&json!("B-1"), &json!("account closed")));
    let again = shop.requested("70.00").await;
    shop.step(&again, "refuse", &reason).await.expect(200);
    assert_eq!(shop.balance().await[4], "70.00");
    shop.is_a_fold().await;
}

async fn a_request_needs_the_threshold_and_so_much(office: BackOffice) {
    let shop = Box::pin(Shop::with_earned(office, "49.99")).await;
    let below = shop.request("49.99").await.expect(409);
    assert_eq!(below["reason"], "below_threshold");
    assert!(below["detail"].as_str().unwrap().contains("available 49.99, threshold 50.00"), "{below}");
    shop.pay("pay-2", "0.01").await;
    assert_eq!(shop.request("50.01").await.expect(409)["reason"], "not_available");
    assert_eq!(faults(&shop.request("0.00").await.expect(422)), [("amount", "too_small")]);
    let open = shop.requested("50.00").await;
    shop.change_agent(json!({ "remittance_threshold": { "amount": "100.00", "currency": "EUR" } })).await;
    shop.step(&open, "approve", &json!({})).await.expect(200);
}

async fn a_refund_between_request_and_approval_stops_the_approval(office: BackOffice) {
    let shop = Box::pin(Shop::with_earned(office, "70.00")).await;
    let remittance = shop.requested("70.00").await;
    shop.refund("pay-1", "r-1", "25.00").await.expect(201);
    let refused = shop.step(&remittance, "approve", &json!({})).await.expect(409);
    assert!(refused["detail"].as_str().unwrap().contains("arned 45.00, reserved 70.00"), "{refused}");
    shop.step(&remittance, "cancel", &json!({})).await.expect(200);
    assert_eq!(shop.request("45.00").await.expect(409)["reason"], "below_threshold");
}

async fn a_refund_after_the_payout_is_carried(office: BackOffice) {
    let shop = Shop::open(
        office,
        json!({ "remittance_threshold": { "amount": "20.00", "currency": "EUR" }, "commission_percent": "25" }),
    )
    .await;
    shop.pay("pay-1", "80.00").await;
    let remittance = shop.requested("20.00").await;
    shop.step(&remittance, "approve", &json!({})).await.expect(200);
    shop.step(&remittance, "pay", &payout("B-1")).await.expect(200);
    shop.refund("pay-1", "r-1", "30.00").await.expect(201);
    assert_eq!(shop.balance().await, ["0.00", "12.50", "0.00", "20.00", "-7.50"]);
    shop.pay("pay-2", "20.00").await;
    assert_eq!(shop.balance().await[4], "-2.50");
    assert_eq!(shop.request("1.00").await.expect(409)["reason"], "below_threshold");
    shop.is_a_fold().await;
}

async fn of_many_requests_at_once_no_more_is_given_than_is_there(office: BackOffice) {
    let shop = Box::pin(Shop::with_earned(office, "120.00")).await;
    let other = shop.office.again().await;
    let body = json!({ "agent_id": shop.seller.agent_id, "amount": crate::paid::euro("30.00") });
    let replicas = [&shop.office, &other];
    let sent = join_all((0..50).map(|number| replicas[number % 2].post("/remittances", &body))).await;
    let given = sent.iter().filter(|reply| reply.status.as_u16() == 201).count();
    // 120.00, 90.00 and 60.00 reach the threshold of 50.00; 30.00 does not.
    assert_eq!((given, sent.iter().filter(|reply| reply.status.as_u16() == 409).count()), (3, 47));
    assert_eq!(shop.balance().await, ["0.00", "120.00", "90.00", "0.00", "30.00"]);
    shop.is_a_fold().await;
}

async fn of_many_approvals_and_payouts_at_once_one_wins(office: BackOffice) {
    let shop = Box::pin(Shop::with_earned(office, "70.00")).await;
    let other = shop.office.again().await;
    let replicas = [&shop.office, &other];
    let remittance = shop.requested("70.00").await;
    let wins = async |step: &str, body: &dyn Fn(usize) -> Value| {
        let path = format!("/remittances/{remittance}/{step}");
        let bodies: Vec<Value> = (0..50).map(body).collect();
        let sent =
            join_all(bodies.iter().enumerate().map(|(number, body)| replicas[number % 2].post(&path, body))).await;
        let count = |status| sent.iter().filter(|reply| reply.status.as_u16() == status).count();
        (count(200), count(409))
    };
    assert_eq!(wins("approve", &|_| json!({})).await, (1, 49));
    assert_eq!(wins("pay", &|number| payout(&format!("B-{number}"))).await, (1, 49));
    assert_eq!(shop.balance().await, ["0.00", "70.00", "0.00", "70.00", "0.00"]);
    shop.is_a_fold().await;
}

async fn one_bank_reference_pays_one_remittance(office: BackOffice) {
    let shop = Box::pin(Shop::with_earned(office, "120.00")).await;
    let remittances = [shop.requested("60.00").await, shop.requested("60.00").await];
    for remittance in &remittances {
        shop.step(remittance, "approve", &json!({})).await.expect(200);
    }
    shop.step(&remittances[0], "pay", &payout("B-1")).await.expect(200);
    assert_eq!(shop.step(&remittances[1], "pay", &payout("B-1")).await.expect(409)["code"], "bank_reference_used");
    shop.step(&remittances[1], "pay", &payout("B-2")).await.expect(200);
}

async fn where_four_eyes_are_asked_for_a_token_is_its_operator(office: BackOffice) {
    let shop = Box::pin(Shop::with_earned(office, "70.00")).await;
    let settings = json!({ "four_eyes": true });
    shop.office.call("PUT", "/settings", &[("if-match", "*")], &settings).await.expect(200);
    let scopes = json!({ "name": "finance", "scopes": ["remittances:approve", "remittances:pay"] });
    let token = shop.office.post("/api-tokens", &scopes).await.expect(201)["token"].as_str().unwrap().to_owned();
    let remittance = shop.requested("70.00").await;
    shop.step(&remittance, "approve", &json!({})).await.expect(200);
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let path = format!("/api/v1/remittances/{remittance}/pay");
    let body = payout("B-1").to_string().into_bytes();
    let refused = shop.office.send("POST", &path, &headers, body.clone()).await.expect(409);
    assert_eq!(refused["code"], "four_eyes");
    let operator = json!({ "login": "second-pair", "password": PASSWORD });
    shop.office.post("/operators", &operator).await.expect(201);
}

async fn there_is_one_threshold_for_each_currency(office: BackOffice) {
    let money = |amount: &str, currency: &str| json!({ "amount": amount, "currency": currency });
    let thresholds = json!([money("50.00", "EUR"), money("5000", "JPY")]);
    let shop = Shop::open(
        office,
        json!({ "remittance_threshold": null, "remittance_thresholds": thresholds, "commission_percent": "100" }),
    )
    .await;
    let agent = format!("/agents/{}", shop.seller.agent_id);
    assert_eq!(shop.office.get(&agent).await["remittance_thresholds"], thresholds);
    for (reference, amount) in
        [("eur", money("60.00", "EUR")), ("jpy", money("6000", "JPY")), ("kwd", money("6.000", "KWD"))]
    {
        shop.send(&shop.payment(reference, amount)).await.expect(201);
    }
    let request = async |amount: Value| {
        let body = json!({ "agent_id": shop.seller.agent_id, "amount": amount });
        shop.office.post("/remittances", &body).await
    };
    assert_eq!(request(money("6.000", "KWD")).await.expect(409)["code"], "no_threshold");
    request(money("6000", "JPY")).await.expect(201);
    request(money("60.00", "EUR")).await.expect(201);
    let balances = shop.office.get(&format!("{agent}/balances")).await;
    let currencies: Vec<&str> =
        balances["items"].as_array().unwrap().iter().map(|item| item["currency"].as_str().unwrap()).collect();
    assert_eq!(currencies, ["EUR", "JPY", "KWD"]);
    let twice = json!({ "remittance_thresholds": [money("1.00", "EUR"), money("2.00", "EUR")] });
    let problem = shop.office.call("PATCH", &agent, &[("if-match", "*")], &twice).await.expect(422);
    assert_eq!(faults(&problem), [("remittance_thresholds", "duplicate")]);
}

async fn what_is_left_of_a_closed_agent_can_be_paid_out(office: BackOffice) {
    let shop = Box::pin(Shop::with_earned(office, "20.00")).await;
    let agent = format!("/agents/{}", shop.seller.agent_id);
    shop.office.call("POST", &format!("{agent}/suspend"), &[("if-match", "*")], &json!({})).await.expect(200);
    assert_eq!(shop.request("20.00").await.expect(409)["code"], "below_threshold");
    shop.office.call("POST", &format!("{agent}/close"), &[("if-match", "*")], &json!({})).await.expect(200);
    let remittance = shop.requested("20.00").await;
    shop.step(&remittance, "approve", &json!({})).await.expect(200);
    shop.step(&remittance, "pay", &payout("B-1")).await.expect(200);
    assert_eq!(shop.balance().await, ["0.00", "20.00", "0.00", "20.00", "0.00"]);
}

async fn many_requests_are_approved_at_once_with_an_answer_for_each(office: BackOffice) {
    let shop = Box::pin(Shop::with_earned(office, "200.00")).await;
    let [first, second, refused] =
        [shop.requested("60.00").await, shop.requested("70.00").await, shop.requested("50.00").await];
    shop.step(&refused, "refuse", &json!({ "reason": "not yet" })).await.expect(200);
    let unknown = "01890a5d-ac96-774b-bcce-b302099a8057";
    let ids = json!({ "ids": [first, refused, unknown, second, first] });
    let key = [("idempotency-key", "monday")];
    let answer = shop.office.call("POST", "/remittances:approve", &key, &ids).await.expect(200);
    assert_eq!(answer["approved"], 2);
    let items = answer["items"].as_array().unwrap();
    let told: Vec<_> =
        items.iter().map(|item| (item["id"].as_str().unwrap(), item["status"].as_u64().unwrap())).collect();
    assert_eq!(told, [(first.as_str(), 200), (&refused, 409), (unknown, 404), (&second, 200)]);
    assert_eq!(items[0]["remittance"]["state"], "approved");
    assert_eq!(items[1]["problem"]["detail"], "The remittance is refused.");
    // The answer was lost and the request is sent again.
    let again = shop.office.call("POST", "/remittances:approve", &key, &ids).await.expect(200);
    assert_eq!((&again["approved"], &again["items"][0]["status"]), (&json!(2), &json!(200)));
    let other = shop.office.post("/remittances:approve", &json!({ "ids": [first] })).await.expect(200);
    assert_eq!(other["items"][0]["problem"]["detail"], "The remittance is approved.");
    for (ids, fault) in [(json!([]), "required"), (json!(vec![unknown; 1]), ""), (Value::Null, "required")] {
        let reply = shop.office.post("/remittances:approve", &json!({ "ids": ids })).await;
        assert_eq!(reply.status == 422, !fault.is_empty(), "{}", reply.text);
    }
    let many: Vec<_> = (0..201).map(|_| contract::ids::new_id()).collect();
    let refused = shop.office.post("/remittances:approve", &json!({ "ids": many })).await.expect(422);
    assert_eq!(faults(&refused), [("ids", "wrong_length")]);
    let reader = shop.bearer(&["money:read", "remittances:pay"]).await;
    let headers = [("authorization", reader.as_str())];
    let body = json!({ "ids": [second] }).to_string().into_bytes();
    shop.office.send("POST", "/api/v1/remittances:approve", &headers, body).await.expect(403);
    shop.is_a_fold().await;
}

async fn all_that_wait_are_approved_on_one_page(office: BackOffice) {
    let shop = Box::pin(Shop::with_earned(office, "200.00")).await;
    let mut browser = Browser::new(&shop.office);
    browser.sign_in("/sign-in", "operator", PASSWORD).await;
    assert!(browser.page("/payouts/approve").await.contains("No request waits for an approval"));
    let [first, second] = [shop.requested("60.00").await, shop.requested("70.00").await];
    let menu = browser.page("/").await;
    assert!(menu.contains("Payouts <span class=\"count\">2<span class=\"unseen\"> waiting</span></span>"), "{menu}");
    let page = browser.page("/payouts/approve").await;
    assert!(page.contains("2 requests of 130.00 EUR") && page.matches(" checked>").count() == 2, "{page}");
    let none = browser.fill("/payouts/approve", &[]).await;
    assert!(none.status == 422 && none.text.contains("needs at least one choice"), "{}", none.text);
    // One is decided on meanwhile, in another tab.
    shop.step(&second, "refuse", &json!({ "reason": "not yet" })).await.expect(200);
    let done = browser.fill("/payouts/approve", &[("ids[]", &first), ("ids[]", &second)]).await;
    assert_eq!(done.status, 200);
    assert!(done.text.contains("The remittance is refused.") && done.text.contains("60.00 EUR"), "{}", done.text);
    assert_eq!(shop.office.get(&format!("/remittances/{first}")).await["state"], "approved");
    assert!(!browser.page("/").await.contains("waiting</span>"));
}

async fn a_payout_shows_its_steps_on_both_faces(office: BackOffice) {
    let shop = Box::pin(Shop::with_earned(office, "200.00")).await;
    shop.change_agent(json!({ "permissions": ["remittance"] })).await;
    let remittance = shop.requested("60.00").await;
    let mut agent = Browser::new(&shop.office);
    agent.sign_in("/portal/sign-in", "zoe-phones", PASSWORD).await;
    let path = format!("/portal/payouts/{remittance}");
    assert!(agent.page("/portal/payouts").await.contains(&format!("href=\"{path}\"")));
    let page = agent.page(&path).await;
    assert!(page.contains("Requested") && page.contains("The operator decides on it"), "{page}");
    shop.step(&remittance, "approve", &json!({})).await.expect(200);
    shop.step(&remittance, "pay", &payout("B-1")).await.expect(200);
    shop.step(&remittance, "return", &json!({ "reason": "account closed" })).await.expect(200);
    let mut operator = Browser::new(&shop.office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    for page in [agent.page(&path).await, operator.page(&format!("/payouts/{remittance}")).await] {
        let places: Vec<_> = ["Requested", "Approved", "Paid", "Returned"]
            .map(|step| page.find(&format!("<strong>{step}</strong>")).unwrap())
            .into();
        assert!(places.is_sorted(), "{page}");
        assert!(page.contains("Bank transfer, B-1") && page.contains("account closed"), "{page}");
    }
    let other = id(&shop
        .office
        .post("/agents", &with(agent_body("other"), json!({ "permissions": ["remittance"] })))
        .await
        .expect(201));
    let mut stranger = Browser::new(&shop.office);
    stranger.sign_in("/portal/sign-in", "other", PASSWORD).await;
    let hidden = stranger.get(&path).await;
    let nowhere = stranger.get(&format!("/portal/payouts/{other}")).await;
    assert_eq!((hidden.status.as_u16(), nowhere.status.as_u16()), (404, 404));
}
