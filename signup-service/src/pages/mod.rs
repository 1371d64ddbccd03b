//! The public pages: plain HTML without need of scripts, in the visitor's language, on their own or in a frame. Every
//! handler returns a page, also for errors.

mod challenge;
pub mod confirmation;
mod form;
pub mod handlers;
mod inputs;
pub mod nowhere;
pub mod old_links;
pub mod outcome_pages;
pub mod page_cache;
pub mod page_template;
#[cfg(test)]
mod samples;
pub mod signup_page;
pub mod site;
