//! Tables as CSV: UTF-8, CRLF, decimal points. The last line counts the rows, so that a file that was cut off shows.

/// A value of a column.
pub enum Value {
    /// A number or a code of the product's own, as it is.
    Bare(String),
    /// A text that somebody typed: spreadsheets must not read it as a formula.
    Typed(String),
}

/// What makes a spreadsheet read a text as a formula; the guard itself too, so that it can be taken off again.
const FORMULA: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\''];
const GUARD: char = '\'';

pub fn csv(columns: &[&str], rows: impl IntoIterator<Item = Vec<Value>>) -> String {
    let mut text = format!("{}\r\n", columns.join(","));
    let mut count = 0;
    for row in rows {
        text.push_str(&line(row));
        count += 1;
    }
    text + &last_line(count, false)
}

/// A row, or the names of the columns.
pub fn line(row: impl IntoIterator<Item = Value>) -> String {
    row.into_iter().map(field).collect::<Vec<_>>().join(",") + "\r\n"
}

/// The end of a file with so many rows.
pub fn last_line(count: usize, is_more: bool) -> String {
    format!("# rows {count}{}\r\n", if is_more { ", and there are more" } else { "" })
}

fn field(value: Value) -> String {
    let text = match value {
        Value::Typed(text) if text.starts_with(FORMULA) => format!("{GUARD}{text}"),
        Value::Typed(text) | Value::Bare(text) => text,
    };
    if text.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_texts_are_guarded_and_numbers_are_not() {
        let rows = ["=1+1", "-x", "'y", "a,\"b\"\nc", "İzmir"]
            .map(|name| vec![Value::Typed(name.to_owned()), Value::Bare("-10.00".to_owned())]);
        let text = csv(&["name", "amount"], rows);
        let lines =
            "name,amount\r\n'=1+1,-10.00\r\n'-x,-10.00\r\n''y,-10.00\r\n\"a,\"\"b\"\"\nc\",-10.00\r\nİzmir,-10.00";
        assert_eq!(text, format!("{lines}\r\n# rows 5\r\n"));
        assert_eq!(csv(&["name"], []), "name\r\n# rows 0\r\n");
    }
}
