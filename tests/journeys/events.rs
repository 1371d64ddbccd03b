//! The feed over HTTP: pages of NDJSON, the live feed, and read-your-writes across the pair.

use std::time::Instant;

use futures::StreamExt;
use harness::api::{encoded, field_errors};
use harness::checker::Logs;
use harness::events::{Event, head};
use harness::names::{Rng, person};
use harness::{Context, Pair, Result, ensure, eventually, json, seconds};

harness::on_both_pairs!(
    the_log_is_read_page_by_page,
    the_live_feed_sends_each_event_once,
    a_place_that_the_log_does_not_have_is_a_problem,
    a_stream_is_resumed_where_it_was_left,
    a_page_is_compressed_when_asked_for,
    a_client_reads_its_own_writes,
    a_wait_for_an_impossible_position_ends,
    a_token_grants_its_scopes,
);

async fn the_log_is_read_page_by_page(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let seller = operator.add_seller().await?;
    let key = operator.add_key(&seller).await?;
    pair.signup(0).lookup_at(&key.id, key.position).await?.expect(200)?;
    for number in 0..3 {
        pair.signup(number).sign_up(&key.id, &person(&mut Rng::new(15), number)).await?.expect(201)?;
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
    let placed = logs.signups.named("customer_placed").next().context("no customer was placed")?;
    ensure!(placed.subject == format!("signups.v1.customer.placed.{}", seller.agent), "{}", placed.line);
    Ok(())
}

async fn the_live_feed_sends_each_event_once(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let start = operator.add_plan("Before").await?.position;
    let feed = pair.agents(pair.replicas() - 1).api.get(&format!("/events?after={start}"));
    let response = feed.header("Accept", "text/event-stream").open().await?;
    ensure!(response.status() == 200, "no live feed: {}", response.status());
    for number in 0..5 {
        operator.add_plan(&format!("Live {number}")).await?;
    }
    let mut received = String::new();
    let mut pieces = response.bytes_stream();
    let read = async {
        while received.matches("\nid:").count() + usize::from(received.starts_with("id:")) < 5
            || !received.ends_with("\n\n")
        {
            let piece = pieces.next().await.context("the live feed ended")??;
            received.push_str(&String::from_utf8_lossy(&piece));
        }
        Ok(())
    };
    let outcome: Result<()> = tokio::time::timeout(seconds(10), read).await.context("the live feed stalls")?;
    outcome?;
    let ids: Vec<&str> = received.lines().filter_map(|line| line.strip_prefix("id:")).map(str::trim).collect();
    let logs = Logs::read(&pair).await?;
    let expected: Vec<_> =
        (start + 1..=start + 5).map(|position| format!("{}-{position}", logs.agents.log_id)).collect();
    ensure!(ids == expected, "received {ids:?}");
    let data = received.lines().filter_map(|line| line.strip_prefix("data:"));
    for (data, event) in data.zip(logs.agents.events.iter().skip(usize::try_from(start)?)) {
        ensure!(data.trim() == event.line, "received {data}, the log has {}", event.line);
    }
    Ok(())
}

/// In the URL and in the header of a client that reconnects, on both services.
async fn a_place_that_the_log_does_not_have_is_a_problem(pair: Pair) -> Result<()> {
    pair.agents(0).add_plan("One").await?;
    let logs = Logs::read(&pair).await?;
    for (api, log) in [(pair.agents_api(0), &logs.agents), (pair.signup_api(0), &logs.signups)] {
        let ahead = (log.head + 1).to_string();
        let (own_ahead, of_another) = (format!("{}-{ahead}", log.log_id), "00000000-0000-7000-8000-000000000000-0");
        let cases = [
            ("abc", 400, "invalid-position"),
            ("-1", 400, "invalid-position"),
            ("+1", 400, "invalid-position"),
            ("1e3", 400, "invalid-position"),
            ("0x10", 400, "invalid-position"),
            ("18446744073709551616", 409, "beyond-head"),
            (&ahead, 409, "beyond-head"),
            (&own_ahead, 409, "beyond-head"),
            (of_another, 409, "other-log"),
        ];
        for (place, status, kind) in cases {
            let path = format!("/api/v1/events?after={}", encoded(place));
            let stream = ("Accept", "text/event-stream");
            let calls = [
                api.get(&path),
                api.get(&path).header(stream.0, stream.1),
                // The header takes precedence over the URL.
                api.get("/api/v1/events?after=0").header(stream.0, stream.1).header("Last-Event-ID", place),
            ];
            for call in calls {
                let problem = call.refused(status, kind).await.with_context(|| place.to_owned())?;
                ensure!(problem["head"] == log.head && problem["log_id"] == *log.log_id, "{place}: {problem}");
            }
        }
        for place in ["0", &format!("{}-0", log.log_id), &format!("{:020}", log.head)] {
            api.get(&format!("/api/v1/events?after={place}")).send().await?.expect(200)?;
        }
    }
    Ok(())
}

async fn a_stream_is_resumed_where_it_was_left(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let (first, second) = (operator.add_plan("One").await?.position, operator.add_plan("Two").await?.position);
    let log_id = Logs::read(&pair).await?.agents.log_id;
    let again = pair.agents(pair.replicas() - 1).api.get("/events?after=0").header("Accept", "text/event-stream");
    let mut pieces = again.header("Last-Event-ID", &format!("{log_id}-{first}")).open().await?.bytes_stream();
    let mut received = String::new();
    while !received.contains("id:") || !received.ends_with("\n\n") {
        let piece = tokio::time::timeout(seconds(10), pieces.next()).await.context("no event is received")?;
        received.push_str(&String::from_utf8_lossy(&piece.context("the stream ended")??));
    }
    let id = received.lines().find_map(|line| line.strip_prefix("id:")).map(str::trim);
    ensure!(id == Some(&*format!("{log_id}-{second}")), "received {received}");
    Ok(())
}

async fn a_page_is_compressed_when_asked_for(pair: Pair) -> Result<()> {
    for number in 0..20 {
        pair.agents(0).add_plan(&format!("Plan {number}")).await?;
    }
    let api = pair.agents(0).api;
    let plain = api.get("/events").send().await?.expect(200)?;
    let compressed = api.get("/events").header("Accept-Encoding", "gzip").send().await?.expect(200)?;
    ensure!(plain.header("Content-Encoding").is_empty() && compressed.header("Content-Encoding") == "gzip", "{plain}");
    ensure!(compressed.body.len() * 2 < plain.body.len(), "{} of {} bytes", compressed.body.len(), plain.body.len());
    ensure!(head(&compressed)? == head(&plain)?, "another head");
    Ok(())
}

async fn a_client_reads_its_own_writes(pair: Pair) -> Result<()> {
    let seller = pair.agents(0).add_seller().await?;
    for number in 0..20 {
        let key = pair.agents(number).add_key(&seller).await?;
        pair.agents(number).key(&key.id).await?;
        pair.agents(number + 1)
            .api
            .get(&format!("/signup-keys/{}?at_least=agents:{}", key.id, key.position))
            .expect(200)
            .await?;
        pair.signup(number).lookup_at(&key.id, key.position).await?.expect(200)?;
    }
    Ok(())
}

/// A position beyond the service's own log is refused at once; one of the other log may be waited for, by programs
/// only.
async fn a_wait_for_an_impossible_position_ends(pair: Pair) -> Result<()> {
    let seller = pair.agents(0).add_seller().await?;
    let key = pair.agents(0).add_key(&seller).await?;
    for replica in 0..pair.replicas() {
        let (agents, started) = (pair.agents(replica).api, Instant::now());
        for path in ["/agents?at_least=agents:999999", "/agents?at_least=999999", "/signup-keys?at_least=agents:999999"]
        {
            let problem = agents.get(path).refused(422, "validation").await?;
            ensure!(field_errors(&problem) == [("at_least".to_owned(), "beyond_head".to_owned())], "{problem}");
        }
        for text in ["signups:1", "agents:", "agents:-1", "agents:%2B1", "soon"] {
            agents.get(&format!("/agents?at_least={text}")).refused(422, "validation").await?;
        }
        ensure!(started.elapsed() < seconds(4), "it was waited for");
        let started = Instant::now();
        let waits = (0..20).map(async |_| -> Result<()> {
            let never = pair.signup(replica).lookup_at(&key.id, 999_999).await?.expect(503)?;
            ensure!(!never.header("Retry-After").is_empty(), "{never}: no Retry-After");
            Ok(())
        });
        futures::future::try_join_all(waits).await?;
        ensure!(started.elapsed() < seconds(15), "the wait is not bounded");
        let started = Instant::now();
        let stranger = pair.signup_api(replica).with_token(None);
        let path = format!("/api/v1/signup-keys/{}?at_least=agents:999999", key.id);
        stranger.get(&path).refused(401, "unauthenticated").await?;
        ensure!(started.elapsed() < seconds(4), "a stranger was waited for");
    }
    Ok(())
}

async fn a_token_grants_its_scopes(pair: Pair) -> Result<()> {
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
