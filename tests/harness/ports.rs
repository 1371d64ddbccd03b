//! Free ports for servers whose address must be known before they start. They are below the system's range of
//! outgoing ports, so that no client socket can take one meanwhile.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result};

const FIRST: u32 = 20_000;
const COUNT: u32 = 12_000;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A free port of 127.0.0.1, not handed out twice in a row by this process.
pub fn free_port() -> Result<u16> {
    // Consecutive processes start far apart.
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
