//! The portal: an agent reaches no data of another agent by a path, query or form, and no screen without its
//! permission.

use contract::ids::new_id;
use harness::operator::{PASSWORD, agent_body};
use serde_json::{Value, json};

use crate::browser::{Browser, shown};
use crate::office::{BackOffice, Reply, id};
use crate::pages::{NOBODY, filled, routes};
use crate::signups::{Seller, Signups, known, placed, refused, viewed};

harness::on_both_databases!(crate::office::BackOffice::open:
    an_agent_sees_nothing_of_another,
    an_agents_session_is_not_valid_in_the_back_office,
    each_screen_is_for_those_who_are_permitted_it,
    a_suspended_agents_sessions_end_at_once,
    another_agents_things_are_not_found,
    no_sum_of_an_agent_reveals_a_known_address,
);

/// Each screen with its permission; every other route must be open to every agent.
const SCREENS: [(&str, &str); 10] = [
    ("/portal/customers", "customers"),
    ("/portal/sales", "sales"),
    ("/portal/earnings", "commission"),
    ("/portal/statements", "commission"),
    ("/portal/payouts", "remittance"),
    ("/portal/signup-keys", "signup_urls"),
    ("/portal/material", "signup_urls"),
    ("/portal/groups", "groups"),
    ("/portal/call-plans", "call_plans"),
    ("/portal/support", "support"),
];
const FOR_EVERY_AGENT: [&str; 4] = ["/portal/account", "/portal/details/", "/portal/search", SIGN_OUT];
const SIGN_OUT: &str = "/portal/sign-out";
const PERMISSIONS: [&str; 8] =
    ["customers", "signup_urls", "groups", "sales", "commission", "remittance", "call_plans", "support"];
/// What is typed into forms that need it.
const TYPED: [(&str, &str); 3] = [("text", "Hello"), ("amount.amount", "0.01"), ("amount.currency", "EUR")];
/// The query parameters and form fields to try.
const ASKED: [&str; 8] = ["agent_id", "group_id", "call_plan_id", "key", "search", "after", "before", "next"];
const SAID: [&str; 8] = ["agent_id", "group_id", "call_plan_id", "key", "customer_id", "id", "call_plans[]", "_moves"];
/// Fields that may hold any text or number, and fields of the form itself.
const OF_NO_ACCOUNT: [&str; 9] =
    ["label", "note", "cap", "reason", "slug", "password", "current_password", "_token", "_once"];

/// An agent with one thing of each kind. Each name contains the agent's login.
struct Party {
    login: &'static str,
    seller: Seller,
    message_id: String,
    remittance_id: String,
    customer_id: String,
    customer_number: &'static str,
}

impl Party {
    async fn new(office: &BackOffice, login: &'static str, customer_number: &'static str) -> Self {
        let mut body = agent_body(login);
        body["permissions"] = json!(PERMISSIONS);
        body["name"] = format!("{login}'s phones").into();
        let agent_id = id(&office.post("/agents", &body).await.expect(201));
        let call_plan_id = office.call_plan(&format!("{login}'s plan")).await;
        office.grant(&agent_id, &call_plan_id).await.expect(200);
        let group_id = office.group(&format!("{login}'s group"), &agent_id).await;
        let key = json!({
            "agent_id": agent_id, "call_plan_id": call_plan_id, "group_id": group_id, "label": format!("{login}'s window"),
        });
        let key = office.post("/signup-keys", &key).await.expect(201)["key"].as_str().unwrap().to_owned();
        let message = json!({ "text": format!("To {login}") });
        let message_id = id(&office.post(&format!("/agents/{agent_id}/messages"), &message).await.expect(201));
        let money = |amount: &str| json!({ "amount": amount, "currency": "EUR" });
        let opening = json!({ "amount": money("100000.00"), "reason": "opening balance" });
        office.post(&format!("/agents/{agent_id}/corrections"), &opening).await.expect(201);
        let payout = json!({ "agent_id": agent_id, "amount": money("500.00") });
        let remittance_id = id(&office.post("/remittances", &payout).await.expect(201));
        let [agent_id, call_plan_id, group_id] = [agent_id, call_plan_id, group_id].map(|id| id.parse().unwrap());
        let seller = Seller { agent_id, call_plan_id, group_id, key };
        Self { login, seller, message_id, remittance_id, customer_id: new_id().to_string(), customer_number }
    }

