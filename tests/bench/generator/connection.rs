//! One keep-alive connection: sends a whole request and reads the whole response. It understands only the responses
//! of this run's servers: a status, headers with `content-length`, a body.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail, ensure};
use httparse::{EMPTY_HEADER, Response, Status};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::RawResponse;

/// Enough for a page; longer responses make it grow.
const BUFFER_BYTES: usize = 16 * 1024;
const MAX_HEADERS: usize = 32;

pub(super) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// The place of a response's body in the received bytes.
struct Head {
    status: u16,
    body: usize,
    end: usize,
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("{address} takes no connection"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::with_capacity(BUFFER_BYTES) })
    }

    /// Sends a request and reads its response.
    pub(super) async fn exchange(&mut self, request: &[u8]) -> Result<RawResponse<'_>> {
        self.received.clear();
        self.stream.write_all(request).await.context("the request could not be sent")?;
        let head = loop {
            self.receive().await?;
            if let Some(head) = head(&self.received)? {
                break head;
            }
        };
        while self.received.len() < head.end {
            self.receive().await?;
        }
        ensure!(self.received.len() == head.end, "the response is longer than its content-length");
        Ok(RawResponse { status: head.status, body: &self.received[head.body..] })
    }

    async fn receive(&mut self) -> Result<()> {
        let count = self.stream.read_buf(&mut self.received).await.context("the answer broke off")?;
        ensure!(count > 0, "the connection was closed before the answer was whole");
        Ok(())
    }
}

/// The head, once it has arrived completely.
fn head(received: &[u8]) -> Result<Option<Head>> {
    let mut headers = [EMPTY_HEADER; MAX_HEADERS];
    let mut response = Response::new(&mut headers);
    let Status::Complete(body) = response.parse(received)? else { return Ok(None) };
    let status = response.code.context("an answer has a status")?;
    for header in response.headers {
        if header.name.eq_ignore_ascii_case("content-length") {
            let length: usize = std::str::from_utf8(header.value)?.trim().parse()?;
            return Ok(Some(Head { status, body, end: body + length }));
        }
    }
    bail!("an answer with status {status} has no content-length")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_found_when_it_is_whole() {
        let bytes = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}";
        assert!(head(&bytes[..20]).unwrap().is_none());
        let found = head(bytes).unwrap().unwrap();
        assert_eq!((found.status, found.body, found.end), (201, bytes.len() - 2, bytes.len()));
        assert!(head(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
