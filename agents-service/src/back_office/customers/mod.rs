//! Customers: search; one customer with the placement and its proof; corrections and erasures. Their data is read
//! from the signup-service each time, and never stored here.

use std::collections::HashMap;
use std::future::ready;

use axum::extract::Path;
use contract::clock::Moment;
use contract::events::signups::Campaign;
use contract::shown_number::ShownNumber;
use serde_json::Value;
use uuid::Uuid;
use web::http::Problem;

use crate::back_office::events;
use crate::customers::client::{Found, Search};
use crate::paging::Order;
use crate::sales::placements::{self, Placement, PlacementFilter, placements_query};
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::agent_choice::{self, agent_of_query};
use crate::ui::customers::{name, way};
use crate::ui::enum_labels;
use crate::ui::form::{CsrfForm, Empty, FormData};
use crate::ui::inputs::{FormPage, Section};
use crate::ui::labels::Labels;
use crate::ui::layout::Layout;
use crate::ui::list::{ListPage, ListResult, total};
use crate::ui::notice::{CHANGED, ERASED};
use crate::ui::page::{PageResult, page, redirect_with_notice};
use crate::ui::page_query::{LIST_LIMIT, PageQuery};
use crate::ui::place_in_list::MAX_COUNTED;
use crate::ui::routes::Routes;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::sorting::{SortedBy, by_time};
use crate::ui::submit::{confirmation, form_page, reason, redisplay};
use crate::ui::table::{Block, Cell, ShowPage, Table};

mod place;
mod service;

use place::{PLACE, find, number};
use service::{CLOSED, REINSTATED, SUSPENDED};

const SORTED: SortedBy = SortedBy { columns: &[by_time("Since")], otherwise: "-created" };

pub fn routes(routes: Routes) -> Routes {
    service::routes(routes)
        .list(PLACE, "/customers.csv", list)
        .get("/customers/{id}", show)
        .get("/customers/{id}/edit", edit)
        .post("/customers/{id}/edit", correct)
        .get("/customers/{id}/erase", confirm_action)
        .post("/customers/{id}/erase", erase)
}

async fn list(app: AppState, signed_in: SignedIn, query: PageQuery) -> ListResult {
    let (agent_id, unclear) = agent_of_query(&app, &query).await?;
    let (text, oldest_first, after) = (query.text("search"), query.order() == Order::Ascending, query.text("after"));
    let search = Search { text, agent_id, oldest_first, after, limit: query.limit() };
    let layout = Layout::new(&signed_in, "Customers", PLACE).warning(unclear);
    let empty = query.empty_text("No customers match your search.", "No customers yet. Give a signup URL to an agent.");
    let data = query.data();
    let group_id = data.value("group_id").parse::<Uuid>().ok();
    let filters = match group_id {
        // The signup service searches by no group.
        Some(group_id) => {
            let name = Labels::get(&app, None, [group_id]).await?.of(group_id);
            vec![data.choice("group_id", "Group", Some("Any"), [(group_id.to_string(), name)]), data.order()]
        }
        None => vec![
            data.typed("search", "Number, name, e-mail, phone, company or city"),
            agent_choice::input(&app, &data, "Agent", "Any").await?,
            data.order(),
        ],
    };
    let found = match group_id {
        Some(group_id) => members(&app, group_id, &search).await?,
        None => way(&app)?.search(&search).await?,
    };
    let agents = found.items.iter().map(|customer| customer.placement.agent_id);
    let agents = agents.chain(found.shown.iter().filter_map(|shown| shown.agent_id));
    let names = Labels::get(&app, None, agents).await?;
    let shown = found.shown.into_iter().map(|shown| shown_number(shown, &names));
    let rows = found.items.into_iter().map(|customer| {
        vec![
            Cell::link(customer.customer_number.clone(), format!("{PLACE}/{}", customer.customer_id)),
            Cell::text(name(&customer)),
            Cell::text(customer.email.unwrap_or_default()),
            names.link("/agents", customer.placement.agent_id),
            Cell::moment(customer.placed_at),
        ]
    });
    let columns = ["Number", "Name", "E-mail", "Agent", "Since"];
    let table = Table::new("Customers", columns, rows.chain(shown), empty);
    let actions = vec![Action::new("Groups", "/groups")];
    let agent_id = agent_id.filter(|_| group_id.is_none());
    let whole = PlacementFilter { agent_id, group_id, limit: MAX_COUNTED, ..PlacementFilter::default() };
    // Who matches a search is known to the signup-service only.
    let next = found.next.as_ref().filter(|_| search.text.is_none() || group_id.is_some());
    let total = total(&app, next, ready(Ok(placements_query(&whole)))).await?;
    Ok(ListPage { actions, filters, total, sorted: SORTED, ..ListPage::new(PLACE, layout, table, found.next) })
}

