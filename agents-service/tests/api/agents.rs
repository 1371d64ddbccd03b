//! Agents, their grants, and the rules of every write.

use agents_service::{maintenance, restored};
use harness::operator::agent_body;
use serde_json::{Value, json};

use crate::office::{BackOffice, faults, id};

harness::on_both_databases!(crate::office::BackOffice::open:
    every_wrong_field_of_an_agent_is_named_at_once,
    one_command_sent_many_times_at_once_makes_one_agent,
    of_many_who_want_one_login_at_once_one_gets_it,
    many_grants_at_once_all_succeed,
    a_change_needs_the_version_that_it_is_made_to,
    a_change_that_is_refused_leaves_no_trace_in_one_that_is_made_at_the_same_moment,
    a_withdrawal_states_the_number_of_stopped_keys,
    agents_are_found_in_any_script_and_listed_page_by_page,
    agents_are_listed_in_the_order_in_which_people_look_for_them,
    no_event_holds_personal_data_and_the_view_is_the_fold_of_its_log,
    a_second_start_creates_nothing,
);

async fn every_wrong_field_of_an_agent_is_named_at_once(office: BackOffice) {
    let problem = office
        .post(
            "/agents",
            &json!({
                "login": "an", "password": "short", "permissions": [], "commission_percent": "101", "colour": "red",
                "remittance_threshold": { "amount": 1.5, "currency": "euro" }, "contact": { "city": 3 },
                "name": "a\u{0}b",
            }),
        )
        .await
        .expect(422);
    assert_eq!(
        faults(&problem),
        [
            ("colour", "unknown_field"),
            ("commission_percent", "invalid"),
            ("contact.city", "wrong_type"),
            ("login", "too_short"),
            ("name", "control_character"),
            ("password", "wrong_length"),
            ("permissions", "required"),
            ("remittance_threshold.amount", "wrong_type"),
            ("remittance_threshold.currency", "invalid"),
        ]
    );
    let problem = office.post("/agents", &json!({})).await.expect(422);
    let required = ["login", "password", "permissions", "remittance_threshold"];
    assert_eq!(faults(&problem), required.map(|field| (field, "required")));
}

async fn one_command_sent_many_times_at_once_makes_one_agent(office: BackOffice) {
    let body = agent_body("anna");
    let sent = (0..8).map(|_| office.call("POST", "/agents", &[("idempotency-key", "one")], &body));
    let replies = futures::future::join_all(sent).await;
    let first = id(&replies[0].json());
    assert!(replies.iter().all(|reply| reply.status == 201 && id(&reply.json()) == first));
    let replayed = replies.iter().filter(|reply| reply.header("idempotent-replayed") == "true").count();
    assert_eq!(replayed, 7);
    assert_eq!(office.get("/agents").await["items"].as_array().unwrap().len(), 1);
    let other = office.call("POST", "/agents", &[("idempotency-key", "one")], &agent_body("berta")).await.expect(422);
    assert_eq!(other["type"], "urn:signpost:problem:idempotency-key-reused");
}

async fn of_many_who_want_one_login_at_once_one_gets_it(office: BackOffice) {
    let bodies = [agent_body("Zoë1"), agent_body("zoë1"), agent_body("ZOË1"), agent_body("Zoe\u{308}1")];
    let replies = futures::future::join_all(bodies.iter().map(|body| office.post("/agents", body))).await;
    let mut statuses: Vec<u16> = replies.iter().map(|reply| reply.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409]);
}

async fn many_grants_at_once_all_succeed(office: BackOffice) {
    let agent_id = office.agent("anna").await;
    let mut plans = Vec::new();
    for number in 0..12 {
        plans.push(office.call_plan(&format!("Plan {number}")).await);
    }
    let replies = futures::future::join_all(plans.iter().map(|plan| office.grant(&agent_id, plan))).await;
    assert!(replies.iter().all(|reply| reply.status == 200), "{replies:?}");
    let listed = office.get(&format!("/agents/{agent_id}/call-plans")).await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 12);
}

