//! A service with an agent, a key and customers, whose payments earn commission.

use agents_service::maintenance::{self, ProjectionName};
use contract::clock::Clock;
use contract::ids::new_id;
use harness::operator::{agent_body, with};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::office::{BackOffice, Reply, id};
use crate::signups::{Seller, Signups, placed_at};

pub struct Shop {
    pub office: BackOffice,
    pub signups: Signups,
    pub seller: Seller,
    /// Of the first customer.
    pub customer: Uuid,
}

/// Now, as a request says it.
pub fn now() -> String {
    Clock::System.now().to_string()
}

pub fn euro(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

impl Shop {
    /// An agent with these terms, and a customer who was placed through a key of theirs.
    pub async fn open(office: BackOffice, terms: Value) -> Self {
        let agent = with(agent_body("zoe-phones"), with(json!({ "commission_percent": "10" }), terms));
        let agent_id = id(&office.post("/agents", &agent).await.expect(201));
        let call_plan_id = office.call_plan("VoIP").await;
        office.grant(&agent_id, &call_plan_id).await.expect(200);
        let group_id = office.group("VoIP customers", &agent_id).await;
        let key =
            json!({ "agent_id": agent_id, "call_plan_id": call_plan_id, "group_id": group_id, "slug": "harbour" });
        office.post("/signup-keys", &key).await.expect(201);
        let uuid = |text: &str| text.parse::<Uuid>().unwrap();
        let seller = Seller {
            agent_id: uuid(&agent_id),
            call_plan_id: uuid(&call_plan_id),
            group_id: uuid(&group_id),
            key: "harbour".to_owned(),
        };
        let signups = Signups::new().await;
        let office = office.following(&signups).await;
        let shop = Self { office, signups, seller, customer: new_id() };
        shop.place(shop.customer, "1000000001").await;
        shop
    }

    /// Places a customer at the present end of the agents' log.
    pub async fn place(&self, customer_id: Uuid, number: &str) {
        let head = self.office.app.log.head().await.unwrap().position;
        let position = self.signups.append(vec![placed_at(&self.seller, customer_id, number, None, head)]).await;
        self.office.get(&format!("/sales?at_least={position}")).await;
    }

    pub async fn change_agent(&self, changes: Value) {
        let path = format!("/agents/{}", self.seller.agent_id);
        let version = self.office.call("GET", &path, &[], &Value::Null).await.header("etag").to_owned();
        self.office.call("PATCH", &path, &[("if-match", &version)], &changes).await.expect(200);
    }

    /// The body of a payment of the first customer, received now.
    pub fn payment(&self, reference: &str, amount: impl Into<Value>) -> Value {
        let amount: Value = amount.into();
        json!({ "reference": reference, "customer_id": self.customer, "amount": amount, "received_at": now() })
    }

    pub async fn send(&self, payment: &Value) -> Reply {
        self.office.post("/payments", payment).await
    }

    /// Records a payment of the first customer; returns the answer.
    pub async fn pay(&self, reference: &str, amount: &str) -> Value {
        self.send(&self.payment(reference, euro(amount))).await.expect(201)
    }

    pub async fn refund(&self, payment: &str, reference: &str, amount: &str) -> Reply {
        let body = json!({ "reference": reference, "amount": euro(amount) });
        self.office.post(&format!("/payments/{payment}/refunds"), &body).await
    }

    /// The agent's balance in euros: held, earned, reserved, paid, available.
    pub async fn balance(&self) -> [String; 5] {
        let answer = self.office.get(&format!("/agents/{}/balances", self.seller.agent_id)).await;
        let items = answer["items"].as_array().unwrap();
        let euro = items.iter().find(|item| item["currency"] == "EUR").cloned().unwrap_or_default();
        ["held", "earned", "reserved", "paid", "available"].map(|name| euro[name].as_str().unwrap_or("none").to_owned())
    }

    pub async fn request(&self, amount: &str) -> Reply {
        let body = json!({ "agent_id": self.seller.agent_id, "amount": euro(amount) });
        self.office.post("/remittances", &body).await
    }

    /// A token with these scopes, as a header's value.
    pub async fn bearer(&self, scopes: &[&str]) -> String {
        let body = json!({ "name": scopes.join(" "), "scopes": scopes });
        let issued = self.office.post("/api-tokens", &body).await.expect(201);
        format!("Bearer {}", issued["token"].as_str().unwrap())
    }

    /// What the decisions' tables show of the log is what the log says.
    pub async fn is_a_fold(&self) {
        let (database, log) = (self.office.app.log.database(), &self.office.app.log);
        let differences = maintenance::compare(database, ProjectionName::Decisions, log, |_| ()).await.unwrap();
        assert_eq!(differences, Vec::<String>::new());
    }
}
