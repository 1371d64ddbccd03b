//! Lists in the order of a column, on pages and in the API, and the times of the things in them.

use event_store::sql::{Database, Sql};
use harness::operator::PASSWORD;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::office::BackOffice;

harness::on_both_databases!(crate::office::BackOffice::open:
    a_thing_tells_when_it_was_created_and_changed,
    times_of_an_older_release_are_made_from_the_log,
    names_are_sorted_as_people_sort_them_page_by_page,
    heads_of_lists_turn_their_order,
    a_list_links_its_next_page_and_counts_when_asked,
);

static NO_TIMES: [Sql; 4] = [
    Sql::new("UPDATE agents SET created_at = NULL, updated_at = NULL"),
    Sql::new("UPDATE call_plans SET created_at = NULL, updated_at = NULL, name_sorted = ''"),
    Sql::new("UPDATE customer_groups SET created_at = NULL, updated_at = NULL, name_sorted = ''"),
    Sql::new("UPDATE signup_keys SET created_at = NULL, updated_at = NULL"),
];

/// Each kind of thing with times: its path, and a change of it.
async fn things(office: &BackOffice) -> Vec<(String, Value)> {
    let body = office.ready_to_add_a_key("anna").await;
    let key = office.post("/signup-keys", &body).await.expect(201);
    let path = |folder: &str, member: &str| format!("/{folder}/{}", body[member].as_str().unwrap());
    vec![
        (path("agents", "agent_id"), json!({ "name": "Anna B" })),
        (path("call-plans", "call_plan_id"), json!({ "name": "Flat" })),
        (path("groups", "group_id"), json!({ "name": "Flat customers" })),
        (format!("/signup-keys/{}", key["key"].as_str().unwrap()), json!({ "label": "Poster" })),
    ]
}

fn times(thing: &Value) -> [&str; 2] {
    ["created_at", "updated_at"].map(|member| thing[member].as_str().unwrap())
}

async fn a_thing_tells_when_it_was_created_and_changed(office: BackOffice) {
    for (path, change) in things(&office).await {
        let old = office.get(&path).await;
        let headers = [("if-match", "*"), ("idempotency-key", path.as_str())];
        let changed = office.call("PATCH", &path, &headers, &change).await.expect(200);
        assert_eq!(times(&changed)[0], times(&old)[0], "{path}");
        assert!(times(&changed)[1] > times(&old)[1], "{path}: {changed}");
        // What is read, and the answer to the same request again, tell the same.
        assert_eq!(times(&office.get(&path).await), times(&changed), "{path}");
        let again = office.call("PATCH", &path, &headers, &change).await.expect(200);
        assert_eq!(times(&again), times(&changed), "{path}");
        let list = path.rsplit_once('/').unwrap().0;
        assert_eq!(times(&office.get(list).await["items"][0]), times(&changed), "{list}");
    }
}

async fn without_times(database: &Database) {
    for sql in &NO_TIMES {
        let mut tx = database.begin_bulk().await.unwrap();
        tx.execute(sql, &[]).await.unwrap();
        tx.commit().await.unwrap();
    }
}

async fn times_of_an_older_release_are_made_from_the_log(office: BackOffice) {
    let paths: Vec<String> = things(&office).await.into_iter().map(|(path, _)| path).collect();
    let mut known = Vec::new();
    for path in &paths {
        known.push(office.get(path).await);
    }
    without_times(&office.app.service.database).await;
    let later = office.again().await;
    for (path, known) in paths.iter().zip(&known) {
        assert_eq!(&later.get(path).await, known, "{path}");
    }
    assert_eq!(later.get("/groups?sort=name").await["items"].as_array().unwrap().len(), 1);
}

