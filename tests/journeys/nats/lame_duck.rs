//! A NATS server that restarts in lame-duck mode: it lets its clients go before it ends.

use harness::{NatsSetup, Pair, Result, Setup, Traffic, check, seconds};

harness::on_servers_with!(1, super::with_a_short_lame_duck, followers_and_relays_go_on_after_a_lame_duck_and_a_restart);

fn with_a_short_lame_duck(setup: Setup) -> Setup {
    let config = "lame_duck_grace_period: \"1s\"\nlame_duck_duration: \"30s\"\n".to_owned();
    setup.nats(NatsSetup { config, ..NatsSetup::default() })
}

async fn followers_and_relays_go_on_after_a_lame_duck_and_a_restart(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let seller = operator.add_seller().await?;
    let traffic = Traffic::start(&pair, 6).await?;
    let nats = pair.nats()?;
    nats.lame_duck().await?;
    let during = operator.add_key(&seller).await?;
    nats.start_again().await?;
    let after = operator.add_key(&seller).await?;
    for key in [&during, &after] {
        pair.signup(0).usable_within(seconds(20), &key.id).await?;
    }
    let (journal, personal) = traffic.stop().await?;
    check(&pair, &journal, &personal).await.map(drop)
}