    /// Appends sales of the agent.
    async fn sell(&self, signups: &Signups) -> u64 {
        let customer_id = self.customer_id.parse().unwrap();
        let campaign = format!("{}'s campaign", self.login);
        let sold = placed(&self.seller, customer_id, self.customer_number, Some(&campaign));
        let refused = refused(Some(&self.seller), contract::events::signups::RefusalReason::Paused);
        signups.append(vec![viewed(&self.seller, 7), sold, refused]).await
    }

    fn ids(&self) -> Vec<String> {
        let Seller { agent_id, call_plan_id, group_id, key } = &self.seller;
        let ids = [agent_id, call_plan_id, group_id].map(ToString::to_string);
        let others = [&self.message_id, &self.remittance_id, &self.customer_id].map(Clone::clone);
        let others = others.into_iter().chain([key.clone(), self.customer_number.to_owned()]);
        ids.into_iter().chain(others).collect()
    }

    /// The form fields with the agent's ids.
    fn form(&self) -> [(&'static str, String); 3] {
        let Seller { agent_id, call_plan_id, group_id, .. } = &self.seller;
        [("agent_id", *agent_id), ("call_plan_id", *call_plan_id), ("group_id", *group_id)]
            .map(|(name, id)| (name, id.to_string()))
    }

    /// The first of the agent's things that a page shows, except for the requested id.
    fn shown(&self, text: &str, request: &str) -> Option<String> {
        let marks = self.ids().into_iter().filter(|id| !request.contains(id)).chain([self.login.to_owned()]);
        marks.into_iter().find(|mark| text.contains(mark))
    }

    /// Everything of the agent as the operator sees it, and every event about it.
    async fn state(&self, office: &BackOffice) -> Vec<String> {
        let Seller { agent_id, call_plan_id, group_id, key } = &self.seller;
        let mut state = Vec::new();
        for path in [
            format!("/agents/{agent_id}"),
            format!("/agents/{agent_id}/call-plans"),
            format!("/agents/{agent_id}/messages"),
            format!("/call-plans/{call_plan_id}"),
            format!("/groups/{group_id}"),
            format!("/groups?agent_id={agent_id}"),
            format!("/signup-keys/{key}"),
            format!("/signup-keys?agent_id={agent_id}"),
            format!("/sales?agent_id={agent_id}"),
            format!("/placements?agent_id={agent_id}"),
            format!("/agents/{agent_id}/balances"),
            format!("/agents/{agent_id}/ledger"),
            format!("/remittances?agent_id={agent_id}"),
        ] {
            state.push(office.get(&path).await.to_string());
        }
        let events = office.call("GET", "/events?limit=1000", &[], &Value::Null).await.text;
        let ids = self.ids();
        state.extend(events.lines().filter(|line| ids.iter().any(|id| line.contains(id))).map(str::to_owned));
        assert!(state.len() > 15, "too little to be all");
        state
    }
}

/// The parameters of a path.
fn places(path: &str) -> Vec<&str> {
    path.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect()
}

/// A path with the agent's own ids in all parameters except this one.
fn path_of(own: &Party, path: &str, place: &str, with: &str) -> String {
    let filled = path.replace(&format!("{{{place}}}"), with);
    let agent_id = own.seller.agent_id.to_string();
    let id = if path.starts_with("/portal/payouts") { &own.remittance_id } else { &agent_id };
    filled.replace("{key}", &own.seller.key).replace("{step}", "pause").replace("{id}", id)
}

/// The names of a form's inputs.
fn inputs(page: &str) -> Vec<&str> {
    let names = page.split("<main").nth(1).unwrap_or_default().split(" name=\"").skip(1);
    names.map(|rest| rest.split('"').next().unwrap()).collect()
}

fn token(page: &str) -> String {
    page.split("name=\"_token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

async fn agent_at<'a>(office: &'a BackOffice, login: &str) -> Browser<'a> {
    let mut browser = Browser::new(office);
    assert_eq!(browser.sign_in("/portal/sign-in", login, PASSWORD).await.status, 303);
    browser
}

async fn an_agent_sees_nothing_of_another(office: BackOffice) {
    let (anna, berta) =
        (Party::new(&office, "anna", "10000000001").await, Party::new(&office, "berta", "20000000002").await);
    office.call("PUT", "/settings", &[], &json!({ "customer_mask": "number_only" })).await.expect(200);
    let signups = Signups::new().await;
    anna.sell(&signups).await;
    let position = berta.sell(&signups).await;
    let office = office.following(&signups).await;
    office.get(&format!("/sales?at_least={position}")).await;
    let before = berta.state(&office).await;
    let browser = agent_at(&office, "anna").await;
    let token = token(&browser.page("/portal").await);
    let sales = browser.page("/portal/sales?by=country").await;
    assert!(sales.contains("anna"), "not even her own is shown");
    assert!(sales.contains("data-label=\"Views\" class=\"number\">–<"), "views of a country are not known: {sales}");
    let scene = Scene { browser: &browser, own: &anna, other: &berta, token: &token };
    for (method, route) in routes(&office, "portal").into_iter().filter(|(_, path)| path != SIGN_OUT) {
        let path = path_of(&anna, &route, "", "");
        if method == "GET" {
            for other in berta.ids() {
                for name in ASKED {
                    scene.gets(&format!("{path}?{name}={other}")).await;
                }
            }
        } else {
            let status = scene.posts(&path, &[]).await;
            let is_refused = status != 303 && path != "/portal/account" && path != "/portal/details/bank";
            assert!(!is_refused, "her own form was refused: {path} {status}");
            let page = browser.get(&path).await.text;
            let is_typed = |name: &str| OF_NO_ACCOUNT.contains(&name) || TYPED.iter().any(|(typed, _)| *typed == name);
            let names = inputs(&page).into_iter().chain(SAID).filter(|name| !is_typed(name));
            for name in names {
                for other in berta.ids() {
                    scene.posts(&path, &[(name, &other)]).await;
                }
            }
        }
        for place in places(&route) {
            for other in berta.ids() {
                let path = path_of(&anna, &route, place, &other);
                let status = if method == "GET" { scene.gets(&path).await } else { scene.posts(&path, &[]).await };
                assert_eq!(status, 404, "{method} {path}");
            }
        }
    }
    // A form that would be valid for the other agent.
    let bertas = berta.form();
    let bertas = bertas.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(scene.posts("/portal/signup-keys/new", &bertas).await, 422);
    let after = berta.state(&office).await;
    let new: Vec<_> = after.iter().filter(|line| !before.contains(line)).collect();
    assert!(new.is_empty() && after.len() == before.len(), "{new:#?}");
}

/// An agent who tries ids of another one.
struct Scene<'a> {
    browser: &'a Browser<'a>,
    own: &'a Party,
    other: &'a Party,
    token: &'a str,
}

