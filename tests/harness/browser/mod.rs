//! A person at a real browser: chromium, on a phone or a desktop, with or without script. A flow says what that person
//! does and sees in the words of the pages, and knows no selector; where `tests/run` found no browser, it is left out.

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

/// How long a page may take to show what is waited for.
const SIGHT_LIMIT: Duration = Duration::from_secs(10);
/// How long a flow may take, several times what the longest does: a browser that hangs is told, and holds no other up.
const FLOW_LIMIT: Duration = Duration::from_mins(5);
/// How long a browser in which a flow failed may take to tell on which page that was.
const TELLING_LIMIT: Duration = Duration::from_secs(20);
/// How much of a page is told when a flow fails on it.
const TOLD_LETTERS: usize = 2_000;
/// What finds and judges things inside the page.
const PAGE_SCRIPT: &str = include_str!("page.js");

/// A browser keeps a core busy while it starts.
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

/// What kind of browser a flow is done in.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub journey: &'static str,
    pub screen: Screen,
    pub script: bool,
    /// What the browser asks pages to speak, as in `Accept-Language`.
    pub language: &'static str,
}

impl Options {
    pub fn phone(journey: &'static str) -> Self {
        Self { screen: Screen::Phone, ..Self::desktop(journey) }
    }

    pub fn desktop(journey: &'static str) -> Self {
        Self { journey, screen: Screen::Desktop, script: true, language: "en" }
    }

    /// A desktop whose owner has switched script off.
    pub fn without_script(journey: &'static str) -> Self {
        Self { script: false, ..Self::desktop(journey) }
    }

    #[must_use]
    pub fn in_language(self, language: &'static str) -> Self {
        Self { language, ..self }
    }
}

/// Does a flow at a browser of its own, on an embedded pair of its own.
pub async fn run(options: Options, flow: impl AsyncFnOnce(&Pair, &Browser) -> Result<()>) -> Result<()> {
    run_on(Setup::embedded(options.journey), options, flow).await
}

/// The same on a pair that is set up so.
pub async fn run_on(
    setup: Setup,
    options: Options,
    flow: impl AsyncFnOnce(&Pair, &Browser) -> Result<()>,
) -> Result<()> {
    // What a page tells of views and refusals is there when it is looked for.
    let pair = Pair::start(setup.with("SIGNPOST_COUNTS_SECONDS", "1"));
    beside(pair, options, async |pair, browser| flow(&pair, browser).await).await
}

/// The same without a pair.
pub async fn alone(options: Options, flow: impl AsyncFnOnce(&Browser) -> Result<()>) -> Result<()> {
    beside(async { Ok(()) }, options, async |(), browser| flow(browser).await).await
}

/// Starts a browser and what the flow needs besides, side by side. When the flow fails, the page on which it failed is told and
/// pictured.
async fn beside<P>(
    partner: impl Future<Output = Result<P>>,
    options: Options,
    flow: impl AsyncFnOnce(P, &Browser) -> Result<()>,
) -> Result<()> {
    let Some(tools) = Tools::given() else { return left_out() };
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
    // Straight to the terminal, since the output of a passing test is kept back.
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

    /// What was asked for at the start.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The processes behind this browser, while they run.
    pub fn processes(&self) -> Vec<u32> {
        self.driver.processes()
    }

    async fn allow_script(&self, allowed: bool) -> Result<()> {
        let off = json!({"value": !allowed});
        self.driver.command("Emulation.setScriptExecutionDisabled", off).await.map(drop)
    }

    /// Asks a function of `page.js`. It is the driver's script and not the page's, and so runs in any case. Of a long page a part
    /// is shown while the rest still arrives: nobody looks for a thing on half a page, or finds that it is not there.
    async fn ask(&self, call: &str, arguments: Vec<Value>) -> Result<Value> {
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
        Ok(self.ask("text", Vec::new()).await?.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until the page shows these words.
    pub async fn see(&self, words: &str) -> Result<()> {
        eventually(SIGHT_LIMIT, async || self.see_now(words).await).await
    }

    /// The page that is shown now says this.
    pub async fn see_now(&self, words: &str) -> Result<()> {
        ensure!(self.text().await?.contains(words), "the page does not say {words:?}");
        Ok(())
    }

    /// Waits until the page does not say this: the one before it may still be there.
    pub async fn see_no(&self, words: &str) -> Result<()> {
        eventually(SIGHT_LIMIT, async || {
            ensure!(!self.text().await?.contains(words), "the page says {words:?}");
            Ok(())
        })
        .await
    }

    /// Waits until a picture is shown that is described so to whoever cannot see it.
    pub async fn see_picture(&self, told: &str) -> Result<()> {
        eventually(SIGHT_LIMIT, async || {
            ensure!(self.ask("picture", vec![json!(told)]).await? == true, "there is no picture of {told:?}");
            Ok(())
        })
        .await
    }

    /// The colour of the button of that name, as browsers write it: `rgb(11, 92, 173)`.
    pub async fn colour(&self, name: &str) -> Result<String> {
        Ok(from_value(self.ask("colour", vec![json!(name)]).await?)?)
    }

    /// Which way the page is written, `ltr` or `rtl`.
    pub async fn direction(&self) -> Result<String> {
        Ok(from_value(self.ask("direction", Vec::new()).await?)?)
    }

    /// Which way the field of that label is written.
    pub async fn direction_of(&self, label: &str) -> Result<String> {
        Ok(from_value(self.ask("direction", vec![json!(label)]).await?)?)
    }

    pub async fn title(&self) -> Result<String> {
        Ok(self.client().title().await?)
    }

    /// Path and query of the page.
    pub async fn path(&self) -> Result<String> {
        let url = self.client().current_url().await?;
        Ok(url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path())))
    }

    /// Waits until the page is one whose path and query have this in them.
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
        error.context(place.unwrap_or_else(|silent| format!("in a browser that does not tell on which page: {silent}")))
    }
}

/// The reason of a failed command without the driver's own stack.
fn plainly(error: fantoccini::error::CmdError) -> Error {
    match error {
        fantoccini::error::CmdError::Standard(told) => {
            anyhow!("{}", told.message.lines().next().unwrap_or_default().to_owned())
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
