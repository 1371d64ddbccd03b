use schemars::{Schema, SchemaGenerator};
use serde_json::{Value, json};

use crate::http::query::{DEFAULT_LIMIT, MAX_LIMIT};

/// A query parameter: its name, its meaning and what it holds.
pub type Parameter = (&'static str, &'static str, Holds);

/// The parameter `limit` of every list.
pub const LIMIT: Parameter =
    ("limit", "Most items", Holds::Number { least: 1, most: MAX_LIMIT, default: DEFAULT_LIMIT });
/// The parameter `after` of every list.
pub const AFTER: Parameter = ("after", "The `next` of the page before", Holds::Text);

/// What a parameter holds.
#[derive(Clone, Copy, Debug)]
pub enum Holds {
    /// Any text.
    Text,
    /// `true` or `false`.
    Boolean,
    /// An id.
    Id,
    /// A day, such as 2026-01-31.
    Day,
    /// A time, such as 2026-01-31T09:30:00Z.
    Moment,
    /// A whole number within bounds, and the one that counts when it is absent.
    Number {
        /// The smallest.
        least: usize,
        /// The largest.
        most: usize,
        /// The one that counts when it is absent.
        default: usize,
    },
    /// One of these words.
    Word(&'static [&'static str]),
    /// Text that a regular expression describes.
    Pattern(&'static str),
    /// A word of a type.
    Type(fn(&mut SchemaGenerator) -> Schema),
}

impl Holds {
    pub(super) fn schema(self, generator: &mut SchemaGenerator) -> Value {
        match self {
            Self::Text => json!({ "type": "string" }),
            Self::Boolean => json!({ "type": "boolean" }),
            Self::Id => json!({ "type": "string", "format": "uuid" }),
            Self::Day => json!({ "type": "string", "format": "date" }),
            Self::Moment => json!({ "type": "string", "format": "date-time" }),
            Self::Number { least, most, default } => {
                json!({ "type": "integer", "minimum": least, "maximum": most, "default": default })
            }
            Self::Word(words) => json!({ "type": "string", "enum": words }),
            Self::Pattern(pattern) => json!({ "type": "string", "pattern": pattern }),
            Self::Type(schema) => schema(generator).into(),
        }
    }
}
