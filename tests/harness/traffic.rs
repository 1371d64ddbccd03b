//! Clients that keep writing while something is broken: signups and groups, each with an Idempotency-Key, each
//! retried at another replica until it is acknowledged. Some clients stop after one attempt, so that the journal also
//! holds writes with an unknown outcome. `SIGNPOST_TEST_SIGNUPS_PER_SECOND` limits the signups of all clients
//! together; without it each client writes without a pause.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::api::{Api, ApiResponse, client_with};
use crate::journal::{Journal, Write};
use crate::names::{Rng, person};
use crate::operator::{Seller, with};
use crate::pair::Pair;
use crate::personal::traces_of;
use crate::wait::{eventually, every, pause, seconds};

const PATIENCE: Duration = seconds(90);
const REQUEST_LIMIT: Duration = seconds(5);
/// One of so many clients never retries.
const IMPATIENT: u64 = 8;
/// One of so many writes is a group; the others are signups.
const GROUPS: usize = 3;

pub struct Traffic {
    stopped: Arc<AtomicBool>,
    journal: Arc<Journal>,
    /// Writes a second, where there is a limit.
    rate: Option<usize>,
    clients: JoinSet<Result<Vec<String>>>,
}

/// The replicas of one client's writes.
#[derive(Clone)]
struct Targets {
    agents: Vec<Api>,
    signup: Vec<Api>,
    seller: Seller,
    key: String,
    consent: Value,
}

impl Traffic {
    /// Starts so many clients on all replicas.
    pub async fn start(pair: &Pair, clients: u64) -> Result<Self> {
        Self::start_on(pair, clients, &(0..pair.replicas()).collect::<Vec<_>>()).await
    }

    /// Starts the clients on some replicas only, and waits for the first writes.
    pub async fn start_on(pair: &Pair, clients: u64, replicas: &[usize]) -> Result<Self> {
        let operator = pair.agents(replicas[0]);
        let seller = operator.add_seller().await?;
        let key = operator.add_key(&seller).await?;
        let visitor = pair.signup(replicas[0]);
        visitor.usable_within(seconds(20), &key.id).await?;
        let client = client_with(REQUEST_LIMIT)?;
        let api = |api: Api| Api::new(client.clone(), api.base(), Some(crate::pair::TOKEN));
        let consent = visitor.body(&key.id, &person(&mut Rng::new(0), 0))["consent"].clone();
        let targets = Targets {
            agents: replicas.iter().map(|&replica| api(pair.agents_api(replica))).collect(),
            signup: replicas.iter().map(|&replica| api(pair.signup_api(replica))).collect(),
            seller,
            key: key.id,
            consent,
        };
        let rate = rate()?;
        let period = rate.map(|rate| Duration::from_secs(clients) / u32::try_from(rate).unwrap_or(u32::MAX));
        let mut traffic = Self { stopped: Arc::default(), journal: Arc::default(), rate, clients: JoinSet::new() };
        for number in 0..clients {
            let (stopped, journal) = (Arc::clone(&traffic.stopped), Arc::clone(&traffic.journal));
            let targets = targets.clone();
            traffic.clients.spawn(async move {
                let outcome = write_until(&stopped, &journal, &targets, (number, period)).await;
                outcome.inspect_err(|error| journal.fail(error))
            });
        }
        traffic.flows(20).await?;
        Ok(traffic)
    }

    /// Waits for so many more acknowledged writes; at a limited rate for those of two seconds at least.
    pub async fn flows(&self, more: usize) -> Result<()> {
        let more = more.max(self.rate.map_or(0, |rate| 2 * rate));
        let wanted = self.journal.acknowledged() + more;
        let failure = eventually(PATIENCE, async || {
            let (now, failure) = (self.journal.acknowledged(), self.journal.failure());
            ensure!(now >= wanted || failure.is_some(), "the traffic stalls at {now} acknowledged writes");
            Ok(failure)
        });
        match failure.await? {
            Some(failure) => bail!("a client failed: {failure}"),
            None => Ok(()),
        }
    }

