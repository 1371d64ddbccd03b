//! The agents-service's client of customers' data against the signup-service itself.

#![allow(clippy::unwrap_used, reason = "a test that panics is a test that fails")]

use std::net::TcpListener;

use agents_service::customers::client::{Customers, CustomersError, Search};
use agents_service::maintenance::ProjectionName;
use contract::clock::Clock;
use contract::ids::new_id;
use event_store::projections::OtherService;
use harness::api::client;
use harness::names::{Person, Rng, person};
use harness::{Api, Operator, Visitor, eventually, seconds};
use serde_json::Value;
use web::http::serve::Shutdown;
use web::process::{BoundServer, open_admin};
use web::settings::Settings;

const TOKEN: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const PASSWORD: &str = "a-password-of-the-operator";
const SERVICE_TOKEN: &str = "a secret that only the services know";

/// Both services in this process, and the base URL of each.
struct Pair {
    agents: String,
    signup: String,
    stop: Shutdown,
}

impl Drop for Pair {
    fn drop(&mut self) {
        self.stop.now();
    }
}

impl Pair {
    async fn start() -> Self {
        let folder = std::env::temp_dir().join(format!("signpost-{}", new_id())).display().to_string();
        // A free port: the agents-service needs it before the signup-service listens.
        let signup = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (signup_listen, signup_url) = (signup.to_string(), format!("http://{signup}"));
        let given = [
            ("SIGNPOST_DATA_DIR", folder.as_str()),
            ("SIGNPOST_AGENTS_LISTEN", "127.0.0.1:0"),
            ("SIGNPOST_SIGNUP_LISTEN", &signup_listen),
            ("SIGNPOST_SIGNUP_URL", &signup_url),
            ("SIGNPOST_SERVICE_TOKEN", SERVICE_TOKEN),
            ("SIGNPOST_BOOTSTRAP_TOKEN", TOKEN),
            ("SIGNPOST_BOOTSTRAP_PASSWORD", PASSWORD),
            ("SIGNPOST_RATE_LIMITS", "off"),
        ];
        let settings = Settings::from(given.map(|(name, value)| (name.to_owned(), value.to_owned()))).unwrap();
        let (_, log) = signup_service::maintenance::open(&settings).await.unwrap();
        let clock = Clock::System;
        let signups = OtherService::Here { log: log.clone(), projection: signup_service::maintenance::PROJECTION };
        let agents = agents_service::app::build(&settings, clock.clone(), None, Some(signups)).await.unwrap();
        let agents_service = OtherService::Here { log: agents.log.clone(), projection: ProjectionName::Sales.name() };
        let signups = signup_service::app::build_on(log, &settings, clock, None, Some(agents_service)).await.unwrap();
        let services = vec![agents.service, signups.service];
        let listening = BoundServer::open(services, open_admin(([127, 0, 0, 1], 0).into(), None).unwrap()).unwrap();
        let url = |index: usize| listening.addresses[index].1.clone();
        let (agents, signup, stop) = (url(0), url(1), Shutdown::default());
        tokio::spawn(listening.serve(stop.clone()));
        Self { agents, signup, stop }
    }

    /// Adds a usable key; returns it and its agent's id.
    async fn add_key(&self) -> (String, String) {
        let operator = Operator::new(Api::new(client().unwrap(), &format!("{}/api/v1", self.agents), Some(TOKEN)));
        let seller = operator.add_seller().await.unwrap();
        (operator.add_key(&seller).await.unwrap().id, seller.agent)
    }

