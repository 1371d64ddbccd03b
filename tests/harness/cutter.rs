//! A relay between clients and a server that cuts every connection when it is told to: before a request reaches the server, or
//! when its answer comes.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use anyhow::{Result, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::locked;

const PIECE: usize = 64 * 1024;

/// Which moment it is, of the request that the others are counted up to.
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

/// The relay; ends when it is dropped.
pub struct Cutter {
    port: u16,
    trap: Arc<Trap>,
    accepting: JoinHandle<()>,
}

impl Cutter {
    /// Relays to what listens on this port of this machine.
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

    /// Cuts all connections at that request from now on, counted from 1, on whatever connection it comes.
    pub fn cut_at(&self, request: usize, moment: Moment) {
        *locked(&self.trap.moment) = moment;
        self.trap.requests_left.store(request, Ordering::SeqCst);
        self.trap.is_set.store(true, Ordering::SeqCst);
    }

    /// Whether it has cut since it was told to.
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
    /// Whether the request that is here is the one.
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
