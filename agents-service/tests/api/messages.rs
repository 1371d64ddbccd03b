//! The message boards: who reads and writes them, erasure, and that texts and events match.

use agents_service::maintenance;
use event_store::sql::Sql;
use harness::operator::{PASSWORD, agent_body};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::browser::Browser;
use crate::office::{BackOffice, Reply, faults, id};

harness::on_both_databases!(crate::office::BackOffice::open:
    an_agent_and_the_operator_write_to_each_other,
    a_message_that_is_sent_twice_is_there_once,
    a_form_that_is_no_message_of_the_session_posts_nothing,
    an_agent_without_the_screen_reads_and_writes_nothing,
    an_agent_reads_nothing_of_anothers_board,
    a_board_that_nobody_answers_takes_fifty_messages,
    long_threads_are_read_page_by_page,
    a_hostile_text_comes_out_as_text,
    no_text_is_in_an_event_or_an_answer_that_is_kept,
    a_message_without_its_event_shows_and_the_other_way_round,
    the_api_lists_and_writes_as_the_operator,
);

async fn with_screen(office: &BackOffice, login: &str, permission: &str) -> String {
    let mut body = agent_body(login);
    body["permissions"] = json!([permission]);
    id(&office.post("/agents", &body).await.expect(201))
}

async fn at<'a>(office: &'a BackOffice, audience: &str, login: &str) -> Browser<'a> {
    let mut browser = Browser::new(office);
    assert_eq!(browser.sign_in(audience, login, PASSWORD).await.status, 303);
    browser
}

/// A signed-in agent with the permission, and their id.
async fn agent_at<'a>(office: &'a BackOffice, login: &str) -> (Browser<'a>, String) {
    let agent_id = with_screen(office, login, "support").await;
    (at(office, "/portal/sign-in", login).await, agent_id)
}

async fn operator_at(office: &BackOffice) -> Browser<'_> {
    at(office, "/sign-in", "operator").await
}

fn is_sent(reply: &Reply, path: &str) {
    assert_eq!(reply.status, 303, "{}", reply.text);
    assert_eq!(reply.header("location"), format!("{path}?done=sent"));
}

async fn an_agent_and_the_operator_write_to_each_other(office: BackOffice) {
    let (anna, anna_id) = agent_at(&office, "anna").await;
    let (berta, berta_id) = agent_at(&office, "berta").await;
    let operator = operator_at(&office).await;
    assert!(operator.page("/support").await.contains("Nobody has written yet"));
    assert!(anna.page("/portal/support").await.contains("No message yet"));
    is_sent(&anna.fill("/portal/support", &[("text", "Dear operator,\r\n\r\nI need a plan")]).await, "/portal/support");
    is_sent(&berta.fill("/portal/support", &[("text", "Hello from Berta")]).await, "/portal/support");
    let (annas, bertas) = (format!("/support/{anna_id}"), format!("/support/{berta_id}"));
    is_sent(&operator.fill(&bertas, &[("text", "Hello Berta")]).await, &bertas);
    // Berta's board has the newest message, but Anna waits for an answer.
    let list = operator.page("/support").await;
    let (anna_at, berta_at) = (list.find(&annas).unwrap(), list.find(&bertas).unwrap());
    assert!(anna_at < berta_at, "{list}");
    for text in ["Dear operator, I need a plan", "Hello Berta", ">unanswered<", ">answered<"] {
        assert!(list.contains(text), "{text} is missing: {list}");
    }
    let thread = operator.page(&annas).await;
    assert!(thread.contains("Dear operator,\n\nI need a plan") && thread.contains("agent anna"), "{thread}");
    is_sent(&operator.fill(&annas, &[("text", "You have it now")]).await, &annas);
    assert!(!operator.page("/support").await.contains(">unanswered<"));
    let read = anna.page("/portal/support?done=sent").await;
    let (question, answer) = (read.find("I need a plan").unwrap(), read.find("You have it now").unwrap());
    assert!(question < answer, "the newest is not the last");
    assert!(read.contains("The message is sent.") && read.contains("<bdi>You</bdi>"), "{read}");
    assert!(read.contains("<bdi>Operator</bdi>") && !read.contains("<bdi>operator</bdi>"), "{read}");
    assert!(operator.page(&format!("/agents/{anna_id}")).await.contains(&format!("href=\"{annas}\"")));
    assert!(operator.page("/events").await.contains("message posted"));
    office.post(&format!("/agents/{anna_id}/close"), &json!({})).await.expect(200);
    let closed = operator.page(&annas).await;
    assert!(closed.contains("You have it now") && !closed.contains("<textarea"), "{closed}");
}

