//! Serves both services in one process.

use agents_service::bootstrap::FirstOperator;
use anyhow::Context;
use contract::clock::Clock;
use contract::ids::{NoRandomness, random_crockford};
use event_store::bus::Bus;
use web::cli;
use web::process::{BoundServer, begin, build_unless_stopped, from_here};
use web::settings::Settings;

use crate::demo;
use crate::pair::Pair;

/// Crockford digits of the secret between the services: 160 bits.
const SERVICE_TOKEN_LENGTH: usize = 32;

/// Serves until the process is asked to end.
pub async fn run(mut settings: Settings, demo_size: Option<demo::Size>) -> anyhow::Result<u8> {
    let (stop, admin) = begin("signpost", settings.admin_listen)?;
    reach_each_other(&mut settings)?;
    let mut demo = None;
    if let Some(size) = demo_size {
        let Some(made) = build_unless_stopped(&stop, Box::pin(demo::make(&settings, size))).await else {
            println!("demo: {}", demo::UNFINISHED);
            return Ok(cli::ALL_WELL);
        };
        demo = made.context("the example could not be made; start again with an empty database")?;
        if demo.is_none() {
            println!("demo: the database is not empty; nothing was added");
        }
    }
    let Some(built) = build_unless_stopped(&stop, Box::pin(build(&settings))).await else { return Ok(cli::ALL_WELL) };
    let Pair { agents, signup, first_operator, mut warnings, .. } = built?;
    if demo::is_unfinished(&agents.database).await? {
        warnings.push(demo::UNFINISHED.to_owned());
    }
    let listening = BoundServer::open(vec![agents, signup], admin)?;
    let first_operator = demo.as_mut().and_then(|demo| demo.first_operator.take()).or(first_operator);
    announce(&listening, first_operator.as_ref(), &warnings);
    if let Some(demo) = &demo {
        let address = |wanted| listening.addresses.iter().find(|(name, _)| *name == wanted).map_or("", |(_, url)| url);
        println!("{}", demo.report(&settings, [address("agents"), address("signup")], first_operator.as_ref()));
    }
    let serving = listening.serve(stop.clone());
    serving.await?;
    Ok(cli::ALL_WELL)
}

async fn build(settings: &Settings) -> anyhow::Result<Pair> {
    let bus = Bus::connect_to(settings.nats.as_ref(), "standalone").await?;
    Pair::build(settings, Clock::System, bus).await
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
