//! What the operator changes on which day of the year: terms, plans, keys, groups and agents.

use super::links::{AUTUMN, FAIR, Link, NEW_WEBSITE, NEWSLETTER, PARTNER, POSTER, SOCIAL, STAFF};
use super::plans::{BUSINESS, CITY_FLAT, EVENINGS, FAMILY, HOLIDAY_SIM, STUDENT_SIM, WORLDWIDE};

/// A change. Agents are named by their logins, and their keys by the number of those before.
pub enum Change {
    /// An agent gets a plan, and a key for it.
    Offers(Login, usize, &'static Link),
    Pauses(Login, usize, Reason),
    Resumes(Login, usize, Reason),
    Revokes(Login, usize, Reason),
    /// The plan of one of the agent's keys is withdrawn from the agent.
    Withdraws(Login, usize, Reason),
    /// And granted again.
    GrantsAgain(Login, usize),
    /// The commission of one of the agent's plans.
    GrantPercent(Login, usize, &'static str),
    Suspends(Login, Reason),
    Reinstates(Login, Reason),
    Closes(Login, Reason),
    Percent(Login, &'static str),
    /// Commission for so many months.
    Months(Login, u32),
    HoldDays(Login, u16),
    /// The group of one of the agent's keys goes to another agent.
    MovesGroup(Login, usize, Login),
    /// A new bank account.
    Account(Login, &'static str),
    PlanPercent(usize, &'static str),
    PlanPrice(usize, &'static str),
    Retires(usize, Reason),
    /// The balance in euros.
    Corrects(Login, &'static str, Reason),
    /// A new wording of the company's terms.
    Wording(&'static str, &'static str),
}

type Login = &'static str;
type Reason = &'static str;

use Change::{
    Account, Closes, Corrects, GrantPercent, GrantsAgain, HoldDays, Months, MovesGroup, Offers, Pauses, Percent,
    PlanPercent, PlanPrice, Reinstates, Resumes, Retires, Revokes, Suspends, Withdraws, Wording,
};

/// The changes of a day.
pub fn changes(day: i64) -> impl Iterator<Item = &'static Change> {
    let of_day = CHANGES.iter().filter(move |(on, _)| *on == day);
    of_day.flat_map(|(_, changes)| changes.iter())
}

static CHANGES: &[(i64, &[Change])] = &[
    (3, &[Corrects("obrien", "120.00", "Opening balance from the system before")]),
    (8, &[Offers("zoe-phones", CITY_FLAT, &FAIR)]),
    (15, &[Offers("thames", FAMILY, &STAFF)]),
    (20, &[Months("kyiv-line", 6)]),
    (22, &[Offers("nunez", WORLDWIDE, &PARTNER)]),
    (28, &[Percent("harbour", "15")]),
    (35, &[HoldDays("sakura", 7)]),
    (40, &[Pauses("kyiv-line", 0, "The shop moves to another street")]),
    (42, &[PlanPercent(BUSINESS, "18")]),
    (47, &[Resumes("kyiv-line", 0, "The shop is open again")]),
    (49, &[GrantPercent("thames", 0, "13.5"), Offers("milano-chiama", EVENINGS, &SOCIAL)]),
    (55, &[Suspends("accra", "Visitors complained about calls at night")]),
    (58, &[Percent("istanbul-ses", "11")]),
    (63, &[Revokes("harbour", 1, "The old website is gone")]),
    (64, &[Offers("harbour", BUSINESS, &NEW_WEBSITE)]),
    (70, &[Closes("athina", "The owner retires")]),
    // The customers of an agent who closed are somebody else's from now on.
    (72, &[MovesGroup("athina", 0, "harbour")]),
    (77, &[Corrects("zoe-phones", "-15.00", "Paid twice by mistake in the first month")]),
    (85, &[Offers("warszawa-gada", FAMILY, &PARTNER)]),
    (92, &[Reinstates("accra", "The calls are checked by a new script")]),
    (98, &[PlanPrice(STUDENT_SIM, "8.90 a month")]),
    (105, &[Withdraws("nunez", 1, "Too many callers were cut off")]),
    (110, &[Offers("zagreb-zov", STUDENT_SIM, &POSTER), Percent("lisboa-voz", "12.5")]),
    (118, &[Account("zoe-phones", "LU280019400644750000")]),
    (124, &[Offers("stockholm-ring", EVENINGS, &NEWSLETTER)]),
    (131, &[Suspends("riga-zvans", "The address of the shop could not be confirmed")]),
    (138, &[Offers("thames", EVENINGS, &SOCIAL)]),
    (145, &[GrantsAgain("nunez", 1)]),
    (150, &[MovesGroup("tallinn-kone", 1, "helsinki-puhe")]),
    (158, &[Reinstates("riga-zvans", "The address is confirmed")]),
    (160, &[Percent("mumbai-voice", "13")]),
    (165, &[Offers("lagos-link", WORLDWIDE, &STAFF)]),
    (172, &[Pauses("luxfon", 1, "Closed for the summer"), HoldDays("lagos-link", 21)]),
    (
        180,
        &[Wording("2", "I agree that my details are kept and used to open and run my account, and to send me bills.")],
    ),
    (187, &[GrantPercent("zoe-phones", 0, "11.5")]),
    (196, &[Offers("harbour", FAMILY, &AUTUMN)]),
    (200, &[Revokes("obrien", 1, "The domain was sold")]),
    (201, &[Offers("obrien", CITY_FLAT, &NEW_WEBSITE)]),
    (208, &[Resumes("luxfon", 1, "Open again")]),
    (214, &[Withdraws("warszawa-gada", 1, "Sold abroad against the agreement")]),
    (222, &[Offers("zoe-phones", EVENINGS, &AUTUMN), PlanPercent(STUDENT_SIM, "9.5")]),
    (230, &[Closes("valletta-ring", "The contract ended")]),
    (236, &[Percent("thames", "13")]),
    (244, &[Suspends("sofia-zvun", "Unpaid fees for returned devices")]),
    (251, &[Offers("brooklyn-calling", FAMILY, &FAIR)]),
    (258, &[Corrects("nunez", "75.00", "Bonus for the hundredth customer")]),
    (266, &[Offers("milano-chiama", FAMILY, &PARTNER)]),
    (274, &[Months("praha-hovor", 6)]),
    (280, &[Revokes("stockholm-ring", 1, "Printed with a wrong price")]),
    (285, &[Retires(HOLIDAY_SIM, "The season is over")]),
    (292, &[Offers("fala-brasil", WORLDWIDE, &SOCIAL)]),
    (300, &[Percent("zoe-phones", "11"), PlanPrice(EVENINGS, "11.90 a month")]),
    (308, &[Pauses("budapest-szo", 0, "Complaints about the offer are looked into")]),
    (316, &[Suspends("accra", "Calls at night again")]),
    (322, &[Offers("lisboa-voz", EVENINGS, &AUTUMN)]),
    (330, &[Withdraws("oresund", 0, "At the agent's own wish")]),
    (338, &[Suspends("ljubljana", "No answer for two months")]),
    (346, &[Offers("mumbai-voice", EVENINGS, &AUTUMN)]),
    (355, &[Pauses("seoul-tong", 1, "The website is being rebuilt")]),
];
