//! The agents and call plans of the example.

/// An agent, with everything that is the same in each run.
pub struct Cast {
    pub login: &'static str,
    pub name: &'static str,
    pub country: &'static str,
    pub city: &'static str,
    pub language: &'static str,
    pub currency: &'static str,
    pub vat_percent: &'static str,
    pub commission_percent: &'static str,
    /// How many of the visitors are theirs, beside the others' weights.
    pub weight: i64,
    /// The day on which they begin.
    pub from: i64,
    pub iban: Option<&'static str>,
}

pub struct Plan {
    pub name: &'static str,
    pub description: &'static str,
    pub price_text: &'static str,
    /// What a customer pays each month, in hundredths of a euro, with tax.
    pub monthly: i64,
    /// Most that comes on top, by use.
    pub by_use: i64,
}

pub const PLANS: [Plan; 5] = [
    plan("City flat", "Unlimited calls within the city", "19.90 a month", 1_990, 0),
    plan("Worldwide minutes", "Pay by the minute, to 190 countries", "from 2 cents a minute", 500, 4_000),
    plan("Call-through", "Dial in from any phone", "9.90 a month", 990, 600),
    plan("Business VoIP", "Ten lines, one number", "89.00 a month", 8_900, 2_000),
    plan("Holiday SIM", "Four weeks in 40 countries", "24.90 once", 2_490, 0),
];
/// The plan that is retired later.
pub const HOLIDAY_SIM: usize = 4;
pub const BUSINESS: usize = 3;

pub const AGENTS: [Cast; 12] = [
    agent(
        ("harbour", "Harbour Telecom"),
        ("DE", "Hamburg", "de"),
        ("EUR", "19", "12.5"),
        (20, 0),
        Some("DE89370400440532013000"),
    ),
    agent(
        ("zoe-phones", "Zoë’s Phones"),
        ("FR", "Lyon", "fr"),
        ("EUR", "20", "10"),
        (16, 0),
        Some("FR1420041010050500013M02606"),
    ),
    agent(
        ("obrien", "O’Brien & Sons"),
        ("IE", "Dublin", "en"),
        ("EUR", "23", "15"),
        (10, 0),
        Some("IE29AIBK93115212345678"),
    ),
    agent(
        ("lee-telecom", "李小龙通信"),
        ("NL", "Rotterdam", "zh"),
        ("EUR", "21", "10"),
        (8, 0),
        Some("NL91ABNA0417164300"),
    ),
    agent(
        ("nunez", "Estudio Núñez"),
        ("ES", "Sevilla", "es"),
        ("EUR", "21", "12"),
        (10, 0),
        Some("ES9121000418450200051332"),
    ),
    agent(("alnoor", "شركة النور"), ("AT", "Wien", "ar"), ("EUR", "20", "8"), (8, 0), Some("AT611904300234573201")),
    agent(
        ("thames", "Thames Calls"),
        ("GB", "London", "en"),
        ("GBP", "20", "12"),
        (12, 0),
        Some("GB29NWBK60161331926819"),
    ),
    agent(("sakura", "さくら通信"), ("JP", "大阪", "ja"), ("JPY", "10", "8"), (8, 6), None),
    agent(("kyiv-line", "Київ Лайн"), ("PL", "Kraków", "uk"), ("EUR", "23", "11"), (5, 12), None),
    agent(("accra", "Accra Connect"), ("BE", "Liège", "en"), ("EUR", "21", "14"), (6, 0), Some("BE68539007547034")),
    agent(("athina", "Αθήνα Επικοινωνίες"), ("GR", "Αθήνα", "el"), ("EUR", "24", "10"), (6, 0), None),
    agent(
        ("istanbul-ses", "İstanbul Ses"),
        ("DE", "Köln", "tr"),
        ("EUR", "19", "9"),
        (7, 30),
        Some("DE75512108001245126199"),
    ),
];

const fn plan(
    name: &'static str,
    description: &'static str,
    price_text: &'static str,
    monthly: i64,
    by_use: i64,
) -> Plan {
    Plan { name, description, price_text, monthly, by_use }
}

type Words = &'static str;

const fn agent(
    (login, name): (Words, Words),
    (country, city, language): (Words, Words, Words),
    (currency, vat_percent, commission_percent): (Words, Words, Words),
    (weight, from): (i64, i64),
    iban: Option<Words>,
) -> Cast {
    Cast { login, name, country, city, language, currency, vat_percent, commission_percent, weight, from, iban }
}
