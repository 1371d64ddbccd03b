//! Names instead of ids on pages. Agents do not see the name of a group that belongs to another agent now.

use agents_service::names;
use contract::ids::new_id;
use harness::operator::PASSWORD;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::browser::Browser;
use crate::office::BackOffice;

harness::on_both_databases!(crate::office::BackOffice::open: requested_ids_get_their_names, a_page_names_what_is_closed_and_retired);

async fn requested_ids_get_their_names(office: BackOffice) {
    let (anna, berta) = (office.agent("anna").await, office.agent("berta").await);
    let (plan, group) = (office.call_plan("VoIP").await, office.group("Shops", &anna).await);
    let ids = [&anna, &plan, &group].map(|id| id.parse::<Uuid>().unwrap());
    let nobody = new_id();
    let names_for = async |agent_id: Option<&String>| {
        let agent_id = agent_id.map(|id| id.parse().unwrap());
        let names_for = ids.into_iter().chain([nobody, ids[0]]);
        names::get(office.app.log.database(), agent_id, names_for).await.unwrap()
    };
    let known = names_for(None).await;
    assert_eq!((known.len(), known[&ids[1]].as_str(), known[&ids[2]].as_str()), (3, "VoIP", "Shops"));
    assert_eq!(names_for(Some(&anna)).await, known);
    assert!(!names_for(Some(&berta)).await.contains_key(&ids[2]), "another's group");
    let body = json!({ "agent_id": berta, "name": "Bertas" });
    office.call("PATCH", &format!("/groups/{group}"), &[("if-match", "\"2\"")], &body).await.expect(200);
    assert!(!names_for(Some(&anna)).await.contains_key(&ids[2]), "a group that was moved away");
    assert!(names::get(office.app.log.database(), None, []).await.unwrap().is_empty());
}

async fn a_page_names_what_is_closed_and_retired(office: BackOffice) {
    let key = office.ready_to_add_a_key("anna").await;
    office.post("/signup-keys", &key).await.expect(201);
    for (folder, id, end) in [("agents", &key["agent_id"], "close"), ("call-plans", &key["call_plan_id"], "retire")] {
        let path = format!("/{folder}/{}/{end}", id.as_str().unwrap());
        office.call("POST", &path, &[], &Value::Null).await.expect(200);
    }
    let mut operator = Browser::new(&office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    let list = operator.page("/signup-keys").await;
    for (member, folder) in [("agent_id", "agents"), ("call_plan_id", "call-plans"), ("group_id", "groups")] {
        let id = key[member].as_str().unwrap();
        let link = format!("<a href=\"/{folder}/{id}\"><bdi>");
        let shown = list.split(&link).nth(1).unwrap_or_else(|| panic!("no link to {folder}: {list}"));
        assert!(!shown.starts_with(id), "{folder} has no name");
    }
}