impl Scene<'_> {
    /// Requests a page; returns the status.
    async fn gets(&self, path: &str) -> u16 {
        self.judged(path, &self.browser.get(path).await)
    }

    /// Sends the form of a page, with own ids in all other fields; returns the status.
    async fn posts(&self, path: &str, fields: &[(&str, &str)]) -> u16 {
        let (once, own) = (new_id().to_string(), self.own.form());
        let page = self.browser.get(path).await.text;
        let form = own.iter().map(|(name, value)| (*name, value.as_str())).chain(TYPED);
        let form = form.filter(|(name, _)| inputs(&page).contains(name));
        let version = page.split("name=\"_version\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let form = form.chain(version.map(|version| ("_version", version)));
        let form = form.chain([("_token", self.token), ("_once", once.as_str())]);
        let form = form.filter(|(name, _)| !fields.iter().any(|(field, _)| field == name));
        let form: Vec<_> = form.chain(fields.iter().copied()).collect();
        self.judged(&format!("{path} {fields:?}"), &self.browser.post(path, &form).await)
    }

    /// The status of a response, after checking that it shows nothing of the other agent.
    fn judged(&self, request: &str, reply: &Reply) -> u16 {
        assert_eq!(self.other.shown(&reply.text, request), None, "{request}: {}", reply.text);
        assert!(!reply.status.is_server_error(), "{request}: {}", reply.status);
        reply.status.as_u16()
    }
}

