//! A view's table and its twin, in which the view is rebuilt beside the live one.

use crate::sql::Sql;

/// What a rebuild and a comparison do with one table. Made by [`view_table!`](crate::view_table).
#[derive(Debug)]
pub struct Table {
    /// The live table's name.
    pub name: &'static str,
    /// Empties the live table.
    pub clear: Sql,
    /// Empties the twin.
    pub clear_rebuild: Sql,
    /// Fills the live table from the twin.
    pub fill: Sql,
    /// Counts rows of the twin that the live table lacks or has otherwise.
    pub missing: Sql,
    /// Counts rows of the live table that the twin lacks or has otherwise.
    pub extra: Sql,
}

/// Declares a view's table by its name; a second text names the columns that a comparison looks at, where not all.
#[macro_export]
macro_rules! view_table {
    ($name:literal) => {
        $crate::view_table!($name, "*")
    };
    ($name:literal, $columns:literal) => {
        $crate::follow::Table {
            name: $name,
            clear: $crate::sql::Sql::new(concat!("DELETE FROM ", $name)),
            clear_rebuild: $crate::sql::Sql::new(concat!("DELETE FROM ", $name, "_rebuild")),
            fill: $crate::sql::Sql::new(concat!("INSERT INTO ", $name, " SELECT * FROM ", $name, "_rebuild")),
            missing: $crate::sql::Sql::new(concat!(
                "SELECT COUNT(*) AS n FROM (SELECT ",
                $columns,
                " FROM ",
                $name,
                "_rebuild EXCEPT SELECT ",
                $columns,
                " FROM ",
                $name,
                ") AS d"
            )),
            extra: $crate::sql::Sql::new(concat!(
                "SELECT COUNT(*) AS n FROM (SELECT ",
                $columns,
                " FROM ",
                $name,
                " EXCEPT SELECT ",
                $columns,
                " FROM ",
                $name,
                "_rebuild) AS d"
            )),
        }
    };
}
