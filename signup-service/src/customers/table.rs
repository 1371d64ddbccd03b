//! The customers' table beside the log, by set-based statements. Whether a customer may be read or erased is decided
//! elsewhere.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use contract::clock::Moment;
use contract::events::agents::SignupField;
use contract::phone::e164;
use event_store::log::{Secret, queue_erasure_of_notes};
use event_store::sql::{Kind, QueuedQuery, Sql, SqlError, Tx, Value};
use event_store::sql_rows;
use uuid::Uuid;

use crate::confirmations::table as confirmations;
use crate::customers::model::{Customer, EmailDigest, Personal, SHOWN_STREAMS, shown_stream};
use crate::customers::projection;
use crate::customers::service::model::Service;
use crate::customers::service::table::{self as accounts, times};
use crate::fields::{OPTIONAL_FIELDS, field_name};

sql_rows! {
    static ADD = "INSERT INTO customers ({columns}) SELECT {columns} FROM {rows}";
    pub(super) fn customer_row(customer: &NewCustomer<'_>) {
        id: Uuid = customer.id,
        customer_number: Text = customer.customer_number,
        key: Text = customer.key,
        agent_id: Uuid = customer.agent_id,
        call_plan_id: Uuid = customer.call_plan_id,
        group_id: Uuid = customer.group_id,
        terms_version: Text = customer.terms_version,
        placed_at: Moment = customer.placed_at,
        email_digest: Bytes = customer.email_digest,
        email: Text = customer.email,
        first_name: Text = customer.first_name,
        last_name: Text = customer.optional(SignupField::LastName),
        phone: Text = customer.optional(SignupField::Phone),
        phone_e164: Text = customer.phone_e164(),
        company: Text = customer.optional(SignupField::Company),
        address: Text = customer.optional(SignupField::Address),
        postal_code: Text = customer.optional(SignupField::PostalCode),
        city: Text = customer.optional(SignupField::City),
        state: Text = customer.optional(SignupField::State),
        country: Text = customer.optional(SignupField::Country),
        language: Text = customer.optional(SignupField::Language),
        time_zone: Text = customer.optional(SignupField::TimeZone),
        currency: Text = customer.optional(SignupField::Currency),
        vat_number: Text = customer.optional(SignupField::VatNumber),
    }
}
static TAKEN_EMAILS: Sql =
    Sql::rows("SELECT email_digest, id FROM customers WHERE email_digest {among}", &[("email_digest", Kind::Bytes)]);
