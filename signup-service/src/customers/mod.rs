//! Customers: the one table with personal data. Its statements are set-based; who may read or erase is decided elsewhere.
//! Erasing leaves the placement, so that the agent's figures stay.

pub mod search;

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value as Json, json};
use shared::clock::Moment;
use shared::events::agents::SignupField;
use shared::sql::{Asked, Database, Kind, Sql, SqlError, Tx, Value};
use uuid::Uuid;

use crate::domain::signup::{OPTIONAL_FIELDS, Signup, field_name};
use crate::domain::text::folded;

static ADD: Sql = Sql::rows(
    "INSERT INTO customers (id, customer_number, key, agent_id, call_plan_id, group_id, terms_version, placed_at, email,
         email_key, first_name, last_name, name_folded, phone, company, address, postal_code, city, state, country,
         language, time_zone, currency, vat_number)
     SELECT id, customer_number, key, agent_id, call_plan_id, group_id, terms_version, placed_at, email,
         email_key, first_name, last_name, name_folded, phone, company, address, postal_code, city, state, country,
         language, time_zone, currency, vat_number FROM {rows}",
    &[
        ("id", Kind::Text),
        ("customer_number", Kind::Text),
        ("key", Kind::Text),
        ("agent_id", Kind::Text),
        ("call_plan_id", Kind::Text),
        ("group_id", Kind::Text),
        ("terms_version", Kind::Text),
        ("placed_at", Kind::Int),
        ("email", Kind::Text),
        ("email_key", Kind::Text),
        ("first_name", Kind::Text),
        ("last_name", Kind::Text),
        ("name_folded", Kind::Text),
        // In the order of `OPTIONAL_FIELDS`.
        ("phone", Kind::Text),
        ("company", Kind::Text),
        ("address", Kind::Text),
        ("postal_code", Kind::Text),
        ("city", Kind::Text),
        ("state", Kind::Text),
        ("country", Kind::Text),
        ("language", Kind::Text),
        ("time_zone", Kind::Text),
        ("currency", Kind::Text),
        ("vat_number", Kind::Text),
    ],
);
static COUNT: Sql = Sql::rows(
    "INSERT INTO key_usage (key, placed, cap) SELECT key, placed, cap FROM {rows} WHERE true
     ON CONFLICT (key) DO UPDATE SET placed = key_usage.placed + excluded.placed",
    &[("key", Kind::Text), ("placed", Kind::Int), ("cap", Kind::Int)],
);
static TAKEN_EMAILS: Sql =
    Sql::rows("SELECT email_key AS taken FROM customers WHERE email_key {among}", &[("email_key", Kind::Text)]);
static TAKEN_NUMBERS: Sql = Sql::rows(
    "SELECT customer_number AS taken FROM customers WHERE customer_number {among}",
    &[("customer_number", Kind::Text)],
);
static ERASABLE: Sql =
    Sql::rows("SELECT id, agent_id, erased_at FROM customers WHERE id {among}", &[("id", Kind::Text)]);
static ERASE: Sql = Sql::rows(
    "UPDATE customers SET erased_at = (SELECT r.erased_at FROM {rows} WHERE r.id = customers.id), email = NULL,
         email_key = NULL, first_name = NULL, last_name = NULL, name_folded = NULL, phone = NULL, company = NULL,
         address = NULL, postal_code = NULL, city = NULL, state = NULL, country = NULL, language = NULL, time_zone = NULL,
         currency = NULL, vat_number = NULL
     WHERE id {among}",
    &[("id", Kind::Text), ("erased_at", Kind::Int)],
);
static GET: Sql = Sql::new(
    "SELECT id, customer_number, key, agent_id, call_plan_id, group_id, terms_version, placed_at, erased_at, email,
         first_name, last_name, phone, company, address, postal_code, city, state, country, language, time_zone,
         currency, vat_number
     FROM customers WHERE id = $1",
);

/// A customer as placed.
#[derive(Clone, Debug)]
pub struct NewCustomer<'a> {
    pub id: Uuid,
    pub customer_number: &'a str,
    pub key: &'a str,
    pub agent_id: Uuid,
    pub call_plan_id: Uuid,
    pub group_id: Uuid,
    pub placed_at: Moment,
    /// The key's cap, for which its customers are counted.
    pub cap: Option<u64>,
    pub signup: &'a Signup,
}

/// What an erasure must know.
#[derive(Clone, Copy, Debug)]
pub struct Erasable {
    pub agent_id: Uuid,
    pub erased: bool,
}

