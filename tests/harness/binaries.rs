//! The product's programs. They are built once per test process unless a folder is given.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, anyhow, ensure};

use crate::scratch::profile_folder;

pub const STANDALONE: &str = "signpost";
pub const AGENTS_SERVICE: &str = "agents-service";
pub const SIGNUP_SERVICE: &str = "signup-service";

pub fn binary(name: &str) -> Result<PathBuf> {
    static FOLDER: OnceLock<std::result::Result<PathBuf, String>> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| folder().map_err(|error| format!("{error:#}")));
    let path = folder.as_ref().map_err(|text| anyhow!("{text}"))?.join(name);
    ensure!(path.is_file(), "there is no program {}", path.display());
    Ok(path)
}

fn folder() -> Result<PathBuf> {
    if let Some(given) = std::env::var_os("SIGNPOST_TEST_BIN_DIR") {
        return Ok(given.into());
    }
    let profile = profile_folder()?;
    build(profile.ends_with("release"), profile.parent().context("a profile lies in a target folder")?.into())?;
    Ok(profile)
}

/// `cargo test` builds the programs of this package only, not those of the services.
fn build(release: bool, target: PathBuf) -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--workspace", "--bins", "--quiet", "--target-dir"]).arg(target);
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    if release {
        command.arg("--release");
    }
    let status = command.status().context("cargo can't be run")?;
    ensure!(status.success(), "the programs could not be built");
    Ok(())
}
