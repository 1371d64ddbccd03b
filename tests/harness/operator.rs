//! An operator who uses the JSON API of the agents-service, with the calls that most journeys need.

use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::api::{Api, ApiResponse};

/// A password that is long enough.
pub const PASSWORD: &str = "a long enough password";

#[derive(Clone)]
pub struct Operator {
    pub api: Api,
}

/// A created thing: its id, the response and the position.
#[derive(Clone, Debug)]
pub struct Made {
    pub id: String,
    pub body: Value,
    pub position: u64,
}

/// An agent with a granted plan and a group.
#[derive(Clone, Debug)]
pub struct Seller {
    pub agent: String,
    pub plan: String,
    pub group: String,
}

impl Seller {
    /// The body of a new signup key for the three.
    pub fn key_body(&self) -> Value {
        json!({"agent_id": self.agent, "call_plan_id": self.plan, "group_id": self.group})
    }
}

/// The smallest valid body of an agent.
pub fn agent_body(login: &str) -> Value {
    json!({
        "login": login, "password": PASSWORD, "permissions": ["customers", "signup_urls"],
        "remittance_threshold": {"amount": "100.00", "currency": "EUR"},
    })
}

/// Replaces members of `body`; a null stays a null.
pub fn with(mut body: Value, changes: Value) -> Value {
    if let (Value::Object(members), Value::Object(changes)) = (&mut body, changes) {
        members.extend(changes);
    }
    body
}

/// A login that is unique in this test process.
pub fn fresh_login() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("agent-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

impl Operator {
    pub fn new(api: Api) -> Self {
        Self { api }
    }

    async fn make(&self, path: &str, body: &Value) -> Result<Made> {
        let answer = self.api.post(path).json(body).send().await?.expect(201)?;
        let made = answer.json()?;
        let id = made["id"].as_str().or(made["key"].as_str()).with_context(|| format!("{answer}: no id"))?;
        Ok(Made { id: id.to_owned(), position: answer.position()?, body: made.clone() })
    }

    pub async fn add_agent(&self) -> Result<Made> {
        self.add_agent_with(json!({})).await
    }

    pub async fn add_agent_with(&self, changes: Value) -> Result<Made> {
        self.make("/agents", &with(agent_body(&fresh_login()), changes)).await
    }

    /// Adds an operator with the password [`PASSWORD`].
    pub async fn add_operator(&self, login: &str) -> Result<Made> {
        self.make("/operators", &json!({"login": login, "password": PASSWORD})).await
    }

    pub async fn add_plan(&self, name: &str) -> Result<Made> {
        self.add_plan_with(&json!({"name": name})).await
    }

    pub async fn add_plan_with(&self, body: &Value) -> Result<Made> {
        self.make("/call-plans", body).await
    }

    pub async fn add_group(&self, name: &str, agent: &str) -> Result<Made> {
        self.make("/groups", &json!({"name": name, "agent_id": agent, "ui_elements": ["password", "invoices"]})).await
    }

    pub async fn add_group_with(&self, body: &Value) -> Result<Made> {
        self.make("/groups", body).await
    }

    pub async fn grant(&self, agent: &str, plan: &str) -> Result<ApiResponse> {
        self.api.put(&format!("/agents/{agent}/call-plans/{plan}")).send().await?.expect(200)
    }

    pub async fn withdraw(&self, agent: &str, plan: &str) -> Result<ApiResponse> {
        self.api.delete(&format!("/agents/{agent}/call-plans/{plan}")).send().await?.expect(200)
    }

    pub async fn add_key(&self, seller: &Seller) -> Result<Made> {
        self.add_key_with(seller, json!({})).await
    }

    pub async fn add_key_with(&self, seller: &Seller, changes: Value) -> Result<Made> {
        self.make("/signup-keys", &with(seller.key_body(), changes)).await
    }

    /// `pause`, `resume` or `revoke` a key.
    pub async fn turn_key(&self, key: &str, verb: &str) -> Result<ApiResponse> {
        self.api.post(&format!("/signup-keys/{key}/{verb}")).send().await?.expect(200)
    }

    /// `suspend`, `reinstate` or `close` an agent.
    pub async fn turn_agent(&self, agent: &str, verb: &str) -> Result<ApiResponse> {
        self.api.post(&format!("/agents/{agent}/{verb}")).send().await?.expect(200)
    }

    /// Changes an agent in their current version.
    pub async fn change_agent(&self, id: &str, changes: &Value) -> Result<ApiResponse> {
        let path = format!("/agents/{id}");
        let version = self.api.get(&path).send().await?.expect(200)?.header("etag").to_owned();
        self.api.patch(&path).header("If-Match", &version).json(changes).send().await?.expect(200)
    }

    pub async fn agent(&self, id: &str) -> Result<Value> {
        self.api.get(&format!("/agents/{id}")).expect(200).await
    }

    pub async fn key(&self, key: &str) -> Result<Value> {
        self.api.get(&format!("/signup-keys/{key}")).expect(200).await
    }

    pub async fn settings(&self) -> Result<Value> {
        self.api.get("/settings").expect(200).await
    }

    pub async fn change_settings(&self, body: &Value) -> Result<ApiResponse> {
        self.api.put("/settings").json(body).send().await?.expect(200)
    }

    /// The call plans that an agent may sell, which fit on one page.
    pub async fn plans_usable(&self, agent: &str) -> Result<Vec<Value>> {
        let answer = self.api.get(&format!("/agents/{agent}/call-plans")).expect(200).await?;
        answer["items"].as_array().cloned().context("the answer has items")
    }

    /// Adds an agent with one granted call plan and one group.
    pub async fn add_seller(&self) -> Result<Seller> {
        let agent = self.add_agent().await?.id;
        let plan = self.add_plan("World 300").await?.id;
        self.grant(&agent, &plan).await?;
        let group = self.add_group("VoIP customers", &agent).await?.id;
        Ok(Seller { agent, plan, group })
    }

    /// All items of a list, page by page.
    pub async fn list(&self, path: &str) -> Result<Vec<Value>> {
        let joint = if path.contains('?') { '&' } else { '?' };
        let (mut items, mut after) = (Vec::new(), String::new());
        loop {
            let page = self.api.get(&format!("{path}{joint}limit=200{after}")).expect(200).await?;
            items.extend(page["items"].as_array().cloned().unwrap_or_default());
            match page["next"].as_str() {
                Some(cursor) => after = format!("&after={}", crate::api::encoded(cursor)),
                None => return Ok(items),
            }
        }
    }
}