async fn a_message_that_is_sent_twice_is_there_once(office: BackOffice) {
    let (anna, anna_id) = agent_at(&office, "anna").await;
    let page = anna.page("/portal/support").await;
    let sent = || anna.send("/portal/support", &page, &[("text", "Only once")]);
    let (first, second) = futures::join!(sent(), sent());
    is_sent(&first, "/portal/support");
    is_sent(&second, "/portal/support");
    is_sent(&sent().await, "/portal/support");
    assert_eq!(anna.page("/portal/support").await.matches("Only once").count(), 1);
    let listed = office.get(&format!("/agents/{anna_id}/messages")).await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
}

async fn a_form_that_is_no_message_of_the_session_posts_nothing(office: BackOffice) {
    let (anna, anna_id) = agent_at(&office, "anna").await;
    let (berta, _) = agent_at(&office, "berta").await;
    let page = berta.page("/portal/support").await;
    assert_eq!(anna.send("/portal/support", &page, &[("text", "Forged")]).await.status, 403);
    assert_eq!(anna.post("/portal/support", &[("text", "Forged"), ("_once", "x")]).await.status, 403);
    let operator = operator_at(&office).await;
    let path = format!("/support/{anna_id}");
    assert_eq!(operator.post(&path, &[("text", "Forged"), ("_once", "x")]).await.status, 403);
    let empty = anna.fill("/portal/support", &[("text", " \r\n ")]).await;
    assert_eq!(empty.status, 422);
    assert!(empty.text.contains("Message <bdi>must not be empty</bdi>"), "{}", empty.text);
    let long = "y".repeat(4_001);
    let refused = anna.fill("/portal/support", &[("text", &long)]).await;
    assert!(refused.status == 422 && refused.text.contains(&long), "what was typed is lost");
    let listed = office.get(&format!("/agents/{anna_id}/messages")).await;
    assert_eq!(listed["items"], json!([]));
}

async fn an_agent_without_the_screen_reads_and_writes_nothing(office: BackOffice) {
    with_screen(&office, "anna", "groups").await;
    let anna = at(&office, "/portal/sign-in", "anna").await;
    assert_eq!(anna.get("/portal/support").await.status, 403);
    assert_eq!(anna.post("/portal/support", &[("text", "Hello")]).await.status, 403);
    assert!(!anna.page("/portal").await.contains("/portal/support"));
}

async fn an_agent_reads_nothing_of_anothers_board(office: BackOffice) {
    let (anna, anna_id) = agent_at(&office, "anna").await;
    let (berta, berta_id) = agent_at(&office, "berta").await;
    berta.fill("/portal/support", &[("text", "Only for the operator")]).await;
    let theirs = office.get(&format!("/agents/{berta_id}/messages")).await["items"][0]["id"].clone();
    let theirs = theirs.as_str().unwrap();
    let beyond = "ffffffff-ffff-7fff-bfff-ffffffffffff";
    for query in [String::new(), format!("?before={beyond}"), format!("?before={theirs}&agent_id={berta_id}")] {
        let page = anna.page(&format!("/portal/support{query}")).await;
        assert!(!page.contains("Only for the operator"), "{query}: {page}");
    }
    for path in [format!("/portal/support/{berta_id}"), format!("/portal/support/{anna_id}")] {
        assert_eq!(anna.get(&path).await.status, 404);
    }
    // The back office is another face.
    assert_eq!(anna.get(&format!("/support/{berta_id}")).await.status, 303);
    anna.fill("/portal/support", &[("text", "From Anna"), ("agent_id", &berta_id)]).await;
    let bertas = office.get(&format!("/agents/{berta_id}/messages")).await;
    assert_eq!(bertas["items"].as_array().unwrap().len(), 1, "a message went to another agent's board");
    let operator = operator_at(&office).await;
    for nobody in ["019a0000-0000-7000-8000-000000000000", "nonsense"] {
        assert_eq!(operator.get(&format!("/support/{nobody}")).await.status, 404);
    }
}

