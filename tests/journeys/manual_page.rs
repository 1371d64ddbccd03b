//! The manual page, sentence by sentence: its four sections in order, with the localhost note, on every replica.

use harness::names::{Rng, person};
use harness::operator::{PASSWORD, fresh_login};
use harness::{Pair, Result, Seller, checker, ensure, eventually, json, seconds};

harness::on_both_pairs!(an_operator_follows_the_manual_and_a_visitor_is_placed);

async fn an_operator_follows_the_manual_and_a_visitor_is_placed(pair: Pair) -> Result<()> {
    let agent = agent_creation(&pair).await?;
    let plan = call_plans_usable(&pair, &agent).await?;
    let group = customer_group(&pair, &agent).await?;
    let seller = Seller { agent, plan, group };
    let key = signup_urls(&pair, &seller).await?;
    a_visitor_is_placed(&pair, &seller, &key).await?;
    revoked_means_refused_everywhere(&pair, &key).await?;
    checker::verifies(&pair).await
}

/// "Supply login and password", "at least one of the screens is selected", "Threshold Remittance must be filled in".
async fn agent_creation(pair: &Pair) -> Result<String> {
    let operator = pair.agents(0);
    let threshold = json!({"amount": "250.00", "currency": "EUR"});
    let (login, no_screens) = (fresh_login(), json!([]));
    let incomplete = json!({"login": login, "password": PASSWORD, "permissions": no_screens});
    let problem = operator.api.post("/agents").json(&incomplete).refused(422, "validation").await?;
    let fields: Vec<String> = harness::api::field_errors(&problem).into_iter().map(|(field, _)| field).collect();
    ensure!(fields.contains(&"permissions".to_owned()), "no screen selected, yet {problem}");
    ensure!(fields.contains(&"remittance_threshold".to_owned()), "no threshold, yet {problem}");

    let complete = json!({
        "login": login, "password": PASSWORD, "permissions": ["customers", "sales"],
        "remittance_threshold": threshold, "name": "Corner Shop Telecom", "commission_percent": "12.5",
    });
    let made = operator.api.post("/agents").json(&complete).send().await?.expect(201)?;
    let agent = made.json()?;
    ensure!(agent["remittance_threshold"] == threshold && agent["state"] == "active", "{made}");
    ensure!(!made.text().contains(PASSWORD), "the password is shown");
    let id = agent["id"].as_str().unwrap_or_default().to_owned();
    let found = operator.api.get("/agents?search=Corner%20Shop").expect(200).await?;
    ensure!(found["items"][0]["id"] == id, "the search does not find the agent: {found}");
    Ok(id)
}

/// "Once the Agent is created, you need to edit the agent, and add the call-plans that he is entitled to sell."
async fn call_plans_usable(pair: &Pair, agent: &str) -> Result<String> {
    let operator = pair.agents(0);
    let plan = operator.add_plan("Call-through 500").await?.id;
    operator.add_plan("Not for this agent").await?;
    operator.grant(agent, &plan).await?;
    let usable = operator.plans_usable(agent).await?;
    ensure!(usable.len() == 1 && usable[0]["id"] == plan, "other plans are usable: {usable:?}");
    Ok(plan)
}

/// "Agents can have multiple groups attached, e.g. one for `VoIP` and one for Call-through services."
async fn customer_group(pair: &Pair, agent: &str) -> Result<String> {
    let operator = pair.agents(0);
    operator.add_group("VoIP", agent).await?;
    let body = json!({
        "name": "Call-through", "description": "Customers who call through", "agent_id": agent,
        "ui_elements": ["password", "call_history", "voucher"],
    });
    let group = operator.add_group_with(&body).await?;
    ensure!(group.body["ui_elements"] == body["ui_elements"], "{:?}", group.body);
    let groups = operator.list(&format!("/groups?agent_id={agent}")).await?;
    ensure!(groups.len() == 2, "the agent has {} groups", groups.len());
    Ok(group.id)
}

