use contract::events::agents::AgentsEvent;
use event_store::projection_table;
use event_store::projections::EventEnvelope;
use event_store::sql::{Sql, SqlError, Tx, Value};

use crate::columns::{opt_to_json, to_json, word};
use crate::projection::{Apply, Part};

/// The noun's part of the projection.
pub const PART: Part = Part {
    tables: || vec![projection_table!("settings", "id": Int)],
    apply: Apply::Each(|tx, event| Box::pin(apply(tx, event))),
};

static PUT: Sql = Sql::new(
    "INSERT INTO settings{shadow} (id, version, customer_interface_url, signup_fields, terms_version, terms_text, branding_name,
         branding_colour, branding_logo, frame_origins, customer_mask, time_zone, hold_days, four_eyes, payout_account,
         unknown_bic, payout_block_days, statements, terms_language, terms_translations, new_agents, canned_answers, signup_challenge)
     VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
     ON CONFLICT (id) DO UPDATE SET version = excluded.version,
         customer_interface_url = excluded.customer_interface_url, signup_fields = excluded.signup_fields,
         terms_version = excluded.terms_version, terms_text = excluded.terms_text,
         branding_name = excluded.branding_name, branding_colour = excluded.branding_colour,
         branding_logo = excluded.branding_logo, frame_origins = excluded.frame_origins,
         customer_mask = excluded.customer_mask, time_zone = excluded.time_zone,
         hold_days = excluded.hold_days, four_eyes = excluded.four_eyes,
         payout_account = excluded.payout_account, unknown_bic = excluded.unknown_bic,
         payout_block_days = excluded.payout_block_days, statements = excluded.statements,
         terms_language = excluded.terms_language, terms_translations = excluded.terms_translations,
         new_agents = excluded.new_agents, canned_answers = excluded.canned_answers,
         signup_challenge = excluded.signup_challenge",
);

async fn apply(tx: &mut Tx, followed: &EventEnvelope<AgentsEvent>) -> Result<(), SqlError> {
    if let AgentsEvent::SettingsChanged(event) = &followed.event {
        let values = [
            followed.version.into(),
            Value::from(&event.customer_interface_url),
            to_json(&event.signup_fields)?.into(),
            Value::from(&event.terms.version),
            Value::from(&event.terms.text),
            Value::from(&event.branding.name),
            Value::from(&event.branding.colour),
            Value::from(&event.branding.logo),
            to_json(&event.frame_origins)?.into(),
            to_json(&event.customer_mask)?.into(),
            Value::from(&event.time_zone),
            i64::from(event.hold_days).into(),
            event.four_eyes.into(),
            opt_to_json(event.payout_account.as_ref())?.into(),
            to_json(&event.unknown_bic)?.into(),
            i64::from(event.payout_block_days.0).into(),
            to_json(&event.statements)?.into(),
            Value::from(&event.terms.language),
            to_json(&event.terms.translations)?.into(),
            to_json(&event.new_agents)?.into(),
            to_json(&event.canned_answers)?.into(),
            word(&event.signup_challenge).into(),
        ];
        tx.execute(&PUT, &values).await?;
    }
    Ok(())
}
