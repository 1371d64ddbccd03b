//! Bank accounts as a client describes them.

use contract::bank::BankAccount;
use contract::text::Rule;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::bank_accounts::account::{bic, iban};
use crate::fields::Fields;

/// As many characters as a bank file has room for.
const HOLDER: Rule = Rule::line(1, 70);

/// A bank account. Without any text it is none.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "BankAccountGiven")]
pub struct BankAccountRequest {
    /// Whose account it is, as the bank knows them: 1 to 70 characters.
    #[schemars(required)]
    holder: Option<String>,
    /// With or without blanks; its check digits must be right.
    #[schemars(required)]
    iban: Option<String>,
    /// 8 or 11 letters and digits.
    bic: Option<String>,
}

/// A bank account in a request. The outer `None` is absent or wrong, the inner one none.
pub fn bank_account(
    fields: &mut Fields,
    name: &str,
    request: Option<Option<BankAccountRequest>>,
) -> Option<Option<BankAccount>> {
    let is_given = |text: &String| !text.trim().is_empty();
    let Some(BankAccountRequest { holder, iban: typed, bic: bank }) = request? else { return Some(None) };
    let [holder, typed, bank] = [holder, typed, bank].map(|text| text.filter(is_given));
    if holder.is_none() && typed.is_none() && bank.is_none() {
        return Some(None);
    }
    let holder = fields.required_trimmed(&format!("{name}.holder"), holder, HOLDER);
    let place = format!("{name}.iban");
    let read = fields.required(&place, typed).and_then(|typed| {
        let read = iban(&typed);
        if read.is_none() {
            fields.error(&place, "invalid", "must be an IBAN with right check digits");
        }
        read
    });
    let read_bic = bank.as_deref().map(bic);
    if read_bic == Some(None) {
        fields.error(&format!("{name}.bic"), "invalid", "must be a BIC of 8 or 11 letters and digits");
    }
    Some(Some(BankAccount { holder, iban: read?, bic: read_bic.flatten() }))
}
