//! Agents change how they are reached and paid, and nothing else of themselves.

use harness::operator::PASSWORD;
use serde_json::json;

use crate::browser::Browser;
use crate::office::BackOffice;

harness::on_both_databases!(crate::office::BackOffice::open:
    an_agent_changes_their_contact_and_nothing_else,
    bank_details_need_the_password_and_stop_payouts,
);

const CONTACT: &str = "/portal/details/contact";
const BANK: &str = "/portal/details/bank";
const IBAN: &str = "ES9121000418450200051332";

async fn anna(office: &BackOffice) -> (String, Browser<'_>) {
    let id = office.agent("anna").await;
    let mut anna = Browser::new(office);
    anna.sign_in("/portal/sign-in", "anna", PASSWORD).await;
    (id, anna)
}

async fn an_agent_changes_their_contact_and_nothing_else(office: BackOffice) {
    let (id, anna) = anna(&office).await;
    let before = office.get(&format!("/agents/{id}")).await;
    let fields = [
        ("contact.phone", "+34 910 555 0102"),
        ("contact.city", "Rome"),
        ("name", "Somebody else"),
        ("commission_percent", "99"),
        ("bank_account.iban", IBAN),
        ("bank_account.holder", "Somebody"),
    ];
    let reply = anna.fill(CONTACT, &fields).await;
    assert_eq!((reply.status.as_u16(), reply.header("location")), (303, "/portal?done=changed"), "{}", reply.text);
    let after = office.get(&format!("/agents/{id}")).await;
    assert_eq!((&after["contact"]["city"], &after["contact"]["phone"]), (&json!("Rome"), &json!("+34 910 555 0102")));
    for member in ["name", "commission_percent", "bank_account", "permissions"] {
        assert_eq!(after[member], before[member], "{member}");
    }
    let history = office.app.log.newest_of(&format!("agent-{id}"), 1).await.unwrap();
    assert_eq!(history[0].actor, format!("agent:{id}"));

    let wrong = anna.fill(CONTACT, &[("contact.phone", "none"), ("contact.city", "Milan")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text.contains("must be a phone number") && wrong.text.contains("value=\"Milan\""), "{}", wrong.text);
}

async fn bank_details_need_the_password_and_stop_payouts(office: BackOffice) {
    let (id, anna) = anna(&office).await;
    let account = [("bank_account.holder", "Anna Ruiz"), ("bank_account.iban", IBAN)];
    let refused = anna.fill(BANK, &[account.as_slice(), &[("current_password", "guessed")]].concat()).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("is not the one you signed in with"), "{}", refused.text);
    assert_eq!(office.get(&format!("/agents/{id}")).await["bank_account"], json!(null));

    let asked = anna.page(BANK).await;
    assert!(asked.contains("No payout is made for"), "{asked}");
    let reply = anna.send(BANK, &asked, &[account.as_slice(), &[("current_password", PASSWORD)]].concat()).await;
    assert_eq!(reply.status, 303, "{}", reply.text);
    let after = office.get(&format!("/agents/{id}")).await;
    assert_eq!(after["bank_account"]["iban"], IBAN);
    assert!(after["bank_changed_at"].is_string(), "{after}");
    let overview = anna.page("/portal").await;
    assert!(overview.contains("no payout until"), "{overview}");
}
