//! Agents from a table: looked at first, added in one commit, and not twice.

use harness::operator::PASSWORD;
use serde_json::json;

use crate::browser::Browser;
use crate::office::{BackOffice, Reply};

harness::on_both_databases!(crate::office::BackOffice::open:
    agents_come_from_a_table_with_call_plans_and_first_passwords,
    a_table_that_is_none_is_shown_again_with_its_fault,
    nobody_imports_more_than_they_may_give,
);

const PATH: &str = "/agents/import";
const DEFAULTS: [(&str, &str); 4] = [
    ("permissions[]", "sales"),
    ("remittance_threshold.amount", "50"),
    ("remittance_threshold.currency", "EUR"),
    ("commission_percent", "12.5"),
];

async fn operator(office: &BackOffice) -> Browser<'_> {
    let mut operator = Browser::new(office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    operator
}

async fn looked_at(operator: &Browser<'_>, table: &str) -> Reply {
    operator.fill(PATH, &[DEFAULTS.as_slice(), &[("table", table)]].concat()).await
}

async fn agents_come_from_a_table_with_call_plans_and_first_passwords(office: BackOffice) {
    for name in ["Basic", "Gold"] {
        office.post("/call-plans", &json!({ "name": name })).await.expect(201);
    }
    let operator = operator(&office).await;
    let table = "login;name;threshold;call_plans;phone\nanna.shop;Anna Shop;1,000;Basic|gold;+34 910 555 0101\n\
        bert.shop;Bert;;;\nANNA.shop;Again;;;\nx;Too short;;;\ncarl.shop;Carl;;Silver;\n";
    let asked = looked_at(&operator, table).await;
    assert_eq!(asked.status, 200, "{}", asked.text);
    for part in [
        "2 agents are added, in one go.",
        "3 rows are left out.",
        "Basic, Gold",
        "the login is in an earlier row",
        "login must have 4 or more characters",
        "no call plan on offer is named Silver",
    ] {
        assert!(asked.text.contains(part), "{part}: {}", asked.text);
    }
    assert_eq!(office.get("/agents").await["items"], json!([]), "looking adds nothing");

    let added = operator.send(PATH, &asked.text, &[]).await;
    assert!(added.text.contains("First passwords"), "{}", added.text);
    let found = office.get("/agents?sort=login").await["items"].clone();
    assert_eq!([&found[0]["login"], &found[1]["login"]], ["anna.shop", "bert.shop"]);
    assert_eq!(found[0]["remittance_threshold"], json!({ "amount": "1000.00", "currency": "EUR" }));
    let id = found[0]["id"].as_str().unwrap();
    assert_eq!(office.get(&format!("/agents/{id}")).await["contact"]["phone"], "+34 910 555 0101");
    let plans = office.get(&format!("/agents/{id}/call-plans")).await["items"].clone();
    assert_eq!(plans.as_array().unwrap().len(), 2, "{plans}");
    let password = added.text.split("<code dir=\"auto\" class=\"short\">").nth(1).unwrap().split('<').next().unwrap();
    let mut anna = Browser::new(&office);
    let welcome = anna.sign_in("/portal/sign-in", "anna.shop", password).await;
    assert_eq!(welcome.status, 303, "{}", welcome.text);

    // Sent again, the same form shows the same.
    let again = operator.send(PATH, &asked.text, &[]).await;
    assert!(again.text.contains(password), "{}", again.text);
    // Imported again, the agents are there already.
    let later = looked_at(&operator, table).await;
    assert!(later.text.contains("there is an agent with this login"), "{}", later.text);
    assert!(!later.text.contains("Add the agents"), "there is nothing to add: {}", later.text);
    assert_eq!(office.get("/agents").await["items"].as_array().unwrap().len(), 2);
}

async fn a_table_that_is_none_is_shown_again_with_its_fault(office: BackOffice) {
    let operator = operator(&office).await;
    for (table, fault) in [
        ("", "is empty"),
        ("name\nAnna", "must begin with the names of the columns, one of which is login"),
        ("login,pasword\nanna,x", "has an unknown column: pasword"),
        ("login,name\n\"anna,A\nbert,B", "breaks off in line"),
    ] {
        let reply = looked_at(&operator, table).await;
        assert_eq!(reply.status, 422, "{table}");
        assert!(reply.text.contains(fault), "{table}: {}", reply.text);
        assert!(reply.text.contains("value=\"12.5\""), "what was typed is gone: {}", reply.text);
    }
}

async fn nobody_imports_more_than_they_may_give(office: BackOffice) {
    let body = json!({ "login": "helper", "password": PASSWORD, "role": "support" });
    office.post("/operators", &body).await.expect(201);
    let mut helper = Browser::new(&office);
    helper.sign_in("/sign-in", "helper", PASSWORD).await;
    let table = "login,permissions\nanna.shop,commission";
    let reply = looked_at(&helper, table).await;
    assert!(reply.text.contains("1 row is left out"), "{}", reply.text);
    assert!(!reply.text.contains("Add the agents"), "{}", reply.text);
}
