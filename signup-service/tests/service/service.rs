//! The running service of a test, with its visitors and API clients.

use std::time::Duration;

use contract::clock::Clock;
use contract::events::Contract;
use contract::events::signups::SignupsEvent;
use contract::ids::new_id;
use event_store::projections::OtherService;
use event_store::sql::Database;
use harness::until;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use signup_service::app::{Built, build};
use signup_service::state::AppState;
use web::http::serve::Shutdown;
use web::process::{BoundServer, open_admin};
use web::settings::Settings;

use crate::agents::{Agents, Seller, Signups, TOKEN};

pub struct Service {
    pub agents: Agents,
    pub database: Database,
    pub log: event_store::log::Log,
    pub app: AppState,
    pub base: String,
    url: String,
    client: Client,
    stop: Shutdown,
}

impl Drop for Service {
    fn drop(&mut self) {
        self.stop.now();
    }
}

impl Service {
    pub async fn start(url: String) -> Self {
        Self::start_with(Agents::new().await, &[("SIGNPOST_DATABASE_URL", &url)], Clock::System).await
    }

    pub async fn start_with(agents: Agents, settings: &[(&str, &str)], clock: Clock) -> Self {
        let service = Self::start_unready(agents, settings, clock).await;
        service.has_caught_up().await;
        service
    }

    /// Starts without waiting until signups are accepted.
    pub async fn start_unready(agents: Agents, settings: &[(&str, &str)], clock: Clock) -> Self {
        let given = [("SIGNPOST_SIGNUP_LISTEN", "127.0.0.1:0"), ("SIGNPOST_RATE_LIMITS", "off")];
        let given = given.iter().chain(settings).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self::start_on(agents, Settings::from(given).unwrap(), clock).await
    }

    /// Starts with settings that no environment can give.
    pub async fn start_on(agents: Agents, settings: Settings, clock: Clock) -> Self {
        let agents_service = OtherService::Here { log: agents.log.clone(), projection: "sales" };
        let Built { service, log, app } = build(&settings, clock, None, Some(agents_service)).await.unwrap();
        let (database, url) = (service.database.clone(), settings.signup_database_url);
        let listening =
            BoundServer::open(vec![service], open_admin(([127, 0, 0, 1], 0).into(), None).unwrap()).unwrap();
        let base = listening.addresses[0].1.clone();
        let stop = Shutdown::default();
        tokio::spawn(listening.serve(stop.clone()));
        Self { agents, database, log, app, base, url, client: Client::new(), stop }
    }

    /// Ends the process, which closes its database; the log is read by another connection from here on.
    pub async fn ends(&mut self) {
        self.stop.now();
        (self.database, self.log) = signup_service::app::open(&self.url).await.unwrap();
    }

    /// Waits until the keys are known to be up to date for the first time.
    async fn has_caught_up(&self) {
        let head = self.agents.log.head().await.unwrap().position;
        self.look_up_at("NOSUCHKEY000", head).await;
        until(async || {
            let body = json!({ "key": "NOSUCHKEY000", "email": "a@example.org", "first_name": "A", "last_name": "B",
                "consent": { "terms_version": "2026-01" } });
            self.request("POST", "/api/v1/signups").json(&body).send().await.unwrap().status() == 404
        })
        .await;
    }

    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        self.client.request(method.parse().unwrap(), format!("{}{path}", self.base))
    }

    pub async fn get(&self, path: &str) -> Response {
        self.request("GET", path).send().await.unwrap()
    }

    /// Looks a key up at a position of the agents' log, or later.
    pub async fn look_up_at(&self, key: &str, position: u64) -> Response {
        let path = format!("/api/v1/signup-keys/{key}?at_least=agents:{position}");
        loop {
            let answer = self.request("GET", &path).bearer_auth(TOKEN).send().await.unwrap();
            // The token comes with the agents' events, too.
            if answer.status() != 401 {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Calls the API with a token.
    pub async fn call(&self, method: &str, path: &str) -> (u16, Value) {
        let answer = self.request(method, path).bearer_auth(TOKEN).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    /// Adds a seller with a key that is usable here.
    pub async fn seller(&self, cap: Option<u64>) -> Seller {
        let (seller, position) = self.agents.add_seller_with(cap).await;
        let answer = self.look_up_at(&seller.key, position).await;
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
        seller
    }

    pub async fn sign_up(&self, key: &str, email: &str) -> (u16, Value) {
        let (status, body) = self.post(&signup(key, email), &new_id().to_string()).await;
        (status, body)
    }

    pub async fn post(&self, body: &Value, once: &str) -> (u16, Value) {
        let call = self.request("POST", "/api/v1/signups").header("Idempotency-Key", once).json(body);
        let answer = call.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// The signups' log, after the counts so far were recorded.
    pub async fn recorded(&self) -> Signups {
        self.app.counts.record(&self.app.writer).await;
        self.signups().await
    }

    pub async fn signups(&self) -> Signups {
        let mut signups = Signups::default();
        for event in self.log.read_after(0, 100_000).await.unwrap() {
            match SignupsEvent::read(&event.type_name, &event.data).unwrap().unwrap() {
                SignupsEvent::CustomerPlaced(placed) => signups.placed.push(placed),
                SignupsEvent::SignupRefused(refused) if refused.agent_id.is_none() => signups.unknown.push(refused),
                SignupsEvent::SignupRefused(refused) => signups.refused.push(refused),
                SignupsEvent::CustomerCorrected(corrected) => signups.corrected.push(corrected),
                SignupsEvent::CustomerErased(erased) => signups.erased.push(erased),
                SignupsEvent::CustomerDataLost(lost) => panic!("{lost:?}"),
                SignupsEvent::SignupPageViewed(viewed) => signups.viewed.push(viewed),
                served => signups.served.push(served),
            }
        }
        signups
    }

    /// Waits until the key is usable.
    pub async fn usable(&self, key: &str) {
        until(async || self.get(&format!("/api/v1/signup-keys/{key}")).await.status() == 200).await;
    }

    /// Waits until the key is refused for this reason.
    pub async fn refused_as(&self, key: &str, reason: &str) {
        until(async || {
            let answer = self.request("GET", &format!("/api/v1/signup-keys/{key}")).bearer_auth(TOKEN);
            let answer = answer.send().await.unwrap();
            answer.status() != 200 && answer.json::<Value>().await.unwrap()["reason"] == reason
        })
        .await;
    }
}

/// The body of a signup with the required fields.
pub fn signup(key: &str, email: &str) -> Value {
    json!({
        "key": key, "email": email, "first_name": "李小龙", "last_name": "O'Brien",
        "consent": { "terms_version": "2026-01" },
    })
}
