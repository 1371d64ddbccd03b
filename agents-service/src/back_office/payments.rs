//! Payments: the list, those without a known customer first to be looked at, and one payment with its lines.

use std::future::ready;

use axum::extract::Path;
use contract::text::isolated;
use web::http::Problem;

use crate::back_office::history;
use crate::endpoint::path_segment;
use crate::payments::commands::AttributePayment;
use crate::payments::model::{id, stream};
use crate::payments::queries::{self, Filter};
use crate::payments::requests::AttributionRequest;
use crate::payments::snapshot::{PaymentSnapshot, ReversalOutcome};
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::enum_labels;
use crate::ui::form::{CsrfForm, Empty, FormData};
use crate::ui::inputs::{FormPage, Section};
use crate::ui::labels::Labels;
use crate::ui::layout::Layout;
use crate::ui::list::{ListPage, ListResult, total};
use crate::ui::money;
use crate::ui::notice::Notice;
use crate::ui::page::{PageResult, page, redirect_with_notice};
use crate::ui::page_query::PageQuery;
use crate::ui::place_in_list::MAX_COUNTED;
use crate::ui::routes::Routes;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::sorting::{SortedBy, by_time};
use crate::ui::submit::{form_page, redisplay, submit};
use crate::ui::table::{Block, Cell, ShowPage, Table};

pub const SORTED: SortedBy = SortedBy { columns: &[by_time("Received")], otherwise: "-created" };
const PLACE: &str = "/payments";
// Not below the payments: a payment may have any reference.
const OPEN_REVERSALS: &str = "/open-reversals";
const ATTRIBUTED: Notice =
    Notice { code: "attributed", text: "The payment has its customer. The commission is written." };
const ONLY: [(&str, &str); 1] = [("true", "Without a known customer")];

pub fn routes(routes: Routes) -> Routes {
    routes
        .list(PLACE, "/payments.csv", list)
        .list(OPEN_REVERSALS, "/open-reversals.csv", open_reversals)
        .get("/payments/{reference}", show)
        .get("/payments/{reference}/attribution", ask_whose)
        .post("/payments/{reference}/attribution", attribute)
}

fn path(reference: &str) -> String {
    format!("{PLACE}/{}", path_segment(reference))
}

async fn list(app: AppState, signed_in: SignedIn, query: PageQuery) -> ListResult {
    let filter = Filter {
        agent_id: query.parsed("agent_id"),
        unattributed: query.parsed("unattributed").unwrap_or(false),
        order: query.order(),
        after: query.parsed("after"),
        limit: query.limit(),
        ..Filter::default()
    };
    let none_yet = "No payments yet. The billing system sends them to /api/v1/payments.";
    let empty = query.empty_text("No payments match.", none_yet);
    let data = query.data();
    let found = queries::list(app.database(), &filter).await.map_err(Problem::from)?;
    let names = Labels::get(&app, None, found.items.iter().filter_map(|item| item.agent_id)).await?;
    let rows = found.items.into_iter().map(|item| {
        vec![
            Cell::link(item.reference.clone(), path(&item.reference)),
            item.agent_id.map_or_else(|| Cell::State("unattributed".to_owned()), |id| names.link("/agents", id)),
            money::cell(item.amount),
            money::cell(item.amount_left),
            item.agent_id.map_or_else(|| Cell::number(""), |_| money::cell(item.commission)),
            Cell::moment(item.received_at),
        ]
    });
    let columns = ["Reference", "Agent", "Amount", "Left", "Commission", "Received"];
    let table = Table::new("Payments", columns, rows, empty);
    let filters = vec![data.choice("unattributed", "Show", Some("All"), ONLY), data.order()];
    let actions = vec![Action::new("Refunds that do not fit", OPEN_REVERSALS)];
    let layout = Layout::new(&signed_in, "Payments", PLACE);
    let whole = Filter { after: None, limit: MAX_COUNTED, ..filter };
    let total = total(&app, found.next.as_ref(), ready(Ok(whole.query()))).await?;
    Ok(ListPage { actions, filters, total, sorted: SORTED, ..ListPage::new(PLACE, layout, table, found.next) })
}

async fn open_reversals(app: AppState, signed_in: SignedIn, query: PageQuery) -> ListResult {
    let found =
        queries::open_reversals(app.database(), query.parsed("after"), query.limit()).await.map_err(Problem::from)?;
    let rows = found.items.into_iter().map(|open| {
        vec![
            Cell::text(open.reference),
            Cell::link(open.payment.clone(), path(&open.payment)),
            Cell::text(enum_labels::reversal(open.kind)),
            Cell::text(open.not_applied.map_or("Waits for its payment", enum_labels::not_applied)),
        ]
    });
    let columns = ["Reference", "Payment", "What", "State"];
    let empty = "Every refund and chargeback fits its payment.";
    let table = Table::new("Refunds and chargebacks that do not fit", columns, rows, empty);
    let layout = Layout::new(&signed_in, "Refunds that do not fit", PLACE);
    let actions = vec![Action::new("Payments", PLACE)];
    Ok(ListPage { actions, ..ListPage::new(OPEN_REVERSALS, layout, table, found.next) })
}

