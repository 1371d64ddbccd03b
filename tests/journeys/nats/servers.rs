//! Several NATS servers in one URL: any that responds is used.

use harness::pair::servers_are_here;
use harness::ports::free_port;
use harness::{Nats, NatsSetup, Result, Standalone, ensure, eventually, seconds, stream};

use super::{has_state, publishes};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_server_in_the_list_does_not_matter() -> Result<()> {
    if !servers_are_here()? {
        return Ok(());
    }
    let journey = "nats::a_dead_server_in_the_list_does_not_matter";
    let nats = Nats::private(journey).await?;
    let url = format!("nats://127.0.0.1:{},{}", free_port()?, nats.url());
    let standalone = Standalone::start(journey, &[("SIGNPOST_NATS_URL", &url)])?;
    publishes(&nats).await?;
    has_state(&standalone, "relay", 0).await
}

/// Three servers with three replicas of each stream.
fn cluster(journey: &str) -> Result<Vec<Nats>> {
    let routes: Vec<u16> = (0..3).map(|_| free_port()).collect::<Result<_>>()?;
    let all = routes.iter().map(|port| format!("nats://127.0.0.1:{port}")).collect::<Vec<_>>().join(", ");
    let servers = routes.iter().map(|port| {
        let config = format!(
            "server_name: server-{port}\ncluster {{ name: journey, listen: \"127.0.0.1:{port}\", routes: [{all}] }}\n"
        );
        Nats::begin(journey, NatsSetup { config, ..NatsSetup::default() })
    });
    servers.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_one_of_three_servers_dies_publishing_goes_on() -> Result<()> {
    if !servers_are_here()? {
        return Ok(());
    }
    let journey = "nats::when_one_of_three_servers_dies_publishing_goes_on";
    let servers = cluster(journey)?;
    servers[0].answers().await?;
    let url = servers.iter().map(Nats::url).collect::<Vec<_>>().join(",");
    let settings = [("SIGNPOST_NATS_URL", url.as_str()), ("SIGNPOST_STREAM_REPLICAS", "3")];
    let standalone = Standalone::start(journey, &settings)?;
    publishes(&servers[0]).await?;
    let operator = standalone.operator().await?;
    for dead in 0..3 {
        servers[dead].kill_9()?;
        let made = operator.add_agent().await?;
        let alive = &servers[(dead + 1) % 3];
        eventually(seconds(60), async || {
            let last = stream::last_sequence(&alive.jetstream().await?, "AGENTS").await?;
            ensure!(last >= made.position, "the stream ends at {last}");
            Ok(())
        })
        .await?;
        servers[dead].start_again().await?;
        is_whole_again(alive).await?;
    }
    has_state(&standalone, "relay", 0).await?;
    let (status, output) = standalone.command(&["verify"])?;
    ensure!(status == 0, "verify ended with {status}:\n{output}");
    Ok(())
}

/// Waits until all replicas of both streams are current again, so that the next server may fail.
async fn is_whole_again(server: &Nats) -> Result<()> {
    eventually(seconds(60), async || {
        let jetstream = server.jetstream().await?;
        for name in ["AGENTS", "SIGNUPS"] {
            let stream = jetstream.get_stream(name).await?;
            let cluster = stream.cached_info().cluster.clone().unwrap_or_default();
            let current = cluster.replicas.iter().filter(|replica| replica.current && !replica.offline).count();
            ensure!(cluster.leader.is_some() && current == 2, "{name} has {current} current copies beside its leader");
        }
        Ok(())
    })
    .await
}
