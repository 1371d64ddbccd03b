use contract::clock::Moment;
use contract::decider::Decider;
use contract::events::Contract;
use contract::events::agents::AgentsEvent;
use contract::text::isolated;
use event_store::log::RecordedEvent;
use uuid::Uuid;
use web::http::Problem;

use crate::agents::model::{Agent, stream};
use crate::agents::snapshot::AgentSnapshot;
use crate::back_office::agents::terms::terms;
use crate::life::{Life, Times};
use crate::state::AppState;
use crate::ui::labels::Labels;
use crate::ui::layout::Layout;
use crate::ui::page::{PageResult, page};
use crate::ui::signed_in::SignedIn;
use crate::ui::table::{Block, ShowPage, Table};

/// An agent's state at the end of a day (UTC), read from the log.
pub async fn agent_on(app: &AppState, signed_in: &SignedIn, agent_id: Uuid, day: &str) -> PageResult {
    let end = Moment::parse(&format!("{day}T23:59:59.999999Z")).map_err(|_| Problem::not_found())?;
    let mut events = app.log.newest_of(&stream(agent_id), usize::MAX).await?;
    events.retain(|event| event.recorded_at <= end);
    let mut history = Vec::new();
    for event in events.iter().rev() {
        let read = AgentsEvent::read(&event.type_name, &event.data).map_err(|error| Problem::unforeseen(&error))?;
        history.extend(read);
    }
    let agent = Agent::fold(&history);
    let at = |event: Option<&RecordedEvent>| event.map(|event| event.recorded_at).unwrap_or_default();
    let times = Times { created_at: at(events.last()), updated_at: at(events.first()) };
    let life = Life { version: u64::try_from(history.len()).unwrap_or(u64::MAX), times };
    let layout = Layout::new(signed_in, "", "/agents");
    let Some(shown) = AgentSnapshot::of(&agent, life) else {
        let layout = Layout { title: format!("Not there yet on {day}"), ..layout };
        let (facts, on, blocks) = (Vec::new(), Some(day.to_owned()), Vec::new());
        return page(&ShowPage { layout, state: None, actions: Vec::new(), facts, on, blocks });
    };
    let granted = agent.status().map(|status| status.grants.clone()).unwrap_or_default();
    let names = Labels::get(app, None, granted.keys().copied()).await?;
    let rows = granted.into_keys().map(|id| vec![names.link("/call-plans", id)]);
    let columns = ["Call plan"];
    let table = Table::new("Call plans usable", columns, rows, "No call plan was granted.");
    let blocks = vec![Block::of_table(table)];
    let layout = Layout { title: format!("{} as on {day}", isolated(&shown.name)), ..layout };
    let (state, facts) = (Some(shown.state.as_str()), terms(&shown));
    page(&ShowPage { layout, state, actions: Vec::new(), facts, on: Some(day.to_owned()), blocks })
}
