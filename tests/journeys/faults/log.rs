//! Faults of the log: a service killed between commit and reply, competing writers, one bad request among good ones,
//! an event too large to publish.

use futures::future::{join_all, try_join_all};
use harness::names::{Rng, person};
use harness::operator::with;
use harness::{Journal, Pair, Result, Traffic, check, ensure, eventually, json, seconds};

harness::on_both_pairs!(
    a_killed_service_loses_and_doubles_nothing,
    of_two_writers_with_one_version_one_wins,
    one_conflicting_request_harms_no_neighbour,
    an_oversized_event_is_refused_and_harms_no_neighbour,
);

async fn a_killed_service_loses_and_doubles_nothing(pair: Pair) -> Result<()> {
    let traffic = Traffic::start(&pair, 12).await?;
    for round in 0..3 {
        for process in [pair.agents_process(round), pair.signup_process(round)] {
            traffic.flows(30).await?;
            process.kill_9()?;
            process.start_again()?;
            process.ready().await?;
        }
    }
    traffic.flows(30).await?;
    let (journal, personal) = traffic.stop().await?;
    check(&pair, &journal, &personal).await.map(drop)
}

async fn of_two_writers_with_one_version_one_wins(pair: Pair) -> Result<()> {
    let id = pair.agents(0).add_agent().await?.id;
    for version in 1..=15 {
        let change = |replica: usize| {
            let call = pair.agents(replica).api.patch(&format!("/agents/{id}"));
            let call = call.header("If-Match", &format!("\"{version}\""));
            call.json(&json!({"name": format!("Named by {replica} at {version}")})).send()
        };
        let answers = try_join_all((0..4).map(change)).await?;
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        ensure!(statuses == [200, 412, 412, 412], "at version {version}: {statuses:?}");
        let winner = answers.iter().find(|answer| answer.status == 200).map(harness::ApiResponse::json).transpose()?;
        let position = answers.iter().find_map(|answer| answer.position().ok()).unwrap_or_default();
        let read = pair.agents(1).api.get(&format!("/agents/{id}?at_least={position}")).expect(200).await?;
        ensure!(winner.is_some_and(|winner| winner["name"] == read["name"]), "the loser's name was kept: {read}");
    }
    check(&pair, &Journal::default(), &[]).await.map(drop)
}

async fn one_conflicting_request_harms_no_neighbour(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let seller = operator.add_seller().await?;
    operator.add_key_with(&seller, json!({"slug": "taken-slug"})).await?;
    let revoked = operator.add_key(&seller).await?.id;
    operator.turn_key(&revoked, "revoke").await?;
    let key = operator.add_key(&seller).await?;
    for replica in 0..pair.replicas() {
        pair.signup(replica).lookup_at(&key.id, key.position).await?.expect(200)?;
    }
    let adding = (0..=200).map(|number| {
        let slug = if number == 100 { "taken-slug".to_owned() } else { format!("slug-{number}") };
        let body = with(seller.key_body(), json!({"slug": slug}));
        pair.agents(number).api.post("/signup-keys").json(&body).send()
    });
    let mut rng = Rng::new(17);
    let people: Vec<_> = (0..=200).map(|number| person(&mut rng, number)).collect();
    let placing = people.iter().enumerate().map(|(number, who)| {
        let key = if number == 100 { &revoked } else { &key.id };
        let visitor = pair.signup(number);
        async move { visitor.sign_up(key, who).await }
    });
    for (number, answer) in join_all(adding).await.into_iter().enumerate() {
        answer?.expect(if number == 100 { 409 } else { 201 })?;
    }
    for (number, answer) in join_all(placing).await.into_iter().enumerate() {
        answer?.expect(if number == 100 { 410 } else { 201 })?;
    }
    let logs = check(&pair, &Journal::default(), &[]).await?;
    ensure!(logs.signups.named("customer_placed").count() == 200, "not exactly 200 were placed");
    ensure!(logs.agents.named("signup_key_added").count() == 203, "not exactly 203 keys were added");
    Ok(())
}

async fn an_oversized_event_is_refused_and_harms_no_neighbour(pair: Pair) -> Result<()> {
    let seller = pair.agents(0).add_seller().await?;
    for size in [60_000, 900_000, 3_000_000] {
        let large = "ß".repeat(size / 2);
        let adding = (0..60).map(|number| {
            let description = if number == 30 { large.as_str() } else { "fine" };
            let body = json!({"name": format!("Group {number}"), "agent_id": seller.agent, "description": description});
            let api = pair.agents(number).api;
            async move {
                match api.post("/groups").json(&body).send().await {
                    // A server that stops reading may close the connection before the client reads the response.
                    Err(_) if number == 30 => {
                        eventually(seconds(10), async || api.post("/groups").json(&body).send().await).await
                    }
                    answer => answer,
                }
            }
        });
        for (number, answer) in join_all(adding).await.into_iter().enumerate() {
            let answer = answer?;
            let fine = if number == 30 { matches!(answer.status, 413 | 422) } else { answer.status == 201 };
            ensure!(fine, "{answer}");
        }
    }
    let logs = check(&pair, &Journal::default(), &[]).await?;
    ensure!(logs.agents.named("group_created").count() == 1 + 3 * 59, "a neighbour was harmed");
    Ok(())
}
