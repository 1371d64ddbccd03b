//! A table of agents as text: rows of named columns, as spreadsheets save them.

use crate::ui::form::Form;

/// Most rows of a table: their passwords are hashed while the operator waits.
pub const MAX_ROWS: usize = 200;
/// The columns, with the names of the fields that they fill.
pub const COLUMNS: [(&str, &str); 20] = [
    ("login", "login"),
    ("name", "name"),
    ("permissions", PERMISSIONS),
    ("threshold", "remittance_threshold.amount"),
    ("threshold_currency", "remittance_threshold.currency"),
    ("commission_percent", "commission_percent"),
    ("hold_days", "hold_days"),
    ("currency", "currency"),
    ("language", "language"),
    ("vat_percent", "vat_percent"),
    ("company", "contact.company"),
    ("first_name", "contact.first_name"),
    ("last_name", "contact.last_name"),
    ("address", "contact.address"),
    ("postal_code", "contact.postal_code"),
    ("city", "contact.city"),
    ("country", "contact.country"),
    ("phone", "contact.phone"),
    ("email", "contact.email"),
    ("call_plans", CALL_PLANS),
];
pub const PERMISSIONS: &str = "permissions[]";
/// The names of the plans. It is no field of an agent.
pub const CALL_PLANS: &str = "_call_plans[]";
/// What separates the values of a list.
const LIST: [char; 2] = [';', '|'];
const COMMENT: char = '#';
/// What a file of ours writes before a text that a spreadsheet would take for a formula.
const GUARDED: [&str; 6] = ["'=", "'+", "'-", "'@", "''", "'\t"];

/// A row: its line in the text, and the fields that it fills.
#[derive(Clone, Debug)]
pub struct Row {
    pub line: u64,
    pub fields: Form,
}

/// Why a text is no table of agents.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoTable {
    #[error("is empty")]
    Empty,
    #[error("must begin with the names of the columns, one of which is login")]
    NoLogin,
    #[error("has an unknown column: {0}")]
    Unknown(String),
    #[error("has the column {0} twice")]
    Twice(String),
    #[error("has more than {MAX_ROWS} rows: please split it")]
    TooLong,
    #[error("breaks off in line {0}: a quotation mark is missing, or there are too many or too few values")]
    Broken(u64),
}

/// The rows of a text. `defaults` are the fields of rows that leave them empty.
pub fn read(text: &str, defaults: &Form) -> Result<Vec<Row>, NoTable> {
    // Lines are counted by their line feeds.
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let head = text.lines().find(|line| !line.trim().is_empty()).ok_or(NoTable::Empty)?;
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.delimiter(delimiter(head)).trim(csv::Trim::All).flexible(true);
    let mut reader = reader.from_reader(text.as_bytes());
    let columns = columns(reader.headers().map_err(|error| broken(&error))?)?;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| broken(&error))?;
        let line = record.position().map_or(0, csv::Position::line);
        // The last line of a file of ours counts its rows.
        if record.iter().all(str::is_empty) || record.get(0).is_some_and(|first| first.starts_with(COMMENT)) {
            continue;
        }
        if record.len() != columns.len() {
            return Err(NoTable::Broken(line));
        }
        if rows.len() == MAX_ROWS {
            return Err(NoTable::TooLong);
        }
        let filled = columns.iter().zip(&record).filter(|(_, value)| !value.is_empty());
        let mut fields = defaults.clone();
        for (name, value) in filled {
            fields = fields.with_all(name, values(name, value));
        }
        rows.push(Row { line, fields });
    }
    if rows.is_empty() { Err(NoTable::Empty) } else { Ok(rows) }
}

/// What separates the values of a row: as spreadsheets of different countries have it.
fn delimiter(head: &str) -> u8 {
    [b'\t', b';'].into_iter().find(|mark| head.as_bytes().contains(mark)).unwrap_or(b',')
}

/// The fields of the columns, in their order.
fn columns(names: &csv::StringRecord) -> Result<Vec<&'static str>, NoTable> {
    let mut found = Vec::new();
    for name in names {
        let word = name.to_lowercase().replace([' ', '-'], "_");
        let field = COLUMNS.iter().find(|(column, _)| *column == word).map(|(_, field)| *field);
        let field = field.ok_or_else(|| NoTable::Unknown(name.to_owned()))?;
        if found.contains(&field) {
            return Err(NoTable::Twice(name.to_owned()));
        }
        found.push(field);
    }
    if found.contains(&"login") { Ok(found) } else { Err(NoTable::NoLogin) }
}

/// The values of a field: several of a list, else one.
fn values(name: &str, value: &str) -> Vec<String> {
    let value = if GUARDED.iter().any(|guarded| value.starts_with(guarded)) { &value[1..] } else { value };
    if !name.ends_with("[]") {
        return vec![value.to_owned()];
    }
    value.split(LIST).map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned).collect()
}

fn broken(error: &csv::Error) -> NoTable {
    NoTable::Broken(error.position().map_or(1, csv::Position::line))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ui::form::Empty;

    fn defaults() -> Form {
        Form::default().with("remittance_threshold.currency", "EUR").with_all(PERMISSIONS, vec!["sales".to_owned()])
    }

    #[test]
    fn rows_fill_fields_and_leave_the_rest_to_the_defaults() {
        let text = "\u{feff}Login,Name,permissions,Threshold,call_plans\r\nanna,\"Anna, Shop\",customers;sales,50,Basic|Gold\r\n\
            ,,,,\r\n# rows 2\r\nbert,'=B,,20,\r\n";
        let rows = read(text, &defaults()).unwrap();
        assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 5]);
        let expected = json!({ "login": "anna", "name": "Anna, Shop", "permissions": ["customers", "sales"],
            "remittance_threshold": { "amount": "50", "currency": "EUR" } });
        assert_eq!(rows[0].fields.value(Empty::Absent), expected);
        assert_eq!(rows[0].fields.all(CALL_PLANS).collect::<Vec<_>>(), ["Basic", "Gold"]);
        let second = rows[1].fields.value(Empty::Absent);
        assert_eq!((&second["name"], &second["permissions"]), (&json!("=B"), &json!(["sales"])));
    }

    #[test]
    fn tables_of_every_spreadsheet_are_read() {
        for text in ["login;first name\nanna;Zoë", "login\tfirst-name\nanna\tZoë\n", "\n\nLOGIN,First_Name\nanna,Zoë"]
        {
            let rows = read(text, &Form::default()).unwrap();
            assert_eq!(rows[0].fields.text("contact.first_name"), "Zoë", "{text}");
        }
    }

    #[test]
    fn a_text_that_is_no_table_says_why() {
        let fault = |text: &str| read(text, &Form::default()).map(|rows| rows.len()).unwrap_err();
        assert_eq!(fault(""), NoTable::Empty);
        assert_eq!(fault("login\n"), NoTable::Empty);
        assert_eq!(fault("name\nanna"), NoTable::NoLogin);
        assert_eq!(fault("login,pasword\nanna,x"), NoTable::Unknown("pasword".to_owned()));
        assert_eq!(fault("login,Login\nanna,x"), NoTable::Twice("Login".to_owned()));
        assert_eq!(fault("login,name\nanna,A\nbert,B,3"), NoTable::Broken(3));
        let many = format!("login\n{}", "anna\n".repeat(MAX_ROWS + 1));
        assert_eq!(fault(&many), NoTable::TooLong);
    }
}
