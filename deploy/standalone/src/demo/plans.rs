//! The call plans of the example.

/// A call plan, with what its customers pay.
pub struct Plan {
    pub name: &'static str,
    pub description: &'static str,
    pub price_text: &'static str,
    /// Each month, in hundredths of a euro, with tax.
    pub monthly: i64,
    /// Most that comes on top, by use.
    pub by_use: i64,
    /// Paid once, and not each month.
    pub is_once: bool,
}

pub const CITY_FLAT: usize = 0;
pub const WORLDWIDE: usize = 1;
pub const CALL_THROUGH: usize = 2;
pub const BUSINESS: usize = 3;
/// The plan that is retired later.
pub const HOLIDAY_SIM: usize = 4;
pub const FAMILY: usize = 5;
pub const STUDENT_SIM: usize = 6;
pub const EVENINGS: usize = 7;

pub const PLANS: [Plan; 8] = [
    plan("City flat", "Unlimited calls within the city", "19.90 a month", (1_990, 0)),
    plan("Worldwide minutes", "Pay by the minute, to 190 countries", "from 2 cents a minute", (500, 4_000)),
    plan("Call-through", "Dial in from any phone", "9.90 a month", (990, 600)),
    plan("Business VoIP", "Ten lines, one number", "89.00 a month", (8_900, 2_000)),
    Plan { is_once: true, ..plan("Holiday SIM", "Four weeks in 40 countries", "24.90 once", (2_490, 0)) },
    plan("Family line", "Four numbers, and free calls among them", "29.90 a month", (2_990, 800)),
    plan("Student SIM", "Ten gigabytes and calls within the country", "7.90 a month", (790, 300)),
    plan("Evenings and weekends", "Free calls from six in the evening on", "12.50 a month", (1_250, 450)),
];

const fn plan(
    name: &'static str,
    description: &'static str,
    price_text: &'static str,
    (monthly, by_use): (i64, i64),
) -> Plan {
    Plan { name, description, price_text, monthly, by_use, is_once: false }
}
