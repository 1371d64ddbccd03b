//! How long the analysis takes. `SIGNPOST_TEST_ROWS=1000000` measures it with a million placements, three million payments and five
//! thousand agents; without it, it is only checked that everything is found.

use std::time::{Duration, Instant};

use agents_service::analysis::cohorts::{CohortsOf, cohorts};
use agents_service::analysis::period::Period;
use agents_service::analysis::queries::{PageOf, analysis};
use agents_service::analysis::question::{Attribution, Filter, GroupBy, Order, Question, Reader};
use contract::clock::Day;
use contract::zone::Zone;
use event_store::sql::{Database, Dialect, Sql};
use uuid::Uuid;

use crate::office::BackOffice;

harness::on_both_databases!(crate::office::BackOffice::open: reads_of_figures_take_less_than_200_ms_each);

/// Placements, where the environment says no other number.
const ROWS: u64 = 3_000;
const AGENTS: u64 = 5_000;
const LIMIT: Duration = Duration::from_millis(200);
/// 2026-11-30.
const TODAY: i64 = 20_787;

/// `{rows}` are as many as placements, `{thrice}` three times as many; `{at}` is a quarter hour of the year, `{seller}` what a key
/// stands for, `{id N}` a number as an id.
const FILL: [&str; 11] = [
    "INSERT INTO sales_quarters (quarter, key, campaign, country, agent_id, call_plan_id, group_id, views, signups, page_signups, automated)
     SELECT {at rows}, 'key-' || (i % 5000), 'c' || (i % 50), 'C' || (i % 30), {seller i % 5000}, 0, 1, 1, 0 FROM {n rows}",
    "INSERT INTO sales_quarters (quarter, key, campaign, country, agent_id, call_plan_id, group_id, views, signups, page_signups, automated)
     SELECT {at thrice}, 'key-' || (i * 7 % 5000), '', '', {seller i * 7 % 5000}, 5, 0, 0, 1 FROM {n thrice}",
    "INSERT INTO money_quarters (quarter, key, campaign, country, currency, agent_id, call_plan_id, group_id, customers, payments,
         received, refunded, commission)
     SELECT {at thrice}, 'key-' || (i * 11 % 5000), 'c' || (i % 50), 'C' || (i % 30), CASE WHEN i % 10 = 0 THEN 'USD' ELSE 'EUR' END,
         {seller i * 11 % 5000}, 1, 1, 100000, 0, 12500 FROM {n thrice}",
    "INSERT INTO sales_totals SELECT quarter, SUM(views), SUM(signups), SUM(page_signups), SUM(automated) FROM sales_quarters GROUP BY 1",
    "INSERT INTO sales_daily SELECT key, quarter / 96, agent_id, call_plan_id, group_id, SUM(views), SUM(signups), SUM(page_signups),
         SUM(automated) FROM sales_quarters GROUP BY 1, 2, 3, 4, 5 ORDER BY 1",
    "INSERT INTO sales_campaign_days SELECT quarter / 96, campaign, country, SUM(views), SUM(signups), SUM(page_signups), SUM(automated)
     FROM sales_quarters GROUP BY 1, 2, 3",
    "INSERT INTO money_totals SELECT quarter, currency, SUM(customers), SUM(payments), SUM(received), SUM(refunded), SUM(commission)
     FROM money_quarters GROUP BY 1, 2",
    "INSERT INTO money_campaign_days SELECT quarter / 96, campaign, country, currency, SUM(customers), SUM(payments), SUM(received),
         SUM(refunded), SUM(commission) FROM money_quarters GROUP BY 1, 2, 3, 4",
    "INSERT INTO sales_refusal_quarters (quarter, key, reason, agent_id, refusals)
     SELECT {at rows}, 'key-' || (i % 5000), 'paused', {id i % 5000}, 2 FROM {n rows} WHERE i % 5 = 0",
    "INSERT INTO money_cohorts (agent_id, placed, paid, currency, customers, payments, received, refunded)
     SELECT {id 0 - 1}, {first} + i % 200 * 175, {first} + i % 200 * 175 + i / 200 * 175, 'EUR', 1, 2, 3, 4 FROM {n rows} WHERE i <= 40000",
    "INSERT INTO customer_groups (group_id, position, version, name, description, agent_id, ui_elements)
     SELECT {id i + 200000}, i, 1, 'Group', '', {id i}, '[]' FROM {n rows} WHERE i <= 5000",
];

const SPANS: [&str; 2] = [
    "INSERT INTO sales_spans SELECT {span}, key, agent_id, call_plan_id, group_id, SUM(views), SUM(signups), SUM(page_signups),
         SUM(automated) FROM sales_quarters GROUP BY 1, 2, 3, 4, 5 ORDER BY 1",
    "INSERT INTO money_spans SELECT {span}, key, currency, agent_id, call_plan_id, group_id, SUM(customers), SUM(payments),
         SUM(received), SUM(refunded), SUM(commission) FROM money_quarters GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1",
];

/// Times that each question is asked, where it is measured.
fn times() -> Option<usize> {
    std::env::var_os("SIGNPOST_TEST_ROWS").map(|_| 20)
}

