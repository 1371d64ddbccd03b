//! What a payout file pays, and who is left out for which reason.

use contract::bank::{BankAccount, PayoutBlockDays, UnknownBic};
use contract::clock::{Day, Moment};
use contract::ids::digest;
use contract::money::Money;
use contract::tax::VatTerms;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::agents::accounts::Details;
use crate::bank_accounts::account::{Reach, reach};
use crate::payout_file::business_day::next_business_day;
use crate::payout_file::check::{self, POSTAL_CODE, TOWN};
use crate::payout_file::document::{Address, PainFile, Party, Transfer};
use crate::payout_file::text::{NAME, sendable};
use crate::remittances::model::vat_on;

/// The currency of SEPA.
const EURO: &str = "EUR";
/// Digits of a digest in a message id: with its prefix within the 35 characters of an id.
const DIGITS: usize = 32;

/// An approved remittance with what is known of its agent.
#[derive(Clone)]
pub struct Approved {
    pub remittance_id: Uuid,
    pub agent_id: Uuid,
    /// Without value-added tax.
    pub amount: Money,
    /// The agent's name.
    pub name: String,
    pub vat: VatTerms,
    pub details: Details,
}

/// What the company's settings say of payouts.
#[derive(Clone, Default)]
pub struct Payer {
    pub account: Option<BankAccount>,
    pub unknown_bic: UnknownBic,
    pub block_days: PayoutBlockDays,
    /// The day where the company is.
    pub today: Day,
    pub now: Moment,
}

/// Why a remittance is not in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "PayoutFileOmissionReason")]
pub enum Reason {
    /// The bank details were changed a short time ago.
    PayoutsBlocked,
    /// SEPA transfers euros only.
    OtherCurrency,
    NoBankAccount,
    /// The bank is in a country outside of SEPA.
    BankOutOfReach,
    /// The bank is outside the European Economic Area, and the agent's city or country is missing.
    NoAddress,
    /// No letter of the holder's name can be sent.
    NameNotSendable,
    /// The amount is more than a transfer can be.
    AmountTooLarge,
    /// A bank would refuse the transfer.
    Refused,
}

/// A remittance that the file pays.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "PayoutFilePayment")]
pub struct Payment {
    pub remittance_id: Uuid,
    pub agent_id: Uuid,
    pub end_to_end_id: String,
    /// Without value-added tax.
    pub amount: Money,
    pub vat: Money,
    /// What is transferred: the amount and its tax.
    pub total: Money,
    /// The account holder in the letters that are sent.
    pub holder: String,
    pub iban: String,
    pub bic: Option<String>,
}

/// A remittance that the file does not pay.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "PayoutFileOmission")]
pub struct LeftOut {
    pub remittance_id: Uuid,
    pub agent_id: Uuid,
    pub amount: Money,
    pub reason: Reason,
    /// The reason in words, with what to do.
    pub detail: String,
}

/// What the file says, before it is made.
pub struct Plan {
    pub message_id: String,
    pub execution_day: Day,
    /// In euro.
    pub total: Decimal,
    pub payments: Vec<Payment>,
    pub left_out: Vec<LeftOut>,
    transfers: Vec<Transfer>,
}

impl Reason {
    pub fn in_words(self) -> &'static str {
        match self {
            Self::PayoutsBlocked => "The bank details were changed: payouts are stopped for some days.",
            Self::OtherCurrency => "The payout file has euros only. Pay this in another way.",
            Self::NoBankAccount => "The agent has no IBAN. Enter one.",
            Self::BankOutOfReach => "SEPA does not reach this country. Pay this in another way.",
            Self::NoAddress => "Banks outside the EEA need the agent's city and country.",
            Self::NameNotSendable => "No letter of the account holder can be sent. Enter Latin letters.",
            Self::AmountTooLarge => "The amount is more than 999999999.99 EUR.",
            Self::Refused => "A bank would refuse the transfer.",
        }
    }

    /// As the API names it.
    pub fn name(self) -> String {
        crate::columns::word(&self)
    }
}

/// The id of a transfer: the remittance's own, without hyphens, as 36 characters would be too long.
pub fn end_to_end_id(remittance_id: Uuid) -> String {
    remittance_id.simple().to_string()
}

impl Plan {
    pub fn of(payer: &Payer, approved: &[Approved]) -> Self {
        let (mut payments, mut left_out, mut transfers) = (Vec::new(), Vec::new(), Vec::new());
        for remittance in approved {
            match remittance.payment(payer) {
                Ok((payment, transfer)) => {
                    payments.push(payment);
                    transfers.push(transfer);
                }
                Err(reason) => left_out.push(remittance.left_out(reason, payer)),
            }
        }
        let message_id = message_id(&transfers);
        let total = transfers.iter().map(|transfer| transfer.amount).sum();
        Self { message_id, execution_day: next_business_day(payer.today), total, payments, left_out, transfers }
    }

