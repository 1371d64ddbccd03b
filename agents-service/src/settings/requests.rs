use std::collections::BTreeMap;

use contract::bank::{PayoutBlockDays, UnknownBic};
use contract::challenge::SignupChallenge;
use contract::codes;
use contract::events::agents::{CustomerMask, FieldRule, SignupField, Terms};
use contract::text::Rule;
use contract::zone::Zone;
use schemars::JsonSchema;
use serde::Deserialize;
use web::http::{FieldErrors, Problem};

use crate::bank_accounts::requests::{BankAccountRequest, bank_account};
use crate::commission::requests::hold_days;
use crate::fields::{Fields, Number, nullable, without_repetitions};
use crate::settings::canned_answers::{CannedAnswerRequest, canned_answers};
use crate::settings::model::{BrandingChange, SettingsChange};
use crate::settings::new_agents::AgentDefaultsRequest;
use crate::settings::statements::StatementSettingsRequest;
use crate::settings::{branding, frame_origin, signup_url};

const URL: Rule = Rule::line(0, 500);
const TERMS_VERSION: Rule = Rule::line(1, 100);
const TERMS_TEXT: Rule = Rule::lines(50_000);
/// The longest terms in all languages together: an event holds them whole.
const MAX_TERMS_BYTES: usize = 200 * 1024;
/// The languages of the signup pages, which may have a translation of the terms.
pub const PAGE_LANGUAGES: [&str; 6] = ["en", "es", "fr", "de", "pt", "ar"];
/// Longest stop of payouts, in days.
const MAX_BLOCK_DAYS: u16 = 365;
const BRAND_NAME: Rule = Rule::line(0, 100);

