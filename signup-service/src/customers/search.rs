//! Finding customers, newest first: by number and by whole e-mail address through the table's own indexes, by name and by the
//! beginning of an address among so many of the newest at a time, so that no search takes longer than a moment and signing up
//! need not keep one more index.

use schemars::JsonSchema;
use serde::Serialize;
use shared::clock::Moment;
use shared::events::agents::SignupField;
use shared::sql::{Database, Kind, Row, Sql, SqlError, Value};
use uuid::Uuid;

use super::EmailDigest;
use crate::domain::email::searched;
use crate::domain::signup::Signup;
use crate::domain::text::folded;
use crate::placements::Placed;

/// Most customers that one page of a search by name, or of one agent's customers, looks at.
pub const MAX_LOOKED_AT: u64 = 100_000;
/// Fewest digits that are taken for the beginning of a number: fewer would be that of too many.
const FEWEST_DIGITS: usize = 4;
/// Behind every text that begins like another.
const BEHIND_ALL: char = char::MAX;

macro_rules! customers {
    ($which:literal) => {
        concat!(
            "SELECT id, customer_number, key, agent_id, call_plan_id, group_id, placed_at, erased_at, email, first_name,
                 last_name FROM ",
            $which
        )
    };
}

static BY_NUMBER: Sql = Sql::new(customers!(
    "customers WHERE id < $1 AND ($2 IS NULL OR agent_id = $2) AND customer_number >= $3 AND customer_number < $4
     ORDER BY id DESC LIMIT $5"
));
static BY_EMAIL: Sql = Sql::new(customers!("customers WHERE email_digest = $1 AND ($2 IS NULL OR agent_id = $2)"));
static AMONG_NEWEST: Sql = Sql::new(customers!(
    "(SELECT id, customer_number, key, agent_id, call_plan_id, group_id, placed_at, erased_at, email,
          first_name, last_name, search FROM customers WHERE id < $1 ORDER BY id DESC LIMIT $6) AS newest
     WHERE ($2 IS NULL OR agent_id = $2)
         AND ($3 IS NULL OR search LIKE $3 ESCAPE '\\' OR search LIKE $4 ESCAPE '\\')
     ORDER BY id DESC LIMIT $5"
));
static LAST_LOOKED_AT: Sql = Sql::new("SELECT id FROM customers WHERE id < $1 ORDER BY id DESC LIMIT 1 OFFSET $2");
static BY_IDS: Sql = Sql::rows(customers!("customers WHERE id {among} ORDER BY id DESC"), &[("id", Kind::Uuid)]);

/// What a search looks through: the name in a line, the e-mail address in another.
pub(super) fn text(signup: &Signup) -> String {
    let last_name = signup.optional.get(&SignupField::LastName).into_iter();
    let name: Vec<&str> = [&signup.first_name].into_iter().chain(last_name).map(String::as_str).collect();
    format!("{}\n{}", folded(&name.join(" ")), signup.email.searched)
}

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

/// What is searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    /// Nothing: everybody is found.
    Everybody,
    /// A customer number or its beginning.
    Number(String),
    /// An e-mail address or its beginning, with the domain in its own script.
    Email(String),
    /// Part of a name, or the beginning of an e-mail address.
    Name(String),
}

impl Search {
    /// What a text that somebody typed is meant to find.
    pub fn of(text: &str) -> Self {
        let text = text.trim();
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let is_number = text.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, ' ' | '-'));
        if text.is_empty() {
            Self::Everybody
        } else if is_number && digits.len() >= FEWEST_DIGITS {
            Self::Number(digits)
        } else if text.contains('@') {
            Self::Email(searched(text))
        } else {
            Self::Name(folded(text))
        }
    }
}

/// Which customers to list.
#[derive(Clone, Debug)]
pub struct Filter {
    pub search: Search,
    /// Of the address that is searched for, where it is one.
    pub email_digest: Option<EmailDigest>,
    pub agent_id: Option<Uuid>,
    /// The cursor of the page before.
    pub after: Option<Uuid>,
    pub limit: usize,
}

