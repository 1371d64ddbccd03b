//! Page views and refusals are counted in memory and recorded in the log twice a minute, or as a setting says. Counts that the log did not take are recorded
//! again as the same command, so that they are in the log once. A clean end records what was counted; a killed process loses what it
//! counted since the last record.

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

/// Events of one append.
const EVENTS_OF_ONE: usize = 500;

/// What one append records.
struct PendingRecord {
    command: CommandMeta,
    request: Arc<dyn AnyCommand>,
}

/// The counts of this process.
pub struct Counts {
    pub views: PageViews,
    pub refusals: Refusals,
    keys: Keys,
    unrecorded: Mutex<VecDeque<PendingRecord>>,
}

impl Counts {
    /// Nothing is counted yet.
    pub fn new(keys: Keys) -> Self {
        Self { views: PageViews::default(), refusals: Refusals::default(), keys, unrecorded: Mutex::default() }
    }

    /// Records what was counted. What the log does not take now is recorded the next time.
    pub async fn record(&self, writer: &SignupWriter) {
        let mut unrecorded = self.unrecorded.lock().await;
        // First what is left from the last time, then what was counted since.
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

    /// Takes what was counted, in pieces for one append each.
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

    /// Adds the known key that is most like an unknown one. Where there is none, or none is found now, the text is told only where it
    /// cannot be personal.
    async fn find_nearest(&self, refused: &mut SignupRefused) {
        match self.keys.nearest(&refused.key).await {
            Ok(nearest) => refused.nearest_key = nearest,
            Err(error) => tracing::warn!(error = %error, "the key that is most like an unknown one could not be found"),
        }
        if refused.nearest_key.is_none() && !unknown_key::may_be_told(&refused.key) {
            refused.key.clear();
        }
    }
}

fn pending(request: impl Command) -> PendingRecord {
    let command = CommandMeta {
        id: format!("system:counts:{}", new_id()),
        fingerprint: String::new(),
        actor: "system".to_owned(),
        cause: None,
    };
    PendingRecord { command, request: Arc::new(request) }
}

/// Records once in each period, until the task is aborted.
pub async fn record_regularly(counts: Arc<Counts>, writer: SignupWriter, period: Duration) {
    loop {
        tokio::time::sleep(period).await;
        counts.record(&writer).await;
    }
}
