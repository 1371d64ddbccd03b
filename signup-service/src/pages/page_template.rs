//! The page with the form, rendered once with a blank for each value that differs between visitors, so that a
//! response only joins strings.

use std::sync::Arc;

use askama::filters::{Escaper, Html};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use contract::events::signups::Campaign;

use crate::keys::form_config::SignupFormConfig;
use crate::keys::model::Offer;
use crate::pages::inputs::SuggestedOptions;
use crate::pages::signup_page::{OfferTexts, SignupPage, Wording, hidden_inputs, offer_details};
use crate::signups::requests::SignupForm;
use crate::ui::language::Language;
use crate::ui::page_context::{PageContext, whole};
use crate::ui::page_request::{PageRequest, campaign_query};
use crate::ui::theme::Theme;

/// A blank. Each is marked by its own control character, which no shown text can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Blank {
    Plan,
    Agent,
    /// The offer above the form.
    Details,
    Key,
    IdempotencyKey,
    /// The campaign, as hidden inputs of the form.
    Inputs,
    /// The campaign, as part of links.
    Query,
    /// What the browser suggests, as options.
    Country,
    Language,
    Currency,
    /// The challenge, as inputs.
    Challenge,
}

const BLANKS: [(Blank, &str); 11] = [
    (Blank::Plan, "\u{11}"),
    (Blank::Agent, "\u{12}"),
    (Blank::Key, "\u{13}"),
    (Blank::IdempotencyKey, "\u{14}"),
    (Blank::Inputs, "\u{15}"),
    (Blank::Query, "\u{16}"),
    (Blank::Details, "\u{17}"),
    (Blank::Country, "\u{18}"),
    (Blank::Language, "\u{19}"),
    (Blank::Currency, "\u{1a}"),
    (Blank::Challenge, "\u{1b}"),
];

fn blank_of(sign: char) -> Option<Blank> {
    BLANKS.into_iter().find(|(_, text)| text.starts_with(sign)).map(|(blank, _)| blank)
}

pub struct PageTemplate {
    /// Each piece with the blank behind it.
    pieces: Box<[(Box<str>, Blank)]>,
    rest: Box<str>,
    length: usize,
    headers: HeaderMap,
    language: Language,
}

impl PageTemplate {
    /// The page in one language, in a frame or not; `None` when one of its texts looks like a blank.
    pub fn new(language: Language, embedded: bool, theme: &Arc<Theme>, rules: &SignupFormConfig) -> Option<Self> {
        let wording = Wording::of(&rules.terms, language);
        let shown = [rules.terms.version.as_str(), wording.text, wording.language.unwrap_or_default(), &theme.name];
        if shown.into_iter().any(|text| text.chars().any(|sign| blank_of(sign).is_some())) {
            return None;
        }
        let [plan, agent, key, idempotency_key, inputs, query, details, country, chosen_language, currency, challenge] =
            BLANKS.map(|(_, sign)| sign);
        let context = PageContext::with_campaign(language, embedded, Arc::clone(theme), query);
        let form = SignupForm::default();
        let names = OfferTexts { plan, agent, description: "", price: "" };
        let [country, currency] = [country, currency].map(str::to_owned);
        let suggested = SuggestedOptions { country, language: chosen_language.to_owned(), currency };
        let page = SignupPage::new(&context, key, names, rules, &form, &[]).with_details(details.to_owned());
        let page = page.suggesting(&suggested, true).with_challenge(challenge.to_owned());
        let html = askama::Template::render(&page.carrying_inputs(idempotency_key, inputs.to_owned())).ok()?;
        let mut pieces = Vec::new();
        let mut rest = html.as_str();
        while let Some((at, blank)) = rest.char_indices().find_map(|(at, sign)| Some((at, blank_of(sign)?))) {
            let (piece, behind) = rest.split_at(at);
            pieces.push((Box::from(piece), blank));
            rest = behind.get(1..)?;
        }
        let headers = theme.form_headers(embedded);
        Some(Self { rest: rest.into(), length: html.len(), pieces: pieces.into(), headers, language })
    }

