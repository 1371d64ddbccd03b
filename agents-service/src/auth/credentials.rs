use event_store::sql::{Database, Sql, SqlError};
use uuid::Uuid;

use crate::auth::logins::LoginDigest;
use crate::auth::passwords::PasswordHash;

/// The data to check a sign-in.
#[derive(Clone)]
pub struct Credentials {
    pub id: Uuid,
    pub password: PasswordHash,
    /// Increases when the account's sessions end. It is read with the password: a session that begins later must be
    /// of this epoch.
    pub session_epoch: u64,
}

/// The credentials that a statement finds by login.
pub async fn find(database: &Database, sql: &Sql, login: LoginDigest) -> Result<Option<Credentials>, SqlError> {
    let Some(row) = database.row(sql, &[login.into()]).await? else { return Ok(None) };
    let password = PasswordHash::stored(row.text("password_hash")?);
    Ok(Some(Credentials { id: row.uuid("id")?, password, session_epoch: row.count("session_epoch")? }))
}