/// A page of the customers who were placed in a group.
async fn members(app: &AppState, group_id: Uuid, search: &Search) -> Result<Found, Problem> {
    let after = search.after.as_ref().and_then(|cursor| cursor.parse().ok());
    let filter = PlacementFilter {
        group_id: Some(group_id),
        order: if search.oldest_first { Order::Ascending } else { Order::Descending },
        after,
        limit: search.limit,
        ..PlacementFilter::default()
    };
    let placed = placements::placements(app.database(), &filter).await?;
    let ids: Vec<Uuid> = placed.items.iter().map(|placement| placement.customer_id).collect();
    let known = way(app)?.among(&ids).await?;
    let mut known: HashMap<_, _> = known.into_iter().map(|customer| (customer.customer_id, customer)).collect();
    let items = ids.iter().filter_map(|id| known.remove(id)).collect();
    Ok(Found { items, next: placed.next, shown: Vec::new() })
}

/// The newest customers of an agent, and the way to them all.
pub async fn of_agent(app: &AppState, agent_id: Uuid) -> Result<Block, Problem> {
    let search = Search { agent_id: Some(agent_id), limit: LIST_LIMIT, ..Search::default() };
    let found = way(app)?.search(&search).await?;
    let note = found.next.is_some().then(|| format!("The newest {LIST_LIMIT}; the list has them all."));
    let rows = found.items.into_iter().map(|customer| {
        vec![
            Cell::link(customer.customer_number.clone(), format!("{PLACE}/{}", customer.customer_id)),
            Cell::text(name(&customer)),
            Cell::text(customer.email.unwrap_or_default()),
            Cell::moment(customer.placed_at),
        ]
    });
    let empty = "No customers yet. Give a signup URL to the agent.";
    let table = Table::new("Customers", ["Number", "Name", "E-mail", "Since"], rows, empty);
    let actions = vec![Action::new("All customers of the agent", format!("{PLACE}?agent_id={agent_id}"))];
    Ok(Block { note, actions, ..Block::of_table(table) })
}

/// A decoy number, which a visitor may state in a call though no customer has it.
fn shown_number(shown: ShownNumber, names: &Labels) -> Vec<Cell> {
    let ShownNumber { customer_number, shown_at, key, agent_id, customer_id } = shown;
    let what = format!("No customer: shown to somebody whose e-mail address was known already, through {key}");
    vec![
        Cell::text(customer_number),
        Cell::link(what, format!("/signup-keys/{key}")),
        customer_id.map_or_else(|| Cell::text(""), |id| Cell::link("Who has the address", format!("{PLACE}/{id}"))),
        agent_id.map_or_else(|| Cell::text(""), |id| names.link("/agents", id)),
        Cell::moment(shown_at),
    ]
}

/// The personal fields of a customer.
const FIELDS: [(&str, &str); 14] = [
    ("first_name", "First name"),
    ("last_name", "Last name"),
    ("email", "E-mail"),
    ("phone", "Phone"),
    ("company", "Company"),
    ("address", "Address"),
    ("postal_code", "Postal code"),
    ("city", "City"),
    ("state", "State"),
    ("country", "Country"),
    ("language", "Language"),
    ("time_zone", "Time zone"),
    ("currency", "Currency"),
    ("vat_number", "VAT number"),
];

