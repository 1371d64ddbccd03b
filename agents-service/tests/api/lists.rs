//! Every list finds its rows by an index. `SIGNPOST_TEST_ROWS=1000000` tests it with a million rows.

use agents_service::agents::queries as agents;
use agents_service::call_plans::queries as call_plans;
use agents_service::groups::queries as groups;
use agents_service::paging::Order;
use agents_service::sales::placements::{PlacementFilter, placements_query};
use agents_service::signup_keys::queries as signup_keys;
use agents_service::sorting::Sort;
use contract::clock::Moment;
use event_store::search::ListQuery;
use event_store::sql::{Database, Dialect, Sql};
use harness::operator::agent_body;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::office::BackOffice;

harness::on_both_databases!(crate::office::BackOffice::open: no_list_reads_a_whole_table, searches_find_what_people_look_for);

/// The orders of lists by name or position.
const NAMED: [&str; 4] = ["created", "-created", "name", "-name"];
/// Default number of rows of each table.
const ROWS: u64 = 20_000;
/// Most rows that a list may read: far more than a page, and far fewer than there are.
const MAX_READ: u64 = 9_000;

/// A count reads all rows that it counts: those of one of a hundred agents.
fn most_counted() -> u64 {
    MAX_READ.max(rows() / 100)
}

/// `{id}` is the row's number as an id, `{other}` that of one of a hundred.
const FILL: [&str; 12] = [
    "INSERT INTO notes (position, about, text) SELECT i, {other}, 'Note' FROM n",
    "INSERT INTO agents (agent_id, position, version, state, name, name_sorted, permissions, threshold_amount, threshold_currency,
         commission, currency, language, vat, created_at, updated_at)
     SELECT {id}, i, 1, CASE WHEN i % 2 = 0 THEN 'active' ELSE 'suspended' END, 'Person ' || i, 'person' || i, '[]', '1.00', 'EUR', 0,
         'EUR', 'en', 0, {moment}, {moment} FROM n",
    "INSERT INTO agent_accounts (agent_id, login, login_sorted, password_hash, contact, bank_details)
     SELECT {id}, 'login' || i, 'login' || i, '', '{}', '' FROM n",
    "INSERT INTO agent_words (agent_id, word) SELECT {id}, 'person' FROM n UNION ALL SELECT {id}, 'rare' || i || 'x' FROM n",
    "INSERT INTO agent_account_words (agent_id, word) SELECT {id}, 'login' || i FROM n UNION ALL SELECT {id}, 'city' FROM n",
    "INSERT INTO call_plans (call_plan_id, position, version, state, name, description, price_text, name_sorted, created_at,
         updated_at) SELECT {id}, i, 1, 'offered', 'Plan', '', '', 'plan' || i, {moment}, {moment} FROM n",
    "INSERT INTO customer_groups (group_id, position, version, name, description, agent_id, ui_elements, name_sorted,
         created_at, updated_at) SELECT {id}, i, 1, 'Group', '', {other}, '[]', 'group' || i, {moment}, {moment} FROM n",
    "INSERT INTO signup_keys (key, position, version, state, agent_id, call_plan_id, group_id, label, note_at, created_at, updated_at)
     SELECT 'key-' || i, i, 1, CASE WHEN i % 1000 = 0 THEN 'paused' ELSE 'active' END, {other}, {other}, {other}, 'Poster', i, {moment}, {moment} FROM n",
    "INSERT INTO sales_placements (position, customer_id, customer_number, key, agent_id, agent_name, call_plan_id, call_plan_name,
         group_id, group_name, commission, utm_campaign, campaign, terms_version, agents_position, placed_at, erased)
     SELECT i, {id}, CAST(1000000000 + i AS TEXT), 'key-' || (i % 100), {other}, '', {other}, '', {other}, '', 0, '', '{}', '', 1,
         {moment}, {false} FROM n",
    "INSERT INTO grants (agent_id, call_plan_id, position) SELECT {id}, {other}, i FROM n",
    "INSERT INTO sales_daily (key, day, agent_id, call_plan_id, group_id, views, signups, page_signups, automated)
     SELECT 'key-' || i, 1, {other}, {other}, {other}, 1, 1, 1, 0 FROM n",
    "INSERT INTO sales_refusals (key, day, reason, agent_id, refusals, shown)
     SELECT 'key-' || i, 1, 'email_known', {other}, 1, 1 FROM n",
];
const FILL_WORDS: [&str; 3] = [
    "INSERT INTO group_words (group_id, word) SELECT {id}, 'group' FROM n UNION ALL SELECT {id}, 'rare' || i || 'x' FROM n",
    "INSERT INTO call_plan_words (call_plan_id, word) SELECT {id}, 'plan' FROM n UNION ALL SELECT {id}, 'rare' || i || 'x' FROM n",
    "INSERT INTO signup_key_words (key, word)
     SELECT 'key-' || i, 'poster' FROM n UNION ALL SELECT 'key-' || i, 'key' || i || 'x' FROM n",
];

