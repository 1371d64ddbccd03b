//! Both services in one process: built, started, announced, ended.

use std::process::ExitCode;

use anyhow::Context;
use shared::bus::Bus;
use shared::clock::Clock;
use shared::http::serve::Stop;
use shared::process::Listening;
use shared::settings::Settings;

use crate::demo;

/// Serves until the process is asked to end.
pub async fn run(mut settings: Settings, with_demo: bool) -> anyhow::Result<ExitCode> {
    let metrics = shared::http::admin::install_metrics();
    let stop = Stop::default();
    stop.at_signals().context("cannot listen for signals")?;
    if with_demo && settings.bootstrap_token.is_none() {
        settings.bootstrap_token = Some(shared::ids::random_crockford(32)?);
    }
    let bus = match &settings.nats_url {
        Some(url) => Some(Bus::connect(url, "standalone").await?),
        None => None,
    };
    let clock = Clock::System;
    let agents = agents_service::app::build(&settings, clock.clone(), bus.clone()).await.context("agents-service")?;
    let agents_log = Some(agents.log.clone());
    let signups = signup_service::app::build(&settings, clock, bus, agents_log).await.context("signup-service")?;
    let (first_operator, warnings) = (agents.first_operator.clone(), agents.warnings.clone());
    let listening = Listening::open(vec![agents.service, signups.service], settings.admin_listen).await?;
    announce(&listening, first_operator.as_ref(), &warnings);
    let places = demo::Places::of(&listening);
    let serving = listening.serve(metrics, stop.clone());
    if with_demo && let Some(token) = &settings.bootstrap_token {
        let token = token.clone();
        tokio::spawn(async move { demo::fill(places, token).await });
    }
    serving.await?;
    Ok(ExitCode::SUCCESS)
}

fn announce(listening: &Listening, first_operator: Option<&(String, String)>, warnings: &[String]) {
    println!("{}", listening.ready_line("signpost"));
    for (name, url) in &listening.addresses {
        match *name {
            "agents" => println!("  operators: {url}/api/v1 (described at {url}/api/openapi.json)"),
            "signup" => println!("  visitors:  {url}/signup/<key>"),
            _ => println!("  probes and metrics: {url}/readyz, {url}/metrics"),
        }
    }
    if let Some((login, password)) = first_operator {
        println!("  first operator: login {login}, password {password} (shown this once; change it)");
        let agents = listening.addresses.iter().find(|(name, _)| *name == "agents").map_or("", |(_, url)| url);
        println!(
            "  an API token: curl -u '{login}:{password}' --json '{{\"name\":\"first\"}}' {agents}/api/v1/api-tokens"
        );
    }
    for warning in warnings {
        println!("  warning: {warning}");
    }
}
