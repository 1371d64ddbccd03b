//! Idle connections: neither one client's nor many clients' block the service, the other service or the probes.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};

use harness::binaries::{STANDALONE, binary};
use harness::process::{CommandLine, Process};
use harness::{Context, Result, SingleService, ensure, eventually, seconds};

/// More than one client may have, and more than the soft limit on open files below.
const MANY: usize = 600;

/// Both services in a process with this limit on open files, as for `ulimit`.
fn start(alone: &SingleService, limit: &str) -> Result<Process> {
    let listen = ["SIGNPOST_AGENTS_LISTEN", "SIGNPOST_SIGNUP_LISTEN", "SIGNPOST_ADMIN_LISTEN"];
    let settings = listen.map(|name| (name, "127.0.0.1:0")).into_iter();
    let settings = settings.chain([("SIGNPOST_TRUSTED_PROXIES", "192.0.2.1")]);
    let line = CommandLine {
        program: binary(STANDALONE)?,
        arguments: vec!["serve".to_owned()],
        settings: settings.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        folder: alone.folder().to_path_buf(),
        log: alone.folder().join("process.log"),
    };
    Process::start(line.after(&format!("ulimit {limit}")))
}

async fn port(process: &Process, name: &str) -> Result<SocketAddr> {
    let addresses = process.ready().await?;
    Ok(addresses.get(name).context("it is not open")?.trim_start_matches("http://").parse()?)
}

/// A connection from one of the addresses of this machine.
async fn connect(client: u8, to: SocketAddr) -> Result<TcpStream> {
    let socket = tokio::net::TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::new(127, 0, 0, client), 0).into())?;
    let connection = socket.connect(to).await?.into_std()?;
    connection.set_nonblocking(false)?;
    connection.set_read_timeout(Some(seconds(5)))?;
    Ok(connection)
}

/// Whether this client gets a response.
async fn answers(client: u8, to: SocketAddr) -> Result<()> {
    let mut connection = connect(client, to).await?;
    connection.write_all(b"GET /livez HTTP/1.0\r\n\r\n")?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    ensure!(answer.starts_with("HTTP/1.0 "), "no answer: {answer}");
    Ok(())
}

#[tokio::test]
async fn one_client_does_not_keep_others_out() -> Result<()> {
    let alone = SingleService::new(STANDALONE, &[])?;
    let process = start(&alone, "-Sn 128")?;
    let (signup, admin) = (port(&process, "signup").await?, port(&process, "admin").await?);
    let mut taken = Vec::new();
    for _ in 0..MANY {
        taken.push(connect(1, signup).await?);
    }
    ensure!(answers(1, signup).await.is_err(), "one client has more connections than one may have");
    for port in [signup, admin] {
        eventually(seconds(5), async || answers(2, port).await).await?;
    }
    eventually(seconds(5), async || answers(1, admin).await).await?;
    drop(taken);
    eventually(seconds(5), async || answers(1, signup).await).await
}

#[tokio::test]
async fn a_port_that_is_full_leaves_files_for_the_others() -> Result<()> {
    let alone = SingleService::new(STANDALONE, &[])?;
    let process = start(&alone, "-n 400")?;
    let signup = port(&process, "signup").await?;
    let mut taken = Vec::new();
    for number in 0..MANY {
        taken.push(connect(u8::try_from(number % 200)? + 1, signup).await?);
    }
    ensure!(answers(201, signup).await.is_err(), "the port is not full");
    for name in ["agents", "admin"] {
        answers(1, port(&process, name).await?).await?;
    }
    Ok(())
}
