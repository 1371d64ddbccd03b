//! The feed over HTTP: pages of NDJSON, the live feed, and reading one's own writes across the pair.

use std::time::Instant;

use futures::StreamExt;
use harness::checker::Logs;
use harness::events::{Event, head};
use harness::names::{Dice, person};
use harness::{Context, Pair, Result, ensure, eventually, json, seconds};

harness::on_both_pairs!(
    the_log_is_read_page_by_page,
    the_live_feed_tells_each_event_once,
    a_client_reads_its_own_writes,
    a_token_opens_what_its_scopes_say,
);

async fn the_log_is_read_page_by_page(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let seller = operator.add_seller().await?;
    let key = operator.add_key(&seller).await?;
    pair.signup(0).lookup_at(&key.id, key.position).await?.expect(200)?;
    for number in 0..3 {
        pair.signup(number).sign_up(&key.id, &person(&mut Dice::new(15), number)).await?.expect(201)?;
    }
    let logs = Logs::read(&pair).await?;
    logs.agents.check()?;
    logs.signups.check()?;
    ensure!(logs.agents.head == key.position, "the head is not the last write's position");
    let names: Vec<&str> = logs.agents.events.iter().map(Event::name).collect();
    for expected in [
        "agent_created",
        "call_plan_created",
        "call_plan_granted",
        "group_created",
        "group_assigned",
        "signup_key_added",
    ] {
        ensure!(names.contains(&expected), "no {expected} among {names:?}");
    }
    let api = pair.agents(pair.replicas() - 1).api;
    let page = api.get("/events?after=1&limit=2").send().await?.expect(200)?;
    ensure!(page.header("content-type").starts_with("application/x-ndjson"), "{:?}", page.headers);
    ensure!(head(&page)? == logs.agents.head, "{:?}", page.headers);
    let lines: Vec<String> = page.text().lines().map(str::to_owned).collect();
    ensure!(lines == [&*logs.agents.events[1].line, &*logs.agents.events[2].line], "another page: {lines:?}");
    let beyond = api.get(&format!("/events?after={}", logs.agents.head)).send().await?.expect(200)?;
    ensure!(beyond.body.is_empty(), "{beyond}");
    for event in &logs.agents.events {
        let subject: Vec<&str> = event.subject.split('.').collect();
        ensure!(subject.len() == 5 && event.subject.starts_with("agents.v1."), "an odd subject: {}", event.line);
    }
    let placed = logs.signups.named("customer_placed").next().context("nobody was placed")?;
    ensure!(placed.subject == format!("signups.v1.customer.placed.{}", seller.agent), "{}", placed.line);
    Ok(())
}

async fn the_live_feed_tells_each_event_once(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let start = operator.add_plan("Before").await?.position;
    let feed = pair.agents(pair.replicas() - 1).api.get(&format!("/events?after={start}"));
    let response = feed.header("Accept", "text/event-stream").open().await?;
    ensure!(response.status() == 200, "no live feed: {}", response.status());
    for number in 0..5 {
        operator.add_plan(&format!("Live {number}")).await?;
    }
    let mut told = String::new();
    let mut pieces = response.bytes_stream();
    let read = async {
        while told.matches("\nid:").count() + usize::from(told.starts_with("id:")) < 5 || !told.ends_with("\n\n") {
            let piece = pieces.next().await.context("the live feed ended")??;
            told.push_str(&String::from_utf8_lossy(&piece));
        }
        Ok(())
    };
    let outcome: Result<()> = tokio::time::timeout(seconds(10), read).await.context("the live feed stands still")?;
    outcome?;
    let ids = told.lines().filter_map(|line| line.strip_prefix("id:")).map(|id| id.trim().parse::<u64>());
    let ids = ids.collect::<std::result::Result<Vec<_>, _>>()?;
    ensure!(ids == (start + 1..=start + 5).collect::<Vec<_>>(), "told {ids:?}");
    let data = told.lines().filter_map(|line| line.strip_prefix("data:"));
    let logs = Logs::read(&pair).await?;
    for (data, event) in data.zip(logs.agents.events.iter().skip(usize::try_from(start)?)) {
        ensure!(data.trim() == event.line, "told {data}, the log says {}", event.line);
    }
    Ok(())
}

async fn a_client_reads_its_own_writes(pair: Pair) -> Result<()> {
    let seller = pair.agents(0).add_seller().await?;
    for number in 0..20 {
        let key = pair.agents(number).add_key(&seller).await?;
        pair.agents(number).key(&key.id).await?;
        pair.agents(number + 1)
            .api
            .get(&format!("/signup-keys/{}?at_least={}", key.id, key.position))
            .expect(200)
            .await?;
        pair.signup(number).lookup_at(&key.id, key.position).await?.expect(200)?;
        let page = format!("/signup/{}?at_least={}", key.id, key.position);
        pair.signup(number + 1).api.get(&page).send().await?.expect(200)?;
    }
    let started = Instant::now();
    let never = pair.agents(0).api.get("/agents?at_least=999999").send().await?.expect(503)?;
    ensure!(!never.header("Retry-After").is_empty(), "{never}: no Retry-After");
    ensure!(started.elapsed() < seconds(15), "the wait is not bounded");
    Ok(())
}

async fn a_token_opens_what_its_scopes_say(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let made =
        operator.api.post("/api-tokens").json(&json!({"name": "reader", "scopes": ["events:read"]})).send().await?;
    let made = made.expect(201)?.json()?;
    let token = made["token"].as_str().context("no token")?.to_owned();
    for replica in 0..pair.replicas() {
        let api = pair.agents(replica).api.with_token(Some(&token));
        eventually(seconds(5), async || api.get("/events?limit=1").send().await?.expect(200)).await?;
        api.get("/agents").refused(403, "forbidden").await?;
        api.post("/call-plans").json(&json!({"name": "Plan"})).refused(403, "forbidden").await?;
        let signup = pair.signup_api(replica).with_token(Some(&token));
        eventually(seconds(5), async || signup.get("/api/v1/events?limit=1").send().await?.expect(200)).await?;
        signup.get("/api/v1/customers/00000000-0000-7000-8000-000000000000").refused(403, "forbidden").await?;
    }
    let id = made["id"].as_str().unwrap_or_default();
    operator.api.delete(&format!("/api-tokens/{id}")).send().await?;
    for replica in 0..pair.replicas() {
        let apis = [pair.agents_api(replica), pair.signup_api(replica)].map(|api| api.with_token(Some(&token)));
        for api in apis {
            eventually(seconds(2), async || api.get("/api/v1/events?limit=1").refused(401, "unauthenticated").await)
                .await?;
        }
    }
    ensure!(!operator.list("/api-tokens").await?.iter().any(|item| item.to_string().contains(&token)), "shown twice");
    Ok(())
}
