//! Customers found by number, address and name; asked for by a sister service in an operator's name.

use serde_json::{Value, json};
use shared::ids::new_id;
use signup_service::operate;

use crate::agents::{Agents, TOKEN};
use crate::service::{Service, signup, sqlite_url};

crate::on_both!(
    customers_are_found_by_number_address_and_name,
    customers_are_listed_newest_first_page_by_page,
    an_address_is_found_in_every_way_of_writing_its_domain,
    a_customer_without_a_last_name_is_found_by_the_one_name,
    an_erased_customer_is_found_by_number_only,
);

/// A customer who signs up with this name; answers what was placed.
async fn placed(service: &Service, key: &str, email: &str, name: (&str, &str)) -> Value {
    let mut body = signup(key, email);
    (body["first_name"], body["last_name"]) = (json!(name.0), json!(name.1));
    let (status, placed) = service.post(&body, &new_id().to_string()).await;
    assert_eq!(status, 201, "{placed}");
    placed
}

async fn found(service: &Service, query: &[(&str, &str)]) -> Value {
    let encoded = |text: &str| text.bytes().fold(String::new(), |encoded, byte| encoded + &format!("%{byte:02X}"));
    let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let (status, answer) = service.call("GET", &format!("/api/v1/customers?{}", query.join("&"))).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

async fn emails(service: &Service, query: &[(&str, &str)]) -> Vec<String> {
    let answer = found(service, query).await;
    let items = answer["items"].as_array().unwrap().iter();
    items.map(|item| item["email"].as_str().unwrap_or("erased").to_owned()).collect()
}

async fn customers_are_found_by_number_address_and_name(service: Service) {
    let (seller, other) = (service.seller(None).await, service.seller(None).await);
    placed(&service, &seller.key, "Zoe@Example.org", ("Zoë", "O'Brien")).await;
    placed(&service, &seller.key, "li@example.org", ("李小龙", "100%_sure")).await;
    let third = placed(&service, &other.key, "zoe.b@example.org", ("Anna", "Brienne")).await;
    let number = third["customer_number"].as_str().unwrap();
    for (search, expected) in [
        ("ZOË", vec!["Zoe@Example.org"]),
        ("brien", vec!["zoe.b@example.org", "Zoe@Example.org"]),
        ("zoë o'b", vec!["Zoe@Example.org"]),
        ("小龙", vec!["li@example.org"]),
        ("100%_", vec!["li@example.org"]),
        ("1_0", vec![]),
        ("zoe", vec!["zoe.b@example.org", "Zoe@Example.org"]),
        ("ZOE@EXAMPLE.ORG", vec!["Zoe@Example.org"]),
        ("zoe@", vec!["Zoe@Example.org"]),
        (&number[..6], vec!["zoe.b@example.org"]),
        (number, vec!["zoe.b@example.org"]),
        ("", vec!["zoe.b@example.org", "li@example.org", "Zoe@Example.org"]),
    ] {
        assert_eq!(emails(&service, &[("search", search)]).await, expected, "{search}");
    }
    let agent_id = seller.agent.to_string();
    for search in [number, "zoe.b@example.org", "anna"] {
        let query = [("search", search), ("agent_id", &*agent_id)];
        assert_eq!(emails(&service, &query).await, Vec::<String>::new(), "{search}");
    }
    assert_eq!(emails(&service, &[("agent_id", &agent_id)]).await, ["li@example.org", "Zoe@Example.org"]);
}

async fn a_customer_without_a_last_name_is_found_by_the_one_name(service: Service) {
    let seller = service.seller(None).await;
    let mut body = signup(&seller.key, " suharto@example.test ");
    body["first_name"] = json!("Suharto");
    body.as_object_mut().unwrap().remove("last_name");
    let (status, placed) = service.post(&body, "one").await;
    assert_eq!(status, 201, "{placed}");
    assert_eq!(emails(&service, &[("search", "suharto")]).await, ["suharto@example.test"]);
    let path = format!("/api/v1/customers/{}", placed["customer_id"].as_str().unwrap());
    let (_, customer) = service.call("GET", &path).await;
    assert_eq!((&customer["first_name"], &customer["last_name"]), (&json!("Suharto"), &Value::Null));
}

async fn an_address_is_found_in_every_way_of_writing_its_domain(service: Service) {
    let seller = service.seller(None).await;
    placed(&service, &seller.key, "Lea@mu\u{308}nchen.example", ("Lea", "Roth")).await;
    placed(&service, &seller.key, "x@strasse.example", ("Xaver", "Roth")).await;
    placed(&service, &seller.key, "x@xn--strae-oqa.example", ("Xenia", "Roth")).await;
    for (search, expected) in [
        ("lea@münchen.example", "Lea@münchen.example"),
        ("lea@xn--mnchen-3ya.example", "Lea@münchen.example"),
        ("LEA@MÜNCHEN\u{3002}EXAMPLE", "Lea@münchen.example"),
        ("lea@münch", "Lea@münchen.example"),
        ("x@straße.example", "x@xn--strae-oqa.example"),
        ("x@strasse.example", "x@strasse.example"),
    ] {
        assert_eq!(emails(&service, &[("search", search)]).await, [expected], "{search}");
    }
}

async fn customers_are_listed_newest_first_page_by_page(service: Service) {
    let seller = service.seller(None).await;
    let mut ids = Vec::new();
    for number in 0..5 {
        let email = format!("c{number}@example.org");
        let customer = placed(&service, &seller.key, &email, ("Anna", "Müller")).await;
        ids.insert(0, customer["customer_id"].as_str().unwrap().to_owned());
    }
    for search in ["", "müller", "c"] {
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let query = [("search", search), ("after", &*after), ("limit", "2")];
            let page = found(&service, &query).await;
            let items = page["items"].as_array().unwrap().iter();
            seen.extend(items.map(|item| item["customer_id"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            next.clone_into(&mut after);
        }
        assert_eq!(seen, ids, "{search}");
    }
    let two = [ids[3].as_str(), ids[1].as_str(), "00000000-0000-7000-8000-000000000000"].join(",");
    let listed = found(&service, &[("ids", &two)]).await;
    let listed: Vec<_> = listed["items"].as_array().unwrap().iter().map(|item| item["customer_id"].clone()).collect();
    assert_eq!(listed, [json!(ids[1]), json!(ids[3])]);
    assert_eq!(service.get("/api/v1/customers").await.status(), 401);
    for query in ["ids=1", "after=1", "colour=red", "limit=0"] {
        assert_eq!(service.call("GET", &format!("/api/v1/customers?{query}")).await.0, 422, "{query}");
    }
}

async fn an_erased_customer_is_found_by_number_only(service: Service) {
    let seller = service.seller(None).await;
    let customer = placed(&service, &seller.key, "zoe@example.org", ("Zoë", "O'Brien")).await;
    let path = format!("/api/v1/customers/{}", customer["customer_id"].as_str().unwrap());
    assert_eq!(service.call("DELETE", &path).await.0, 200);
    for search in ["zoë", "zoe@example.org", "brien"] {
        assert_eq!(emails(&service, &[("search", search)]).await, Vec::<String>::new(), "{search}");
    }
    let number = customer["customer_number"].as_str().unwrap();
    assert_eq!(emails(&service, &[("search", number)]).await, ["erased"]);
    assert_eq!(operate::check(&service.database, &service.log).await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sister_service_erases_in_an_operators_name_and_nobody_else_does() {
    const SECRET: &str = "the secret between the services";
    let settings = [("SIGNPOST_DATABASE_URL", &*sqlite_url()), ("SIGNPOST_SERVICE_TOKEN", SECRET)];
    let service = Service::start_with(Agents::new().await, &settings, shared::clock::Clock::System).await;
    let seller = service.seller(None).await;
    let operator = format!("operator:{}", new_id());
    let erase = async |email: &str, token: &str, actor: &str| {
        let (_, customer) = service.sign_up(&seller.key, email).await;
        let path = format!("/api/v1/customers/{}", customer["customer_id"].as_str().unwrap());
        let call = service.request("DELETE", &path).bearer_auth(token).header("Signpost-Actor", actor);
        let status = call.send().await.unwrap().status().as_u16();
        let last = service.log.read_after(0, 1_000).await.unwrap().pop().unwrap();
        (status, last.type_name.contains("erased").then_some(last.actor))
    };
    assert_eq!(erase("a@example.org", SECRET, &operator).await, (200, Some(operator.clone())));
    let (status, actor) = erase("b@example.org", TOKEN, &operator).await;
    assert_eq!((status, actor.unwrap().starts_with("token:")), (200, true));
    assert_eq!(erase("c@example.org", SECRET, "operator:me").await, (422, None));
    assert_eq!(erase("d@example.org", "wrong", &operator).await, (401, None));
}
