//! A proxy between clients and a server that can cut every connection: before a request reaches the server, or when
//! its response comes.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use anyhow::{Result, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::locked;

const PIECE: usize = 64 * 1024;

/// The moment of the cut, relative to the counted request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    BeforeTheRequest,
    BeforeTheAnswer,
}

struct Trap {
    requests_left: AtomicUsize,
    moment: Mutex<Moment>,
    is_set: AtomicBool,
    cut: watch::Sender<u64>,
}

/// The proxy; it ends when it is dropped.
pub struct Cutter {
    port: u16,
    trap: Arc<Trap>,
    accepting: JoinHandle<()>,
}

impl Cutter {
    /// Forwards to this port of this machine.
    pub async fn start(server: u16) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let trap = Arc::new(Trap {
            requests_left: AtomicUsize::new(0),
            moment: Mutex::new(Moment::BeforeTheRequest),
            is_set: AtomicBool::new(false),
            cut: watch::Sender::new(0),
        });
        let shared = Arc::clone(&trap);
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (trap, mut cut) = (Arc::clone(&shared), shared.cut.subscribe());
                tokio::spawn(async move {
                    tokio::select! {
                        _ = relay(client, server, &trap) => {}
                        _ = cut.changed() => {}
                    }
                });
            }
        });
        Ok(Self { port, trap, accepting })
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// From now on cuts all connections at that request, counted from 1 over all connections.
    pub fn cut_at(&self, request: usize, moment: Moment) {
        *locked(&self.trap.moment) = moment;
        self.trap.requests_left.store(request, Ordering::SeqCst);
        self.trap.is_set.store(true, Ordering::SeqCst);
    }

    /// Whether it has cut since the last `cut_at`.
    pub fn has_cut(&self) -> bool {
        !self.trap.is_set.load(Ordering::SeqCst)
    }
}

impl Drop for Cutter {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Trap {
    /// Whether the current request is the one to cut.
    fn springs(&self) -> Option<Moment> {
        let is_set = self.is_set.load(Ordering::SeqCst);
        let is_it = is_set && self.requests_left.fetch_sub(1, Ordering::SeqCst) == 1;
        is_it.then(|| *locked(&self.moment))
    }

    fn cut(&self) -> Result<()> {
        self.is_set.store(false, Ordering::SeqCst);
        self.cut.send_modify(|times| *times += 1);
        bail!("it was cut here")
    }
}

async fn relay(mut client: TcpStream, server: u16, trap: &Trap) -> Result<()> {
    let mut server = TcpStream::connect(("127.0.0.1", server)).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut request, mut answer) = (vec![0; PIECE], vec![0; PIECE]);
    let mut cuts_answer = false;
    loop {
        tokio::select! {
            length = client.read(&mut request) => match length? {
                0 => return Ok(()),
                length => {
                    match trap.springs() {
                        Some(Moment::BeforeTheRequest) => return trap.cut(),
                        Some(Moment::BeforeTheAnswer) => cuts_answer = true,
                        None => {}
                    }
                    server.write_all(&request[..length]).await?;
                }
            },
            length = server.read(&mut answer) => match length? {
                0 => return Ok(()),
                _ if cuts_answer => return trap.cut(),
                length => client.write_all(&answer[..length]).await?,
            },
        }
    }
}
