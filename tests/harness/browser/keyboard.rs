//! A person with a keyboard only: keys go to the focused element, and the focus must be visible.

use anyhow::{Result, bail, ensure};
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;

use super::{Browser, plainly};

/// Most presses of Tab to reach an element.
const MOST_TABS: usize = 100;

impl Browser {
    /// Presses one key.
    pub async fn press(&self, key: Key) -> Result<()> {
        self.type_in(&key.to_string()).await
    }

    /// Types a text into the focused element.
    pub async fn type_in(&self, text: &str) -> Result<()> {
        let keyboard = text.chars().fold(KeyActions::new("keyboard".to_owned()), |keyboard, value| {
            keyboard.then(KeyAction::Down { value }).then(KeyAction::Up { value })
        });
        self.client().perform_actions(keyboard).await.map_err(plainly)
    }

    /// The name of the focused element.
    pub async fn focused(&self) -> Result<String> {
        let found = self.call("focused", Vec::new()).await?;
        Ok(found["name"].as_str().unwrap_or_default().to_owned())
    }

    /// Whether the focus is on a link.
    pub async fn is_on_link(&self) -> Result<bool> {
        Ok(self.call("focused", Vec::new()).await?["isLink"] == true)
    }

    /// Presses Tab until the element of this name has the focus. The focus must be visible on the way.
    pub async fn tab_to(&self, name: &str) -> Result<()> {
        let mut passed = Vec::new();
        while passed.len() < MOST_TABS {
            let found = self.call("focused", Vec::new()).await?;
            let at = found["name"].as_str().unwrap_or_default();
            if is_called(at, name) {
                ensure!(found["isMarked"] == true, "the focus on {at:?} is not visible");
                return Ok(());
            }
            // A new page has no focus.
            ensure!(passed.is_empty() || found["isMarked"] == true, "the focus on {at:?} is not visible");
            passed.push(at.to_owned());
            self.press(Key::Tab).await?;
        }
        bail!("Tab does not lead to {name:?}, but to {passed:?}")
    }
}

/// Whether an element has this name, or one that begins with it; error links end it with a colon.
fn is_called(found: &str, name: &str) -> bool {
    found.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}
