//! Which columns of a list are shown: those that its reader chose, or all. The first one names the row, and is always there.

use crate::ui::page_query::{COLUMN, PageQuery};
use crate::ui::table::Table;

/// The columns of a list, each with whether it is shown.
#[derive(Clone, Debug, Default)]
pub struct ShownColumns(pub Vec<(&'static str, bool)>);

impl ShownColumns {
    /// Leaves the columns in a table that the query names; all where it names none.
    pub fn choose(table: &mut Table, query: &PageQuery) -> Self {
        let is_named = |column: &&str| query.all(COLUMN).any(|name| name == *column);
        let is_chosen = table.columns.iter().any(is_named);
        let is_shown =
            |(index, column): (usize, &&'static str)| (*column, !is_chosen || index == 0 || is_named(column));
        let columns = Self(table.columns.iter().enumerate().map(is_shown).collect());
        columns.leave_in(&mut table.columns);
        table.rows.iter_mut().for_each(|row| columns.leave_in(row));
        columns
    }

    fn leave_in<T>(&self, row: &mut Vec<T>) {
        let mut columns = self.0.iter();
        row.retain(|_| columns.next().is_none_or(|(_, is_shown)| *is_shown));
    }

    /// The parameters that keep the choice.
    pub fn kept(&self) -> Vec<(&'static str, String)> {
        let is_whole = self.0.iter().all(|(_, is_shown)| *is_shown);
        let shown = self.0.iter().filter(|(_, is_shown)| *is_shown && !is_whole);
        shown.map(|(column, _)| (COLUMN, (*column).to_owned())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::table::Cell;

    fn chosen(query: &str) -> (Table, ShownColumns) {
        let rows = [["Anna", "active", "7"].map(Cell::text).to_vec()];
        let mut table = Table::new("Things", ["Name", "State", "Count"], rows, "");
        let columns = ShownColumns::choose(&mut table, &PageQuery::read(query));
        (table, columns)
    }

    #[test]
    fn chosen_columns_are_shown_and_the_first_one_always() {
        let (table, columns) = chosen("column=Count&column=Secret");
        assert_eq!(table.columns, ["Name", "Count"]);
        assert_eq!(table.rows, [["Anna", "7"].map(Cell::text).to_vec()]);
        let kept: Vec<_> = columns.kept().into_iter().map(|(_, column)| column).collect();
        assert_eq!(kept, ["Name", "Count"]);
    }

    #[test]
    fn all_columns_are_shown_where_none_or_each_is_chosen() {
        for query in ["", "column=Secret", "column=Name&column=State&column=Count"] {
            let (table, columns) = chosen(query);
            assert_eq!((table.columns.len(), columns.kept().len()), (3, 0), "{query}");
        }
    }
}
