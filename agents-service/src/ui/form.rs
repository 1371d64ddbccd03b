//! A submitted form: decoded as the API's requests are, and kept to be shown again with its violations. A dot in a
//! field's name nests it, a name that ends in `[]` is a list, and a name that begins with `_` is the page's own.

use std::collections::BTreeMap;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use event_store::log::CommandMeta;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use web::http::body;
use web::http::write::command_with_key;
use web::http::{FieldErrors, IfMatch, Problem};

use crate::ui::kept::{KEPT, Keeper};
use crate::ui::reader;
use crate::ui::signed_in::SignedIn;

/// The session's form token.
pub const TOKEN: &str = "_token";
/// The idempotency key.
pub const ONCE: &str = "_once";
/// The version that the page showed.
pub const VERSION: &str = "_version";
/// The name of the button that comes back for another thing.
pub const THEN: &str = "_then";

/// The meaning of an empty field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Empty {
    /// Absent: for creating.
    Absent,
    /// An empty text: for changing.
    Text,
}

#[derive(Clone, Debug, Default)]
pub struct Form {
    pub(super) pairs: Vec<(String, String)>,
    lists: Vec<&'static str>,
    nulls: Vec<&'static str>,
    literals: Vec<&'static str>,
    keeper: Option<Keeper>,
}

impl Form {
    pub(super) fn read_from(bytes: &[u8]) -> Self {
        Self { pairs: form_urlencoded::parse(bytes).into_owned().collect(), ..Self::default() }
    }

    /// The first value of a field, trimmed; empty when it is missing.
    pub fn text(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default().trim()
    }

    /// Every value of a field.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.pairs.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The form of this session, with the passwords that it had kept and that were not typed anew.
    #[must_use]
    pub fn of_session(mut self, keeper: Keeper) -> Self {
        let is_empty = |field: &str| self.all(field).all(str::is_empty);
        let kept = self.pairs.iter().filter_map(|(name, sealed)| {
            let field = name.strip_prefix(KEPT).filter(|field| is_empty(field))?;
            Some((field.to_owned(), keeper.open(field, sealed)?))
        });
        let kept: Vec<_> = kept.collect();
        self.pairs.retain(|(name, _)| !kept.iter().any(|(field, _)| field == name));
        self.pairs.extend(kept);
        Self { keeper: Some(keeper), ..self }
    }

    /// The version that the page showed.
    pub fn version(&self) -> Result<u64, Problem> {
        self.text(VERSION).parse().map_err(|_| Problem::precondition_required())
    }

    /// The version as a precondition, if the page showed one.
    pub fn shown_version(&self) -> Result<IfMatch, Problem> {
        if self.text(VERSION).is_empty() { Ok(IfMatch::Absent) } else { Ok(IfMatch::OneOf(vec![self.version()?])) }
    }

    /// The idempotency key.
    pub fn once(&self) -> &str {
        self.text(ONCE)
    }

    /// The command of the form: the same for each repetition of the form.
    pub fn command(&self, signed_in: &SignedIn, what: &str) -> Result<CommandMeta, Problem> {
        command_with_key(&signed_in.account.actor(), what, self.once(), &self.value(Empty::Text))
    }

    /// Whether the sender wants to add another thing after this one.
    pub fn wants_another(&self) -> bool {
        self.text(THEN) == "another"
    }

    /// The form without a field, if that is empty.
    #[must_use]
    pub fn without_empty(mut self, name: &str) -> Self {
        self.pairs.retain(|(found, value)| found != name || !value.is_empty());
        self
    }

    /// The form with another value in a field.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.pairs.retain(|(found, _)| found != name);
        self.pairs.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The form with only the fields whose names begin so.
    #[must_use]
    pub fn only(mut self, beginnings: &[&str]) -> Self {
        self.pairs.retain(|(name, _)| beginnings.iter().any(|beginning| name.starts_with(beginning)));
        self
    }

    /// The form with these values in a field.
    #[must_use]
    pub fn with_all(mut self, name: &str, values: Vec<String>) -> Self {
        self.pairs.retain(|(found, _)| found != name);
        self.pairs.extend(values.into_iter().map(|value| (name.to_owned(), value)));
        self
    }

    /// The form with a list that may be empty: browsers do not send a list without a checked box.
    #[must_use]
    pub fn with_list(mut self, name: &'static str) -> Self {
        self.lists.push(name);
        self
    }

    /// The form with a field that is null when it is empty.
    #[must_use]
    pub fn with_null(mut self, name: &'static str) -> Self {
        self.nulls.push(name);
        self
    }

