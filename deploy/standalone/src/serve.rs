//! Serves both services in one process.

use agents_service::bootstrap::FirstOperator;
use agents_service::maintenance::ProjectionName;
use anyhow::Context;
use contract::clock::Clock;
use contract::ids::{NoRandomness, random_crockford};
use event_store::bus::Bus;
use event_store::projections::OtherService;
use web::cli;
use web::process::{BoundServer, Service, begin, build_unless_stopped, from_here};
use web::settings::Settings;

use crate::demo;

/// Crockford digits of the secret between the services: 160 bits.
const SERVICE_TOKEN_LENGTH: usize = 32;

/// Both services, built.
struct Built {
    services: Vec<Service>,
    first_operator: Option<FirstOperator>,
    warnings: Vec<String>,
}

/// Serves until the process is asked to end.
pub async fn run(mut settings: Settings, with_demo: bool) -> anyhow::Result<u8> {
    let (stop, admin) = begin("signpost", settings.admin_listen)?;
    if with_demo && settings.bootstrap_token.is_none() {
        settings.bootstrap_token = Some(random_crockford(32)?);
    }
    reach_each_other(&mut settings)?;
    let Some(built) = build_unless_stopped(&stop, Box::pin(build(&settings))).await else { return Ok(cli::ALL_WELL) };
    let Built { services, first_operator, warnings } = built?;
    let listening = BoundServer::open(services, admin)?;
    announce(&listening, first_operator.as_ref(), &warnings);
    let places = demo::Places::of(&listening);
    let serving = listening.serve(stop.clone());
    if with_demo && let Some(token) = &settings.bootstrap_token {
        let token = token.clone();
        tokio::spawn(async move { demo::fill(places, token).await });
    }
    serving.await?;
    Ok(cli::ALL_WELL)
}

async fn build(settings: &Settings) -> anyhow::Result<Built> {
    let bus = Bus::connect_to(settings.nats.as_ref(), "standalone").await?;
    let clock = Clock::System;
    let (_, signups_log) = signup_service::maintenance::open(settings).await.context("signup-service")?;
    let signups = OtherService::Here { log: signups_log.clone(), projection: signup_service::maintenance::PROJECTION };
    let agents = agents_service::app::build(settings, clock.clone(), bus.clone(), Some(signups));
    let agents = agents.await.context("agents-service")?;
    let agents_service = Some(OtherService::Here { log: agents.log.clone(), projection: ProjectionName::Sales.name() });
    let signups = signup_service::app::build_on(signups_log, settings, clock, bus, agents_service);
    let signups = signups.await.context("signup-service")?;
    let (first_operator, warnings) = (agents.first_operator, agents.warnings);
    Ok(Built { services: vec![agents.service, signups.service], first_operator, warnings })
}

/// Sets the address and a random secret by which the agents-service calls the signup-service for customers' data,
/// unless the settings have them. With port 0 the address is unknown, so the setting stays unset.
fn reach_each_other(settings: &mut Settings) -> Result<(), NoRandomness> {
    if settings.service_token.is_none() {
        settings.service_token = Some(random_crockford(SERVICE_TOKEN_LENGTH)?);
    }
    if settings.signup_url.is_none() && settings.signup_listen.port() != 0 {
        settings.signup_url = Some(from_here(settings.signup_listen));
    }
    Ok(())
}

fn announce(listening: &BoundServer, first_operator: Option<&FirstOperator>, warnings: &[String]) {
    println!("{}", listening.ready_line("signpost"));
    for (name, url) in &listening.addresses {
        match *name {
            "agents" => {
                println!("  operators: {url}, agents: {url}/portal, programs: {url}/api/v1 ({url}/api/openapi.json)");
            }
            "signup" => println!("  visitors:  {url}/signup/<key>"),
            _ => println!("  probes and metrics: {url}/readyz, {url}/metrics"),
        }
    }
    if let Some(operator @ FirstOperator { login, password }) = first_operator {
        println!("  {operator}");
        let agents = listening.addresses.iter().find(|(name, _)| *name == "agents").map_or("", |(_, url)| url);
        println!(
            "  an API token: curl -u '{login}:{password}' --json '{{\"name\":\"first\"}}' {agents}/api/v1/api-tokens"
        );
    }
    for warning in warnings {
        println!("  warning: {warning}");
    }
}