async fn a_change_needs_the_version_that_it_is_made_to(office: BackOffice) {
    let agent_id = office.agent("anna").await;
    let path = format!("/agents/{agent_id}");
    let change = json!({ "name": "李小龙", "contact": { "city": "Köln" } });
    office.call("PATCH", &path, &[], &change).await.expect(428);
    office.call("PATCH", &path, &[("if-match", "\"9\"")], &change).await.expect(412);
    let reply = office.call("PATCH", &path, &[("if-match", "\"1\"")], &change).await;
    assert_eq!(reply.header("etag"), "\"3\"");
    assert!(!reply.text.contains("Köln"), "an answer that is kept holds no personal data");
    let shown = office.get(&path).await;
    assert_eq!((&shown["name"], &shown["contact"]["city"]), (&json!("李小龙"), &json!("Köln")));
    let unknown = "/agents/00000000-0000-7000-8000-000000000000";
    office.call("PATCH", unknown, &[("if-match", "\"1\"")], &change).await.expect(404);
}

async fn a_change_that_is_refused_leaves_no_trace_in_one_that_is_made_at_the_same_moment(office: BackOffice) {
    let path = format!("/agents/{}", office.agent("anna").await);
    let change = json!({ "contact": { "city": "Köln" } });
    let stale = || office.call("PATCH", &path, &[("if-match", "\"9\"")], &change);
    let good = office.call("PATCH", &path, &[("if-match", "\"1\"")], &change);
    let (first, second, good, third) = futures::join!(stale(), stale(), good, stale());
    assert!([first, second, third].iter().all(|reply| reply.status == 412));
    assert_eq!(good.expect(200)["version"], 2);
    assert_eq!(office.get(&path).await["contact"]["city"], "Köln");
}

async fn a_withdrawal_states_the_number_of_stopped_keys(office: BackOffice) {
    let body = office.ready_to_add_a_key("anna").await;
    for _ in 0..3 {
        office.post("/signup-keys", &body).await.expect(201);
    }
    let agent_id = body["agent_id"].as_str().unwrap();
    let path = format!("/agents/{agent_id}/call-plans/{}", body["call_plan_id"].as_str().unwrap());
    let listed = office.get(&format!("/agents/{agent_id}/call-plans")).await;
    assert_eq!(listed["items"][0]["keys"], 3);
    let withdrawn = office.call("DELETE", &path, &[], &Value::Null).await.expect(200);
    assert_eq!((&withdrawn["granted"], &withdrawn["keys_stopped"]), (&json!(false), &json!(3)));
    let again = office.call("DELETE", &path, &[], &Value::Null).await.expect(200);
    assert_eq!(again["keys_stopped"], 0);
    let refused = office.post("/signup-keys", &body).await.expect(409);
    assert_eq!(refused["code"], "plan_not_granted");
}

async fn agents_are_found_in_any_script_and_listed_page_by_page(office: BackOffice) {
    for (login, name) in [("ob100", "O'Brien"), ("uc200", "Union City"), ("li300", "李小龙"), ("zo400", "Zoë 100%")]
    {
        let mut body = agent_body(login);
        body["name"] = name.into();
        office.post("/agents", &body).await.expect(201);
    }
    for (search, name) in
        [("ZO%C3%8B", "Zoë 100%"), ("%E5%B0%8F", "李小龙"), ("o'b", "O'Brien"), ("100%25", "Zoë 100%")]
    {
        let found = office.get(&format!("/agents?search={search}")).await;
        let names: Vec<_> = found["items"].as_array().unwrap().iter().map(|item| item["name"].clone()).collect();
        assert_eq!(names, [name], "{search}");
    }
    for (sort, logins) in [
        ("name", ["ob100", "uc200", "zo400", "li300"]),
        ("-login", ["zo400", "uc200", "ob100", "li300"]),
        ("created", ["ob100", "uc200", "li300", "zo400"]),
        ("-created", ["zo400", "li300", "uc200", "ob100"]),
    ] {
        let mut seen = Vec::new();
        let mut path = format!("/agents?sort={sort}&limit=1");
        loop {
            let page = office.get(&path).await;
            seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["login"].clone()));
            let Some(next) = page["next"].as_str() else { break };
            path = format!("/agents?sort={sort}&limit=1&after={}", in_a_url(next));
        }
        assert_eq!(seen, logins, "{sort}");
    }
}