    /// The form with a field whose text is a number, true or false.
    #[must_use]
    pub fn with_literal(mut self, name: &'static str) -> Self {
        self.literals.push(name);
        self
    }

    /// The typed values, to be shown again.
    pub fn data(&self) -> FormData {
        FormData::of(self.pairs.clone())
    }

    /// The fields as JSON.
    pub fn value(&self, empty: Empty) -> Value {
        let mut all: Map<String, Value> =
            self.lists.iter().map(|name| (bare(name).to_owned(), Value::Array(Vec::new()))).collect();
        let fields = self.pairs.iter().filter(|(name, _)| !name.starts_with('_'));
        for (name, value) in fields.filter(|(_, value)| empty == Empty::Text || !value.trim().is_empty()) {
            let (place, list) = name.strip_suffix("[]").map_or((name.as_str(), false), |name| (name, true));
            let (folders, member) = place.rsplit_once('.').unwrap_or(("", place));
            let members =
                folders.split('.').filter(|folder| !folder.is_empty()).try_fold(&mut all, |members, folder| {
                    members.entry(folder).or_insert_with(|| Map::new().into()).as_object_mut()
                });
            let Some(members) = members else { continue };
            if list {
                let items = members.entry(member).or_insert_with(|| Value::Array(Vec::new()));
                items.as_array_mut().into_iter().for_each(|items| items.push(value.trim().into()));
            } else {
                members.insert(member.to_owned(), self.meant(name, value.trim()));
            }
        }
        Value::Object(all)
    }

    /// What the text of a field means. A literal that cannot be read stays a text, which is refused where a number belongs.
    fn meant(&self, name: &str, text: &str) -> Value {
        if text.is_empty() && self.nulls.contains(&name) {
            return Value::Null;
        }
        if is_number(name) {
            return reader::typed(text).into();
        }
        let is_plain = |value: &Value| value.is_number() || value.is_boolean();
        let literal = serde_json::from_str(text).ok().filter(|_| self.literals.contains(&name)).filter(is_plain);
        literal.unwrap_or_else(|| text.into())
    }

    /// Decodes the request, and reports every malformed field.
    pub fn read<T: DeserializeOwned + Default>(&self, empty: Empty) -> (T, FieldErrors) {
        body::read(self.value(empty))
    }
}

/// The form that the guard has decoded and checked.
#[derive(Clone, Debug)]
pub struct CsrfForm(pub Form);

impl<S: Sync> FromRequestParts<S> for CsrfForm {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.remove::<Form>().map(Self).ok_or_else(Problem::internal)
    }
}

/// Whether people type a number into the field, with their own marks: an amount, or a percentage.
fn is_number(name: &str) -> bool {
    name.ends_with(".amount") || name.ends_with("_percent")
}

/// The name of a list without its brackets.
fn bare(name: &str) -> &str {
    name.strip_suffix("[]").unwrap_or(name)
}

/// The content of a form to show: values, violations, and an error of the whole form.
#[derive(Clone, Debug, Default)]
pub struct FormData {
    values: Vec<(String, String)>,
    errors: BTreeMap<String, String>,
    pub notice: Option<String>,
    /// The thing was changed since the page showed it.
    pub is_outdated: bool,
    keeper: Option<Keeper>,
}

impl FormData {
    pub fn of(values: Vec<(String, String)>) -> Self {
        Self { values, ..Self::default() }
    }

    /// A form that shows a thing: the fields are named as [`Form::value`] reads them.
    pub fn showing(thing: &impl Serialize) -> Self {
        let mut values = Vec::new();
        spread("", &serde_json::to_value(thing).unwrap_or_default(), &mut values);
        Self::of(values)
    }

    /// Sets a field that shows nothing yet.
    pub fn set(&mut self, name: &str, value: String) {
        self.values.push((name.to_owned(), value));
    }

    /// The refused form. Problems other than the sender's mistakes are returned as errors.
    pub fn refused(form: &Form, problem: Problem) -> Result<Self, Problem> {
        if !problem.status.is_client_error() || problem.status == StatusCode::NOT_FOUND {
            return Err(problem);
        }
        let errors: BTreeMap<String, String> = problem.errors().into_iter().collect();
        let notice = match (errors.len(), problem.status) {
            (1.., _) => "Please check these fields:".to_owned(),
            (_, StatusCode::PRECONDITION_FAILED) => {
                "Somebody else changed this meanwhile. Here is what you typed.".to_owned()
            }
            _ => problem.detail().to_owned(),
        };
        let is_outdated = problem.status == StatusCode::PRECONDITION_FAILED;
        let (values, keeper) = (form.pairs.clone(), form.keeper.clone());
        Ok(Self { values, errors, notice: Some(notice), is_outdated, keeper })
    }

