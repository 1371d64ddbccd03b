//! The personal and secret data of operators: logins and password hashes. They are written in the transaction of the
//! events that they belong to, and are never in an event, a stored response or a log line.

use std::collections::BTreeSet;

use contract::clock::Moment;
use contract::roles::OperatorRole;
use event_store::log::erase_notes;
use event_store::sql::{Database, Row, Sql, SqlError, Tx};
use event_store::sql_rows;
use uuid::Uuid;

use crate::auth::credentials::{self, Credentials};
use crate::auth::logins::LoginDigest;
use crate::auth::passwords::{NO_PASSWORD, PasswordHash};
use crate::auth::saved_lists;
use crate::columns::read_word;
use crate::operators::roles;

static ERASE_OPERATOR: Sql = Sql::new(
    "UPDATE operator_accounts SET login = '', password_hash = $2, session_epoch = session_epoch + 1, last_sign_in_at = NULL
     WHERE operator_id = $1",
);

sql_rows! {
    static ADD_OPERATOR = "INSERT INTO operator_accounts ({columns}) SELECT {columns} FROM {rows}";
    fn operator_row(operator: (Uuid, &str, &PasswordHash)) {
        operator_id: Uuid = operator.0,
        login: Text = operator.1,
        password_hash: Text = operator.2.to_store(),
    }
}

static OPERATOR_COUNT: Sql = Sql::new("SELECT COUNT(*) AS n FROM operator_accounts");
static OPERATOR: Sql = Sql::new(
    "SELECT operator_id AS id, password_hash, session_epoch FROM operator_accounts
     WHERE operator_id = (SELECT account_id FROM logins WHERE digest = $1)
     AND operator_id IN (SELECT operator_id FROM active_operators)",
);
static OPERATORS: Sql = Sql::new(
    "SELECT o.operator_id, o.login, o.last_sign_in_at, a.operator_id IS NOT NULL AS active FROM operator_accounts o
     LEFT JOIN active_operators a ON a.operator_id = o.operator_id ORDER BY o.operator_id",
);
static OPERATOR_LOGIN: Sql = Sql::new("SELECT login FROM operator_accounts WHERE operator_id = $1");
static OPERATOR_ROLE: Sql = Sql::new("SELECT role FROM operator_roles WHERE operator_id = $1");
static OPERATOR_PASSWORD: Sql = Sql::new(
    "UPDATE operator_accounts SET password_hash = $2, session_epoch = session_epoch + 1 WHERE operator_id = $1",
);
static END_OPERATOR_SESSIONS: Sql =
    Sql::new("UPDATE operator_accounts SET session_epoch = session_epoch + 1 WHERE operator_id = $1");
static SIGNED_IN: Sql = Sql::new("UPDATE operator_accounts SET last_sign_in_at = $2 WHERE operator_id = $1");

/// Operators with every right who can sign in: a restored account has no password.
static ABLE_OPERATORS: Sql = Sql::new(
    "SELECT operator_id FROM operator_accounts
     WHERE operator_id IN (SELECT operator_id FROM active_operators) AND password_hash <> $1
     AND operator_id IN (SELECT operator_id FROM operator_roles WHERE role = 'everything')",
);

/// Erases an operator's personal data.
pub async fn erase_operator(tx: &mut Tx, operator_id: Uuid) -> Result<(), SqlError> {
    tx.erases();
    tx.execute(&ERASE_OPERATOR, &[operator_id.into(), NO_PASSWORD.into()]).await?;
    saved_lists::erase(tx, operator_id).await?;
    erase_notes(tx, [operator_id]).await
}

/// Adds an operator's account with the batch's next statements.
pub fn add_operator(tx: &mut Tx, operator_id: Uuid, login: &str, password: &PasswordHash) {
    tx.queue(&ADD_OPERATOR, vec![operator_row((operator_id, login, password))]);
}

pub async fn has_operators(database: &Database) -> Result<bool, SqlError> {
    Ok(database.row(&OPERATOR_COUNT, &[]).await?.map(|row| row.int("n")).transpose()?.unwrap_or(0) > 0)
}

/// The operator whose login has this digest; `None` for one who is disabled.
pub async fn operator(database: &Database, login: LoginDigest) -> Result<Option<Credentials>, SqlError> {
    credentials::find(database, &OPERATOR, login).await
}

pub async fn operator_login(database: &Database, operator_id: Uuid) -> Result<Option<String>, SqlError> {
    database.row(&OPERATOR_LOGIN, &[operator_id.into()]).await?.map(|row| row.text("login")).transpose()
}

/// The scopes of an operator; none of somebody who is no operator.
pub async fn scopes_of(database: &Database, operator_id: Uuid) -> Result<&'static [&'static str], SqlError> {
    let row = database.row(&OPERATOR_ROLE, &[operator_id.into()]).await?;
    let role: Option<OperatorRole> = row.map(|row| read_word(row.text("role")?, "role")).transpose()?;
    Ok(role.map_or(&[], roles::scopes))
}

pub async fn end_sessions_of_operator(tx: &mut Tx, operator_id: Uuid) -> Result<(), SqlError> {
    tx.execute(&END_OPERATOR_SESSIONS, &[operator_id.into()]).await.map(drop)
}

/// An operator's account, without the password.
#[derive(Clone, Debug)]
pub struct OperatorAccount {
    pub id: Uuid,
    pub login: String,
    pub is_active: bool,
    pub last_sign_in_at: Option<Moment>,
}

/// All operators, oldest first.
pub async fn operators(database: &Database) -> Result<Vec<OperatorAccount>, SqlError> {
    let read = |row: &Row| {
        Ok(OperatorAccount {
            id: row.uuid("operator_id")?,
            login: row.text("login")?,
            is_active: row.flag("active")?,
            last_sign_in_at: row.opt_moment("last_sign_in_at")?,
        })
    };
    database.rows(&OPERATORS, &[]).await?.iter().map(read).collect()
}

pub async fn able_operators(tx: &mut Tx) -> Result<BTreeSet<Uuid>, SqlError> {
    tx.rows(&ABLE_OPERATORS, &[NO_PASSWORD.into()]).await?.iter().map(|row| row.uuid("operator_id")).collect()
}

pub async fn note_sign_in(database: &Database, operator_id: Uuid, now: Moment) -> Result<(), SqlError> {
    database.execute(&SIGNED_IN, &[operator_id.into(), now.into()]).await.map(drop)
}

/// Writes an operator's new password; their sessions end.
pub async fn change_operator(tx: &mut Tx, operator_id: Uuid, password: &PasswordHash) -> Result<(), SqlError> {
    tx.execute(&OPERATOR_PASSWORD, &[operator_id.into(), password.to_store().into()]).await.map(drop)
}
