//! Statements as they are handed out: their formats, who may read them, and for how long they name people, on both databases.

use agents_service::statements::retention;
use agents_service::{app, maintenance};
use contract::clock::{Clock, Moment};
use harness::operator::{PASSWORD, agent_body, with};
use serde_json::{Value, json};

use crate::browser::{Browser, shown};
use crate::office::{BackOffice, id};
use crate::paid::{Shop, euro, now};

harness::on_both_databases!(crate::office::BackOffice::open:
    a_statement_comes_in_the_format_that_is_asked_for,
    an_agent_reads_their_own_statements_only,
    names_are_kept_for_the_time_in_the_settings_and_then_removed,
    an_operator_issues_and_corrects_statements_on_pages,
);

async fn a_statement_comes_in_the_format_that_is_asked_for(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    shop.name_parties().await;
    shop.change_settings(json!({ "statements": { "number_prefix": "=GS/" } })).await;
    let since = now();
    shop.pay("=pay-1", "100.00").await;
    shop.refund("=pay-1", "r-1", "20.00").await.expect(201);
    shop.state(&since).await.expect(201);
    let get = async |path: &str, accept: &str| shop.office.call("GET", path, &[("accept", accept)], &Value::Null).await;
    for (path, accept, kind, begins) in [
        ("/statements/1", "*/*", "application/json", "{"),
        ("/statements/1", "text/html,*/*;q=0.8", "text/html; charset=utf-8", "<!doctype html>"),
        ("/statements/1", "text/csv", "text/csv; charset=utf-8; header=present", "statement,agent_id,kind"),
        ("/statements/1", "application/pdf", "application/pdf", "%PDF-1.7"),
        ("/statements/1.pdf", "text/html", "application/pdf", "%PDF-1.7"),
        ("/statements/1.csv", "*/*", "text/csv; charset=utf-8; header=present", "statement,"),
    ] {
        let reply = get(path, accept).await;
        assert_eq!((reply.status.as_u16(), reply.header("content-type")), (200, kind), "{path} {accept}");
        assert!(reply.text.starts_with(begins), "{path} {accept}: {}", reply.text);
        assert_eq!(reply.header("vary"), "accept");
    }
    assert_eq!(get("/statements/1", "image/png").await.status, 406);
    assert_eq!(get("/statements/1?x=1", "*/*").await.status, 422);
    assert_eq!(
        get("/statements/1.pdf", "*/*").await.header("content-disposition"),
        "attachment; filename=\"statement--GS-1.pdf\""
    );

    let csv = get("/statements/1.csv", "*/*").await.text;
    let lines: Vec<&str> = csv.split("\r\n").collect();
    assert_eq!((lines.len(), lines[5], lines[6]), (7, "# rows 4", ""), "{csv}");
    let agent = shop.seller.agent_id;
    assert!(lines[1].starts_with(&format!("'=GS/1,{agent},opening,")) && lines[1].ends_with(",0.00,EUR"), "{csv}");
    assert!(lines[2].contains(",'=pay-1,,,100.00,EUR,100.00,EUR,10,,,agent,,10.00,EUR,10.00,EUR,10.00,EUR"), "{csv}");
    assert!(lines[3].contains(",'=pay-1,r-1,,-20.00,EUR,-20.00,EUR,10,,,agent,,-2.00,EUR,2.00,EUR,8.00,EUR"), "{csv}");
    assert!(lines[4].contains(",closing,") && lines[4].ends_with(",8.00,EUR"), "{csv}");

    let html = get("/statements/1", "text/html").await.text;
    for part in
        ["Καλλιθέα 5", "Łódź", "Harbour Telecom SE", "Amount <bdi>EUR</bdi>", "10 %, agent", "=pay-1 (r-1)", "-20.00"]
    {
        assert!(html.contains(part), "{part} is missing: {html}");
    }
    assert!(!html.contains("<script"));
    let pdf = get("/statements/1.pdf", "*/*").await.text;
    for part in ["NotoSans-Regular", "/FontFile", "/ToUnicode", "pdfaid:part"] {
        assert!(pdf.contains(part), "{part} is missing");
    }
}

