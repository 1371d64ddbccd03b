//! An outside consumer, in another language, that knows the published subjects and schemas only.

use std::path::Path;
use std::process::Command;

use harness::names::{Rng, person};
use harness::{Pair, Result, checker::Logs, ensure, stream};

use crate::black_box::{python, schemas};

harness::on_servers!(an_outside_consumer_reads_every_event_by_its_schema);

async fn an_outside_consumer_reads_every_event_by_its_schema(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let seller = operator.add_seller().await?;
    let key = operator.add_key(&seller).await?;
    pair.signup(0).lookup_at(&key.id, key.position).await?.expect(200)?;
    for number in 0..30 {
        pair.signup(number).sign_up(&key.id, &person(&mut Rng::new(16), number)).await?.expect(201)?;
    }
    pair.signup(0).sign_up("2222222222", &person(&mut Rng::new(16), 99)).await?.expect(404)?;
    let logs = Logs::read(&pair).await?;
    let jetstream = pair.nats()?.jetstream().await?;
    for (name, log) in [("AGENTS", &logs.agents), ("SIGNUPS", &logs.signups)] {
        stream::catches_up(&jetstream, name, log.head).await?;
        consumes(pair.nats()?.url(), name, log.head)?;
    }
    Ok(())
}

fn consumes(nats: &str, stream: &str, expected: u64) -> Result<()> {
    let output = Command::new(python()?)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("black_box/consumer.py"))
        .args(["--nats", nats, "--stream", stream, "--expect", &expected.to_string(), "--schemas"])
        .arg(schemas()?)
        .output()?;
    let printed = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    ensure!(output.status.success(), "the outside consumer rejects {stream}:\n{printed}");
    Ok(())
}
