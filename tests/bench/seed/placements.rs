//! Places many customers through the product's own command handler, without HTTP, so that the signups' log and its
//! tables are as long as after years of business. The lookup table must hold the keys already.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use contract::clock::Clock;
use contract::email::Email;
use contract::events::agents::SignupField;
use contract::events::signups::Campaign;
use event_store::health::Health;
use event_store::log::{CommandMeta, Secret, Writer};
use event_store::projections::{Checkpoint, Projection};
use futures::{StreamExt, TryStreamExt, stream};
use signup_service::customers::table::email_digest;
use signup_service::handler::SignupCommandHandler;
use signup_service::keys::projection::KeysProjection;
use signup_service::keys::queries::Keys;
use signup_service::keys::watch::share_freshness;
use signup_service::signups::commands::PlaceCustomer;
use signup_service::signups::customer_number::customer_number;
use signup_service::signups::model::Placement;
use signup_service::signups::requests::Signup;

use super::catalogue::{customer_id, key, key_of_customer};
use crate::progress::Progress;

/// Requests that wait at a time: two full batches.
const WAITING: usize = 512;
/// A step through the ten-digit numbers that reaches each of them once: it shares no factor with their count.
const NUMBER_STEP: u64 = 1_234_567_891;

/// Places `count` customers, spread over the first `keys` keys; returns the last position.
pub async fn place(url: &str, count: u64, keys: u64, terms_version: &str) -> Result<u64> {
    let (database, log) = Box::pin(signup_service::app::open(url)).await?;
    let lookup = Keys::new(database.clone(), Checkpoint::open(database.clone(), KeysProjection::NAME).await?);
    // The signup-service wrote the freshness of the table; without a projector here, no age counts as stale.
    share_freshness(&lookup, Clock::System.now()).await?;
    let handler = SignupCommandHandler::new(Clock::System);
    let writer =
        Writer::start(log.clone(), Clock::System, handler, Health::new("signups").dependency("log"), Vec::new());
    let mut progress = Progress::new("placing customers", count);
    progress.at(0);
    let submitted = (0..count).map(|number| {
        let (writer, log, keys_table) = (writer.clone(), &log, lookup.clone());
        async move {
            let fingerprint = format!("placed:{number}");
            let command = CommandMeta {
                id: format!("visitor:seed-{number}"),
                fingerprint,
                actor: "visitor".to_owned(),
                cause: None,
            };
            let placement = placement(log.secret(), number, keys, terms_version)?;
            let appended = writer
                .submit(command, Arc::new(PlaceCustomer { placement, keys: keys_table, confirmation: None }))
                .await?;
            ensure!(appended.answer.status == 201, "placement {number}: {:?}", appended.answer);
            anyhow::Ok(())
        }
    });
    let mut answers = stream::iter(submitted).buffered(WAITING);
    let mut done = 0;
    while answers.try_next().await?.is_some() {
        done += 1;
        progress.at(done);
    }
    progress.done();
    drop(answers);
    let head = log.head().await?.position;
    drop(writer);
    database.close().await;
    Ok(head)
}

fn placement(secret: &Secret, number: u64, keys: u64, terms_version: &str) -> Result<Placement> {
    let signup = Signup {
        email: Email::parse(&format!("seeded-{number}@example.com")).context("an address")?,
        first_name: "Zoë".to_owned(),
        optional: [(SignupField::LastName, format!("O'Brien {number}"))].into(),
        terms_version: terms_version.to_owned(),
    };
    Ok(Placement {
        keys: vec![key(key_of_customer(number, keys))],
        email_digest: email_digest(secret, &signup.email.key),
        signup,
        channel: contract::events::signups::Channel::Page,
        may_know: false,
        campaign: Campaign::default(),
        customer_id: customer_id(number),
        customer_number: customer_number(number.wrapping_mul(NUMBER_STEP).to_be_bytes()),
    })
}
