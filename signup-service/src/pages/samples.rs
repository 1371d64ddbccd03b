//! Renders every template with samples: in every language, on a page of its own and in a frame, with harmless and
//! with hostile texts. No text of a visitor, an agent or an operator may become markup.

use std::sync::Arc;

use askama::Template;
use contract::clock::Moment;
use contract::events::agents::{Branding, FieldRule, SignupField, Terms};
use contract::events::signups::{Campaign, RefusalReason};

use crate::fields::CONSENT_FIELD;
use crate::fields::violation::{FieldError, Violation};
use crate::fields::{OPTIONAL_FIELDS, field_name};
use crate::keys::form_config::{Company, SignupFormConfig};
use crate::pages::challenge::tests::sample;
use crate::pages::outcome_pages::tests::confirmation;
use crate::pages::outcome_pages::{ConfirmationPage, ErrorPage, UnusablePage};
use crate::pages::signup_page::{Notice, OfferTexts, SignupPage};
use crate::signups::requests::SignupForm;
use crate::ui::language::Language;
use crate::ui::page_context::PageContext;
use crate::ui::page_request::{PageRequest, campaign_query};
use crate::ui::suggestion::Suggestion;
use crate::ui::theme::Theme;

const REASONS: [RefusalReason; 11] = [
    RefusalReason::Unknown,
    RefusalReason::Revoked,
    RefusalReason::Paused,
    RefusalReason::NotStarted,
    RefusalReason::Ended,
    RefusalReason::Exhausted,
    RefusalReason::AgentSuspended,
    RefusalReason::AgentClosed,
    RefusalReason::PlanRetired,
    RefusalReason::GrantWithdrawn,
    RefusalReason::GroupNotAgents,
];

/// A violation for each field, each kind of violation at least once.
const VIOLATIONS: [Violation; 14] = [
    Violation::Required,
    Violation::TooLong(300),
    Violation::ControlCharacter,
    Violation::Unreadable,
    Violation::NotAskedFor,
    Violation::NotAnEmail,
    Violation::NotACurrency,
    Violation::NotALanguage,
    Violation::NotACountry,
    Violation::NotATimeZone,
    Violation::NotAPhone,
    Violation::Outdated,
    Violation::NotAgreed,
    Violation::Personal,
];

fn rules(text: &str) -> SignupFormConfig {
    let branding = Branding { name: text.to_owned(), colour: "#0b5cad".to_owned(), logo: "iVBORw==".to_owned() };
    let terms =
        Terms { version: text.to_owned(), text: text.to_owned(), language: text.to_owned(), ..Terms::default() };
    let fields = [(SignupField::Phone, FieldRule::Required)].into();
    SignupFormConfig { branding, ..SignupFormConfig::new(&fields, terms) }
}

fn form(text: &str) -> SignupForm {
    SignupForm {
        email: text.to_owned(),
        first_name: text.to_owned(),
        optional: OPTIONAL_FIELDS.into_iter().map(|field| (field, text.to_owned())).collect(),
        terms_version: None,
    }
}

fn errors() -> Vec<FieldError> {
    let fields = ["email", "first_name"].into_iter();
    let fields = fields.chain(OPTIONAL_FIELDS.into_iter().map(field_name)).chain([CONSENT_FIELD]);
    fields
        .zip(VIOLATIONS.into_iter().cycle())
        .map(|(field, violation)| FieldError { field: field.to_owned(), violation })
        .collect()
}

fn campaign(text: &str) -> Campaign {
    let text = || Some(text.to_owned());
    Campaign { utm_source: text(), utm_medium: text(), utm_campaign: text(), sub_id: text(), ..Campaign::default() }
}

