//! The rules of agents, call plans, groups and signup keys, as pure functions of history and command.
//! Names no runtime, web server, database, bus, clock or random source.

pub mod agent;
pub mod api_token;
pub mod branding;
pub mod call_plan;
pub mod frame_origin;
pub mod grants;
pub mod group;
pub mod message;
pub mod operator;
pub mod settings;
pub mod signup_key;
pub mod signup_url;
pub mod text;
