//! The public pages' language, look, frames, and A2Billing's links.

use contract::agent_defaults::AgentDefaults;
use contract::bank::{PayoutBlockDays, UnknownBic};
use contract::challenge::SignupChallenge;
use contract::events::agents::{Branding, CustomerMask, FieldRule, SettingsChanged, SignupField, Terms};
use contract::events::signup_keys::SignupKeyPaused;
use contract::note::Note;
use contract::statements::StatementSettings;
use reqwest::redirect::Policy;

use crate::agents::{Agents, event, key_event};
use crate::pages::{encoded, fields};
use crate::service::Service;
use harness::until;

harness::on_both_databases!(crate::service::Service::start:
    a_visitor_is_answered_in_the_language_of_the_link_or_the_browser,
    errors_are_in_the_visitors_language,
    only_an_embedded_page_may_be_framed_and_stays_embedded,
    the_operators_look_is_shown_and_can_be_loaded,
    links_as_a2billing_made_them_lead_to_the_page,
    the_terms_are_shown_in_the_visitors_language_or_marked_with_theirs,
);

const FORM: &str = "application/x-www-form-urlencoded";
/// One black pixel.
const LOGO: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==";

pub async fn change_settings(service: &Service, branding: Branding, frame_origins: &[&str]) {
    let settings = SettingsChanged {
        customer_interface_url: "https://example.org".to_owned(),
        signup_fields: [(SignupField::Company, FieldRule::Hidden)].into(),
        terms: Terms { version: "2026-01".to_owned(), text: "Be kind.".to_owned(), ..Terms::default() },
        branding,
        frame_origins: frame_origins.iter().map(|origin| (*origin).to_owned()).collect(),
        customer_mask: CustomerMask::default(),
        time_zone: String::new(),
        hold_days: 0,
        four_eyes: false,
        payout_account: None,
        unknown_bic: UnknownBic::default(),
        payout_block_days: PayoutBlockDays::default(),
        statements: StatementSettings::default(),
        signup_challenge: SignupChallenge::default(),
        new_agents: AgentDefaults::default(),
        canned_answers: Vec::new(),
    };
    let position = service.agents.append(vec![event("settings", settings)]).await;
    service.look_up_at("NOSUCHKEY000", position).await;
}

async fn html(service: &Service, path: &str, accepted: &str) -> String {
    service.request("GET", path).header("Accept-Language", accepted).send().await.unwrap().text().await.unwrap()
}

async fn a_visitor_is_answered_in_the_language_of_the_link_or_the_browser(service: Service) {
    let seller = service.seller(None).await;
    let path = format!("/signup/{}", seller.key);
    let german = html(&service, &path, "fr;q=0.3, de-AT;q=0.9").await;
    assert!(german.contains("<html lang=\"de\" dir=\"ltr\">") && german.contains("Vorname"));
    assert!(german.contains(&format!("action=\"{path}?lang=de\"")));
    let arabic = html(&service, &format!("{path}?lang=ar&utm_source=poster"), "de").await;
    assert!(arabic.contains("<html lang=\"ar\" dir=\"rtl\">") && arabic.contains("الاسم الأول"));
    assert!(arabic.contains(&format!("formaction=\"{path}?lang=es&#38;utm_source=poster\"")));
    assert!(html(&service, &path, "nl, ja;q=0.5").await.contains("<html lang=\"en\" dir=\"ltr\">"));
}

async fn errors_are_in_the_visitors_language(service: Service) {
    let seller = service.seller(None).await;
    let path = format!("/signup/{}?lang=es", seller.key);
    let send = async |kind: &str, body: String| {
        let call = service.request("POST", &path).header("Content-Type", kind).body(body).send().await.unwrap();
        (call.status().as_u16(), call.text().await.unwrap())
    };
    let (status, faulty) = send(FORM, encoded(&[("first_name", "Zoë")])).await;
    assert!(status == 422 && faulty.contains("Rellene este campo.") && faulty.contains("value=\"Zoë\""));
    let (status, none) = send("text/plain", String::new()).await;
    assert!(status == 415 && none.contains("El formulario no llegó"));
    let (status, large) = send(FORM, "x".repeat(300_000)).await;
    assert!(status == 413 && large.contains("Es demasiado texto"));
    let (status, placed) = send(FORM, encoded(&fields("once", "zoe@example.org"))).await;
    assert!(status == 200 && placed.contains("Su número de cliente") && placed.contains("Facturas"), "{placed}");

    service
        .agents
        .append(key_event(
            &seller,
            SignupKeyPaused { key: seller.key.clone(), agent_id: seller.agent, reason: Note::Absent },
        ))
        .await;
    service.refused_as(&seller.key, "paused").await;
    let paused = html(&service, &path, "de").await;
    assert!(paused.contains("en pausa") && paused.contains("href=\"?lang=fr\""));
    assert!(html(&service, "/signup/nosuchkey?lang=fr", "").await.contains("Nous ne connaissons pas ce lien"));
    assert!(html(&service, "/", "pt-BR").await.contains("Não há nada aqui"));
}

