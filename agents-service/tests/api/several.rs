//! Lists as files, several signup URLs at once, and one thing after another.

use harness::operator::PASSWORD;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::office::BackOffice;

harness::on_both_databases!(crate::office::BackOffice::open:
    a_list_is_a_file_with_all_rows_and_its_filters,
    several_urls_are_stopped_at_once_after_it_was_shown_what_stops,
    all_that_match_are_chosen_by_the_filters_of_the_list,
    an_agent_chooses_their_own_urls_only,
    a_sheet_has_the_codes_of_those_that_were_chosen,
    an_agent_is_added_with_call_plans_and_then_another_like_it,
    keys_are_added_one_after_another,
);

async fn operator(office: &BackOffice) -> Browser<'_> {
    let mut operator = Browser::new(office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    operator
}

/// Adds keys with these slugs; returns the body that they were added with.
async fn keys(office: &BackOffice, login: &str, slugs: &[String]) -> Value {
    let body = office.ready_to_add_a_key(login).await;
    let line = |slug: &String| {
        let mut line = body.clone();
        (line["slug"], line["label"]) = (slug.as_str().into(), format!("={slug}").into());
        line.to_string()
    };
    let added = office.lines("/signup-keys:batch", &[], &slugs.iter().map(line).collect::<Vec<_>>()).await;
    assert!(added.iter().all(|answer| answer["status"] == 201), "{}", added[0]);
    body
}

fn slugs(begin: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{begin}-{number:03}")).collect()
}

async fn state(office: &BackOffice, key: &str) -> String {
    office.get(&format!("/signup-keys/{key}")).await["state"].as_str().unwrap().to_owned()
}

async fn a_list_is_a_file_with_all_rows_and_its_filters(office: BackOffice) {
    // More than a part of the file.
    keys(&office, "anna", &slugs("leaflet", 450)).await;
    keys(&office, "berta", &slugs("poster", 3)).await;
    let operator = operator(&office).await;
    let page = operator.page("/signup-keys?search=leaflet").await;
    assert!(page.contains("href=\"/signup-keys.csv?search=leaflet\""), "{page}");
    let file = operator.get("/signup-keys.csv?search=leaflet").await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8; header=present");
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"signup-keys.csv\"");
    let lines: Vec<&str> = file.text.split("\r\n").collect();
    assert_eq!(lines[0], "URL,Label,State,Agent,Call plan,Group,Views,Signups,Conversion,Last 30 days,Added");
    // A label is no formula.
    let (url, others) = lines[1].split_once(',').unwrap();
    assert!(url.ends_with("/signup/leaflet-449") && others.starts_with("'=leaflet-449,usable,Agent "), "{}", lines[1]);
    assert!(others.contains(",VoIP,VoIP customers,0,0,–,,20"), "{others}");
    assert_eq!((lines.len(), lines[451], lines[452]), (453, "# rows 450", ""));
    for (path, first) in
        [("/agents.csv", "Name,Login,State,Phone,"), ("/groups.csv", "Group,Agent,Description,UI elements")]
    {
        let text = operator.get(path).await.text;
        assert!(text.starts_with(first) && text.ends_with("# rows 2\r\n"), "{text}");
    }
    assert!(operator.get("/payments.csv").await.text.ends_with("# rows 0\r\n"));
}

async fn several_urls_are_stopped_at_once_after_it_was_shown_what_stops(office: BackOffice) {
    let names = slugs("leaflet", 50);
    keys(&office, "anna", &names).await;
    office.post("/signup-keys/leaflet-000/revoke", &Value::Null).await.expect(200);
    let operator = operator(&office).await;
    let page = operator.page("/signup-keys").await;
    assert!(page.contains("name=\"chosen[]\" value=\"leaflet-007\""), "{page}");
    let chosen: Vec<String> = names.iter().map(|name| format!("chosen%5B%5D={name}&")).collect();
    let chosen = chosen.concat();
    let asked = operator.page(&format!("/signup-keys/several?{chosen}do=revoke")).await;
    for part in ["49 signup URLs stop for good", "1 other stays as it is", "leaflet-001: =leaflet-001", "And 29 more."]
    {
        assert!(asked.contains(part), "{part}: {asked}");
    }
    assert_eq!(state(&office, "leaflet-001").await, "active", "asking stops nothing");
    let before = office.app.log.head().await.unwrap().position;
    let reply = operator.send("/signup-keys/several", &asked, &[("reason", "a misprint")]).await;
    assert_eq!(
        (reply.status.as_u16(), reply.header("location")),
        (303, "/signup-keys?done=several-revoked"),
        "{}",
        reply.text
    );
    let events = office.app.log.read_after(before, 1_000).await.unwrap();
    let commit = events[0].recorded_at;
    assert!(events.len() == 49 && events.iter().all(|event| event.recorded_at == commit), "not one commit");
    assert_eq!(state(&office, "leaflet-049").await, "revoked");
    assert!(operator.page("/signup-keys/leaflet-049").await.contains("a misprint"));
    // The same form again does nothing more.
    let again = operator.send("/signup-keys/several", &asked, &[("reason", "a misprint")]).await;
    assert_eq!((again.status.as_u16(), office.app.log.head().await.unwrap().position), (303, before + 49));
    let none = operator.page(&format!("/signup-keys/several?{chosen}do=pause")).await;
    assert!(none.contains("Choose signup URLs in the list first"), "{none}");
    assert_eq!(operator.get("/signup-keys/several?do=sell").await.status, 404);
}

