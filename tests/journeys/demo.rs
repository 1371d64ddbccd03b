//! `--demo`: a quarter of a year in an empty database, the same figures each time, and ways in.

use std::time::{Duration, Instant};

use anyhow::Context;
use harness::api::{Api, client};
use harness::binaries::STANDALONE;
use harness::process::Process;
use harness::{Result, SingleService, Value, ensure};

/// Most time on a busy machine with a build that is not optimised; what is shipped takes a fraction of it.
const MOST: Duration = Duration::from_mins(4);
/// A fixed seed gives these, on whatever day.
const FIGURES: &str = "1958 customers, 2248 payments, 69 refunds and chargebacks, 15 payout requests, 9 messages";
const STATES: [&str; 6] = ["requested", "approved", "refused", "cancelled", "paid", "returned"];

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
async fn the_example_is_a_quarter_of_a_year_that_can_be_entered_and_verified() -> Result<()> {
    let alone = company()?;
    let process = alone.start("demo", &["serve", "--demo"])?;
    line(&process, "demo: an API token").await?;
    let told = Told::of(&process.lines())?;
    let [back_office, portal, other] = &told.ways_in[..] else { anyhow::bail!("{:?}", told.ways_in) };
    for [place, login, password] in [back_office, portal, other] {
        enters(place, login, password).await?;
    }
    ensure!(portal[0].ends_with("/portal") && portal[1] != other[1], "{:?}", told.ways_in);
    let page = client()?.get(&told.signup_page).send().await?;
    ensure!(page.status().is_success(), "the signup page answers {}", page.status());
    let api = Api::new(client()?, &format!("{}/api/v1", back_office[0]), Some(&told.token));
    figures(&api, &told).await?;
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
async fn figures(api: &Api, told: &Told) -> Result<()> {
    let sales = api.get("/sales?since=2000-01-01").expect(200).await?;
    let total = |member: &str| sales["total"][member].as_u64().unwrap_or_default();
    ensure!(total("signups") == told.number(" customers")?, "{sales}: {}", told.made);
    ensure!(total("views") == told.number(" page views")?, "{sales}: {}", told.made);
    ensure!(told.made.contains(FIGURES), "the example has other figures than before: {}", told.made);
    for state in STATES {
        let found = api.get(&format!("/remittances?state={state}")).expect(200).await?;
        ensure!(found["items"].as_array().is_some_and(|items| !items.is_empty()), "no payout is {state}");
    }
    for (path, least) in [("/payments?unattributed=true", 2), ("/open-reversals", 2)] {
        let found = api.get(path).expect(200).await?;
        ensure!(found["items"].as_array().map_or(0, Vec::len) >= least, "{path}: {found}");
    }
    let agents = api.get("/agents?limit=50").expect(200).await?;
    let states: Vec<_> = agents["items"].as_array().into_iter().flatten().map(|agent| agent["state"].clone()).collect();
    let count = |state: &str| states.iter().filter(|known| *known == state).count();
    ensure!((count("active"), count("suspended"), count("closed")) == (10, 1, 1), "{states:?}");
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
