//! A partition: the services are disconnected from NATS, and revoked keys must still be refused.

use harness::names::{Rng, person};
use harness::{Journal, Pair, Result, check, seconds};

harness::on_servers!(a_revocation_arrives_without_nats);

async fn a_revocation_arrives_without_nats(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let seller = operator.add_seller().await?;
    let keys = [operator.add_key(&seller).await?, operator.add_key(&seller).await?];
    for replica in 0..pair.replicas() {
        for key in &keys {
            pair.signup(replica).lookup_at(&key.id, key.position).await?.expect(200)?;
        }
    }
    pair.nats()?.kill_9()?;
    operator.turn_key(&keys[0].id, "revoke").await?;
    let added = operator.add_key(&seller).await?;
    let mut rng = Rng::new(20);
    for replica in 0..pair.replicas() {
        let visitor = pair.signup(replica);
        visitor.refused_within(seconds(5), &keys[0].id, "revoked").await?;
        visitor.sign_up(&keys[0].id, &person(&mut rng, replica)).await?.expect(410)?;
        visitor.sign_up(&keys[1].id, &person(&mut rng, 10 + replica)).await?.expect(201)?;
        visitor.usable_within(seconds(5), &added.id).await?;
    }
    pair.nats()?.start_again().await?;
    operator.turn_key(&keys[1].id, "revoke").await?;
    for replica in 0..pair.replicas() {
        pair.signup(replica).refused_within(seconds(5), &keys[1].id, "revoked").await?;
    }
    check(&pair, &Journal::default(), &[]).await.map(drop)
}