async fn an_agents_session_is_not_valid_in_the_back_office(office: BackOffice) {
    office.agent("anna").await;
    let other_door = agent_at(&office, "anna").await.at_the_other_face();
    for (method, path) in routes(&office, "back office") {
        let path = filled(&path, NOBODY);
        let reply = if method == "GET" { other_door.get(&path).await } else { other_door.post(&path, &[]).await };
        assert_eq!(reply.status, 303, "{method} {path}: {}", reply.text);
        assert!(reply.header("location").starts_with("/sign-in"), "{method} {path}");
    }
}

/// The permission of a route.
fn needed(path: &str) -> Option<&'static str> {
    if path == "/portal" || FOR_EVERY_AGENT.iter().any(|own| path.starts_with(own)) {
        return None;
    }
    let is_end = |rest: &str| rest.is_empty() || rest.starts_with(['/', '.']);
    let under = |place: &str| path.strip_prefix(place).is_some_and(is_end);
    let screen = SCREENS.iter().find(|(place, _)| under(place));
    Some(screen.unwrap_or_else(|| panic!("{path} is on no screen")).1)
}

async fn each_screen_is_for_those_who_are_permitted_it(office: BackOffice) {
    for missing in PERMISSIONS {
        let login = format!("without-{missing}");
        let mut body = agent_body(&login);
        body["permissions"] = PERMISSIONS.into_iter().filter(|permission| *permission != missing).collect();
        office.post("/agents", &body).await.expect(201);
        let browser = agent_at(&office, &login).await;
        let home = browser.page("/portal").await;
        for (place, permission) in SCREENS {
            let offered = home.contains(&format!("<a href=\"{place}\""));
            assert_eq!(offered, permission != missing, "{place} in the menu, without {missing}");
        }
        let token = token(&home);
        let fields = [("_token", token.as_str())];
        let (leaving, others): (Vec<_>, Vec<_>) =
            routes(&office, "portal").into_iter().partition(|(_, path)| path == SIGN_OUT);
        for (method, path) in others.into_iter().chain(leaving) {
            let is_needed = needed(&path) == Some(missing);
            let path = filled(&path, NOBODY);
            let reply = if method == "GET" { browser.get(&path).await } else { browser.post(&path, &fields).await };
            assert_eq!(reply.status == 403, is_needed, "{method} {path} without {missing}: {}", reply.text);
            assert_ne!(reply.status, 405, "{method} {path}");
        }
    }
}

async fn a_suspended_agents_sessions_end_at_once(office: BackOffice) {
    let agent_id = office.agent("anna").await;
    let mut anna = agent_at(&office, "anna").await;
    office.post(&format!("/agents/{agent_id}/suspend"), &json!({})).await.expect(200);
    assert_eq!(anna.get("/portal").await.status, 303, "a suspended agent is still in");
    let refused = anna.sign_in("/portal/sign-in", "anna", PASSWORD).await;
    assert!(refused.status == 403 && refused.text.contains("is not active"), "{}", refused.text);
    let wrong = anna.sign_in("/portal/sign-in", "anna", "not her password").await;
    assert_eq!(wrong.status, 401, "a stranger learns that the account is not active");
}

/// The violations on a page.
fn violations(page: &str) -> Vec<&str> {
    page.split("class=\"fault\"").skip(1).map(|rest| rest.split("</p>").next().unwrap()).collect()
}