async fn only_an_embedded_page_may_be_framed_and_stays_embedded(service: Service) {
    let seller = service.seller(None).await;
    let path = format!("/signup/{}", seller.key);
    let ancestors = async |path: &str| {
        let page = service.get(path).await;
        let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
        policy.split("frame-ancestors ").nth(1).unwrap().to_owned()
    };
    assert_eq!(ancestors(&format!("{path}?embed=1")).await, "'none'");
    change_settings(&service, Branding::default(), &["https://shop.example", "https://b.example:8443"]).await;
    until(async || ancestors(&format!("{path}?embed=1")).await == "https://shop.example https://b.example:8443").await;
    assert_eq!(ancestors(&path).await, "'none'");
    assert_eq!(ancestors("/signup/nosuchkey?embed=1").await, "https://shop.example https://b.example:8443");

    let page = html(&service, &format!("{path}?embed=1"), "fr").await;
    let action = format!("{path}?lang=fr&embed=1");
    assert!(page.contains(&action.replace('&', "&#38;")) && !page.contains("<header>") && !page.contains("<nav"));
    let send = async |body: String| {
        let call = service.request("POST", &action).header("Content-Type", FORM);
        let answer = call.body(body).send().await.unwrap();
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.ends_with("https://b.example:8443"), "{policy}");
        answer.text().await.unwrap()
    };
    let faulty = send(encoded(&[("email", "zoe")])).await;
    assert!(faulty.contains(&action.replace('&', "&#38;")) && !faulty.contains("<header>"));
    let placed = send(encoded(&fields("once", "zoe@example.org"))).await;
    assert!(placed.contains("Votre numéro de client") && !placed.contains("<header>"));
}

async fn the_operators_look_is_shown_and_can_be_loaded(service: Service) {
    let seller = service.seller(None).await;
    let branding = Branding { name: "Harbour & Sons".to_owned(), colour: "#ffd400".to_owned(), logo: LOGO.to_owned() };
    change_settings(&service, branding, &[]).await;
    let path = format!("/signup/{}", seller.key);
    until(async || html(&service, &path, "").await.contains("/signup/assets/colour-ffd400.css")).await;
    let page = html(&service, &path, "").await;
    assert!(page.contains("| Harbour &#38; Sons</title>") && page.contains("alt=\"Harbour &#38; Sons\""));
    let logo = page.split("<img class=\"logo\" src=\"").nth(1).unwrap().split('"').next().unwrap();
    for (asset, content_type) in [(logo, "image/png"), ("/signup/assets/colour-ffd400.css", "text/css; charset=utf-8")]
    {
        let answer = service.get(asset).await;
        assert_eq!((answer.status().as_u16(), answer.headers()["content-type"].to_str().unwrap()), (200, content_type));
        assert!(answer.headers()["cache-control"].to_str().unwrap().contains("immutable"));
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    }
    assert!(html(&service, "/signup/nosuchkey", "").await.contains(logo));
    assert_eq!(service.get("/signup/assets/logo-0.png").await.status(), 404);
}

async fn links_as_a2billing_made_them_lead_to_the_page(service: Service) {
    let seller = service.seller(None).await;
    let client = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
    for path in ["/signup.php", "/customer/signup.php"] {
        let old = format!("{}{path}?key={}&utm_source=a%26b&lang=de", service.base, seller.key);
        let answer = client.get(&old).send().await.unwrap();
        assert_eq!(answer.status(), 301);
        let location = answer.headers()["location"].to_str().unwrap().to_owned();
        assert_eq!(location, format!("/signup/{}?utm_source=a%26b&lang=de", seller.key));
        let page = html(&service, &location, "").await;
        assert!(page.contains("name=\"utm_source\" value=\"a&#38;b\"") && page.contains("lang=\"de\""));
        for hostile in ["", "?key=", "?key=..%2F..%2Fetc", "?key=//evil.example", "?key=%0d%0aSet-Cookie:x"] {
            let answer = client.get(format!("{}{path}{hostile}", service.base)).send().await.unwrap();
            assert_eq!((answer.status().as_u16(), answer.headers().get("location")), (404, None), "{hostile}");
        }
    }
}

async fn the_terms_are_shown_in_the_visitors_language_or_marked_with_theirs(service: Service) {
    let seller = service.seller(None).await;
    let path = format!("/signup/{}", seller.key);
    let terms = async |language: &str, translations: &[(&str, &str)]| {
        let translations = translations.iter().map(|(tag, text)| ((*tag).to_owned(), (*text).to_owned())).collect();
        let (version, text) = ("2026-02".to_owned(), "Be kind, always.".to_owned());
        let terms = Terms { version, text, language: language.to_owned(), translations };
        let settings = SettingsChanged { terms, ..Agents::settings() };
        let position = service.agents.append(vec![event("settings", settings)]).await;
        service.look_up_at(&seller.key, position).await;
    };
    terms("en-GB", &[("de", "Immer freundlich sein."), ("ar", "كن لطيفًا.")]).await;
    until(async || html(&service, &path, "de").await.contains("<p dir=\"auto\">Immer freundlich sein.</p>")).await;
    for (accepted, shown) in [
        ("ar", "<p dir=\"auto\">كن لطيفًا.</p>"),
        ("en", "<p dir=\"auto\">Be kind, always.</p>"),
        ("fr", "<p dir=\"auto\" lang=\"en-GB\">Be kind, always.</p>"),
    ] {
        let page = html(&service, &path, accepted).await;
        assert!(
            page.contains(shown) && page.contains("name=\"terms_version\" value=\"2026-02\""),
            "{accepted}: {page}"
        );
    }
    // A language that nobody stated is not guessed.
    terms("", &[]).await;
    until(async || html(&service, &path, "de").await.contains("<p dir=\"auto\">Be kind, always.</p>")).await;
}
