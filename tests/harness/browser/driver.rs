//! One chromedriver with one headless chromium on an empty profile, and the end of all their processes. It speaks
//! WebDriver and the browser's own protocol.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::{Method, Url};
use serde_json::{Value, json};

use super::Options;
use crate::process::{CommandLine, Process, signal};
use crate::scratch::{Scratch, log_file};
use crate::wait::held_within;

const END_LIMIT: Duration = Duration::from_secs(30);
/// Most starts of the driver: it picks a port that is free for one address family and may be taken for the other.
const MAX_STARTS: usize = 5;
const STARTED: &str = "was started successfully on port ";

/// Chromium calls only the pages, stores nothing, and needs no sandbox for our own pages. Every host of the example
/// domain resolves to this machine, as an operator's public host does for visitors.
const SWITCHES: [&str; 14] = [
    "--host-resolver-rules=MAP *.example.com 127.0.0.1",
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-dev-shm-usage",
    "--disable-features=Translate,OptimizationHints,MediaRouter",
    "--password-store=basic",
];

/// The programs and files of a browser, found or installed by `tests/run`.
pub struct Tools {
    chromium: PathBuf,
    chromedriver: PathBuf,
    pub axe: PathBuf,
}

impl Tools {
    /// `None` when one of them is missing.
    pub fn from_env() -> Option<Self> {
        let path = |name: &str| std::env::var_os(format!("SIGNPOST_TEST_{name}")).map(PathBuf::from);
        Some(Self { chromium: path("CHROMIUM")?, chromedriver: path("CHROMEDRIVER")?, axe: path("AXE")? })
    }
}

pub struct Driver {
    pub client: Client,
    programs: Programs,
}

impl Driver {
    pub async fn start(tools: &Tools, options: &Options) -> Result<Self> {
        let mut starts = 1..MAX_STARTS;
        let (programs, line) = loop {
            let programs = Programs::start(tools, options)?;
            match programs.chromedriver.wait_for_line(|line| line.contains(STARTED)).await {
                Ok(line) => break (programs, line),
                Err(error) if starts.next().is_none() => return Err(error),
                Err(_) => {}
            }
        };
        let port = line.rsplit(STARTED).next().unwrap_or_default().trim_end_matches('.');
        let wanted = capabilities(tools, options, programs.scratch.path());
        let mut client = ClientBuilder::new(HttpConnector::new());
        client.capabilities(wanted.as_object().cloned().unwrap_or_default());
        let client = client.connect(&format!("http://127.0.0.1:{port}")).await.context("chromium did not start")?;
        Ok(Self { client, programs })
    }

    /// Sends a command of the browser's own protocol, which offers more than WebDriver.
    pub async fn command(&self, name: &str, parameters: Value) -> Result<Value> {
        let body = json!({"cmd": name, "params": parameters});
        let answer = self.client.issue_cmd(Extension { path: "goog/cdp/execute", body }).await;
        answer.with_context(|| name.to_owned())
    }

    /// The browser's console messages since the last call.
    pub async fn console(&self) -> Result<Vec<Value>> {
        let answer = self.client.issue_cmd(Extension { path: "se/log", body: json!({"type": "browser"}) }).await?;
        Ok(answer.as_array().cloned().unwrap_or_default())
    }

    pub fn processes(&self) -> Vec<u32> {
        self.programs.processes()
    }

    /// The folder that is removed with the browser.
    pub fn home(&self) -> &Path {
        self.programs.scratch.path()
    }
}

/// The driver's process, and its and chromium's home folder.
struct Programs {
    chromedriver: Process,
    scratch: Scratch,
}

impl Programs {
    fn start(tools: &Tools, options: &Options) -> Result<Self> {
        let scratch = Scratch::new("browser")?;
        let home = scratch.path().to_str().context("the temporary folder has a plain name")?;
        let chromedriver = Process::start(CommandLine {
            program: tools.chromedriver.clone(),
            arguments: vec!["--port=0".to_owned()],
            // Everything that chromium writes is removed with the folder.
            settings: ["HOME", "TMPDIR"].map(|name| (name.to_owned(), home.to_owned())).into(),
            folder: scratch.path().to_path_buf(),
            log: log_file(options.journey, "chromedriver")?,
        })?;
        Ok(Self { chromedriver, scratch })
    }

    /// Every process of the driver, itself included. They are found by their parents and by their home folder, since
    /// some change their parent and some hide their environment.
    fn processes(&self) -> Vec<u32> {
        let Some(own) = self.chromedriver.id() else { return Vec::new() };
        let home = format!("HOME={}", self.scratch.path().display()).into_bytes();
        let all = parents();
        let at_home = |id: &u32| {
            let environment = std::fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|entry| entry == home)
        };
        let mut found: Vec<u32> = all.keys().copied().filter(|id| *id == own || at_home(id)).collect();
        let mut next = 0;
        while let Some(&parent) = found.get(next) {
            let children = all.iter().filter(|(_, of)| **of == parent).map(|(id, _)| *id);
            let new: Vec<u32> = children.filter(|id| !found.contains(id)).collect();
            found.extend(new);
            next += 1;
        }
        found
    }
}

impl Drop for Programs {
    fn drop(&mut self) {
        let family = self.processes();
        self.chromedriver.stop();
        let left: Vec<u32> = family.into_iter().filter(|id| is_alive(*id)).collect();
        if !left.is_empty() {
            // One of them may have ended in between.
            let _ = signal("KILL", &left);
            held_within(END_LIMIT, || !left.iter().any(|id| is_alive(*id)));
        }
    }
}

/// Whether a process still runs; a zombie does not.
pub fn is_alive(id: u32) -> bool {
    stat(id).is_some_and(|(state, _)| state != "Z")
}

/// The parent of every process of this machine.
fn parents() -> HashMap<u32, u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter_map(|id| Some((id, stat(id)?.1))).collect()
}

/// State and parent of a process. The name before them may hold any character.
fn stat(id: u32) -> Option<(String, u32)> {
    let line = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let mut words = line.rsplit_once(')')?.1.split_whitespace();
    Some((words.next()?.to_owned(), words.next()?.parse().ok()?))
}

fn capabilities(tools: &Tools, options: &Options, home: &Path) -> Value {
    let (width, height) = options.screen.size();
    let phone = options.screen.is_phone();
    let density = if phone { 2 } else { 1 };
    let own =
        [format!("--user-data-dir={}", home.join("profile").display()), format!("--window-size={width},{height}")];
    let switches: Vec<String> = SWITCHES.map(str::to_owned).into_iter().chain(own).collect();
    json!({
        "browserName": "chrome",
        "goog:loggingPrefs": {"browser": "ALL"},
        "goog:chromeOptions": {
            "binary": tools.chromium,
            "args": switches,
            // The offer to store a password would cover the page.
            "prefs": {
                "intl.accept_languages": options.language,
                "credentials_enable_service": false,
                "profile.password_manager_leak_detection": false,
            },
            "mobileEmulation": {"deviceMetrics": {
                "width": width, "height": height, "pixelRatio": density, "mobile": phone, "touch": phone,
            }},
        },
    })
}

/// A command of chromedriver alone.
#[derive(Debug)]
struct Extension {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Extension {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, <Url as std::str::FromStr>::Err> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}
