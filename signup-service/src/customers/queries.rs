//! Customer search, by default newest first: customer numbers and whole e-mail addresses use the indexes of the customers'
//! table; words of names, companies and cities, beginnings of addresses and last digits of phone numbers use the
//! index of search words. A search with very many hits reads a bounded number of the next customers per page, so
//! that no search is slow.

use contract::clock::Moment;
use contract::phone;
use event_store::has_words;
use event_store::search::{self, FEWEST_DIGITS, Found as FoundWords, ListQuery, SearchTerms};
use event_store::sql::{Database, Kind, Row, Sql, SqlError, Value};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::customers::model::EmailDigest;
use crate::customers::projection::WORDS;
use crate::customers::service::table::{self as accounts, times};
use crate::fields::{OPTIONAL_FIELDS, field_name};
use crate::keys::placed::Placed;

/// Most customers that one page reads, of a search with very many hits or of one agent's customers.
pub const MAX_LOOKED_AT: u64 = 100_000;
static GET: Sql = Sql::new(
    "SELECT (SELECT MAX(e.version) FROM events e WHERE e.stream = 'customer-' || {text_of customers.id}) AS version,
         (SELECT n.text FROM events e JOIN notes n ON n.position = e.position WHERE e.stream = 'customer-' || {text_of customers.id}
              AND e.type = 'signpost.signups.customer_erased.v1') AS erased_because, id, customer_number, key, agent_id, call_plan_id, group_id, terms_version, placed_at, erased_at, provisioned_at, failed_at,
         suspended_at, closed_at, email, first_name, last_name, phone, phone_e164, company, address, postal_code, city, state, country, language, time_zone,
         currency, vat_number
     FROM customers WHERE id = $1",
);
/// Sorts after every text with the same beginning.
const BEHIND_ALL: char = char::MAX;

static NUMBERS: Sql =
    Sql::new("SELECT id FROM customers WHERE customer_number >= $1 AND customer_number < $2 LIMIT $3");

macro_rules! customers {
    ($which:expr) => {
        concat!(
            "SELECT id, customer_number, key, agent_id, call_plan_id, group_id, placed_at, erased_at, email, first_name,
                 last_name FROM ",
            $which
        )
    };
}
/// So many customers beyond the cursor.
macro_rules! next {
    ($limit:literal, $beyond:literal, $order:literal) => {
        concat!(
            "(SELECT id, customer_number, key, agent_id, call_plan_id, group_id, placed_at, erased_at, email,
                  first_name, last_name FROM customers WHERE id ",
            $beyond,
            " $2 ORDER BY id",
            $order,
            " LIMIT ",
            $limit,
            ") AS c "
        )
    };
}
macro_rules! list {
    ($from:expr, $limit:literal, $order:literal) => {
        Sql::rows(
            concat!(
                customers!($from),
                " AND ($3 IS NULL OR agent_id = $3)",
                has_words!(4, ("c.id", "customer_id" in "customer_words")),
                " ORDER BY id", $order, " LIMIT ",
                $limit
            ),
            &[("id", Kind::Uuid)],
        )
    };
}
macro_rules! by_number {
    ($beyond:literal, $order:literal) => {
        Sql::new(customers!(concat!(
            next!("$6", $beyond, $order),
            "WHERE ($3 IS NULL OR agent_id = $3) AND customer_number >= $4 AND customer_number < $5 ORDER BY id",
            $order,
            " LIMIT $1"
        )))
    };
}
macro_rules! last_looked_at {
    ($beyond:literal, $order:literal) => {
        Sql::new(concat!(
            "SELECT id FROM customers WHERE id ",
            $beyond,
            " $1 ORDER BY id",
            $order,
            " LIMIT 1 OFFSET $2"
        ))
    };
}

/// Each for the newest first, and for the oldest first.
static AMONG_NEXT: [Sql; 2] = [
    list!(concat!(next!("$12", "<", " DESC"), "WHERE TRUE"), "$1", " DESC"),
    list!(concat!(next!("$12", ">", ""), "WHERE TRUE"), "$1", ""),
];
static AMONG: [Sql; 2] = [
    list!("customers c WHERE id {among} AND id < $2", "$12", " DESC"),
    list!("customers c WHERE id {among} AND id > $2", "$12", ""),
];
static BY_NUMBER_AMONG_NEXT: [Sql; 2] = [by_number!("<", " DESC"), by_number!(">", "")];
static LAST_LOOKED_AT: [Sql; 2] = [last_looked_at!("<", " DESC"), last_looked_at!(">", "")];
static BY_EMAIL: Sql = Sql::new(customers!("customers WHERE email_digest = $1 AND ($2 IS NULL OR agent_id = $2)"));
static BY_IDS: Sql = Sql::rows(customers!("customers WHERE id {among} ORDER BY id DESC"), &[("id", Kind::Uuid)]);

