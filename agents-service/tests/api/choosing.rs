//! The choice of an agent on the back office's pages: none is preselected, and every agent can be found.

use harness::operator::{PASSWORD, agent_body};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::office::BackOffice;

harness::on_both_databases!(crate::office::BackOffice::open:
    no_agent_is_preselected,
    a_group_keeps_its_owner_while_its_description_is_edited,
    from_fifty_agents_on_one_is_searched_for,
);

async fn signed_in(office: &BackOffice) -> Browser<'_> {
    let mut operator = Browser::new(office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    operator
}

/// The select or input of that name, with its options.
fn field<'a>(page: &'a str, name: &str) -> &'a str {
    let (before, behind) = page.split_once(&format!("name=\"{name}\"")).unwrap();
    let start = before.rfind('<').unwrap();
    let end = behind.find("</div>").unwrap();
    &page[start..page.len() - behind.len() + end]
}

async fn no_agent_is_preselected(office: BackOffice) {
    let agent = office.agent("anna").await;
    let operator = signed_in(&office).await;
    let page = operator.page("/signup-keys/new").await;
    let choice = field(&page, "agent_id");
    assert!(
        choice.contains("<option value=\"\" dir=\"auto\">Choose</option>") && choice.contains("required"),
        "{choice}"
    );
    assert!(!choice.contains("selected") && !choice.contains('\u{2068}'), "{choice}");
    assert!(choice.contains(&format!("<option value=\"{agent}\" ")), "{choice}");
    let page = operator.page("/signup-keys/new?agent_id=").await;
    assert!(page.contains("has to be chosen") && page.contains("agent_id-fault"), "{page}");
}

async fn a_group_keeps_its_owner_while_its_description_is_edited(office: BackOffice) {
    let agent = office.agent("anna").await;
    let group = office.group("VoIP", &agent).await;
    office.post(&format!("/agents/{agent}/close"), &Value::Null).await.expect(200);
    keeps_owner(&office, &group, &agent).await;
}

/// Sends a group's form with another description only.
async fn keeps_owner(office: &BackOffice, group: &str, agent: &str) {
    let operator = signed_in(office).await;
    let (of_group, path) = (format!("/groups/{group}"), format!("/groups/{group}/edit"));
    let page = operator.page(&path).await;
    let choice = field(&page, "agent_id");
    let shown = choice.split("<option ").find(|option| option.contains(" selected"));
    let value = |text: &str| text.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let chosen = value(shown.unwrap_or(choice));
    let fields = [("name", "VoIP"), ("description", "Better words"), ("agent_id", chosen.as_str())];
    let reply = operator.send(&path, &page, &fields).await;
    assert_eq!(reply.status, 303, "{}", reply.text);
    let group = office.get(&of_group).await;
    assert_eq!((&group["agent_id"], &group["description"]), (&json!(agent), &json!("Better words")));
}

async fn from_fifty_agents_on_one_is_searched_for(office: BackOffice) {
    let mut agents = Vec::new();
    for number in 10..60 {
        let mut body = agent_body(&format!("agent-{number}"));
        body["name"] = format!("Shop {number}").into();
        agents.push(crate::office::id(&office.post("/agents", &body).await.expect(201)));
    }
    let operator = signed_in(&office).await;
    let page = operator.page("/signup-keys/new").await;
    assert!(field(&page, "agent_id").starts_with("<input"), "{page}");
    for text in ["agent-59", "Agent-59", "shop+59", &agents[49]] {
        let page = operator.page(&format!("/signup-keys/new?agent_id={text}")).await;
        assert!(page.contains("Add URL key for Shop 59"), "{text}: {page}");
    }
    let several = operator.page("/signup-keys/new?agent_id=shop+1").await;
    assert!(several.contains("matches several agents") && several.contains(&agents[3]), "{several}");
    let none = operator.page("/signup-keys/new?agent_id=nobody").await;
    assert!(none.contains("matches no agent"), "{none}");
    // Filters of lists and the owner of a group use the same input.
    let group = office.group("VoIP", &agents[49]).await;
    assert!(operator.page("/groups?agent_id=agent-59").await.contains(&group));
    assert!(!operator.page("/groups?agent_id=agent-58").await.contains(&group));
    let unclear = operator.page("/groups?agent_id=shop").await;
    assert!(!unclear.contains(&group) && unclear.contains("matches several agents"), "{unclear}");
    keeps_owner(&office, &group, &agents[49]).await;
    let path = format!("/groups/{group}/edit");
    let page = operator.page(&path).await;
    let move_to = |name: &'static str| [("name", "VoIP"), ("description", ""), ("agent_id", name)];
    let refused = operator.send(&path, &page, &move_to("nobody")).await;
    assert_eq!(refused.status, 422);
    let confirmation = operator.send(&path, &page, &move_to("shop 58")).await;
    assert_eq!(confirmation.status, 200, "{}", confirmation.text);
    let moved = operator.send(&path, &confirmation.text, &move_to("shop 58")).await;
    assert_eq!(moved.status, 303, "{}", moved.text);
    assert_eq!(office.get(&format!("/groups/{group}")).await["agent_id"], agents[48]);
}
