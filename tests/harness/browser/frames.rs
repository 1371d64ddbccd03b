//! A page in a frame of another page: entering and leaving the frame, and what the browser refuses to show in it.

use anyhow::{Result, ensure};
use serde_json::json;

use super::{Browser, PAGE_SCRIPT, SIGHT_LIMIT, plainly};
use crate::wait::eventually;

impl Browser {
    /// From now on everything is about the page in the only frame.
    pub async fn enter_frame(&self) -> Result<()> {
        self.client().enter_frame(0).await.map_err(plainly)
    }

    /// From now on everything is about the page around the frame.
    pub async fn leave_frame(&self) -> Result<()> {
        self.client().enter_parent_frame().await.map_err(plainly)
    }

    /// Waits until the browser says that it may not show a page in a frame.
    pub async fn refuses_the_frame(&self) -> Result<()> {
        eventually(SIGHT_LIMIT, async || {
            let complaints = self.complaints().await?;
            let about_frames = |complaint: &String| complaint.contains("frame-ancestors");
            ensure!(!complaints.is_empty() && complaints.iter().all(about_frames), "it complains of {complaints:?}");
            Ok(())
        })
        .await
    }

    /// Waits until these words are where the eye is, in a frame too; nobody has to scroll for them.
    pub async fn has_in_view(&self, words: &str) -> Result<()> {
        let script = format!("{PAGE_SCRIPT}\ninView(...arguments);");
        // What is around a frame is another process of the browser, and scrolls in its own time.
        eventually(SIGHT_LIMIT, async || {
            let seen = self.client().execute_async(&script, vec![json!(words)]).await.map_err(plainly)?;
            ensure!(seen == true, "one has to scroll to see {words:?}");
            Ok(())
        })
        .await
    }
}
