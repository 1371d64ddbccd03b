//! The agent's first page: what was agreed with him, and what is known of him.

use axum::extract::State;

use super::{Asked, Office, Routes, SignedIn, frame};
use crate::accounts;
use crate::http::back_office::agents::contact;
use crate::http::pages::table::{Block, Cell, ShowPage};
use crate::http::pages::{Answer, page};

pub(super) fn routes(routes: Routes) -> Routes {
    routes.get("/portal", show)
}

async fn show(State(office): State<Office>, signed_in: SignedIn, asked: Asked) -> Answer {
    let name = signed_in.agent.as_ref().map_or("", |agent| agent.name.as_str());
    let frame = frame(&signed_in, name, "/portal", &asked);
    let facts = signed_in.agent.iter().flat_map(|agent| {
        let threshold = agent.remittance_threshold;
        [
            ("Commission", Cell::text(format!("{} % of payments received", agent.commission_percent))),
            ("Threshold remittance", Cell::text(format!("{} {}", threshold.amount, threshold.currency.as_str()))),
        ]
    });
    let details = accounts::details(office.database(), signed_in.id).await?.unwrap_or_default();
    let details = Block::of_facts("My details", contact(&details));
    let note = "If something is wrong here, please tell the operator.".to_owned();
    let blocks = vec![Block { note: Some(note), ..details }];
    page(&ShowPage { frame, state: None, actions: Vec::new(), facts: facts.collect(), on: None, blocks })
}
