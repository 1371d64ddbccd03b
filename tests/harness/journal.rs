//! A client's own record of its writes. Each carries a marker that nobody else uses, so the log can be asked how
//! often the write really happened: once if it was acknowledged, at most once if it was not.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Error, Result, ensure};

use crate::events::Log;
use crate::locked;

const PREFIX: &str = "mark-";

/// The two kinds of write that the traffic makes, by the event that each must leave behind.
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
    /// The id that the service answered with.
    id: String,
    at: Instant,
}

impl Journal {
    /// Notes that a write is about to be tried and gives its marker.
    pub fn attempt(&self, write: Write) -> String {
        // One count for all journals, since a marker serves as Idempotency-Key too.
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let marker = format!("{PREFIX}{}-", NEXT.fetch_add(1, Ordering::Relaxed));
        locked(&self.entries).insert(marker.clone(), Entry { write, acknowledged: None });
        marker
    }

    /// Notes that the service said: done, and this is its id.
    pub fn acknowledge(&self, marker: &str, id: &str) {
        if let Some(entry) = locked(&self.entries).get_mut(marker) {
            entry.acknowledged = Some(Acknowledged { id: id.to_owned(), at: Instant::now() });
        }
    }

    /// Notes that a client met something that it can't go on after.
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

    /// One line about the acknowledged writes of a kind: how many, how fast, and the longest time without any, which is how
    /// long it took the services to recover.
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

    /// Holds the record against both logs.
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
