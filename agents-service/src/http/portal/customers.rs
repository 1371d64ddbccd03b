//! The agent's own customers, masked: enough to know whom he spoke to, not enough to reach those he did not.

use std::collections::HashMap;

use axum::extract::State;

use super::{Asked, Office, Routes, SignedIn, frame};
use crate::customers::Customer;
use crate::http::back_office::LIST_LIMIT;
use crate::http::back_office::customers::way;
use crate::http::pages::table::{Cell, ListPage, Table, page_link};
use crate::http::pages::{Answer, page};
use crate::views::sales::{self, PlacementFilter};

const PLACE: &str = "/portal/customers";

pub(super) fn routes(routes: Routes) -> Routes {
    routes.get(PLACE, list)
}

async fn list(State(office): State<Office>, signed_in: SignedIn, asked: Asked) -> Answer {
    let filter = PlacementFilter {
        agent_id: Some(signed_in.id),
        number_prefix: asked.text("search"),
        after: asked.parsed("after"),
        limit: LIST_LIMIT,
        ..PlacementFilter::default()
    };
    let frame = frame(&signed_in, "Customers", PLACE, &asked);
    let filters = vec![asked.entry().typed("search", "Customer number")];
    let found = sales::placements(office.database(), &filter).await?;
    let ids: Vec<_> = found.items.iter().map(|placement| placement.customer_id).collect();
    let known = way(&office)?.among(&ids).await?;
    let known: HashMap<_, _> = known.into_iter().map(|customer| (customer.customer_id, customer)).collect();
    let rows = found.items.into_iter().map(|placement| {
        vec![
            Cell::text(placement.customer_number),
            Cell::text(known.get(&placement.customer_id).map(masked).unwrap_or_default()),
            Cell::text(placement.call_plan_name),
            Cell::text(placement.group_name),
            Cell::Code(placement.key),
            Cell::moment(placement.placed_at),
        ]
    });
    let table = Table {
        caption: "Customers",
        columns: vec!["Number", "Name", "Call plan", "Group", "Signup key", "Since (UTC)"],
        rows: rows.collect(),
        empty: "Nobody has signed up through your URLs here yet.".to_owned(),
    };
    let next = found.next.map(|after| page_link(PLACE, &filters, &after));
    page(&ListPage { frame, actions: Vec::new(), filters, table, next })
}

/// The first name and the first letter of the last.
fn masked(customer: &Customer) -> String {
    if customer.erased_at.is_some() {
        return "(erased)".to_owned();
    }
    let initial = customer.last_name.as_deref().and_then(|name| name.chars().next());
    let initial = initial.map(|letter| format!(" {letter}.")).unwrap_or_default();
    format!("{}{initial}", customer.first_name.as_deref().unwrap_or_default())
}
