//! `samples/php/receiver.php`: a softswitch with its accounts in `MariaDB`.

use std::process::Stdio;

use harness::checker::Logs;
use harness::names::{Rng, person};
use harness::pair::run;
use harness::ports::free_port;
use harness::{Context, Pair, Result, ensure, eventually, json, seconds};
use tokio::process::Child;

use super::mariadb::MariaDb;
use super::webhooks::{a_stranger_is_refused, a_test_event_is_taken, endpoint, everything_is_acknowledged, setup};
use super::{kills, program, sample, token_file};

const JOURNEY: &str = "samples::php";
const ACCOUNTS: &str = "SELECT username, password FROM sip_accounts ORDER BY username";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_customer_gets_one_account_from_a_receiver_in_php_that_is_killed() -> Result<()> {
    run(setup(JOURNEY), async |pair| {
        let database = MariaDb::start(JOURNEY, pair.folder()).await?;
        database.query(&std::fs::read_to_string(sample("php/schema.sql"))?)?;
        each_customer_gets_one_account(&pair, &database).await
    })
    .await
}

/// The receiver in the web server that PHP has for development.
fn receiver(pair: &Pair, database: &MariaDb, port: u16, secret: &str) -> Result<Child> {
    let mut php = program("php");
    php.args(["-S", &format!("127.0.0.1:{port}")]).arg(sample("php/receiver.php")).stderr(Stdio::null());
    php.env("WEBHOOK_SECRET", secret).env("SIGNPOST_URL", pair.signup_api(0).base());
    php.env("SIGNPOST_TOKEN_FILE", pair.folder().join("token"));
    Ok(php.env("DATABASE", database.dsn()).env("DATABASE_USER", "root").spawn()?)
}

async fn each_customer_gets_one_account(pair: &Pair, database: &MariaDb) -> Result<()> {
    token_file(pair, &["customers:provision"]).await?;
    let port = free_port()?;
    let made = endpoint(pair, port).await?;
    let secret = made.body["secret"].as_str().context("no secret")?;
    let mut child = receiver(pair, database, port, secret)?;
    let seller = pair.agents(0).add_seller().await?;
    let key = pair.agents(0).add_key(&seller).await?;
    pair.signup(0).usable_within(seconds(10), &key.id).await?;
    let mut rng = Rng::new(37);
    for round in 0..=kills()? / 2 {
        for number in 0..3 {
            pair.signup(0).sign_up(&key.id, &person(&mut rng, 3 * round + number)).await?.expect(201)?;
        }
        // Killed while customers come. What was not acknowledged comes again five seconds later.
        child.kill().await?;
        child = receiver(pair, database, port, secret)?;
        nobody_waits(pair).await?;
        everything_is_acknowledged(pair, &made.id).await?;
    }
    let (accounts, customers) = (database.query(ACCOUNTS)?, customers(pair).await?);
    let names: Vec<&str> = accounts.iter().filter_map(|line| line.split('\t').next()).collect();
    ensure!(names == customers, "accounts {names:?}, customers {customers:?}");
    a_stranger_is_refused(port).await?;
    a_test_event_is_taken(pair, &made.id).await?;

    // Everything once more.
    let replay = json!({"log": "signups", "after": 0});
    let log = Logs::read(pair).await?.signups;
    pair.agents(0).api.post(&format!("/webhooks/{}/replay", made.id)).json(&replay).expect(200).await?;
    everything_is_acknowledged(pair, &made.id).await?;
    ensure!(database.query(ACCOUNTS)? == accounts, "a repeated delivery changed an account");
    let head = Logs::read(pair).await?.signups.head;
    ensure!(head == log.head, "a repeated delivery was told as news: {head} events after {}", log.head);
    let first = log.named("customer_placed").next().context("somebody was placed")?.data()?;
    for (step, state) in [("suspend", "suspended"), ("reinstate", "active"), ("close", "closed")] {
        let path = format!("/api/v1/customers/{}/{step}", first["customer_id"].as_str().unwrap_or_default());
        pair.signup_api(0).post(&path).json(&json!({})).expect(200).await?;
        let question = format!("SELECT state FROM sip_accounts WHERE customer_id = {}", first["customer_id"]);
        eventually(seconds(20), async || {
            let found = database.query(&question)?;
            ensure!(found == [state], "the account is {found:?}, not {state}");
            Ok(())
        })
        .await?;
    }
    Ok(())
}

/// Waits until a system serves everybody.
async fn nobody_waits(pair: &Pair) -> Result<()> {
    eventually(seconds(60), async || {
        let waiting = pair.signup_api(0).get("/api/v1/customers/waiting").expect(200).await?;
        ensure!(waiting["items"].as_array().is_some_and(Vec::is_empty), "these wait: {waiting}");
        Ok(())
    })
    .await
}

/// The numbers of all customers, in the order of text.
async fn customers(pair: &Pair) -> Result<Vec<String>> {
    let log = Logs::read(pair).await?.signups;
    let number =
        |event: &harness::events::Event| Ok(event.data()?["customer_number"].as_str().context("a number")?.to_owned());
    let mut numbers = log.named("customer_placed").map(number).collect::<Result<Vec<_>>>()?;
    numbers.sort();
    let provisioned = log.named("customer_provisioned").count();
    ensure!(provisioned == numbers.len(), "{provisioned} of {} customers were told once", numbers.len());
    Ok(numbers)
}
