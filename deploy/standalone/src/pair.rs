//! Builds both services in one process; each reads the other's log there.

use agents_service::bootstrap::FirstOperator;
use agents_service::maintenance::ProjectionName;
use anyhow::Context;
use contract::clock::Clock;
use event_store::bus::Bus;
use event_store::projections::OtherService;
use web::process::Service;
use web::settings::Settings;

/// Both services, built.
pub struct Pair {
    pub agents: Service,
    pub signup: Service,
    pub agents_app: agents_service::state::AppState,
    pub signup_app: signup_service::state::AppState,
    pub first_operator: Option<FirstOperator>,
    pub warnings: Vec<String>,
}

impl Pair {
    pub async fn build(settings: &Settings, clock: Clock, bus: Option<Bus>) -> anyhow::Result<Self> {
        let (_, signups_log) = signup_service::maintenance::open(settings).await.context("signup-service")?;
        let signups =
            OtherService::Here { log: signups_log.clone(), projection: signup_service::maintenance::PROJECTION };
        let agents = agents_service::app::build(settings, clock.clone(), bus.clone(), Some(signups));
        let agents = agents.await.context("agents-service")?;
        let agents_log = Some(OtherService::Here { log: agents.log.clone(), projection: ProjectionName::Sales.name() });
        let signups = signup_service::app::build_on(signups_log, settings, clock, bus, agents_log);
        let signups = signups.await.context("signup-service")?;
        Ok(Self {
            agents: agents.service,
            signup: signups.service,
            agents_app: agents.app,
            signup_app: signups.app,
            first_operator: agents.first_operator,
            warnings: agents.warnings,
        })
    }
}