/// Whether the environment says how many rows there are.
pub fn is_measured() -> bool {
    std::env::var_os("SIGNPOST_TEST_ROWS").is_some()
}

fn rows() -> u64 {
    std::env::var("SIGNPOST_TEST_ROWS").ok().and_then(|rows| rows.parse().ok()).unwrap_or(ROWS)
}

/// Fills the tables behind the lists with as many rows as the environment says.
pub async fn fill(database: &Database) {
    let postgres = database.dialect() == Dialect::Postgres;
    let id = |number: &str| {
        if postgres {
            format!("lpad(to_hex({number}), 32, '0')::UUID")
        } else {
            format!("unhex(printf('%032x', {number}))")
        }
    };
    let (moment, no) = if postgres { ("now()", "FALSE") } else { ("0", "0") };
    for text in FILL.iter().chain(&FILL_WORDS) {
        let text = text.replace("{id}", &id("i")).replace("{other}", &id("(i % 100 + 1)"));
        let text = text.replace("{moment}", moment).replace("{false}", no);
        run(
            database,
            format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) {text}", rows()),
        )
        .await;
    }
    if postgres {
        run(database, "ANALYZE".to_owned()).await;
    }
}

async fn run(database: &Database, text: String) {
    let sql: &'static Sql = Box::leak(Box::new(Sql::new(Box::leak(text.into_boxed_str()))));
    let mut tx = database.begin_bulk().await.unwrap();
    tx.execute(sql, &[]).await.unwrap();
    tx.commit().await.unwrap();
}

/// The fault of a query plan, if any.
fn fault(dialect: Dialect, is_sorted: bool, most: u64, plan: &[String]) -> Option<String> {
    if dialect == Dialect::Sqlite {
        let scans =
            |line: &String| line.starts_with("SCAN ") && !line.contains("json_each") && !line.contains("numbered");
        let sorts = |line: &String| !is_sorted && line.contains("TEMP B-TREE FOR ORDER BY");
        return plan.iter().find(|line| scans(line) || sorts(line)).cloned();
    }
    let read = |line: &String| {
        let number = |from: &str| line.split_once(from)?.1.split([' ', ')']).next()?.parse::<u64>().ok();
        let actual = line.split_once("actual time").map(|(_, actual)| actual.to_owned());
        let of = |from: &str| actual.as_ref()?.split_once(from)?.1.split([' ', ')']).next()?.parse::<u64>().ok();
        number("Rows Removed by Filter: ").or_else(|| Some(of(" rows=")? * of("loops=")?)).unwrap_or(0)
    };
    plan.iter().find(|line| line.contains("Seq Scan") || read(line) > most).cloned()
}

fn agent_filters(limit: usize) -> Vec<agents::Filter> {
    let sorts = ["name", "-name", "login", "-login", "created", "-created"].map(|word| Sort::named(word).unwrap());
    let active = Some(agents_service::agents::snapshot::State::Active);
    let after = Some(format!("{}.77", Uuid::from_u128(7)));
    let mut filters = Vec::new();
    for sort in sorts {
        for search in ["", "rare77x", "person", "person city", "rare77x city person", "nobody"] {
            for (state, after) in [(None, None), (active, after.clone())] {
                let search = Some(search.to_owned());
                filters.push(agents::Filter { search, state, sort, after, limit, ..agents::Filter::default() });
            }
        }
    }
    filters
}

fn key_filters(agent_id: Option<Uuid>, limit: usize) -> Vec<signup_keys::Filter> {
    let unusable = Some(signup_keys::Usable { is: false, at: Moment::default() });
    let paused = Some(agents_service::signup_keys::snapshot::State::Paused);
    let mut filters = Vec::new();
    for search in ["", "key77x", "poster", "poster key", "http://x.test/signup/key-77"] {
        for (state, usable) in [(None, None), (paused, None), (None, unusable)] {
            for order in [Order::Ascending, Order::Descending] {
                let of_all = signup_keys::Filter { agent_id, state, usable, order, limit, ..Default::default() };
                filters.push(signup_keys::Filter { search: Some(search.to_owned()), ..of_all });
            }
        }
    }
    filters
}