async fn find(app: &AppState, reference: &str) -> Result<PaymentSnapshot, Problem> {
    queries::get(app.database(), reference).await?.ok_or_else(Problem::not_found)
}

async fn show(Context(app, signed_in): Context, Path(reference): Path<String>, query: PageQuery) -> PageResult {
    let payment = find(&app, &reference).await?;
    let layout = Layout::new(&signed_in, format!("Payment {}", isolated(&payment.reference)), PLACE);
    let names = Labels::get(&app, None, payment.agent_id).await?;
    let whose = Action::new("Say whose it is", format!("{}/attribution", path(&reference)));
    let actions = if payment.agent_id.is_none() { vec![whose] } else { Vec::new() };
    let history = history::brief(&app, &stream(id(&payment.reference))).await?;
    let blocks = vec![Block::of_table(lines(&payment)), Block::of_table(reversals(&payment)), history];
    let layout = layout.noticing(&query, &[ATTRIBUTED]);
    page(&ShowPage { layout, state: None, actions, facts: facts(&payment, &names), on: None, blocks })
}

fn facts(payment: &PaymentSnapshot, names: &Labels) -> Vec<(&'static str, Cell)> {
    let customer = match (payment.customer_id, &payment.customer_number) {
        (Some(id), _) => Cell::link("Show the customer", format!("/customers/{id}")),
        (None, Some(number)) => Cell::text(number.clone()),
        (None, None) => Cell::text(""),
    };
    let mut facts = vec![
        ("Amount", money::cell(payment.amount)),
        ("Left", money::cell(payment.amount_left)),
        ("Received", Cell::moment(payment.received_at)),
        ("Customer", customer),
        (
            "Agent",
            payment.agent_id.map_or_else(|| Cell::text("The customer is unknown"), |id| names.link("/agents", id)),
        ),
    ];
    facts.extend(payment.net.map(|net| ("Without tax", money::cell(net))));
    facts.extend(payment.commission.map(|commission| ("Commission", money::cell(commission))));
    facts.extend(payment.rate.map(|rate| ("Rate", Cell::text(enum_labels::rate(rate)))));
    facts.extend(payment.rule.map(|source| ("Rate of", Cell::text(enum_labels::rate_source(source)))));
    facts.extend(payment.no_commission.map(|none| ("Earns nothing", Cell::text(enum_labels::no_commission(none)))));
    facts.extend(payment.due_at.map(|due_at| ("Earned from", Cell::moment(due_at))));
    facts
}

fn lines(payment: &PaymentSnapshot) -> Table {
    let rows = payment.ledger.iter().map(|line| {
        vec![
            Cell::text(enum_labels::kind_of_line(line.kind)),
            Cell::text(line.reversal.clone().unwrap_or_default()),
            Cell::number(format!("{} {}", line.amount, line.currency)),
        ]
    });
    Table::new("Ledger", ["What", "Reference", "Amount"], rows, "Nobody earns by this payment yet.")
}

fn reversals(payment: &PaymentSnapshot) -> Table {
    let rows = payment.reversals.iter().map(|reversal| {
        let state = match reversal.state {
            ReversalOutcome::Held => "Waits for its payment",
            ReversalOutcome::Applied => "Applied",
            ReversalOutcome::NotApplied => "Does not fit",
            ReversalOutcome::Won => "Won by the company",
        };
        vec![
            Cell::text(reversal.reference.clone()),
            Cell::text(enum_labels::reversal(reversal.kind)),
            reversal.amount.map_or_else(|| Cell::text(""), money::cell),
            reversal.reversed.map_or_else(|| Cell::text(""), money::cell),
            Cell::text(state),
        ]
    });
    let columns = ["Reference", "What", "Amount", "Commission taken", "State"];
    Table::new("Refunds and chargebacks", columns, rows, "No refund and no chargeback.")
}

fn whose_page(signed_in: &SignedIn, reference: &str, data: &FormData) -> PageResult {
    let number = data.typed("customer_number", "Customer number").required();
    let reason =
        data.typed("reason", "Reason").required().hint("Your own words, kept in the history. Please name no customer.");
    let layout = Layout::new(signed_in, format!("Whose is payment {}?", isolated(reference)), PLACE);
    let sections = vec![Section { legend: "", inputs: vec![number, reason] }];
    let to = path(reference);
    let page =
        FormPage::new(layout, data, format!("{to}/attribution"), sections).back(to).submit("Write the commission");
    let consequence = "The agent of this customer gets the commission. This cannot be changed, only corrected.";
    form_page(&FormPage { consequences: vec![consequence.to_owned()], ..page })
}

async fn ask_whose(Context(app, signed_in): Context, Path(reference): Path<String>) -> PageResult {
    whose_page(&signed_in, &find(&app, &reference).await?.reference, &FormData::default())
}

async fn attribute(
    Context(app, signed_in): Context,
    Path(reference): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let (request, errors) = form.read::<AttributionRequest>(Empty::Absent);
    let command: Result<AttributePayment, Problem> = request.attributing(errors, &reference);
    match submit(&app, &signed_in, &form, &format!("attribute payment {reference}"), command).await {
        Ok(_) => redirect_with_notice(&path(&reference), ATTRIBUTED),
        Err(problem) => whose_page(&signed_in, &reference, &redisplay(&form, problem)?),
    }
}
