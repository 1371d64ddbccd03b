//! Commission on payments received: from a signup to the payout, with faults between, and with requests that nobody should send.

mod ancestor;
mod at_once;
mod attacks;
mod killed;
mod paid_out;

use std::sync::atomic::{AtomicUsize, Ordering};

use harness::names::{Person, Rng, person};
use harness::operator::with;
use harness::{Api, ApiResponse, Pair, Result, Seller, Value, bail, ensure, eventually, json, seconds};

/// When customers pay: a moment that is over, whatever the clock says.
const RECEIVED: &str = "2026-01-15T10:00:00Z";

fn euro(amount: &str) -> Value {
    json!({"amount": amount, "currency": "EUR"})
}

/// A customer who signed up.
struct Customer {
    person: Person,
    number: String,
}

/// An agent with a signup URL, who earns 12.5 % and may ask for 50.00 EUR.
struct Shop<'a> {
    pair: &'a Pair,
    seller: Seller,
    key: String,
}

impl<'a> Shop<'a> {
    async fn open(pair: &'a Pair, login: &str) -> Result<Self> {
        let operator = pair.agents(0);
        let terms = json!({
            "login": login, "permissions": ["commission", "remittance"], "commission_percent": "12.5",
            "remittance_threshold": euro("50.00"),
        });
        let agent = operator.add_agent_with(terms).await?.id;
        let plan = operator.add_plan("World 300").await?.id;
        operator.grant(&agent, &plan).await?;
        let group = operator.add_group("VoIP customers", &agent).await?.id;
        let seller = Seller { agent, plan, group };
        let key = operator.add_key(&seller).await?;
        pair.signup(0).lookup_at(&key.id, key.position).await?.expect(200)?;
        Ok(Self { pair, seller, key: key.id })
    }

    /// The roots of the agents-service's API, in turns.
    fn api(&self) -> Api {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        self.pair.agents(NEXT.fetch_add(1, Ordering::Relaxed)).api
    }

    async fn sign_up(&self, number: usize) -> Result<Customer> {
        let visitor = self.pair.signup(0);
        let who = person(&mut Rng::new(25), number);
        let names = json!({"last_name": "Personalname-Payer", "phone": who.phone, "address": who.address});
        let body = with(visitor.body(&self.key, &who), names);
        let placed = visitor.api.post("/api/v1/signups").json(&body).expect(201).await?;
        Ok(Customer { person: who, number: placed["customer_number"].as_str().unwrap_or_default().to_owned() })
    }

    /// The body of a payment, as a billing system writes it.
    fn payment(reference: &str, customer: &Customer, amount: &str) -> Value {
        json!({
            "reference": reference, "customer_number": customer.number, "amount": euro(amount), "received_at": RECEIVED,
        })
    }

    /// Waits until each replica says that the agent earns by the payment.
    async fn earns_by(&self, reference: &str, commission: &str) -> Result<()> {
        for replica in 0..self.pair.replicas() {
            let api = self.pair.agents(replica).api;
            eventually(seconds(20), async || {
                let payment = api.get(&format!("/payments/{reference}")).expect(200).await?;
                ensure!(payment["agent_id"] == self.seller.agent, "nobody earns by it: {payment}");
                ensure!(payment["commission"] == euro(commission), "another commission: {payment}");
                Ok(())
            })
            .await?;
        }
        Ok(())
    }

    /// Gives the agent an amount without a customer.
    async fn is_given(&self, amount: &str) -> Result<()> {
        let body = json!({"amount": euro(amount), "reason": "opening balance"});
        self.api().post(&format!("/agents/{}/corrections", self.seller.agent)).json(&body).expect(201).await.map(drop)
    }

    /// The agent's balance in euros: earned, reserved, paid, available.
    async fn balance(&self) -> Result<[String; 4]> {
        let answer = self.api().get(&format!("/agents/{}/balances", self.seller.agent)).expect(200).await?;
        let items = answer["items"].as_array().cloned().unwrap_or_default();
        let euros = items.into_iter().find(|item| item["currency"] == "EUR").unwrap_or_default();
        Ok(["earned", "reserved", "paid", "available"].map(|name| euros[name].as_str().unwrap_or("none").to_owned()))
    }

    async fn has(&self, balance: [&str; 4]) -> Result<()> {
        let found = self.balance().await?;
        ensure!(found == balance, "the balance is {found:?}, not {balance:?}");
        Ok(())
    }

    fn request(&self, amount: &str) -> Value {
        json!({"agent_id": self.seller.agent, "amount": euro(amount)})
    }

    /// Requests an amount; returns the remittance's id.
    async fn requests(&self, amount: &str) -> Result<String> {
        let made = self.api().post("/remittances").json(&self.request(amount)).expect(201).await?;
        Ok(made["id"].as_str().unwrap_or_default().to_owned())
    }

    async fn step(&self, remittance: &str, step: &str, body: &Value) -> Result<ApiResponse> {
        self.api().post(&format!("/remittances/{remittance}/{step}")).json(body).send().await
    }
}

fn payout(bank_reference: &str) -> Value {
    json!({"method": "bank_transfer", "bank_reference": bank_reference})
}

/// How many answers have each of two statuses; every other one is a failure.
fn count(answers: &[ApiResponse], won: u16, lost: u16) -> Result<(usize, usize)> {
    let of = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    let stray = answers.iter().find(|answer| ![won, lost].contains(&answer.status));
    match stray {
        Some(answer) => bail!("{answer}: another status"),
        None => Ok((of(won), of(lost))),
    }
}
