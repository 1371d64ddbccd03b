//! A person at a real browser: chromium, on a phone or a desktop, with or without script. Flows use the visible texts
//! of pages and no selectors; without an installed browser they are skipped locally.

mod accessible;
mod actions;
mod driver;
mod frames;
mod keyboard;
mod picture;

use std::io::Write as _;
use std::sync::Once;
use std::time::Duration;

use anyhow::{Error, Result, anyhow, ensure};
use fantoccini::Client;
use serde_json::{Value, from_value, json};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::pair::Pair;
use crate::setup::Setup;
use crate::wait::eventually;
pub use driver::is_alive;
use driver::{Driver, Tools};
pub use fantoccini::key::Key;

/// Longest wait for a text on a page.
const SIGHT_LIMIT: Duration = Duration::from_mins(1);
/// Longest duration of a flow, several times that of the longest: a browser that hangs is reported and does not block
/// others.
const FLOW_LIMIT: Duration = Duration::from_mins(10);
/// Longest wait for a failed browser's report of its page.
const TELLING_LIMIT: Duration = Duration::from_mins(1);
/// Characters of a page in a failure report.
const TOLD_LETTERS: usize = 2_000;
/// The script that finds and checks elements in the page.
const PAGE_SCRIPT: &str = include_str!("page.js");

/// A starting browser keeps a core busy.
static BROWSERS_AT_ONCE: Semaphore = Semaphore::const_new(2);

#[derive(Clone, Copy, Debug)]
pub enum Screen {
    Phone,
    Desktop,
}

impl Screen {
    /// Width and height in CSS pixels.
    pub fn size(self) -> (u32, u32) {
        match self {
            Self::Phone => (390, 844),
            Self::Desktop => (1280, 900),
        }
    }

    pub fn is_phone(self) -> bool {
        matches!(self, Self::Phone)
    }
}

/// The kind of browser of a flow.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub journey: &'static str,
    pub screen: Screen,
    pub script: bool,
    /// The `Accept-Language` of the browser.
    pub language: &'static str,
}

impl Options {
    pub fn phone(journey: &'static str) -> Self {
        Self { screen: Screen::Phone, ..Self::desktop(journey) }
    }

    pub fn desktop(journey: &'static str) -> Self {
        Self { journey, screen: Screen::Desktop, script: true, language: "en" }
    }

    /// A desktop with script turned off.
    pub fn without_script(journey: &'static str) -> Self {
        Self { script: false, ..Self::desktop(journey) }
    }

    #[must_use]
    pub fn in_language(self, language: &'static str) -> Self {
        Self { language, ..self }
    }
}

/// Runs a flow in a new browser, on a new embedded pair.
pub async fn run(options: Options, flow: impl AsyncFnOnce(&Pair, &Browser) -> Result<()>) -> Result<()> {
    run_on(Setup::embedded(options.journey), options, flow).await
}

/// Runs a flow on a pair with this set-up.
pub async fn run_on(
    setup: Setup,
    options: Options,
    flow: impl AsyncFnOnce(&Pair, &Browser) -> Result<()>,
) -> Result<()> {
    // Views and refusals are recorded soon, so that pages show them.
    let pair = Box::pin(Pair::start(setup.with("SIGNPOST_COUNTS_SECONDS", "1")));
    beside(pair, options, async |pair, browser| flow(&pair, browser).await).await
}

/// Runs a flow without a pair.
pub async fn alone(options: Options, flow: impl AsyncFnOnce(&Browser) -> Result<()>) -> Result<()> {
    beside(async { Ok(()) }, options, async |(), browser| flow(browser).await).await
}

/// Starts a browser and the flow's other fixture in parallel. A failure reports the page's text and a picture.
async fn beside<P>(
    partner: impl Future<Output = Result<P>>,
    options: Options,
    flow: impl AsyncFnOnce(P, &Browser) -> Result<()>,
) -> Result<()> {
    let Some(tools) = Tools::from_env() else { return left_out() };
    let _place = BROWSERS_AT_ONCE.acquire().await?;
    let (browser, partner) = tokio::try_join!(Browser::start(options, tools), partner)?;
    let whole = async {
        flow(partner, &browser).await?;
        browser.has_no_complaint().await
    };
    match in_time(FLOW_LIMIT, Box::pin(whole)).await {
        Ok(()) => Ok(()),
        Err(error) => Err(browser.explained(error).await),
    }
}

async fn in_time<T>(limit: Duration, what: impl Future<Output = Result<T>>) -> Result<T> {
    timeout(limit, what).await.unwrap_or_else(|_| Err(anyhow!("not done after {} s", limit.as_secs())))
}

fn left_out() -> Result<()> {
    static ONCE: Once = Once::new();
    let in_ci = std::env::var("CI").is_ok_and(|value| value == "true");
    ensure!(!in_ci, "the browser is missing, and in CI that is a failure");
    // Straight to the terminal, since the output of a passing test is hidden.
    ONCE.call_once(|| drop(writeln!(std::io::stderr(), "browser half not run: run tests/run")));
    Ok(())
}

pub struct Browser {
    options: Options,
    tools: Tools,
    driver: Driver,
}

impl Browser {
    async fn start(options: Options, tools: Tools) -> Result<Self> {
        let driver = Driver::start(&tools, &options).await?;
        let browser = Self { options, tools, driver };
        browser.allow_script(options.script).await?;
        browser.forget_pictures()?;
        Ok(browser)
    }

    fn client(&self) -> &Client {
        &self.driver.client
    }

    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The running processes of this browser.
    pub fn processes(&self) -> Vec<u32> {
        self.driver.processes()
    }

