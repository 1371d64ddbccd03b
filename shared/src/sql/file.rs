//! Whether the file of a SQLite database still stands where it was opened. What is written to a file that was removed is gone
//! when the process ends, and SQLite does not notice.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::SqlError;

/// The file that a database was opened from.
#[derive(Clone, Debug)]
pub struct OpenedFile {
    path: PathBuf,
    /// Device and inode.
    identity: (u64, u64),
}

impl OpenedFile {
    /// The file at a path; `None` for a database in memory.
    pub(super) fn at(path: &Path) -> Option<Self> {
        Some(Self { path: path.to_path_buf(), identity: identity(path)? })
    }

    /// Fails where the path leads to no file or to another one.
    pub(super) fn is_in_place(&self) -> Result<(), SqlError> {
        if identity(&self.path) == Some(self.identity) {
            return Ok(());
        }
        let cause = "the database's file was removed or replaced beneath the running process: restart it";
        Err(SqlError::Unavailable(sqlx::Error::Io(io::Error::other(cause))))
    }
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    let found = std::fs::metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}
