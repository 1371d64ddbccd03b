//! What a statement says, in words.

use contract::clock::Moment;
use contract::commission::{NoCommission, Rate, RateSource};
use contract::events::statements::{StatementIssued, StatementOf, StatementSection, StatementTax};
use contract::ledger::LineKind;
use contract::money::Currency;
use contract::tax::VatKind;
use contract::zone::Zone;
use rust_decimal::Decimal;

use crate::statements::lines::StatementLine;
use crate::statements::names::{Names, Party};
use crate::statements::snapshot::shown_number;

/// A statement in words.
#[derive(Clone, Debug, Default)]
pub struct Content {
    pub title: String,
    /// What the law asks an invoice to say, and what it corrects.
    pub notes: Vec<String>,
    pub facts: Vec<(&'static str, String)>,
    pub parties: Vec<PartyShown>,
    pub sections: Vec<SectionShown>,
}

/// A party of the statement.
#[derive(Clone, Debug, Default)]
pub struct PartyShown {
    pub role: &'static str,
    pub lines: Vec<String>,
}

/// The part in one currency.
#[derive(Clone, Debug, Default)]
pub struct SectionShown {
    pub currency: String,
    /// What, how many lines, and the amount.
    pub sums: Vec<[String; 3]>,
    /// The terms; without tax, the tax, with tax.
    pub taxes: Vec<[String; 4]>,
    pub lines: Vec<[String; 8]>,
}

/// The columns of the lines; amounts are in the section's currency.
pub const LINE_COLUMNS: [(&str, bool); 8] = [
    ("Day", false),
    ("What", false),
    ("Payment or cause", false),
    ("Paid", true),
    ("Base", true),
    ("Rate", false),
    ("Amount", true),
    ("Balance", true),
];

impl SectionShown {
    /// The head of a column of amounts.
    pub fn amount(&self, title: &str) -> String {
        format!("{title} {}", self.currency)
    }

