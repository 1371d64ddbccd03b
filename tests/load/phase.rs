//! One phase of the load: many requests of one kind, a bounded number at a time.

use std::time::{Duration, Instant};

use anyhow::Result;
use futures::StreamExt;

const PROGRESS: Duration = Duration::from_secs(5);

/// The results of one phase, in the order of the requests; `None` for a failed one.
pub struct Outcome<T> {
    pub made: Vec<Option<T>>,
    pub failures: usize,
}

/// Sends `count` requests, at most `connections` at once, and prints the results.
pub async fn run<T, F>(name: &str, count: usize, connections: usize, request: impl Fn(usize) -> F) -> Outcome<T>
where
    F: Future<Output = Result<T>>,
{
    let started = Instant::now();
    let mut shown_at = started;
    let mut made: Vec<Option<T>> = std::iter::repeat_with(|| None).take(count).collect();
    let (mut done, mut failures) = (0_usize, 0_usize);
    let mut answers = futures::stream::iter(0..count)
        .map(|number| {
            let answer = request(number);
            async move { (number, answer.await) }
        })
        .buffer_unordered(connections);
    while let Some((number, answer)) = answers.next().await {
        done += 1;
        match answer {
            Ok(value) => made[number] = Some(value),
            Err(error) => {
                failures += 1;
                if failures <= 5 {
                    eprintln!("{name} {number}: {error:#}");
                }
            }
        }
        if shown_at.elapsed() >= PROGRESS {
            shown_at = Instant::now();
            println!("{name:<12} {done:>7} of {count}");
        }
    }
    let elapsed = started.elapsed();
    println!(
        "{name:<12} {count:>7} in {:>8.2} s {:>9.1} a second {failures:>5} errors",
        elapsed.as_secs_f64(),
        rate(done, elapsed)
    );
    Outcome { made, failures }
}

fn rate(done: usize, elapsed: Duration) -> f64 {
    u32::try_from(done).map_or(f64::INFINITY, f64::from) / elapsed.as_secs_f64().max(0.001)
}
