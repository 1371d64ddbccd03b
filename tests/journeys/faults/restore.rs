//! Databases restored from older copies, in either order and minutes apart: what the log lost is noticed, nothing is sold by what
//! vanished, and `signpost repair` ends in a pair that verifies.

use std::path::{Path, PathBuf};

use harness::checker::{streams_have_all, verifies};
use harness::names::{Dice, person};
use harness::scratch::Scratch;
use harness::{Context, Pair, Result, Traffic, check, ensure, eventually, json, postgres, seconds};

harness::on_both_pairs!(
    both_databases_restored_from_copies_of_different_moments_end_in_a_pair_that_verifies,
    keys_of_a_restored_log_sell_nothing_that_vanished,
    a_lost_agents_database_sells_nothing_by_its_keys,
    a_lost_signup_database_is_not_taken_for_the_one_that_sales_followed,
);

/// Where only the stream has what the log lost.
mod from_the_stream {
    use super::{
        a_cap_and_a_repeated_command_hold_across_a_restore_and_a_repair,
        an_older_database_places_nobody_while_nats_is_away,
    };

    harness::on_servers!(
        a_cap_and_a_repeated_command_hold_across_a_restore_and_a_repair,
        an_older_database_places_nobody_while_nats_is_away,
    );
}

async fn both_databases_restored_from_copies_of_different_moments_end_in_a_pair_that_verifies(
    pair: Pair,
) -> Result<()> {
    for first in [Side::Agents, Side::Signup] {
        let traffic = Traffic::start(&pair, 6).await?;
        traffic.flows(60).await?;
        let one = first.copy(&pair).await?;
        traffic.flows(60).await?;
        let other = first.other().copy(&pair).await?;
        traffic.flows(60).await?;
        let (journal, personal) = traffic.stop().await?;
        if !pair.is_embedded() {
            streams_have_all(&pair).await?;
        }
        stop(&pair);
        first.restore(&pair, &one).await?;
        first.other().restore(&pair, &other).await?;
        start(&pair).await?;
        decided(&pair).await?;
        // Without a stream, what came after the copies is gone.
        if pair.is_embedded() {
            verifies(&pair).await?;
        } else {
            check(&pair, &journal, &personal).await?;
        }
        let traffic = Traffic::start(&pair, 6).await?;
        traffic.flows(40).await.context("the repaired pair does not work")?;
        let (journal, personal) = traffic.stop().await?;
        check(&pair, &journal, &personal).await?;
    }
    Ok(())
}

/// By the id of the first copy's log position: nobody may sell what a restore took away, until it is decided.
async fn keys_of_a_restored_log_sell_nothing_that_vanished(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let kept = operator.add_key(&operator.add_seller().await?).await?;
    pair.signup(0).usable_within(seconds(20), &kept.id).await?;
    let copy = Side::Agents.copy(&pair).await?;
    let vanished = operator.add_key(&operator.add_seller().await?).await?;
    for replica in 0..pair.replicas() {
        pair.signup(replica).usable_within(seconds(20), &vanished.id).await?;
    }
    stop(&pair);
    Side::Agents.restore(&pair, &copy).await?;
    start(&pair).await?;
    let mut dice = Dice::new(31);
    for replica in 0..pair.replicas() {
        let visitor = pair.signup(replica);
        eventually(seconds(20), async || {
            let answer = visitor.lookup(&vanished.id).await?;
            ensure!(answer.status == 503, "a key of a log that lost it answers {answer}");
            Ok(())
        })
        .await?;
        visitor.sign_up(&vanished.id, &person(&mut dice, replica)).await?.expect(503)?;
        pair.agents(replica).api.post("/groups").json(&json!({"name": "none"})).send().await?.expect(503)?;
    }
    decided(&pair).await?;
    verifies(&pair).await?;
    for replica in 0..pair.replicas() {
        pair.signup(replica).usable_within(seconds(20), &kept.id).await?;
        let answer = pair.signup(replica).lookup(&vanished.id).await?;
        // Only the stream has it still.
        ensure!(answer.status == if pair.is_embedded() { 404 } else { 200 }, "after the repair: {answer}");
    }
    Ok(())
}

async fn a_lost_agents_database_sells_nothing_by_its_keys(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let lost = operator.add_key(&operator.add_seller().await?).await?;
    for replica in 0..pair.replicas() {
        pair.signup(replica).usable_within(seconds(20), &lost.id).await?;
    }
    stop(&pair);
    Side::Agents.lose(&pair).await?;
    start(&pair).await?;
    for replica in 0..pair.replicas() {
        let visitor = pair.signup(replica);
        eventually(seconds(30), async || visitor.lookup(&lost.id).await?.expect(503).map(drop)).await?;
        visitor.sign_up(&lost.id, &person(&mut Dice::new(33), replica)).await?.expect(503)?;
    }
    begun_anew(&pair).await?;
    let key = operator.add_key(&operator.add_seller().await?).await?;
    for replica in 0..pair.replicas() {
        pair.signup(replica).usable_within(seconds(20), &key.id).await?;
        pair.signup(replica).lookup(&lost.id).await?.expect(404)?;
    }
    verifies(&pair).await
}

