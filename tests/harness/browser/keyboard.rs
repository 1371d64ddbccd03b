//! A person with a keyboard and nothing else: keys are pressed wherever the focus is, and the focus must be seen.

use anyhow::{Result, bail, ensure};
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;

use super::{Browser, plainly};

/// Nobody presses Tab more often than this to get anywhere.
const MOST_TABS: usize = 100;

impl Browser {
    /// Presses one key.
    pub async fn press(&self, key: Key) -> Result<()> {
        self.type_in(&key.to_string()).await
    }

    /// Types a text into whatever has the focus.
    pub async fn type_in(&self, text: &str) -> Result<()> {
        let keyboard = text.chars().fold(KeyActions::new("keyboard".to_owned()), |keyboard, value| {
            keyboard.then(KeyAction::Down { value }).then(KeyAction::Up { value })
        });
        self.client().perform_actions(keyboard).await.map_err(plainly)
    }

    /// The name of what has the focus.
    pub async fn focused(&self) -> Result<String> {
        let found = self.ask("focused", Vec::new()).await?;
        Ok(found["name"].as_str().unwrap_or_default().to_owned())
    }

    /// Presses Tab until the focus is on what has this name. Wherever it comes by, it must be seen.
    pub async fn tab_to(&self, name: &str) -> Result<()> {
        let mut passed = Vec::new();
        for _ in 0..MOST_TABS {
            self.press(Key::Tab).await?;
            let found = self.ask("focused", Vec::new()).await?;
            let at = found["name"].as_str().unwrap_or_default();
            ensure!(found["isMarked"] == true, "nobody sees that the focus is on {at:?}");
            if at.starts_with(name) {
                return Ok(());
            }
            passed.push(at.to_owned());
        }
        bail!("Tab does not lead to {name:?}, but to {passed:?}")
    }
}
