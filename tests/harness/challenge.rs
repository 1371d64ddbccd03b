//! Solves the challenge before a signup as any program would, by its description in the `OpenAPI` document.

use std::fmt::Write as _;

use anyhow::{Context, Result};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The number whose SHA-256, behind the text and a colon, is the hash.
pub fn solution(text: &str, hash: &str, numbers: u64) -> Result<String> {
    let is_solution = |number: &String| {
        let digest = Sha256::digest(format!("{text}:{number}"));
        let hex = digest.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        hex == hash
    };
    (0..numbers).map(|number| number.to_string()).find(is_solution).context("no number solves the challenge")
}

/// The header that answers the problem `challenge-required`.
pub fn solved(problem: &Value) -> Result<String> {
    let challenge = &problem["challenge"];
    let text = challenge["text"].as_str().with_context(|| format!("no challenge: {problem}"))?;
    let numbers = challenge["numbers"].as_u64().context("a challenge says among how many numbers its solution is")?;
    Ok(format!("{text}:{}", solution(text, challenge["hash"].as_str().unwrap_or_default(), numbers)?))
}