    /// The file, if the company has an account.
    pub fn file(&self, payer: &Payer) -> Option<PainFile> {
        let account = payer.account.as_ref()?;
        Some(PainFile {
            message_id: self.message_id.clone(),
            created_at: payer.now,
            execution_day: self.execution_day,
            debtor: Party {
                name: sendable(&account.holder, NAME),
                iban: account.iban.clone(),
                bic: account.bic.clone(),
                address: None,
            },
            transfers: self.transfers.clone(),
            names_unknown_bic: payer.unknown_bic == UnknownBic::NotProvided,
        })
    }
}

/// Made of the remittances and their amounts, so that the same file again has the same id.
fn message_id(transfers: &[Transfer]) -> String {
    let named = transfers.iter().map(|transfer| format!("{} {}\n", transfer.end_to_end_id, transfer.amount));
    let digest = digest(&named.collect::<String>());
    format!("SP{}", digest.get(..DIGITS).unwrap_or(&digest))
}

impl Approved {
    /// The tax that is paid with it.
    pub fn vat(&self) -> Result<Money, Reason> {
        vat_on(self.amount, self.vat).map_err(|_| Reason::AmountTooLarge)
    }

    /// The amount and its tax.
    pub fn total(&self) -> Result<Money, Reason> {
        let sum = self.amount.amount() + self.vat()?.amount();
        Money::new(sum, self.amount.currency()).map_err(|_| Reason::AmountTooLarge)
    }

    fn blocked_until(&self, payer: &Payer) -> Option<Moment> {
        self.details.payouts_blocked_until(payer.block_days, payer.now)
    }

    fn payment(&self, payer: &Payer) -> Result<(Payment, Transfer), Reason> {
        if self.blocked_until(payer).is_some() {
            return Err(Reason::PayoutsBlocked);
        }
        if self.amount.currency().as_str() != EURO {
            return Err(Reason::OtherCurrency);
        }
        let account = self.details.bank_account.as_ref().ok_or(Reason::NoBankAccount)?;
        let address = match reach(&account.iban).ok_or(Reason::BankOutOfReach)? {
            Reach::Inside => None,
            Reach::Outside => Some(self.address().ok_or(Reason::NoAddress)?),
        };
        let (vat, total) = (self.vat()?, self.total()?);
        if check::is_too_large(total.amount()) {
            return Err(Reason::AmountTooLarge);
        }
        let name = sendable(&account.holder, NAME);
        if name.is_empty() {
            return Err(Reason::NameNotSendable);
        }
        let end_to_end_id = end_to_end_id(self.remittance_id);
        let creditor = Party { name: name.clone(), iban: account.iban.clone(), bic: account.bic.clone(), address };
        let text = format!("Commission {end_to_end_id}");
        let transfer = Transfer { end_to_end_id: end_to_end_id.clone(), amount: total.amount(), creditor, text };
        if !check::faults_of_transfer(&transfer).is_empty() {
            return Err(Reason::Refused);
        }
        let payment = Payment {
            remittance_id: self.remittance_id,
            agent_id: self.agent_id,
            end_to_end_id,
            amount: self.amount,
            vat,
            total,
            holder: name,
            iban: account.iban.clone(),
            bic: account.bic.clone(),
        };
        Ok((payment, transfer))
    }

    fn address(&self) -> Option<Address> {
        let contact = &self.details.contact;
        let town = sendable(&contact.city, TOWN);
        let postal_code = sendable(&contact.postal_code, POSTAL_CODE);
        let address = Address { postal_code, town, country: contact.country.clone() };
        (!address.town.is_empty() && !address.country.is_empty()).then_some(address)
    }

    fn left_out(&self, reason: Reason, payer: &Payer) -> LeftOut {
        let detail = match self.blocked_until(payer).filter(|_| reason == Reason::PayoutsBlocked) {
            Some(until) => {
                format!("The bank details were changed: payouts are stopped until {}.", to_the_second(until))
            }
            None => reason.in_words().to_owned(),
        };
        let Self { remittance_id, agent_id, amount, .. } = *self;
        LeftOut { remittance_id, agent_id, amount, reason, detail }
    }
}

fn to_the_second(moment: Moment) -> String {
    let text = moment.to_string();
    format!("{}Z", text.get(..19).unwrap_or(&text))
}