async fn another_agents_things_are_not_found(office: BackOffice) {
    let anna = Party::new(&office, "anna", "10000000001").await;
    let berta = Party::new(&office, "berta", "20000000002").await;
    let browser = agent_at(&office, "anna").await;
    let token = token(&browser.page("/portal").await);
    // By path, with every method.
    for (_, route) in routes(&office, "portal").into_iter().filter(|(_, route)| route.contains("{key}")) {
        for verb in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] {
            let mut replies = Vec::new();
            for key in [berta.seller.key.as_str(), "0123456789AB"] {
                let path = path_of(&anna, &route, "key", key);
                let reply = match verb {
                    "GET" => browser.get(&path).await,
                    "POST" => browser.post(&path, &[("_token", &token), ("_once", "once")]).await,
                    _ => office.send(verb, &path, &[], Vec::new()).await,
                };
                let text = shown(&reply.text).replace(key, "KEY").replace(reply.header("x-request-id"), "");
                replies.push((reply.status, text.split("request_id").next().unwrap().to_owned()));
            }
            assert_eq!(replies[0], replies[1], "{verb} {route}");
        }
    }
    // By form field.
    let retired = office.call_plan("Never hers").await;
    office.post(&format!("/call-plans/{retired}/retire"), &Value::Null).await.expect(200);
    let nobodys = id(&office.post("/groups", &json!({ "name": "Nobody's" })).await.expect(201));
    let (plan, group) = (berta.seller.call_plan_id.to_string(), berta.seller.group_id.to_string());
    for (field, others) in [("call_plan_id", [&plan, &retired]), ("group_id", [&group, &nobodys])] {
        let mut replies = Vec::new();
        for id in [others[0], others[1], NOBODY] {
            let mut form = anna.form().to_vec();
            form.retain(|(name, _)| *name != field);
            form.push((field, id.to_owned()));
            let fields: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let reply = browser.fill("/portal/signup-keys/new", &fields).await;
            replies.push((
                reply.status.as_u16(),
                violations(&reply.text).iter().map(ToString::to_string).collect::<Vec<_>>(),
            ));
        }
        assert_eq!(replies[0].0, 422);
        assert!(replies[0].1.len() == 1 && replies[0].1[0].contains("one of your"), "{replies:?}");
        assert!(replies.iter().all(|reply| *reply == replies[0]), "{field}: {replies:?}");
    }
}

async fn no_sum_of_an_agent_reveals_a_known_address(office: BackOffice) {
    let signups = Signups::new().await;
    let anna = Party::new(&office, "anna", "10000000001").await;
    anna.sell(&signups).await;
    let office = office.following(&signups).await;
    let mut agent = Browser::new(&office);
    agent.sign_in("/portal/sign-in", "anna", PASSWORD).await;
    let own = format!("/portal/signup-keys/{}", anna.seller.key);
    let pages = ["/portal", "/portal/sales", "/portal/sales.csv", "/portal/signup-keys", &own];
    let figures = async |position: u64| {
        office.get(&format!("/sales?at_least={position}")).await;
        let mut figures = Vec::new();
        for path in pages {
            figures.push(without_tokens(&agent.page(path).await));
        }
        figures
    };
    let before = figures(signups.append(vec![viewed(&anna.seller, 1)]).await).await;
    let after = figures(signups.append(vec![known(&anna.seller, "10000000002")]).await).await;
    for (path, (before, after)) in pages.iter().zip(before.iter().zip(&after)) {
        assert_eq!(before, after, "{path}");
        assert!(!after.contains("email known"), "{path}");
    }
    let refusals = office.get(&format!("/sales?agent_id={}", anna.seller.agent_id)).await["refusals"].clone();
    assert!(refusals.as_array().unwrap().contains(&json!({ "reason": "email_known", "count": 1 })), "{refusals}");
}

fn without_tokens(page: &str) -> String {
    page.lines().filter(|line| !line.contains("_token") && !line.contains("_once")).collect()
}
