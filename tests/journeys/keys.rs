//! Signup keys: spelling, pausing, resuming, revoking, and QR codes.

use harness::names::{Rng, person};
use harness::{Pair, Result, Visitor, ensure, json, seconds};

harness::on_both_pairs!(
    a_key_may_be_typed_as_it_is_read,
    a_slug_is_chosen_once_and_for_ever,
    a_key_works_between_its_dates_and_within_its_cap,
    a_key_rests_works_again_and_ends,
    a_key_stops_with_its_agent_plan_or_group,
    a_key_has_a_qr_code,
);

async fn a_key_may_be_typed_as_it_is_read(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let seller = operator.add_seller().await?;
    let mut rng = Rng::new(8);
    let mut with_a_zero = None;
    for number in 0..8 {
        let key = operator.add_key(&seller).await?;
        let crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        ensure!(key.id.len() >= 10 && key.id.chars().all(|sign| crockford.contains(sign)), "an odd key {}", key.id);
        let visitor = pair.signup(number);
        visitor.lookup_at(&key.id, key.position).await?.expect(200)?;
        let typed = key.id.to_lowercase().replace('0', "o").replace('1', "l");
        ensure!(visitor.lookup(&typed).await?.expect(200)?.json()?["key"] == key.id, "{typed} is not {}", key.id);
        visitor.page(&typed).await?.expect(200)?;
        if key.id.contains('0') || number == 7 {
            with_a_zero = Some((key.id, typed));
        }
    }
    let (key, typed) = with_a_zero.unwrap_or_default();
    let visitor = pair.signup(0);
    let placed = visitor.sign_up(&typed.replace('o', "O"), &person(&mut rng, 1)).await?.expect(201)?;
    ensure!(placed.json()?["placement"]["key"] == key, "{placed}");
    Ok(())
}

async fn a_slug_is_chosen_once_and_for_ever(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let seller = operator.add_seller().await?;
    let slug = json!({"slug": "summer-2026", "label": "Summer", "note": "On the window of the shop"});
    let key = operator.add_key_with(&seller, slug.clone()).await?;
    ensure!(key.id == "summer-2026" && key.body["label"] == "Summer", "{:?}", key.body);
    pair.signup(0).lookup_at(&key.id, key.position).await?.expect(200)?;
    for _ in 0..2 {
        let body = harness::operator::with(seller.key_body(), slug.clone());
        let problem = operator.api.post("/signup-keys").json(&body).refused(409, "conflict").await?;
        ensure!(problem["code"] == "slug_taken", "{problem}");
        // In the second round it is revoked, but still taken.
        if operator.key(&key.id).await?["state"] == "active" {
            operator.turn_key(&key.id, "revoke").await?;
        }
    }
    Ok(())
}

async fn a_key_works_between_its_dates_and_within_its_cap(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let seller = operator.add_seller().await?;
    let early = operator.add_key_with(&seller, json!({"starts_at": "2998-01-01T00:00:00Z"})).await?;
    let late = json!({"starts_at": "2001-01-01T00:00:00Z", "ends_at": "2002-01-01T00:00:00Z"});
    let late = operator.add_key_with(&seller, late).await?;
    let current = json!({"starts_at": "2001-01-01T00:00:00Z", "ends_at": "2998-01-01T00:00:00Z", "cap": 2});
    let current = operator.add_key_with(&seller, current).await?;
    let mut rng = Rng::new(9);
    let visitor = pair.signup(0);
    visitor.lookup_at(&current.id, current.position).await?.expect(200)?;
    refused(&visitor, &early.id, "not_started").await?;
    refused(&visitor, &late.id, "ended").await?;
    for number in 0..2 {
        visitor.sign_up(&current.id, &person(&mut rng, number)).await?.expect(201)?;
    }
    let third = visitor.sign_up(&current.id, &person(&mut rng, 3)).await?.expect(410)?;
    ensure!(third.json()?["reason"] == "exhausted", "{third}");
    for replica in 0..pair.replicas() {
        pair.signup(replica).refused_within(seconds(2), &current.id, "exhausted").await?;
    }
    Ok(())
}

async fn refused(visitor: &Visitor, key: &str, reason: &str) -> Result<()> {
    visitor.refused_within(seconds(1), key, reason).await?;
    let page = visitor.page(key).await?.expect(410)?;
    ensure!(page.header("content-type").starts_with("text/html"), "{page}: no page");
    let answer = visitor.sign_up(key, &person(&mut Rng::new(10), 1)).await?.expect(410)?;
    ensure!(answer.json()?["reason"] == reason, "{answer}");
    Ok(())
}