static TAKEN_NUMBERS: Sql = Sql::rows(
    "SELECT customer_number FROM customers WHERE customer_number {among}",
    &[("customer_number", Kind::Text)],
);
static SHOWN_NUMBERS: Sql = Sql::rows("SELECT stream FROM events WHERE stream {among}", &[("stream", Kind::Text)]);
static KNOWN: Sql = Sql::rows(
    "SELECT id, agent_id, COALESCE(erased_at, lost_at) AS erased_at, provisioned_at, failed_at, suspended_at, closed_at, email_digest, email, first_name, last_name, phone, company, address, postal_code,
         city, state, country, language, time_zone, currency, vat_number,
         (SELECT MAX(e.version) FROM events e WHERE e.stream = 'customer-' || {text_of customers.id}) AS version
     FROM customers WHERE id {among}",
    &[("id", Kind::Uuid)],
);
sql_rows! {
    static CORRECT = "UPDATE customers AS c SET email_digest = r.email_digest, email = r.email,
             first_name = r.first_name, last_name = r.last_name, phone = r.phone, phone_e164 = r.phone_e164, company = r.company,
             address = r.address, postal_code = r.postal_code, city = r.city, state = r.state, country = r.country,
             language = r.language, time_zone = r.time_zone, currency = r.currency, vat_number = r.vat_number
         FROM {rows} WHERE c.id = r.id";
    pub(super) fn corrected_row(one: (Uuid, &Corrected<'_>)) {
        id: Uuid = one.0,
        email_digest: Bytes = one.1.email_digest,
        email: Text = one.1.personal.get("email"),
        first_name: Text = one.1.personal.get("first_name"),
        last_name: Text = one.1.personal.get("last_name"),
        phone: Text = one.1.personal.get("phone"),
        phone_e164: Text = one.1.phone_e164(),
        company: Text = one.1.personal.get("company"),
        address: Text = one.1.personal.get("address"),
        postal_code: Text = one.1.personal.get("postal_code"),
        city: Text = one.1.personal.get("city"),
        state: Text = one.1.personal.get("state"),
        country: Text = one.1.personal.get("country"),
        language: Text = one.1.personal.get("language"),
        time_zone: Text = one.1.personal.get("time_zone"),
        currency: Text = one.1.personal.get("currency"),
        vat_number: Text = one.1.personal.get("vat_number"),
    }
}
/// Takes everything personal away, and notes in a column when that was.
macro_rules! forget {
    ($column:literal) => {
        Sql::rows(
            concat!(
                "UPDATE customers SET ", $column, " = (SELECT r.", $column, " FROM {rows} WHERE r.id = customers.id), email = NULL,
                     email_digest = NULL, first_name = NULL, last_name = NULL, phone = NULL, phone_e164 = NULL, company = NULL,
                     address = NULL, postal_code = NULL, city = NULL, state = NULL, country = NULL, language = NULL,
                     time_zone = NULL, currency = NULL, vat_number = NULL
                 WHERE id {among}"
            ),
            &[("id", Kind::Uuid), ($column, Kind::Moment)],
        )
    };
}
pub(super) static ERASE: Sql = forget!("erased_at");
// A table from an older backup may hold personal data that the log declares lost.
pub(super) static SETTLE_LOST: Sql = forget!("lost_at");

#[derive(Clone, Debug)]
pub struct NewCustomer<'a> {
    pub id: Uuid,
    pub customer_number: &'a str,
    pub key: &'a str,
    pub agent_id: Uuid,
    pub call_plan_id: Uuid,
    pub group_id: Uuid,
    pub placed_at: Moment,
    pub terms_version: &'a str,
    pub email_digest: EmailDigest,
    pub email: &'a str,
    pub first_name: &'a str,
    pub optional: &'a BTreeMap<SignupField, String>,
}

impl NewCustomer<'_> {
    fn optional(&self, field: SignupField) -> Option<&String> {
        self.optional.get(&field)
    }

    fn phone_e164(&self) -> Option<String> {
        e164(self.optional(SignupField::Phone)?, self.optional(SignupField::Country).map(String::as_str))
    }
}

/// The digest of an address; `key` is the same for all spellings of one address.
pub fn email_digest(secret: &Secret, key: &str) -> EmailDigest {
    secret.digest("e-mail", key)
}

/// A customer's personal data after a correction.
#[derive(Clone, Debug)]
pub struct Corrected<'a> {
    pub email_digest: Option<EmailDigest>,
    pub personal: &'a Personal,
}

impl Corrected<'_> {
    fn phone_e164(&self) -> Option<String> {
        e164(self.personal.get("phone")?, self.personal.get("country").map(String::as_str))
    }
}

/// Queues the query which of these e-mail addresses are taken.
pub fn query_taken_emails(tx: &mut Tx, emails: impl Iterator<Item = EmailDigest>) -> QueuedQuery {
    tx.query(&TAKEN_EMAILS, emails.map(|email| vec![email.into()]).collect())
}

/// Queues the queries which of these customer numbers are taken, by customers or as decoys.
pub fn query_taken_numbers(tx: &mut Tx, numbers: &[&str]) -> [QueuedQuery; 2] {
    let of_customers = numbers.iter().map(|number| vec![(*number).into()]).collect();
    let shown = numbers.iter().map(|number| vec![shown_stream(number).into()]).collect();
    [tx.query(&TAKEN_NUMBERS, of_customers), tx.query(&SHOWN_NUMBERS, shown)]
}

