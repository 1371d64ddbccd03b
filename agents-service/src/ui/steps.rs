//! What happened to a payout, one step after the other, as both faces show it.

use contract::events::Contract;
use contract::events::agents::AgentsEvent;
use contract::events::remittances::RemittancePaid;
use event_store::log::RecordedEvent;
use uuid::Uuid;
use web::http::Problem;

use crate::remittances::model::stream;
use crate::state::AppState;
use crate::ui::actors::Actors;
use crate::ui::enum_labels::{self, or_erased};
use crate::ui::money;
use crate::ui::table::Step;

/// Most steps of a payout; it has four at most.
const MAX_STEPS: usize = 20;

/// Who looks at steps: agents do not see which operator took one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    Operator,
    Agent,
}

/// The steps of a payout, oldest first, and what comes next.
pub async fn of_remittance(app: &AppState, remittance_id: Uuid, reader: Reader) -> Result<Vec<Step>, Problem> {
    let events = app.log.newest_of(&stream(remittance_id), MAX_STEPS).await?;
    let mut notes = app.log.notes(events.iter().map(|event| event.position)).await?;
    let steps = events
        .iter()
        .rev()
        .filter_map(|event| step(event, or_erased(notes.remove(&event.position).unwrap_or_default())));
    let mut steps: Vec<Step> = steps.collect();
    if reader == Reader::Operator {
        let actors = Actors::of(app, &events).await?;
        for (step, event) in steps.iter_mut().zip(events.iter().rev()) {
            let who = actors.name(&event.actor);
            step.note = if step.note.is_empty() { who.to_owned() } else { format!("{who}: {}", step.note) };
        }
    }
    let next = match steps.last().map(|step| step.what) {
        Some("Requested") => Some("The operator decides on it"),
        Some("Approved") => Some("It will be paid"),
        _ => None,
    };
    steps.extend(next.map(|what| Step { at: None, what, note: String::new() }));
    Ok(steps)
}

fn step(recorded: &RecordedEvent, note: String) -> Option<Step> {
    let event = AgentsEvent::read(&recorded.type_name, &recorded.data).ok()??;
    let (what, note) = match event {
        AgentsEvent::RemittanceRequested(event) => ("Requested", money::words(event.amount)),
        AgentsEvent::RemittanceApproved(_) => ("Approved", String::new()),
        AgentsEvent::RemittanceRefused(_) => ("Refused", note),
        AgentsEvent::RemittanceCancelled(_) => ("Taken back", String::new()),
        AgentsEvent::RemittancePaid(event) => ("Paid", how(&event, &note)),
        AgentsEvent::RemittanceReturned(_) => ("Returned", note),
        _ => return None,
    };
    Some(Step { at: Some(recorded.recorded_at.to_string()), what, note })
}

/// How it was paid: "Bank transfer, B-17, with 13.30 EUR of value-added tax".
fn how(event: &RemittancePaid, bank_reference: &str) -> String {
    let tax = if event.vat.amount().is_zero() {
        String::new()
    } else {
        format!(", with {} of value-added tax", money::words(event.vat))
    };
    format!("{}, {bank_reference}{tax}", enum_labels::method(event.method))
}