    /// Signs up, as soon as the signup-service knows the key.
    async fn sign_up(&self, key: &str, email: &str) -> Value {
        let visitor = Visitor::new(Api::new(client().unwrap(), &self.signup, None), "1");
        let [first_name, last_name, email] = ["Zoë", "O'Brien", email].map(str::to_owned);
        let zoe = Person { first_name, last_name, email, ..person(&mut Rng::new(1), 1) };
        eventually(seconds(5), async || visitor.sign_up(key, &zoe).await?.expect(201)?.json()).await.unwrap()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_are_found_shown_proved_and_erased_across_the_pair() {
    let pair = Pair::start().await;
    let (key, agent) = pair.add_key().await;
    let placed = pair.sign_up(&key, "zoe@example.org").await;
    let customers = Customers::new(&pair.signup, SERVICE_TOKEN).unwrap();

    let search = |text: &str| Search { text: Some(text.to_owned()), limit: 10, ..Search::default() };
    let mut page = customers.search(&search("zoë o'b")).await.unwrap();
    let found = page.items.pop().unwrap();
    assert_eq!((found.email.as_deref(), page.items.len(), page.next), (Some("zoe@example.org"), 0, None));
    assert_eq!(agent, found.placement.agent_id.to_string());
    assert!(customers.search(&search("nobody&limit=1")).await.unwrap().items.is_empty());
    let id = found.customer_id;
    assert_eq!(customers.get(id).await.unwrap().unwrap()["customer_number"], placed["customer_number"]);
    assert_eq!(customers.get(new_id()).await.unwrap(), None);
    assert!(customers.among(&[id, new_id()]).await.unwrap() == [found]);

    let position = placed["position"].as_u64().unwrap();
    let proof = customers.event(position).await.unwrap().unwrap();
    assert!(proof.data.contains(&id.to_string()) && proof.hash.to_string().len() == 64);
    assert_eq!(customers.event(position + 100).await.unwrap(), None);

    let operator = new_id();
    for once in ["one", "one"] {
        customers.take_step(operator, id, "suspend", Some("asked for"), once).await.unwrap().unwrap();
    }
    let refused = customers.take_step(operator, id, "suspend", None, "two").await.unwrap().unwrap_err();
    assert_eq!(refused.kind, "conflict");
    assert_eq!(customers.get(id).await.unwrap().unwrap()["status"], "suspended");
    for once in ["first", "first", "second"] {
        assert!(customers.erase(operator, id, Some("asked for"), once).await.unwrap());
    }
    assert!(!customers.erase(operator, new_id(), None, "third").await.unwrap());
    let erased = customers.among(&[id]).await.unwrap().pop().unwrap();
    assert!(erased.erased_at.is_some() && erased.email.is_none());
    assert_eq!(customers.event(position + 2).await.unwrap().unwrap().actor, format!("operator:{operator}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_that_a_stranger_was_shown_is_explained_to_operators() {
    let pair = Pair::start().await;
    let (key, _) = pair.add_key().await;
    let placed = pair.sign_up(&key, "zoe@example.org").await;
    let shown = pair.sign_up(&key, "ZOE@example.org").await;
    let number = text(&shown["customer_number"]);
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let form = format!("login=operator&password={PASSWORD}&next=");
    let form_type = ("content-type", "application/x-www-form-urlencoded");
    let call = client.post(format!("{}/sign-in", pair.agents)).header(form_type.0, form_type.1).body(form);
    let signed_in = call.send().await.unwrap();
    let cookie = signed_in.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let page = client.get(format!("{}/customers?search={number}", pair.agents)).header("cookie", cookie);
    let page = page.send().await.unwrap().error_for_status().unwrap().text().await.unwrap();
    for expected in [
        number.as_str(),
        &format!("No customer: shown to somebody whose e-mail address was known already, through {key}"),
        &format!("/signup-keys/{key}"),
        &format!("/customers/{}", text(&placed["customer_id"])),
    ] {
        assert!(page.contains(expected), "{expected} is not on the page");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_repeats_nothing_of_the_request() {
    let pair = Pair::start().await;
    let search = Search { text: Some("zoe@example.org".to_owned()), limit: 10, ..Search::default() };
    let refused = Customers::new(&pair.signup, "another secret").unwrap().search(&search).await;
    assert!(matches!(refused, Err(CustomersError::Refused(status)) if status == 401));
    let nobody = Customers::new("http://127.0.0.1:9", SERVICE_TOKEN).unwrap();
    let Err(error) = nobody.search(&search).await else { panic!("there was a response") };
    assert!(!format!("{error:?} {error}").contains("zoe"));
}
