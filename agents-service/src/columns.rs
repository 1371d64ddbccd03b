//! Column formats that several tables share: JSON lists, enum values, and states by name.

use event_store::sql::{Row, SqlError};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Serialises a list for a text column.
pub fn to_json<T: Serialize>(value: &T) -> Result<String, SqlError> {
    serde_json::to_string(value).map_err(|_| SqlError::Column { column: "json".to_owned() })
}

/// Reads a list from a text column.
pub fn from_json<T: DeserializeOwned>(row: &Row, column: &str) -> Result<T, SqlError> {
    serde_json::from_str(&row.text(column)?).map_err(|_| SqlError::Column { column: column.to_owned() })
}

/// Serialises what may be absent for a text column.
pub fn opt_to_json<T: Serialize>(value: Option<&T>) -> Result<Option<String>, SqlError> {
    value.map(to_json).transpose()
}

/// Reads what may be absent from a text column.
pub fn opt_from_json<T: DeserializeOwned>(row: &Row, column: &str) -> Result<Option<T>, SqlError> {
    let read = |text: String| serde_json::from_str(&text).map_err(|_| SqlError::Column { column: column.to_owned() });
    row.opt_text(column)?.map(read).transpose()
}

/// A contract's enum value as a column stores it.
pub fn word(word: &impl Serialize) -> String {
    serde_json::to_value(word).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Reads an enum value from a column.
pub fn read_word<T: DeserializeOwned>(text: String, column: &str) -> Result<T, SqlError> {
    serde_json::from_value(text.into()).map_err(|_| SqlError::Column { column: column.to_owned() })
}

/// Declares the names of a noun's states.
macro_rules! states {
    ($(#[$meta:meta])* $name:ident { $($state:ident = $text:literal,)+ }) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "snake_case")]
        $(#[$meta])*
        pub enum $name { $($state,)+ }

        impl $name {
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$state => $text,)+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = ();

            fn from_str(text: &str) -> Result<Self, ()> {
                match text { $($text => Ok(Self::$state),)+ _ => Err(()) }
            }
        }
    };
}
pub(crate) use states;
