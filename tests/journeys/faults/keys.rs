//! Concurrency of keys: revoked during a signup, and more visitors at once than the cap allows.

use futures::future::join_all;
use harness::names::{Rng, person};
use harness::{ApiResponse, Journal, Pair, Result, check, ensure, json, seconds};

harness::on_both_pairs!(no_placement_is_decided_after_its_keys_revocation, a_cap_is_exact_under_a_thousand_visitors,);

async fn no_placement_is_decided_after_its_keys_revocation(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let seller = operator.add_seller().await?;
    let mut rng = Rng::new(18);
    for round in 0..20 {
        let key = operator.add_key(&seller).await?;
        for replica in 0..pair.replicas() {
            pair.signup(replica).lookup_at(&key.id, key.position).await?.expect(200)?;
        }
        let people: Vec<_> = (0..12).map(|number| person(&mut rng, round * 100 + number)).collect();
        let placing = join_all(people.iter().enumerate().map(|(number, who)| {
            let (visitor, key) = (pair.signup(number), &key.id);
            async move { visitor.sign_up(key, who).await }
        }));
        let (answers, revoked) = tokio::join!(placing, operator.turn_key(&key.id, "revoke"));
        revoked?;
        for answer in answers {
            let answer = answer?;
            ensure!(matches!(answer.status, 201 | 410), "{answer}");
        }
        for replica in 0..pair.replicas() {
            let visitor = pair.signup(replica);
            visitor.refused_within(seconds(2), &key.id, "revoked").await?;
            visitor.sign_up(&key.id, &person(&mut rng, round * 100 + 50 + replica)).await?.expect(410)?;
        }
    }
    // The checker compares the position of each decision with that of the revocation.
    check(&pair, &Journal::default(), &[]).await.map(drop)
}

async fn a_cap_is_exact_under_a_thousand_visitors(pair: Pair) -> Result<()> {
    const CAP: usize = 37;
    let operator = pair.agents(0);
    let seller = operator.add_seller().await?;
    let key = operator.add_key_with(&seller, json!({"cap": CAP})).await?;
    for replica in 0..pair.replicas() {
        pair.signup(replica).lookup_at(&key.id, key.position).await?.expect(200)?;
    }
    let mut rng = Rng::new(19);
    let people: Vec<_> = (0..1_000).map(|number| person(&mut rng, number)).collect();
    let placing = people.iter().enumerate().map(|(number, who)| {
        let (visitor, key) = (pair.signup(number), &key.id);
        async move { placed_or_refused(visitor.sign_up(key, who).await?) }
    });
    let placed = join_all(placing).await.into_iter().collect::<Result<Vec<bool>>>()?;
    let placed = placed.into_iter().filter(|placed| *placed).count();
    ensure!(placed == CAP, "{placed} placements were shown, the cap is {CAP}");
    let logs = check(&pair, &Journal::default(), &[]).await?;
    ensure!(logs.signups.named("customer_placed").count() == CAP, "the log holds another number than the cap");
    let state = pair.signup(0).lookup(&key.id).await?.expect(410)?;
    ensure!(state.json()?["reason"] == "exhausted", "{state}");
    Ok(())
}

fn placed_or_refused(answer: ApiResponse) -> Result<bool> {
    if answer.status == 201 {
        return Ok(true);
    }
    let answer = answer.expect(410)?;
    ensure!(answer.json()?["reason"] == "exhausted", "{answer}");
    Ok(false)
}
