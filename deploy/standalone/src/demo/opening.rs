//! How the company and its agents begin.

use contract::ids::random_crockford;
use serde_json::{Value, json};

use super::cast::{AGENTS, Cast};
use super::company::{Company, text};
use super::keys::offer;
use super::links::{AIRPORT, NEWSLETTER, POSTER, SHOP, SOCIAL, WEBSITE};
use super::money::{converted, decimal};
use super::phones::phone;
use super::plans::{BUSINESS, CALL_THROUGH, CITY_FLAT, EVENINGS, FAMILY, HOLIDAY_SIM, PLANS, STUDENT_SIM, WORLDWIDE};
use super::random::{Part, Random};
use super::season::Today;
use super::shop::{Agent, Counts, Life, Shop};

/// Crockford digits of a password: 100 bits.
const PASSWORD_LENGTH: usize = 20;
/// What must be earned before a payout may be requested, in hundredths of a euro.
pub const THRESHOLD: i64 = 2_500;
/// Minutes of the first day at which everything is set up.
const MORNING: i64 = 4 * 60;
/// The plans of an agent's shop and website, in turns.
const FIRST_PLANS: [[usize; 2]; 5] = [
    [CITY_FLAT, WORLDWIDE],
    [WORLDWIDE, CALL_THROUGH],
    [FAMILY, CITY_FLAT],
    [CALL_THROUGH, STUDENT_SIM],
    [STUDENT_SIM, BUSINESS],
];
/// Operators beside the first one.
const OPERATORS: [[&str; 2]; 3] = [["helpdesk", "support"], ["bookkeeping", "finance"], ["auditor", "read_only"]];

/// The company's settings, operators and call plans, on the first day.
pub async fn open(company: &Company, today: Today) -> anyhow::Result<Shop> {
    company.set_clock(today.at(MORNING));
    let settings = json!({
        "time_zone": "Europe/Berlin", "hold_days": 14, "branding": { "name": "Example Telecom" },
        "payout_account": { "holder": "Example Telecom", "iban": "DE02120300000000202051" },
        "statements": {
            "legal_name": "Example Telecom GmbH", "address": "Beispielweg 1\n20095 Hamburg", "number_prefix": "ET-",
        },
        "signup_fields": {
            "last_name": "shown", "phone": "shown", "city": "shown", "country": "required", "language": "shown",
            "company": "hidden", "address": "hidden", "state": "hidden", "postal_code": "hidden", "time_zone": "hidden",
            "currency": "hidden", "vat_number": "hidden",
        },
    });
    let settings = company.put("settings", &settings).await?;
    for [login, role] in OPERATORS {
        let body = json!({ "login": login, "password": random_crockford(PASSWORD_LENGTH)?, "role": role });
        company.post("operators", &body).await?;
    }
    let mut plans = Vec::new();
    for plan in &PLANS {
        let body = json!({ "name": plan.name, "description": plan.description, "price_text": plan.price_text });
        plans.push(text(&company.post("call-plans", &body).await?, "id"));
    }
    Ok(Shop {
        terms_version: text(&settings["terms"], "version"),
        plans,
        agents: Vec::new(),
        offers: Vec::new(),
        customers: Vec::new(),
        visitors: 0,
        counts: Counts::default(),
    })
}

/// The agents who begin on a day; whether there are any.
pub async fn begin(company: &Company, shop: &mut Shop, today: Today) -> anyhow::Result<bool> {
    let before = shop.agents.len();
    for cast in AGENTS.iter().filter(|cast| cast.from == today.number) {
        let agent = create(company, cast, shop.agents.len()).await?;
        shop.agents.push(agent);
        let agent = shop.agents.len() - 1;
        let [first, second] = FIRST_PLANS[agent % FIRST_PLANS.len()];
        offer(company, shop, today, (agent, first), &SHOP).await?;
        offer(company, shop, today, (agent, second), &WEBSITE).await?;
        let further = match agent % 6 {
            0 => (HOLIDAY_SIM, &AIRPORT),
            1 => (second, &POSTER),
            2 => (EVENINGS, &NEWSLETTER),
            4 => (first, &SOCIAL),
            _ => continue,
        };
        offer(company, shop, today, (agent, further.0), further.1).await?;
    }
    Ok(shop.agents.len() > before)
}

async fn create(company: &Company, cast: &'static Cast, number: usize) -> anyhow::Result<Agent> {
    let password = random_crockford(PASSWORD_LENGTH)?;
    let threshold =
        json!({ "amount": decimal(converted(THRESHOLD, cast.currency), cast.currency), "currency": cast.currency });
    let mut body = json!({
        "login": cast.login, "password": password, "name": cast.name, "currency": cast.currency, "language": cast.language,
        "commission_percent": cast.commission_percent, "vat_percent": cast.vat_percent,
        "remittance_thresholds": [threshold],
        "permissions": ["customers", "signup_urls", "groups", "sales", "commission", "remittance", "call_plans", "support"],
        "contact": {
            "company": cast.name, "city": cast.city, "country": cast.country, "email": format!("{}@example.com", cast.login),
        },
    });
    if let Some(phone) = phone(&mut Random::of(Part::Agent, u64::try_from(number)?), cast.country) {
        body["contact"]["phone"] = phone.into();
    }
    if let Some(iban) = cast.iban {
        body["bank_account"] = json!({ "holder": cast.login.replace('-', " "), "iban": iban });
    }
    let terms = terms(cast.login);
    if !terms.is_null() {
        body["commission"] = terms;
    }
    let made = company.post("agents", &body).await?;
    Ok(Agent { cast, id: text(&made, "id"), password, life: Life::Active })
}

/// Commission terms beside the percentage.
fn terms(login: &str) -> Value {
    match login {
        // A fixed amount for each payment, of the first year only.
        "lee-telecom" => json!({ "flat": { "amount": "3.00", "currency": "EUR" }, "window": { "months": 12 } }),
        // A fixed amount for each signup.
        "alnoor" | "bucuresti" => json!({ "flat": { "amount": "4.50", "currency": "EUR" }, "per": "signup" }),
        // The first two payments only.
        "obrien" => json!({ "window": { "payments": 2 } }),
        "istanbul-ses" | "milano-chiama" => json!({ "rate_at": "payment", "base": "gross" }),
        "praha-hovor" => json!({ "window": { "months": 3 } }),
        _ => Value::Null,
    }
}