async fn all_that_match_are_chosen_by_the_filters_of_the_list(office: BackOffice) {
    keys(&office, "anna", &slugs("leaflet", 120)).await;
    keys(&office, "berta", &slugs("poster", 2)).await;
    let operator = operator(&office).await;
    let asked = operator.page("/signup-keys/several?search=leaflet&all=yes&do=pause").await;
    assert!(asked.contains("120 signup URLs stop until they are resumed"), "{asked}");
    operator.send("/signup-keys/several", &asked, &[("reason", "")]).await;
    let states = [state(&office, "leaflet-119").await, state(&office, "poster-000").await];
    assert_eq!(states, ["paused", "active"]);
    let ending = operator.page("/signup-keys/several?state=paused&all=yes&do=end").await;
    let wrong = operator.send("/signup-keys/several", &ending, &[("ends_at", "soon")]).await;
    assert!(wrong.status == 422 && wrong.text.contains("must be a day such as"), "{}", wrong.text);
    assert_eq!(operator.send("/signup-keys/several", &ending, &[("ends_at", "2099-12-31")]).await.status, 303);
    let key = office.get("/signup-keys/leaflet-007").await;
    assert_eq!(key["ends_at"], "2100-01-01T00:00:00.000000Z");
    assert_eq!(office.get("/signup-keys/poster-001").await["ends_at"], Value::Null);
    let resumed = operator.page("/signup-keys/several?all=yes&do=resume&chosen%5B%5D=none").await;
    assert_eq!(operator.send("/signup-keys/several", &resumed, &[("reason", "")]).await.status, 303);
    assert_eq!(state(&office, "leaflet-000").await, "active");
}

async fn an_agent_chooses_their_own_urls_only(office: BackOffice) {
    let agent = keys(&office, "anna", &slugs("leaflet", 2)).await["agent_id"].as_str().unwrap().to_owned();
    keys(&office, "berta", &slugs("poster", 2)).await;
    let screens = json!({ "permissions": ["signup_urls"] });
    office.call("PATCH", &format!("/agents/{agent}"), &[("if-match", "*")], &screens).await.expect(200);
    let mut anna = Browser::new(&office);
    anna.sign_in("/portal/sign-in", "anna", PASSWORD).await;
    let asked = anna.page("/portal/signup-keys/several?all=yes&do=pause").await;
    assert!(asked.contains("2 signup URLs stop") && !asked.contains("poster"), "{asked}");
    let of_others = [("chosen[]", "poster-000"), ("chosen[]", "leaflet-000"), ("reason", "")];
    anna.send("/portal/signup-keys/several", &asked, &of_others).await;
    assert_eq!([state(&office, "poster-000").await, state(&office, "leaflet-000").await], ["active", "paused"]);
    let file = anna.get("/portal/signup-keys.csv").await.text;
    assert!(file.contains("leaflet-001") && !file.contains("poster") && file.ends_with("# rows 2\r\n"), "{file}");
}

async fn a_sheet_has_the_codes_of_those_that_were_chosen(office: BackOffice) {
    keys(&office, "anna", &slugs("leaflet", 3)).await;
    keys(&office, "berta", &slugs("poster", 1)).await;
    office.post("/signup-keys/leaflet-002/pause", &Value::Null).await.expect(200);
    let pictures = |page: &str| page.matches("class=\"qr\" src=\"").count();
    let operator = operator(&office).await;
    let list = operator.page("/signup-keys").await;
    assert!(list.contains("formaction=\"/signup-keys/sheet\""), "{list}");
    let chosen = "sheet?chosen%5B%5D=leaflet-001&chosen%5B%5D=leaflet-002&chosen%5B%5D=poster-000";
    let sheet = operator.page(&format!("/signup-keys/{chosen}")).await;
    assert_eq!(pictures(&sheet), 2, "{sheet}");
    assert!(sheet.contains("/signup-keys/poster-000/qr.svg") && sheet.contains("leaflet-002: paused"), "{sheet}");
    let mut anna = Browser::new(&office);
    anna.sign_in("/portal/sign-in", "anna", PASSWORD).await;
    let own = anna.page(&format!("/portal/signup-keys/{chosen}")).await;
    assert_eq!(pictures(&own), 1, "{own}");
    assert!(own.contains("/portal/signup-keys/leaflet-001/qr.svg") && !own.contains("poster"), "{own}");
    assert_eq!(pictures(&anna.page("/portal/signup-keys/sheet").await), 2);
}

