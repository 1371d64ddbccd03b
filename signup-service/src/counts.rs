//! Page views and refusals are counted in memory and recorded in the log twice a minute, or as a setting says. Counts
//! whose append failed are sent again under the same command id, so the log holds them once. A clean shutdown records
//! everything; a killed process loses the counts since the last record.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use contract::events::signups::SignupRefused;
use contract::ids::new_id;
use event_store::log::{CommandMeta, SubmitError};
use tokio::sync::Mutex;

use crate::command::{AnyCommand, Command};
use crate::handler::SignupWriter;
use crate::keys::queries::Keys;
use crate::keys::unknown_key;
use crate::page_views::commands::RecordPageViews;
use crate::page_views::counting::PageViews;
use crate::refusals::commands::RecordRefusals;
use crate::refusals::counting::{Refusals, together};

const EVENTS_OF_ONE: usize = 500;

struct PendingRecord {
    command: CommandMeta,
    request: Arc<dyn AnyCommand>,
}

pub struct Counts {
    pub views: PageViews,
    pub refusals: Refusals,
    keys: Keys,
    unrecorded: Mutex<VecDeque<PendingRecord>>,
}

impl Counts {
    pub fn new(keys: Keys) -> Self {
        Self { views: PageViews::default(), refusals: Refusals::default(), keys, unrecorded: Mutex::default() }
    }

    /// Records the counts. What the log does not accept now is sent again the next time.
    pub async fn record(&self, writer: &SignupWriter) {
        let mut unrecorded = self.unrecorded.lock().await;
        // First the records that are still pending, then the new counts.
        for _ in 0..2 {
            if unrecorded.is_empty() {
                *unrecorded = self.take().await;
            }
            while let Some(next) = unrecorded.front() {
                match writer.submit(next.command.clone(), next.request.clone()).await {
                    Ok(_) => {}
                    Err(error @ (SubmitError::Full | SubmitError::Unavailable | SubmitError::Halted)) => {
                        tracing::warn!(error = %error, "counts could not be recorded; they are recorded later");
                        return;
                    }
                    Err(error) => tracing::error!(error = %error, "counts could not be recorded and are given up"),
                }
                unrecorded.pop_front();
            }
        }
    }

    /// Takes the counts, split into one record per append.
    async fn take(&self) -> VecDeque<PendingRecord> {
        let (views, mut refusals) = (self.views.take(), self.refusals.take(self.keys.checkpoint().has_seen()));
        for refused in refusals.iter_mut().filter(|refused| refused.agent_id.is_none() && !refused.key.is_empty()) {
            self.find_nearest(refused).await;
        }
        let refusals = together(refusals);
        let views = views.chunks(EVENTS_OF_ONE).map(|piece| pending(RecordPageViews(piece.into())));
        let refusals = refusals.chunks(EVENTS_OF_ONE).map(|piece| pending(RecordRefusals(piece.into())));
        views.chain(refusals).collect()
    }

    /// Adds the known key that is most like an unknown one. Without such a key the typed text is recorded only where
    /// it cannot be personal data.
    async fn find_nearest(&self, refused: &mut SignupRefused) {
        match self.keys.nearest(&refused.key).await {
            Ok(nearest) => refused.nearest_key = nearest,
            Err(error) => tracing::warn!(error = %error, "the most similar known key could not be found"),
        }
        if refused.nearest_key.is_none() && !unknown_key::may_be_recorded(&refused.key) {
            refused.key.clear();
        }
    }
}

fn pending(request: impl Command) -> PendingRecord {
    PendingRecord { command: CommandMeta::of_system(&format!("counts:{}", new_id()), ""), request: Arc::new(request) }
}

/// Records the counts once in each period, until the task is aborted.
pub async fn record_regularly(counts: Arc<Counts>, writer: SignupWriter, period: Duration) {
    loop {
        tokio::time::sleep(period).await;
        counts.record(&writer).await;
    }
}
