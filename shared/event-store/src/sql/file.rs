//! The file of a SQLite database: private to its owner, and checked to still be the opened one. Writes to a removed
//! file are lost when the process ends, and SQLite does not notice.

use std::fs::{DirBuilder, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::sql::error::SqlError;

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

/// Creates the file, and its folder if missing, for their owner alone; makes an older file private.
pub(super) fn make_private(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    // An existing file must not be opened: closing it would release the locks of this process.
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    // SQLite creates the files beside it with the same permissions.
    for ending in ["", "-wal", "-shm"] {
        let mut path = path.as_os_str().to_owned();
        path.push(ending);
        match std::fs::metadata(&path) {
            Ok(found) if found.mode() & 0o077 != 0 => std::fs::set_permissions(&path, Permissions::from_mode(0o600))?,
            _ => {}
        }
    }
    Ok(())
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    let found = std::fs::metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}