/// All pages with this text in every place for a text from outside.
fn samples(language: Language, embedded: bool, text: &str) -> Vec<(String, String)> {
    let rules = rules(text);
    let visit = PageRequest { language, embedded, campaign: campaign(text), suggestion: Suggestion::default() };
    let context = PageContext::new(&visit, Arc::new(Theme::new(&rules)));
    let (names, form, errors) =
        (OfferTexts { plan: text, agent: text, description: text, price: text }, form(text), errors());
    let signup = |errors: &[FieldError]| {
        SignupPage::new(&context, "K", names, &rules, &form, errors).carrying(text, campaign(text))
    };
    let unsolved = Notice::Unsolved { not_before: Moment::from_micros(0), seconds: 15 };
    let company = Company { name: text.to_owned(), address: text.to_owned() };
    let error = ErrorPage { context: &context, heading: "H", explanation: "E", request_id: text.to_owned() };
    let mut pages = vec![
        ("form".to_owned(), signup(&[]).render()),
        ("form with faults".to_owned(), signup(&errors).noticing(Notice::Fields).render()),
        ("form that was sent before".to_owned(), signup(&[]).noticing(Notice::SentBefore).render()),
        ("form whose trap was filled".to_owned(), signup(&[]).noticing(Notice::TrapFilled).without_trap().render()),
        ("form with a challenge".to_owned(), signup(&[]).with_challenge(sample(language, text)).render()),
        ("form to be sent after a wait".to_owned(), signup(&[]).noticing(unsolved).render()),
        ("confirmation".to_owned(), ConfirmationPage::new(&context, &confirmation(text), &company).render()),
        ("error".to_owned(), error.render()),
    ];
    pages.extend(REASONS.map(|reason| (format!("{reason:?}"), UnusablePage::new(&context, reason).render())));
    pages.into_iter().map(|(name, html)| (name, html.unwrap())).collect()
}

/// The page's markup: each tag with the names of its attributes, in order, without values and texts.
fn skeleton(html: &str) -> Vec<String> {
    html.split('<')
        .skip(1)
        .map(|rest| {
            let mut quoted = false;
            let tag = rest.chars().take_while(|letter| {
                quoted ^= *letter == '"';
                quoted || *letter != '>'
            });
            let tag: String = tag.collect();
            tag.split('"').step_by(2).collect()
        })
        .collect()
}

fn hostile() -> Vec<String> {
    let texts = [
        "<script>alert(1)</script>",
        "\"><script>alert(1)</script>",
        "\" onfocus=\"alert(1)\" autofocus x=\"",
        "' onmouseover='alert(1)",
        "</title></style></textarea><img src=x onerror=alert(1)>",
        "<!-- --> ]]> {{ 7 * 7 }} {% raw %} &lt;b&gt; &#60;",
        "\u{202e}drawkcab\u{202d}\u{2066}\u{2067}\u{2068}",
        "javascript:alert(1)//",
    ];
    texts.map(str::to_owned).into_iter().chain([format!("<b>{}", "x".repeat(10_000))]).collect()
}

fn everywhere() -> impl Iterator<Item = (Language, bool)> {
    Language::ALL.into_iter().flat_map(|language| [(language, false), (language, true)])
}

#[test]
fn nothing_that_was_typed_becomes_a_part_of_a_page() {
    for (language, embedded) in everywhere() {
        let harmless = samples(language, embedded, "Harmless");
        for text in hostile() {
            for ((name, html), (_, expected)) in samples(language, embedded, &text).iter().zip(&harmless) {
                let what = format!("{} in {}: {}", name, language.tag(), text.chars().take(60).collect::<String>());
                assert_eq!(skeleton(html), skeleton(expected), "{what}");
                assert!(!html.contains(&text) || !text.contains(['<', '>', '"', '\'', '&']), "{what}");
            }
        }
    }
}

#[test]
fn a_text_that_turns_the_direction_of_writing_stays_in_its_place() {
    let text = "\u{202e}drawkcab";
    for (language, embedded) in everywhere() {
        for (name, html) in samples(language, embedded, text) {
            let (_, body) = html.split_once("<body").unwrap();
            for (at, _) in body.match_indices(text) {
                let before = &body[..at];
                let tag = &before[before.rfind('<').unwrap()..];
                // In an attribute, or alone in an element with its own direction.
                let alone = tag.ends_with('>') && (tag == "<bdi>" || tag.contains(" dir=\""));
                assert!(tag.ends_with("=\"") || alone, "{name} in {}: {tag}", language.tag());
            }
        }
    }
}

#[test]
fn every_page_states_its_language_and_loads_nothing_from_other_sites() {
    for (language, embedded) in everywhere() {
        for (name, html) in samples(language, embedded, "Harmless") {
            let what = format!("{name} in {}", language.tag());
            let start = format!("<html lang=\"{}\" dir=\"{}\">", language.tag(), language.direction());
            assert!(html.contains(&start), "{what}");
            assert_eq!(html.contains("<header>"), !embedded, "{what}");
            assert_eq!(html.matches("<h1").count(), 1, "{what}");
            for inline in [" style=\"", "<style", " onclick", "//example", "http"] {
                assert!(!html.contains(inline), "{what}: {inline}");
            }
            let ids: Vec<&str> = html.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
            for id in
                html.split("aria-describedby=\"").skip(1).flat_map(|rest| rest.split('"').next().unwrap().split(' '))
            {
                assert!(ids.contains(&id), "{what}: {id} is nowhere");
            }
            let unique: std::collections::BTreeSet<_> = ids.iter().collect();
            assert_eq!(unique.len(), ids.len(), "{what}");
        }
    }
}

