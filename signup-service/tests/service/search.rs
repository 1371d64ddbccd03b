//! Customer search by number, address and name, by the agents-service on behalf of an operator.

use std::time::Duration;

use contract::ids::new_id;
use event_store::sql::{Dialect, Sql};
use serde_json::{Value, json};
use signup_service::customers::queries::{Filter, Search};
use signup_service::maintenance;
use uuid::Uuid;

use crate::agents::{Agents, TOKEN};
use crate::service::{Service, signup};
use harness::databases::sqlite_url;

harness::on_both_databases!(crate::service::Service::start:
    customers_are_found_by_number_address_and_name,
    customers_are_listed_in_both_orders_page_by_page,
    an_address_is_found_in_every_way_of_writing_its_domain,
    a_customer_without_a_last_name_is_found_by_the_one_name,
    an_erased_customer_is_found_by_number_only,
    no_list_of_customers_reads_the_whole_table,
);

/// Signs a customer up with this name; returns the placement.
async fn placed(service: &Service, key: &str, email: &str, name: (&str, &str)) -> Value {
    let mut body = signup(key, email);
    (body["first_name"], body["last_name"]) = (json!(name.0), json!(name.1));
    let (status, placed) = service.post(&body, &new_id().to_string()).await;
    assert_eq!(status, 201, "{placed}");
    placed
}

