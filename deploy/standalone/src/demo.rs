//! Fills an empty database with a realistic example, through the API.

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use web::process::BoundServer;

const PLANS: [(&str, &str); 4] = [
    ("City flat", "Unlimited calls within the city"),
    ("Worldwide minutes", "Pay by the minute, to 190 countries"),
    ("Call-through", "Dial in from any phone"),
    ("Business VoIP", "Ten lines, one number"),
];
const AGENTS: [&str; 6] =
    ["Harbour Telecom", "Zoë's Phones", "O'Brien & Sons", "李小龙通信", "Estudio Núñez", "شركة النور"];
const CUSTOMERS: [(&str, &str); 12] = [
    ("Anna", "Müller"),
    ("Seán", "O'Brien"),
    ("小龙", "李"),
    ("Zoë", "Łukasik"),
    ("Fátima", "Núñez"),
    ("أحمد", "النجار"),
    ("Olga", "Иванова"),
    ("Kofi", "Mensah"),
    ("Priya", "शर्मा"),
    ("Jean-Luc", "D'Aubigné"),
    ("Yuki", "田中"),
    ("Emma", "van den Berg"),
];

/// The base URLs of the two services.
pub struct Places {
    agents: String,
    signup: String,
}

impl Places {
    /// The addresses of a listening process.
    pub fn of(listening: &BoundServer) -> Self {
        let find = |wanted| listening.addresses.iter().find(|(name, _)| *name == wanted).map(|(_, url)| url.clone());
        Self { agents: find("agents").unwrap_or_default(), signup: find("signup").unwrap_or_default() }
    }
}

/// Fills an empty database, and prints the result.
pub async fn fill(places: Places, token: String) {
    let demo = Demo { places, token, client: reqwest::Client::new() };
    match demo.fill().await {
        Ok(Some(url)) => {
            println!(
                "demo: {} agents, {} call plans and some customers are there; try {url}",
                AGENTS.len(),
                PLANS.len()
            );
            println!("demo: an API token for this example: {}", demo.token);
        }
        Ok(None) => println!("demo: the database is not empty; nothing was added"),
        Err(error) => eprintln!("demo: {error:#}"),
    }
}

struct Demo {
    places: Places,
    token: String,
    client: reqwest::Client,
}

impl Demo {
    /// Returns a signup URL to try, or `None` when there are agents already.
    async fn fill(&self) -> anyhow::Result<Option<String>> {
        let agents = self.client.get(format!("{}/api/v1/agents", self.places.agents)).bearer_auth(&self.token);
        let agents: Value = agents.send().await?.error_for_status()?.json().await?;
        if agents["items"].as_array().is_some_and(|items| !items.is_empty()) {
            return Ok(None);
        }
        let mut plans = Vec::new();
        for (name, description) in PLANS {
            plans.push(self.post("call-plans", &json!({ "name": name, "description": description })).await?);
        }
        let mut keys = Vec::new();
        for (number, name) in AGENTS.iter().enumerate() {
            keys.extend(self.agent(number, name, &plans).await?);
        }
        for (number, (first_name, last_name)) in CUSTOMERS.iter().enumerate() {
            self.sign_up(number, first_name, last_name, &keys[number % keys.len()]).await?;
        }
        let key = keys.first().and_then(|key| key["key"].as_str()).unwrap_or_default();
        Ok(Some(format!("{}/signup/{key}", self.places.signup)))
    }

    /// Adds an agent with two call plans, a group for each and a key for each; returns the keys.
    async fn agent(&self, number: usize, name: &str, plans: &[Value]) -> anyhow::Result<Vec<Value>> {
        let password = contract::ids::random_crockford(20)?;
        let agent = json!({
            "login": format!("agent{}", number + 1), "password": password, "name": name,
            "permissions": ["customers", "signup_urls", "sales"], "commission_percent": "12.5",
            "remittance_threshold": { "amount": "100.00", "currency": "EUR" },
        });
        let agent = self.post("agents", &agent).await?;
        let mut keys = Vec::new();
        for (offset, kind) in ["VoIP", "Call-through"].iter().enumerate() {
            let plan = &plans[(number + offset) % plans.len()];
            let grant = format!("agents/{}/call-plans/{}", text(&agent["id"]), text(&plan["id"]));
            let url = format!("{}/api/v1/{grant}", self.places.agents);
            self.client.put(url).bearer_auth(&self.token).send().await?.error_for_status()?;
            let group = json!({
                "name": format!("{name}: {kind}"), "agent_id": agent["id"],
                "ui_elements": ["call_history", "invoices", "support"],
            });
            let group = self.post("groups", &group).await?;
            let key = json!({
                "agent_id": agent["id"], "call_plan_id": plan["id"], "group_id": group["id"], "label": kind,
            });
            keys.push(self.post("signup-keys", &key).await?);
        }
        Ok(keys)
    }

    async fn sign_up(&self, number: usize, first_name: &str, last_name: &str, key: &Value) -> anyhow::Result<()> {
        let terms = self.client.get(format!("{}/api/v1/settings", self.places.agents)).bearer_auth(&self.token);
        let terms: Value = terms.send().await?.error_for_status()?.json().await?;
        let signup = json!({
            "key": key["key"], "email": format!("customer{number}@example.com"),
            "first_name": first_name, "last_name": last_name,
            "consent": { "terms_version": terms["terms"]["version"] },
        });
        let url = format!("{}/api/v1/signups", self.places.signup);
        // The signup-service learns of a new key a moment later.
        for _ in 0..50 {
            let answer = self.client.post(&url).json(&signup).send().await?;
            if answer.status().is_success() {
                return Ok(());
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        anyhow::bail!("an example customer could not sign up")
    }

    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let url = format!("{}/api/v1/{path}", self.places.agents);
        let answer = self.client.post(url).bearer_auth(&self.token).json(body).send().await?;
        let status = answer.status();
        let answer: Value = answer.json().await.with_context(|| format!("{path} answered no JSON"))?;
        ensure!(status.is_success(), "{path}: {}", text(&answer["detail"]));
        Ok(answer)
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