async fn a_board_that_nobody_answers_takes_fifty_messages(office: BackOffice) {
    let (anna, anna_id) = agent_at(&office, "anna").await;
    let page = anna.page("/portal/support").await;
    for number in 0..50 {
        let fields = [("text", "Hello?"), ("_once", &format!("once-{number}"))];
        is_sent(&anna.send("/portal/support", &page, &fields).await, "/portal/support");
    }
    let refused = anna.fill("/portal/support", &[("text", "One more")]).await;
    assert!(
        refused.status == 422 && refused.text.contains("50 messages wait for an answer already."),
        "{}",
        refused.text
    );
    assert!(refused.text.contains("One more</textarea>"), "what was typed is lost");
    office.post(&format!("/agents/{anna_id}/messages"), &json!({ "text": "Here I am" })).await.expect(201);
    is_sent(&anna.fill("/portal/support", &[("text", "One more")]).await, "/portal/support");
}

async fn long_threads_are_read_page_by_page(office: BackOffice) {
    let (anna, anna_id) = agent_at(&office, "anna").await;
    let path = format!("/agents/{anna_id}/messages");
    for number in 0..53 {
        office.post(&path, &json!({ "text": format!("Number {number:02}.") })).await.expect(201);
    }
    let newest = anna.page("/portal/support").await;
    assert!(newest.contains("Number 52.") && newest.contains("Number 03.") && !newest.contains("Number 02."));
    assert!(newest.find("Number 51.").unwrap() < newest.find("Number 52.").unwrap());
    let link = newest.split("href=\"/portal/support?before=").nth(1).unwrap().split('"').next().unwrap();
    let earlier = anna.page(&format!("/portal/support?before={link}")).await;
    assert!(earlier.contains("Number 00.") && earlier.contains("Number 02.") && !earlier.contains("Number 03."));
    assert!(earlier.contains("Newest messages") && !earlier.contains("Earlier messages"));
    let operator = operator_at(&office).await;
    assert!(operator.page(&format!("/support/{anna_id}")).await.contains(&format!("/support/{anna_id}?before={link}")));
    // The list of boards has pages too, boards without an answer first.
    for number in 0..51 {
        let agent_id = office.agent(&format!("agent{number:02}")).await;
        office.post(&format!("/agents/{agent_id}/messages"), &json!({ "text": "Welcome" })).await.expect(201);
    }
    anna.fill("/portal/support", &[("text", "And now me")]).await;
    let first = operator.page("/support?after=nonsense").await;
    let next = first.split("href=\"/support?after=").nth(1).unwrap().split('"').next().unwrap();
    let second = operator.page(&format!("/support?after={next}")).await;
    assert!(first.find(&anna_id).unwrap() < first.find("Welcome").unwrap());
    assert_eq!((first.matches("Welcome").count(), second.matches("Welcome").count()), (49, 2));
    assert!(!second.contains(&anna_id));
}

async fn a_hostile_text_comes_out_as_text(office: BackOffice) {
    let (anna, anna_id) = agent_at(&office, "anna").await;
    let operator = operator_at(&office).await;
    for hostile in ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'; DROP TABLE messages; --"] {
        is_sent(&anna.fill("/portal/support", &[("text", hostile)]).await, "/portal/support");
        for page in [
            anna.page("/portal/support").await,
            operator.page("/support").await,
            operator.page(&format!("/support/{anna_id}")).await,
        ] {
            assert!(!page.contains("<script>alert") && !page.contains("<img src=x"), "{page}");
        }
    }
    let control = anna.fill("/portal/support", &[("text", "a\u{0}b")]).await;
    assert_eq!(control.status, 422);
    let listed = office.get(&format!("/agents/{anna_id}/messages")).await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 3);
}