async fn signed_in<'a>(office: &'a BackOffice, login: &str) -> Browser<'a> {
    let mut browser = Browser::new(office);
    browser.sign_in("/portal/sign-in", login, PASSWORD).await;
    browser
}

async fn an_agent_reads_their_own_statements_only(office: BackOffice) {
    let shop = Shop::open(office, json!({ "permissions": ["commission", "sales"] })).await;
    let since = now();
    shop.pay("pay-1", "100.00").await;
    shop.state(&since).await.expect(201);
    for (login, permission) in [("anna-agent", "commission"), ("bert-agent", "sales")] {
        shop.office.post("/agents", &with(agent_body(login), json!({ "permissions": [permission] }))).await.expect(201);
    }
    let files =
        ["/portal/statements/1", "/portal/statements/1/pdf", "/portal/statements/1/csv", "/portal/statements/1/json"];
    let owner = signed_in(&shop.office, "zoe-phones").await;
    let list = owner.page("/portal/statements").await;
    assert!(list.contains("href=\"/portal/statements/1\"") && list.contains("10.00 EUR"), "{list}");
    for path in files {
        assert_eq!(owner.get(path).await.status, 200, "{path}");
    }
    assert!(owner.page("/portal/statements/1").await.contains("pay-1"));
    let other = signed_in(&shop.office, "anna-agent").await;
    assert!(other.page("/portal/statements").await.contains("No statements yet"));
    // The token in the head of a page is its own.
    for path in files {
        let (theirs, nobodys) = (other.get(path).await, other.get(&path.replace("/1", "/999")).await);
        assert_eq!((theirs.status.as_u16(), nobodys.status.as_u16()), (404, 404), "{path}");
        assert_eq!(shown(&theirs.text), shown(&nobodys.text), "{path}");
    }
    assert_eq!(other.get("/portal/statements/1/xml").await.status, 404);
    let without = signed_in(&shop.office, "bert-agent").await;
    for path in ["/portal/statements"].into_iter().chain(files) {
        assert_eq!(without.get(path).await.status, 403, "{path}");
    }
    assert_eq!(owner.get("/statements/1").await.status, 303);
}

