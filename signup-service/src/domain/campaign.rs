//! Where a visitor came from, as the link that he followed says: kept with the placement, so never anything personal.
//! The page leaves out what does not fit, for a bad link must not cost an agent the customer; the API says what is wrong.

use shared::events::signups::Campaign;

use super::fault::{Fault, FieldError};
use super::text::typed;

/// The longest value, in characters.
pub const MAX_LENGTH: usize = 200;

/// The parameters, by the names they have in a URL.
pub const NAMES: [&str; 6] = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "sub_id"];

/// The parameter of that name, to be read or set.
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

/// The campaign that a link's parameters amount to, without those that do not fit.
pub fn from_link<'a>(parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> Campaign {
    let mut campaign = Campaign::default();
    for (name, value) in parameters {
        if let Some(slot) = parameter(&mut campaign, name) {
            *slot = check(value).ok().flatten();
        }
    }
    campaign
}

/// The campaign as it will be kept, or every value that does not fit.
pub fn checked(campaign: &Campaign) -> Result<Campaign, Vec<FieldError>> {
    let mut kept = campaign.clone();
    let mut errors = Vec::new();
    for name in NAMES {
        let Some(slot) = parameter(&mut kept, name) else { continue };
        let Some(value) = slot.take() else { continue };
        match check(&value) {
            Ok(text) => *slot = text,
            Err(fault) => errors.push(FieldError { field: format!("campaign.{name}"), fault }),
        }
    }
    if errors.is_empty() { Ok(kept) } else { Err(errors) }
}

fn check(value: &str) -> Result<Option<String>, Fault> {
    // Mailing lists often put the reader's address into the link; events must not carry it.
    if value.split_once('@').is_some_and(|(before, after)| !before.is_empty() && !after.is_empty()) {
        return Err(Fault::Personal);
    }
    typed(value, MAX_LENGTH)
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
    fn a_links_bad_parameters_are_left_out() {
        let long = "x".repeat(MAX_LENGTH + 1);
        let campaign = from_link([("utm_term", long.as_str()), ("utm_medium", "a\nb"), ("sub_id", "zoe@example.org")]);
        assert_eq!(campaign, Campaign::default());
    }

    #[test]
    fn the_api_is_told_every_bad_parameter() {
        let campaign = Campaign {
            utm_term: Some("x".repeat(MAX_LENGTH + 1)),
            sub_id: Some("zoe@example.org".to_owned()),
            ..Campaign::default()
        };
        let errors = checked(&campaign).unwrap_err();
        let fields: Vec<_> = errors.iter().map(|error| (error.field.as_str(), error.fault)).collect();
        assert_eq!(fields, [("campaign.utm_term", Fault::TooLong(MAX_LENGTH)), ("campaign.sub_id", Fault::Personal)]);
    }
}
