//! The agents of the example.

/// An agent, with everything that is the same in each run.
#[derive(Clone, Copy)]
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
    /// The example of the registry of IBANs for the country.
    pub iban: Option<&'static str>,
}

pub const AGENTS: [Cast; 40] = [
    bank(
        agent("harbour", "Harbour Telecom", ("DE", "Hamburg", "de"), ("EUR", "19", "12.5"), (60, 0)),
        "DE89370400440532013000",
    ),
    bank(
        agent("zoe-phones", "Zoë’s Phones", ("FR", "Lyon", "fr"), ("EUR", "20", "10"), (46, 0)),
        "FR1420041010050500013M02606",
    ),
    bank(
        agent("obrien", "O’Brien & Sons", ("IE", "Dublin", "en"), ("EUR", "23", "15"), (24, 0)),
        "IE29AIBK93115212345678",
    ),
    bank(
        agent("lee-telecom", "李小龙通信", ("NL", "Rotterdam", "zh"), ("EUR", "21", "10"), (18, 0)),
        "NL91ABNA0417164300",
    ),
    bank(
        agent("nunez", "Estudio Núñez", ("ES", "Sevilla", "es"), ("EUR", "21", "12"), (26, 0)),
        "ES9121000418450200051332",
    ),
    bank(agent("alnoor", "شركة النور", ("AT", "Wien", "ar"), ("EUR", "20", "8"), (16, 0)), "AT611904300234573201"),
    bank(
        agent("thames", "Thames Calls", ("GB", "London", "en"), ("GBP", "20", "12"), (38, 0)),
        "GB29NWBK60161331926819",
    ),
    agent("sakura", "さくら通信", ("JP", "大阪", "ja"), ("JPY", "10", "8"), (16, 6)),
    agent("kyiv-line", "Київ Лайн", ("PL", "Kraków", "uk"), ("EUR", "23", "11"), (12, 12)),
    bank(agent("accra", "Accra Connect", ("BE", "Liège", "en"), ("EUR", "21", "14"), (14, 0)), "BE68539007547034"),
    agent("athina", "Αθήνα Επικοινωνίες", ("GR", "Αθήνα", "el"), ("EUR", "24", "10"), (12, 0)),
    agent("istanbul-ses", "İstanbul Ses", ("DE", "Köln", "tr"), ("EUR", "19", "9"), (15, 30)),
    bank(
        agent("lisboa-voz", "Lisboa Voz", ("PT", "Lisboa", "pt"), ("EUR", "23", "11"), (13, 0)),
        "PT50000201231234567890154",
    ),
    bank(
        agent("milano-chiama", "Milano Chiama", ("IT", "Milano", "it"), ("EUR", "22", "12"), (22, 18)),
        "IT60X0542811101000000123456",
    ),
    agent("nordlys", "Nordlys Tale", ("NO", "Tromsø", "nb"), ("EUR", "25", "9"), (6, 24)),
    bank(
        agent("stockholm-ring", "Stockholm Ring", ("SE", "Stockholm", "sv"), ("SEK", "25", "10"), (14, 20)),
        "SE4550000000058398257466",
    ),
    bank(
        agent("helsinki-puhe", "Helsinki Puhe", ("FI", "Helsinki", "fi"), ("EUR", "25.5", "10"), (9, 33)),
        "FI2112345600000785",
    ),
    bank(
        agent("tallinn-kone", "Tallinna Kõne", ("EE", "Tallinn", "et"), ("EUR", "22", "12"), (5, 40)),
        "EE382200221020145685",
    ),
    agent("riga-zvans", "Rīgas Zvans", ("LV", "Rīga", "lv"), ("EUR", "21", "11"), (5, 46)),
    agent("vilnius-balsas", "Vilniaus Balsas", ("LT", "Vilnius", "lt"), ("EUR", "21", "11"), (5, 51)),
    bank(
        agent("warszawa-gada", "Warszawa Gada", ("PL", "Warszawa", "pl"), ("PLN", "23", "12"), (20, 26)),
        "PL61109010140000071219812874",
    ),
    agent("praha-hovor", "Pražský Hovor", ("CZ", "Praha", "cs"), ("EUR", "21", "10"), (10, 58)),
    agent("bratislava", "Bratislavský Hlas", ("SK", "Bratislava", "sk"), ("EUR", "23", "10"), (6, 64)),
    agent("budapest-szo", "Budapesti Szó", ("HU", "Budapest", "hu"), ("EUR", "27", "10"), (9, 70)),
    bank(
        agent("zurich-ruf", "Zürcher Ruf", ("CH", "Zürich", "de"), ("CHF", "8.1", "9"), (12, 44)),
        "CH9300762011623852957",
    ),
    agent("ljubljana", "Ljubljanski Klic", ("SI", "Ljubljana", "sl"), ("EUR", "22", "11"), (4, 82)),
    agent("zagreb-zov", "Zagrebački Zov", ("HR", "Zagreb", "hr"), ("EUR", "25", "11"), (6, 88)),
    agent("bucuresti", "București Vorbește", ("RO", "București", "ro"), ("EUR", "21", "13"), (8, 95)),
    agent("sofia-zvun", "София Звън", ("BG", "София", "bg"), ("EUR", "20", "12"), (7, 103)),
    agent("oresund", "Øresund Kald", ("DK", "København", "da"), ("EUR", "25", "9"), (8, 112)),
    agent("valletta-ring", "Valletta Ring", ("MT", "Valletta", "mt"), ("EUR", "18", "12"), (3, 126)),
    agent("lefkosia", "Λευκωσία Φωνή", ("CY", "Λευκωσία", "el"), ("EUR", "19", "12"), (4, 140)),
    bank(agent("luxfon", "Luxfon", ("LU", "Luxembourg", "fr"), ("EUR", "17", "10"), (5, 155)), "LU280019400644750000"),
    agent("manila-connect", "Manila Connect", ("GB", "Leeds", "fil"), ("GBP", "20", "13"), (8, 76)),
    agent("lagos-link", "Lagos Link", ("GB", "Manchester", "en"), ("GBP", "20", "14"), (12, 90)),
    agent("mumbai-voice", "मुंबई वॉइस", ("GB", "Leicester", "hi"), ("GBP", "20", "12"), (14, 120)),
    agent("brooklyn-calling", "Brooklyn Calling", ("US", "New York", "en"), ("USD", "0", "10"), (12, 168)),
    agent("sydney-ring", "Sydney Ring", ("AU", "Sydney", "en"), ("EUR", "10", "10"), (5, 190)),
    agent("fala-brasil", "Fala Brasil", ("PT", "Porto", "pt"), ("EUR", "23", "12"), (7, 215)),
    agent("seoul-tong", "서울통신", ("DE", "Frankfurt", "ko"), ("EUR", "19", "11"), (6, 260)),
];

type Words = &'static str;

const fn agent(
    login: Words,
    name: Words,
    (country, city, language): (Words, Words, Words),
    (currency, vat_percent, commission_percent): (Words, Words, Words),
    (weight, from): (i64, i64),
) -> Cast {
    Cast { login, name, country, city, language, currency, vat_percent, commission_percent, weight, from, iban: None }
}

/// An agent with a bank account.
const fn bank(agent: Cast, iban: Words) -> Cast {
    Cast { iban: Some(iban), ..agent }
}
