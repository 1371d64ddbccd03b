//! A sample of each event about payments, commission and remittances.

use contract::clock::Moment;
use contract::commission::{
    Base, CommissionRule, CommissionTerms, NoCommission, Per, Rate, RateAt, RateSource, Window,
};
use contract::events::agents::AgentsEvent;
use contract::events::payments::*;
use contract::events::remittances::*;
use contract::events::statements::*;
use contract::ledger::LineKind;
use contract::money::{Currency, Money, Percent};
use contract::note::Note;
use contract::tax::{VatKind, VatTerms};
use uuid::Uuid;

const ID: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);

fn euro(amount: &str) -> Money {
    Money::new(amount.parse().unwrap(), Currency::parse("EUR").unwrap()).unwrap()
}

fn moment() -> Moment {
    Moment::from_micros(1_767_225_600_000_000)
}

fn reference() -> String {
    "INV-2026-0042".to_owned()
}

#[expect(clippy::unnecessary_wraps, reason = "events have it where there is one")]
pub fn own_terms() -> Option<CommissionTerms> {
    let window = Some(Window { payments: Some(3), months: None });
    Some(CommissionTerms { rate: Rate::Flat(euro("5.00")), per: None, base: None, window })
}

fn rule(rate: Rate, per: Per) -> CommissionRule {
    let (base, window) = (Base::Net, Window { payments: None, months: Some(12) });
    CommissionRule { source: RateSource::Agent, rate, per, base, window, rate_at: RateAt::Placement }
}

fn origin() -> Origin {
    Origin { placed_at: moment(), campaign: Some("spring".to_owned()), country: Some("DE".to_owned()) }
}

fn commission(no_commission: Option<NoCommission>) -> PaymentCommission {
    PaymentCommission {
        customer_id: ID,
        agent_id: ID,
        call_plan_id: ID,
        group_id: ID,
        key: "7K3MZ9XQ2WAB".to_owned(),
        origin: Some(origin()),
        rule: rule(Rate::Percent(Percent::parse("12.5").unwrap()), Per::Payment),
        payments_before: 2,
        no_commission,
        amount: euro("12.50"),
        due_at: moment(),
    }
}

pub fn all() -> Vec<AgentsEvent> {
    [payments(), reversals(), earned(), remittances(), statements()].concat()
}

fn payments() -> Vec<AgentsEvent> {
    let reason = "wrong tariff".to_owned().into();
    vec![
        PaymentReceived {
            payment_id: ID,
            reference: reference(),
            amount: euro("119.00"),
            net: Some(euro("100.00")),
            vat_percent: Some(Percent::parse("19").unwrap()),
            received_at: moment(),
            customer: PaymentCustomer::CustomerId(ID),
            commission: Some(commission(None)),
        }
        .into(),
        PaymentAttributed {
            payment_id: ID,
            reference: reference(),
            commission: commission(Some(NoCommission::MonthsOver)),
            reason,
        }
        .into(),
    ]
}

fn reversals() -> Vec<AgentsEvent> {
    let moved = Some(CommissionMoved { agent_id: ID, amount: euro("2.50"), due_at: moment() });
    let (kind, reversal_reference) = (ReversalKind::Refund, || "REF-1".to_owned());
    let reason = "wrong tariff".to_owned().into();
    vec![
        PaymentReversed {
            payment_id: ID,
            reference: reference(),
            kind,
            reversal_reference: reversal_reference(),
            amount: euro("23.80"),
            net: euro("20.00"),
            commission: moved,
            reason,
        }
        .into(),
        ReversalHeld {
            payment_id: ID,
            reference: reference(),
            kind,
            reversal_reference: reversal_reference(),
            amount: Some(euro("23.80")),
            net: None,
            reason: Note::Absent,
        }
        .into(),
        ReversalNotApplied {
            payment_id: ID,
            reference: reference(),
            kind,
            reversal_reference: reversal_reference(),
            reason: NotApplied::TooMuch,
        }
        .into(),
        ChargebackWon {
            payment_id: ID,
            reference: reference(),
            reversal_reference: "CB-1".to_owned(),
            amount: euro("23.80"),
            net: euro("20.00"),
            commission: moved,
        }
        .into(),
    ]
}

fn earned() -> Vec<AgentsEvent> {
    vec![
        SignupCommissionEarned {
            customer_id: ID,
            agent_id: ID,
            call_plan_id: ID,
            group_id: ID,
            key: "7K3MZ9XQ2WAB".to_owned(),
            origin: Some(origin()),
            rule: rule(Rate::Flat(euro("5.00")), Per::Signup),
            amount: euro("5.00"),
            due_at: moment(),
        }
        .into(),
        BalanceCorrected {
            correction_id: ID,
            agent_id: ID,
            direction: Direction::Debit,
            amount: euro("1.00"),
            reason: "counted twice".to_owned().into(),
        }
        .into(),
    ]
}

fn remittances() -> Vec<AgentsEvent> {
    let (amount, reason) = (euro("70.00"), || Note::from("account closed".to_owned()));
    let units = |amount: &str| amount.parse().unwrap();
    let balance = Balance { earned: units("70.00"), reserved: units("0.00"), paid: units("0.00") };
    vec![
        RemittanceRequested { remittance_id: ID, agent_id: ID, amount, balance }.into(),
        RemittanceApproved { remittance_id: ID, agent_id: ID, amount, approver: format!("operator:{ID}"), balance }
            .into(),
        RemittanceRefused { remittance_id: ID, agent_id: ID, amount, reason: reason() }.into(),
        RemittanceCancelled { remittance_id: ID, agent_id: ID, amount }.into(),
        RemittancePaid {
            remittance_id: ID,
            agent_id: ID,
            amount,
            vat: euro("13.30"),
            vat_terms: Some(VatTerms { kind: VatKind::Rate, percent: Percent::parse("19").unwrap() }),
            method: PaymentMethod::BankTransfer,
            bank_reference: "SEPA-2026-0007".to_owned().into(),
        }
        .into(),
        RemittanceReturned {
            remittance_id: ID,
            agent_id: ID,
            amount,
            vat: Some(euro("13.30")),
            was_paid: true,
            reason: reason(),
        }
        .into(),
    ]
}

fn statements() -> Vec<AgentsEvent> {
    let units = |amount: &str| amount.parse().unwrap();
    let section = StatementSection {
        currency: Currency::parse("EUR").unwrap(),
        opening: units("10.00"),
        closing: units("-47.50"),
        sums: vec![
            StatementSum { kind: LineKind::Commission, lines: 3, amount: units("12.50") },
            StatementSum { kind: LineKind::Paid, lines: 1, amount: units("-70.00") },
        ],
        taxes: vec![StatementTax {
            terms: Some(VatTerms { kind: VatKind::Rate, percent: Percent::parse("19").unwrap() }),
            net: units("70.00"),
            vat: units("13.30"),
            gross: units("83.30"),
        }],
    };
    let period = StatementOf::Period {
        since: "2026-01-01".to_owned(),
        until: "2026-01-31".to_owned(),
        starts_at: moment(),
        ends_at: moment().plus_seconds(31 * 24 * 60 * 60),
    };
    let statement = |number, of, corrects, after| StatementIssued {
        statement_id: ID,
        number,
        prefix: "GS-".to_owned(),
        agent_id: ID,
        of,
        time_zone: "Europe/Berlin".to_owned(),
        corrects,
        after,
        position: 120,
        self_billing: true,
        sections: vec![section.clone()],
    };
    vec![
        statement(7, period, Some(6), 0).into(),
        statement(8, StatementOf::Remittance { remittance_id: ID }, None, 90).into(),
    ]
}
