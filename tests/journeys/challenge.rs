//! The challenge before a signup, where the operator asks for one: a program solves it, whichever replica it asks, and a
//! solution counts once.

use harness::challenge::solved;
use harness::names::{Person, Rng, person};
use harness::{Pair, Result, Value, checker::Logs, ensure, json};

harness::on_both_pairs!(a_solution_counts_once_whichever_replica_it_reaches);

async fn a_solution_counts_once_whichever_replica_it_reaches(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let key = operator.add_key(&operator.add_seller().await?).await?;
    let position = operator.change_settings(&json!({"signup_challenge": "always"})).await?.position()?;
    for replica in 0..pair.replicas() {
        pair.signup(replica).lookup_at(&key.id, position).await?.expect(200)?;
    }
    let mut rng = Rng::new(41);
    let (visitor, other) = (person(&mut rng, 1), person(&mut rng, 2));
    let body = |person: &Person| pair.signup(0).body(&key.id, person);
    let send = |replica: usize, body: Value| {
        pair.signup(replica).api.post("/api/v1/signups").json(&body).idempotency_key("once")
    };
    let problem = send(0, body(&visitor)).refused(428, "challenge-required").await?;
    let header = solved(&problem)?;
    let last = pair.replicas() - 1;
    let first = send(last, body(&visitor)).header("Signpost-Solution", &header).expect(201).await?;
    for replica in 0..pair.replicas() {
        let again = send(replica, body(&visitor)).header("Signpost-Solution", &header).expect(201).await?;
        ensure!(again == first, "{again}: at first {first}");
        let another = send(replica, body(&other)).header("Signpost-Solution", &header);
        another.refused(422, "idempotency-key-reused").await?;
    }
    let logs = Logs::read(&pair).await?;
    ensure!(logs.signups.named("customer_placed").count() == 1, "placed more than once");
    Ok(())
}
