use std::collections::BTreeMap;

use contract::clock::Moment;
use schemars::JsonSchema;
use uuid::Uuid;

use crate::customers::service::model::Status;
use crate::keys::placed::Placed;

/// A customer's account at a system.
#[derive(JsonSchema)]
pub struct AccountAnswer {
    pub system: String,
    pub account: String,
    pub details: BTreeMap<String, String>,
    pub noted_at: Moment,
}

/// Declares what a customer's data are, with the personal fields.
macro_rules! customer {
    ($($field:ident),+ $(,)?) => {
        /// A customer's data, as [`super::queries::get`] makes them. Once a customer is erased, the personal fields are absent.
        #[derive(JsonSchema)]
        pub struct CustomerAnswer {
            pub customer_id: Uuid,
            pub version: u64,
            pub customer_number: String,
            pub placed_at: Moment,
            pub terms_version: String,
            pub placement: Placed,
            pub status: Status,
            pub provisioned_at: Option<Moment>,
            pub provisioning_failed_at: Option<Moment>,
            pub suspended_at: Option<Moment>,
            pub closed_at: Option<Moment>,
            pub accounts: Vec<AccountAnswer>,
            /// Only of an erased customer.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub erased_at: Option<Moment>,
            /// Only of an erased customer.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub erased_because: Option<String>,
            $(#[serde(skip_serializing_if = "Option::is_none")] pub $field: Option<String>,)+
        }
    };
}
customer! {
    email, first_name, last_name, phone, phone_e164, company, address, city, state, country, postal_code, language, time_zone,
    currency, vat_number,
}