async fn a_key_rests_works_again_and_ends(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let seller = operator.add_seller().await?;
    let key = operator.add_key(&seller).await?.id;
    let turn = async |verb: &str| -> Result<u64> { operator.turn_key(&key, verb).await?.position() };
    turn("pause").await?;
    for replica in 0..pair.replicas() {
        refused(&pair.signup(replica), &key, "paused").await?;
    }
    let position = turn("resume").await?;
    for replica in 0..pair.replicas() {
        pair.signup(replica).lookup_at(&key, position).await?.expect(200)?;
    }
    turn("revoke").await?;
    for replica in 0..pair.replicas() {
        refused(&pair.signup(replica), &key, "revoked").await?;
    }
    for verb in ["resume", "pause"] {
        operator.api.post(&format!("/signup-keys/{key}/{verb}")).refused(409, "conflict").await?;
    }
    let again = operator.api.post(&format!("/signup-keys/{key}/revoke")).refused(409, "conflict").await?;
    ensure!(again["code"] == "already_revoked", "{again}");
    ensure!(operator.key(&key).await?["state"] == "revoked", "it came back");
    Ok(())
}

async fn a_key_stops_with_its_agent_plan_or_group(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let (seller, other) = (operator.add_seller().await?, operator.add_seller().await?);
    let key = operator.add_key(&seller).await?;
    let last = pair.signup(pair.replicas() - 1);
    last.lookup_at(&key.id, key.position).await?.expect(200)?;

    operator.turn_agent(&seller.agent, "suspend").await?;
    refused(&last, &key.id, "agent_suspended").await?;
    let position = operator.turn_agent(&seller.agent, "reinstate").await?.position()?;
    last.lookup_at(&key.id, position).await?.expect(200)?;

    let usable = operator.plans_usable(&seller.agent).await?;
    ensure!(usable[0]["keys"] == 1, "the page does not say how many keys would stop: {usable:?}");
    let withdrawn = operator.withdraw(&seller.agent, &seller.plan).await?;
    ensure!(withdrawn.json()?["keys_stopped"] == 1, "{withdrawn}");
    refused(&last, &key.id, "grant_withdrawn").await?;

    operator.grant(&other.agent, &seller.plan).await?;
    let theirs = operator.add_key(&other).await?;
    last.lookup_at(&theirs.id, theirs.position).await?.expect(200)?;
    let placed = last.sign_up(&theirs.id, &person(&mut Rng::new(11), 1)).await?.expect(201)?.json()?;
    let group = format!("/groups/{}", other.group);
    let moved = operator.api.patch(&group).json(&json!({"agent_id": seller.agent})).send().await?.expect(200)?;
    ensure!(moved.json()?["agent_id"] == seller.agent, "{moved}");
    refused(&last, &theirs.id, "group_not_agents").await?;
    let customer = placed["customer_id"].as_str().unwrap_or_default();
    let customer = pair.signup_api(0).get(&format!("/api/v1/customers/{customer}")).expect(200).await?;
    ensure!(customer["placement"]["agent_id"] == other.agent, "history was rewritten: {customer}");

    let third = operator.add_seller().await?;
    let third_key = operator.add_key(&third).await?;
    last.lookup_at(&third_key.id, third_key.position).await?.expect(200)?;
    operator.api.post(&format!("/call-plans/{}/retire", third.plan)).expect(200).await?;
    refused(&last, &third_key.id, "plan_retired").await
}

async fn a_key_has_a_qr_code(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let seller = operator.add_seller().await?;
    let key = operator.add_key(&seller).await?.id;
    let svg = operator.api.get(&format!("/signup-keys/{key}/qr.svg")).send().await?.expect(200)?;
    ensure!(svg.header("content-type").starts_with("image/svg+xml") && svg.text().contains("<svg"), "{svg}");
    let png = operator.api.get(&format!("/signup-keys/{key}/qr.png")).send().await?.expect(200)?;
    ensure!(png.header("content-type") == "image/png" && png.body.starts_with(b"\x89PNG\r\n"), "no PNG");
    operator.api.get("/signup-keys/2222222222/qr.svg").refused(404, "not-found").await?;
    Ok(())
}
