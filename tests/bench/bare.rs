//! Starts the bare server, the ceiling of reading over HTTP.

use anyhow::{Context, Result};
use harness::Pair;
use harness::api::{Api, ApiResponse, client};
use harness::process::{CommandLine, Process};
use harness::scratch::{Scratch, log_file, profile_folder};

use crate::cores::Apart;

/// The bare server, and the pair's sample response.
pub struct Bare {
    pub api: Api,
    pub process: Process,
    pub answer: ApiResponse,
    pub page: ApiResponse,
    _files: Scratch,
}

impl Bare {
    /// Starts it beside a pair, with samples of the pair's responses. With keys, the server finds a prepared response
    /// for each of them in a hash map.
    pub async fn start(pair: &Pair, example: &str, keys: &[String], apart: Option<&Apart>) -> Result<Self> {
        let visitor = pair.signup(0);
        let (answer, page) = (visitor.lookup(example).await?.expect(200)?, visitor.page(example).await?.expect(200)?);
        let files = Scratch::new("bench")?;
        let sample = files.path().join("answer.json");
        std::fs::write(&sample, &answer.body)?;
        let mut arguments = vec![sample.display().to_string(), page.body.len().to_string()];
        if !keys.is_empty() {
            let list = files.path().join("keys");
            std::fs::write(&list, keys.join("\n"))?;
            arguments.push(list.display().to_string());
        }
        if let Some(apart) = apart {
            apart.starts_servers()?;
        }
        let process = Process::start(CommandLine {
            program: profile_folder()?.join("bench-bare"),
            arguments,
            settings: Vec::new(),
            folder: files.path().to_path_buf(),
            log: log_file("bench::bare", "bare")?,
        });
        if let Some(apart) = apart {
            apart.is_free()?;
        }
        let process = process?;
        let url = process.ready().await?.remove("http").context("it says where it listens")?;
        Ok(Self { api: Api::new(client()?, &url, None), process, answer, page, _files: files })
    }
}