    async fn allow_script(&self, allowed: bool) -> Result<()> {
        let off = json!({"value": !allowed});
        self.driver.command("Emulation.setScriptExecutionDisabled", off).await.map(drop)
    }

    /// Calls a function of `page.js`, by WebDriver, so it runs even where script is off. Waits until the page is
    /// complete: an element of a long page may not have arrived yet.
    async fn call(&self, call: &str, arguments: Vec<Value>) -> Result<Value> {
        eventually(SIGHT_LIMIT, async || {
            let state = self.client().execute("return document.readyState", Vec::new()).await.map_err(plainly)?;
            ensure!(state != "loading", "the page is still arriving");
            Ok(())
        })
        .await?;
        let script = format!("{PAGE_SCRIPT}\nreturn {call}(...arguments);");
        self.client().execute(&script, arguments).await.map_err(plainly)
    }

    /// Everything that can be read on the page, in one line.
    pub async fn text(&self) -> Result<String> {
        Ok(self.call("text", Vec::new()).await?.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until the page shows these words.
    pub async fn see(&self, words: &str) -> Result<()> {
        eventually(SIGHT_LIMIT, async || self.see_now(words).await).await
    }

    /// Waits until the page says one of two texts; returns which.
    pub async fn see_either<'a>(&self, one: &'a str, other: &'a str) -> Result<&'a str> {
        eventually(SIGHT_LIMIT, async || match self.see_now(one).await {
            Ok(()) => Ok(one),
            Err(_) => self.see_now(other).await.map(|()| other),
        })
        .await
    }

    /// Checks that the current page shows these words.
    pub async fn see_now(&self, words: &str) -> Result<()> {
        ensure!(self.text().await?.contains(words), "the page does not say {words:?}");
        Ok(())
    }

    /// Waits until the page does not show these words, since the page before it may still be there.
    pub async fn see_no(&self, words: &str) -> Result<()> {
        eventually(SIGHT_LIMIT, async || {
            ensure!(!self.text().await?.contains(words), "the page says {words:?}");
            Ok(())
        })
        .await
    }

    /// Waits for a picture with this alternative text.
    pub async fn see_picture(&self, description: &str) -> Result<()> {
        eventually(SIGHT_LIMIT, async || {
            ensure!(
                self.call("picture", vec![json!(description)]).await? == true,
                "there is no picture of {description:?}"
            );
            Ok(())
        })
        .await
    }

    /// The colour of a button, as browsers write it: `rgb(11, 92, 173)`.
    pub async fn colour(&self, name: &str) -> Result<String> {
        Ok(from_value(self.call("colour", vec![json!(name)]).await?)?)
    }

    /// The page's direction, `ltr` or `rtl`.
    pub async fn direction(&self) -> Result<String> {
        Ok(from_value(self.call("direction", Vec::new()).await?)?)
    }

    /// The direction of a field.
    pub async fn direction_of(&self, label: &str) -> Result<String> {
        Ok(from_value(self.call("direction", vec![json!(label)]).await?)?)
    }

    pub async fn title(&self) -> Result<String> {
        Ok(self.client().title().await?)
    }

    /// Path and query of the page.
    pub async fn path(&self) -> Result<String> {
        let url = self.client().current_url().await?;
        Ok(url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path())))
    }

    /// Waits until the path and query contain this text.
    pub async fn comes_to(&self, part: &str) -> Result<()> {
        eventually(SIGHT_LIMIT, async || {
            let path = self.path().await?;
            ensure!(path.contains(part), "the page is {path:?}, not {part:?}");
            Ok(())
        })
        .await
    }

    async fn explained(&self, error: Error) -> Error {
        let place = async {
            let text = self.text().await.unwrap_or_default().chars().take(TOLD_LETTERS).collect::<String>();
            let path = self.path().await.unwrap_or_default();
            let picture = self.photograph("failed").await.map(|path| path.display().to_string());
            let picture = picture.unwrap_or_else(|error| format!("no picture: {error:#}"));
            Ok(format!("on the page {path} ({picture}), which says: {text}\n"))
        };
        let place = in_time(TELLING_LIMIT, place).await;
        error.context(place.unwrap_or_else(|silent| format!("in a browser that does not report its page: {silent}")))
    }
}

/// The reason of a failed command without the driver's stack.
fn plainly(error: fantoccini::error::CmdError) -> Error {
    match error {
        fantoccini::error::CmdError::Standard(failure) => {
            anyhow!("{}", failure.message.lines().next().unwrap_or_default().to_owned())
        }
        other => Error::new(other),
    }
}

/// Declares flows, each in three browsers: `phone::name`, `desktop::name`, `without_script::name`. Others are chosen by
/// `on_screens!([desktop, without_script] (name))`, in another language by `on_screens!([desktop] in "ar" (name))`.
#[macro_export]
macro_rules! on_screens {
    ([$($screen:ident),+] in $language:literal $flows:tt) => { $( $crate::on_screen!($screen, $language, $flows); )+ };
    ([$($screen:ident),+] $flows:tt) => { $crate::on_screens!([$($screen),+] in "en" $flows); };
    ($($flow:ident),+ $(,)?) => { $crate::on_screens!([phone, desktop, without_script] ($($flow),+)); };
}

/// Declares flows in one kind of browser.
#[macro_export]
macro_rules! on_screen {
    ($screen:ident, $language:literal, ($($flow:ident),+ $(,)?)) => {
        mod $screen {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $flow() -> $crate::Result<()> {
                let options = $crate::browser::Options::$screen(concat!(module_path!(), "::", stringify!($flow)));
                $crate::browser::run(options.in_language($language), super::$flow).await
            })+
        }
    };
}
