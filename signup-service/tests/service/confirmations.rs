//! The confirmation of a signup: a page of its own, which can be reloaded for some days.

use contract::clock::Clock;
use contract::events::agents::{CallPlanChanged, SettingsChanged};
use contract::ids::{digest_bytes, new_id};
use contract::statements::StatementSettings;
use event_store::sql::Sql;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use signup_service::confirmations::model::KEPT_DAYS;
use signup_service::confirmations::table::delete_expired;
use signup_service::maintenance;

use crate::agents::{Agents, Seller, event, plan_event};
use crate::pages::{encoded, fields};
use crate::service::Service;
use harness::until;

harness::on_both_databases!(crate::service::Service::start:
    a_signup_leads_to_a_page_that_can_be_reloaded,
    a_form_that_is_sent_again_leads_to_the_same_confirmation,
    only_a_digest_of_the_address_is_kept,
    a_stranger_with_a_known_address_gets_a_confirmation_like_a_new_one,
    the_confirmation_states_the_offer_as_it_was,
    the_confirmation_names_the_company_where_the_settings_do,
    an_erased_customers_confirmation_is_gone_at_every_address,
    a_confirmation_ends_after_some_days,
    an_address_that_nobody_was_given_gets_a_page,
);

const EMAIL: &str = "zoe@example.org";
const FOLDER: &str = "/signup/confirmation/";

/// Sends the form and follows no redirection.
async fn answer(service: &Service, path: &str, once: &str, email: &str) -> Response {
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    let call = client.post(format!("{}{path}", service.base)).body(encoded(&fields(once, email)));
    call.header("Content-Type", "application/x-www-form-urlencoded").send().await.unwrap()
}

fn location(answer: &Response) -> String {
    assert_eq!(answer.status(), 303);
    answer.headers()["location"].to_str().unwrap().to_owned()
}

/// Signs up by the form; returns the address of the confirmation.
async fn sign_up(service: &Service, seller: &Seller, once: &str, email: &str) -> String {
    location(&answer(service, &format!("/signup/{}", seller.key), once, email).await)
}

async fn page(service: &Service, path: &str) -> (u16, String) {
    let page = service.get(path).await;
    (page.status().as_u16(), page.text().await.unwrap())
}

async fn a_signup_leads_to_a_page_that_can_be_reloaded(service: Service) {
    let seller = service.seller(None).await;
    let path = format!("/signup/{}?lang=de&embed=1", seller.key);
    let placed = answer(&service, &path, &new_id().to_string(), EMAIL).await;
    let address = location(&placed);
    assert_eq!(placed.headers()["cache-control"], "no-store");
    assert!(placed.headers().contains_key("signpost-position"));
    let (secret, query) = address.strip_prefix(FOLDER).unwrap().split_once('?').unwrap();
    assert_eq!((secret.len(), query), (32, "lang=de&embed=1"), "the language and the frame are lost");

    let number = service.signups().await.placed[0].customer_number.clone();
    let mut pages = Vec::new();
    for _ in 0..2 {
        let page = service.get(&address).await;
        assert_eq!(page.status(), 200);
        for (name, value) in
            [("cache-control", "no-store"), ("referrer-policy", "no-referrer"), ("x-robots-tag", "noindex")]
        {
            assert_eq!(page.headers()[name], value);
        }
        pages.push(page.text().await.unwrap());
    }
    assert!(pages[0] == pages[1] && pages[0].contains(&number) && pages[0].contains("lang=\"de\""));
    // Nothing on the page sends anything.
    assert!(!pages[0].contains("<form") && !pages[0].contains(secret));
    let other_language = page(&service, &format!("{FOLDER}{secret}?lang=ar")).await;
    assert!(other_language.0 == 200 && other_language.1.contains("dir=\"rtl\"") && other_language.1.contains(&number));
}

async fn a_form_that_is_sent_again_leads_to_the_same_confirmation(service: Service) {
    let seller = service.seller(None).await;
    let once = new_id().to_string();
    let first = sign_up(&service, &seller, &once, EMAIL).await;
    let again = answer(&service, &format!("/signup/{}", seller.key), &once, EMAIL).await;
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    let second = location(&again);
    assert_ne!(first, second, "the first address would have to be stored");
    assert_eq!(page(&service, &first).await, page(&service, &second).await);
    assert_eq!(page(&service, &first).await.0, 200);
    assert_eq!(service.signups().await.placed.len(), 1);
}

async fn only_a_digest_of_the_address_is_kept(service: Service) {
    static KEPT: Sql = Sql::new("SELECT digest, customer_id FROM confirmations");
    let seller = service.seller(None).await;
    let address = sign_up(&service, &seller, &new_id().to_string(), EMAIL).await;
    let secret = address.strip_prefix(FOLDER).unwrap().split('?').next().unwrap();
    let rows = service.database.rows(&KEPT, &[]).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].bytes("digest").unwrap(), digest_bytes(secret));
    assert_eq!(rows[0].uuid("customer_id").unwrap(), service.signups().await.placed[0].customer_id);
    let events = service.log.read_after(0, 100_000).await.unwrap();
    assert!(events.iter().all(|event| !format!("{event:?}").contains(secret)));
    // Programs get an answer, and no page.
    service.sign_up(&seller.key, "program@example.org").await;
    assert_eq!(service.database.rows(&KEPT, &[]).await.unwrap().len(), 1);
}

