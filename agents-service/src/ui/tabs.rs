//! The parts of a thing's page, each at an address of its own: links above the part that is open.

use askama::Template;

use crate::ui::action::Action;
use crate::ui::analysis::overview::OfPeriod;
use crate::ui::inputs::Kind;
use crate::ui::layout::Layout;
use crate::ui::table::{Block, Cell};

/// The link to a part.
#[derive(Clone, Debug)]
pub struct Tab {
    pub label: &'static str,
    pub href: String,
    /// It is the part that is open.
    pub is_current: bool,
}

/// A part of a thing's page.
#[derive(Template)]
#[template(path = "tabbed.html")]
pub struct TabbedPage {
    pub layout: Layout,
    /// Those that the account may not open are left out.
    pub tabs: Vec<Tab>,
    pub state: Option<&'static str>,
    pub actions: Vec<Action>,
    /// The period of the figures, where one can be chosen.
    pub of_period: Option<OfPeriod>,
    /// The figures that stand first.
    pub figures: Vec<(&'static str, Cell)>,
    pub facts: Vec<(&'static str, Cell)>,
    /// A day of the thing's history can be chosen.
    pub has_days: bool,
    pub blocks: Vec<Block>,
}