async fn a_lost_signup_database_is_not_taken_for_the_one_that_sales_followed(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let key = operator.add_key(&operator.add_seller().await?).await?;
    for replica in 0..pair.replicas() {
        pair.signup(replica).usable_within(seconds(20), &key.id).await?;
    }
    let sign_up = async |number: usize| {
        let who = person(&mut Dice::new(u64::try_from(number)?), number);
        pair.signup(number).sign_up(&key.id, &who).await
    };
    for number in 0..12 {
        sign_up(number).await?.expect(201)?;
    }
    let sold = async || operator.api.get("/sales?by=key").send().await;
    eventually(seconds(20), async || {
        let sales = sold().await?.expect(200)?.json()?;
        ensure!(sales["items"][0]["signups"] == 12, "not all were sold: {sales}");
        Ok(())
    })
    .await?;
    stop(&pair);
    Side::Signup.lose(&pair).await?;
    start(&pair).await?;
    eventually(seconds(30), async || sold().await?.expect(503).map(drop)).await?;
    for replica in 0..pair.replicas() {
        sign_up(replica + 12).await?.expect(503).context("a new log took what the old one's followers will not see")?;
    }
    begun_anew(&pair).await?;
    pair.signup(0).usable_within(seconds(20), &key.id).await?;
    eventually(seconds(20), async || sign_up(20).await?.expect(201).map(drop)).await?;
    eventually(seconds(20), async || {
        let sales = sold().await?.expect(200)?.json()?;
        ensure!(sales["items"][0]["signups"] == 1, "the sales are of the lost log: {sales}");
        Ok(())
    })
    .await?;
    verifies(&pair).await
}

/// `signpost verify` and `signpost repair` say that something is the matter; only who insists gives a history up. Then the services
/// make their first start.
async fn begun_anew(pair: &Pair) -> Result<()> {
    for command in ["verify", "repair"] {
        let (status, said) = pair.command(&[command])?;
        ensure!(status == 1, "signpost {command} ended with {status}:\n{said}");
    }
    let (status, said) = pair.command(&["repair", "--from-log", "--yes"])?;
    ensure!(status == 0, "signpost repair --from-log --yes ended with {status}:\n{said}");
    repaired(pair).await?;
    for replica in 0..pair.replicas() {
        eventually(seconds(20), async || pair.agents(replica).api.get("/agents").send().await?.expect(200).map(drop))
            .await?;
    }
    Ok(())
}

async fn a_cap_and_a_repeated_command_hold_across_a_restore_and_a_repair(pair: Pair) -> Result<()> {
    const CAP: usize = 10;
    let operator = pair.agents(0);
    let key = operator.add_key_with(&operator.add_seller().await?, json!({"cap": CAP})).await?;
    for replica in 0..pair.replicas() {
        pair.signup(replica).usable_within(seconds(20), &key.id).await?;
    }
    let mut dice = Dice::new(32);
    let people: Vec<_> = (0..20).map(|number| person(&mut dice, number)).collect();
    let sign_up = async |number: usize| {
        let visitor = pair.signup(number);
        let body = visitor.body(&key.id, &people[number]);
        visitor.api.post("/api/v1/signups").json(&body).idempotency_key(&format!("restored-{number}")).send().await
    };
    let mut first = Vec::new();
    for number in 0..4 {
        first.push(sign_up(number).await?.expect(201)?.json()?["customer_id"].clone());
    }
    let traffic = Traffic::start(&pair, 6).await?;
    let copy = Side::Signup.copy(&pair).await?;
    for number in 4..8 {
        first.push(sign_up(number).await?.expect(201)?.json()?["customer_id"].clone());
    }
    let (journal, personal) = traffic.stop().await?;
    streams_have_all(&pair).await?;
    stop(&pair);
    Side::Signup.restore(&pair, &copy).await?;
    start(&pair).await?;
    sign_up(8).await?.expect(503).context("a log that lost acknowledged signups took another")?;
    repaired(&pair).await?;
    verifies(&pair).await?;
    for (number, customer) in first.iter().enumerate() {
        let again = sign_up(number).await?.expect(201)?;
        ensure!(again.json()?["customer_id"] == *customer, "a repeated signup placed somebody else: {again}");
    }
    let mut placed = 0;
    for number in 8..people.len() {
        placed += usize::from(sign_up(number).await?.status == 201);
    }
    ensure!(placed == CAP - first.len(), "{placed} more were placed, of a cap of {CAP} with {} before", first.len());
    check(&pair, &journal, &personal).await.map(drop)
}