async fn names_are_sorted_as_people_sort_them_page_by_page(office: BackOffice) {
    for name in ["Zulu", "alpha", "Éclair", "delta", "Delta 2"] {
        office.call_plan(name).await;
        office.post("/groups", &json!({ "name": name })).await.expect(201);
    }
    for list in ["/call-plans", "/groups"] {
        for (sort, expected) in [
            ("name", ["alpha", "delta", "Delta 2", "Éclair", "Zulu"]),
            ("-name", ["Zulu", "Éclair", "Delta 2", "delta", "alpha"]),
            ("created", ["Zulu", "alpha", "Éclair", "delta", "Delta 2"]),
            ("-created", ["Delta 2", "delta", "Éclair", "alpha", "Zulu"]),
        ] {
            let (mut found, mut after) = (Vec::new(), String::new());
            loop {
                let page = office.get(&format!("{list}?sort={sort}&limit=2{after}")).await;
                found.extend(page["items"].as_array().unwrap().iter().map(|item| item["name"].clone()));
                let Some(next) = page["next"].as_str() else { break };
                after = format!(
                    "&after={}",
                    percent_encoding::utf8_percent_encode(next, percent_encoding::NON_ALPHANUMERIC)
                );
            }
            assert_eq!(found, expected, "{list} by {sort}");
        }
        for wrong in ["sort=size", "sort=name&after=17", "after=nothing"] {
            let reply = office.call("GET", &format!("{list}?{wrong}"), &[], &Value::Null).await;
            assert_eq!(reply.status, 422, "{list}?{wrong}: {}", reply.text);
        }
    }
}

async fn heads_of_lists_turn_their_order(office: BackOffice) {
    let mut body = office.ready_to_add_a_key("anna").await;
    for slug in ["first-1", "second-2"] {
        body["slug"] = slug.into();
        office.post("/signup-keys", &body).await.expect(201);
    }
    let mut operator = Browser::new(&office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    // Where nothing is asked for, the newest are first, and their head says so.
    for list in ["/signup-keys", "/groups", "/call-plans", "/payments", "/payouts"] {
        let page = operator.page(list).await;
        if page.contains("<thead>") {
            assert!(page.contains(&format!("aria-sort=\"descending\"><a href=\"{list}?sort=created\">")), "{page}");
        }
    }
    let place = |page: &str, key: &str| page.find(&format!("/signup-keys/{key}\"")).unwrap();
    let newest = operator.page("/signup-keys").await;
    let oldest = operator.page("/signup-keys?sort=created").await;
    assert!(oldest.contains("aria-sort=\"ascending\"><a href=\"/signup-keys?sort=-created\">Added</a>"), "{oldest}");
    assert!(place(&newest, "second-2") < place(&newest, "first-1"));
    assert!(place(&oldest, "first-1") < place(&oldest, "second-2"));
}

async fn a_list_links_its_next_page_and_counts_when_asked(office: BackOffice) {
    let mut body = office.ready_to_add_a_key("anna").await;
    for name in ["One & two", "Two", "Three"] {
        office.call_plan(name).await;
        office.post("/groups", &json!({ "name": name })).await.expect(201);
        office.agent(&format!("agent-{}", name.len())).await;
        body["label"] = name.into();
        office.post("/signup-keys", &body).await.expect(201);
    }
    for (list, total) in [("/agents", 4), ("/call-plans", 4), ("/groups", 4), ("/signup-keys", 3)] {
        let first = office.call("GET", &format!("{list}?count=true&limit=2&search="), &[], &Value::Null).await;
        let link = first.header("link").to_owned();
        let page = first.expect(200);
        assert_eq!((page["total"].as_u64(), page["items"].as_array().unwrap().len()), (Some(total), 2), "{list}");
        let next = link.strip_prefix("</api/v1").and_then(|rest| rest.strip_suffix(">; rel=\"next\"")).unwrap();
        let last = office.call("GET", next, &[], &Value::Null).await;
        assert_eq!(last.header("link"), "", "{list}");
        // The link keeps what was asked for.
        let page = last.expect(200);
        assert_eq!(page["total"].as_u64(), Some(total), "{list}: {next}");
        assert_eq!(page["items"].as_array().unwrap().len(), usize::try_from(total).unwrap() - 2, "{list}: {next}");
        assert!(office.get(list).await.get("total").is_none(), "{list} is counted without being asked");
    }
    let found = office.get("/groups?count=true&search=two").await;
    assert_eq!(found["total"], 2);
    for list in ["/payments", "/remittances", "/statements"] {
        assert_eq!(office.get(&format!("{list}?count=true")).await["total"], 0, "{list}");
        let wrong = office.call("GET", &format!("{list}?count=yes"), &[], &Value::Null).await;
        assert_eq!(wrong.status, 422, "{list}");
    }
}
