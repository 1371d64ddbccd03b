use event_store::feed::FeedError;
use event_store::log::SubmitError;
use event_store::projections::rebuild::RebuildError;
use event_store::sql::SqlError;

use crate::auth::passwords::HashingFailed;
use crate::customers::client::CustomersError;
use crate::domain_error::DomainError;
use crate::report::font::FontError;

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Sql(#[from] SqlError),
    #[error("what commands are decided by cannot be made from the log")]
    Rebuild(#[from] RebuildError),
    #[error(transparent)]
    Hashing(#[from] HashingFailed),
    #[error("the signup service's replay endpoint")]
    Feed(#[from] FeedError),
    #[error(transparent)]
    Customers(#[from] CustomersError),
    #[error("SIGNPOST_STATEMENT_FONT")]
    Font(#[from] FontError),
    #[error(transparent)]
    Randomness(#[from] contract::ids::NoRandomness),
    #[error("the first operator, token or settings cannot be written")]
    FirstStart(#[source] SubmitError<DomainError>),
    #[error("SIGNPOST_BOOTSTRAP_PASSWORD must have 12 to 200 characters")]
    BootstrapPassword,
}