/// Only the other service can tell then that signups are lost.
async fn an_older_database_places_nobody_while_nats_is_away(pair: Pair) -> Result<()> {
    let traffic = Traffic::start(&pair, 6).await?;
    let copy = Side::Signup.copy(&pair).await?;
    traffic.flows(40).await?;
    let (journal, personal) = traffic.stop().await?;
    streams_have_all(&pair).await?;
    let operator = pair.agents(0);
    let key = operator.add_key(&operator.add_seller().await?).await?;
    stop(&pair);
    pair.nats()?.stop()?;
    Side::Signup.restore(&pair, &copy).await?;
    start(&pair).await?;
    let mut dice = Dice::new(34);
    for replica in 0..pair.replicas() {
        let visitor = pair.signup(replica);
        let who = person(&mut dice, replica);
        eventually(seconds(20), async || {
            let answer = visitor.sign_up(&key.id, &who).await?;
            ensure!(answer.status == 503 || answer.status == 404, "a log that lost signups took another: {answer}");
            answer.expect(503).map(drop)
        })
        .await?;
    }
    pair.nats()?.start_again().await?;
    repaired(&pair).await?;
    check(&pair, &journal, &personal).await.map(drop)
}

/// One of the two databases.
#[derive(Clone, Copy)]
enum Side {
    Agents,
    Signup,
}

impl Side {
    fn other(self) -> Self {
        match self {
            Self::Agents => Self::Signup,
            Self::Signup => Self::Agents,
        }
    }

    fn url(self, pair: &Pair) -> Result<&str> {
        match self {
            Self::Agents => pair.agents_database(),
            Self::Signup => pair.signup_database(),
        }
    }

    fn file(self, pair: &Pair) -> Result<PathBuf> {
        let name = if matches!(self, Self::Agents) { "agents.sqlite" } else { "signups.sqlite" };
        let line = pair.command_line()?;
        let folder = line.settings.iter().find(|(name, _)| name == "SIGNPOST_DATA_DIR");
        Ok(PathBuf::from(&folder.context("the embedded pair has a data folder")?.1).join(name))
    }

    /// A copy as the run book makes it, while the pair works.
    async fn copy(self, pair: &Pair) -> Result<Scratch> {
        let scratch = Scratch::new("copy")?;
        let copy = scratch.path().join("copy");
        if pair.is_embedded() {
            run("sqlite3".into(), &[path(&self.file(pair)?)?, &format!(".backup {}", path(&copy)?)]).await?;
        } else {
            let url = self.url(pair)?;
            run(program("pg_dump")?, &["--format=custom", &format!("--file={}", path(&copy)?), url]).await?;
        }
        Ok(scratch)
    }

    /// Removes the database's file, or all that is in it.
    async fn lose(self, pair: &Pair) -> Result<()> {
        if pair.is_embedded() {
            let file = self.file(pair)?;
            for suffix in ["", "-wal", "-shm"] {
                let _ = std::fs::remove_file(format!("{}{suffix}", path(&file)?));
            }
            return Ok(());
        }
        postgres::execute(self.url(pair)?, "DROP SCHEMA public CASCADE; CREATE SCHEMA public".to_owned()).await
    }

    async fn restore(self, pair: &Pair, scratch: &Scratch) -> Result<()> {
        let copy = scratch.path().join("copy");
        if pair.is_embedded() {
            let file = self.file(pair)?;
            for suffix in ["-wal", "-shm"] {
                let _ = std::fs::remove_file(format!("{}{suffix}", path(&file)?));
            }
            std::fs::copy(copy, file)?;
            return Ok(());
        }
        let database = format!("--dbname={}", self.url(pair)?);
        run(program("pg_restore")?, &["--clean", "--if-exists", "--exit-on-error", &database, path(&copy)?]).await
    }
}

fn program(name: &str) -> Result<PathBuf> {
    Ok(PathBuf::from(std::env::var_os("SIGNPOST_TEST_PG_BIN").context("SIGNPOST_TEST_PG_BIN is not set")?).join(name))
}

fn path(path: &Path) -> Result<&str> {
    path.to_str().context("the path is plain")
}

async fn run(program: PathBuf, arguments: &[&str]) -> Result<()> {
    let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
    let output = tokio::task::spawn_blocking(move || std::process::Command::new(program).args(arguments).output());
    let output = output.await??;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

fn stop(pair: &Pair) {
    for process in pair.processes() {
        process.stop();
    }
}

async fn start(pair: &Pair) -> Result<()> {
    for process in pair.processes() {
        process.start_again()?;
    }
    pair.is_ready().await
}

/// Mended, where only the restored copies are left by giving up what they lack, which has to be asked for.
async fn decided(pair: &Pair) -> Result<()> {
    if pair.is_embedded() {
        let (status, said) = pair.command(&["repair", "--yes"])?;
        ensure!(
            status == 1 && said.contains("--from-log"),
            "repair --yes ended with {status}, and gave up what was lost:\n{said}"
        );
        let (status, said) = pair.command(&["repair", "--from-log", "--yes"])?;
        ensure!(status == 0, "signpost repair --from-log --yes ended with {status}:\n{said}");
    }
    repaired(pair).await
}

/// `signpost repair --yes`, until there is nothing left to repair.
async fn repaired(pair: &Pair) -> Result<()> {
    eventually(seconds(40), async || {
        let (status, said) = pair.command(&["repair", "--yes"])?;
        ensure!(status == 0, "signpost repair --yes ended with {status}:\n{said}");
        let (status, said) = pair.command(&["repair"])?;
        ensure!(status == 0, "signpost repair ended with {status}:\n{said}");
        Ok(())
    })
    .await
}
