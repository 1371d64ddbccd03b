//! The campaign parameters of the link that a visitor followed. They are kept with the placement, so they must not be
//! personal data. The page repairs bad values, so that a bad link does not cost an agent the customer; the API
//! refuses them.

use contract::events::signups::Campaign;
use contract::text::fitted;

use crate::fields::text::typed;
use crate::fields::violation::{FieldError, Violation};

/// In characters.
pub const MAX_LENGTH: usize = 200;

/// Most campaigns of each kind that are counted; visitors can make up any number. Further ones are counted without a
/// campaign.
pub const MAX_CAMPAIGNS: usize = 1_000;

pub const NAMES: [&str; 6] = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "sub_id"];

pub fn parameter<'a>(campaign: &'a mut Campaign, name: &str) -> Option<&'a mut Option<String>> {
    match name {
        "utm_source" => Some(&mut campaign.utm_source),
        "utm_medium" => Some(&mut campaign.utm_medium),
        "utm_campaign" => Some(&mut campaign.utm_campaign),
        "utm_term" => Some(&mut campaign.utm_term),
        "utm_content" => Some(&mut campaign.utm_content),
        "sub_id" => Some(&mut campaign.sub_id),
        _ => None,
    }
}

/// The campaign of a link: the first parameter of each name counts, cut to fit.
pub fn from_link<'a>(parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> Campaign {
    let mut campaign = Campaign::default();
    for (name, value) in parameters {
        if let Some(slot) = parameter(&mut campaign, name).filter(|slot| slot.is_none()) {
            *slot = Some(value).filter(|value| !is_personal(value)).and_then(|value| fitted(value, MAX_LENGTH));
        }
    }
    campaign
}

/// The campaign as it is stored, or all its violations.
pub fn checked(campaign: &Campaign) -> Result<Campaign, Vec<FieldError>> {
    let mut kept = campaign.clone();
    let mut errors = Vec::new();
    for name in NAMES {
        let Some(slot) = parameter(&mut kept, name) else { continue };
        let Some(value) = slot.take() else { continue };
        match check(&value) {
            Ok(text) => *slot = text,
            Err(violation) => errors.push(FieldError { field: format!("campaign.{name}"), violation }),
        }
    }
    if errors.is_empty() { Ok(kept) } else { Err(errors) }
}

fn check(value: &str) -> Result<Option<String>, Violation> {
    if is_personal(value) { Err(Violation::Personal) } else { typed(value, MAX_LENGTH) }
}

/// Mailing lists often put the reader's address into the link; events must not hold it.
fn is_personal(value: &str) -> bool {
    value.split_once('@').is_some_and(|(before, after)| !before.is_empty() && !after.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_links_parameters_become_the_campaign() {
        let campaign = from_link([("utm_source", "newsletter"), ("sub_id", "42"), ("colour", "red")]);
        assert_eq!(campaign.utm_source.as_deref(), Some("newsletter"));
        assert_eq!(campaign.sub_id.as_deref(), Some("42"));
    }

    #[test]
    fn a_links_first_values_are_made_to_fit_and_nothing_personal_is_kept() {
        let long = "x".repeat(MAX_LENGTH + 1);
        let campaign = from_link([
            ("utm_source", ""),
            ("utm_source", "poster"),
            ("utm_source", "radio"),
            ("utm_term", long.as_str()),
            ("utm_medium", "a\nb"),
            ("utm_content", "caf\u{fffd}"),
            ("sub_id", "zoe@example.org"),
        ]);
        let expected = Campaign {
            utm_source: Some("poster".to_owned()),
            utm_term: Some("x".repeat(MAX_LENGTH)),
            utm_medium: Some("a b".to_owned()),
            utm_content: Some("caf\u{fffd}".to_owned()),
            ..Campaign::default()
        };
        assert_eq!(campaign, expected);
    }

    #[test]
    fn the_api_reports_every_bad_parameter() {
        let campaign = Campaign {
            utm_term: Some("x".repeat(MAX_LENGTH + 1)),
            sub_id: Some("zoe@example.org".to_owned()),
            ..Campaign::default()
        };
        let errors = checked(&campaign).unwrap_err();
        let fields: Vec<_> = errors.iter().map(|error| (error.field.as_str(), error.violation)).collect();
        assert_eq!(
            fields,
            [("campaign.utm_term", Violation::TooLong(MAX_LENGTH)), ("campaign.sub_id", Violation::Personal)]
        );
    }
}