fn rows() -> u64 {
    std::env::var("SIGNPOST_TEST_ROWS").ok().and_then(|rows| rows.parse().ok()).unwrap_or(ROWS)
}

/// The number as an id; 1 is added, since the id of all zeros stands for all agents.
fn uuid(number: &str, postgres: bool) -> String {
    let number = format!("({number} + 1)");
    if postgres {
        format!("lpad(to_hex({number}), 32, '0')::UUID")
    } else {
        format!("unhex(printf('%032x', {number}))")
    }
}

fn expanded(text: &str, postgres: bool) -> String {
    let (year, first) = (365 * 96, (TODAY - 364) * 96);
    let count = |word: &str| if word == "thrice" { 3 * rows() } else { rows() };
    let mut text = text.replace("{first}", &first.to_string());
    while let Some((before, rest)) = text.split_once('{') {
        let (inside, after) = rest.split_once('}').unwrap();
        let (word, of) = inside.split_once(' ').unwrap();
        let expanded = match word {
            "at" => format!("{first} + (i - 1) * {year} / {}", count(of)),
            "id" => uuid(of, postgres),
            "seller" => [("", ""), ("(", ") % 20 + 100000"), ("", " + 200000")]
                .map(|(open, close)| uuid(&format!("{open}{of}{close}"), postgres))
                .join(", "),
            _ if postgres => format!("generate_series(1::BIGINT, {}) AS n(i)", count(of)),
            _ => format!(
                "(WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < {}) SELECT i FROM s) AS n",
                count(of)
            ),
        };
        text = format!("{before}{expanded}{after}");
    }
    text
}

async fn run(database: &Database, text: String) {
    let sql: &'static Sql = Box::leak(Box::new(Sql::new(Box::leak(text.into_boxed_str()))));
    let mut tx = database.begin_bulk().await.unwrap();
    tx.execute(sql, &[]).await.unwrap();
    tx.commit().await.unwrap();
}

fn questions() -> Vec<Question> {
    let agent = Filter { agent_id: Some(Uuid::from_u128(8)), ..Filter::default() };
    let mut questions = Vec::new();
    for by in GroupBy::ALL {
        for (days, compare) in [(30, false), (30, true), (365, false)] {
            for (filter, attribution) in [
                (Filter::default(), Attribution::Placed),
                (Filter::default(), Attribution::Now),
                (agent.clone(), Attribution::Placed),
            ] {
                questions.push(Question {
                    by,
                    period: Period::ending(Day::from_number(TODAY), days),
                    compare,
                    filter,
                    attribution,
                    order: Order::Commission,
                    zone: Zone::named("America/Los_Angeles").unwrap(),
                    reader: Reader { money: true, is_agent: false },
                });
            }
        }
    }
    questions
}

fn p95(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[(times.len() * 95 / 100).saturating_sub(1)]
}

async fn reads_of_figures_take_less_than_200_ms_each(office: BackOffice) {
    let database = &office.app.service.database;
    let postgres = database.dialect() == Dialect::Postgres;
    for text in FILL {
        run(database, expanded(text, postgres)).await;
    }
    for (number, days) in [1, 4, 16, 64].into_iter().enumerate() {
        for text in SPANS {
            let span = format!("{number} * 100000000 + quarter / {}", 96 * days);
            run(database, text.replace("{span}", &span)).await;
        }
    }
    if postgres {
        run(database, "ANALYZE".to_owned()).await;
    }
    let mut slow = Vec::new();
    let page = PageOf { after: 0, limit: 50 };
    for question in questions() {
        let mut measured = Vec::new();
        for _ in 0..times().unwrap_or(1) {
            let began = Instant::now();
            let answer = analysis(database, &question, page).await.unwrap();
            measured.push(began.elapsed());
            assert!(answer.total.signups > 0 || question.filter.agent_id.is_some(), "{question:?}");
        }
        let (time, Question { by, period, compare, filter, attribution, .. }) = (p95(measured), &question);
        let what = format!("{by:?} {} days {compare} {:?} {attribution:?}", period.days(), filter.agent_id.is_some());
        println!("{:?} {what}: {time:?}", database.dialect());
        if time > LIMIT && times().is_some() {
            slow.push(format!("{what}: {time:?}"));
        }
    }
    let of = |agent_id| CohortsOf {
        period: CohortsOf::last_months(Day::from_number(TODAY)),
        agent_id,
        zone: Zone::default(),
        reader: Reader { money: true, is_agent: false },
    };
    for of in [of(None), of(Some(Uuid::from_u128(8)))] {
        let mut measured = Vec::new();
        for _ in 0..times().unwrap_or(1) {
            let began = Instant::now();
            assert_eq!(Box::pin(cohorts(database, &of)).await.unwrap().count, 12);
            measured.push(began.elapsed());
        }
        let time = p95(measured);
        println!("{:?} cohorts {:?}: {time:?}", database.dialect(), of.agent_id);
        if time > LIMIT && times().is_some() {
            slow.push(format!("cohorts: {time:?}"));
        }
    }
    assert_eq!(slow, Vec::<String>::new(), "of {AGENTS} agents");
}