/// The taken addresses, each with the customer who has it.
pub async fn taken_emails(tx: &mut Tx, query: QueuedQuery) -> Result<HashMap<EmailDigest, Uuid>, SqlError> {
    tx.read_queued(query).await?.iter().map(|row| Ok((row.array("email_digest")?, row.uuid("id")?))).collect()
}

pub async fn taken_numbers(tx: &mut Tx, [customers, shown]: [QueuedQuery; 2]) -> Result<HashSet<String>, SqlError> {
    let customers = tx.read_queued(customers).await?;
    let customers = customers.iter().map(|row| row.text("customer_number"));
    let shown = tx.read_queued(shown).await?;
    let shown = shown.iter().map(|row| Ok(row.text("stream")?.trim_start_matches(SHOWN_STREAMS).to_owned()));
    customers.chain(shown).collect()
}

/// Refuses the batch if one of these addresses or numbers is taken.
pub fn unless_taken(tx: &mut Tx, emails: impl Iterator<Item = EmailDigest>, numbers: impl Iterator<Item = String>) {
    tx.unless(&TAKEN_EMAILS, emails.map(|email| vec![email.into()]).collect());
    tx.unless(&TAKEN_NUMBERS, numbers.map(|number| vec![number.into()]).collect());
}

/// Adds customers, each a [`customer_row`], with the batch's next statements.
pub(super) fn add(tx: &mut Tx, rows: Vec<Vec<Value>>) {
    tx.queue(&ADD, rows);
}

pub fn query_known(tx: &mut Tx, ids: impl Iterator<Item = Uuid>) -> QueuedQuery {
    tx.query(&KNOWN, ids.map(|id| vec![id.into()]).collect())
}

pub async fn known(tx: &mut Tx, query: QueuedQuery) -> Result<HashMap<Uuid, Customer>, SqlError> {
    let found = tx.read_queued(query).await?;
    let known = found.iter().map(|row| {
        let mut personal = Personal::new();
        for name in ["email", "first_name"].into_iter().chain(OPTIONAL_FIELDS.map(field_name)) {
            personal.extend(row.opt_text(name)?.map(|text| (name, text)));
        }
        let customer = Customer {
            agent_id: row.uuid("agent_id")?,
            erased: row.opt_moment("erased_at")?.is_some(),
            version: row.opt_count("version")?.unwrap_or(0),
            email_digest: row.opt_bytes("email_digest")?.and_then(|digest| digest.try_into().ok()),
            personal,
            service: Service { times: times(row)?, accounts: BTreeMap::new() },
            claimed: None,
        };
        Ok((row.uuid("id")?, customer))
    });
    known.collect()
}

/// Writes corrected customers, each a [`corrected_row`], with the batch's next statements, and removes their old
/// search words in the same transaction.
pub(super) fn correct(tx: &mut Tx, rows: BTreeMap<Uuid, Vec<Value>>) {
    projection::forget(tx, rows.keys().copied());
    tx.queue(&CORRECT, rows.into_values().collect());
}

/// Erases the personal data of these customers, with the batch's next statements.
pub fn erase(tx: &mut Tx, ids: &BTreeSet<Uuid>, now: Moment) {
    forget(tx, &ERASE, ids, now);
}

/// Records that the personal data of these customers were lost, with the batch's next statements.
pub fn settle_lost(tx: &mut Tx, ids: &BTreeSet<Uuid>, now: Moment) {
    forget(tx, &SETTLE_LOST, ids, now);
}

fn forget(tx: &mut Tx, sql: &'static Sql, ids: &BTreeSet<Uuid>, now: Moment) {
    projection::forget(tx, ids.iter().copied());
    confirmations::forget(tx, ids.iter().copied());
    accounts::forget(tx, ids.iter().copied());
    queue_erasure_of_notes(tx, ids.iter().copied());
    tx.queue(sql, ids.iter().map(|id| vec![(*id).into(), now.into()]).collect());
}
