//! Several signup URLs at once, chosen in the list or all that match its filters: what it stops is shown first, then one commit does
//! it.

use contract::clock::Moment;
use contract::zone::{EXPECTED, Zone};
use event_store::log::{CommandMeta, MAX_TOGETHER};
use web::http::{FieldErrors, Problem};

use crate::command::Submission;
use crate::fields::without_repetitions;
use crate::signup_keys;
use crate::signup_keys::commands::{self, pause, resume, revoke};
use crate::signup_keys::model::Change;
use crate::signup_keys::snapshot::{SignupKeySnapshot, State};
use crate::state::AppState;
use crate::ui::agent_choice::agent_of_query;
use crate::ui::form::{CsrfForm, Form, FormData};
use crate::ui::inputs::{FormPage, Section};
use crate::ui::layout::Layout;
use crate::ui::notice::Notice;
use crate::ui::numbers::counted;
use crate::ui::page::{PageResult, page, redirect_with_notice, to};
use crate::ui::page_query::PageQuery;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::signup_keys::{filter, place};
use crate::ui::submit::{confirmation, form_page, reason, redisplay};
use crate::ui::table::{Block, Cell, ShowPage, Table, nothing_to_choose};

/// The field of the chosen keys, that of the deed, and the one that chooses all that match.
pub const CHOSEN: &str = "chosen[]";
pub const DEED: &str = "do";
pub const ALL: &str = "all";
/// Most keys that a page names one by one.
const MOST_NAMED: usize = 20;

pub const DONE: [Notice; 4] = [PAUSE.done, RESUME.done, END.done, REVOKE.done];

/// What can be done with several keys.
pub struct Deed {
    /// Its name in a form.
    pub code: &'static str,
    pub label: &'static str,
    /// What happens to one, and to many.
    consequence: [&'static str; 2],
    /// Whether a key in this state takes part; others are left as they are.
    concerns: fn(State) -> bool,
    has_end: bool,
    done: Notice,
}

const fn done(code: &'static str, text: &'static str) -> Notice {
    Notice { code, text }
}

const PAUSE: Deed = Deed {
    code: "pause",
    label: "Pause",
    consequence: ["signup URL stops until it is resumed", "signup URLs stop until they are resumed"],
    concerns: |state| state == State::Active,
    has_end: false,
    done: done("several-paused", "The signup URLs are paused."),
};
const RESUME: Deed = Deed {
    code: "resume",
    label: "Resume",
    consequence: ["signup URL works again", "signup URLs work again"],
    concerns: |state| state == State::Paused,
    has_end: false,
    done: done("several-resumed", "The signup URLs are resumed."),
};
const END: Deed = Deed {
    code: "end",
    label: "Set end",
    consequence: ["signup URL gets another end", "signup URLs get another end"],
    concerns: |state| state != State::Revoked,
    has_end: true,
    done: done("several-ended", "The end is set."),
};
const REVOKE: Deed = Deed {
    code: "revoke",
    label: "Revoke",
    consequence: [
        "signup URL stops for good, and its key is never used again",
        "signup URLs stop for good, and their keys are never used again",
    ],
    concerns: |state| state != State::Revoked,
    has_end: false,
    done: done("several-revoked", "The signup URLs are revoked for good."),
};
pub const DEEDS: [&Deed; 4] = [&PAUSE, &RESUME, &END, &REVOKE];

impl Deed {
    fn named(code: &str) -> Result<&'static Self, Problem> {
        DEEDS.into_iter().find(|deed| deed.code == code).ok_or_else(Problem::not_found)
    }

    /// The commands for these keys.
    fn commands(
        &self,
        form: &Form,
        command: &CommandMeta,
        keys: &[SignupKeySnapshot],
        zone: &Zone,
    ) -> Result<Vec<(CommandMeta, Submission)>, Problem> {
        let (reason, ends_at) = (reason(form)?, self.end(form, zone)?);
        let submission = |key: &SignupKeySnapshot| -> Submission {
            match self.code {
                "pause" => pause(&key.key, reason.clone()).into(),
                "resume" => resume(&key.key, reason.clone()).into(),
                "revoke" => revoke(&key.key, reason.clone()).into(),
                _ => commands::change(&key.key, Change { ends_at: Some(ends_at), ..Change::default() }).into(),
            }
        };
        Ok(keys.iter().map(|key| (command.clone().within(&key.key), submission(key))).collect())
    }

    fn end(&self, form: &Form, zone: &Zone) -> Result<Option<Moment>, Problem> {
        let text = form.text("ends_at").trim();
        if !self.has_end || text.is_empty() {
            return Ok(None);
        }
        zone.end(text).map(Some).ok_or_else(|| {
            let mut errors = FieldErrors::new();
            errors.add("ends_at", "invalid", EXPECTED);
            Problem::validation(errors)
        })
    }
}

