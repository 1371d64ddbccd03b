//! Fields that are chosen from a list: named in the visitor's language, suggested by what the browser says.

use contract::events::agents::{FieldRule, SettingsChanged, SignupField};

use crate::agents::{Agents, Seller, event};
use crate::pages::{fields, send};
use crate::service::Service;
use harness::until;

harness::on_both_databases!(crate::service::Service::start:
    a_country_is_chosen_by_its_name_in_the_visitors_language,
    a_suggestion_is_chosen_only_where_the_visitor_sees_it,
    what_was_chosen_stays_chosen_and_is_kept_by_its_code,
);

const CHOSEN: [SignupField; 4] =
    [SignupField::Country, SignupField::Language, SignupField::TimeZone, SignupField::Currency];

async fn page(service: &Service, seller: &Seller, accepted: &str) -> String {
    let call = service.request("GET", &format!("/signup/{}", seller.key)).header("Accept-Language", accepted);
    call.send().await.unwrap().text().await.unwrap()
}

/// The options of a field.
fn select<'a>(html: &'a str, name: &str) -> &'a str {
    let (_, behind) = html.split_once(&format!("<select id=\"{name}\"")).unwrap_or_else(|| panic!("no {name}: {html}"));
    behind.split_once('>').unwrap().1.split_once("</select>").unwrap().0
}

async fn a_country_is_chosen_by_its_name_in_the_visitors_language(service: Service) {
    let seller = service.seller(None).await;
    for (accepted, option) in [
        ("de", "<option value=\"JP\">Japan</option>"),
        ("fr", "<option value=\"JP\">Japon</option>"),
        ("ar", "<option value=\"JP\">اليابان</option>"),
    ] {
        let html = page(&service, &seller, accepted).await;
        assert!(select(&html, "country").contains(option), "{accepted}");
        assert!(select(&html, "time_zone").contains("<option value=\"Asia/Tokyo\">Tokyo</option>"));
    }
    let html = page(&service, &seller, "es").await;
    assert!(select(&html, "currency").contains("<option value=\"JPY\">Yen japonés (JPY)</option>"));
    assert!(select(&html, "language").contains("<option value=\"ja\">Japonés</option>"));
}

async fn a_suggestion_is_chosen_only_where_the_visitor_sees_it(service: Service) {
    let seller = service.seller(None).await;
    let suggested = [
        ("country", "<option value=\"AT\" data-suggested>Österreich</option>"),
        ("language", "<option value=\"de\" data-suggested>Deutsch</option>"),
        ("currency", "<option value=\"EUR\" data-suggested>Euro (EUR)</option>"),
    ];
    // The first option is the chosen one.
    let nothing = "<option value=\"\">Bitte wählen</option>";
    let folded = page(&service, &seller, "de-AT,en;q=0.5").await;
    for (name, option) in suggested {
        assert!(select(&folded, name).starts_with(&format!("{nothing}{option}")), "{name}");
    }
    let required = CHOSEN.map(|field| (field, FieldRule::Required)).into();
    let settings = SettingsChanged { signup_fields: required, ..Agents::settings() };
    let position = service.agents.append(vec![event("settings", settings)]).await;
    service.look_up_at(&seller.key, position).await;
    let is_open = async || {
        let seen = page(&service, &seller, "de-AT,en;q=0.5").await;
        suggested.iter().all(|(name, option)| select(&seen, name).starts_with(&format!("{option}{nothing}")))
    };
    until(is_open).await;
    let unknown = page(&service, &seller, "de").await;
    assert!(select(&unknown, "country").starts_with(nothing) && select(&unknown, "time_zone").starts_with(nothing));
}

async fn what_was_chosen_stays_chosen_and_is_kept_by_its_code(service: Service) {
    let seller = service.seller(None).await;
    let chosen = [("country", "at"), ("language", "de"), ("time_zone", "Europe/Vienna"), ("currency", "EUR")];
    let (status, html) = send(&service, &seller.key, &[&fields("once", "nobody")[..], &chosen].concat()).await;
    assert_eq!(status, 422);
    for (name, option) in [
        ("country", "<option value=\"AT\" selected>Austria</option>"),
        ("language", "<option value=\"de\" selected>German</option>"),
        ("time_zone", "<option value=\"Europe/Vienna\" selected>Vienna</option>"),
        ("currency", "<option value=\"EUR\" selected>Euro (EUR)</option>"),
    ] {
        assert!(select(&html, name).contains(option), "{name}");
    }
    let unknown = [("country", "Atlantis"), ("time_zone", "Europe/<b>")];
    let (status, html) =
        send(&service, &seller.key, &[&fields("once", "zoe@example.org")[..], &unknown].concat()).await;
    assert!(status == 422 && html.contains("Please choose a country from the list."));
    assert!(select(&html, "country").contains("<option value=\"Atlantis\" dir=\"auto\" selected>Atlantis</option>"));
    assert!(!html.contains("<b>"));
    let (status, _) = send(&service, &seller.key, &[&fields("once", "zoe@example.org")[..], &chosen].concat()).await;
    assert_eq!(status, 200);
    let placed = &service.signups().await.placed[0];
    assert_eq!((placed.country.as_deref(), placed.currency.as_deref()), (Some("AT"), Some("EUR")));
}
