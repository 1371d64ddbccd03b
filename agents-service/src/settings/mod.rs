//! The settings: the customer interface URL, the fields and terms of the signup form, the look of the public pages,
//! and the masking of customers. A wrong URL is stored with a warning: see [`signup_url`].

pub mod api;
pub mod branding;
pub mod canned_answers;
pub mod commands;
pub mod frame_origin;
pub mod model;
pub mod new_agents;
pub mod projection;
pub mod queries;
pub mod requests;
pub mod signup_url;
pub mod snapshot;
pub mod statements;
pub mod url_check;
