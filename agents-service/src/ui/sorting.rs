//! Heads of columns that sort a list.

use crate::ui::page_query::with_query;

/// A column that a list can be sorted by, with the words of both orders.
#[derive(Clone, Copy, Debug)]
pub struct Sorting {
    pub column: &'static str,
    pub up: &'static str,
    pub down: &'static str,
}

/// How a list can be sorted.
#[derive(Clone, Copy, Debug, Default)]
pub struct SortedBy {
    pub columns: &'static [Sorting],
    /// The word of its order where none is asked for.
    pub otherwise: &'static str,
}

/// The column of a time at which rows came to be.
pub const fn by_time(column: &'static str) -> Sorting {
    Sorting { column, up: "created", down: "-created" }
}

/// The column of names.
pub const fn by_name(column: &'static str) -> Sorting {
    Sorting { column, up: "name", down: "-name" }
}

/// The head of a column that sorts.
#[derive(Clone, Debug)]
pub struct Head {
    /// The link to the list in the order that the head gives it.
    pub href: String,
    /// The current order, as `aria-sort` names it.
    pub order: &'static str,
}

/// The heads of the columns, in their order; `None` for one that does not sort.
pub fn heads(
    place: &str,
    sorted: SortedBy,
    columns: &[&str],
    asked: Option<&str>,
    filters: impl Fn() -> Vec<(&'static str, String)>,
) -> Vec<Option<Head>> {
    let head = |sorting: &Sorting| {
        let (order, word) = match asked.unwrap_or(sorted.otherwise) {
            word if word == sorting.up => ("ascending", sorting.down),
            word if word == sorting.down => ("descending", sorting.up),
            _ => ("none", sorting.up),
        };
        Head { href: with_query(place, filters(), vec![("sort", word.to_owned())]), order }
    };
    columns.iter().map(|column| sorted.columns.iter().find(|sorting| sorting.column == *column).map(head)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_sorts_and_then_turns_the_order() {
        const SORTED: SortedBy = SortedBy { columns: &[by_name("Name")], otherwise: "-created" };
        let of = |asked| {
            let heads = heads("/things", SORTED, &["Name", "State"], asked, || vec![("state", "active".to_owned())]);
            assert!(heads[1].is_none());
            heads[0].clone().map(|head| (head.href, head.order)).unwrap()
        };
        assert_eq!(of(None), ("/things?state=active&sort=name".to_owned(), "none"));
        assert_eq!(of(Some("name")), ("/things?state=active&sort=-name".to_owned(), "ascending"));
        assert_eq!(of(Some("-name")), ("/things?state=active&sort=name".to_owned(), "descending"));
    }
}