/// The settings to change; what is absent stays.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "SettingsGiven")]
pub struct SettingsRequest {
    /// A wrong URL is kept and warned about.
    customer_interface_url: Option<String>,
    /// The optional fields of the signup form, one by one.
    signup_fields: Option<BTreeMap<SignupField, FieldRule>>,
    terms: Option<TermsGiven>,
    /// How the public pages look; what is absent stays, and an empty text takes away.
    branding: Option<BrandingRequest>,
    /// Whose pages may show the signup form in a frame, such as `https://shop.example`; given whole.
    frame_origins: Option<Vec<String>>,
    /// What agents see of who their customers are.
    customer_mask: Option<CustomerMask>,
    /// The company's time zone, such as `Europe/Berlin`: days that people name are days there.
    time_zone: Option<String>,
    /// Days until commission is earned, where an agent's terms do not say.
    hold_days: Option<u16>,
    /// Whether whoever approved a remittance must not pay it.
    four_eyes: Option<bool>,
    /// The company's account that payouts are made from; given whole, and null takes it away.
    #[serde(deserialize_with = "nullable")]
    #[schemars(with = "Option<BankAccountRequest>")]
    #[expect(clippy::option_option, reason = "absent and null differ here")]
    payout_account: Option<Option<BankAccountRequest>>,
    /// What stands in a bank file for a payee's BIC that is not known.
    unknown_bic: Option<UnknownBic>,
    /// Days for which a change of an agent's bank details stops their payouts, 0 to 365.
    payout_block_days: Option<Number>,
    /// The company on statements, and how they are issued.
    statements: Option<StatementSettingsRequest>,
    /// When a signup needs a solved challenge, which takes a browser seconds.
    signup_challenge: Option<SignupChallenge>,
    /// What new agents get where nothing else is stated. Agents that are there do not change.
    new_agents: Option<AgentDefaultsRequest>,
    /// Texts that operators answer agents with; given whole, at most 50.
    canned_answers: Option<Vec<CannedAnswerRequest>>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct BrandingRequest {
    /// The name above the pages.
    name: Option<String>,
    /// The colour of buttons and accents: # and six hexadecimal digits.
    colour: Option<String>,
    /// A PNG picture in base64, of at most 32 KiB and 1024 times 1024 pixels.
    logo: Option<String>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TermsGiven {
    #[schemars(required)]
    version: Option<String>,
    #[schemars(required)]
    text: Option<String>,
    /// The language of the text, such as `en`. Visitors who read another language and have no translation get the
    /// text marked with it.
    language: Option<String>,
    /// The text in other languages of the signup pages: `en`, `es`, `fr`, `de`, `pt`, `ar`.
    translations: Option<BTreeMap<String, String>>,
}

impl SettingsRequest {
    pub fn check(self, errors: FieldErrors) -> Result<SettingsChange, Problem> {
        let mut fields = Fields::new(errors);
        let url = fields.text("customer_interface_url", self.customer_interface_url, URL);
        if let Some(fault) = url.as_deref().and_then(signup_url::refused) {
            fields.error("customer_interface_url", "invalid", fault);
        }
        let terms = self.terms.map(|terms| terms.check(&mut fields));
        let change = SettingsChange {
            customer_interface_url: url.map(|url| url.trim().to_owned()),
            signup_fields: self.signup_fields.unwrap_or_default(),
            terms,
            branding: branding_change(&mut fields, self.branding.unwrap_or_default()),
            frame_origins: self.frame_origins.map(|origins| frame_origins(&mut fields, &origins)),
            customer_mask: self.customer_mask,
            time_zone: self.time_zone.and_then(|name| time_zone(&mut fields, &name)),
            hold_days: self.hold_days.and_then(|days| hold_days(&mut fields, days)),
            four_eyes: self.four_eyes,
            payout_account: bank_account(&mut fields, "payout_account", self.payout_account),
            unknown_bic: self.unknown_bic,
            payout_block_days: fields
                .days("payout_block_days", self.payout_block_days, MAX_BLOCK_DAYS)
                .map(PayoutBlockDays),
            statements: self.statements.unwrap_or_default().check(&mut fields),
            signup_challenge: self.signup_challenge,
            new_agents: self.new_agents.unwrap_or_default().check(&mut fields),
            canned_answers: self.canned_answers.map(|given| canned_answers(&mut fields, given)),
        };
        fields.finish()?;
        Ok(change)
    }
}

impl TermsGiven {
    /// The terms are given whole: translations of an older text would state something else.
    fn check(self, fields: &mut Fields) -> Terms {
        let version = fields.required_text("terms.version", self.version, TERMS_VERSION);
        let text = fields.required_text("terms.text", self.text, TERMS_TEXT);
        let language = self.language.unwrap_or_default();
        let known = codes::language(&language);
        if known.is_none() && !language.trim().is_empty() {
            fields.error("terms.language", "unknown_value", "must be a language such as en or pt-BR");
        }
        let mut translations = BTreeMap::new();
        for (tag, wording) in self.translations.unwrap_or_default() {
            let name = format!("terms.translations.{tag}");
            if !PAGE_LANGUAGES.contains(&tag.as_str()) {
                fields.error(&name, "unknown_value", format!("must be one of {}", PAGE_LANGUAGES.join(", ")));
            } else if let Some(wording) = fields.text(&name, Some(wording), TERMS_TEXT).filter(|text| !text.is_empty())
            {
                translations.insert(tag, wording);
            }
        }
        let bytes = text.len() + translations.values().map(String::len).sum::<usize>();
        if bytes > MAX_TERMS_BYTES {
            let message = format!("must be shorter: all languages together have {bytes} bytes of {MAX_TERMS_BYTES}");
            fields.error("terms.text", "too_long", message);
        }
        Terms { version, text, language: known.unwrap_or_default(), translations }
    }
}

/// The zone's name in the time zone database.
fn time_zone(fields: &mut Fields, name: &str) -> Option<String> {
    let zone = Zone::named(name.trim());
    if zone.is_none() {
        fields.error("time_zone", "unknown_value", "must be a time zone such as Europe/Berlin");
    }
    zone.map(|zone| zone.name().to_owned())
}

fn branding_change(fields: &mut Fields, request: BrandingRequest) -> BrandingChange {
    let mut part = |name: &str, checked: Result<String, branding::Violation>| match checked {
        Ok(text) => Some(text),
        Err(fault) => {
            fields.error(name, fault.code(), fault.to_string());
            None
        }
    };
    let colour = request.colour.and_then(|text| part("branding.colour", branding::colour(&text)));
    let logo = request.logo.and_then(|text| part("branding.logo", branding::logo(&text)));
    let name = fields.text("branding.name", request.name, BRAND_NAME);
    BrandingChange { name: name.map(|name| name.trim().to_owned()), colour, logo }
}

/// Each origin once, in the given order.
fn frame_origins(fields: &mut Fields, request: &[String]) -> Vec<String> {
    if request.len() > frame_origin::MAX_ORIGINS {
        let message = format!("must be at most {} origins", frame_origin::MAX_ORIGINS);
        fields.error("frame_origins", "too_many", message);
        return Vec::new();
    }
    let mut kept = Vec::with_capacity(request.len());
    for (index, text) in request.iter().enumerate() {
        match frame_origin::frame_origin(text) {
            Ok(origin) => kept.push(origin),
            Err(error) => {
                // A form shows all origins in one field, so the error quotes the wrong one.
                let quoted: String = text.chars().take(frame_origin::MAX_LENGTH).collect();
                fields.error(
                    &format!("frame_origins.{index}"),
                    "invalid",
                    format!("must not name {quoted:?}: {error}"),
                );
            }
        }
    }
    without_repetitions(kept)
}
