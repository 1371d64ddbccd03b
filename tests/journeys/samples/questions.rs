//! `samples/python/questions`: each question, and a figure that is known.

use std::path::{Path, PathBuf};

use harness::checker::{Logs, streams_have_all};
use harness::names::{Person, Rng, person};
use harness::operator::{Made, Seller, with};
use harness::personal::traces_of;
use harness::{Context, Pair, Result, Value, ensure, eventually, json, seconds};

use super::python::{ask, follower, kept_events};
use super::sample;

harness::on_servers!(every_question_is_answered_from_the_events);

/// A zone without summer time, five and a half hours before UTC.
const ZONE: &str = "zone=Asia/Kolkata";

/// What happened: an agent with a key that was revoked after four signups, and one with a key that placed one customer.
struct Company {
    revoked: Made,
    kept: Made,
    people: Vec<Person>,
    logs: Logs,
}

async fn every_question_is_answered_from_the_events(pair: Pair) -> Result<()> {
    let company = company(&pair).await?;
    let database = pair.folder().join("events.duckdb");
    let status = follower(&pair, &database)?.arg("--once").status().await?;
    ensure!(status.success(), "the events are not kept: {status}");
    let mut asked = Vec::new();
    for (name, expected) in expected(&company)? {
        let question = sample(&format!("python/questions/{name}.sql"));
        let answer = ask(&database, &question, ZONE).await?;
        ensure!(answer.len() == expected.len(), "{name}: {answer:#?} instead of {expected:#?}");
        for (line, wanted) in answer.iter().zip(&expected) {
            ensure!(matches(line, wanted), "{name}: {line} instead of {wanted}");
        }
        asked.push(question);
    }
    let mut there: Vec<PathBuf> =
        std::fs::read_dir(sample("python/questions"))?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    there.sort();
    asked.sort();
    ensure!(asked == there, "not every question is asked: {there:?}");
    nothing_is_personal(&database, &company.people).await
}

/// Whether a line of CSV has these values; `*` stands for a value that no one knows, such as a time.
fn matches(line: &str, wanted: &str) -> bool {
    let (line, wanted): (Vec<_>, Vec<_>) = (line.split(',').collect(), wanted.split(',').collect());
    line.len() == wanted.len() && line.iter().zip(wanted).all(|(value, wanted)| wanted == "*" || *value == wanted)
}

/// Neither in an event that is kept nor in the database's file.
async fn nothing_is_personal(database: &Path, people: &[Person]) -> Result<()> {
    let mut kept = std::fs::read(database)?;
    for log in ["AGENTS", "SIGNUPS"] {
        let lines = ask(database, &kept_events(), &format!("log={log}")).await?;
        ensure!(lines.len() > 5, "the events of {log} are not kept");
        kept.extend(lines.concat().into_bytes());
    }
    for text in people.iter().flat_map(traces_of) {
        let found = kept.windows(text.len()).any(|window| window == text.as_bytes());
        ensure!(!found, "{text} is kept");
    }
    Ok(())
}