/// The personal fields as labels and texts.
fn personal(customer: &Value) -> Vec<(&'static str, Cell)> {
    let text = |name: &str| customer.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let fields = FIELDS.iter().chain(&[("phone_e164", "Phone in E.164")]);
    fields.filter_map(|(name, label)| Some((*label, Cell::text(text(name)?)))).collect()
}

fn edit_page(signed_in: &SignedIn, customer_id: Uuid, version: u64, number: &str, data: &FormData) -> PageResult {
    let required = |name: &str| matches!(name, "first_name" | "email");
    let inputs = FIELDS.iter().map(|(name, label)| {
        let input = data.typed(name, label);
        if required(name) { input.required() } else { input }
    });
    let sections = vec![Section { legend: "", inputs: inputs.collect() }];
    let path = format!("{PLACE}/{customer_id}");
    let layout = Layout::new(signed_in, format!("Correct customer {number}"), PLACE);
    let page = FormPage::new(layout, data, format!("{path}/edit"), sections).at_version(version);
    form_page(&page.back(path).submit("Correct"))
}

fn version(customer: &Value) -> u64 {
    customer["version"].as_u64().unwrap_or_default()
}

async fn edit(Context(app, signed_in): Context, Path(text): Path<String>) -> PageResult {
    let (customer_id, customer) = find(&app, &text).await?;
    edit_page(&signed_in, customer_id, version(&customer), number(&customer), &FormData::showing(&customer))
}

async fn correct(Context(app, signed_in): Context, Path(text): Path<String>, CsrfForm(form): CsrfForm) -> PageResult {
    let (customer_id, customer) = find(&app, &text).await?;
    let shown_version = form.version()?;
    let fields = form.value(Empty::Text);
    let done = way(&app)?.correct(signed_in.id, customer_id, shown_version, &fields, form.once()).await?;
    match done {
        Ok(()) => redirect_with_notice(&format!("{PLACE}/{customer_id}"), CHANGED),
        Err(problem) => {
            edit_page(&signed_in, customer_id, shown_version, number(&customer), &redisplay(&form, problem)?)
        }
    }
}

fn is_erased(customer: &Value) -> bool {
    customer.get("erased_at").is_some_and(|moment| !moment.is_null())
}

async fn show(Context(app, signed_in): Context, Path(text): Path<String>, query: PageQuery) -> PageResult {
    let (customer_id, customer) = find(&app, &text).await?;
    let layout = Layout::new(&signed_in, format!("Customer {}", number(&customer)), PLACE)
        .noticing(&query, &[CHANGED, ERASED, SUSPENDED, REINSTATED, CLOSED])
        .warning(app.doubt_about_sales().await?);
    let erased = is_erased(&customer);
    let erase = Action::grave("Erase", format!("{PLACE}/{customer_id}/erase"));
    let edit = Action::new("Correct", format!("{PLACE}/{customer_id}/edit"));
    let mut actions = service::actions(customer_id, &customer);
    if !erased {
        actions.splice(0..0, [edit]);
        actions.push(erase);
    }
    let mut blocks = vec![service::block(&customer)];
    if let Some(placement) = placements::placement(app.database(), None, customer_id).await? {
        blocks.push(placed(&placement));
        blocks.push(proof(&app, &placement).await?);
    }
    let state = erased.then_some("erased");
    page(&ShowPage { layout, state, actions, facts: facts(&customer), on: None, blocks })
}

/// The personal fields, or why they are gone.
fn facts(customer: &Value) -> Vec<(&'static str, Cell)> {
    let text = |name: &str| customer.get(name).and_then(Value::as_str).map(str::to_owned);
    let mut facts = personal(customer);
    let erased_at = text("erased_at").and_then(|at| Moment::parse(&at).ok());
    facts.extend(erased_at.map(|at| ("Erased", Cell::moment(at))));
    facts.extend(text("erased_because").map(|why| ("Why", Cell::text(why))));
    facts
}