#[cfg(test)]
mod tests {
    use contract::money::{Currency, Percent};

    use super::*;
    use crate::agents::accounts::Contact;

    fn approved(number: u128, amount: &str, currency: &str, holder: &str, iban: &str) -> Approved {
        let currency = Currency::known(currency).unwrap();
        let bank_account = Some(BankAccount { holder: holder.to_owned(), iban: iban.to_owned(), bic: None });
        Approved {
            remittance_id: Uuid::from_u128(number),
            agent_id: Uuid::from_u128(number),
            amount: Money::new(amount.parse().unwrap(), currency).unwrap(),
            name: "Zoe".to_owned(),
            vat: VatTerms { percent: Percent::parse("19").unwrap(), ..VatTerms::default() },
            details: Details { bank_account, ..Details::default() },
        }
    }

    const GERMAN: &str = "DE89370400440532013000";
    const BRITISH: &str = "GB82WEST12345698765432";

    fn payer() -> Payer {
        let account =
            BankAccount { holder: "Harbour Télécom".to_owned(), iban: "NL91ABNA0417164300".to_owned(), bic: None };
        let now = Moment::parse("2026-11-27T10:00:00Z").unwrap();
        Payer { account: Some(account), today: now.day(), now, ..Payer::default() }
    }

    fn reasons(approved: &[Approved]) -> Vec<Reason> {
        Plan::of(&payer(), approved).left_out.iter().map(|left_out| left_out.reason).collect()
    }

    #[test]
    fn the_file_carries_the_amount_with_its_tax_and_the_same_ids_each_time() {
        let all = [approved(1, "70.00", "EUR", "Müller & Söhne", GERMAN), approved(2, "0.02", "EUR", "李", GERMAN)];
        let plan = Plan::of(&payer(), &all);
        assert_eq!(plan.left_out, Vec::new());
        let paid: Vec<_> =
            plan.payments.iter().map(|payment| (payment.holder.as_str(), payment.total.amount())).collect();
        assert_eq!(paid, [("Muller + Sohne", "83.30".parse().unwrap()), ("Li", "0.02".parse().unwrap())]);
        assert_eq!(plan.total, "83.32".parse().unwrap());
        let file = plan.file(&payer()).unwrap();
        assert_eq!(check::faults(&file), Vec::new());
        assert_eq!(file.debtor.name, "Harbour Telecom");
        let later = Payer { now: payer().now.plus_seconds(100_000), today: payer().today.plus(3), ..payer() };
        let again = Plan::of(&later, &all).file(&later).unwrap();
        assert_eq!((&again.message_id, &again.transfers), (&file.message_id, &file.transfers));
        assert_eq!(file.message_id.len(), 34);
        let other = Plan::of(&payer(), &all[..1]);
        assert_ne!(other.message_id, file.message_id);
    }

    #[test]
    fn nobody_is_left_out_without_a_reason() {
        let without = Approved { details: Details::default(), ..approved(1, "1.00", "EUR", "x", GERMAN) };
        let mut changed = approved(2, "1.00", "EUR", "x", GERMAN);
        changed.details.bank_changed_at = Some(payer().now.plus_seconds(-6 * 24 * 60 * 60));
        let mut settled = changed.clone();
        settled.details.bank_changed_at = Some(payer().now.plus_seconds(-7 * 24 * 60 * 60));
        let mut abroad = approved(3, "1.00", "EUR", "x", BRITISH);
        let found = reasons(&[
            without,
            changed,
            settled,
            abroad.clone(),
            approved(4, "1.00", "USD", "x", GERMAN),
            approved(5, "1.00", "EUR", "x", "SA0380000000608010167519"),
            approved(6, "1.00", "EUR", "🎉", GERMAN),
            approved(7, "999999999.99", "EUR", "x", GERMAN),
        ]);
        let expected = [
            Reason::NoBankAccount,
            Reason::PayoutsBlocked,
            Reason::NoAddress,
            Reason::OtherCurrency,
            Reason::BankOutOfReach,
            Reason::NameNotSendable,
            Reason::AmountTooLarge,
        ];
        assert_eq!(found, expected);
        abroad.details.contact = Contact { city: "London".to_owned(), country: "GB".to_owned(), ..Contact::default() };
        assert_eq!(reasons(&[abroad]), []);
    }

    #[test]
    fn without_an_account_of_the_company_there_is_no_file() {
        let payer = Payer { account: None, ..payer() };
        assert!(Plan::of(&payer, &[approved(1, "1.00", "EUR", "x", GERMAN)]).file(&payer).is_none());
    }
}
