use std::sync::LazyLock;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

/// How long after a failure each connection is tested before use.
const SUSPICION: Duration = Duration::from_secs(10);

/// When a connection failed last, in milliseconds of this process.
static SUSPECTED_AT_MS: AtomicI64 = AtomicI64::new(i64::MIN);

fn process_ms() -> i64 {
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    i64::try_from(BEGAN.elapsed().as_millis()).unwrap_or(i64::MAX)
}

/// Call after a failure: other connections may be broken too, or lead to a server that no longer accepts writes.
pub(super) fn suspect_connections() {
    SUSPECTED_AT_MS.store(process_ms(), Ordering::Relaxed);
}

/// Whether a connection failed a moment ago.
pub(super) fn is_suspicious() -> bool {
    let at_ms = SUSPECTED_AT_MS.load(Ordering::Relaxed);
    at_ms != i64::MIN && process_ms() - at_ms < i64::try_from(SUSPICION.as_millis()).unwrap_or(i64::MAX)
}
