//! Agents: all their fields, search, changes with If-Match, and life stages.

use harness::operator::{agent_body, fresh_login, with};
use harness::{Pair, Result, Value, ensure, json};

harness::on_both_pairs!(
    every_field_of_an_agent_is_kept,
    agents_are_searched_filtered_sorted_and_paged,
    a_change_needs_the_version_it_was_made_from,
    a_closed_agent_never_comes_back,
);

async fn every_field_of_an_agent_is_kept(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let login = fresh_login();
    let body = with(
        agent_body(&login),
        json!({
            "permissions": ["customers", "signup_urls", "groups", "sales", "commission", "remittance", "call_plans", "support"],
            "name": "Zoë & Söhne", "commission_percent": "12.5", "currency": "SEK", "language": "sv", "vat_percent": "25", "vat_kind": "rate",
            "contact": {
                "company": "Zoë AB", "first_name": "Zoë", "last_name": "O'Brien", "address": "Storgatan 1", "city": "Malmö",
                "state": "Skåne", "country": "SE", "postal_code": "211 34", "phone": "+46 40 123456", "email": "zoe@mail.example",
                "vat_number": "SE556677889901",
            },
            "bank_details": "IBAN SE35 5000 0000 0549 1000 0003",
        }),
    );
    let answer = operator.api.post("/agents").json(&body).send().await?.expect(201)?;
    let made = answer.json()?;
    let id = made["id"].as_str().unwrap_or_default().to_owned();
    ensure!(answer.header("Location").ends_with(&format!("/agents/{id}")), "no Location: {:?}", answer.headers);
    ensure!(answer.header("ETag") == format!("\"{}\"", made["version"]), "no ETag: {:?}", answer.headers);

    let agent = operator.agent(&id).await?;
    for (field, value) in body.as_object().into_iter().flatten().filter(|(field, _)| *field != "password") {
        ensure!(same(&agent[field], value), "{field}: {value} became {}", agent[field]);
    }
    ensure!(!agent.to_string().contains("password"), "the password is shown: {agent}");
    let problem = operator.api.post("/agents").json(&agent_body(&login)).refused(409, "conflict").await?;
    ensure!(problem["code"] == "login_taken", "{problem}");
    operator.api.post("/agents").json(&agent_body(&login.to_uppercase())).refused(409, "conflict").await?;
    Ok(())
}

/// Numbers come back with all places of their currency (`25.00` for `25`); lists have no order.
fn same(found: &Value, typed: &Value) -> bool {
    let number = |value: &Value| value.as_str().and_then(|text| text.parse::<f64>().ok());
    match (found, typed) {
        (Value::Array(found), Value::Array(typed)) => {
            found.len() == typed.len() && typed.iter().all(|item| found.contains(item))
        }
        (Value::String(_), Value::String(_)) if number(typed).is_some() => number(found) == number(typed),
        _ => found == typed,
    }
}

