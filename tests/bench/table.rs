//! The results as Markdown: a table of contenders, and a table of promises.

use std::fmt::Write as _;
use std::time::Duration;

use crate::measure::{Slice, Turns, cpu_per_operation, quantile, rate};
use crate::usage::Memory;

/// Marks a result below the wanted one.
const SHORT: &str = "**below**";
const LATE: &str = "**above**";

/// Two contenders, turn by turn.
#[derive(Debug)]
pub struct Line {
    /// The measured operation.
    pub what: String,
    /// The peer.
    pub peer: String,
    pub turns: Turns,
    /// The lowest wanted ratio of the rates.
    pub wanted: f64,
    /// The highest wanted ratio of the 99th percentiles.
    pub wanted_p99: Option<f64>,
    /// Memory of the product's process.
    pub memory: Option<Memory>,
    /// Further notes.
    pub notes: Vec<String>,
}

/// A measured value with a wanted one, without a peer.
#[derive(Debug)]
pub struct Promise {
    pub what: String,
    pub measured: String,
    pub wanted: String,
    pub holds: bool,
}

const HEADER: &str = "\
| what | ours | peer | ratio: median (min to max) | wanted | p50, ours / peer | p99, ours / peer | CPU each, ours / peer | memory |
|---|---|---|---|---|---|---|---|---|
";

/// A result of a row.
#[derive(Debug)]
pub enum Finding {
    Line(Box<Line>),
    Promise(Promise),
    /// A further note.
    Note(String),
}

impl From<Line> for Finding {
    fn from(line: Line) -> Self {
        Self::Line(Box::new(line))
    }
}

impl From<Promise> for Finding {
    fn from(promise: Promise) -> Self {
        Self::Promise(promise)
    }
}

/// Both tables, unless they are empty, and the notes.
pub fn markdown(findings: &[Finding]) -> String {
    let mut text = String::new();
    let lines: Vec<&Line> = findings
        .iter()
        .filter_map(|found| if let Finding::Line(line) = found { Some(&**line) } else { None })
        .collect();
    if !lines.is_empty() {
        text.push_str(HEADER);
        for line in &lines {
            let _ = writeln!(text, "{}", line.row());
        }
        for line in &lines {
            for note in &line.notes {
                let _ = write!(text, "\n- {}: {note}", line.what);
            }
        }
        text.push('\n');
    }
    let promises: Vec<&Promise> =
        findings.iter().filter_map(|found| if let Finding::Promise(it) = found { Some(it) } else { None }).collect();
    if !promises.is_empty() {
        text.push_str("\n| what | measured | wanted | |\n|---|---|---|---|\n");
        for promise in promises {
            let verdict = if promise.holds { "holds" } else { "**does not hold**" };
            let _ = writeln!(text, "| {} | {} | {} | {verdict} |", promise.what, promise.measured, promise.wanted);
        }
    }
    for found in findings {
        if let Finding::Note(note) = found {
            let _ = writeln!(text, "\n- {note}");
        }
    }
    text
}

impl Line {
    fn row(&self) -> String {
        let (median, lowest, highest) = self.turns.ratio();
        let short = if median < self.wanted { format!(" {SHORT}") } else { String::new() };
        let (ours, peer) = (&self.turns.ours, &self.turns.peer);
        let memory = self.memory.map(|memory| memory.to_string()).unwrap_or_default();
        format!(
            "| {} | {}/s | {}: {}/s | {median:.2} ({lowest:.2} to {highest:.2}){short} | >= {} | {} | {}{} | {} / {} | {memory} |",
            self.what,
            thousands(rate(ours)),
            self.peer,
            thousands(rate(peer)),
            self.wanted,
            both(ours, peer, 0.5),
            both(ours, peer, 0.99),
            self.tail(),
            time(cpu_per_operation(ours)),
            time(cpu_per_operation(peer)),
        )
    }

    /// The ratio of the 99th percentiles, and the wanted one.
    fn tail(&self) -> String {
        let [Some(ours), Some(peer)] = [&self.turns.ours, &self.turns.peer].map(|slices| quantile(slices, 0.99)) else {
            return String::new();
        };
        let ratio = ours.as_secs_f64() / peer.as_secs_f64().max(1e-6);
        match self.wanted_p99 {
            Some(wanted) if ratio > wanted => format!(" = {ratio:.2} (<= {wanted}) {LATE}"),
            Some(wanted) => format!(" = {ratio:.2} (<= {wanted})"),
            None => format!(" = {ratio:.2}"),
        }
    }
}

fn both(ours: &[Slice], peer: &[Slice], share: f64) -> String {
    let [ours, peer] = [ours, peer].map(|slices| quantile(slices, share).map_or_else(|| "-".to_owned(), time));
    format!("{ours} / {peer}")
}

/// A rate with thousands separators.
pub fn thousands(rate: f64) -> String {
    let digits = format!("{rate:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A time in a suitable unit, to about three digits.
pub fn time(duration: Duration) -> String {
    let micros = duration.as_secs_f64() * 1e6;
    match micros {
        _ if micros < 99.5 => format!("{micros:.1} us"),
        _ if micros < 999.5 => format!("{micros:.0} us"),
        _ if micros < 99_500.0 => format!("{:.1} ms", micros / 1e3),
        _ if micros < 999_500.0 => format!("{:.0} ms", micros / 1e3),
        _ => format!("{:.2} s", micros / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::latencies;
    use crate::order::ROWS;

    fn slice(operations: u64) -> Slice {
        let mut latencies = latencies();
        latencies.saturating_record(400);
        let cpu = Duration::from_millis(500);
        Slice { operations, elapsed: Duration::from_secs(1), latencies, cpu }
    }

    #[test]
    fn a_ratio_below_the_wanted_one_is_marked() {
        let turns = Turns { ours: vec![slice(9_000)], peer: vec![slice(10_000)] };
        let line = Line {
            what: "looking up".to_owned(),
            peer: "bare".to_owned(),
            turns,
            wanted: 0.95,
            wanted_p99: Some(1.3),
            memory: Some(Memory { peak: 4096, now: 2048 }),
            notes: vec!["on one core".to_owned()],
        };
        let text = markdown(&[line.into()]);
        assert!(text.contains("| looking up | 9,000/s | bare: 10,000/s | 0.90 (0.90 to 0.90) **below** | >= 0.95 |"));
        assert!(text.contains("| 400 us / 400 us = 1.00 (<= 1.3) | 55.6 us / 50.0 us | 2 MiB (peak 4) |"), "{text}");
        assert!(text.ends_with("- looking up: on one core\n"));
    }

    #[test]
    fn numbers_are_written_to_be_read() {
        assert_eq!(thousands(1_234_567.4), "1,234,567");
        assert_eq!(thousands(123.0), "123");
        assert_eq!(time(Duration::from_micros(1_250)), "1.2 ms");
        assert_eq!(time(Duration::from_millis(2_500)), "2.50 s");
    }

    #[test]
    fn the_readme_has_such_a_table_with_its_command() {
        let readme = include_str!("README.md");
        let (_, shown) = readme.split_once(HEADER).unwrap();
        let (shown, _) = shown.split_once("\n## ").unwrap();
        for word in ROWS.map(|row| if row == "follow" { "catching up" } else { row }) {
            assert!(shown.contains(word), "nothing about {word}");
        }
        assert!(readme.contains("tests/run bench"), "nothing about how it is measured");
    }
}