    /// Lets every client finish its write, and prints the rate and the longest gap of each kind of write (with
    /// `--show-output`); returns the journal and all personal data that was sent.
    pub async fn stop(mut self) -> Result<(Arc<Journal>, Vec<String>)> {
        self.stopped.store(true, Ordering::Relaxed);
        let mut personal = Vec::new();
        while let Some(client) = self.clients.join_next().await {
            personal.extend(client??);
        }
        for write in [Write::Group, Write::Signup] {
            println!("{}", self.journal.pace(write));
        }
        Ok((self.journal, personal))
    }
}

/// The writes a second for the wanted rate of signups.
fn rate() -> Result<Option<usize>> {
    let Ok(signups) = std::env::var("SIGNPOST_TEST_SIGNUPS_PER_SECOND") else {
        return Ok(None);
    };
    let signups: usize = signups.parse().context("SIGNPOST_TEST_SIGNUPS_PER_SECOND is a number")?;
    Ok(Some((signups * GROUPS / (GROUPS - 1)).max(1)))
}

async fn write_until(
    stopped: &AtomicBool,
    journal: &Journal,
    targets: &Targets,
    (client, period): (u64, Option<Duration>),
) -> Result<Vec<String>> {
    let mut ticks = period.map(every);
    let mut rng = Rng::new(client);
    let mut personal = Vec::new();
    for turn in 0.. {
        if stopped.load(Ordering::Relaxed) {
            break;
        }
        if let Some(ticks) = &mut ticks {
            ticks.tick().await;
        }
        let write = if turn % GROUPS == 0 { Write::Group } else { Write::Signup };
        let marker = journal.attempt(write);
        let (apis, path, body) = match write {
            Write::Group => {
                (&targets.agents, "/api/v1/groups", json!({"name": marker, "agent_id": targets.seller.agent}))
            }
            Write::Signup => {
                let visitor = person(&mut rng, turn);
                personal.extend(traces_of(&visitor));
                let body = json!({
                    "key": targets.key, "email": format!("{marker}{}", visitor.email), "first_name": visitor.first_name,
                    "last_name": visitor.last_name, "phone": visitor.phone, "address": visitor.address,
                });
                let rest = json!({"consent": targets.consent, "campaign": {"sub_id": marker}});
                (&targets.signup, "/api/v1/signups", with(body, rest))
            }
        };
        let patient = !rng.roll().is_multiple_of(IMPATIENT);
        let first = rng.below(apis.len());
        let apis = apis.iter().cycle().skip(first);
        if let Some(answer) = acknowledged(apis, path, &body, &marker, patient).await? {
            let body = answer.json()?;
            let id = body["id"].as_str().or(body["customer_id"].as_str());
            journal.acknowledge(&marker, id.with_context(|| format!("{answer}: no id"))?);
        }
    }
    Ok(personal)
}

/// Sends one write until it is acknowledged, each time to the next replica. A refusal fails the run.
async fn acknowledged(
    apis: impl Iterator<Item = &Api>,
    path: &str,
    body: &Value,
    key: &str,
    patient: bool,
) -> Result<Option<ApiResponse>> {
    let started = Instant::now();
    for api in apis {
        match api.post(path).json(body).idempotency_key(key).send().await {
            Ok(answer) if answer.status == 201 => return Ok(Some(answer)),
            Ok(answer) if answer.status < 500 => return answer.expect(201).map(Some),
            Ok(_) | Err(_) if !patient => return Ok(None),
            Ok(answer) => ensure!(started.elapsed() < PATIENCE, "{answer}: never acknowledged"),
            Err(error) if started.elapsed() > PATIENCE => return Err(error.context("never acknowledged")),
            Err(_) => {}
        }
        pause().await;
    }
    Ok(None)
}
