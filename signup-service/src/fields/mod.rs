//! The fields of a customer: names, limits, and violations. The signup form, the API and corrections check fields by
//! the same rules and report all violations together.

pub mod campaign;
pub mod text;
pub mod violation;
pub mod violations;

use contract::events::agents::SignupField;

/// The longest first or last name, in letters with their marks.
pub const MAX_NAME: usize = 100;
/// The path of the field for the accepted terms.
pub const CONSENT_FIELD: &str = "consent.terms_version";

/// The optional fields, in the order of the form.
pub const OPTIONAL_FIELDS: [SignupField; 12] = [
    SignupField::LastName,
    SignupField::Phone,
    SignupField::Company,
    SignupField::Address,
    SignupField::PostalCode,
    SignupField::City,
    SignupField::State,
    SignupField::Country,
    SignupField::Language,
    SignupField::TimeZone,
    SignupField::Currency,
    SignupField::VatNumber,
];

/// The field's name in JSON, in the form and in the table.
pub fn field_name(field: SignupField) -> &'static str {
    match field {
        SignupField::LastName => "last_name",
        SignupField::Phone => "phone",
        SignupField::Company => "company",
        SignupField::Address => "address",
        SignupField::City => "city",
        SignupField::State => "state",
        SignupField::Country => "country",
        SignupField::PostalCode => "postal_code",
        SignupField::Language => "language",
        SignupField::TimeZone => "time_zone",
        SignupField::Currency => "currency",
        SignupField::VatNumber => "vat_number",
    }
}

/// The field's length limit, in characters with their marks.
pub fn max_length(field: SignupField) -> usize {
    match field {
        SignupField::Currency => 3,
        SignupField::PostalCode => 20,
        SignupField::Phone | SignupField::VatNumber => 32,
        SignupField::Language => 35,
        SignupField::TimeZone => 64,
        SignupField::LastName => MAX_NAME,
        SignupField::City | SignupField::State | SignupField::Country => 100,
        SignupField::Company => 200,
        SignupField::Address => 300,
    }
}