    /// The head of a column of the lines.
    pub fn head(&self, (title, is_number): &(&'static str, bool)) -> String {
        if *is_number { self.amount(title) } else { (*title).to_owned() }
    }
}

impl Content {
    pub fn of(
        issued: &StatementIssued,
        issued_at: Moment,
        names: Option<&Names>,
        lines: &[Vec<StatementLine>],
    ) -> Self {
        let zone = Zone::named(&issued.time_zone).unwrap_or_default();
        let number = shown_number(issued);
        let what = if issued.self_billing { "Self-billed invoice" } else { "Statement" };
        let sections = issued.sections.iter().zip(lines).map(|(section, lines)| shown(section, lines, &zone));
        Self {
            title: format!("{what} {number}"),
            notes: notes(issued),
            facts: facts(issued, issued_at, &zone, number),
            parties: parties(issued.self_billing, names),
            sections: sections.collect(),
        }
    }
}

fn day(zone: &Zone, moment: Moment) -> String {
    zone.day(moment).map(|day| day.to_string()).unwrap_or_default()
}

fn facts(issued: &StatementIssued, issued_at: Moment, zone: &Zone, number: String) -> Vec<(&'static str, String)> {
    let mut facts = vec![("Number", number), ("Issued on", day(zone, issued_at))];
    match &issued.of {
        StatementOf::Period { since, until, .. } => {
            facts.push(("Period", format!("{since} to {until} ({})", zone.name())));
        }
        StatementOf::Remittance { remittance_id } => {
            facts.push(("Payout", remittance_id.to_string()));
            facts.push(("Time zone", zone.name().to_owned()));
        }
    }
    facts.push(("Agent", issued.agent_id.to_string()));
    facts.extend(issued.corrects.map(|number| ("Corrects number", number.to_string())));
    facts
}

fn notes(issued: &StatementIssued) -> Vec<String> {
    let mut notes = Vec::new();
    if issued.self_billing {
        notes.push(
            "Self-billing: the customer issues this invoice in the name and on behalf of the supplier.".to_owned(),
        );
    }
    if let Some(number) = issued.corrects {
        notes.push(format!("This statement corrects and replaces statement number {number}."));
    }
    let taxes = issued.sections.iter().flat_map(|section| &section.taxes);
    let kinds: Vec<VatKind> = taxes.filter_map(|tax| Some(tax.terms?.kind)).collect();
    if kinds.contains(&VatKind::ReverseCharge) {
        notes.push("Reverse charge: the recipient of the service owes the value-added tax.".to_owned());
    }
    if kinds.contains(&VatKind::None) {
        notes.push("No value-added tax is charged.".to_owned());
    }
    notes
}

/// The company pays and the agent is paid, so the agent is the supplier.
fn parties(self_billing: bool, names: Option<&Names>) -> Vec<PartyShown> {
    let (company, agent) = if self_billing { ("Customer and issuer", "Supplier") } else { ("Issued by", "For") };
    let shown = |role, party: Option<&Party>| {
        let gone = names.and_then(|names| names.blanked_at);
        let lines = match (party, gone) {
            (_, Some(at)) => {
                let at = at.day();
                vec![format!("Name and address were removed on {at}: the time to keep them is over.")]
            }
            (None, None) => vec!["Name and address are lost.".to_owned()],
            (Some(party), None) => of_party(party),
        };
        PartyShown { role, lines }
    };
    vec![shown(company, names.map(|names| &names.company)), shown(agent, names.map(|names| &names.agent))]
}

fn of_party(party: &Party) -> Vec<String> {
    let name = if party.name.is_empty() { "(no name was entered)".to_owned() } else { party.name.clone() };
    let vat_number = Some(format!("VAT number {}", party.vat_number)).filter(|_| !party.vat_number.is_empty());
    [name].into_iter().chain(party.lines.iter().cloned()).chain(vat_number).collect()
}

fn shown(section: &StatementSection, lines: &[StatementLine], zone: &Zone) -> SectionShown {
    let sum = |what: &str, lines: String, amount: Decimal| [what.to_owned(), lines, amount.to_string()];
    let mut sums = vec![sum("Opening balance", String::new(), section.opening)];
    sums.extend(section.sums.iter().map(|of| sum(kind(of.kind), of.lines.to_string(), of.amount)));
    sums.push(sum("Closing balance", String::new(), section.closing));
    SectionShown {
        currency: section.currency.as_str().to_owned(),
        sums,
        taxes: section.taxes.iter().map(tax).collect(),
        lines: lines.iter().map(|of| line(of, section.currency, zone)).collect(),
    }
}

fn tax(tax: &StatementTax) -> [String; 4] {
    let terms = match tax.terms {
        None => "Value-added tax".to_owned(),
        Some(terms) if terms.kind == VatKind::ReverseCharge => "Reverse charge".to_owned(),
        Some(terms) if terms.kind == VatKind::None => "No value-added tax".to_owned(),
        Some(terms) => format!("Value-added tax {} %", terms.percent),
    };
    [terms, tax.net.to_string(), tax.vat.to_string(), tax.gross.to_string()]
}

fn line(line: &StatementLine, currency: Currency, zone: &Zone) -> [String; 8] {
    let (paid, base) = line
        .payment
        .as_ref()
        .map_or_else(Default::default, |payment| (payment.amount.to_string(), payment.base.to_string()));
    // What only moves changes no balance, so the amount stands with what happened.
    let moves_only = line.amount.is_zero() && !line.moved.is_zero();
    let what = if moves_only {
        format!("{}: {} {}", kind(line.kind), line.moved, currency.as_str())
    } else {
        kind(line.kind).to_owned()
    };
    let amount = if moves_only { String::new() } else { line.amount.to_string() };
    [day(zone, line.recorded_at), what, cause(line), paid, base, rate(line), amount, line.balance.to_string()]
}

fn cause(line: &StatementLine) -> String {
    if let Some(reason) = &line.reason {
        return reason.clone();
    }
    match line.payment.as_ref().and_then(|payment| payment.reversal.as_ref()) {
        Some(reversal) => format!("{} ({reversal})", line.cause),
        None => line.cause.clone(),
    }
}

fn rate(line: &StatementLine) -> String {
    if let Some(why) = line.no_commission {
        return no_commission(why).to_owned();
    }
    let rate = match line.rate {
        None => return String::new(),
        Some(Rate::Percent(percent)) => format!("{percent} %"),
        Some(Rate::Flat(amount)) => format!("{} {}", amount.amount(), amount.currency().as_str()),
    };
    format!("{rate}, {}", line.rule.map(source).unwrap_or_default())
}

fn source(source: RateSource) -> &'static str {
    match source {
        RateSource::SignupKey => "signup URL",
        RateSource::Grant => "plan for agent",
        RateSource::CallPlan => "plan",
        RateSource::Agent => "agent",
    }
}

fn no_commission(why: NoCommission) -> &'static str {
    match why {
        NoCommission::OtherCurrency => "Flat in another currency",
        NoCommission::PerSignup => "Per signup",
        NoCommission::PaymentsOver => "Payments used up",
        NoCommission::MonthsOver => "Months over",
    }
}

fn kind(kind: LineKind) -> &'static str {
    match kind {
        LineKind::Commission => "Commission",
        LineKind::SignupCommission => "Commission for a signup",
        LineKind::Refund => "Refund",
        LineKind::Chargeback => "Chargeback",
        LineKind::ChargebackWon => "Chargeback won",
        LineKind::Requested => "Payout requested",
        LineKind::Released => "Free again",
        LineKind::Paid => "Paid out",
        LineKind::Returned => "Payout returned",
        LineKind::Vat => "Value-added tax",
        LineKind::Correction => "Correction",
    }
}
