//! HTTP and process infrastructure of both services: the server, problems, idempotent writes, authentication,
//! OpenAPI, event streams, requests to foreign addresses, settings, telemetry, commands and shutdown. Names no noun of the domain.

pub mod cli;
pub mod http;
pub mod outbound;
pub mod process;
pub mod settings;
pub mod telemetry;
