//! Two replicas write one log in turns: when the active one freezes or dies, the other goes on at once.

use std::time::Instant;

use harness::names::{Rng, person};
use harness::{Pair, Result, Traffic, check, ensure, eventually, seconds};

harness::on_servers!(the_other_replica_takes_over_within_two_seconds);

/// Enough stops for some to happen while the replica has locked the head of the log.
const TIMES: usize = 12;

async fn the_other_replica_takes_over_within_two_seconds(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let key = operator.add_key(&operator.add_seller().await?).await?;
    let visitor = pair.signup(1);
    visitor.lookup_at(&key.id, key.position).await?.expect(200)?;
    let traffic = Traffic::start_on(&pair, 12, &[0, 1]).await?;
    let mut rng = Rng::new(26);
    for time in 0..TIMES {
        let (writer, freezes) = (pair.signup_process(0), time % 3 > 0);
        traffic.flows(20).await?;
        if freezes {
            writer.sigstop()?;
        } else {
            writer.kill_9()?;
        }
        let stopped_at = Instant::now();
        let who = person(&mut rng, time);
        eventually(seconds(20), async || visitor.sign_up(&key.id, &who).await?.expect(201)).await?;
        let taken = stopped_at.elapsed();
        ensure!(taken < seconds(2), "the other replica placed nobody for {taken:?}, time {time}");
        if freezes {
            writer.sigcont()?;
        } else {
            writer.start_again()?;
        }
        writer.ready().await?;
    }
    let (journal, personal) = traffic.stop().await?;
    check(&pair, &journal, &personal).await.map(drop)
}
