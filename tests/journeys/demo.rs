//! `--demo`: a year in an empty database, the same figures each time, and ways in. By default it has few signups, since this build is
//! not optimised; `tests/run proof` makes all of it, within its promise.

use std::time::{Duration, Instant};

use anyhow::Context;
use harness::api::{Api, client};
use harness::binaries::STANDALONE;
use harness::process::Process;
use harness::{Result, SingleService, Value, ensure};

/// Most time on a busy machine with a build that is not optimised; what is shipped takes a fraction of it.
const MOST: Duration = Duration::from_mins(4);
/// Set for the whole example, of what is shipped.
const WHOLE: &str = "SIGNPOST_TEST_DEMO_WHOLE";
/// The promise for it, on two cores.
const PROMISE: Duration = Duration::from_secs(30);
/// Signups of the whole example.
const SIGNUPS: u64 = 20_000;
/// A smaller example that ends with a fixed day: a fixed seed gives these figures.
const SMALL: [&str; 2] = ["--demo-signups=600", "--demo-until=2025-06-30"];
const FIGURES: &str = "600 customers, 8 of them erased, 794 payments, 15 refunds and chargebacks, 60 payout requests, 238 statements, 187 messages";
const STATES: [&str; 6] = ["requested", "approved", "refused", "cancelled", "paid", "returned"];
const REFUSALS: [&str; 13] = [
    "unknown",
    "revoked",
    "paused",
    "not_started",
    "ended",
    "exhausted",
    "agent_suspended",
    "agent_closed",
    "plan_retired",
    "grant_withdrawn",
    "group_not_agents",
    "email_known",
    "honeypot",
];

/// What the example said of itself.
struct Told {
    /// The line with what was made.
    made: String,
    /// Address, login and password of the back office and of the portal.
    ways_in: Vec<[String; 3]>,
    signup_page: String,
    token: String,
}

impl Told {
    fn of(lines: &[String]) -> Result<Self> {
        let made = lines_about(lines, " call plans, ");
        Ok(Self {
            made: (*made.first().context("it says what was made")?).to_owned(),
            ways_in: lines_about(lines, ": login ").into_iter().filter_map(way_in).collect(),
            signup_page: last_word(lines, "signup page").context("it names a signup page")?.to_owned(),
            token: last_word(lines, "an API token").context("it names a token")?.to_owned(),
        })
    }

    /// The number before a word of the line with what was made.
    fn number(&self, word: &str) -> Result<u64> {
        let before = self.made.split(word).next().unwrap_or_default().trim_end();
        let digits = before.rsplit([' ', ',']).next().unwrap_or_default();
        digits.parse().with_context(|| format!("there is no number of {word} in {}", self.made))
    }
}

/// The example's lines with a word, without what marks them.
fn lines_about<'a>(lines: &'a [String], word: &str) -> Vec<&'a str> {
    lines.iter().filter_map(|line| line.strip_prefix("demo: ")).filter(|line| line.contains(word)).collect()
}

/// The last word of the last line with a word.
fn last_word<'a>(lines: &'a [String], word: &str) -> Option<&'a str> {
    let about: Vec<&'a str> = lines_about(lines, word);
    about.last().and_then(|line| line.split_whitespace().next_back())
}

/// Address, login and password.
fn way_in(line: &str) -> Option<[String; 3]> {
    let (place, rest) = line.split_once(": login ")?;
    let (login, password) = rest.split_once(", password ")?;
    let place = place.split_whitespace().next_back()?;
    Some([place, login, password.split_whitespace().next()?].map(str::to_owned))
}

fn company() -> Result<SingleService> {
    let mut alone = SingleService::new(STANDALONE, &[("SIGNPOST_RATE_LIMITS", "off"), ("SIGNPOST_DATA_DIR", "data")])?;
    for listen in ["SIGNPOST_AGENTS_LISTEN", "SIGNPOST_SIGNUP_LISTEN", "SIGNPOST_ADMIN_LISTEN"] {
        alone = alone.with(listen, "127.0.0.1:0");
    }
    Ok(alone)
}

/// The arguments that make the example, and whether it is the whole one.
fn wanted() -> (Vec<&'static str>, bool) {
    let is_whole = std::env::var_os(WHOLE).is_some();
    let size: &[&str] = if is_whole { &[] } else { &SMALL };
    ([&["serve", "--demo"], size].concat(), is_whole)
}