async fn an_agent_is_added_with_call_plans_and_then_another_like_it(office: BackOffice) {
    let (first, second) = (office.call_plan("World 300").await, office.call_plan("City").await);
    let operator = operator(&office).await;
    let fields = |login: &'static str| {
        [
            ("login", login),
            ("password", PASSWORD),
            ("permissions[]", "sales"),
            ("remittance_threshold.amount", "50.00"),
            ("remittance_threshold.currency", "EUR"),
            ("commission_percent", "12.5"),
        ]
    };
    let plans = [("_call_plans[]", first.as_str()), ("_call_plans[]", second.as_str()), ("_then", "another")];
    let reply = operator.fill("/agents/new", &[fields("anna").as_slice(), &plans].concat()).await;
    let next = reply.header("location").to_owned();
    assert!(
        reply.status == 303 && next.starts_with("/agents/new?copy=") && next.ends_with("&done=added"),
        "{}",
        reply.text
    );
    let page = operator.page(&next).await;
    assert!(page.contains("Added.") && page.contains("value=\"12.5\"") && page.contains("value=\"50.00\""), "{page}");
    assert!(!page.contains("value=\"anna\""), "{page}");
    let chosen = |page: &str, plan: &str| page.contains(&format!("value=\"{plan}\" checked"));
    assert!(chosen(&page, &first) && chosen(&page, &second), "{page}");
    let anna = office.get("/agents?search=anna").await["items"][0]["id"].as_str().unwrap().to_owned();
    let granted = office.get(&format!("/agents/{anna}/call-plans")).await;
    assert_eq!(granted["items"].as_array().unwrap().len(), 2, "{granted}");
    // A plan that is retired meanwhile leaves the agent without it, and says so.
    let page = operator.page("/agents/new").await;
    office.post(&format!("/call-plans/{second}/retire"), &Value::Null).await.expect(200);
    let late = [fields("berta").as_slice(), &[("_call_plans[]", second.as_str())]].concat();
    let reply = operator.send("/agents/new", &page, &late).await;
    assert!(reply.status == 303 && reply.header("location").ends_with("?done=added-without-plans"), "{}", reply.text);
    // Further plans can be chosen when an agent is edited.
    let berta = office.get("/agents?search=berta").await["items"][0]["id"].as_str().unwrap().to_owned();
    let edit = [("permissions[]", "sales"), ("_call_plans[]", first.as_str()), ("name", "Berta")];
    let reply = operator.fill(&format!("/agents/{berta}/edit"), &[edit.as_slice(), &fields("")[3..]].concat()).await;
    assert_eq!(reply.status, 303, "{}", reply.text);
    let granted = office.get(&format!("/agents/{berta}/call-plans")).await;
    assert_eq!(granted["items"][0]["id"], first.as_str(), "{granted}");
}

async fn keys_are_added_one_after_another(office: BackOffice) {
    let body = office.ready_to_add_a_key("anna").await;
    let id = |name: &str| body[name].as_str().unwrap().to_owned();
    let (agent, plan, group) = (id("agent_id"), id("call_plan_id"), id("group_id"));
    let operator = operator(&office).await;
    let fields =
        [("call_plan_id", plan.as_str()), ("group_id", group.as_str()), ("label", "One"), ("_then", "another")];
    let page = operator.page(&format!("/signup-keys/new?agent_id={agent}")).await;
    let reply = operator.send("/signup-keys/new", &page, &fields).await;
    let next = format!("/signup-keys/new?agent_id={agent}&call_plan_id={plan}&group_id={group}&done=added");
    assert_eq!((reply.status.as_u16(), reply.header("location")), (303, next.as_str()), "{}", reply.text);
    let page = operator.page(&next).await;
    assert!(page.contains("Added.") && !page.contains("value=\"One\""), "{page}");
    assert!(page.contains(&format!("value=\"{plan}\" dir=\"auto\" selected")), "{page}");
}
