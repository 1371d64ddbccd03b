//! A person who uses only a keyboard: keys go to the element with the focus, and the focus must be visible.

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

    /// Whether the focus is on a link.
    pub async fn is_on_link(&self) -> Result<bool> {
        Ok(self.ask("focused", Vec::new()).await?["isLink"] == true)
    }

    /// Presses Tab until the focus is on what has this name, if it is not there already. Wherever it comes by, it must be seen.
    pub async fn tab_to(&self, name: &str) -> Result<()> {
        let mut passed = Vec::new();
        while passed.len() < MOST_TABS {
            let found = self.ask("focused", Vec::new()).await?;
            let at = found["name"].as_str().unwrap_or_default();
            if is_called(at, name) {
                ensure!(found["isMarked"] == true, "nobody sees that the focus is on {at:?}");
                return Ok(());
            }
            // A page that was just opened has the focus nowhere.
            ensure!(passed.is_empty() || found["isMarked"] == true, "nobody sees that the focus is on {at:?}");
            passed.push(at.to_owned());
            self.press(Key::Tab).await?;
        }
        bail!("Tab does not lead to {name:?}, but to {passed:?}")
    }
}

/// Whether a thing has this name, or one that says more in further words; a link to it says it before a colon.
fn is_called(found: &str, name: &str) -> bool {
    found.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}
