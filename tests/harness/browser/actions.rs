//! Actions of a person on a page: click, fill in, choose, tick, go back. Elements are found by their visible texts.

use anyhow::{Context, Result, bail, ensure};
use fantoccini::actions::{InputSource, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};
use fantoccini::elements::Element;
use fantoccini::error::{CmdError, ErrorStatus};
use serde_json::{Value, from_value, json};

use super::{Browser, SIGHT_LIMIT, plainly};
use crate::wait::eventually;

/// The member that names an element, by the WebDriver standard.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

impl Browser {
    /// Opens an address.
    pub async fn open(&self, url: &str) -> Result<()> {
        self.client().goto(url).await.map_err(plainly).with_context(|| format!("opening {url}"))
    }

    pub async fn reload(&self) -> Result<()> {
        Ok(self.client().refresh().await?)
    }

    /// Clicks the browser's "back".
    pub async fn go_back(&self) -> Result<()> {
        Ok(self.client().back().await?)
    }

    /// Clicks the button or link of that name, and waits for the next page.
    pub async fn click(&self, name: &str) -> Result<()> {
        self.go_by(self.element("button", &[name]).await?).await
    }

    /// Clicks inside the smallest row, section or form with this text.
    pub async fn click_in(&self, place: &str, name: &str) -> Result<()> {
        self.go_by(self.element("button", &[name, place]).await?).await
    }

    /// Clicks, and waits until the old page is gone: its text could pass for that of the new one.
    async fn go_by(&self, element: Element) -> Result<()> {
        let leads_elsewhere = self.call("leadsElsewhere", vec![json!(element)]).await? == true;
        element.click().await.map_err(plainly)?;
        if leads_elsewhere { eventually(SIGHT_LIMIT, async || is_left(&element).await).await } else { Ok(()) }
    }

    /// Clicks twice, as fast as possible.
    pub async fn double_click(&self, name: &str) -> Result<()> {
        let element = self.element("button", &[name]).await?;
        self.client().execute("arguments[0].scrollIntoView({block: 'center'})", vec![json!(element)]).await?;
        let click =
            [PointerAction::Down { button: MOUSE_BUTTON_LEFT }, PointerAction::Up { button: MOUSE_BUTTON_LEFT }];
        let there = PointerAction::MoveToElement { element, duration: None, x: 0.0, y: 0.0 };
        let mouse = MouseActions::new("mouse".to_owned()).then(there);
        let mouse = click.iter().chain(&click).cloned().fold(mouse, InputSource::then);
        self.client().perform_actions(mouse).await.map_err(plainly)
    }

    /// The content behind a link, without leaving the page.
    pub async fn download(&self, name: &str) -> Result<String> {
        const LOAD: &str = "const [link, done] = arguments;
            fetch(link.href).then(async (answer) => done([answer.status, await answer.text()]), (error) => done([0, String(error)]))";
        let link = self.element("button", &[name]).await?;
        self.allow_script(true).await?;
        let answer = self.client().execute_async(LOAD, vec![json!(link)]).await.map_err(plainly);
        self.allow_script(self.options().script).await?;
        let (status, text): (u16, String) = from_value(answer?)?;
        ensure!(status == 200, "{name} was answered with {status}: {text}");
        Ok(text)
    }

    /// Replaces the text of a field.
    pub async fn fill(&self, label: &str, text: &str) -> Result<()> {
        let field = self.call("pick", vec![json!(label), json!(text)]).await?;
        if field.is_null() {
            return Ok(());
        }
        let field = self.known(&field)?;
        field.clear().await.map_err(plainly)?;
        field.send_keys(text).await.map_err(plainly).with_context(|| format!("filling in {label}"))
    }

    /// Chooses a file with this name and content.
    pub async fn attach(&self, label: &str, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.driver.home().join(name);
        std::fs::write(&path, bytes)?;
        let field = self.element("field", &[label]).await?;
        field.send_keys(&path.to_string_lossy()).await.map_err(plainly).with_context(|| format!("choosing {name}"))
    }

    /// Chooses an option of a select.
    pub async fn choose(&self, label: &str, option: &str) -> Result<()> {
        self.element("option", &[label, option]).await?.click().await.map_err(plainly)
    }

    /// Ticks a check box or a radio button.
    pub async fn check(&self, label: &str) -> Result<()> {
        self.tick(label, true).await
    }

    pub async fn uncheck(&self, label: &str) -> Result<()> {
        self.tick(label, false).await
    }

    async fn tick(&self, label: &str, wanted: bool) -> Result<()> {
        let field = self.element("field", &[label]).await?;
        if field.is_selected().await? != wanted {
            field.click().await.map_err(plainly)?;
        }
        ensure!(field.is_selected().await? == wanted, "the box {label} could not be turned");
        Ok(())
    }

    /// The value of a field.
    pub async fn value(&self, label: &str) -> Result<String> {
        Ok(from_value(self.call("value", vec![json!(label)]).await?)?)
    }

    pub async fn is_checked(&self, label: &str) -> Result<bool> {
        Ok(self.element("field", &[label]).await?.is_selected().await?)
    }

    /// The violation at a field; empty when there is none.
    pub async fn fault(&self, label: &str) -> Result<String> {
        Ok(from_value(self.call("fault", vec![json!(label)]).await?)?)
    }

    async fn element(&self, kind: &str, words: &[&str]) -> Result<Element> {
        let found = self.call(kind, words.iter().map(|word| json!(word)).collect()).await?;
        self.known(&found)
    }

    fn known(&self, answer: &Value) -> Result<Element> {
        let id = answer[ELEMENT].as_str().with_context(|| format!("not an element: {answer}"))?;
        Ok(Element::from_element_id(self.client().clone(), id.to_owned().into()))
    }
}

/// Waits until the element's page is gone; the next one may have the same address.
async fn is_left(part: &Element) -> Result<()> {
    match part.tag_name().await {
        Err(CmdError::Standard(error)) if error.error == ErrorStatus::StaleElementReference => Ok(()),
        Err(error) => Err(plainly(error)),
        Ok(_) => bail!("what was clicked leads nowhere"),
    }
}
