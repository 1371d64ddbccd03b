//! Bad input: each gets a clear problem with all field errors, nothing is stored, nothing personal is logged. Unusual
//! but valid input comes back as typed.

use harness::api::field_errors;
use harness::names::{Person, Rng, person};
use harness::operator::{agent_body, fresh_login, with};
use harness::{Pair, Result, Value, checker::Logs, ensure, eventually, json, personal, seconds};

harness::on_both_pairs!(
    a_bad_agent_is_refused_with_every_field_at_once,
    a_bad_body_is_refused_before_it_is_read,
    a_key_that_does_not_fit_together_is_refused,
    a_bad_signup_is_refused_and_leaves_nothing,
    names_come_back_as_typed,
);

fn fields(problem: &Value) -> Vec<String> {
    field_errors(problem).into_iter().map(|(field, _)| field).collect()
}

async fn a_bad_agent_is_refused_with_every_field_at_once(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let before = Logs::read(&pair).await?.agents.head;
    let long = "x".repeat(20_000);
    let cases = [
        (json!({"colour": "red"}), "colour"),
        (json!({"name": 7}), "name"),
        (json!({"name": long}), "name"),
        (json!({"login": "abc"}), "login"),
        (json!({"password": "too short"}), "password"),
        (json!({"permissions": []}), "permissions"),
        (json!({"permissions": "customers"}), "permissions"),
        (json!({"remittance_threshold": null}), "remittance_threshold"),
        (json!({"remittance_threshold": {"amount": "-1", "currency": "EUR"}}), "remittance_threshold.amount"),
        (json!({"remittance_threshold": {"amount": "1", "currency": "euro"}}), "remittance_threshold.currency"),
        (json!({"commission_percent": "101"}), "commission_percent"),
        (json!({"commission_percent": "-0.5"}), "commission_percent"),
        (json!({"contact": {"email": "secret.person.77"}}), "contact.email"),
    ];
    for (change, field) in cases {
        let body = with(agent_body(&fresh_login()), change.clone());
        let problem = operator.api.post("/agents").json(&body).refused(422, "validation").await?;
        ensure!(fields(&problem) == [field], "{change} gives {problem}");
    }
    let hopeless = json!({
        "login": "a", "password": "b", "permissions": [], "commission_percent": "101", "colour": "red", "name": 7,
    });
    let problem = operator.api.post("/agents").json(&hopeless).refused(422, "validation").await?;
    let mut named = fields(&problem);
    named.sort();
    let expected = ["colour", "commission_percent", "login", "name", "password", "permissions", "remittance_threshold"];
    ensure!(named == expected, "not all at once: {problem}");

    let logs = Logs::read(&pair).await?;
    ensure!(logs.agents.head == before, "something was stored");
    personal::absent_everywhere(&pair, [&logs.agents, &logs.signups], &["secret.person.77".to_owned()])
}

async fn a_bad_body_is_refused_before_it_is_read(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let before = Logs::read(&pair).await?.agents.head;
    let post = || operator.api.post("/call-plans");
    post().raw("application/json", b"{\"name\": \"\xff\xfe\"}".to_vec()).refused(400, "invalid-utf8").await?;
    post().raw("application/json", "{\"name\": ").refused(400, "malformed-json").await?;
    post().raw("text/plain", "{\"name\": \"Plan\"}").refused(415, "unsupported-media-type").await?;
    // A server that stops reading may close the connection before the client reads the response; the client retries
    // then.
    let large = " ".repeat(10 << 20);
    eventually(seconds(10), async || {
        post().raw("application/json", large.clone()).refused(413, "body-too-large").await
    })
    .await?;
    post().json(&json!([1, 2])).refused(422, "validation").await?;
    post().idempotency_key(&"k".repeat(129)).json(&json!({"name": "Plan"})).send().await?.expect(422)?;
    operator.api.get("/no-such-thing").refused(404, "not-found").await?;
    operator.api.delete("/agents").refused(405, "method-not-allowed").await?;
    operator.api.get("/agents/not-an-id").refused(404, "not-found").await?;
    let stranger = operator.api.with_token(None);
    stranger.post("/call-plans").json(&json!({"name": "Plan"})).refused(401, "unauthenticated").await?;
    stranger.with_token(Some("wrong")).get("/agents").refused(401, "unauthenticated").await?;
    ensure!(Logs::read(&pair).await?.agents.head == before, "something was stored");
    Ok(())
}

