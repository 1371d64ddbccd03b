//! Whoever has a copy of a log, or followed it, can tell whether the log has lost events.

use std::sync::Arc;

use futures::future::BoxFuture;

/// Asks whoever knows what the log should have.
pub type Witness = Arc<dyn Fn() -> BoxFuture<'static, Testimony> + Send + Sync>;

/// What a witness says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Testimony {
    /// It knows of nothing that the log lacks, or does not answer: nothing speaks against appending.
    Nothing,
    /// It is not there to be asked. Nothing speaks against appending, and it is asked before the next batch again.
    Absent,
    /// Why nothing may be appended.
    Against(String),
}

/// Several witnesses as one; what the first says against the log decides.
pub fn all_of(witnesses: Vec<Witness>) -> Witness {
    Arc::new(move || {
        let witnesses = witnesses.clone();
        Box::pin(async move {
            let mut testimony = Testimony::Nothing;
            for witness in witnesses {
                match witness().await {
                    Testimony::Nothing => {}
                    Testimony::Absent => testimony = Testimony::Absent,
                    against @ Testimony::Against(_) => return against,
                }
            }
            testimony
        })
    })
}
