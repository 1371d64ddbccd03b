//! What a person does on a page: click, fill in, choose, tick, go back. Elements are found by the words beside or on them.

use anyhow::{Context, Result, bail, ensure};
use fantoccini::actions::{InputSource, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};
use fantoccini::elements::Element;
use fantoccini::error::{CmdError, ErrorStatus};
use serde_json::{Value, from_value, json};

use super::{Browser, SIGHT_LIMIT, plainly};
use crate::wait::eventually;

/// The member of an answer that names an element, by the standard.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

impl Browser {
    /// Goes to an address.
    pub async fn open(&self, url: &str) -> Result<()> {
        self.client().goto(url).await.map_err(plainly).with_context(|| format!("opening {url}"))
    }

    pub async fn reload(&self) -> Result<()> {
        Ok(self.client().refresh().await?)
    }

    /// The browser's own button.
    pub async fn go_back(&self) -> Result<()> {
        Ok(self.client().back().await?)
    }

    /// Clicks the button or link of that name; when this returns, the page to which it leads is there.
    pub async fn click(&self, name: &str) -> Result<()> {
        self.go_by(self.element("button", &[name]).await?).await
    }

    /// The same in the smallest row, section or form that has this text in it.
    pub async fn click_in(&self, place: &str, name: &str) -> Result<()> {
        self.go_by(self.element("button", &[name, place]).await?).await
    }

    /// A slow machine shows the old page for a while, and may say there what is expected of the new one.
    async fn go_by(&self, element: Element) -> Result<()> {
        let leads_elsewhere = self.ask("leadsElsewhere", vec![json!(element)]).await? == true;
        element.click().await.map_err(plainly)?;
        if leads_elsewhere { eventually(SIGHT_LIMIT, async || is_left(&element).await).await } else { Ok(()) }
    }

    /// Clicks twice as fast as the hand can.
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

    /// What the link of that name leads to, as text, without leaving the page.
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

    /// Puts a text in place of whatever the field of that label holds.
    pub async fn fill(&self, label: &str, text: &str) -> Result<()> {
        let field = self.ask("pick", vec![json!(label), json!(text)]).await?;
        if field.is_null() {
            return Ok(());
        }
        let field = self.known(&field)?;
        field.clear().await.map_err(plainly)?;
        field.send_keys(text).await.map_err(plainly).with_context(|| format!("filling in {label}"))
    }

    /// Chooses a file of that name, which holds these bytes, in the field of that label.
    pub async fn attach(&self, label: &str, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.driver.home().join(name);
        std::fs::write(&path, bytes)?;
        let field = self.element("field", &[label]).await?;
        field.send_keys(&path.to_string_lossy()).await.map_err(plainly).with_context(|| format!("choosing {name}"))
    }

    /// Chooses an option of the select of that label.
    pub async fn choose(&self, label: &str, option: &str) -> Result<()> {
        self.element("option", &[label, option]).await?.click().await.map_err(plainly)
    }

    /// Ticks the box, or takes the choice, of that label.
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

    /// What the field of that label holds.
    pub async fn value(&self, label: &str) -> Result<String> {
        Ok(from_value(self.ask("value", vec![json!(label)]).await?)?)
    }

    pub async fn is_checked(&self, label: &str) -> Result<bool> {
        Ok(self.element("field", &[label]).await?.is_selected().await?)
    }

    /// What is said to be wrong with the field of that label; empty when nothing is.
    pub async fn fault(&self, label: &str) -> Result<String> {
        Ok(from_value(self.ask("fault", vec![json!(label)]).await?)?)
    }

    async fn element(&self, kind: &str, words: &[&str]) -> Result<Element> {
        let found = self.ask(kind, words.iter().map(|word| json!(word)).collect()).await?;
        self.known(&found)
    }

    fn known(&self, answer: &Value) -> Result<Element> {
        let id = answer[ELEMENT].as_str().with_context(|| format!("not an element: {answer}"))?;
        Ok(Element::from_element_id(self.client().clone(), id.to_owned().into()))
    }
}

/// The page of which this was a part is not shown any longer, though the next may have the same address.
async fn is_left(part: &Element) -> Result<()> {
    match part.tag_name().await {
        Err(CmdError::Standard(told)) if told.error == ErrorStatus::StaleElementReference => Ok(()),
        Err(error) => Err(plainly(error)),
        Ok(_) => bail!("what was clicked leads nowhere"),
    }
}