/// "Note the localhost in the name, then you have not correctly configured your system settings."
async fn signup_urls(pair: &Pair, seller: &Seller) -> Result<String> {
    let operator = pair.agents(0);
    operator.change_settings(&json!({"customer_interface_url": "http://localhost:8080"})).await?;
    let first = operator.add_key(seller).await?;
    ensure!(first.body["url"] == format!("http://localhost:8080/signup/{}", first.id), "{:?}", first.body);
    ensure!(warnings(&first.body) > 0, "no warning about localhost: {:?}", first.body);
    ensure!(warnings(&operator.settings().await?) > 0, "the settings page does not warn");

    operator.change_settings(&json!({"customer_interface_url": "https://my.telecom.example"})).await?;
    let mended = operator.key(&first.id).await?;
    ensure!(mended["url"] == format!("https://my.telecom.example/signup/{}", first.id), "not corrected: {mended}");
    ensure!(warnings(&mended) == 0, "still warned: {mended}");

    operator.turn_key(&first.id, "revoke").await?;
    let second = operator.add_key(seller).await?;
    ensure!(second.id != first.id, "a key was used again");
    for replica in 0..pair.replicas() {
        let visitor = pair.signup(replica);
        visitor.lookup_at(&second.id, second.position).await?.expect(200)?;
        visitor.refused_within(seconds(1), &first.id, "revoked").await?;
    }
    Ok(second.id)
}

fn warnings(body: &harness::Value) -> usize {
    body["warnings"].as_array().map_or(0, Vec::len)
}

/// "Any new customer signing up via that link will be placed with the assigned agent, call-plan and customer group."
async fn a_visitor_is_placed(pair: &Pair, seller: &Seller, key: &str) -> Result<()> {
    let mut rng = Rng::new(1);
    for replica in 0..pair.replicas() {
        let visitor = pair.signup(replica);
        let usable = visitor.usable_within(seconds(5), key).await?;
        ensure!(usable["agent"]["id"] == seller.agent && usable["call_plan"]["id"] == seller.plan, "{usable}");

        let placed = visitor.sign_up(key, &person(&mut rng, replica)).await?.expect(201)?;
        let expected = json!({
            "key": key, "agent_id": seller.agent, "call_plan_id": seller.plan, "group_id": seller.group,
        });
        ensure!(placed.json()?["placement"] == expected, "placed elsewhere: {placed}");

        let confirmation = visitor.sign_up_on_page(key, &person(&mut rng, 100 + replica)).await?.expect(200)?;
        let logs = checker::Logs::read(pair).await?;
        let last = logs.signups.named("customer_placed").last();
        let last = last.map(harness::events::Event::data).transpose()?.unwrap_or_default();
        let number = last["customer_number"].as_str().unwrap_or_default();
        ensure!(confirmation.text().contains(number), "the customer number {number} is not confirmed: {confirmation}");
        ensure!(last["key"] == key && last["group_id"] == seller.group, "the page placed elsewhere: {last}");
        ensure!(last["agent_name"] == "Corner Shop Telecom" && last["call_plan_name"] == "Call-through 500", "{last}");
    }
    let logs = checker::Logs::read(pair).await?;
    let placed = logs.signups.named("customer_placed").count();
    ensure!(placed == 2 * pair.replicas(), "{placed} customers were placed");
    Ok(())
}

async fn revoked_means_refused_everywhere(pair: &Pair, key: &str) -> Result<()> {
    pair.agents(pair.replicas() - 1).turn_key(key, "revoke").await?;
    let late = person(&mut Rng::new(2), 900);
    for replica in 0..pair.replicas() {
        let visitor = pair.signup(replica);
        visitor.refused_within(seconds(1), key, "revoked").await?;
        let refused = visitor.sign_up(key, &late).await?.expect(410)?;
        ensure!(refused.json()?["reason"] == "revoked", "{refused}");
        eventually(seconds(1), async || visitor.page(key).await?.expect(410)).await?;
    }
    Ok(())
}
