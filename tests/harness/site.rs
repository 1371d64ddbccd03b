//! A web site of a third party, such as an agent's, on a free port of this machine.

use std::sync::Arc;

use anyhow::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// The longest accepted head of a request.
const HEAD_LIMIT: usize = 64 * 1024;

pub struct Site {
    port: u16,
    /// Ends with the site.
    _serving: JoinSet<()>,
}

impl Site {
    /// Serves these pages, each by its path; other paths are not found.
    pub async fn start(pages: Vec<(&'static str, String)>) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let (pages, mut serving) = (Arc::new(pages), JoinSet::new());
        serving.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let pages = Arc::clone(&pages);
                // A browser may close the connection.
                open.spawn(async move { drop(answer(stream, &pages).await) });
            }
        });
        Ok(Self { port, _serving: serving })
    }

    /// Its origin by one of the names of this machine.
    pub fn origin(&self, host: &str) -> String {
        format!("http://{host}:{}", self.port)
    }
}

async fn answer(mut stream: TcpStream, pages: &[(&str, String)]) -> Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < HEAD_LIMIT {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head);
    let path = head.split(' ').nth(1).unwrap_or_default();
    let found = pages.iter().find(|(known, _)| *known == path).map(|(_, page)| page.as_str());
    let (status, page) = found.map_or(("404 Not Found", ""), |page| ("200 OK", page));
    let length = page.len();
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {length}\r\n");
    let answer = format!("{head}Connection: close\r\n\r\n{page}");
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    Ok(())
}
