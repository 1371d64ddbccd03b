use axum::extract::State;
use axum::http::Method;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use web::http::query::Query;
use web::http::write::replied_with;
use web::http::{Api, Write};

use crate::command::Command;
use crate::endpoint::{ApiResult, read, wait_only, with_etag, write};
use crate::settings::commands::change_settings;
use crate::settings::requests::SettingsRequest;
use crate::settings::snapshot::SettingsSnapshot;
use crate::settings::{self, signup_url};
use crate::state::AppState;

const PATH: &str = "/api/v1/settings";

/// The settings, and what is wrong with the customer interface URL.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SettingsWithWarnings")]
struct WithWarnings {
    #[serde(flatten)]
    settings: SettingsSnapshot,
    warnings: Vec<String>,
}

pub fn routes(api: Api<AppState>) -> Api<AppState> {
    api.on(read(PATH, "Show the settings", "settings:read").named("getSettings").gives::<WithWarnings>(200), show).on(
        write(Method::PUT, PATH, "Change settings; what is absent stays", "settings:write")
            .takes::<SettingsRequest>()
            .gives::<WithWarnings>(200),
        change,
    )
}

async fn show(State(app): State<AppState>, query: Query) -> ApiResult {
    wait_only(&app, query).await?;
    let canned_answers = settings::queries::canned_answers(app.database()).await?;
    let settings = SettingsSnapshot { canned_answers, ..settings::queries::get(app.database()).await? };
    let (version, warnings) = (settings.version, signup_url::warnings(&settings.customer_interface_url));
    Ok(with_etag(WithWarnings { settings, warnings }, version))
}

async fn change(State(app): State<AppState>, write: Write<SettingsRequest>) -> ApiResult {
    let change = write.request.check(write.errors)?;
    let change = change_settings(change).expecting(write.if_match);
    let appended = app.submit(write.command, change).await?;
    replied_with(&appended, |members| {
        let url = members.get("customer_interface_url").and_then(Value::as_str).unwrap_or_default();
        let warnings = json!(signup_url::warnings(url));
        members.insert("warnings".to_owned(), warnings);
    })
}