fn placed(placement: &Placement) -> Block {
    let mut facts = vec![
        ("Agent", Cell::link(placement.agent_name.clone(), format!("/agents/{}", placement.agent_id))),
        ("Call plan", Cell::link(placement.call_plan_name.clone(), format!("/call-plans/{}", placement.call_plan_id))),
        ("Customer group", Cell::link(placement.group_name.clone(), format!("/groups/{}", placement.group_id))),
        ("Signup key", Cell::link(placement.key.clone(), format!("/signup-keys/{}", placement.key))),
        ("Commission", Cell::text(format!("{} %", placement.commission_percent))),
        ("Terms consented to", Cell::text(placement.terms_version.clone())),
        ("Placed", Cell::moment(placement.placed_at)),
    ];
    facts.extend(placement.channel.map(|channel| ("Signed up by", Cell::text(enum_labels::channel(channel)))));
    facts.extend(campaign(&placement.campaign).map(|campaign| ("Campaign", Cell::text(campaign))));
    Block::of_facts("Placement", facts)
}

pub fn campaign(campaign: &Campaign) -> Option<String> {
    let members = serde_json::to_value(campaign).ok()?;
    let members = members.as_object()?.iter().filter_map(|(name, value)| Some(format!("{name} {}", value.as_str()?)));
    Some(members.collect::<Vec<_>>().join(", ")).filter(|text| !text.is_empty())
}

/// The event of the placement, with its hash.
async fn proof(app: &AppState, placement: &Placement) -> Result<Block, Problem> {
    let at = |of_signups, position: u64| Cell::link(position.to_string(), events::path(of_signups, position));
    let mut facts = vec![
        ("Position in the signups' log", at(true, placement.position)),
        ("Decided at this position of the agents' log", at(false, placement.agents_position)),
    ];
    if let Some(event) = way(app)?.event(placement.position).await? {
        facts.push(("Event", Cell::Code(event.event_id.to_string())));
        facts.push(("Hash over all events up to it", Cell::Code(event.hash.to_string())));
        facts.push(("Data", Cell::Code(event.data)));
    }
    let note = "Reading the log from its beginning gives this hash, unless the log was changed.".to_owned();
    Ok(Block { note: Some(note), folded: true, ..Block::of_facts("Proof", facts) })
}

fn confirm_page(signed_in: &SignedIn, customer_id: Uuid, number: &str, data: &FormData) -> PageResult {
    let consequences = vec![
        "Name, address and everything else personal is erased for good.".to_owned(),
        "The placement stays in the figures, without the person.".to_owned(),
    ];
    let layout = Layout::new(signed_in, format!("Erase customer {number}?"), PLACE);
    let path = format!("{PLACE}/{customer_id}");
    let page: FormPage = confirmation(layout, data, format!("{path}/erase"), path, consequences);
    form_page(&page.submit("Erase for good"))
}

async fn confirm_action(Context(app, signed_in): Context, Path(text): Path<String>) -> PageResult {
    let (customer_id, customer) = find(&app, &text).await?;
    confirm_page(&signed_in, customer_id, number(&customer), &FormData::default())
}

async fn erase(Context(app, signed_in): Context, Path(text): Path<String>, CsrfForm(form): CsrfForm) -> PageResult {
    let (customer_id, customer) = find(&app, &text).await?;
    let reason = match reason(&form) {
        Ok(reason) => reason,
        Err(problem) => return confirm_page(&signed_in, customer_id, number(&customer), &redisplay(&form, problem)?),
    };
    let done = way(&app)?.erase(signed_in.id, customer_id, reason.as_deref(), form.once()).await?;
    if done {
        redirect_with_notice(&format!("{PLACE}/{customer_id}"), ERASED)
    } else {
        Err(Problem::not_found().into())
    }
}
