//! Sets the commit that a program is built from: `SIGNPOST_BUILD_COMMIT`, or git's answer, or "unknown".

use std::process::Command;

/// Digits of an abbreviated commit.
const DIGITS: &str = "--short=12";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=SIGNPOST_BUILD_COMMIT");
    let given = std::env::var("SIGNPOST_BUILD_COMMIT").ok().filter(|commit| !commit.is_empty());
    // Debug builds do not depend on git: every crate would be compiled again after each commit.
    let released = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let commit = given.or_else(|| if released { of_git() } else { None });
    println!("cargo::rustc-env=SIGNPOST_COMMIT={}", commit.as_deref().unwrap_or("unknown"));
}

fn of_git() -> Option<String> {
    // The file changes with every commit and checkout.
    println!("cargo::rerun-if-changed={}", git(&["rev-parse", "--git-path", "logs/HEAD"])?);
    git(&["rev-parse", DIGITS, "HEAD"])
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}
