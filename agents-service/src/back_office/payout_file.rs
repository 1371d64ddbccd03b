//! The payout file: what it pays, who is left out, its download, and the files that were made.

use axum::extract::Path;
use uuid::Uuid;
use web::http::Problem;

use crate::payout_file::export::{Format, Preview, payouts};
use crate::payout_file::queries::{self, Made};
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::actors::Actors;
use crate::ui::form::{CsrfForm, FormData};
use crate::ui::inputs::FormPage;
use crate::ui::labels::Labels;
use crate::ui::layout::Layout;
use crate::ui::money;
use crate::ui::page::{PageResult, page};
use crate::ui::reader;
use crate::ui::routes::Routes;
use crate::ui::signed_in::Context;
use crate::ui::submit::form_page;
use crate::ui::table::{Block, Cell, ShowPage, Table};

const PLACE: &str = "/payouts";
const FILE: &str = "/payouts/file";

pub fn routes(routes: Routes) -> Routes {
    routes.get(FILE, show).get("/payouts/file/{format}", ask).post("/payouts/file/{format}", download)
}

async fn show(Context(app, signed_in): Context) -> PageResult {
    let preview = payouts(&app).await?.preview(&app).await?;
    let made_before = made_before(&app, &preview.message_id).await?;
    let layout = Layout::new(&signed_in, "Payout file", PLACE).warning(preview.missing).warning(made_before);
    let bank_file = Action::new("Download bank file", format!("{FILE}/{}", Format::Pain.as_str()));
    let table = Action::new("Download CSV", format!("{FILE}/{}", Format::Csv.as_str()));
    let actions = if preview.missing.is_none() { vec![bank_file, table] } else { vec![table] };
    let facts = vec![
        ("Payouts in the file", Cell::number(preview.payments.len())),
        ("Sum", Cell::text(format!("{} {}", preview.total, preview.currency))),
        ("Day of payment", Cell::text(preview.execution_day.clone())),
        ("Left out", Cell::number(preview.left_out.len())),
    ];
    let ids = preview.payments.iter().map(|payment| payment.agent_id);
    let ids = ids.chain(preview.left_out.iter().map(|left_out| left_out.agent_id));
    let names = Labels::get(&app, None, ids).await?;
    let blocks = vec![
        Block {
            note: Some("Names are shown in the letters that are sent to the bank.".to_owned()),
            ..Block::of_table(paid(&preview, &names))
        },
        Block::of_table(left_out(&preview, &names)),
        Block::of_table(made(&app, &preview.made).await?),
    ];
    page(&ShowPage { layout, state: None, actions, facts, on: None, blocks })
}

/// The warning where the bank file of the same remittances was made before.
async fn made_before(app: &AppState, message_id: &str) -> Result<Option<String>, Problem> {
    let made = queries::made_before(app.database(), message_id, Format::Pain.as_str()).await?;
    let warning = |made: Made| {
        let when = reader::moment(&made.made_at.to_string());
        format!("This file was made on {when}. Do not send it to the bank twice.")
    };
    Ok(made.map(warning))
}

fn payout(remittance_id: Uuid, text: String) -> Cell {
    Cell::link(text, format!("{PLACE}/{remittance_id}"))
}

fn paid(preview: &Preview, names: &Labels) -> Table {
    let rows = preview.payments.iter().map(|payment| {
        vec![
            payout(payment.remittance_id, money::words(payment.total)),
            money::cell(payment.vat),
            names.link("/agents", payment.agent_id),
            Cell::text(payment.holder.clone()),
            Cell::Code(payment.iban.clone()),
            Cell::Code(payment.bic.clone().unwrap_or_default()),
        ]
    });
    let columns = ["Amount with tax", "Tax in it", "Agent", "Account holder", "IBAN", "BIC"];
    Table::new("In the file", columns, rows, "Nothing. Approve payouts of agents with an IBAN first.")
}

fn left_out(preview: &Preview, names: &Labels) -> Table {
    let rows = preview.left_out.iter().map(|left_out| {
        vec![
            payout(left_out.remittance_id, money::words(left_out.amount)),
            names.link("/agents", left_out.agent_id),
            Cell::text(left_out.detail.clone()),
        ]
    });
    Table::new("Left out", ["Amount", "Agent", "Why"], rows, "Nobody is left out.")
}

async fn made(app: &AppState, made: &[Made]) -> Result<Table, Problem> {
    let who: Vec<_> = made.iter().map(|made| made.made_by.as_str()).collect();
    let actors = Actors::named(app, &who).await?;
    let rows = made.iter().map(|made| {
        vec![
            Cell::moment(made.made_at),
            Cell::text(actors.name(&made.made_by)),
            Cell::text(made.format.clone()),
            Cell::number(made.payouts),
            Cell::Code(made.message_id.clone()),
        ]
    });
    let columns = ["When", "Who", "Format", "Payouts", "Message id"];
    Ok(Table::new("Made last", columns, rows, "No payout file was made yet."))
}

fn format_of(text: &str) -> Result<Format, Problem> {
    let format = text.parse().ok().filter(|format| *format != Format::Preview);
    format.ok_or_else(Problem::not_found)
}

async fn ask(Context(app, signed_in): Context, Path(text): Path<String>) -> PageResult {
    let format = format_of(&text)?;
    let preview = payouts(&app).await?.preview(&app).await?;
    let (title, content) = match format {
        Format::Pain => {
            let sum = format!("{} {}", preview.total, preview.currency);
            ("Download the bank file", format!("The file pays {} payouts, together {sum}.", preview.payments.len()))
        }
        Format::Csv | Format::Preview => {
            let count = preview.payments.len() + preview.left_out.len();
            ("Download the CSV file", format!("The file lists {count} approved payouts with their bank details."))
        }
    };
    let noted = "That you made it is noted. It marks no payout as paid.".to_owned();
    let layout = Layout::new(&signed_in, title, PLACE).warning(made_before(&app, &preview.message_id).await?);
    let form = FormPage::new(layout, &FormData::default(), format!("{FILE}/{}", format.as_str()), Vec::new());
    form_page(&FormPage { consequences: vec![content, noted], ..form.back(FILE).submit("Download") })
}

async fn download(Context(app, signed_in): Context, Path(text): Path<String>, CsrfForm(_): CsrfForm) -> PageResult {
    let format = format_of(&text)?;
    Ok(payouts(&app).await?.download(&app, format, &signed_in.account.actor()).await?)
}
