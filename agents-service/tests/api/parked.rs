//! Events that the projection could not apply: access is refused where they might withdraw it.

use contract::clock::Clock;
use event_store::sql::Sql;
use harness::operator::PASSWORD;

use crate::browser::Browser;
use crate::office::BackOffice;

harness::on_both_databases!(crate::office::BackOffice::open:
    an_agent_with_parked_events_cannot_enter_the_portal,
    agents_see_numbers_only_while_the_settings_are_parked,
    no_portal_is_open_while_the_directory_is_halted,
);

/// Parks an event of a stream, as a projector does.
async fn park(office: &BackOffice, stream: &str) {
    static PARK: Sql = Sql::new(
        "INSERT INTO parked_events (projection, position, stream, event, error, parked_at)
         VALUES ('directory', 1000000, $1, '{}', 'for a test', $2)",
    );
    let values = [stream.into(), Clock::System.now().into()];
    office.app.log.database().execute(&PARK, &values).await.unwrap();
}

async fn agent_at<'a>(office: &'a BackOffice, login: &str) -> Browser<'a> {
    let mut browser = Browser::new(office);
    assert_eq!(browser.sign_in("/portal/sign-in", login, PASSWORD).await.status, 303);
    browser
}

async fn an_agent_with_parked_events_cannot_enter_the_portal(office: BackOffice) {
    let agent_id = office.agent("anna").await;
    office.agent("berta").await;
    let (mut anna, berta) = (agent_at(&office, "anna").await, agent_at(&office, "berta").await);
    park(&office, &format!("agent-{agent_id}")).await;
    assert_eq!(anna.get("/portal").await.status, 503, "the session goes on");
    assert_eq!(anna.sign_in("/portal/sign-in", "anna", PASSWORD).await.status, 503, "a session begins");
    assert_eq!(berta.get("/portal").await.status, 200, "another agent");
}

async fn agents_see_numbers_only_while_the_settings_are_parked(office: BackOffice) {
    office.agent("anna").await;
    let anna = agent_at(&office, "anna").await;
    // Names are permitted, but there is no signup-service to read them from.
    assert_eq!(anna.get("/portal/customers").await.status, 409);
    park(&office, "settings").await;
    let page = anna.page("/portal/customers").await;
    assert!(!page.contains(">Name<"), "{page}");
}

async fn no_portal_is_open_while_the_directory_is_halted(office: BackOffice) {
    static HALT: Sql =
        Sql::new("UPDATE checkpoints SET hash = $1, halted = 'for a test' WHERE projection = 'directory'");
    office.agent("anna").await;
    let anna = agent_at(&office, "anna").await;
    office.app.log.database().execute(&HALT, &[[7; 32].into()]).await.unwrap();
    assert_eq!(anna.get("/portal").await.status, 503);
}
