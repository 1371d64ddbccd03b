//! Open event streams: their end with the process, with their token, and above the limit.

use std::time::{Duration, Instant};

use harness::{Api, Context, Pair, Result, Session, ensure, eventually, json, seconds};
use tokio::task::JoinHandle;

harness::on_both_pairs!(
    a_process_with_a_hundred_streams_ends_within_a_second,
    a_revoked_tokens_streams_end,
    a_client_above_the_limit_is_told_to_retry,
);

const STREAMS: usize = 100;
const MAX_STREAMS: usize = 256;

/// A stream that is read to its end.
struct Listener {
    reading: JoinHandle<Result<String>>,
}

impl Listener {
    async fn open(api: &Api, path: &str) -> Result<Self> {
        let response = api.get(path).header("Accept", "text/event-stream").open().await?;
        ensure!(response.status() == 200, "{path}: {}", response.status());
        Ok(Self { reading: tokio::spawn(async move { response.text().await.context("it was cut off") }) })
    }

    /// The received text, if the stream ends in time and completely.
    async fn received(self, limit: Duration) -> Result<String> {
        tokio::time::timeout(limit, self.reading).await.context("the stream goes on")??
    }
}

async fn a_process_with_a_hundred_streams_ends_within_a_second(pair: Pair) -> Result<()> {
    pair.agents(0).add_operator("watcher").await?;
    let (agents, signup) = (pair.agents_api(0), pair.signup_api(0));
    let mut listeners = Vec::new();
    for _ in 0..STREAMS / 2 {
        for api in [&agents, &signup] {
            listeners.push(Listener::open(api, "/api/v1/events").await?);
        }
    }
    let session = Session::open(&agents, "/sign-in", "watcher").await?;
    let page = agents.with_token(None).get("/dashboard/news").header("cookie", session.cookie()).open().await?;
    ensure!(page.status() == 200, "no news for the dashboard: {}", page.status());
    for process in [pair.agents_process(0), pair.signup_process(0)] {
        let started = Instant::now();
        ensure!(tokio::task::block_in_place(|| process.stop()), "it did not end by itself");
        ensure!(started.elapsed() < seconds(1), "it took {:?} to end", started.elapsed());
    }
    for listener in listeners {
        let received = listener.received(seconds(1)).await?;
        ensure!(
            received.ends_with("retry:1000\n\n") || received.ends_with("retry: 1000\n\n"),
            "it ended with {received:?}"
        );
        ensure!(received.matches("retry:").count() == 2, "no retry at the beginning and at the end: {received:?}");
    }
    ensure!(page.text().await.context("the dashboard was cut off")?.contains("retry:"), "no last word");
    Ok(())
}

async fn a_revoked_tokens_streams_end(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let issue = async |name: &str| -> Result<(String, String)> {
        let body = json!({"name": name, "scopes": ["events:read"]});
        let made = operator.api.post("/api-tokens").json(&body).expect(201).await?;
        let text = |member: &str| made[member].as_str().unwrap_or_default().to_owned();
        Ok((text("id"), text("token")))
    };
    let (revoked, kept) = (issue("revoked").await?, issue("kept").await?);
    let (mut ending, mut staying) = (Vec::new(), Vec::new());
    for replica in 0..pair.replicas() {
        for api in [pair.agents_api(replica), pair.signup_api(replica)] {
            for (listeners, token) in [(&mut ending, &revoked.1), (&mut staying, &kept.1)] {
                let api = api.with_token(Some(token));
                eventually(seconds(5), async || api.get("/api/v1/events?limit=1").send().await?.expect(200)).await?;
                listeners.push(Listener::open(&api, "/api/v1/events").await?);
            }
        }
    }
    operator.api.delete(&format!("/api-tokens/{}", revoked.0)).send().await?.expect(200)?;
    for listener in ending {
        listener.received(seconds(5)).await?;
    }
    ensure!(staying.iter().all(|listener| !listener.reading.is_finished()), "another token's stream ended");
    Ok(())
}

async fn a_client_above_the_limit_is_told_to_retry(pair: Pair) -> Result<()> {
    let api = pair.agents_api(0);
    let mut listeners = Vec::new();
    for _ in 0..MAX_STREAMS {
        listeners.push(Listener::open(&api, "/api/v1/events").await?);
    }
    let refused = api.get("/api/v1/events").header("Accept", "text/event-stream");
    refused.refused(503, "too-many-streams").await?;
    api.get("/api/v1/events").send().await?.expect(200)?;
    // A browser that gets an error status would never reconnect.
    pair.agents(0).add_operator("watcher").await?;
    let news = Session::open(&api, "/sign-in", "watcher").await?.page("/dashboard/news").await?.expect(200)?;
    ensure!(news.text().contains("retry:15000") || news.text().contains("retry: 15000"), "{news}");
    listeners.pop().context("no stream")?.reading.abort();
    eventually(seconds(5), async || {
        let response = api.get("/api/v1/events").header("Accept", "text/event-stream").open().await?;
        ensure!(response.status() == 200, "no place became free");
        Ok(())
    })
    .await
}
