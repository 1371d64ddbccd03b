//! Temporary folders that are removed with their owner, and the logs of test processes.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result, ensure};

use crate::run_folder::run_folder;

static NEXT: AtomicU32 = AtomicU32::new(0);

pub struct Scratch {
    path: PathBuf,
}

impl Scratch {
    pub fn new(purpose: &str) -> Result<Self> {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = run_folder()?.join(format!("{purpose}-{number}"));
        std::fs::create_dir_all(&path).with_context(|| format!("no folder {}", path.display()))?;
        Ok(Self { path })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A folder that cannot be removed is no failure of the test.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// Copies a folder with its content.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    let status = Command::new("cp").arg("-a").arg(from).arg(to).status()?;
    ensure!(status.success(), "{} could not be copied", from.display());
    Ok(())
}

/// The folder of this test's cargo profile, such as `target/debug`.
pub fn profile_folder() -> Result<PathBuf> {
    let executable = std::env::current_exe()?;
    let folder = executable.parent().context("an executable lies in a folder")?;
    let folder = if folder.ends_with("deps") { folder.parent().unwrap_or(folder) } else { folder };
    Ok(folder.to_path_buf())
}

/// `target/test-logs/<test>-<process>.log`, emptied.
pub fn log_file(journey: &str, process: &str) -> Result<PathBuf> {
    let profile = profile_folder()?;
    let folder = profile.parent().unwrap_or(&profile).join("test-logs");
    std::fs::create_dir_all(&folder)?;
    let path = folder.join(format!("{}-{process}.log", journey.replace("::", "-")));
    std::fs::write(&path, "")?;
    Ok(path)
}