/// A customer in a list; without personal fields once erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CustomerItem {
    pub customer_id: Uuid,
    pub customer_number: String,
    pub placed_at: Moment,
    pub placement: Placed,
    pub erased_at: Option<Moment>,
    pub email: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    Everybody,
    /// The beginning of a customer number, or the end of a phone number.
    Digits(String),
    /// The beginnings of words, in any order, or of an e-mail address.
    Words(String),
}

impl Search {
    /// Classifies a typed search text.
    pub fn of(text: &str) -> Self {
        match phone::searched(text) {
            Some(digits) if digits.len() >= FEWEST_DIGITS => Self::Digits(digits),
            _ if text.trim().is_empty() => Self::Everybody,
            _ => Self::Words(text.trim().to_owned()),
        }
    }

    async fn query(&self, database: &Database, filter: &Filter) -> Result<Query, SqlError> {
        let by_words = async |text: &str| search::find_text(database, &[&WORDS.find], |row| row.uuid("id"), text).await;
        let one_more = u64::try_from(filter.limit).unwrap_or(u64::MAX - 1) + 1;
        let mut values = vec![filter.beyond(), filter.agent_id.into()];
        let mut found = match self {
            Self::Everybody => FoundWords::everything(),
            Self::Words(text) => by_words(text).await?,
            Self::Digits(digits) => {
                let terms = SearchTerms::word(digits);
                let numbers = search::find(database, &[&NUMBERS], |row| row.uuid("id"), &terms).await?;
                let Some(mut ids) = numbers.ids else {
                    // Few digits match very many numbers: read them as the beginning of a customer number.
                    values.insert(0, one_more.into());
                    values.extend([digits.into(), format!("{digits}{BEHIND_ALL}").into(), MAX_LOOKED_AT.into()]);
                    let list = ListQuery { sql: filter.ordered(&BY_NUMBER_AMONG_NEXT), ids: None, values };
                    return Ok(Query { list, looks_at: Some(MAX_LOOKED_AT) });
                };
                ids.extend(by_words(digits).await?.all().into_iter().flatten().cloned());
                FoundWords::these(ids)
            }
        };
        values.append(&mut found.rest);
        let mut list =
            ListQuery::new([&AMONG_NEXT, &AMONG].map(|both| filter.ordered(both)), found.ids, values, one_more);
        let mut looks_at = None;
        if list.ids.is_none() {
            let is_narrowed = *self != Self::Everybody || filter.agent_id.is_some();
            looks_at = is_narrowed.then_some(MAX_LOOKED_AT);
            list.values.push(looks_at.unwrap_or(one_more).into());
        }
        Ok(Query { list, looks_at })
    }
}

#[derive(Debug)]
pub struct Query {
    pub list: ListQuery,
    /// How many of the next customers the statement reads, where that may be too few for a full page.
    looks_at: Option<u64>,
}

#[derive(Clone, Debug)]
pub struct Filter {
    pub search: Search,
    /// The digest of the searched e-mail address, where the text is one.
    pub email_digest: Option<EmailDigest>,
    pub agent_id: Option<Uuid>,
    /// Who signed up first comes first.
    pub oldest_first: bool,
    /// The cursor of the previous page.
    pub after: Option<Uuid>,
    pub limit: usize,
}

impl Filter {
    fn beyond(&self) -> Value {
        self.after.unwrap_or(if self.oldest_first { Uuid::nil() } else { Uuid::max() }).into()
    }