/// Waits for a line of a process that may work for minutes.
async fn line(process: &Process, wanted: &str) -> Result<()> {
    let begun = Instant::now();
    while !process.lines().iter().any(|line| line.contains(wanted)) {
        ensure!(process.is_running() && begun.elapsed() < MOST, "no {wanted}: {}", process.lines().join("\n"));
        harness::wait::pause().await;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_example_is_a_year_that_can_be_entered_and_verified() -> Result<()> {
    let alone = company()?;
    let (arguments, is_whole) = wanted();
    let begun = Instant::now();
    let process = alone.start("demo", &arguments)?;
    line(&process, "demo: an API token").await?;
    let took = begun.elapsed();
    println!("the example took {took:?}: {}", process.lines().join("\n"));
    ensure!(!is_whole || took <= PROMISE, "the example took {took:?}");
    ensure!(process.lines().iter().any(|line| line.contains(": signups ")), "it says nothing of its progress");
    let told = Told::of(&process.lines())?;
    let [back_office, portal, other] = &told.ways_in[..] else { anyhow::bail!("{:?}", told.ways_in) };
    for [place, login, password] in [back_office, portal, other] {
        enters(place, login, password).await?;
    }
    ensure!(portal[0].ends_with("/portal") && portal[1] != other[1], "{:?}", told.ways_in);
    let page = client()?.get(&told.signup_page).send().await?;
    ensure!(page.status().is_success(), "the signup page answers {}", page.status());
    let api = Api::new(client()?, &format!("{}/api/v1", back_office[0]), Some(&told.token));
    figures(&api, &told, is_whole).await?;
    everything_happened(&api, is_whole).await?;
    ensure!(process.stop(), "it did not end by itself");
    let (status, output) = alone.run(&["verify"])?;
    ensure!(status == 0 && output.contains("verified"), "{status}: {output}");
    never_goes_back(&alone)?;
    // The second time it adds nothing.
    let again = alone.start("demo", &["serve", "--demo"])?;
    line(&again, "demo: the database is not empty; nothing was added").await?;
    line(&again, ": ready ").await?;
    ensure!(again.stop(), "it did not end by itself");
    Ok(())
}

/// Signs in with what was printed.
async fn enters(place: &str, login: &str, password: &str) -> Result<()> {
    let form = [("login", login), ("password", password), ("next", "")];
    let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let answer = Api::new(client()?, place, None).post("/sign-in").form(&form).send().await?;
    ensure!(answer.header("set-cookie").contains('='), "{login} does not get in at {place}: {answer}");
    Ok(())
}

/// The API shows what the example said it made.
async fn figures(api: &Api, told: &Told, is_whole: bool) -> Result<()> {
    let sales = api.get("/sales?since=2000-01-01").expect(200).await?;
    let total = |member: &str| sales["total"][member].as_u64().unwrap_or_default();
    ensure!(total("signups") == told.number(" customers")?, "{sales}: {}", told.made);
    ensure!(total("views") == told.number(" page views")?, "{sales}: {}", told.made);
    if is_whole {
        ensure!(total("signups") == SIGNUPS, "{}", told.made);
    } else {
        ensure!(told.made.contains(FIGURES), "the example has other figures than before: {}", told.made);
    }
    let conversion = total("page_signups") * 1_000 / total("views").max(1);
    ensure!((20..=150).contains(&conversion), "of a thousand page views {conversion} lead to a signup");
    Ok(())
}

/// Each kind of thing that can happen is in the example.
async fn everything_happened(api: &Api, is_whole: bool) -> Result<()> {
    let sales = api.get("/sales?since=2000-01-01").expect(200).await?;
    let refused: Vec<&str> =
        sales["refusals"].as_array().into_iter().flatten().filter_map(|refusals| refusals["reason"].as_str()).collect();
    for reason in REFUSALS {
        ensure!(refused.contains(&reason), "nobody was refused because of {reason}: {refused:?}");
    }
    for state in STATES {
        let found = api.get(&format!("/remittances?state={state}")).expect(200).await?;
        ensure!(found["items"].as_array().is_some_and(|items| !items.is_empty()), "no payout is {state}");
    }
    let statements = if is_whole { 100 } else { 50 };
    for (path, least) in [
        ("/payments?unattributed=true&limit=100", 4),
        ("/open-reversals", 2),
        ("/statements?limit=200", statements),
        ("/unknown-keys?limit=100", 10),
        ("/call-plans", 8),
        ("/operators", 4),
        ("/signup-keys?limit=200", 100),
    ] {
        let found = api.get(path).expect(200).await?;
        ensure!(found["items"].as_array().map_or(0, Vec::len) >= least, "{path}: {found}");
    }
    let agents = api.get("/agents?limit=50").expect(200).await?;
    let states: Vec<_> = agents["items"].as_array().into_iter().flatten().map(|agent| agent["state"].clone()).collect();
    let count = |state: &str| states.iter().filter(|known| *known == state).count();
    ensure!((count("active"), count("suspended"), count("closed")) == (35, 3, 2), "{states:?}");
    Ok(())
}

/// The times in both logs never go back.
fn never_goes_back(alone: &SingleService) -> Result<()> {
    for log in ["agents", "signups"] {
        let (status, output) = alone.run(&["export", log])?;
        ensure!(status == 0, "{output}");
        let events = output.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let times: Vec<String> =
            events.filter_map(|event| Some(event["time"].as_str().or(event["ce-time"].as_str())?.to_owned())).collect();
        ensure!(times.len() > 1_000, "{log} has {} events", times.len());
        ensure!(times.is_sorted(), "a time in the log {log} goes back");
    }
    Ok(())
}

/// Who kills it in the middle does not find half a company later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_example_that_was_interrupted_is_not_taken_for_a_whole_one() -> Result<()> {
    let alone = company()?;
    let arguments = [&["serve", "--demo"], &SMALL[..]].concat();
    let process = alone.start("demo", &arguments)?;
    line(&process, ": signups ").await?;
    process.kill_9()?;
    let (status, output) = alone.run(&arguments)?;
    ensure!(status != 0 && output.contains("was interrupted"), "{status}: {output}");
    let without = alone.start("demo", &["serve"])?;
    line(&without, "warning: the example in this database was interrupted").await?;
    Ok(())
}
