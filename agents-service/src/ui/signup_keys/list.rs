//! The list of signup URLs. Operators see of each whose it is, and can narrow the list to an agent.

use uuid::Uuid;
use web::http::Problem;

use crate::sales::by_day;
use crate::settings::signup_url;
use crate::signup_keys;
use crate::signup_keys::queries::Filter;
use crate::signup_keys::snapshot::State;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::agent_choice;
use crate::ui::form::FormData;
use crate::ui::inputs::Input;
use crate::ui::labels::Labels;
use crate::ui::layout::Layout;
use crate::ui::list::{ListPage, ListResult, chosen_filters, total};
use crate::ui::page_query::PageQuery;
use crate::ui::place_in_list::MAX_COUNTED;
use crate::ui::sales_summary::{self, conversion};
use crate::ui::signed_in::SignedIn;
use crate::ui::signup_keys::several;
use crate::ui::signup_keys::state::{self, Reasons};
use crate::ui::signup_keys::{base, filter, of_keys, place};
use crate::ui::sorting::{SortedBy, by_time};
use crate::ui::table::{Cell, Several, Table};

const SORTED: SortedBy = SortedBy { columns: &[by_time("Added")], otherwise: "-created" };

/// A list of signup URLs.
pub struct KeyList {
    /// Only this agent's.
    pub agent_id: Option<Uuid>,
    pub warning: Option<String>,
    /// The text of the list before the first key is added.
    pub none_yet: &'static str,
    /// What can be done beside adding a key.
    pub actions: Vec<Action>,
}

impl KeyList {
    /// The page of the list.
    pub async fn page(self, app: &AppState, signed_in: &SignedIn, query: PageQuery) -> ListResult {
        let (place, is_operator) = (place(signed_in), signed_in.agent_id().is_none());
        let filter = filter(app, signed_in, &query, self.agent_id);
        let (base, warnings) = base(app, signed_in).await?;
        let layout = Layout::new(signed_in, "Signup URLs", place)
            .noticing(&query, &several::DONE)
            .warning(warnings)
            .warning(self.warning);
        let empty = query.empty_text("No signup URLs match your search.", self.none_yet);
        let data = query.data();
        let states = [("active", "Active"), ("paused", "Paused"), ("revoked", "Revoked")];
        let mut filters = vec![data.typed("search", "URL, key, label or note")];
        if is_operator {
            filters.push(agent_choice::input(app, &data, "Agent", "Any").await?);
            filters.extend(chosen_things(app, &data).await?);
        }
        filters.extend([data.choice("state", "State", Some("Any"), states), state::filter_input(&data), data.order()]);
        let found = signup_keys::queries::list(app.database(), &filter).await?;
        let ids = found.items.iter().filter(|_| is_operator);
        let ids = ids.flat_map(|key| [key.agent_id, key.call_plan_id, key.group_id]);
        let names = Labels::get(app, None, ids).await?;
        let known = of_keys(app, signed_in, &found.items).await?;
        let reasons = Reasons::of(app, &found.items).await?;
        let several: Vec<String> = found.items.iter().map(|key| key.key.clone()).collect();
        let days = by_day::of_keys(app.database(), &sales_summary::month(&app.clock, None), &several).await?;
        let rows = found.items.into_iter().map(|key| {
            let figures = known.get(&key.key).copied().unwrap_or_default();
            let (url, href) = (signup_url::compose(&base, &key.key), format!("{place}/{}", key.key));
            // What nobody can use is not offered to be copied.
            let url = if key.state == State::Revoked { Cell::link(url, href) } else { Cell::url(url, href) };
            let mut row = vec![url, Cell::text(key.label), reasons.cell(&key.key)];
            if is_operator {
                row.push(names.link("/agents", key.agent_id));
                row.push(names.link("/call-plans", key.call_plan_id));
                row.push(names.link("/groups", key.group_id));
            }
            row.extend([Cell::number(figures.views), Cell::number(figures.signups)]);
            row.extend([
                conversion(figures.conversion()),
                Cell::Days(days.of(&key.key)),
                Cell::moment(key.times.created_at),
            ]);
            row
        });
        let whose: &[&str] = if is_operator { &["Agent", "Call plan", "Group"] } else { &[] };
        let columns =
            [["URL", "Label", "State"].as_slice(), whose, &["Views", "Signups", "Conversion", "Last 30 days", "Added"]]
                .concat();
        let mut table = Table::new("Signup URLs", columns, rows, empty);
        if !is_operator || signed_in.holds("keys:write") {
            table.several = Some(Several {
                path: format!("{place}/several"),
                fields: [several::CHOSEN, several::DEED, several::ALL],
                rows: several,
                filters: chosen_filters(&filters),
                shown_at: Some((format!("{place}/sheet"), "Print QR codes of these")),
                deeds: several::DEEDS.map(|deed| (deed.code, deed.label)).to_vec(),
            });
        }
        let add = Action::new("Add URL key", format!("{place}/new"));
        let actions = [add].into_iter().chain(self.actions).collect();
        let entire = Filter { after: None, limit: MAX_COUNTED, ..filter };
        let total = total(app, found.next.as_ref(), signup_keys::queries::query(app.database(), &entire)).await?;
        Ok(ListPage { actions, filters, total, sorted: SORTED, ..ListPage::new(place, layout, table, found.next) })
    }
}

/// The call plan and the group that a link narrows the list to.
async fn chosen_things(app: &AppState, data: &FormData) -> Result<Vec<Input>, Problem> {
    let things = [("call_plan_id", "Call plan"), ("group_id", "Group")];
    let known = things.map(|(name, label)| Some((name, label, data.value(name).parse::<Uuid>().ok()?)));
    let known: Vec<_> = known.into_iter().flatten().collect();
    let names = Labels::get(app, None, known.iter().map(|(_, _, id)| *id)).await?;
    let choice = |(name, label, id): &(&'static str, &'static str, Uuid)| {
        data.choice(name, label, Some("Any"), [(id.to_string(), names.of(*id))])
    };
    Ok(known.iter().map(choice).collect())
}
