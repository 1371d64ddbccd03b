//! What is counted in memory and told to the log from time to time: page views and refusals. A count that could not be told is told
//! again as the very same command, so that it is in the log once. A clean end tells what was counted; a process that is killed takes
//! the counts of the last [`TELL_EVERY`] with it.

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

/// How often what was counted is told.
pub const TELL_EVERY: Duration = Duration::from_secs(30);
/// Events that are told in one append.
const EVENTS_OF_ONE: usize = 500;

/// What is told in one append.
struct Telling {
    command: CommandMeta,
    request: Arc<dyn AnyCommand>,
}

/// The counts of this process.
pub struct Counts {
    pub views: PageViews,
    pub refusals: Refusals,
    keys: Keys,
    untold: Mutex<VecDeque<Telling>>,
}

impl Counts {
    /// Nothing is counted yet.
    pub fn new(keys: Keys) -> Self {
        Self { views: PageViews::default(), refusals: Refusals::default(), keys, untold: Mutex::default() }
    }

    /// Tells the log what was counted. What it does not take now stays, to be told the next time.
    pub async fn tell(&self, writer: &SignupWriter) {
        let mut untold = self.untold.lock().await;
        // First what is left from the last time, then what was counted since.
        for _ in 0..2 {
            if untold.is_empty() {
                *untold = self.take().await;
            }
            while let Some(telling) = untold.front() {
                match writer.submit(telling.command.clone(), telling.request.clone()).await {
                    Ok(_) => {}
                    Err(error @ (SubmitError::Full | SubmitError::Unavailable | SubmitError::Halted)) => {
                        tracing::warn!(error = %error, "counts could not be told; they are told later");
                        return;
                    }
                    Err(error) => tracing::error!(error = %error, "counts could not be told, and are given up"),
                }
                untold.pop_front();
            }
        }
    }

    /// Takes what was counted, in pieces for one append each.
    async fn take(&self) -> VecDeque<Telling> {
        let (views, mut refusals) = (self.views.take(), self.refusals.take(self.keys.checkpoint().has_seen()));
        for refused in refusals.iter_mut().filter(|refused| refused.agent_id.is_none() && !refused.key.is_empty()) {
            self.find_nearest(refused).await;
        }
        let refusals = together(refusals);
        let views = views.chunks(EVENTS_OF_ONE).map(|piece| telling(RecordPageViews(piece.into())));
        let refusals = refusals.chunks(EVENTS_OF_ONE).map(|piece| telling(RecordRefusals(piece.into())));
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

fn telling(request: impl Command) -> Telling {
    let command = CommandMeta {
        id: format!("system:counts:{}", new_id()),
        fingerprint: String::new(),
        actor: "system".to_owned(),
        cause: None,
    };
    Telling { command, request: Arc::new(request) }
}

/// Tells the log from time to time, until the task is aborted.
pub async fn tell_now_and_then(counts: Arc<Counts>, writer: SignupWriter) {
    loop {
        tokio::time::sleep(TELL_EVERY).await;
        counts.tell(&writer).await;
    }
}