async fn no_text_is_in_an_event_or_an_answer_that_is_kept(office: BackOffice) {
    let (anna, anna_id) = agent_at(&office, "anna").await;
    anna.fill("/portal/support", &[("text", "needle")]).await;
    let answer = office.post(&format!("/agents/{anna_id}/messages"), &json!({ "text": "needle" })).await;
    assert!(answer.status == 201 && !answer.text.contains("needle"), "{}", answer.text);
    let events = office.call("GET", "/events?limit=1000", &[], &Value::Null).await;
    assert!(events.text.contains("message_posted") && !events.text.contains("needle"));
}

async fn a_message_without_its_event_shows_and_the_other_way_round(office: BackOffice) {
    static FORGE: Sql = Sql::new("UPDATE messages SET message_id = $3 WHERE agent_id = $1 AND text = $2");
    let (anna, anna_id) = agent_at(&office, "anna").await;
    anna.fill("/portal/support", &[("text", "First")]).await;
    anna.fill("/portal/support", &[("text", "Second")]).await;
    let (database, _) = maintenance::open(&office.settings).await.unwrap();
    assert_eq!(maintenance::check(&database).await.unwrap(), Vec::<String>::new());
    database
        .execute(&FORGE, &[anna_id.parse::<Uuid>().unwrap().into(), "First".into(), Uuid::nil().into()])
        .await
        .unwrap();
    let faults = maintenance::check(&database).await.unwrap();
    assert_eq!(faults, ["1 message events have no message", "1 messages have no event"]);
}

async fn the_api_lists_and_writes_as_the_operator(office: BackOffice) {
    let (anna, anna_id) = agent_at(&office, "anna").await;
    anna.fill("/portal/support", &[("text", "A question")]).await;
    let path = format!("/agents/{anna_id}/messages");
    let key = [("idempotency-key", "one")];
    let posted = office.call("POST", &path, &key, &json!({ "text": "Zoe\u{308}\r\nwrites" })).await.expect(201);
    assert_eq!((&posted["agent_id"], &posted["from"]), (&json!(anna_id), &json!("operator")));
    let again = office.call("POST", &path, &key, &json!({ "text": "Zoe\u{308}\r\nwrites" })).await;
    assert_eq!((again.header("idempotent-replayed"), &again.json()["id"]), ("true", &posted["id"]));
    let listed = office.get(&format!("{path}?limit=1")).await;
    let newest = &listed["items"][0];
    assert_eq!((&newest["id"], &newest["text"]), (&posted["id"], &json!("Zoë\nwrites")));
    assert!(newest["author"].as_str().unwrap().starts_with("token:"), "{newest}");
    let older = office.get(&format!("{path}?limit=1&after={}", listed["next"].as_str().unwrap())).await;
    assert_eq!((&older["items"][0]["from"], &older["next"]), (&json!("agent"), &Value::Null));
    assert_eq!(older["items"][0]["author"], format!("agent:{anna_id}"));
    let missing = office.post(&path, &json!({ "message": "x" })).await.expect(422);
    assert_eq!(faults(&missing), [("message", "unknown_field"), ("text", "required")]);
    let cursor = office.call("GET", &format!("{path}?after=7"), &[], &Value::Null).await.expect(422);
    assert_eq!(faults(&cursor), [("after", "invalid")]);
    let nobody = "/agents/019a0000-0000-7000-8000-000000000000/messages";
    office.call("GET", nobody, &[], &Value::Null).await.expect(404);
    office.post(nobody, &json!({ "text": "Hello?" })).await.expect(404);
    office.post(&format!("/agents/{anna_id}/close"), &json!({})).await.expect(200);
    let closed = office.post(&path, &json!({ "text": "Goodbye" })).await.expect(409);
    assert_eq!(closed["code"], "agent_closed");
}
