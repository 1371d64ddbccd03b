//! Pictures of whole pages under `target/screenshots`, and checks of the layout: nothing is cut off or overlaps,
//! nothing scrolls sideways, the console is free of errors.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::Browser;
use crate::scratch::profile_folder;

/// Chromium's limit of a picture's height at two pixels for each CSS pixel.
const HIGHEST: f64 = 8_000.0;

/// Widths that every page fits besides those of the screens: the narrowest, between phone and tablet, the desktop at a
/// zoom of 200 %, and wide.
const OTHER_WIDTHS: [u32; 4] = [280, 500, 640, 1_920];

impl Browser {
    /// The checks of every page: picture, layout and accessibility.
    pub async fn review(&self, name: &str) -> Result<()> {
        self.picture(name).await?;
        self.is_accessible().await.with_context(|| format!("the page {name:?}"))
    }

    /// Takes a picture of the whole page and checks the layout.
    pub async fn picture(&self, name: &str) -> Result<()> {
        self.photograph(name).await?;
        let (width, _) = self.options().screen.size();
        let mut complaints = self.complaints_about_layout(width).await?;
        // Without script a page has the same style.
        if !self.options().screen.is_phone() && self.options().script {
            for width in OTHER_WIDTHS {
                let size = json!({"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false});
                self.driver.command("Emulation.setDeviceMetricsOverride", size).await?;
                complaints.extend(self.complaints_about_layout(width).await?);
            }
            self.driver.command("Emulation.clearDeviceMetricsOverride", json!({})).await?;
        }
        ensure!(complaints.is_empty(), "the page {name:?} looks wrong:\n{}", complaints.join("\n"));
        self.has_no_complaint().await.with_context(|| format!("the page {name:?}"))
    }

    async fn complaints_about_layout(&self, width: u32) -> Result<Vec<String>> {
        let complaints = self.call("layout", vec![json!(width)]).await?;
        let complaints = complaints.as_array().into_iter().flatten().filter_map(Value::as_str);
        Ok(complaints.map(|complaint| format!("at {width} pixels: {complaint}")).collect())
    }

    /// Takes a picture of the page as it is printed.
    pub async fn printed(&self, name: &str) -> Result<()> {
        self.photograph_as(json!({"media": "print"}), name).await
    }

    /// Takes a picture of the page in the dark theme.
    pub async fn darkened(&self, name: &str) -> Result<()> {
        self.photograph_as(json!({"features": [{"name": "prefers-color-scheme", "value": "dark"}]}), name).await
    }

    async fn photograph_as(&self, media: Value, name: &str) -> Result<()> {
        self.driver.command("Emulation.setEmulatedMedia", media).await?;
        let taken = self.photograph(name).await;
        self.driver.command("Emulation.setEmulatedMedia", json!({"media": "", "features": []})).await?;
        taken.map(drop)
    }

    /// Writes a small picture of the screen to a file, for a document.
    pub async fn small_picture(&self, path: &Path) -> Result<()> {
        let (width, height) = self.options().screen.size();
        let scale = if self.options().screen.is_phone() { 0.6 } else { 0.75 };
        let clip = json!({"x": 0, "y": 0, "width": width, "height": height, "scale": scale});
        let wanted = json!({"format": "webp", "quality": 75, "captureBeyondViewport": true, "clip": clip});
        let taken = self.driver.command("Page.captureScreenshot", wanted).await?;
        std::fs::write(path, BASE64_STANDARD.decode(taken["data"].as_str().unwrap_or_default())?)?;
        Ok(())
    }

    pub(super) async fn photograph(&self, name: &str) -> Result<PathBuf> {
        let size = self.driver.command("Page.getLayoutMetrics", json!({})).await?;
        let size = &size["cssContentSize"];
        let height = size["height"].as_f64().unwrap_or(HIGHEST).min(HIGHEST);
        // A picture has no scroll bar, so it is wider than the screen's content by that.
        let width = size["width"].as_f64().unwrap_or_default().max(f64::from(self.options().screen.size().0));
        let clip = json!({"x": 0, "y": 0, "width": width, "height": height, "scale": 1});
        let wanted = json!({"format": "png", "optimizeForSpeed": true, "captureBeyondViewport": true, "clip": clip});
        let taken = self.driver.command("Page.captureScreenshot", wanted).await?;
        let picture = BASE64_STANDARD.decode(taken["data"].as_str().unwrap_or_default())?;
        let (folder, kind) = self.album()?;
        std::fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{kind}-{name}.png"));
        std::fs::write(&path, picture)?;
        Ok(path)
    }

    /// Removes pictures of earlier runs.
    pub(super) fn forget_pictures(&self) -> Result<()> {
        let (folder, kind) = self.album()?;
        for entry in folder.read_dir().into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(&format!("{kind}-")) {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// The folder of this flow, and the prefix of its pictures: phone, desktop or another kind of browser.
    fn album(&self) -> Result<(PathBuf, &'static str)> {
        let mut parts = self.options().journey.rsplit("::");
        let (flow, kind) = (parts.next().unwrap_or_default(), parts.next().unwrap_or("browser"));
        let profile = profile_folder()?;
        Ok((profile.parent().unwrap_or(&profile).join("screenshots").join(flow), kind))
    }

    /// The console is free of errors and of breaches of the content security policy. A page with status 404 or 422 is
    /// no error; missing files are found by the layout's check.
    pub(super) async fn has_no_complaint(&self) -> Result<()> {
        let complaints = self.complaints().await?;
        ensure!(complaints.is_empty(), "the browser complains:\n{}", complaints.join("\n"));
        Ok(())
    }

    /// The console's errors since the last call.
    pub(super) async fn complaints(&self) -> Result<Vec<String>> {
        let entries = self.driver.console().await?;
        // The browser's own pages are none of ours.
        let is_ours = |entry: &Value| !entry["message"].as_str().unwrap_or_default().starts_with("chrome://");
        let bad = |entry: &&Value| entry["level"] == "SEVERE" && entry["source"] != "network" && is_ours(entry);
        let messages = entries.iter().filter(bad).filter_map(|entry| entry["message"].as_str().map(str::to_owned));
        Ok(messages.collect())
    }
}
