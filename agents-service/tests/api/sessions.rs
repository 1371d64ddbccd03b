//! The length of sessions: a person's requests extend a session, an open page's requests do not.

use std::time::Duration;

use agents_service::auth::sessions::MAX_IDLE_SECONDS;
use contract::clock::{Clock, Moment};
use event_store::sql::Sql;
use futures::StreamExt as _;
use harness::operator::PASSWORD;

use crate::browser::Browser;
use crate::office::BackOffice;

harness::on_both_databases!(crate::office::BackOffice::open:
    a_page_that_is_only_open_does_not_keep_a_session,
    an_open_page_gets_no_events_after_its_session_has_ended,
    every_way_to_sign_in_counts_wrong_passwords
);

/// Longest wait for an event of a page.
const PATIENCE: Duration = Duration::from_secs(20);

async fn last_seen(office: &BackOffice) -> Moment {
    static SEEN: Sql = Sql::new("SELECT seen_at FROM sessions");
    office.app.log.database().row(&SEEN, &[]).await.unwrap().unwrap().moment("seen_at").unwrap()
}

/// Sets the last use of the only session to so many seconds ago.
async fn idle_for(office: &BackOffice, seconds: i64) -> Moment {
    static IDLE: Sql = Sql::new("UPDATE sessions SET seen_at = $1");
    let moment = Clock::System.now().plus_seconds(-seconds);
    office.app.log.database().execute(&IDLE, &[moment.into()]).await.unwrap();
    moment
}

async fn signed_in(office: &BackOffice) -> Browser<'_> {
    let mut operator = Browser::new(office);
    assert_eq!(operator.sign_in("/sign-in", "operator", PASSWORD).await.status, 303);
    operator
}

async fn a_page_that_is_only_open_does_not_keep_a_session(office: BackOffice) {
    let operator = signed_in(&office).await;
    let page = operator.page("/").await;
    let quiet: Vec<_> = ["data-news=\"", "data-fresh=\""]
        .map(|name| page.split(name).nth(1).unwrap().split('"').next().unwrap().to_owned())
        .into();
    let before = idle_for(&office, MAX_IDLE_SECONDS / 2).await;
    assert!(operator.page(&quiet[1]).await.contains("data-news"));
    assert_eq!(operator.listen(&quiet[0]).await.status(), 200);
    assert_eq!(last_seen(&office).await, before, "an open page extends the session");
    operator.page("/call-plans").await;
    assert!(last_seen(&office).await > before, "a request does not extend the session");
    idle_for(&office, MAX_IDLE_SECONDS + 1).await;
    for path in quiet.iter().map(String::as_str).chain(["/"]) {
        assert_eq!(operator.listen(path).await.status(), 303, "{path}");
    }
}

async fn an_open_page_gets_no_events_after_its_session_has_ended(office: BackOffice) {
    let operator = signed_in(&office).await;
    let mut news = operator.listen("/dashboard/news").await.into_body().into_data_stream();
    let mut heard = async || tokio::time::timeout(PATIENCE, news.next()).await.unwrap();
    office.call_plan("While she is there").await;
    let first = heard().await.unwrap().unwrap();
    assert!(first.starts_with(b"data: changed"), "{first:?}");
    idle_for(&office, MAX_IDLE_SECONDS + 1).await;
    office.call_plan("When she is gone").await;
    assert!(heard().await.is_none());
}

async fn every_way_to_sign_in_counts_wrong_passwords(office: BackOffice) {
    office.agent("anna").await;
    // A replica for each face, since one client's attempts are counted together.
    for audience in ["/sign-in", "/portal/sign-in", "Basic", "/account"] {
        let office = office.again().await;
        let mut browser = Browser::new(&office);
        if audience == "/account" {
            browser.sign_in("/sign-in", "operator", PASSWORD).await;
        }
        let mut statuses = Vec::new();
        for _ in 0..11 {
            let reply = match audience {
                "Basic" => {
                    // operator:not the password
                    let with = [("authorization", "Basic b3BlcmF0b3I6bm90IHRoZSBwYXNzd29yZA==")];
                    office.send("POST", "/api/v1/api-tokens", &with, b"{}".to_vec()).await
                }
                "/account" => {
                    browser.fill(audience, &[("current_password", "wrong"), ("password", "a new password")]).await
                }
                _ => browser.sign_in(audience, if audience == "/sign-in" { "operator" } else { "anna" }, "wrong").await,
            };
            // A refused form is shown again with its violation.
            let is_form = audience == "/account" && !reply.text.contains("is not the one");
            statuses.push(if is_form { 429 } else { reply.status.as_u16() });
        }
        assert_eq!(
            statuses.iter().rposition(|status| *status != 429),
            Some(if audience == "/account" { 8 } else { 9 }),
            "{audience}: {statuses:?}"
        );
    }
}
