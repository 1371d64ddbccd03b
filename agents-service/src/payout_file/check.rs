//! The check of a bank file beside its schema: the rules of SEPA that a schema cannot say or does not.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::bank_accounts::account::{Reach, bic, iban, reach};
use crate::payout_file::business_day::is_business_day;
use crate::payout_file::document::{Address, PainFile, Party, Transfer};
use crate::payout_file::text::{NAME, is_sendable};

/// Most characters of an id.
pub const ID: usize = 35;
/// Most characters of the text for the payee.
pub const TEXT: usize = 140;
/// Most characters of a town, and of a postal code.
pub const TOWN: usize = 35;
pub const POSTAL_CODE: usize = 16;
/// The largest amount of one transfer, in cents.
const LARGEST: i64 = 99_999_999_999;

/// What a bank would refuse, with the id of the transfer where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Empty for the whole file.
    pub end_to_end_id: String,
    pub what: &'static str,
}

/// Everything that a bank would refuse in a file.
pub fn faults(file: &PainFile) -> Vec<Fault> {
    let mut found: Vec<&'static str> = Vec::new();
    found.extend(fault_of_id(&file.message_id));
    found.extend(faults_of_party(&file.debtor));
    found.extend(file.transfers.is_empty().then_some("there is no transfer"));
    found.extend((!is_business_day(file.execution_day)).then_some("no transfers are made on the day"));
    let ids: BTreeSet<_> = file.transfers.iter().map(|transfer| &transfer.end_to_end_id).collect();
    found.extend((ids.len() < file.transfers.len()).then_some("two transfers have one id"));
    let whole = found.into_iter().map(|what| Fault { end_to_end_id: String::new(), what });
    let of_transfers = file.transfers.iter().flat_map(|transfer| {
        let end_to_end_id = &transfer.end_to_end_id;
        faults_of_transfer(transfer).into_iter().map(|what| Fault { end_to_end_id: end_to_end_id.clone(), what })
    });
    whole.chain(of_transfers).collect()
}

/// What a bank would refuse in one transfer.
pub fn faults_of_transfer(transfer: &Transfer) -> Vec<&'static str> {
    let Transfer { end_to_end_id, amount, creditor, text } = transfer;
    let mut found: Vec<_> = fault_of_id(end_to_end_id).into_iter().chain(fault_of_amount(*amount)).collect();
    found.extend(faults_of_party(creditor));
    let needs_address = reach(&creditor.iban) == Some(Reach::Outside) && creditor.address.is_none();
    found.extend(needs_address.then_some("a bank outside the economic area needs the address of the holder"));
    found.extend((!is_text(text, TEXT)).then_some("the text has no or too many characters, or others than SEPA's"));
    found
}

/// Whether an amount is more than one transfer can be.
pub fn is_too_large(amount: Decimal) -> bool {
    amount > Decimal::new(LARGEST, 2)
}

fn fault_of_amount(amount: Decimal) -> Option<&'static str> {
    if amount <= Decimal::ZERO {
        Some("the amount is not more than 0.00")
    } else if is_too_large(amount) {
        Some("the amount is more than 999999999.99")
    } else if amount.normalize().scale() > 2 {
        Some("the amount has more than two decimals")
    } else {
        None
    }
}

fn fault_of_id(id: &str) -> Option<&'static str> {
    let is_id = is_text(id, ID) && !id.starts_with('/') && !id.ends_with('/') && !id.contains("//");
    (!is_id).then_some("an id has no or too many characters, or others than SEPA's")
}

fn faults_of_party(party: &Party) -> Vec<&'static str> {
    let Party { name, iban: number, bic: bank, address } = party;
    let is_bic = bank.as_ref().is_none_or(|bank| bic(bank).as_ref() == Some(bank));
    [
        (!is_text(name, NAME)).then_some("a name has no or too many characters, or others than SEPA's"),
        (iban(number).as_ref() != Some(number)).then_some("an IBAN is wrong"),
        reach(number).is_none().then_some("SEPA does not reach the bank"),
        (!is_bic).then_some("a BIC is wrong"),
        address.as_ref().and_then(fault_of_address),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn fault_of_address(address: &Address) -> Option<&'static str> {
    let Address { postal_code, town, country } = address;
    let is_country = country.len() == 2 && country.bytes().all(|letter| letter.is_ascii_uppercase());
    let is_code = postal_code.is_empty() || is_text(postal_code, POSTAL_CODE);
    (!is_country || !is_code || !is_text(town, TOWN)).then_some("an address lacks its town or country")
}