/// Asks which of these e-mail keys are taken.
pub fn ask_taken_emails<'a>(tx: &mut Tx, emails: impl Iterator<Item = &'a str>) -> Asked {
    tx.ask(&TAKEN_EMAILS, emails.map(|email| vec![email.into()]).collect())
}

/// Asks which of these customer numbers are taken.
pub fn ask_taken_numbers<'a>(tx: &mut Tx, numbers: impl Iterator<Item = &'a str>) -> Asked {
    tx.ask(&TAKEN_NUMBERS, numbers.map(|number| vec![number.into()]).collect())
}

/// Which are.
pub async fn taken(tx: &mut Tx, asked: Asked) -> Result<HashSet<String>, SqlError> {
    tx.answer(asked).await?.iter().map(|row| row.text("taken")).collect()
}

/// Stores customers and counts them for those keys that have a cap, with what the batch writes next.
pub fn add(tx: &mut Tx, customers: &[NewCustomer<'_>]) {
    let mut placed: HashMap<(&str, u64), u64> = HashMap::new();
    for (customer, cap) in customers.iter().filter_map(|customer| Some((customer, customer.cap?))) {
        *placed.entry((customer.key, cap)).or_default() += 1;
    }
    tx.queue(&ADD, customers.iter().map(customer_row).collect());
    let counts = placed.into_iter().map(|((key, cap), count)| vec![key.into(), count.into(), cap.into()]).collect();
    tx.queue(&COUNT, counts);
}

fn customer_row(customer: &NewCustomer<'_>) -> Vec<Value> {
    let signup = customer.signup;
    let mut row = vec![
        customer.id.into(),
        customer.customer_number.into(),
        customer.key.into(),
        customer.agent_id.into(),
        customer.call_plan_id.into(),
        customer.group_id.into(),
        Value::from(&signup.terms_version),
        customer.placed_at.into(),
        Value::from(&signup.email.address),
        Value::from(&signup.email.key),
        Value::from(&signup.first_name),
        Value::from(&signup.last_name),
        folded(&format!("{} {}", signup.first_name, signup.last_name)).into(),
    ];
    row.extend(OPTIONAL_FIELDS.into_iter().map(|field| optional(signup, field)));
    row
}

fn optional(signup: &Signup, field: SignupField) -> Value {
    signup.optional.get(&field).map_or(Value::Null, Value::from)
}

/// Asks for the customers that are to be erased.
pub fn ask_erasable(tx: &mut Tx, ids: impl Iterator<Item = Uuid>) -> Asked {
    tx.ask(&ERASABLE, ids.map(|id| vec![id.into()]).collect())
}

/// What is known of them.
pub async fn erasable(tx: &mut Tx, asked: Asked) -> Result<HashMap<Uuid, Erasable>, SqlError> {
    let found = tx.answer(asked).await?;
    let known = found.iter().map(|row| {
        let erasable = Erasable { agent_id: row.parsed("agent_id")?, erased: row.opt_int("erased_at")?.is_some() };
        Ok((row.parsed("id")?, erasable))
    });
    known.collect()
}

/// Forgets everything personal of these customers, with what the batch writes next.
pub fn erase(tx: &mut Tx, ids: impl Iterator<Item = Uuid>, now: Moment) {
    tx.queue(&ERASE, ids.map(|id| vec![id.into(), now.into()]).collect());
}

/// One customer as JSON; without personal fields once erased.
pub async fn get(database: &Database, id: Uuid) -> Result<Option<Json>, SqlError> {
    let Some(row) = database.row(&GET, &[id.into()]).await? else { return Ok(None) };
    let mut customer = Map::new();
    customer.insert("customer_id".to_owned(), row.text("id")?.into());
    customer.insert("customer_number".to_owned(), row.text("customer_number")?.into());
    customer.insert("placed_at".to_owned(), row.moment("placed_at")?.to_string().into());
    customer.insert("terms_version".to_owned(), row.text("terms_version")?.into());
    let placement = json!({
        "key": row.text("key")?, "agent_id": row.text("agent_id")?,
        "call_plan_id": row.text("call_plan_id")?, "group_id": row.text("group_id")?,
    });
    customer.insert("placement".to_owned(), placement);
    if let Some(erased_at) = row.opt_moment("erased_at")? {
        customer.insert("erased_at".to_owned(), erased_at.to_string().into());
        return Ok(Some(customer.into()));
    }
    for field in ["email", "first_name", "last_name"].into_iter().chain(OPTIONAL_FIELDS.map(field_name)) {
        customer.insert(field.to_owned(), row.opt_text(field)?.into());
    }
    Ok(Some(customer.into()))
}