    /// What was typed into a field, sealed; `None` where nothing was, or where it is what was wrong.
    pub fn sealed(&self, name: &str) -> Option<String> {
        let text = Some(self.value(name)).filter(|text| !text.is_empty() && self.error(name).is_none())?;
        self.keeper.as_ref()?.seal(name, text)
    }

    /// A value as it stands in an input: what was typed, or a number as the reader would type it.
    pub fn shown(&self, name: &str) -> String {
        let value = self.value(name);
        if is_number(name) && self.notice.is_none() { reader::number(value) } else { value.to_owned() }
    }

    /// A value; empty when there is none.
    pub fn value(&self, name: &str) -> &str {
        let found = self.values.iter().find(|(found, _)| found == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    pub fn is_chosen(&self, name: &str, choice: &str) -> bool {
        self.values.iter().any(|(found, value)| found == name && value == choice)
    }

    /// The violation of a field, or of one inside it.
    pub fn error(&self, name: &str) -> Option<&str> {
        let place = bare(name);
        let inside = format!("{place}.");
        let around = |field: &str| place.strip_prefix(field).is_some_and(|rest| rest.starts_with('.'));
        let is_about = |field: &str| field == place || field.starts_with(&inside) || around(field);
        let wrong = self.errors.iter().find(|(field, _)| is_about(field));
        wrong.map(|(_, message)| message.as_str())
    }
}

/// Adds the fields that show a value.
fn spread(name: &str, value: &Value, fields: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                let name = if name.is_empty() { member.clone() } else { format!("{name}.{member}") };
                spread(&name, value, fields);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| spread(&format!("{name}[]"), item, fields)),
        Value::String(text) => fields.push((name.to_owned(), text.clone())),
        Value::Null => {}
        other => fields.push((name.to_owned(), other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn form(text: &str) -> Form {
        Form::read_from(text.as_bytes())
    }

    #[test]
    fn dots_and_brackets_make_members_and_lists() {
        let form =
            form("login=anna&contact.city=+Rome+&contact.email=&permissions%5B%5D=sales&permissions[]=groups&_token=x");
        let expected = json!({ "login": "anna", "contact": { "city": "Rome" }, "permissions": ["sales", "groups"] });
        assert_eq!(form.value(Empty::Absent), expected);
        assert_eq!(form.value(Empty::Text)["contact"]["email"], "");
    }

    #[test]
    fn a_field_that_is_a_text_and_a_folder_breaks_nothing() {
        assert_eq!(form("a=1&a.b=2").value(Empty::Absent), json!({ "a": "1" }));
    }

    #[test]
    fn a_password_is_kept_where_another_field_was_wrong() {
        let keeper = || Keeper::of_session("secret");
        let refused = |text: &str, field: &str| {
            let mut errors = FieldErrors::new();
            errors.add(field, "required", "is required");
            FormData::refused(&form(text).of_session(keeper()), Problem::validation(errors)).unwrap()
        };
        let input = refused("login=&password=correct+horse", "login").line("password", "password", "Password");
        let sealed = input.kept.unwrap();
        assert_eq!((input.value.as_str(), input.error), ("", None));
        let mut query = form_urlencoded::Serializer::new("login=anna&password=".to_owned());
        let again = query.append_pair("_kept.password", &sealed).finish();
        assert_eq!(form(&again).of_session(keeper()).text("password"), "correct horse");
        let other = again.replace("password=&", "password=another&");
        assert_eq!(form(&other).of_session(keeper()).text("password"), "another");
        assert!(form(&again).of_session(Keeper::of_session("other")).text("password").is_empty());
        let wrong = refused("login=anna&password=short", "password").line("password", "password", "Password");
        assert_eq!((wrong.kept, wrong.error.as_deref()), (None, Some("is required")));
    }

    #[test]
    fn a_refused_form_keeps_typed_values_and_shows_each_violation_at_its_field() {
        let mut errors = FieldErrors::new();
        errors.add("remittance_threshold.amount", "required", "is required");
        let data = FormData::refused(&form("login=anna&password=secret"), Problem::validation(errors)).unwrap();
        assert_eq!(data.value("login"), "anna");
        let password = data.line("password", "password", "Password");
        assert_eq!((password.value.as_str(), password.error.as_deref()), ("", Some("has to be typed again")));
        assert_eq!(data.error("remittance_threshold"), Some("is required"));
        assert_eq!(data.error("login"), None);
        assert!(FormData::refused(&form(""), Problem::unavailable()).is_err());
    }
}
