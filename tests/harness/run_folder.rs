//! The folder of this test process, and the removal of folders of earlier processes.
//!
//! A process holds a lock on a file in its folder. The system releases the lock when the process ends, even when it
//! is killed. So a process that gets the lock of another folder knows that its owner has ended; it ends the processes
//! that still work in the folder, drops the databases that it lists, and removes it.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::process::signal;

/// Short, since chromium creates a socket some folders below, and the path of a socket has at most 107 bytes.
const PREFIX: &str = "signpost-";
const LOCK: &str = "lock";
const DATABASES: &str = "databases";
/// A missing server must not delay the removal.
const SERVER_LIMIT: Duration = Duration::from_secs(10);

struct RunFolder {
    path: PathBuf,
    /// Held until the process ends.
    _lock: File,
}

/// The folder of this process. The first call removes the folders of ended processes in the background.
pub(crate) fn run_folder() -> Result<&'static Path> {
    static FOLDER: OnceLock<std::result::Result<RunFolder, String>> = OnceLock::new();
    let made = FOLDER.get_or_init(|| {
        let temp = std::env::temp_dir();
        let made = make(&temp).map_err(|error| format!("{error:#}"));
        std::thread::spawn(move || remove_abandoned(&temp));
        made
    });
    made.as_ref().map(|folder| folder.path.as_path()).map_err(|error| anyhow!("{error}"))
}

/// Records a database before it is created, so that a later run drops it.
pub(crate) fn note_database(url: &str) -> Result<()> {
    let list = run_folder()?.join(DATABASES);
    let mut list = OpenOptions::new().append(true).create(true).open(list)?;
    Ok(writeln!(list, "{url}")?)
}

fn make(temp: &Path) -> Result<RunFolder> {
    for attempt in 0..100 {
        let suffix = if attempt == 0 { String::new() } else { format!("-{attempt}") };
        let path = temp.join(format!("{PREFIX}{}{suffix}", std::process::id()));
        std::fs::create_dir_all(&path).with_context(|| format!("no folder {}", path.display()))?;
        let lock = File::create(path.join(LOCK))?;
        // Another process may take a folder for abandoned that is not locked yet.
        if lock.try_lock().is_ok() {
            return Ok(RunFolder { path, _lock: lock });
        }
    }
    Err(anyhow!("no folder could be locked in {}", temp.display()))
}

/// Removes all folders whose owner has ended.
fn remove_abandoned(temp: &Path) {
    for entry in std::fs::read_dir(temp).into_iter().flatten().flatten() {
        let path = entry.path();
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        let Ok(lock) = File::open(path.join(LOCK)) else { continue };
        if lock.try_lock().is_ok() {
            let left = processes_in(&path);
            if !left.is_empty() {
                // One of them may have ended in between.
                let _ = signal("KILL", &left);
            }
            drop_databases(&path.join(DATABASES));
            // The next run tries again.
            let _ = std::fs::remove_dir_all(&path);
        }
    }
}

/// The processes with a working folder inside a folder.
fn processes_in(folder: &Path) -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let works_there = |id: &u32| std::fs::read_link(format!("/proc/{id}/cwd")).is_ok_and(|cwd| cwd.starts_with(folder));
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(works_there).collect()
}

fn drop_databases(list: &Path) {
    let urls = std::fs::read_to_string(list).unwrap_or_default();
    if urls.is_empty() {
        return;
    }
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    for url in urls.lines() {
        // A private server is gone, and the database with it.
        let _ = runtime.block_on(async { tokio::time::timeout(SERVER_LIMIT, drop_database(url)).await });
    }
}

async fn drop_database(url: &str) -> Result<()> {
    let (server, name) = url.rsplit_once('/').context("the URL names a database")?;
    let mut connection = PgConnection::connect(&format!("{server}/postgres")).await?;
    let statement = AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
    sqlx::raw_sql(statement).execute(&mut connection).await?;
    Ok(connection.close().await?)
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};
    use std::time::Instant;

    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn files_of_an_ended_run_are_removed_and_those_of_a_running_one_stay() -> Result<()> {
        let temp = Scratch::new("runs")?;
        let (ended, living) = (make(temp.path())?, make(temp.path())?);
        let mut server = Command::new("sleep").arg("600").current_dir(&ended.path).stdin(Stdio::null()).spawn()?;
        let ended_path = ended.path.clone();
        drop(ended);
        // A process that another thread starts in this moment holds each lock until it runs its own program.
        let started = Instant::now();
        while ended_path.exists() && started.elapsed() < SERVER_LIMIT {
            remove_abandoned(temp.path());
        }
        assert!(!ended_path.exists() && living.path.join(LOCK).exists());
        assert!(!server.wait()?.success());
        Ok(())
    }
}
