//! The agent's first page: their terms, their sales if they are permitted, and their contact details.

use contract::events::agents::Permission;

use crate::agents;
use crate::ui::action::Action;
use crate::ui::agent_contact::contact;
use crate::ui::layout::Layout;
use crate::ui::page::{PageResult, page};
use crate::ui::routes::Routes;
use crate::ui::sales_summary;
use crate::ui::signed_in::Context;
use crate::ui::table::{Block, Cell, ShowPage};

pub fn routes(routes: Routes) -> Routes {
    routes.get("/portal", show)
}

async fn show(Context(app, signed_in): Context) -> PageResult {
    let name = signed_in.agent.as_ref().map_or("", |agent| agent.name.as_str());
    let mut layout = Layout::new(&signed_in, name, "/portal");
    let facts = signed_in.agent.iter().flat_map(|agent| {
        let threshold = agent.remittance_threshold;
        [
            ("Commission", Cell::text(format!("{} % of payments received", agent.commission_percent))),
            ("Threshold remittance", Cell::text(format!("{} {}", threshold.amount(), threshold.currency().as_str()))),
        ]
    });
    let add = Action::new("Add URL key", "/portal/signup-keys/new");
    let actions = signed_in.may(Permission::SignupUrls).then_some(add).into_iter().collect();
    let mut blocks = Vec::new();
    if signed_in.may(Permission::Sales) {
        layout = layout.warning(app.doubt_about_sales().await?);
        let month = sales_summary::own_month(&app.clock, signed_in.id);
        blocks.push(Block::of_facts("Sales", sales_summary::sums(&app, &month).await?));
    }
    let details = agents::accounts::details(app.database(), signed_in.id).await?.unwrap_or_default();
    let details = contact(&details);
    let note = if details.is_empty() {
        "The operator has not noted how to reach you."
    } else {
        "If something is wrong here, please tell the operator."
    };
    blocks.push(Block { note: Some(note.to_owned()), ..Block::of_facts("My details", details) });
    page(&ShowPage { layout, state: None, actions, facts: facts.collect(), on: None, blocks })
}