async fn company(pair: &Pair) -> Result<Company> {
    let (operator, mut rng) = (pair.agents(0), Rng::new(29));
    let flat = operator.add_plan("City flat").await?.id;
    let world = operator.add_plan("World 300").await?.id;
    let mut sellers = Vec::new();
    for (name, percent, plan) in [("Harbour", "10", &flat), ("Thames", "20", &world)] {
        let agent = operator.add_agent_with(json!({"name": name, "commission_percent": percent})).await?.id;
        operator.grant(&agent, plan).await?;
        let group = operator.add_group(&format!("{name} VoIP"), &agent).await?.id;
        sellers.push(Seller { agent, plan: plan.clone(), group });
    }
    let [harbour, thames] = <[Seller; 2]>::try_from(sellers).ok().context("two sellers")?;
    let (revoked, kept) = (operator.add_key(&harbour).await?, operator.add_key(&thames).await?);
    let visitor = pair.signup(0);
    visitor.lookup_at(&kept.id, kept.position).await?.expect(200)?;
    for (path, times) in [(format!("{}?utm_campaign=spring", revoked.id), 5), (kept.id.clone(), 3)] {
        for _ in 0..times {
            visitor.page(&path).await?.expect(200)?;
        }
    }
    let people: Vec<Person> = (0..5).map(|number| person(&mut rng, number)).collect();
    let spring = json!({"campaign": {"utm_campaign": "spring"}});
    let german = with(spring.clone(), json!({"country": "DE", "language": "de"}));
    let mut customers = Vec::new();
    for (person, (key, more)) in
        people.iter().zip([(&revoked, &spring), (&revoked, &german), (&revoked, &german), (&kept, &json!({}))])
    {
        customers.push(sign_up(pair, &key.id, person, more).await?);
    }
    let changed = operator.change_agent(&harbour.agent, &json!({"commission_percent": "12.5"})).await?;
    visitor.lookup_at(&revoked.id, changed.position()?).await?.expect(200)?;
    sign_up(pair, &revoked.id, &people[4], &json!({})).await?;
    operator.turn_key(&revoked.id, "revoke").await?;
    visitor.refused_within(seconds(10), &revoked.id, "revoked").await?;
    for _ in 0..2 {
        visitor.page(&revoked.id).await?.expect(410)?;
    }
    let api = pair.signup_api(0);
    api.delete(&format!("/api/v1/customers/{}", customers[0])).expect(200).await?;
    api.post(&format!("/api/v1/customers/{}/close", customers[1])).json(&json!({})).expect(200).await?;
    let to_thames = json!({"agent_id": thames.agent});
    operator.api.patch(&format!("/groups/{}", harbour.group)).json(&to_thames).expect(200).await?;
    operator.withdraw(&thames.agent, &thames.plan).await?;
    let logs = eventually(seconds(30), async || {
        let logs = streams_have_all(pair).await?;
        let sum = |name, member: &str| {
            logs.signups.named(name).map(|event| Ok(event.data()?[member].as_u64().unwrap_or(1))).sum::<Result<u64>>()
        };
        let counted = (sum("signup_page_viewed", "views")?, sum("signup_refused", "count")?);
        ensure!(counted == (8, 2), "page views and refusals are {counted:?}");
        Ok(logs)
    })
    .await?;
    Ok(Company { revoked, kept, people, logs })
}

async fn sign_up(pair: &Pair, key: &str, person: &Person, more: &Value) -> Result<String> {
    let visitor = pair.signup(0);
    let body = with(visitor.body(key, person), json!({"phone": person.phone, "address": person.address}));
    let body = with(body, more.clone());
    let placed = visitor.api.post("/api/v1/signups").json(&body).expect(201).await?;
    Ok(placed["customer_id"].as_str().context("no customer")?.to_owned())
}

/// The lines of each answer.
fn expected(company: &Company) -> Result<Vec<(&'static str, Vec<String>)>> {
    let Company { revoked, kept, logs, .. } = company;
    let (revoked, kept) = (&revoked.id, &kept.id);
    let placed: Vec<_> = logs.signups.named("customer_placed").collect();
    let erased = placed[0].data()?["customer_number"].as_str().context("a number")?.to_owned();
    let text = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    Ok(vec![
        ("conversion_by_agent", text(&["Harbour,5,4,0.8", "Thames,3,1,0.3333"])),
        ("conversion_by_key", vec![format!("{revoked},5,4,0.8"), format!("{kept},3,1,0.3333")]),
        ("conversion_by_campaign", text(&["spring,5,3,0.6", ",3,2,0.6667"])),
        ("conversion_by_day", text(&["*,8,5,0.625"])),
        ("signups_by_country_and_language", text(&[",,3,0.6", "DE,de,2,0.4"])),
        ("refusals_by_reason", text(&["revoked,page,2,1"])),
        ("revocation_latency", vec![format!("{revoked},*,*,*,4,0")]),
        ("cohorts", text(&["*,0,5,3"])),
        ("top_plans", text(&["City flat,4,1", "World 300,1,1"])),
        ("signups_by_hour", text(&["*,5"])),
        ("erased_customers", vec![format!("{erased},Harbour,*,*,False")]),
        ("commission_rates_at_placement", text(&["Harbour,10.00,3,*,*", "Harbour,12.50,1,*,*", "Thames,20.00,1,*,*"])),
        (
            "who_granted",
            text(&[
                "*,*,first,granted,City flat,Harbour",
                "*,*,first,granted,World 300,Thames",
                "*,*,first,withdrawn,World 300,Thames",
            ]),
        ),
        (
            "group_moves",
            text(&["*,*,Harbour VoIP,,Harbour", "*,*,Thames VoIP,,Thames", "*,*,Harbour VoIP,Harbour,Thames"]),
        ),
    ])
}