/// A page of customers; with a `next` there may be more, even where the page is short.
#[derive(Clone, Debug)]
pub struct Found {
    pub items: Vec<CustomerItem>,
    pub next: Option<Uuid>,
}

/// A page of customers.
pub async fn search(database: &Database, filter: &Filter) -> Result<Found, SqlError> {
    if let (Some(digest), None) = (filter.email_digest, filter.after) {
        let found = database.rows(&BY_EMAIL, &[digest.into(), filter.agent_id.into()]).await?;
        if !found.is_empty() {
            return Ok(Found { items: read_all(&found)?, next: None });
        }
    }
    let before = filter.after.unwrap_or(Uuid::max());
    let one_more = u64::try_from(filter.limit).unwrap_or(u64::MAX - 1) + 1;
    let [before, agent_id, one_more] = [before.into(), filter.agent_id.into(), Value::from(one_more)];
    let nothing = || [Value::Null(Kind::Text), Value::Null(Kind::Text)];
    let (sql, [from, to], looks_at) = match &filter.search {
        Search::Number(number) => (&BY_NUMBER, [number.into(), format!("{number}{BEHIND_ALL}").into()], None),
        Search::Email(text) => {
            let pattern = Value::from(format!("%\n{}%", escaped(text)));
            (&AMONG_NEWEST, [pattern.clone(), pattern], Some(MAX_LOOKED_AT.into()))
        }
        Search::Name(text) => {
            let text = escaped(text);
            let patterns = [format!("%{text}%\n%").into(), format!("%\n{text}%").into()];
            (&AMONG_NEWEST, patterns, Some(MAX_LOOKED_AT.into()))
        }
        Search::Everybody if filter.agent_id.is_some() => (&AMONG_NEWEST, nothing(), Some(MAX_LOOKED_AT.into())),
        Search::Everybody => (&AMONG_NEWEST, nothing(), Some(one_more.clone())),
    };
    let mut values = vec![before.clone(), agent_id, from, to, one_more];
    values.extend(looks_at.clone());
    let mut items = read_all(&database.rows(sql, &values).await?)?;
    let next = if items.len() > filter.limit {
        items.truncate(filter.limit);
        items.last().map(|item| item.customer_id)
    } else if looks_at == Some(MAX_LOOKED_AT.into()) {
        let last = database.row(&LAST_LOOKED_AT, &[before, (MAX_LOOKED_AT - 1).into()]).await?;
        last.map(|row| row.uuid("id")).transpose()?
    } else {
        None
    };
    Ok(Found { items, next })
}

/// Those of these customers that there are.
pub async fn among(database: &Database, ids: &[Uuid]) -> Result<Vec<CustomerItem>, SqlError> {
    read_all(&database.rows_for_many(&BY_IDS, ids.iter().map(|id| vec![(*id).into()]).collect()).await?)
}

/// A text within a pattern, whatever it contains.
fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_text_says_itself_what_it_means() {
        let text = |text: &str| text.to_owned();
        assert_eq!(Search::of("  "), Search::Everybody);
        assert_eq!(Search::of("4821 973-06"), Search::Number(text("482197306")));
        assert_eq!(Search::of("Zoe@Example.org"), Search::Email(text("zoe@example.org")));
        assert_eq!(Search::of("lea@xn--mnchen-3ya.example"), Search::Email(text("lea@münchen.example")));
        assert_eq!(Search::of("lea@xn--"), Search::Email(text("lea@xn--")));
        assert_eq!(Search::of(" ZO\u{cb} "), Search::Name(text("zo\u{eb}")));
        assert_eq!(Search::of("123"), Search::Name(text("123")));
        assert_eq!(Search::of("O'Brien 2"), Search::Name(text("o'brien 2")));
    }
}
