//! The log of the database server during normal use: no errors, and no personal data.

use std::collections::BTreeSet;

use futures::future::join_all;
use futures::stream::{self, StreamExt};
use harness::names::{Rng, person};
use harness::{ApiResponse, Journal, Pair, Result, check, ensure, json, seconds};

harness::on_servers_with!(2, harness::Setup::own_postgres, ordinary_traffic_causes_no_error_in_the_servers_log);

const VISITORS: usize = 400;
/// Requests at a time, so that a slow machine is not overloaded.
const AT_ONCE: usize = 200;
const CAP: usize = 20;

async fn ordinary_traffic_causes_no_error_in_the_servers_log(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let seller = operator.add_seller().await?;
    let open = operator.add_key(&seller).await?;
    let capped = operator.add_key_with(&seller, json!({"cap": CAP})).await?;
    let revoked = operator.add_key(&seller).await?;
    for replica in 0..pair.replicas() {
        pair.signup(replica).lookup_at(&revoked.id, revoked.position).await?.expect(200)?;
    }
    let mut seen = BTreeSet::new();
    // In the second round every address is known.
    for (round, key) in [&open, &open, &capped, &revoked].into_iter().enumerate() {
        let mut rng = Rng::new(7);
        let people: Vec<_> = (0..VISITORS).map(|number| person(&mut rng, round.max(1) * VISITORS + number)).collect();
        // Every visitor sends requests to both replicas at once.
        let visits = people.iter().flat_map(|who| [(0, who), (1, who)]).map(|(replica, who)| {
            let visitor = pair.signup(replica);
            async move { visitor.sign_up(&key.id, who).await }
        });
        let revoke =
            async { if key.id == revoked.id { operator.turn_key(&key.id, "revoke").await.map(drop) } else { Ok(()) } };
        let (visits, turned) = tokio::join!(stream::iter(visits).buffer_unordered(AT_ONCE).collect::<Vec<_>>(), revoke);
        turned?;
        for answer in visits {
            seen.insert(kind(&answer?)?);
        }
    }
    // All visitors may have been faster than the revocation.
    let late = person(&mut Rng::new(8), 0);
    for replica in 0..pair.replicas() {
        pair.signup(replica).refused_within(seconds(10), &revoked.id, "revoked").await?;
        seen.insert(kind(&pair.signup(replica).sign_up(&revoked.id, &late).await?)?);
    }
    seen.extend(taken_names_and_repeated_commands(&pair, &seller).await?);
    for wanted in ["201", "409", "410 exhausted", "410 revoked"] {
        ensure!(seen.iter().any(|kind| kind.starts_with(wanted)), "no response was {wanted}: {seen:?}");
    }
    check(&pair, &Journal::default(), &[]).await?;
    let lines = pair.postgres()?.lines()?;
    ensure!(lines.iter().any(|line| line.contains("ready to accept connections")), "there is no log: {lines:#?}");
    let offenders: Vec<_> = lines.iter().filter(|line| line.contains(" ERROR: ") || line.contains('@')).collect();
    ensure!(offenders.is_empty(), "{} lines: {:#?}", offenders.len(), &offenders[..offenders.len().min(20)]);
    Ok(())
}

/// The status, and why a key is unusable.
fn kind(answer: &ApiResponse) -> Result<String> {
    ensure!(matches!(answer.status, 200 | 201 | 409 | 410 | 422), "{answer}");
    Ok(format!("{} {}", answer.status, answer.json()?["reason"].as_str().unwrap_or_default()))
}

/// The same slugs and logins from both replicas, and each command twice with one key.
async fn taken_names_and_repeated_commands(pair: &Pair, seller: &harness::Seller) -> Result<BTreeSet<String>> {
    let mut seen = BTreeSet::new();
    for round in 0..20 {
        let slug = harness::operator::with(seller.key_body(), json!({"slug": format!("slug-{round}")}));
        let login = harness::operator::agent_body(&format!("quiet-{round}"));
        let calls = (0..8).flat_map(|call| [("/signup-keys", &slug, call), ("/agents", &login, call)]);
        let calls = calls.map(|(path, body, call)| {
            let api = pair.agents(call).api;
            async move {
                let key = format!("quiet-{path}-{round}-{}", call / 2);
                api.post(path).json(body).idempotency_key(&key).send().await
            }
        });
        for answer in join_all(calls).await {
            seen.insert(kind(&answer?)?);
        }
    }
    Ok(seen)
}
