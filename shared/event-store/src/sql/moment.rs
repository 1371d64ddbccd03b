//! A moment as PostgreSQL's TIMESTAMPTZ: microseconds since the beginning of 2000 (UTC), in eight bytes.

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo, PgValueFormat, PgValueRef};
use sqlx::{Decode, Encode, Postgres, Type};

use contract::clock::Moment;

/// PostgreSQL's own numbers of the types TIMESTAMPTZ and TIMESTAMPTZ[].
const TIMESTAMPTZ: Oid = Oid(1184);
const TIMESTAMPTZ_ARRAY: Oid = Oid(1185);
/// Microseconds from 1970 to 2000.
const EPOCH_MICROS: i64 = 946_684_800_000_000;

#[derive(Clone, Copy, Debug)]
pub(super) struct PgMoment(pub(super) Moment);

impl Type<Postgres> for PgMoment {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(TIMESTAMPTZ)
    }

    fn compatible(kind: &PgTypeInfo) -> bool {
        kind.oid() == Some(TIMESTAMPTZ)
    }
}

impl PgHasArrayType for PgMoment {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(TIMESTAMPTZ_ARRAY)
    }
}

impl Encode<'_, Postgres> for PgMoment {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend_from_slice(&self.0.micros().saturating_sub(EPOCH_MICROS).to_be_bytes());
        Ok(IsNull::No)
    }
}

impl Decode<'_, Postgres> for PgMoment {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        match value.format() {
            PgValueFormat::Binary => {
                let micros = i64::from_be_bytes(value.as_bytes()?.try_into()?);
                Ok(Self(Moment::from_micros(micros.saturating_add(EPOCH_MICROS))))
            }
            PgValueFormat::Text => Ok(Self(Moment::from_database(value.as_str()?)?)),
        }
    }
}