/// The result of a search, after the words of all customers are there: the search itself waits only briefly.
async fn found(service: &Service, query: &[(&str, &str)]) -> Value {
    let head = service.log.head().await.unwrap().position;
    service.app.words_checkpoint.wait_for(head, Duration::from_secs(10)).await.unwrap();
    let encoded = |text: &str| text.bytes().fold(String::new(), |encoded, byte| encoded + &format!("%{byte:02X}"));
    let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let (status, answer) = service.call("GET", &format!("/api/v1/customers?{}", query.join("&"))).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

async fn emails(service: &Service, query: &[(&str, &str)]) -> Vec<String> {
    let answer = found(service, query).await;
    let items = answer["items"].as_array().unwrap().iter();
    items.map(|item| item["email"].as_str().unwrap_or("erased").to_owned()).collect()
}

async fn customers_are_found_by_number_address_and_name(service: Service) {
    let (seller, other) = (service.seller(None).await, service.seller(None).await);
    let mut zoe = signup(&seller.key, "Zoe@Example.org");
    for (field, text) in
        [("first_name", "Zoë"), ("last_name", "O'Brien"), ("city", "San José"), ("phone", "+1 268 555 0100")]
    {
        zoe[field] = json!(text);
    }
    assert_eq!(service.post(&zoe, "zoe").await.0, 201);
    placed(&service, &seller.key, "li@example.org", ("李小龙", "100%_sure")).await;
    let third = placed(&service, &other.key, "zoe.b@example.org", ("Anna", "Brienne")).await;
    let number = third["customer_number"].as_str().unwrap();
    for (search, expected) in [
        ("ZOË", vec!["zoe.b@example.org", "Zoe@Example.org"]),
        ("brien", vec!["zoe.b@example.org", "Zoe@Example.org"]),
        ("zoë o'b", vec!["Zoe@Example.org"]),
        ("obrien", vec!["Zoe@Example.org"]),
        ("O’BRIEN zoe", vec!["Zoe@Example.org"]),
        ("san josé", vec!["Zoe@Example.org"]),
        ("jose", vec!["Zoe@Example.org"]),
        ("555 0100", vec!["Zoe@Example.org"]),
        ("5550100", vec!["Zoe@Example.org"]),
        ("+1 (268) 555-0100", vec!["Zoe@Example.org"]),
        ("0200", vec![]),
        ("rien", vec![]),
        ("!", vec![]),
        ("小龙", vec!["li@example.org"]),
        ("100%_", vec!["li@example.org"]),
        ("1_0", vec![]),
        ("zoe", vec!["zoe.b@example.org", "Zoe@Example.org"]),
        ("ZOE@EXAMPLE.ORG", vec!["Zoe@Example.org"]),
        ("zoe@", vec!["Zoe@Example.org"]),
        (&number[..6], vec!["zoe.b@example.org"]),
        (number, vec!["zoe.b@example.org"]),
        ("", vec!["zoe.b@example.org", "li@example.org", "Zoe@Example.org"]),
    ] {
        assert_eq!(emails(&service, &[("search", search)]).await, expected, "{search}");
    }
    let agent_id = seller.agent.to_string();
    for search in [number, "zoe.b@example.org", "anna"] {
        let query = [("search", search), ("agent_id", &*agent_id)];
        assert_eq!(emails(&service, &query).await, Vec::<String>::new(), "{search}");
    }
    assert_eq!(emails(&service, &[("agent_id", &agent_id)]).await, ["li@example.org", "Zoe@Example.org"]);
}

async fn a_customer_without_a_last_name_is_found_by_the_one_name(service: Service) {
    let seller = service.seller(None).await;
    let mut body = signup(&seller.key, " suharto@example.test ");
    body["first_name"] = json!("Suharto");
    body.as_object_mut().unwrap().remove("last_name");
    let (status, placed) = service.post(&body, "one").await;
    assert_eq!(status, 201, "{placed}");
    assert_eq!(emails(&service, &[("search", "suharto")]).await, ["suharto@example.test"]);
    let path = format!("/api/v1/customers/{}", placed["customer_id"].as_str().unwrap());
    let (_, customer) = service.call("GET", &path).await;
    assert_eq!((&customer["first_name"], &customer["last_name"]), (&json!("Suharto"), &Value::Null));
}

async fn an_address_is_found_in_every_way_of_writing_its_domain(service: Service) {
    let seller = service.seller(None).await;
    placed(&service, &seller.key, "Lea@mu\u{308}nchen.example", ("Lea", "Roth")).await;
    placed(&service, &seller.key, "x@strasse.example", ("Xaver", "Roth")).await;
    placed(&service, &seller.key, "x@xn--strae-oqa.example", ("Xenia", "Roth")).await;
    for (search, expected) in [
        ("lea@münchen.example", "Lea@münchen.example"),
        ("lea@xn--mnchen-3ya.example", "Lea@münchen.example"),
        ("LEA@MÜNCHEN\u{3002}EXAMPLE", "Lea@münchen.example"),
        ("lea@münch", "Lea@münchen.example"),
        ("x@straße.example", "x@xn--strae-oqa.example"),
        ("x@strasse.example", "x@strasse.example"),
    ] {
        assert_eq!(emails(&service, &[("search", search)]).await, [expected], "{search}");
    }
}

async fn customers_are_listed_in_both_orders_page_by_page(service: Service) {
    let seller = service.seller(None).await;
    let mut ids = Vec::new();
    for number in 0..5 {
        let email = format!("c{number}@example.org");
        let customer = placed(&service, &seller.key, &email, ("Anna", "Müller")).await;
        ids.insert(0, customer["customer_id"].as_str().unwrap().to_owned());
    }
    let oldest_first: Vec<_> = ids.iter().rev().cloned().collect();
    let orders = [("", &ids), ("-created", &ids), ("created", &oldest_first)];
    for (search, (sort, ids)) in ["", "müller", "c"].into_iter().flat_map(|search| orders.map(|order| (search, order)))
    {
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let query = [("search", search), ("sort", sort), ("after", &*after), ("limit", "2")];
            let page = found(&service, &query).await;
            let items = page["items"].as_array().unwrap().iter();
            seen.extend(items.map(|item| item["customer_id"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            next.clone_into(&mut after);
        }
        assert_eq!(seen, *ids, "{search} by {sort}");
    }
    let two = [ids[3].as_str(), ids[1].as_str(), "00000000-0000-7000-8000-000000000000"].join(",");
    let listed = found(&service, &[("ids", &two)]).await;
    let listed: Vec<_> = listed["items"].as_array().unwrap().iter().map(|item| item["customer_id"].clone()).collect();
    assert_eq!(listed, [json!(ids[1]), json!(ids[3])]);
    assert_eq!(service.get("/api/v1/customers").await.status(), 401);
    for query in ["ids=1", "after=1", "sort=name", "colour=red", "limit=0"] {
        assert_eq!(service.call("GET", &format!("/api/v1/customers?{query}")).await.0, 422, "{query}");
    }
}

/// Default number of rows; `SIGNPOST_TEST_ROWS=1000000` tests with a million.
const ROWS: u64 = 20_000;
/// Most rows that a list may read where few customers match: far more than a page.
const MAX_READ: u64 = 9_000;

async fn fill(service: &Service) {
    const SERIES: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})";
    let rows = std::env::var("SIGNPOST_TEST_ROWS").ok().and_then(|rows| rows.parse().ok()).unwrap_or(ROWS);
    let is_postgres = service.database.dialect() == Dialect::Postgres;
    let (id, moment) =
        if is_postgres { ("lpad(to_hex(i), 32, '0')::UUID", "now()") } else { ("unhex(printf('%032x', i))", "0") };
    for text in [
        "INSERT INTO customers (id, customer_number, key, agent_id, call_plan_id, group_id, terms_version, placed_at, email, first_name)
         SELECT {id}, CAST(1000000000 + i AS TEXT), 'key', {id}, {id}, {id}, '', {moment}, 'x', 'Common' FROM n",
        "INSERT INTO customer_words (customer_id, word)
         SELECT {id}, 'common' FROM n UNION ALL SELECT {id}, 'rare' || i || 'x' FROM n UNION ALL SELECT {id}, '~' || (1000000 + i) FROM n",
        "ANALYZE",
    ] {
        let text = if text == "ANALYZE" { text.to_owned() } else { format!("{SERIES} {text}") };
        let text = text.replace("{rows}", &u64::to_string(&rows)).replace("{id}", id).replace("{moment}", moment);
        let sql: &'static Sql = Box::leak(Box::new(Sql::new(Box::leak(text.into_boxed_str()))));
        let mut tx = service.database.begin_bulk().await.unwrap();
        tx.execute(sql, &[]).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// A search, and whether its hits are sorted after they were found.
const SEARCHES: [(&str, bool); 8] = [
    ("", false),
    ("rare77x", true),
    ("common", false),
    ("common rare77x", true),
    ("100000007", true),
    ("0000001", true),
    ("1000", false),
    ("nobody", true),
];

async fn no_list_of_customers_reads_the_whole_table(service: Service) {
    fill(&service).await;
    let orders = [false, true].into_iter();
    for (oldest_first, (text, is_sorted)) in
        orders.flat_map(|oldest_first| SEARCHES.map(|search| (oldest_first, search)))
    {
        for (agent_id, after) in [(None, None), (None, Some(Uuid::from_u128(9_000))), (Some(Uuid::from_u128(7)), None)]
        {
            let search = Search::of(text);
            let filter = Filter { search, email_digest: None, agent_id, oldest_first, after, limit: 50 };
            let list = filter.query(&service.database).await.unwrap().list;
            let plan = list.plan(&service.database).await.unwrap();
            let shown = plan.join("\n");
            if service.database.dialect() == Dialect::Postgres {
                assert!(!shown.contains("Seq Scan"), "{text}:\n{shown}");
                assert!(agent_id.is_some() || plan.iter().all(|line| read(line) < MAX_READ), "{text}:\n{shown}");
            } else {
                let scans =
                    |line: &&String| line.starts_with("SCAN ") && !line.contains("json_each") && !line.ends_with(" c");
                assert_eq!(plan.iter().find(scans), None, "{text}:\n{shown}");
                assert!(is_sorted || !shown.contains("TEMP B-TREE"), "{text}:\n{shown}");
            }
        }
    }
}

/// The rows that PostgreSQL read and discarded.
fn read(line: &str) -> u64 {
    let removed = line.split_once("Rows Removed by Filter: ").and_then(|(_, rows)| rows.trim().parse().ok());
    removed.unwrap_or_default()
}

async fn an_erased_customer_is_found_by_number_only(service: Service) {
    static WORDS: Sql = Sql::new("SELECT COUNT(*) AS n FROM customer_words");
    let seller = service.seller(None).await;
    let customer = placed(&service, &seller.key, "zoe@example.org", ("Zoë", "O'Brien")).await;
    let path = format!("/api/v1/customers/{}", customer["customer_id"].as_str().unwrap());
    assert_eq!(service.call("DELETE", &path).await.0, 200);
    for search in ["zoë", "zoe@example.org", "brien"] {
        assert_eq!(emails(&service, &[("search", search)]).await, Vec::<String>::new(), "{search}");
    }
    let number = customer["customer_number"].as_str().unwrap();
    assert_eq!(emails(&service, &[("search", number)]).await, ["erased"]);
    assert_eq!(service.database.row(&WORDS, &[]).await.unwrap().unwrap().int("n").unwrap(), 0);
    maintenance::rebuild_words(&service.database, &service.log, |_| {}).await.unwrap();
    assert_eq!(maintenance::check(&service.database, &service.log).await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_sister_service_erases_in_an_operators_name() {
    const SECRET: &str = "the secret between the services";
    let settings = [("SIGNPOST_DATABASE_URL", &*sqlite_url()), ("SIGNPOST_SERVICE_TOKEN", SECRET)];
    let service = Service::start_with(Agents::new().await, &settings, contract::clock::Clock::System).await;
    let seller = service.seller(None).await;
    let operator = format!("operator:{}", new_id());
    let erase = async |email: &str, token: &str, actor: &str| {
        let (_, customer) = service.sign_up(&seller.key, email).await;
        let path = format!("/api/v1/customers/{}", customer["customer_id"].as_str().unwrap());
        let call = service.request("DELETE", &path).bearer_auth(token).header("Signpost-Actor", actor);
        let status = call.send().await.unwrap().status().as_u16();
        let last = service.log.read_after(0, 1_000).await.unwrap().pop().unwrap();
        (status, last.type_name.contains("erased").then_some(last.actor))
    };
    assert_eq!(erase("a@example.org", SECRET, &operator).await, (200, Some(operator.clone())));
    let (status, actor) = erase("b@example.org", TOKEN, &operator).await;
    assert_eq!((status, actor.unwrap().starts_with("token:")), (200, true));
    assert_eq!(erase("c@example.org", SECRET, "operator:me").await, (422, None));
    assert_eq!(erase("d@example.org", "wrong", &operator).await, (401, None));
}
