//! A submitted form: its values, the visitor's campaign, and whether a program filled it in.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderValue};
use contract::events::signups::Campaign;
use contract::ids::new_id;
use event_store::log::CommandMeta;
use serde_json::{Map, Value};
use web::http::Problem;
use web::http::write::{self, MAX_IDEMPOTENCY_KEY};

use crate::fields::campaign::from_link;
use crate::fields::{OPTIONAL_FIELDS, field_name};
use crate::signups::requests::SignupForm;

/// The honeypot field, which people do not see. Its name and attributes keep password managers away.
pub const TRAP: &str = "leave_this_empty";

/// The state of the honeypot field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trap {
    Empty,
    /// A robot filled it in, or a program that fills in forms for a person.
    Filled,
    /// The form had no honeypot: a person may have sent the form that was caught before.
    LeftOut,
}

/// The name of the buttons that show the form in another language. Their value says whether violations are shown.
pub const SWITCH: &str = "switch_language";
pub const CHECKED: &str = "checked";

/// The visitor only wants to read the form in another language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LanguageSwitch {
    /// The form was not sent before, or nothing was wrong with it.
    Plain,
    /// The form showed its violations.
    Checked,
}

/// The fields of the challenge: its text, its solution, and the ticket of a wait instead.
const OF_CHALLENGE: [&str; 3] = ["challenge", "solution", "wait"];

/// What a form answers its challenge with; empty where it has none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ChallengeAnswer<'a> {
    pub(super) challenge: &'a str,
    pub(super) solution: &'a str,
    pub(super) ticket: &'a str,
}

pub(super) struct SubmittedForm {
    pub(super) form: SignupForm,
    pub(super) campaign: Campaign,
    pub(super) trap: Trap,
    pub(super) switch: Option<LanguageSwitch>,
    idempotency_key: String,
    fields: BTreeMap<String, String>,
}

impl SubmittedForm {
    /// Reads the form's fields. The last of repeated fields counts, except for campaign parameters; unknown fields
    /// are ignored.
    pub(super) fn read(pairs: Vec<(String, String)>) -> Self {
        let campaign = from_link(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let fields: BTreeMap<String, String> = pairs.into_iter().collect();
        let text = |name: &str| fields.get(name).cloned().unwrap_or_default();
        let agreed = fields.contains_key("consent");
        let form = SignupForm {
            email: text("email"),
            first_name: text("first_name"),
            optional: OPTIONAL_FIELDS.into_iter().map(|field| (field, text(field_name(field)))).collect(),
            terms_version: agreed.then(|| text("terms_version")),
        };
        let trap = match fields.get(TRAP).map(String::as_str) {
            None => Trap::LeftOut,
            Some("") => Trap::Empty,
            Some(_) => Trap::Filled,
        };
        let switch = fields
            .get(SWITCH)
            .map(|value| if value == CHECKED { LanguageSwitch::Checked } else { LanguageSwitch::Plain });
        let sent = fields.get("idempotency_key").filter(|key| {
            (1..=MAX_IDEMPOTENCY_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
        });
        let idempotency_key = sent.cloned().unwrap_or_else(|| new_id().to_string());
        Self { form, campaign, trap, switch, idempotency_key, fields }
    }

    /// The key that identifies a repeated submission.
    pub(super) fn idempotency_key(&self) -> String {
        self.idempotency_key.clone()
    }

    /// What the form answers its challenge with.
    pub(super) fn answer(&self) -> ChallengeAnswer<'_> {
        let [challenge, solution, ticket] =
            OF_CHALLENGE.map(|name| self.fields.get(name).map(String::as_str).unwrap_or_default());
        ChallengeAnswer { challenge, solution, ticket }
    }

    pub(super) fn command(&self, key: &str) -> Result<CommandMeta, Problem> {
        let mut headers = HeaderMap::new();
        let idempotency_key =
            HeaderValue::from_str(&self.idempotency_key()).map_err(|error| Problem::unforeseen(&error))?;
        headers.insert("idempotency-key", idempotency_key);
        // A form that is sent again may answer another challenge.
        let fields = self.fields.iter().filter(|(name, _)| !OF_CHALLENGE.contains(&name.as_str()));
        let body: Map<String, Value> =
            fields.map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
        let command = write::command("visitor", &format!("POST /signup/{key}"), &headers, &Value::Object(body))?;
        // The page's own key makes forms distinct, whatever address sends them.
        Ok(command.within(&format!("{key} form")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(pairs: &[(&str, &str)]) -> SubmittedForm {
        SubmittedForm::read(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn without_the_tick_there_is_no_consent() {
        assert_eq!(sent(&[("terms_version", "1")]).form.terms_version, None);
        let ticked = sent(&[("terms_version", "1"), ("consent", "yes")]);
        assert_eq!(ticked.form.terms_version.as_deref(), Some("1"));
    }

    #[test]
    fn the_same_form_sent_twice_is_one_command() {
        let pairs = [("idempotency_key", "once"), ("email", "zoe@example.org")];
        let (first, second) = (sent(&pairs).command("K").unwrap(), sent(&pairs).command("K").unwrap());
        assert_eq!((first.id, first.fingerprint), (second.id, second.fingerprint));
        assert_ne!(sent(&[("email", "a")]).command("K").unwrap().id, sent(&[("email", "a")]).command("K").unwrap().id);
    }

    #[test]
    fn another_challenge_makes_no_other_command() {
        let of = |challenge| sent(&[("idempotency_key", "once"), ("challenge", challenge), ("wait", challenge)]);
        let [first, second] = ["1.2.a", "1.3.b"].map(of);
        assert_eq!(first.command("K").unwrap().fingerprint, second.command("K").unwrap().fingerprint);
        assert_eq!((first.answer().challenge, first.answer().solution, first.answer().ticket), ("1.2.a", "", "1.2.a"));
    }

    #[test]
    fn a_filled_trap_shows() {
        assert_eq!(sent(&[(TRAP, "https://example.org")]).trap, Trap::Filled);
        assert_eq!(sent(&[(TRAP, "")]).trap, Trap::Empty);
        assert_eq!(sent(&[("website", "https://example.org")]).trap, Trap::LeftOut);
    }
}