/// The keys that the list's form names, as far as the account may see them.
pub async fn chosen(
    app: &AppState,
    signed_in: &SignedIn,
    query: &PageQuery,
) -> Result<Vec<SignupKeySnapshot>, Problem> {
    if query.has(ALL) {
        let agent_id = match signed_in.agent_id() {
            Some(own) => Some(own),
            None => agent_of_query(app, query).await?.0,
        };
        let filter = signup_keys::queries::Filter {
            after: None,
            limit: MAX_TOGETHER,
            ..filter(app, signed_in, query, agent_id)
        };
        return Ok(signup_keys::queries::list(app.database(), &filter).await?.items);
    }
    of_texts(app, signed_in, query.all(CHOSEN)).await
}

async fn of_texts<'a>(
    app: &AppState,
    signed_in: &SignedIn,
    texts: impl Iterator<Item = &'a str>,
) -> Result<Vec<SignupKeySnapshot>, Problem> {
    let texts: Vec<&str> = without_repetitions(texts.take(MAX_TOGETHER).collect());
    let mut keys = signup_keys::queries::get_many(app.database(), &texts).await?;
    keys.retain(|key| signed_in.agent_id().is_none_or(|own| own == key.agent_id));
    keys.sort_by_key(|key| texts.iter().position(|text| *text == key.key));
    Ok(keys)
}

pub async fn ask(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    let Some(code) = query.text(DEED) else { return to(place(&signed_in)) };
    let deed = Deed::named(&code)?;
    let keys = chosen(&app, &signed_in, &query).await?;
    ask_page(&signed_in, deed, keys, &FormData::default())
}

/// What will happen, and to which keys.
fn ask_page(signed_in: &SignedIn, deed: &'static Deed, keys: Vec<SignupKeySnapshot>, data: &FormData) -> PageResult {
    let place = place(signed_in);
    let (concerned, left): (Vec<_>, Vec<_>) = keys.into_iter().partition(|key| (deed.concerns)(key.state));
    let count = |keys: &[SignupKeySnapshot]| u64::try_from(keys.len()).unwrap_or(u64::MAX);
    let layout = Layout::new(signed_in, format!("{} several signup URLs?", deed.label), place);
    if concerned.is_empty() {
        let note = "Choose signup URLs in the list first, such as can still change so.";
        return page(&nothing_to_choose(layout, note, Vec::new()));
    }
    let [one, many] = deed.consequence;
    let mut consequences = vec![format!("{}.", counted(count(&concerned), one, many))];
    if !left.is_empty() {
        consequences.push(format!("{} as it is.", counted(count(&left), "other stays", "others stay")));
    }
    if concerned.len() == MAX_TOGETHER {
        consequences.push(format!("These are the first {MAX_TOGETHER}: do the same again for the rest."));
    }
    consequences.extend(concerned.iter().take(MOST_NAMED).map(named));
    if let Some(more) = concerned.len().checked_sub(MOST_NAMED).filter(|more| *more > 0) {
        consequences.push(format!("And {more} more."));
    }
    let path = format!("{place}/several");
    let mut form = confirmation(layout, data, path, place.to_owned(), consequences).submit(deed.label);
    if deed.has_end {
        let hint = format!("A day counts to its end. Empty: no end. Time zone: {}.", signed_in.reader.zone.name());
        let inputs = vec![data.typed("ends_at", "End").hint(hint)];
        form.sections = vec![Section { legend: "", inputs }];
    }
    let form = concerned.into_iter().fold(form.hiding(DEED, deed.code), |form, key| form.hiding(CHOSEN, key.key));
    form_page(&FormPage { grave: deed.code != RESUME.code, ..form })
}

fn named(key: &SignupKeySnapshot) -> String {
    if key.label.is_empty() { key.key.clone() } else { format!("{}: {}", key.key, key.label) }
}

pub async fn act(Context(app, signed_in): Context, CsrfForm(form): CsrfForm) -> PageResult {
    if form.text(DEED).is_empty() {
        return to(place(&signed_in));
    }
    let deed = Deed::named(form.text(DEED))?;
    let keys = of_texts(&app, &signed_in, form.all(CHOSEN)).await?;
    let command = form.command(&signed_in, &format!("{} several signup keys", deed.code))?;
    let commands = match deed.commands(&form, &command, &keys, &signed_in.reader.zone) {
        Ok(commands) => commands,
        Err(problem) => return ask_page(&signed_in, deed, keys, &redisplay(&form, problem)?),
    };
    let outcomes = app.submit_together(commands).await;
    let refused: Vec<_> =
        keys.iter().zip(&outcomes).filter_map(|(key, outcome)| Some((key, outcome.as_ref().err()?))).collect();
    if refused.is_empty() {
        return redirect_with_notice(place(&signed_in), deed.done);
    }
    let done = outcomes.len() - refused.len();
    let rows = refused.into_iter().map(|(key, problem)| vec![Cell::text(named(key)), Cell::text(problem.detail())]);
    let table = Table::new("Left as they are", ["Signup URL", "Why"], rows, "");
    let layout = Layout::new(&signed_in, deed.label, place(&signed_in));
    let facts = vec![("Done", Cell::text(done.to_string()))];
    page(&ShowPage { layout, state: None, actions: Vec::new(), facts, on: None, blocks: vec![Block::of_table(table)] })
}
