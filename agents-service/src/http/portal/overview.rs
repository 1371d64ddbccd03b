//! The agent's first page: what was agreed with him.

use super::{Asked, Routes, SignedIn, frame};
use crate::http::pages::table::{Cell, ShowPage};
use crate::http::pages::{Answer, page};

pub(super) fn routes(routes: Routes) -> Routes {
    routes.get("/portal", show)
}

async fn show(signed_in: SignedIn, asked: Asked) -> Answer {
    let name = signed_in.agent.as_ref().map_or("", |agent| agent.name.as_str());
    let frame = frame(&signed_in, name, "/portal", &asked);
    let facts = signed_in.agent.iter().flat_map(|agent| {
        let threshold = agent.remittance_threshold;
        [
            ("Commission", Cell::text(format!("{} % of payments received", agent.commission_percent))),
            ("Threshold remittance", Cell::text(format!("{} {}", threshold.amount, threshold.currency.as_str()))),
        ]
    });
    page(&ShowPage { frame, state: None, actions: Vec::new(), facts: facts.collect(), on: None, blocks: Vec::new() })
}