async fn names_are_kept_for_the_time_in_the_settings_and_then_removed(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    shop.name_parties().await;
    shop.change_settings(json!({ "statements": { "keep_years": 3 } })).await;
    let since = now();
    shop.pay("pay-1", "100.00").await;
    shop.state(&since).await.expect(201);
    let database = shop.office.app.log.database();
    let year: i32 = now()[..4].parse().unwrap();
    let moment = |text: String| Moment::parse(&text).unwrap();
    let last = moment(format!("{}-12-31T23:59:59Z", year + 3));
    assert_eq!(retention::blank(database, last).await.unwrap(), 0);

    // The law asks to keep the statement of an agent who is erased.
    let agent = format!("/agents/{}", shop.seller.agent_id);
    shop.office.post(&format!("{agent}/close"), &Value::Null).await.expect(200);
    shop.office.call("DELETE", &agent, &[], &json!({ "reason": "asked for" })).await.expect(200);
    assert_eq!(shop.office.get("/statements/1").await["agent"]["name"], "Zoë's Phones");
    let mut operator = Browser::new(&shop.office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    let page = operator.page("/statements/1").await;
    assert!(page.contains("The agent was erased.") && page.contains(&format!("until {}-12-31", year + 3)), "{page}");

    // In another process, later, it happens by itself.
    let later = moment(format!("{}-01-01T00:00:00Z", year + 4));
    let built = app::build(&shop.office.settings, Clock::Fixed(later), None, None).await.unwrap();
    harness::until(async || shop.office.get("/statements/1").await["agent"].is_null()).await;
    drop(built);
    let shown = shop.office.get("/statements/1").await;
    assert_eq!((&shown["company"], shown["names_removed_at"].is_string()), (&Value::Null, true));
    assert_eq!(shown["lines"][0]["items"][0]["cause"], "pay-1");
    for format in ["html", "csv", "pdf", "json"] {
        let reply = shop.office.call("GET", &format!("/statements/1.{format}"), &[], &Value::Null).await;
        assert!(reply.status == 200 && !reply.text.contains("Zoë"), "{format}: {}", reply.text);
    }
    let page = operator.page("/statements/1").await;
    assert!(page.contains("the time to keep them is over") && !page.contains("The agent was erased."), "{page}");
    assert_eq!(maintenance::check(database).await.unwrap(), Vec::<String>::new());
}

async fn an_operator_issues_and_corrects_statements_on_pages(office: BackOffice) {
    let shop = Shop::open(office, json!({})).await;
    let agent = shop.seller.agent_id.to_string();
    let mut operator = Browser::new(&shop.office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    assert!(operator.page("/statements").await.contains("No statements yet."));
    let since = now();
    shop.pay("pay-1", "100.00").await;
    let until = now();
    let dates = [("period.since", since.as_str()), ("period.until", until.as_str())];
    let without = operator.fill("/statements/new", &dates).await;
    assert!(without.status == 422 && without.text.contains("Agent <bdi>is required"), "{}", without.text);
    let named = [[("agent_id", agent.as_str())].as_slice(), &dates].concat();
    let issued = operator.fill("/statements/new", &named).await;
    assert_eq!((issued.status.as_u16(), issued.header("location")), (303, "/statements/1"), "{}", issued.text);
    let page = operator.page("/statements/1").await;
    assert!(page.contains("pay-1") && page.contains("/statements/1/pdf") && page.contains("kept until"), "{page}");
    assert_eq!(operator.fill("/statements/1/correct", &[]).await.status, 303);
    let page = operator.page("/statements/1").await;
    assert!(page.contains("Statement number 2 corrects and replaces this one."), "{page}");
    assert!(operator.page(&format!("/statements?agent_id={agent}")).await.contains("Corrected by number 2"));

    let other = shop.office.agent("anna-agent").await;
    let opening = json!({ "amount": euro("5.00"), "reason": "opening balance" });
    shop.office.post(&format!("/agents/{other}/corrections"), &opening).await.expect(201);
    let until = now();
    let dates = [("period.since", since.as_str()), ("period.until", until.as_str())];
    let preview = operator.fill("/statements/batch", &dates).await;
    assert!(preview.text.contains("2 agents have lines in this period."), "{}", preview.text);
    assert_eq!(shop.office.get("/statements").await["items"].as_array().unwrap().len(), 2);
    let done = operator.send("/statements/batch", &preview.text, &[]).await;
    assert!(done.text.contains("2 statements are issued.") && done.text.contains("Nobody remains."), "{}", done.text);
    let wrong =
        operator.fill("/statements/batch", &[("period.since", "2026-01-01"), ("period.until", "2999-01-01")]).await;
    assert!(wrong.status == 422 && wrong.text.contains("has not ended yet"), "{}", wrong.text);

    let threshold = json!({ "remittance_threshold": { "amount": "5.00", "currency": "EUR" } });
    shop.change_agent(threshold).await;
    let remittance = shop.pay_out("10.00", "B-1").await;
    let payout = operator.page(&format!("/payouts/{remittance}")).await;
    let link = format!("/statements/new?agent_id={agent}&amp;remittance_id={remittance}");
    assert!(payout.contains(&link.replace("&amp;", "&#38;")) || payout.contains(&link), "{payout}");
    let issued = operator
        .fill(&link.replace("&amp;", "&"), &[("agent_id", agent.as_str()), ("remittance_id", remittance.as_str())])
        .await;
    assert_eq!(issued.header("location"), "/statements/5", "{}", issued.text);
    assert_eq!(id(&shop.office.get("/statements/5").await), shop.office.get("/statements").await["items"][0]["id"]);
}
