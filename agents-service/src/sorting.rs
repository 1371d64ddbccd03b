//! The order of a list by a column. Rows with the same value are in the order of their ids, so a cursor is both of them.

use event_store::sql::{Row, Sql, SqlError, Value};
use uuid::Uuid;

use crate::paging::Order;

/// A column that a list can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Column {
    #[default]
    Created,
    Name,
    Login,
}

/// The words of an order in a request, up and down.
const WORDS: [(Column, &str, &str); 3] =
    [(Column::Created, "created", "-created"), (Column::Name, "name", "-name"), (Column::Login, "login", "-login")];

/// What a list is sorted by, and which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sort {
    pub column: Column,
    pub order: Order,
}

impl Sort {
    pub const BY_NAME: Self = Self { column: Column::Name, order: Order::Ascending };
    pub const NEWEST_FIRST: Self = Self { column: Column::Created, order: Order::Descending };

    /// The order that a word asks for.
    pub fn named(word: &str) -> Option<Self> {
        let named = |(column, up, down): &(Column, &str, &str)| match word {
            word if word == *up => Some(Self { column: *column, order: Order::Ascending }),
            word if word == *down => Some(Self { column: *column, order: Order::Descending }),
            _ => None,
        };
        WORDS.iter().find_map(named)
    }

    /// The statements of this order, of those for all: up and down by `Created`, then by `Name`, then by `Login`, as far as the list
    /// has them.
    pub fn of<const N: usize>(self, statements: [&'static [Sql; N]; 2]) -> [&'static Sql; 2] {
        let column = match self.column {
            Column::Created => 0,
            Column::Name => 2,
            Column::Login => 4,
        };
        let index = column + usize::from(self.order == Order::Descending);
        statements.map(|each| each.get(index).unwrap_or(&each[0]))
    }

    /// The cursor after a row: its id and the value that it is sorted by.
    pub fn cursor(self, row: &Row, id: &str) -> Result<String, SqlError> {
        let value = match self.column {
            Column::Created => row.int("position")?.to_string(),
            Column::Name => row.text("name_sorted")?,
            Column::Login => row.text("login_sorted")?,
        };
        Ok(format!("{}.{value}", row.uuid(id)?))
    }

    /// Whether a text is a cursor of this order.
    pub fn knows(self, cursor: &str) -> bool {
        cursor.split_once('.').is_some_and(|(id, value)| {
            id.parse::<Uuid>().is_ok() && (self.column != Column::Created || value.parse::<i64>().is_ok())
        })
    }

    /// The parameters of a cursor: value and id. Without one, those before the first row.
    pub fn beyond(self, cursor: Option<&str>) -> [Value; 2] {
        let is_down = self.order == Order::Descending;
        let is_number = self.column == Column::Created;
        match cursor.and_then(|cursor| cursor.split_once('.')) {
            Some((id, value)) => {
                let value = if is_number { value.parse().unwrap_or(0_i64).into() } else { value.into() };
                [value, id.parse::<Uuid>().ok().into()]
            }
            None if is_down => {
                let last = if is_number { i64::MAX.into() } else { char::MAX.to_string().into() };
                [last, Uuid::max().into()]
            }
            None => [if is_number { 0_i64.into() } else { String::new().into() }, Uuid::nil().into()],
        }
    }
}

/// The statements of a list: up and down by each of these columns, with the id beside it. `$statement!` makes one of its beginning, its
/// limit, the condition of the cursor and the order.
macro_rules! sorted {
    ($statement:ident, $begin:literal, $limit:literal, $(($column:literal, $id:literal)),+) => {
        [$(
            $statement!($begin, $limit, concat!("(", $column, ", ", $id, ") > ($2, $3)"), concat!($column, ", ", $id)),
            $statement!($begin, $limit, concat!("(", $column, ", ", $id, ") < ($2, $3)"), concat!($column, " DESC, ", $id, " DESC")),
        )+]
    };
}
pub(crate) use sorted;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_has_a_word_and_knows_its_cursors() {
        let name = Sort::named("-name").unwrap();
        assert_eq!(name, Sort { column: Column::Name, order: Order::Descending });
        assert_eq!((Sort::named("created"), Sort::named("size")), (Some(Sort::default()), None));
        let id = Uuid::nil();
        assert!(name.knows(&format!("{id}.anna")) && !name.knows("anna"));
        assert!(Sort::default().knows(&format!("{id}.17")) && !Sort::default().knows(&format!("{id}.anna")));
    }
}
