//! Free ports for servers whose address must be known before they start. They are taken from below the range
//! that the system hands out for outgoing connections, so that no client socket can snatch one in between.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result};

const FIRST: u32 = 20_000;
const COUNT: u32 = 12_000;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A port of 127.0.0.1 that nobody listens on, never given twice by this process in a row.
pub fn free_port() -> Result<u16> {
    // Processes that start one after the other begin far apart.
    let start = std::process::id().wrapping_mul(7_417);
    for _ in 0..COUNT {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = u16::try_from(FIRST + start.wrapping_add(step) % COUNT)?;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    None.context("no free port")
}
