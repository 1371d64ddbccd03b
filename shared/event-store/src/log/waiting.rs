//! Requests that wait for the writer, and which of them the next batch takes.

use std::collections::{HashSet, VecDeque};

use tokio::sync::mpsc;

use super::batch::Job;
use super::command_handler::CommandHandler;

/// Requests that are committed together.
pub(super) type Jobs<D> = Vec<Job<D>>;

/// Takes waiting jobs, as many as fit; those that were submitted together stay so, and fit alone. Repetitions within the batch are
/// postponed.
pub(super) fn next_batch<D: CommandHandler>(
    taken: &mut VecDeque<Jobs<D>>,
    jobs: &mut mpsc::Receiver<Jobs<D>>,
    postponed: &mut VecDeque<Jobs<D>>,
    most: usize,
) -> Vec<Job<D>> {
    let (mut batch, mut ids) = (Vec::new(), HashSet::new());
    while batch.len() < most {
        let Some(together) = taken.pop_front().or_else(|| jobs.try_recv().ok()) else { break };
        let fits = batch.is_empty() || batch.len() + together.len() <= most;
        if !fits {
            postponed.push_back(together);
            break;
        }
        if together.iter().any(|job| ids.contains(&job.mark.id)) {
            postponed.push_back(together);
        } else {
            ids.extend(together.iter().map(|job| job.mark.id));
            batch.extend(together);
        }
    }
    postponed.extend(taken.drain(..));
    batch
}
