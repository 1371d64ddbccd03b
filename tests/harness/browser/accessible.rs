//! Runs axe-core on the open page: WCAG 2.2 at levels A and AA and the best practices, in light and in dark.

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::{Value, json};

use super::{Browser, plainly};

const TAGS: [&str; 6] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/// The rules about colours; only colours differ in the dark theme.
const OF_COLOURS: [&str; 2] = ["color-contrast", "link-in-text-block"];

/// Returns the violations, or why there is no result. The driver awaits a promise, but polls an asynchronous script only
/// ten times a second.
const RUN: &str = "return axe.run(document, {runOnly: arguments[0], resultTypes: ['violations']})
    .then((found) => ({violations: found.violations}), (error) => ({error: String(error)}));";

impl Browser {
    /// Fails with every violation: its rule, its place, and a hint. A page that was loaded without script is checked
    /// as it is: script is turned on only for axe, when the page's own scripts no longer run.
    pub async fn is_accessible(&self) -> Result<()> {
        self.allow_script(true).await?;
        let outcome = self.violations().await;
        self.allow_script(self.options().script).await?;
        let violations = outcome?;
        ensure!(violations.is_empty(), "not accessible:\n{}", violations.join("\n"));
        Ok(())
    }

    async fn violations(&self) -> Result<Vec<String>> {
        let axe = std::fs::read_to_string(&self.tools.axe).context("axe-core is missing")?;
        let mut found = Vec::new();
        let (all, of_colours) = (json!({"type": "tag", "values": TAGS}), json!({"type": "rule", "values": OF_COLOURS}));
        // The first script leaves axe on the page for the second.
        let first = format!("{axe}\n{RUN}");
        for (scheme, script, rules) in [("light", first.as_str(), all), ("dark", RUN, of_colours)] {
            self.prefer(scheme).await?;
            let answer = self.client().execute(script, vec![rules]).await.map_err(plainly)?;
            let violations = answer["violations"].as_array().ok_or_else(|| anyhow!("axe failed: {answer}"))?;
            found.extend(violations.iter().flat_map(|violation| lines_of(scheme, violation)));
        }
        self.prefer("light").await?;
        Ok(found)
    }

    async fn prefer(&self, scheme: &str) -> Result<()> {
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.driver.command("Emulation.setEmulatedMedia", features).await.map(drop)
    }
}

/// One line for each place of a violation.
fn lines_of(scheme: &str, violation: &Value) -> Vec<String> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (rule, help) = (word(&violation["id"]), word(&violation["help"]));
    let nodes = violation["nodes"].as_array().into_iter().flatten();
    nodes.map(|node| format!("{rule} ({scheme}): {help}: {} {}", node["target"], word(&node["html"]))).collect()
}