async fn no_list_reads_a_whole_table(office: BackOffice) {
    let database = &office.app.service.database;
    fill(database).await;
    let (mut checked, limit) = (0, 50);
    let mut check = async |what: String, query: ListQuery| {
        let is_sorted = query.ids.is_some() || what.contains("number");
        let plan = query.plan(database).await.unwrap();
        let most = if what.starts_with("live keys") { most_counted() } else { MAX_READ };
        assert_eq!(fault(database.dialect(), is_sorted, most, &plan), None, "{what}:\n{}", plan.join("\n"));
        checked += 1;
    };
    let one = Uuid::from_u128(7);
    for filter in agent_filters(limit) {
        check(format!("{filter:?}"), agents::query(database, &filter).await.unwrap()).await;
    }
    for search in ["", "rare77x", "plan", "plan rare"] {
        for sort in NAMED.map(|word| Sort::named(word).unwrap()) {
            let search = Some(search.to_owned());
            let filter = call_plans::Filter { search, sort, limit, ..call_plans::Filter::default() };
            check(format!("{filter:?}"), call_plans::query(database, &filter).await.unwrap()).await;
        }
    }
    for agent_id in [None, Some(one)] {
        for search in ["", "rare77x", "group", "group rare"] {
            for sort in NAMED.map(|word| Sort::named(word).unwrap()) {
                let (search, after) = (Some(search.to_owned()), Some(format!("{one}.7")));
                let filter = groups::Filter { agent_id, search, sort, after, limit };
                check(format!("{filter:?}"), groups::query(database, &filter).await.unwrap()).await;
            }
        }
        for filter in key_filters(agent_id, limit) {
            check(format!("{filter:?}"), signup_keys::query(database, &filter).await.unwrap()).await;
        }
    }
    for order in [Order::Ascending, Order::Descending] {
        let filter = signup_keys::Filter { order, limit, ..signup_keys::Filter::default() };
        let of_plan = signup_keys::Filter { call_plan_id: Some(one), ..filter.clone() };
        check(format!("{of_plan:?}"), signup_keys::query(database, &of_plan).await.unwrap()).await;
        let of_group = signup_keys::Filter { group_id: Some(one), ..filter };
        check(format!("{of_group:?}"), signup_keys::query(database, &of_group).await.unwrap()).await;
    }
    check("live keys of an agent".to_owned(), signup_keys::live_of_agent(one)).await;
    check("live keys of a call plan".to_owned(), signup_keys::live_of_call_plan(one)).await;
    for (agent_id, key, number) in
        [(None, None, None), (Some(one), None, None), (None, Some("key-7"), None), (Some(one), None, Some("100000007"))]
    {
        let (key, number_prefix) = (key.map(str::to_owned), number.map(str::to_owned));
        let filter = PlacementFilter { agent_id, key, number_prefix, limit, ..PlacementFilter::default() };
        check(format!("{filter:?}, number"), placements_query(&filter)).await;
    }
    assert!(checked > 100, "{checked}");
}

async fn searches_find_what_people_look_for(office: BackOffice) {
    let mut body = office.ready_to_add_a_key("zoe.shop").await;
    let id = body["agent_id"].as_str().unwrap().to_owned();
    let contact = json!({ "company": "Łódź Telefony", "first_name": "Zoë", "last_name": "O'Brien", "city": "San José",
        "phone": "+34 910 555 0100", "email": "zoe.ruiz@mail.example" });
    let change = json!({ "name": "Çelik & Söhne", "contact": contact });
    office.call("PATCH", &format!("/agents/{id}"), &[("if-match", "*")], &change).await.expect(200);
    let mut other = agent_body("other");
    other["name"] = "Nobody Else".into();
    office.post("/agents", &other).await.expect(201);
    let first = async |path: &str, search: &str, member: &str| {
        let encoded = search.bytes().fold(String::new(), |encoded, byte| encoded + &format!("%{byte:02X}"));
        let found = office.get(&format!("{path}?search={encoded}")).await["items"].clone();
        assert!(found.as_array().unwrap().len() <= 1, "{search}: {found}");
        found[0][member].clone()
    };
    for search in [
        "zoe",
        "obrien",
        "brien ZOË",
        "celik",
        "sohne çelik",
        "lodz tel",
        "jose san",
        "0100",
        "910 555-0100",
        "+34910555",
        "zoe.ruiz@",
    ] {
        let expected = if search == "+34910555" { Value::Null } else { json!(id) };
        assert_eq!(first("/agents", search, "id").await, expected, "{search}");
    }
    for search in ["zoe else", "rien", "!", "0200"] {
        assert_eq!(first("/agents", search, "id").await, Value::Null, "{search}");
    }
    body["label"] = "Poster Málaga".into();
    body["note"] = "north entrance".into();
    let key = office.post("/signup-keys", &body).await.expect(201);
    let url = key["url"].as_str().unwrap();
    let tracked = format!(" {url}?utm_source=poster.");
    for search in [url, &tracked, "malaga poster", "entr nor", key["key"].as_str().unwrap()] {
        assert_eq!(first("/signup-keys", search, "key").await, key["key"], "{search}");
    }
    let plan = office.call_plan("Señal Única").await;
    assert_eq!(first("/call-plans", "unica senal", "id").await, json!(plan));
}