    /// The statement of the order, of both.
    fn ordered(&self, [newest_first, oldest_first]: &'static [Sql; 2]) -> &'static Sql {
        if self.oldest_first { oldest_first } else { newest_first }
    }

    pub async fn query(&self, database: &Database) -> Result<Query, SqlError> {
        self.search.query(database, self).await
    }
}

/// A page of customers. While `next` is set there may be more, even where the page is short.
#[derive(Clone, Debug)]
pub struct Found {
    pub items: Vec<CustomerItem>,
    pub next: Option<Uuid>,
}

pub async fn search(database: &Database, filter: &Filter) -> Result<Found, SqlError> {
    if let (Some(digest), None) = (filter.email_digest, filter.after) {
        let found = database.rows(&BY_EMAIL, &[digest.into(), filter.agent_id.into()]).await?;
        if !found.is_empty() {
            return Ok(Found { items: read_all(&found)?, next: None });
        }
    }
    let Query { list, looks_at } = filter.query(database).await?;
    let mut items = read_all(&list.rows(database).await?)?;
    let next = if items.len() > filter.limit {
        items.truncate(filter.limit);
        items.last().map(|item| item.customer_id)
    } else if let Some(looks_at) = looks_at {
        let last = database.row(filter.ordered(&LAST_LOOKED_AT), &[filter.beyond(), (looks_at - 1).into()]).await?;
        last.map(|row| row.uuid("id")).transpose()?
    } else {
        None
    };
    Ok(Found { items, next })
}

/// The customers with these ids that exist.
pub async fn among(database: &Database, ids: &[Uuid]) -> Result<Vec<CustomerItem>, SqlError> {
    read_all(&database.rows_for_many(&BY_IDS, ids.iter().map(|id| vec![(*id).into()]).collect()).await?)
}

fn read_all(rows: &[Row]) -> Result<Vec<CustomerItem>, SqlError> {
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<CustomerItem, SqlError> {
    let placement = Placed {
        key: row.text("key")?,
        agent_id: row.uuid("agent_id")?,
        call_plan_id: row.uuid("call_plan_id")?,
        group_id: row.uuid("group_id")?,
    };
    Ok(CustomerItem {
        customer_id: row.uuid("id")?,
        customer_number: row.text("customer_number")?,
        placed_at: row.moment("placed_at")?,
        placement,
        erased_at: row.opt_moment("erased_at")?,
        email: row.opt_text("email")?,
        first_name: row.opt_text("first_name")?,
        last_name: row.opt_text("last_name")?,
    })
}

/// One customer as JSON; without personal fields once erased.
pub async fn get(database: &Database, id: Uuid) -> Result<Option<Json>, SqlError> {
    let Some(row) = database.row(&GET, &[id.into()]).await? else { return Ok(None) };
    let mut customer = Map::new();
    customer.insert("customer_id".to_owned(), row.uuid("id")?.to_string().into());
    customer.insert("version".to_owned(), row.opt_count("version")?.unwrap_or(0).into());
    customer.insert("customer_number".to_owned(), row.text("customer_number")?.into());
    customer.insert("placed_at".to_owned(), row.moment("placed_at")?.to_string().into());
    customer.insert("terms_version".to_owned(), row.text("terms_version")?.into());
    let placement = json!({
        "key": row.text("key")?, "agent_id": row.uuid("agent_id")?,
        "call_plan_id": row.uuid("call_plan_id")?, "group_id": row.uuid("group_id")?,
    });
    customer.insert("placement".to_owned(), placement);
    let times = times(&row)?;
    customer.insert("status".to_owned(), json!(times.status()));
    for (name, at) in [
        ("provisioned_at", times.provisioned_at),
        ("provisioning_failed_at", times.failed_at),
        ("suspended_at", times.suspended_at),
        ("closed_at", times.closed_at),
    ] {
        customer.insert(name.to_owned(), json!(at));
    }
    let accounts = accounts::of(database, id).await?.into_iter().map(|(system, account, noted_at)| {
        json!({ "system": system, "account": account.name, "details": account.details, "noted_at": noted_at })
    });
    customer.insert("accounts".to_owned(), accounts.collect());
    if let Some(erased_at) = row.opt_moment("erased_at")? {
        customer.insert("erased_at".to_owned(), erased_at.to_string().into());
        customer.insert("erased_because".to_owned(), row.opt_text("erased_because")?.into());
        return Ok(Some(customer.into()));
    }
    for field in ["email", "first_name", "phone_e164"].into_iter().chain(OPTIONAL_FIELDS.map(field_name)) {
        customer.insert(field.to_owned(), row.opt_text(field)?.into());
    }
    Ok(Some(customer.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_text_determines_the_kind_of_search() {
        let text = |text: &str| text.to_owned();
        assert_eq!(Search::of("  "), Search::Everybody);
        assert_eq!(Search::of("4821 973-06"), Search::Digits(text("482197306")));
        assert_eq!(Search::of("+49 (30) 1234"), Search::Digits(text("49301234")));
        assert_eq!(Search::of("٤٨٢١"), Search::Digits(text("4821")));
        assert_eq!(Search::of(" Zoe@Example.org"), Search::Words(text("Zoe@Example.org")));
        assert_eq!(Search::of("123"), Search::Words(text("123")));
        assert_eq!(Search::of("O'Brien 2"), Search::Words(text("O'Brien 2")));
    }
}