fn is_text(text: &str, most: usize) -> bool {
    !text.trim().is_empty() && text.len() <= most && text.chars().all(is_sendable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payout_file::document::samples;

    fn with(change: impl Fn(&mut PainFile)) -> Vec<&'static str> {
        let mut file = samples::file();
        change(&mut file);
        faults(&file).into_iter().map(|fault| fault.what).collect()
    }

    #[test]
    fn a_right_file_has_no_fault() {
        assert_eq!(faults(&samples::file()), Vec::new());
        assert!(with(|file| file.transfers[0].amount = Decimal::new(LARGEST, 2)).is_empty());
        assert!(with(|file| file.transfers[1].creditor = file.transfers[0].creditor.clone()).is_empty());
    }

    #[test]
    fn amounts_are_from_one_cent_with_two_decimals() {
        for (amount, part) in [
            ("0.00", "not more than 0.00"),
            ("-1.00", "not more than 0.00"),
            ("1.234", "more than two decimals"),
            ("1000000000.00", "more than 999999999.99"),
        ] {
            let found = with(|file| file.transfers[0].amount = amount.parse().unwrap());
            assert!(matches!(found[..], [what] if what.contains(part)), "{amount}: {found:?}");
        }
    }

    #[test]
    fn what_a_schema_lets_pass_is_found() {
        type Change = fn(&mut PainFile);
        let changes: [(&str, Change); 21] = [
            ("IBAN is wrong", |file| file.transfers[0].creditor.iban = "DE00370400440532013000".to_owned()),
            ("IBAN is wrong", |file| file.transfers[0].creditor.iban = "de89370400440532013000".to_owned()),
            ("IBAN is wrong", |file| file.debtor.iban = "NL91 ABNA 0417 1643 00".to_owned()),
            ("does not reach", |file| file.transfers[0].creditor.iban = "SA0380000000608010167519".to_owned()),
            ("BIC is wrong", |file| file.debtor.bic = Some(String::new())),
            ("BIC is wrong", |file| file.transfers[1].creditor.bic = Some("COBADEFFXXXX".to_owned())),
            ("a name", |file| file.transfers[0].creditor.name = "x".repeat(71)),
            ("a name", |file| file.transfers[0].creditor.name = "Łódź Žižka".to_owned()),
            ("a name", |file| file.transfers[0].creditor.name = "Zoe 🎉".to_owned()),
            ("a name", |file| file.debtor.name = " ".to_owned()),
            ("an id", |file| file.transfers[0].end_to_end_id = "01890a5d-ac96-774b-bcce-b302099a8057".to_owned()),
            ("an id", |file| file.transfers[0].end_to_end_id = "/x".to_owned()),
            ("an id", |file| file.message_id = "a//b".to_owned()),
            ("an id", |file| file.message_id = String::new()),
            ("one id", |file| file.transfers[0].end_to_end_id = "e-2".to_owned()),
            ("the text", |file| file.transfers[0].text = "x".repeat(141)),
            ("needs the address", |file| file.transfers[1].creditor.address = None),
            ("an address", |file| file.transfers[1].creditor.address = Some(Address::default())),
            ("on the day", |file| file.execution_day = "2026-12-25".parse().unwrap()),
            ("on the day", |file| file.execution_day = "2026-11-29".parse().unwrap()),
            ("no transfer", |file| file.transfers.clear()),
        ];
        for (part, change) in changes {
            let found = with(change);
            assert!(found.iter().any(|what| what.contains(part)), "{part}: {found:?}");
        }
    }
}
