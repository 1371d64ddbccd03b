//! Parameters of statements, and the kinds of columns.

use uuid::Uuid;

use contract::clock::Moment;

/// The kind of a column. PostgreSQL has a type for each; SQLite stores identifiers as BLOB, moments and flags as
/// INTEGER.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// BIGINT.
    Int,
    /// TEXT.
    Text,
    /// UUID.
    Uuid,
    /// BYTEA.
    Bytes,
    /// TIMESTAMPTZ, to the microsecond.
    Moment,
    /// BOOLEAN.
    Flag,
}

/// A parameter of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// NULL, in a column of this kind.
    Null(Kind),
    /// BIGINT.
    Int(i64),
    /// TEXT.
    Text(String),
    /// UUID.
    Uuid(Uuid),
    /// BYTEA.
    Bytes(Vec<u8>),
    /// TIMESTAMPTZ.
    Moment(Moment),
    /// BOOLEAN.
    Flag(bool),
}

impl From<u64> for Value {
    /// Positions, versions and counts stay far below 2^63; a larger number is stored as the largest.
    fn from(number: u64) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_owned())
    }
}

impl<const LENGTH: usize> From<[u8; LENGTH]> for Value {
    fn from(bytes: [u8; LENGTH]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

macro_rules! as_is {
    ($($kind:ty => $variant:ident),+) => { $(impl From<$kind> for Value {
        fn from(value: $kind) -> Self {
            Self::$variant(value)
        }
    })+ };
}
as_is!(i64 => Int, String => Text, Uuid => Uuid, Vec<u8> => Bytes, Moment => Moment, bool => Flag);

macro_rules! optional {
    ($($kind:ty => $variant:ident),+) => { $(impl From<Option<$kind>> for Value {
        fn from(value: Option<$kind>) -> Self {
            value.map_or(Self::Null(Kind::$variant), Self::from)
        }
    })+ };
}
optional!(
    i64 => Int, u64 => Int, String => Text, &str => Text, &String => Text, Uuid => Uuid, [u8; 16] => Bytes, [u8; 32] => Bytes,
    Moment => Moment, bool => Flag
);