#[test]
fn each_violation_is_shown_beside_its_field_with_the_typed_value() {
    let pages = samples(Language::English, false, "<i>Zoë</i>");
    let (_, html) = pages.iter().find(|(name, _)| name == "form with faults").unwrap();
    assert!(html.contains("id=\"email-fault\">Please fill in this field."));
    assert!(html.contains("value=\"&#60;i&#62;Zoë&#60;/i&#62;\""));
    assert!(html.contains("aria-invalid=\"true\" aria-describedby=\"currency-fault\""));
    assert!(html.contains("<a href=\"#email\">E-mail address</a>: Please fill in this field."));
    assert!(html.contains("<title>Error: Sign up for"));
}

#[test]
fn hidden_fields_are_not_asked_for() {
    let context = PageContext::with_campaign(Language::French, true, Arc::default(), "");
    let hidden = OPTIONAL_FIELDS.into_iter().map(|field| (field, FieldRule::Hidden)).collect();
    let (rules, form) = (SignupFormConfig::new(&hidden, Terms::default()), SignupForm::default());
    let names = OfferTexts { plan: "P", agent: "A", description: "", price: "" };
    let page = SignupPage::new(&context, "K", names, &rules, &form, &[]);
    let html = page.render().unwrap();
    assert!(!html.contains("name=\"company\"") && !html.contains("Vos préférences"));
    assert!(html.contains("name=\"email\"") && html.contains("action=\"/signup/K?lang=fr&#38;embed=1\""));
    // A violation of a hidden field has no input to stand beside.
    let errors = [FieldError { field: "company".to_owned(), violation: Violation::NotAskedFor }];
    let page = SignupPage::new(&context, "K", names, &rules, &form, &errors).noticing(Notice::Fields);
    assert!(page.render().unwrap().contains("Le formulaire a changé"));
}

#[test]
fn optional_groups_are_folded_until_they_are_in_use() {
    let context = PageContext::with_campaign(Language::English, false, Arc::default(), "");
    let rules = [(SignupField::City, FieldRule::Required)].into();
    let (rules, mut form) = (SignupFormConfig::new(&rules, Terms::default()), SignupForm::default());
    let render = |form: &SignupForm| {
        SignupPage::new(
            &context,
            "K",
            OfferTexts { plan: "P", agent: "A", description: "", price: "" },
            &rules,
            form,
            &[],
        )
        .render()
        .unwrap()
    };
    let html = render(&form);
    let (open, hidden) = html.split_once("<details class=\"more\">").unwrap();
    assert!(open.contains("name=\"city\"") && open.contains("name=\"address\""));
    assert!(hidden.contains("name=\"company\"") && hidden.contains("name=\"currency\""));
    form.optional.insert(SignupField::Company, "Acme".to_owned());
    assert!(render(&form).contains("<details class=\"more\" open>"));
}

#[test]
fn the_way_to_other_languages_keeps_the_campaign() {
    let pages = samples(Language::German, false, "a b&c");
    let expected = campaign_query(campaign("a b&c")).replace('&', "&#38;");
    for (name, html) in &pages {
        // The form is sent along, so that nothing typed is lost.
        let address = if name.starts_with("form") { "formaction=\"/signup/K" } else { "href=\"" };
        assert!(html.contains(&format!("{address}?lang=ar{expected}\"")), "{name}");
    }
}

#[test]
fn a_name_does_not_change_the_direction_of_a_title() {
    for text in ["اسم", "\u{2069}\u{202e}drawkcab"] {
        let isolated = contract::text::isolated(text);
        let all = samples(Language::English, false, text);
        let titles: Vec<&str> =
            all.iter().filter_map(|(_, html)| Some(html.split_once("<title>")?.1.split_once("</title>")?.0)).collect();
        assert!(titles.iter().any(|title| title.contains(&*isolated)), "{titles:?}");
        assert!(titles.iter().all(|title| !title.replace(&*isolated, "").contains(text)), "{titles:?}");
    }
}
