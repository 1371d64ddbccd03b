//! A page in a frame of another page: entering and leaving the frame, and what the browser refuses to show in it.

use anyhow::{Result, ensure};
use serde_json::json;

use super::{Browser, PAGE_SCRIPT, SIGHT_LIMIT, plainly};
use crate::wait::eventually;

impl Browser {
    /// Further actions are in the page's only frame.
    pub async fn enter_frame(&self) -> Result<()> {
        self.client().enter_frame(0).await.map_err(plainly)
    }

    /// Further actions are in the page around the frame.
    pub async fn leave_frame(&self) -> Result<()> {
        self.client().enter_parent_frame().await.map_err(plainly)
    }

    /// Waits until the browser refuses to show a page in a frame.
    pub async fn refuses_the_frame(&self) -> Result<()> {
        eventually(SIGHT_LIMIT, async || {
            let complaints = self.complaints().await?;
            let about_frames = |complaint: &String| complaint.contains("frame-ancestors");
            ensure!(!complaints.is_empty() && complaints.iter().all(about_frames), "it complains of {complaints:?}");
            Ok(())
        })
        .await
    }

    /// Waits until these words are visible without scrolling, in a frame too.
    pub async fn has_in_view(&self, words: &str) -> Result<()> {
        let script = format!("{PAGE_SCRIPT}\ninView(...arguments);");
        // The page around a frame is in another process of the browser, and scrolls asynchronously.
        eventually(SIGHT_LIMIT, async || {
            let seen = self.client().execute_async(&script, vec![json!(words)]).await.map_err(plainly)?;
            ensure!(seen == true, "one has to scroll to see {words:?}");
            Ok(())
        })
        .await
    }
}