async fn a_key_that_does_not_fit_together_is_refused(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let (seller, other) = (operator.add_seller().await?, operator.add_seller().await?);
    let head = Logs::read(&pair).await?.agents.head;
    let post = |body: Value| operator.api.post("/signup-keys").json(&body);
    let conflicts = [
        (json!({"call_plan_id": other.plan}), "plan_not_granted"),
        (json!({"group_id": other.group}), "group_of_another_agent"),
    ];
    for (change, code) in conflicts {
        let problem = post(with(seller.key_body(), change)).refused(409, "conflict").await?;
        ensure!(problem["code"] == code, "{problem}");
    }
    let invalid = [
        (json!({"starts_at": "2099-01-01T00:00:00Z", "ends_at": "2098-01-01T00:00:00Z"}), "ends_at"),
        (json!({"starts_at": "next Tuesday"}), "starts_at"),
        (json!({"cap": 0}), "cap"),
        (json!({"cap": -3}), "cap"),
        (json!({"slug": "No Spaces!"}), "slug"),
        (json!({"slug": "abc"}), "slug"),
        (json!({"agent_id": "nobody"}), "agent_id"),
    ];
    for (change, field) in invalid {
        let problem = post(with(seller.key_body(), change.clone())).refused(422, "validation").await?;
        ensure!(fields(&problem) == [field], "{change} gives {problem}");
    }
    ensure!(Logs::read(&pair).await?.agents.head == head, "something was stored");
    Ok(())
}

async fn a_bad_signup_is_refused_and_leaves_nothing(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let seller = operator.add_seller().await?;
    let key = operator.add_key(&seller).await?;
    let visitor = pair.signup(0);
    visitor.lookup_at(&key.id, key.position).await?.expect(200)?;
    let secret = person(&mut Rng::new(77), 77);
    let good = visitor.body(&key.id, &secret);
    let post = |body: &Value| visitor.api.post("/api/v1/signups").json(body);
    let cases = [
        (json!({"email": format!("{} and more", secret.address)}), vec!["email"]),
        (json!({"first_name": "", "last_name": 5}), vec!["first_name", "last_name"]),
        (json!({"favourite_colour": "red"}), vec!["favourite_colour"]),
        (json!({"consent": null}), vec!["consent.terms_version"]),
        (json!({"address": "y".repeat(50_000)}), vec!["address"]),
        (json!({"campaign": {"utm_colour": "red"}}), vec!["campaign.utm_colour"]),
    ];
    for (change, expected) in cases {
        let problem = post(&with(good.clone(), change)).refused(422, "validation").await?;
        let mut named = fields(&problem);
        named.sort();
        ensure!(named == expected, "expected {expected:?}: {problem}");
    }
    let unknown = with(good.clone(), json!({"key": "2222222222"}));
    let problem = post(&unknown).refused(404, "key-unusable").await?;
    ensure!(problem["reason"] == "unknown", "{problem}");
    visitor.page("2222222222").await?.expect(404)?;
    visitor.page("%ff%fe").await?.expect(404)?;

    operator.turn_key(&key.id, "revoke").await?;
    visitor.refused_within(seconds(1), &key.id, "revoked").await?;
    let problem = post(&good).refused(410, "key-unusable").await?;
    ensure!(problem["reason"] == "revoked", "{problem}");

    let logs = Logs::read(&pair).await?;
    ensure!(logs.signups.named("customer_placed").count() == 0, "a customer was placed");
    personal::absent_everywhere(&pair, [&logs.agents, &logs.signups], &personal::traces_of(&secret))
}

async fn names_come_back_as_typed(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let seller = operator.add_seller().await?;
    let key = operator.add_key(&seller).await?;
    let visitor = pair.signup(pair.replicas() - 1);
    visitor.lookup_at(&key.id, key.position).await?.expect(200)?;
    let typed = [
        ("O'Brien", "Union City"),
        ("李小龙", "佛山"),
        ("Zoë", "Øster \"Å\""),
        ("محمد بن سلمان", "القاهرة"),
        ("שרה", "ירושלים"),
        ("👩‍👩‍👧 Emoji", "🏝️"),
        ("Robert'); DROP TABLE", "<b>Bold</b>"),
        ("a\u{200d}b", "&amp;"),
    ];
    for (number, (name, city)) in typed.into_iter().enumerate() {
        let email = person(&mut Rng::new(4), number).email;
        let who = Person { first_name: name.into(), last_name: name.into(), email, ..person(&mut Rng::new(4), number) };
        let body = with(visitor.body(&key.id, &who), json!({"city": city}));
        let placed = visitor.api.post("/api/v1/signups").json(&body).expect(201).await?;
        let id = placed["customer_id"].as_str().unwrap_or_default();
        let customer = pair.signup_api(0).get(&format!("/api/v1/customers/{id}")).expect(200).await?;
        ensure!(customer["first_name"] == name && customer["last_name"] == name, "{name} became {customer}");
        ensure!(customer["city"] == city && customer["email"] == who.email, "{city} became {customer}");

        let agent = operator.add_agent_with(json!({"name": name, "contact": {"city": city}})).await?;
        let agent = operator.agent(&agent.id).await?;
        ensure!(agent["name"] == name && agent["contact"]["city"] == city, "{name} became {agent}");
    }
    let decomposed = with(visitor.body(&key.id, &person(&mut Rng::new(5), 50)), json!({"city": "Zoe\u{308}"}));
    let placed = visitor.api.post("/api/v1/signups").json(&decomposed).expect(201).await?;
    let id = placed["customer_id"].as_str().unwrap_or_default();
    let customer = pair.signup_api(0).get(&format!("/api/v1/customers/{id}")).expect(200).await?;
    ensure!(customer["city"] == "Zoë", "text is not kept in NFC: {customer}");
    Ok(())
}