async fn agents_are_searched_filtered_sorted_and_paged(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let mut made = Vec::new();
    for (name, company, email) in [
        ("Bravo", "Northwind", "b@mail.example"),
        ("alpha", "Southwind", "a@mail.example"),
        ("Çelik", "Northwind", "c@mail.example"),
        ("Delta 100%", "Eastwind", "d_d@mail.example"),
    ] {
        let contact = json!({"name": name, "contact": {"company": company, "email": email}});
        made.push(operator.add_agent_with(contact).await?.id);
    }
    operator.turn_agent(&made[1], "suspend").await?;
    let names = async |query: &str| -> Result<Vec<String>> {
        let items = operator.api.get(&format!("/agents?{query}")).expect(200).await?["items"].clone();
        let items = items.as_array().cloned().unwrap_or_default();
        Ok(items.iter().filter_map(|item| item["name"].as_str().map(str::to_owned)).collect())
    };
    ensure!(names("search=northwind&sort=name").await? == ["Bravo", "Çelik"], "search by company");
    ensure!(names("search=a@mail.example").await? == ["alpha"], "search by e-mail");
    ensure!(names("search=100%25").await? == ["Delta 100%"], "a percent sign is no wildcard");
    ensure!(names("search=d_d%40mail").await? == ["Delta 100%"], "an underscore is no wildcard");
    ensure!(names("search=celik").await? == ["Çelik"], "search without marks");
    ensure!(names("search=nobody").await?.is_empty(), "a search that finds nothing");
    ensure!(names("state=suspended").await? == ["alpha"], "filter by state");
    let sorted = names("sort=name").await?;
    let mut reversed = names("sort=-name").await?;
    reversed.reverse();
    ensure!(sorted == reversed && sorted.len() == 4, "{sorted:?} is not {reversed:?}");
    ensure!(names("sort=created").await? == ["Bravo", "alpha", "Çelik", "Delta 100%"], "sort by age");

    let mut paged = Vec::new();
    let mut after = String::new();
    loop {
        let page = operator.api.get(&format!("/agents?sort=name&limit=1{after}")).expect(200).await?;
        paged.push(page["items"][0]["name"].as_str().unwrap_or_default().to_owned());
        let Some(cursor) = page["next"].as_str() else { break };
        after = format!("&after={}", harness::api::encoded(cursor));
    }
    ensure!(paged == sorted, "page by page it is {paged:?}");
    for query in ["limit=0", "limit=201", "sort=colour", "state=asleep"] {
        operator.api.get(&format!("/agents?{query}")).refused(422, "validation").await?;
    }
    Ok(())
}

async fn a_change_needs_the_version_it_was_made_from(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let id = operator.add_agent().await?.id;
    let path = format!("/agents/{id}");
    let change =
        |version: &str| operator.api.patch(&path).header("If-Match", version).json(&json!({"name": "Renamed"}));
    operator.api.patch(&path).json(&json!({"name": "Renamed"})).refused(428, "precondition-required").await?;
    change("\"7\"").refused(412, "version-mismatch").await?;
    let changed = change("\"1\"").send().await?.expect(200)?;
    ensure!(changed.header("ETag") == "\"2\"" && changed.json()?["name"] == "Renamed", "{changed}");
    change("\"1\"").refused(412, "version-mismatch").await?;

    let bad = operator.api.patch(&path).header("If-Match", "\"2\"").json(&json!({"permissions": [], "login": "other"}));
    bad.refused(422, "validation").await?;
    let contact = json!({"contact": {"city": "Malmö"}, "remittance_threshold": {"amount": "5.00", "currency": "SEK"}});
    operator.api.patch(&path).header("If-Match", "\"2\"").json(&contact).expect(200).await?;
    let agent = operator.agent(&id).await?;
    ensure!(agent["contact"]["city"] == "Malmö" && agent["name"] == "Renamed", "{agent}");
    ensure!(agent["remittance_threshold"]["currency"] == "SEK", "{agent}");
    Ok(())
}

async fn a_closed_agent_never_comes_back(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let id = operator.add_agent().await?.id;
    let state =
        async |verb: &str| -> Result<Value> { Ok(operator.turn_agent(&id, verb).await?.json()?["state"].clone()) };
    ensure!(state("suspend").await? == "suspended", "suspended");
    ensure!(state("reinstate").await? == "active", "reinstated");
    ensure!(state("close").await? == "closed", "closed");
    for verb in ["reinstate", "suspend"] {
        let refused = operator.api.post(&format!("/agents/{id}/{verb}")).refused(409, "conflict").await?;
        ensure!(refused["code"] == "agent_closed", "{refused}");
    }
    let plan = operator.add_plan("Too late").await?.id;
    operator.api.put(&format!("/agents/{id}/call-plans/{plan}")).refused(409, "conflict").await?;
    ensure!(operator.agent(&id).await?["state"] == "closed", "it came back");
    Ok(())
}
