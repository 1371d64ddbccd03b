//! A consumer with an account of its own: it reads what the run book lets it read, and can do nothing else.

use std::time::Duration;

use async_nats::jetstream::consumer::{PullConsumer, pull};
use async_nats::jetstream::{self, Context as JetStream};
use futures::StreamExt;
use harness::checker::Logs;
use harness::events::Event;
use harness::names::{Rng, person};
use harness::{Context, Pair, Result, ensure, seconds, stream};

use super::access::with_listed_permissions;

harness::on_servers_with!(1, super::with_listed_permissions, a_consumer_fetches_its_messages_and_can_do_nothing_else);

/// The user of the account for consumers, and the one that adds durable consumers.
const ANALYTICS: [&str; 2] = ["analytics", "analytics-secret"];
const COMMANDS: [&str; 2] = ["signpost", "commands-secret"];
const NAME: &str = "analytics";
/// When a message that nobody acknowledged comes again.
const ACK_WAIT: Duration = Duration::from_secs(2);
const FETCH: &str = "SIGNPOST.API.CONSUMER.MSG.NEXT.SIGNUPS.analytics";

fn login([user, password]: [&str; 2]) -> (String, String) {
    (user.to_owned(), password.to_owned())
}

async fn add_durable(commands: &JetStream, filter_subject: String) -> Result<()> {
    let durable_name = Some(NAME.to_owned());
    let (ack_wait, max_ack_pending) = (ACK_WAIT, 1_000);
    let config = pull::Config { durable_name, filter_subject, ack_wait, max_ack_pending, ..pull::Config::default() };
    commands.create_consumer_on_stream(config, "SIGNUPS").await?;
    Ok(())
}

/// Fetches messages and acknowledges those that `keeps` says; the positions of those.
async fn fetch(consumers: &JetStream, keeps: impl Fn(usize) -> bool) -> Result<Vec<u64>> {
    let consumer: PullConsumer = consumers.get_consumer_from_stream(NAME, "SIGNUPS").await?;
    let messages = consumer.fetch().max_messages(100).expires(seconds(2)).messages().await?;
    let messages: Vec<_> = messages.collect().await;
    let mut positions = Vec::new();
    for (index, message) in messages.into_iter().enumerate() {
        let message = message.map_err(|error| anyhow::anyhow!("a fetch failed: {error}"))?;
        if keeps(index) {
            message.double_ack().await.map_err(|error| anyhow::anyhow!("no acknowledgement: {error}"))?;
            let headers = message.headers.as_ref().context("a message has headers")?;
            positions.push(headers.get("ce-sequence").context("it has a position")?.as_str().parse()?);
        }
    }
    Ok(positions)
}

async fn a_consumer_fetches_its_messages_and_can_do_nothing_else(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let (anna, berta) = (operator.add_seller().await?, operator.add_seller().await?);
    for (seller, first) in [(&anna, 0), (&berta, 10)] {
        let key = operator.add_key(seller).await?;
        pair.signup(0).lookup_at(&key.id, key.position).await?.expect(200)?;
        for number in first..first + 3 {
            pair.signup(0).sign_up(&key.id, &person(&mut Rng::new(15), number)).await?.expect(201)?;
        }
    }
    let logs = Logs::read(&pair).await?;
    let nats = pair.nats()?;
    let commands = nats.jetstream_as(Some(&login(COMMANDS))).await?;
    stream::catches_up(&commands, "SIGNUPS", logs.signups.head).await?;
    stream::catches_up(&commands, "AGENTS", logs.agents.head).await?;
    let client = nats.jetstream_as(Some(&login(ANALYTICS))).await?.client();
    let consumers = jetstream::with_prefix(client.clone(), "SIGNPOST.API");

    // What is not acknowledged before the program ends comes again.
    add_durable(&commands, "signups.v1.>".to_owned()).await?;
    let mut read = fetch(&consumers, |index| index < 2).await?;
    ensure!(read == [1, 2], "{read:?}");
    tokio::time::sleep(2 * ACK_WAIT).await;
    read.extend(fetch(&consumers, |_| true).await?);
    ensure!(read == (1..=logs.signups.head).collect::<Vec<_>>(), "{read:?} of {}", logs.signups.head);

    can_do_nothing_else(&client, &consumers).await?;
    for (name, head) in [("AGENTS", logs.agents.head), ("SIGNUPS", logs.signups.head)] {
        let messages = commands.get_stream(name).await?.info().await?.state.messages;
        ensure!(messages == head, "{name} has {messages} messages in place of {head}");
    }

    // Only what concerns one agent.
    commands.delete_consumer_from_stream(NAME, "SIGNUPS").await?;
    add_durable(&commands, format!("signups.v1.*.*.{}", anna.agent)).await?;
    let read = fetch(&consumers, |_| true).await?;
    let of_anna = logs.signups.events.iter().filter(|event| event.subject.ends_with(&anna.agent));
    let of_anna = of_anna.map(Event::position).collect::<Result<Vec<_>>>()?;
    ensure!(!read.is_empty() && read == of_anna, "{read:?} in place of {of_anna:?}");
    Ok(())
}

async fn can_do_nothing_else(client: &async_nats::Client, consumers: &JetStream) -> Result<()> {
    for context in [consumers.clone(), jetstream::new(client.clone())] {
        for name in ["SIGNUPS", "AGENTS"] {
            ensure!(context.get_stream(name).await.is_err(), "it reads of {name}");
            ensure!(context.delete_stream(name).await.is_err(), "it deletes {name}");
            let pushes = jetstream::consumer::push::Config {
                deliver_subject: "agents.v1.agent.agent_created.stranger".to_owned(),
                ..jetstream::consumer::push::Config::default()
            };
            ensure!(context.create_consumer_on_stream(pushes, name).await.is_err(), "it makes a consumer of {name}");
        }
        ensure!(context.delete_consumer_from_stream(NAME, "SIGNUPS").await.is_err(), "it deletes the consumer");
        let published = context.publish("signups.v1.customer.placed.stranger", "{}".into()).await;
        let kept = match published {
            Ok(acknowledgement) => acknowledgement.await.is_ok(),
            Err(_) => false,
        };
        ensure!(!kept, "it publishes into the stream");
    }
    // An answer that is to go into a stream stays in the consumer's own account.
    let request = r#"{"batch":1,"no_wait":true}"#;
    client.publish_with_reply(FETCH, "agents.v1.agent.agent_created.stranger", request.into()).await?;
    client.flush().await?;
    Ok(())
}