async fn agents_are_listed_in_the_order_in_which_people_look_for_them(office: BackOffice) {
    for name in ["zebra", "Étienne", "Eduard", "Łukasz", "Etna", "Mary", "李", "émile"] {
        let mut body = agent_body(&format!("login-{name}"));
        body["name"] = name.into();
        office.post("/agents", &body).await.expect(201);
    }
    for (sort, field, prefix) in [("name", "name", ""), ("login", "login", "login-")] {
        let page = office.get(&format!("/agents?sort={sort}")).await;
        let seen: Vec<&str> =
            page["items"].as_array().unwrap().iter().map(|item| item[field].as_str().unwrap()).collect();
        let sorted = ["Eduard", "émile", "Étienne", "Etna", "Łukasz", "Mary", "zebra", "李"];
        assert_eq!(seen, sorted.map(|name| format!("{prefix}{name}")), "{sort}");
    }
}

fn in_a_url(text: &str) -> String {
    text.bytes().fold(String::new(), |url, byte| url + &format!("%{byte:02X}"))
}

async fn no_event_holds_personal_data_and_the_view_is_the_fold_of_its_log(office: BackOffice) {
    let mut body = agent_body("needle-login");
    body["contact"] =
        json!({ "company": "needle company", "phone": "+49 30 99887766", "email": "needle@example.test" });
    body["bank_details"] = "needle bank".into();
    let agent_id = id(&office.post("/agents", &body).await.expect(201));
    let change = json!({ "contact": { "last_name": "needle" }, "password": "needle needle needle" });
    office.call("PATCH", &format!("/agents/{agent_id}"), &[("if-match", "\"1\"")], &change).await.expect(200);
    office.post(&format!("/agents/{agent_id}/close"), &json!({ "reason": "left" })).await.expect(200);
    let events = office.call("GET", "/events?limit=1000", &[], &Value::Null).await;
    assert!(
        events.text.contains("agent_contact_changed")
            && !events.text.contains("needle")
            && !events.text.contains("99887766")
    );
    let (database, log) = maintenance::open(&office.settings).await.unwrap();
    assert_eq!(
        maintenance::compare(&database, maintenance::ProjectionName::Directory, &log, |_| ()).await.unwrap(),
        Vec::<String>::new()
    );
    assert_eq!(maintenance::check(&database).await.unwrap(), Vec::<String>::new());
}

async fn a_second_start_creates_nothing(office: BackOffice) {
    office.agent("anna").await;
    let before = office.app.log.head().await.unwrap();
    let again = office.again().await;
    assert!(again.app.first_operator.is_none());
    assert_eq!(again.app.log.head().await.unwrap(), before);
    assert_eq!(again.get("/operators").await["items"].as_array().unwrap().len(), 1);
}

/// A trigger observes the planner settings of the writing transaction. SQLite has no such setting.
#[tokio::test]
async fn lost_accounts_are_looked_for_as_it_is_best_for_whole_tables() {
    let Some(url) = harness::databases::postgres_url().await else { return };
    let office = BackOffice::open(url.clone()).await;
    office.post("/agents", &agent_body("anna")).await.expect(201);
    let (database, _) = maintenance::open(&office.settings).await.unwrap();
    let server = sqlx::PgPool::connect(&url).await.unwrap();
    let trigger = "DELETE FROM agent_accounts;
        CREATE FUNCTION planned() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF current_setting('enable_hashjoin') = 'off' OR current_setting('statement_timeout') <> '0' THEN
                RAISE EXCEPTION 'planned for few rows';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER planned BEFORE INSERT ON agent_accounts FOR EACH ROW EXECUTE FUNCTION planned()";
    sqlx::raw_sql(trigger).execute(&server).await.unwrap();
    assert_eq!(restored::restore_tables(&database).await.unwrap(), 1);
    assert_eq!(maintenance::check(&database).await.unwrap(), Vec::<String>::new());
}
