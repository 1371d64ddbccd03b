//! A statement as it is handed out: one content ([`content`]), written as HTML, PDF and CSV. Nothing of it depends on anything that changes
//! after the statement was issued, but for the names, which are emptied when the time to keep them is over.

pub mod api;
pub mod content;
pub mod html;
pub mod pdf;
pub mod print;
pub mod render;
pub mod table;
