//! A client's own record of its writes. Each has a unique marker, so the log shows how often the write was stored:
//! once if it was acknowledged, at most once if it was not.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Error, Result, ensure};

use crate::events::Log;
use crate::locked;

const PREFIX: &str = "mark-";

/// The kinds of writes, by their events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    Group,
    Signup,
}

impl Write {
    fn event(self) -> &'static str {
        match self {
            Self::Group => "group_created",
            Self::Signup => "customer_placed",
        }
    }
}

#[derive(Default)]
pub struct Journal {
    entries: Mutex<BTreeMap<String, Entry>>,
    failure: Mutex<Option<String>>,
}

struct Entry {
    write: Write,
    acknowledged: Option<Acknowledged>,
}

struct Acknowledged {
    /// The id in the response.
    id: String,
    at: Instant,
}

impl Journal {
    /// Records an attempt and returns its marker.
    pub fn attempt(&self, write: Write) -> String {
        // One counter for all journals, since a marker is also the Idempotency-Key.
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let marker = format!("{PREFIX}{}-", NEXT.fetch_add(1, Ordering::Relaxed));
        locked(&self.entries).insert(marker.clone(), Entry { write, acknowledged: None });
        marker
    }

    /// Records an acknowledgement with its id.
    pub fn acknowledge(&self, marker: &str, id: &str) {
        if let Some(entry) = locked(&self.entries).get_mut(marker) {
            entry.acknowledged = Some(Acknowledged { id: id.to_owned(), at: Instant::now() });
        }
    }

    /// Records a fatal error of a client.
    pub fn fail(&self, error: &Error) {
        locked(&self.failure).get_or_insert_with(|| format!("{error:#}"));
    }

    pub fn failure(&self) -> Option<String> {
        locked(&self.failure).clone()
    }

    pub fn acknowledged(&self) -> usize {
        locked(&self.entries).values().filter(|entry| entry.acknowledged.is_some()).count()
    }

    pub fn attempted(&self) -> usize {
        locked(&self.entries).len()
    }

    /// A line about the acknowledged writes of a kind: count, rate, and the longest gap, which is the services' time
    /// of recovery.
    pub fn pace(&self, write: Write) -> String {
        let entries = locked(&self.entries);
        let of_kind = entries.values().filter(|entry| entry.write == write);
        let mut times: Vec<_> = of_kind.filter_map(|entry| Some(entry.acknowledged.as_ref()?.at)).collect();
        times.sort_unstable();
        let longest = times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default();
        let (count, lasted) = (times.len(), times.last().map_or(Duration::ZERO, |last| *last - times[0]));
        let rate = u128::try_from(count).unwrap_or_default() * 1000 / lasted.as_millis().max(1);
        format!("{write:?}: {count} acknowledged in {lasted:.1?}, {rate} a second, longest standstill {longest:.2?}")
    }

    /// Compares the record with both logs.
    pub fn check(&self, agents: &Log, signups: &Log) -> Result<()> {
        let mut seen: HashMap<String, Vec<String>> = HashMap::new();
        for write in [Write::Group, Write::Signup] {
            let log = if write == Write::Group { agents } else { signups };
            for event in log.named(write.event()) {
                let data = event.data()?;
                let id = data["group_id"].as_str().filter(|_| write == Write::Group).or(data["customer_id"].as_str());
                for marker in markers(event.raw_data.get()) {
                    seen.entry(marker).or_default().push(id.unwrap_or_default().to_owned());
                }
            }
        }
        for (marker, entry) in locked(&self.entries).iter() {
            let ids = seen.get(marker).map(Vec::as_slice).unwrap_or_default();
            let what = entry.write;
            ensure!(ids.len() <= 1, "{what:?} {marker} happened {} times", ids.len());
            if let Some(Acknowledged { id, .. }) = &entry.acknowledged {
                ensure!(ids.len() == 1, "{what:?} {marker} was acknowledged and lost");
                ensure!(ids[0] == *id, "{what:?} {marker} was acknowledged as {id} and is {}", ids[0]);
            }
        }
        Ok(())
    }
}

fn markers(text: &str) -> impl Iterator<Item = String> + '_ {
    text.match_indices(PREFIX).filter_map(|(at, _)| {
        let number: String = text.get(at + PREFIX.len()..)?.chars().take_while(char::is_ascii_digit).collect();
        Some(format!("{PREFIX}{number}-"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_found_whole_in_an_event() {
        let found: Vec<String> = markers(r#"{"name":"mark-1-","sub_id":"mark-12-"}"#).collect();
        assert_eq!(found, ["mark-1-", "mark-12-"]);
    }
}
