//! Tests of the browser harness: script can be off, the language is requested, faults are found, and all processes
//! end.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::thread::JoinHandle;

use harness::browser::{Options, alone, is_alive};
use harness::{Result, ensure};

const SCRIPTED: &str = "<main><h1 id=said>as written</h1></main><noscript>no script here</noscript>
    <script>document.getElementById('said').textContent = 'as scripted'</script>";

const STRICT: &str = "<meta http-equiv=Content-Security-Policy content=\"script-src 'none'\">
    <main><h1>Strict</h1></main><script>1</script>";

/// Pages with one fault each, and a word of its report.
const FAULTY: [(&str, &str); 8] = [
    ("<main><h1>Wide</h1><div style='width: 3000px; height: 9px'></div></main>", "pixels wide on a screen"),
    (
        "<main><h1 style='width: 5rem; overflow: hidden; white-space: nowrap'>Much too long for it</h1></main>",
        "cut off",
    ),
    ("<main><h1 style='width: 1em'>Unbreakable</h1></main>", "sticks out of its box"),
    ("<main><h1>Twice</h1><p style='margin-top: -3rem'>upon itself</p></main>", "lie over each other"),
    ("<main><h1>Image</h1><img src='data:,' width=9 height=9></main>", "image-alt"),
    ("<main><h1>Pale</h1><p style='color: #ccc; background: #fff'>words</p></main>", "color-contrast"),
    ("<main><h1>Loud</h1></main><script>console.error('oh dear')</script>", "oh dear"),
    (STRICT, "Content Security Policy"),
];

const HEAD: &str = "<!doctype html><html lang=en><meta charset=utf-8><title>Page</title>
    <meta name=viewport content=width=device-width>";

/// A page in a data URL.
fn page(body: &str) -> String {
    format!("data:text/html,{}", harness::api::encoded(&format!("{HEAD}{body}")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn script_runs_only_where_it_may() -> Result<()> {
    alone(Options::desktop("itself::desktop::script_runs"), async |browser| {
        browser.open(&page(SCRIPTED)).await?;
        browser.see("as scripted").await?;
        browser.see_no("no script here").await
    })
    .await?;
    alone(Options::without_script("itself::without_script::script_runs"), async |browser| {
        browser.open(&page(SCRIPTED)).await?;
        for _ in 0..2 {
            browser.see("as written no script here").await?;
            browser.review("as-written").await?;
            browser.reload().await?;
        }
        browser.see("as written no script here").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_is_asked_for_in_the_language_of_the_browser() -> Result<()> {
    let (url, language) = listener()?;
    let outcome = alone(Options::desktop("itself::desktop::language").in_language("pt-BR"), async |browser| {
        browser.open(&url).await?;
        let languages = language.join().unwrap_or_default();
        ensure!(languages.contains("pt-br"), "the page was asked for in {languages:?}");
        Ok(())
    });
    outcome.await
}

/// Answers one request, and returns its `Accept-Language`.
fn listener() -> Result<(String, JoinHandle<String>)> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let url = format!("http://{}/", listener.local_addr()?);
    let answering = move || -> Option<String> {
        let (mut stream, _) = listener.accept().ok()?;
        let lines = BufReader::new(stream.try_clone().ok()?).lines().map_while(std::result::Result::ok);
        let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
        stream
            .write_all(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK",
            )
            .ok()?;
        head.into_iter().map(|line| line.to_lowercase()).find(|line| line.starts_with("accept-language:"))
    };
    Ok((url, std::thread::spawn(move || answering().unwrap_or_default())))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_fault_of_a_page_is_overlooked() -> Result<()> {
    alone(Options::phone("itself::phone::no_fault"), async |browser| {
        for (body, word) in FAULTY {
            browser.open(&page(body)).await?;
            let found = browser.review("faulty").await.err().map(|error| format!("{error:#}")).unwrap_or_default();
            ensure!(found.contains(word), "{word} was not found in {body}, but: {found}");
        }
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_flow_reports_and_pictures_its_page() -> Result<()> {
    let outcome = alone(Options::desktop("itself::desktop::a_flow_that_fails"), async |browser| {
        browser.open(&page("<main><h1>Customers</h1><button>Add customer</button></main>")).await?;
        browser.click("Add agent").await
    });
    if let Err(error) = outcome.await {
        let message = format!("{error:#}");
        for word in
            ["says: Customers", "no button or link called \"Add agent\" among: Add customer", "desktop-failed.png"]
        {
            ensure!(message.contains(word), "{word} is not in: {message}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_left_of_a_browser() -> Result<()> {
    let mut processes = Vec::new();
    alone(Options::desktop("itself::desktop::nothing_is_left"), async |browser| {
        browser.open(&page("<main><h1>Here</h1></main>")).await?;
        processes = browser.processes();
        ensure!(processes.len() > 3, "a browser is more processes than {processes:?}");
        Ok(())
    })
    .await?;
    let left: Vec<u32> = processes.into_iter().filter(|id| is_alive(*id)).collect();
    ensure!(left.is_empty(), "still running: {left:?}");
    Ok(())
}
