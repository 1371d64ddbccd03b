use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use contract::events::agents::SignupField;
use contract::events::signups::{Campaign, Channel};
use contract::key::normalised;
use event_store::log::CommandMeta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use web::http::body::Payload;
use web::http::caller::caller;
use web::http::client::Client;
use web::http::write::{IDEMPOTENCY_KEY, with_position};
use web::http::{Problem, Write};

use crate::fields::campaign;
use crate::fields::violation::add_errors;
use crate::keys::placed::Placed;
use crate::lookups::admission::key_unusable;
use crate::signups::challenge;
use crate::signups::placing as signups;
use crate::signups::placing::{Circumstances, Outcome, WriteCapacity, email_known};
use crate::signups::requests::SignupForm;
use crate::signups::unkeyed;
use crate::state::AppState;

/// What a customer consented to.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Consent {
    /// The version of the terms that was shown.
    #[schemars(required)]
    pub terms_version: Option<String>,
}

/// A signup. `key`, `email`, `first_name` and `consent` must be there; which of the others may or must be, the key's lookup
/// says.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SignupBody {
    #[schemars(required)]
    pub key: Option<String>,
    #[schemars(required)]
    pub email: Option<String>,
    #[schemars(required)]
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub phone: Option<String>,
    pub company: Option<String>,
    pub address: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
    pub country: Option<String>,
    pub postal_code: Option<String>,
    pub language: Option<String>,
    pub time_zone: Option<String>,
    pub currency: Option<String>,
    pub vat_number: Option<String>,
    #[schemars(required)]
    pub consent: Option<Consent>,
    pub campaign: Option<Campaign>,
}

impl SignupBody {
    fn form(&mut self) -> SignupForm {
        let optional = [
            (SignupField::LastName, self.last_name.take()),
            (SignupField::Phone, self.phone.take()),
            (SignupField::Company, self.company.take()),
            (SignupField::Address, self.address.take()),
            (SignupField::City, self.city.take()),
            (SignupField::State, self.state.take()),
            (SignupField::Country, self.country.take()),
            (SignupField::PostalCode, self.postal_code.take()),
            (SignupField::Language, self.language.take()),
            (SignupField::TimeZone, self.time_zone.take()),
            (SignupField::Currency, self.currency.take()),
            (SignupField::VatNumber, self.vat_number.take()),
        ];
        SignupForm {
            email: self.email.take().unwrap_or_default(),
            first_name: self.first_name.take().unwrap_or_default(),
            optional: optional.into_iter().filter_map(|(field, text)| Some((field, text?))).collect(),
            terms_version: self.consent.take().and_then(|consent| consent.terms_version),
        }
    }
}

/// A customer who signed up.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SignupAnswer {
    pub customer_id: Uuid,
    pub customer_number: String,
    pub placement: Placed,
    /// The position of the signups' log that holds it.
    pub position: u64,
}

/// Clients choose idempotency keys independently: `order-1` is a separate command for each signup key and each client
/// address. Where client addresses cannot be told apart, another body makes another command.
fn scope_of_visitor(command: &CommandMeta, client: Client, typed_key: &str) -> String {
    let from = client.bucket().map_or_else(|| command.fingerprint.clone(), |bucket| bucket.to_string());
    format!("{} {from}", normalised(typed_key))
}

/// `POST /api/v1/signups`
pub async fn create(
    State(app): State<AppState>,
    _: WriteCapacity,
    client: Client,
    headers: HeaderMap,
    Payload(bytes): Payload,
) -> Result<Response, Problem> {
    let caller = caller(&app, app.service_token.as_deref(), &headers).await?;
    let actor = caller.as_ref().map_or("visitor", |caller| &caller.actor);
    let write = Write::<SignupBody>::read(actor, "POST /api/v1/signups", &headers, &bytes)?;
    let (mut body, mut errors) = (write.request, write.errors);
    let key = body.key.take().unwrap_or_default();
    app.limits.signup(client, &key)?;
    if key.is_empty() && !errors.has("key") {
        errors.add("key", "required", "must be given");
    }
    let signup = signups::check_form(&app, &body.form()).await?;
    let campaign = campaign::checked(&body.campaign.take().unwrap_or_default());
    let (signup, campaign) = match (signup, campaign) {
        (Ok(signup), Ok(campaign)) => {
            errors.into_result()?;
            (signup, campaign)
        }
        (signup, campaign) => {
            add_errors(&mut errors, signup.err().unwrap_or_default());
            add_errors(&mut errors, campaign.err().unwrap_or_default());
            return Err(Problem::validation(errors));
        }
    };
    let scope = if caller.is_none() { scope_of_visitor(&write.command, client, &key) } else { String::new() };
    let is_keyed = headers.contains_key(IDEMPOTENCY_KEY);
    // The holder of a token is trusted, and known when they should not be.
    if caller.is_none() {
        let command = if is_keyed { &write.command.id } else { &write.command.fingerprint };
        challenge::require(&app, &key, &format!("{command} {scope}"), &headers, &campaign).await?;
    }
    let command = if is_keyed {
        write.command.within(&scope)
    } else {
        unkeyed::same_within_an_hour(&app.log, app.clock.now(), write.command, &scope).await?
    };
    let may_know = caller.is_some_and(|caller| caller.may("customers:read"));
    let circumstances = Circumstances { campaign, channel: Channel::Api, may_know, confirmation: None };
    match signups::place(&app, command, &key, signup, circumstances).await? {
        Outcome::Placed(placed, appended) => {
            let answer = Json(SignupAnswer {
                customer_id: placed.customer_id,
                customer_number: placed.customer_number,
                placement: placed.placement,
                position: appended.position,
            });
            Ok(with_position(answer.into_response(), &appended))
        }
        Outcome::Known(customer_id, appended) => {
            let response = email_known(customer_id).into_response();
            Ok(with_position(response, &appended))
        }
        Outcome::Refused(reason) => Err(key_unusable(reason)),
    }
}
