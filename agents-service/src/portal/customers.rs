//! The agent's own customers, masked as the operator's settings say. The default identifies a customer in a
//! conversation, but does not let the agent contact them.

use std::collections::HashMap;
use std::future::ready;

use contract::events::agents::CustomerMask;
use unicode_segmentation::UnicodeSegmentation;

use crate::customers::client::Customer;
use crate::sales::placements::{self, PlacementFilter};
use crate::settings;
use crate::state::AppState;
use crate::ui::customers::{name, way};
use crate::ui::layout::Layout;
use crate::ui::list::{ListPage, ListResult, total};
use crate::ui::page_query::PageQuery;
use crate::ui::place_in_list::MAX_COUNTED;
use crate::ui::routes::Routes;
use crate::ui::signed_in::SignedIn;
use crate::ui::sorting::{SortedBy, by_time};
use crate::ui::table::{Cell, Table};

const SORTED: SortedBy = SortedBy { columns: &[by_time("Since")], otherwise: "-created" };
const PLACE: &str = "/portal/customers";

pub fn routes(routes: Routes) -> Routes {
    routes.list(PLACE, "/portal/customers.csv", list)
}

async fn list(app: AppState, signed_in: SignedIn, query: PageQuery) -> ListResult {
    let filter = PlacementFilter {
        agent_id: Some(signed_in.id),
        number_prefix: query.text("search"),
        order: query.order(),
        after: query.parsed("after"),
        limit: query.limit(),
        ..PlacementFilter::default()
    };
    let layout = Layout::new(&signed_in, "Customers", PLACE).warning(app.doubt_about_sales().await?);
    let data = query.data();
    let filters = vec![data.typed("search", "Customer number"), data.order()];
    let found = placements::placements(app.database(), &filter).await?;
    let mask = settings::queries::customer_mask(app.database()).await?;
    let known = match mask {
        // Hidden data is not requested.
        CustomerMask::NumberOnly => Vec::new(),
        CustomerMask::Initials | CustomerMask::Full => {
            let ids: Vec<_> = found.items.iter().map(|placement| placement.customer_id).collect();
            way(&app)?.among(&ids).await?
        }
    };
    let known: HashMap<_, _> = known.into_iter().map(|customer| (customer.customer_id, customer)).collect();
    let rows = found.items.into_iter().map(|placement| {
        let personal = personal(mask, known.get(&placement.customer_id));
        let mut row = vec![Cell::text(placement.customer_number)];
        row.extend(personal.into_iter().map(|(_, text)| Cell::text(text)));
        row.extend([
            Cell::text(placement.call_plan_name),
            Cell::text(placement.group_name),
            Cell::Code(placement.key),
            Cell::moment(placement.placed_at),
        ]);
        row
    });
    let mut columns = vec!["Number"];
    columns.extend(personal(mask, None).into_iter().map(|(column, _)| column));
    columns.extend(["Call plan", "Group", "Signup key", "Since"]);
    let table = Table::new("Customers", columns, rows, "Nobody has signed up through your URLs here yet.");
    let whole = PlacementFilter { after: None, limit: MAX_COUNTED, ..filter };
    let total = total(&app, found.next.as_ref(), ready(Ok(placements::placements_query(&whole)))).await?;
    Ok(ListPage { filters, total, sorted: SORTED, ..ListPage::new(PLACE, layout, table, found.next) })
}

/// The visible personal data of a customer, by column; empty for an unknown customer.
fn personal(mask: CustomerMask, customer: Option<&Customer>) -> Vec<(&'static str, String)> {
    let of = |text: fn(&Customer) -> String| customer.map(text).unwrap_or_default();
    match mask {
        CustomerMask::NumberOnly => Vec::new(),
        CustomerMask::Initials => vec![("Name", of(initials))],
        CustomerMask::Full => {
            vec![("Name", of(name)), ("E-mail", of(|customer| customer.email.clone().unwrap_or_default()))]
        }
    }
}

/// The first name and the first letter of the last name.
fn initials(customer: &Customer) -> String {
    if customer.erased_at.is_some() {
        return "(erased)".to_owned();
    }
    let initial = customer.last_name.as_deref().and_then(first_letter);
    let initial = initial.map(|letter| format!(" {letter}.")).unwrap_or_default();
    format!("{}{initial}", customer.first_name.as_deref().unwrap_or_default())
}

/// The first letter or digit of a name, with its marks; other characters before it are skipped.
fn first_letter(name: &str) -> Option<&str> {
    name.graphemes(true).find(|letter| letter.chars().any(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use contract::clock::Moment;
    use contract::ids::new_id;

    use super::*;
    use crate::customers::client::Placed;

    fn zoe() -> Customer {
        let placement = Placed { key: String::new(), agent_id: new_id(), call_plan_id: new_id(), group_id: new_id() };
        Customer {
            customer_id: new_id(),
            customer_number: "4821973065".to_owned(),
            placed_at: Moment::default(),
            placement,
            erased_at: None,
            email: Some("zoe@example.test".to_owned()),
            first_name: Some("Zoë".to_owned()),
            last_name: Some("Ólafs".to_owned()),
        }
    }

    fn seen(mask: CustomerMask, customer: &Customer) -> Vec<String> {
        personal(mask, Some(customer)).into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn an_agent_sees_of_a_customer_what_the_operator_decides() {
        assert!(seen(CustomerMask::NumberOnly, &zoe()).is_empty());
        assert_eq!(seen(CustomerMask::Initials, &zoe()), ["Zoë Ó."]);
        assert_eq!(seen(CustomerMask::Full, &zoe()), ["Zoë Ólafs", "zoe@example.test"]);
    }

    #[test]
    fn an_initial_is_a_whole_letter() {
        for (last_name, seen_as) in [
            ("e\u{301}\u{323}lan", "Zoë e\u{301}\u{323}."),
            ("\u{200f}\u{202e}Ólafs", "Zoë Ó."),
            ("'t Hooft", "Zoë t."),
            ("क्षत्रिय", "Zoë क्ष."),
            ("7even", "Zoë 7."),
            ("-", "Zoë"),
            ("👩‍👩‍👧", "Zoë"),
        ] {
            let customer = Customer { last_name: Some(last_name.to_owned()), ..zoe() };
            assert_eq!(seen(CustomerMask::Initials, &customer), [seen_as]);
        }
    }

    #[test]
    fn nothing_is_left_of_a_customer_who_was_erased() {
        let gone =
            Customer { erased_at: Some(Moment::default()), email: None, first_name: None, last_name: None, ..zoe() };
        assert_eq!(seen(CustomerMask::Initials, &gone), ["(erased)"]);
        assert_eq!(seen(CustomerMask::Full, &gone), ["(erased)", ""]);
        assert_eq!(personal(CustomerMask::Full, None), [("Name", String::new()), ("E-mail", String::new())]);
    }
}