async fn a_stranger_with_a_known_address_gets_a_confirmation_like_a_new_one(service: Service) {
    let seller = service.seller(None).await;
    let own = sign_up(&service, &seller, &new_id().to_string(), EMAIL).await;
    let once = new_id().to_string();
    let shown = sign_up(&service, &seller, &once, EMAIL).await;
    let signups = service.signups().await;
    let number = &signups.placed[0].customer_number;
    let decoy = &signups.refused[0].shown.as_ref().unwrap().customer_number;
    let (own, shown) = (page(&service, &own).await, page(&service, &shown).await);
    assert_eq!((own.0, shown.0), (200, 200));
    assert_eq!(own.1.replace(number, ""), shown.1.replace(decoy, ""));
    assert!(!shown.1.contains(number));
    let again = sign_up(&service, &seller, &once, EMAIL).await;
    assert_eq!(page(&service, &again).await, shown);
}

async fn the_confirmation_states_the_offer_as_it_was(service: Service) {
    let seller = service.seller(None).await;
    let address = sign_up(&service, &seller, &new_id().to_string(), EMAIL).await;
    let before = page(&service, &address).await;
    for words in ["Union City", "Calls to Union City.", "1 EUR", "Zoë&#39;s Phones", "2026-01"] {
        assert!(before.1.contains(words), "{words} is missing: {}", before.1);
    }
    let changed = CallPlanChanged {
        call_plan_id: seller.plan,
        name: "Dearer".to_owned(),
        description: String::new(),
        price_text: "9 EUR".to_owned(),
        commission: None,
    };
    let position = service.agents.append(plan_event(&seller, changed)).await;
    service.look_up_at(&seller.key, position).await;
    assert_eq!(page(&service, &address).await, before);
}

async fn the_confirmation_names_the_company_where_the_settings_do(service: Service) {
    let seller = service.seller(None).await;
    let address = sign_up(&service, &seller, &new_id().to_string(), EMAIL).await;
    assert!(!page(&service, &address).await.1.contains("Provider"));
    let statements = StatementSettings {
        legal_name: "Harbour & Sons Ltd".to_owned(),
        address: "Quay 1\nCork".to_owned(),
        ..StatementSettings::default()
    };
    let settings = SettingsChanged { statements, ..Agents::settings() };
    let position = service.agents.append(vec![event("settings", settings)]).await;
    service.look_up_at(&seller.key, position).await;
    until(async || {
        let (_, html) = page(&service, &address).await;
        html.contains("Provider") && html.contains("Harbour &#38; Sons Ltd") && html.contains("Quay 1\nCork")
    })
    .await;
}

async fn an_erased_customers_confirmation_is_gone_at_every_address(service: Service) {
    let seller = service.seller(None).await;
    let once = new_id().to_string();
    let mut addresses = vec![sign_up(&service, &seller, &once, EMAIL).await];
    addresses.push(sign_up(&service, &seller, &once, EMAIL).await);
    let other = sign_up(&service, &seller, &new_id().to_string(), "other@example.org").await;
    let placed = service.signups().await.placed;
    let erased = service.call("DELETE", &format!("/api/v1/customers/{}", placed[0].customer_id)).await;
    assert_eq!(erased.0, 200, "{}", erased.1);
    // Nor does the form bring it back.
    addresses.push(sign_up(&service, &seller, &once, EMAIL).await);
    for address in &addresses {
        let (status, html) = page(&service, address).await;
        assert!(status == 404 && !html.contains(&placed[0].customer_number), "{html}");
    }
    assert_eq!(page(&service, &other).await.0, 200);
    assert_eq!(maintenance::check(&service.database, &service.log).await.unwrap(), Vec::<String>::new());
}

async fn a_confirmation_ends_after_some_days(service: Service) {
    static ENDS: Sql = Sql::new("SELECT expires_at FROM confirmations");
    static END: Sql = Sql::new("UPDATE confirmations SET expires_at = $1");
    let seller = service.seller(None).await;
    let address = sign_up(&service, &seller, &new_id().to_string(), EMAIL).await;
    let ends = service.database.row(&ENDS, &[]).await.unwrap().unwrap().moment("expires_at").unwrap();
    let days = |days: i64| Clock::System.now().plus_seconds(days * 24 * 60 * 60);
    assert!(ends > days(KEPT_DAYS - 1) && ends <= days(KEPT_DAYS));
    assert_eq!(delete_expired(&service.database, days(KEPT_DAYS - 1)).await.unwrap(), 0);
    service.database.execute(&END, &[days(-1).into()]).await.unwrap();
    let (status, html) = page(&service, &address).await;
    assert!(status == 404 && html.contains("no longer here"), "{html}");
    // The service's own loop may have been faster.
    delete_expired(&service.database, days(0)).await.unwrap();
    assert!(service.database.rows(&ENDS, &[]).await.unwrap().is_empty());
}

async fn an_address_that_nobody_was_given_gets_a_page(service: Service) {
    let unknown = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut pages = Vec::new();
    for secret in [unknown, "x", "%FF", &"0".repeat(2_000)] {
        let page = service.get(&format!("{FOLDER}{secret}?lang=en")).await;
        assert_eq!((page.status().as_u16(), &page.headers()["cache-control"] == "no-store"), (404, true), "{secret}");
        pages.push(page.text().await.unwrap());
    }
    assert!(pages.iter().all(|page| *page == pages[0]));
    assert!(pages[0].contains("ask the person or the site that gave you the signup link"), "{}", pages[0]);
}