    /// The page for one visitor, with the challenge that it needs. Signup keys and idempotency keys never need escaping.
    pub fn filled(
        &self,
        key: &str,
        offer: &Offer,
        idempotency_key: &str,
        challenge: &str,
        visit: &PageRequest,
    ) -> Response {
        let (campaign, suggested) = (&visit.campaign, SuggestedOptions::new(&visit.suggestion, self.language));
        let (plan, agent) = (escaped(&offer.plan.name), escaped(&offer.agent.name));
        let details = offer_details(OfferTexts::of(offer), self.language.texts());
        // Most visitors come without a campaign.
        let (inputs, query) = if *campaign == Campaign::default() {
            (String::new(), String::new())
        } else {
            (hidden_inputs(campaign.clone()), escaped(&campaign_query(campaign.clone())))
        };
        let values = details.len() + plan.len() * 2 + agent.len() + key.len() + idempotency_key.len() + inputs.len();
        let values = values + challenge.len();
        let mut html = String::with_capacity(self.length + values + query.len() * Language::ALL.len());
        for (piece, blank) in &self.pieces {
            html.push_str(piece);
            html.push_str(match blank {
                Blank::Plan => &plan,
                Blank::Agent => &agent,
                Blank::Details => &details,
                Blank::Key => key,
                Blank::IdempotencyKey => idempotency_key,
                Blank::Inputs => &inputs,
                Blank::Query => &query,
                Blank::Country => &suggested.country,
                Blank::Language => &suggested.language,
                Blank::Currency => &suggested.currency,
                Blank::Challenge => challenge,
            });
        }
        html.push_str(&self.rest);
        whole(StatusCode::OK, self.headers.clone(), html)
    }
}

/// Escapes a text as the templates do.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    // Writing to memory cannot fail.
    let _ = Html.write_escaped_str(&mut escaped, text);
    escaped
}

#[cfg(test)]
mod tests {
    use askama::Template;

    use super::*;
    use crate::keys::model::tests::usable_row;
    use crate::ui::suggestion::Suggestion;

    async fn text(response: Response) -> String {
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn a_filled_blank_page_is_the_page() {
        let (mut offer, rules) = (Offer::clone(&usable_row().offer), SignupFormConfig::default());
        let theme = Arc::new(Theme::new(&rules));
        let campaign = Campaign { sub_id: Some("<7>&\"".to_owned()), ..Campaign::default() };
        for (name, campaign) in [("Plan", Campaign::default()), ("<b>'Plan' & \"more\"</b>", campaign)] {
            offer.plan.name = name.to_owned();
            offer.agent.name = format!("{name} of {name}");
            offer.plan.description = format!("{name}\nin two lines");
            let names = OfferTexts::of(&offer);
            for (language, embedded) in Language::ALL.into_iter().flat_map(|one| [(one, false), (one, true)]) {
                let blank = PageTemplate::new(language, embedded, &theme, &rules).unwrap();
                let mut headers = HeaderMap::new();
                headers.insert("accept-language", "pt-BR,en;q=0.5".parse().unwrap());
                let (campaign, suggestion) = (campaign.clone(), Suggestion::by(&headers));
                let visit = PageRequest { language, embedded, campaign, suggestion };
                let context = PageContext::new(&visit, Arc::clone(&theme));
                let form = SignupForm::default();
                let page = SignupPage::new(&context, "0123456789", names, &rules, &form, &[]);
                let page = page.carrying("once", visit.campaign.clone());
                let page = page.suggesting(&SuggestedOptions::new(&suggestion, language), true);
                let page = page.with_challenge("<input>".to_owned()).render().unwrap();
                assert_eq!(text(blank.filled("0123456789", &offer, "once", "<input>", &visit)).await, page);
            }
        }
    }

    #[test]
    fn terms_that_look_like_a_blank_make_no_blank_page() {
        let mut rules = SignupFormConfig::default();
        rules.terms.text = "A\u{13}B".to_owned();
        assert!(PageTemplate::new(Language::English, false, &Arc::default(), &rules).is_none());
    }
}
