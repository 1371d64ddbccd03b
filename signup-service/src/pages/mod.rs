//! The public pages: plain HTML that needs no script, in the visitor's language, on a page of their own or in a frame. Each handler
//! answers with a page, whatever goes wrong.

mod form;
pub mod handlers;
pub mod nowhere;
pub mod old_links;
pub mod outcome_pages;
pub mod page_cache;
pub mod page_template;
#[cfg(test)]
mod samples;
pub mod signup_page;
pub mod site;
