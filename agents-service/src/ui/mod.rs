//! What pages are made of: the guard before each page ([`guard`]), the layout, forms and tables, and the pieces that
//! both faces show. It depends on neither face. Pages are added through [`routes::Routes`], which puts them behind
//! the guard.

pub mod account;
pub mod action;
pub mod agent_choice;
pub mod agent_contact;
pub mod assets;
pub mod audience;
pub mod chart;
pub mod confirmation;
pub mod customers;
pub mod enum_labels;
pub mod error_page;
pub mod fallback;
pub mod form;
pub mod guard;
pub mod inputs;
pub mod labels;
pub mod layout;
pub mod messages;
pub mod money;
pub mod notice;
pub mod page;
pub mod render;
pub mod routes;
pub mod sales_summary;
pub mod sign_in;
pub mod signed_in;
pub mod signup_keys;
pub mod submit;
pub mod table;
pub mod thread;
