//! The feed by type, agent, group and call plan: pages, waiting for an event, and a live stream whose place moves on without one.

use std::time::Instant;

use futures::StreamExt;
use harness::api::field_errors;
use harness::checker::Logs;
use harness::events::Event;
use harness::names::{Rng, person};
use harness::{Context, Pair, Result, ensure, seconds};

harness::on_both_pairs!(
    a_reader_selects_events_and_misses_none,
    an_empty_page_waits_for_an_event,
    a_stream_of_few_events_tells_how_far_it_is,
    a_wrong_selection_is_refused,
);

const NEXT: &str = "signpost-next";

/// The positions of a selection, read in pages of so many.
async fn read(api: &harness::api::Api, selection: &str, limit: usize) -> Result<Vec<u64>> {
    let (mut after, mut positions) = (0, Vec::new());
    loop {
        let page =
            api.get(&format!("/api/v1/events?after={after}&limit={limit}&{selection}")).send().await?.expect(200)?;
        for line in page.text().lines() {
            positions.push(Event::read(line)?.position()?);
        }
        let next: u64 = page.header(NEXT).parse().context("a page says where the next one begins")?;
        if next == after {
            return Ok(positions);
        }
        after = next;
    }
}

async fn a_reader_selects_events_and_misses_none(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let (anna, berta) = (operator.add_seller().await?, operator.add_seller().await?);
    for (seller, signups) in [(&anna, 3), (&berta, 1)] {
        let key = operator.add_key(seller).await?;
        pair.signup(0).lookup_at(&key.id, key.position).await?.expect(200)?;
        for number in 0..signups {
            let person = person(&mut Rng::new(15), number + 10 * signups);
            pair.signup(0).sign_up(&key.id, &person).await?.expect(201)?;
        }
    }
    let logs = Logs::read(&pair).await?;
    let all = |events: &[Event], is_wanted: &dyn Fn(&Event) -> bool| -> Result<Vec<u64>> {
        events.iter().filter(|event| is_wanted(event)).map(Event::position).collect()
    };
    let (agents, signups) = (pair.agents_api(0), pair.signup_api(0));
    for limit in [1, 2, 500] {
        let placed = read(&signups, "type=signpost.signups.customer_placed.v1", limit).await?;
        ensure!(placed == all(&logs.signups.events, &|event| event.name() == "customer_placed")?, "{placed:?}");
        ensure!(placed.len() == 4, "{placed:?}");
        let annas = format!("agent_id={}&type=signpost.signups.customer_placed.v1", anna.agent);
        ensure!(read(&signups, &annas, limit).await?.len() == 3, "not Anna's customers");
        for (selection, id) in [("agent_id", &anna.agent), ("group_id", &anna.group), ("call_plan_id", &anna.plan)] {
            let found = read(&agents, &format!("{selection}={id}"), limit).await?;
            // The id is in the data of these events alone.
            let named = all(&logs.agents.events, &|event| {
                event.line.split_once(",\"data\":").is_some_and(|(_, data)| data.contains(&**id))
            })?;
            ensure!(!found.is_empty() && found == named, "{selection}: {found:?} in place of {named:?}");
        }
        ensure!(read(&agents, "type=signpost.agents.nothing.v1", limit).await?.is_empty(), "events of no type");
    }
    Ok(())
}

async fn an_empty_page_waits_for_an_event(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let start = operator.add_plan("Before").await?.position;
    let path = format!("/events?after={start}&wait=20&type=signpost.agents.call_plan_created.v1");
    let begun = Instant::now();
    let waiting = async { pair.agents(pair.replicas() - 1).api.get(&path).send().await?.expect(200) };
    let adding = async {
        tokio::time::sleep(seconds(1)).await;
        operator.add_group("Others", &operator.add_agent().await?.id).await?;
        operator.add_plan("After").await
    };
    let (page, added) = tokio::try_join!(waiting, adding)?;
    ensure!(begun.elapsed() < seconds(15), "it waited longer than for the event");
    ensure!(page.text().lines().count() == 1 && page.text().contains("\"After\""), "{}", page.text());
    ensure!(page.header(NEXT) == added.position.to_string(), "{:?}", page.headers);
    // Nothing comes: the page is empty in the end, and its place is that of the log.
    let begun = Instant::now();
    let page = pair.agents(0).api.get(&format!("/events?after={}&wait=1", added.position)).send().await?.expect(200)?;
    ensure!(page.body.is_empty() && begun.elapsed() >= seconds(1), "it did not wait");
    Ok(())
}

async fn a_stream_of_few_events_tells_how_far_it_is(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let start = operator.add_plan("Before").await?.position;
    let path = format!("/events?after={start}&type=signpost.agents.agent_created.v1");
    let feed = pair.agents(pair.replicas() - 1).api.get(&path).header("Accept", "text/event-stream");
    let mut pieces = feed.open().await?.bytes_stream();
    let last = operator.add_plan("Not asked for").await?.position;
    let id = format!("{}-{last}", Logs::read(&pair).await?.agents.log_id);
    let mut received = String::new();
    while !received.contains(&id) {
        let piece = tokio::time::timeout(seconds(20), pieces.next()).await.context("the place is not told")?;
        received.push_str(&String::from_utf8_lossy(&piece.context("the stream ended")??));
    }
    ensure!(!received.contains("data:"), "an event that was not asked for: {received}");
    let agent = operator.add_agent().await?;
    while !received.contains(&agent.id) {
        let piece = tokio::time::timeout(seconds(20), pieces.next()).await.context("no event is received")?;
        received.push_str(&String::from_utf8_lossy(&piece.context("the stream ended")??));
    }
    ensure!(received.matches("data:").count() == 1, "received {received}");
    Ok(())
}

async fn a_wrong_selection_is_refused(pair: Pair) -> Result<()> {
    for api in [pair.agents_api(0), pair.signup_api(0)] {
        for (query, field) in [("agent_id=anna", "agent_id"), ("group_id=1", "group_id"), ("wait=31", "wait")] {
            let problem = api.get(&format!("/api/v1/events?{query}")).refused(422, "validation").await?;
            ensure!(field_errors(&problem).iter().any(|(name, _)| *name == field), "{query}: {problem}");
        }
    }
    Ok(())
}
