//! Runs axe-core on the open page: WCAG 2.2 at levels A and AA and the best practices, in light and in dark.

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::{Value, json};

use super::{Browser, plainly};

const TAGS: [&str; 6] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/// The rules that have to do with colours; nothing else differs in the dark.
const OF_COLOURS: [&str; 2] = ["color-contrast", "link-in-text-block"];

/// Gives the violations, or why there is no answer. The driver waits for a promise, where it looks for the end of an asynchronous
/// script ten times a second only.
const RUN: &str = "return axe.run(document, {runOnly: arguments[0], resultTypes: ['violations']})
    .then((found) => ({violations: found.violations}), (error) => ({error: String(error)}));";

impl Browser {
    /// Fails with every violation: its rule, where it is, and what helps. A page that was loaded without script is
    /// judged as it is then: script is allowed only while axe needs it, when the page's own has missed its turn.
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
            found.extend(violations.iter().flat_map(|violation| told(scheme, violation)));
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
fn told(scheme: &str, violation: &Value) -> Vec<String> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (rule, help) = (word(&violation["id"]), word(&violation["help"]));
    let nodes = violation["nodes"].as_array().into_iter().flatten();
    nodes.map(|node| format!("{rule} ({scheme}): {help}: {} {}", node["target"], word(&node["html"]))).collect()
}
