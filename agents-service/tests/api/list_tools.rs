//! What a reader makes of a list: its columns, and lists that are saved by a name; and activity in sentences.

use harness::operator::{PASSWORD, agent_body};
use serde_json::json;

use crate::browser::Browser;
use crate::office::{BackOffice, id};

harness::on_both_databases!(crate::office::BackOffice::open:
    a_list_and_its_file_have_the_chosen_columns,
    a_list_is_saved_by_a_name_until_it_is_forgotten,
    a_saved_list_is_its_owners_and_goes_with_them,
    what_cannot_be_saved_is_refused_at_its_field,
    a_wrong_field_does_not_lose_the_password,
    activity_is_told_in_sentences_and_found_by_person_thing_and_day,
    the_brand_is_above_the_pages,
    a_page_is_compressed_and_its_token_is_its_own,
);

const LISTS: &str = "/account/lists";

async fn operator<'a>(office: &'a BackOffice, login: &str) -> Browser<'a> {
    let mut operator = Browser::new(office);
    assert_eq!(operator.sign_in("/sign-in", login, PASSWORD).await.status, 303);
    operator
}

async fn a_list_and_its_file_have_the_chosen_columns(office: BackOffice) {
    office.post("/agents", &agent_body("anna.shop")).await.expect(201);
    let operator = operator(&office, "operator").await;
    let whole = operator.page("/agents").await;
    assert!(whole.contains("data-label=\"Phone\"") && whole.contains("data-label=\"Login\""), "{whole}");
    let address = "/agents?state=active&column=State&column=Login&column=Secret";
    let chosen = operator.page(address).await;
    for (label, is_shown) in [("Name", true), ("Login", true), ("State", true), ("Phone", false), ("Last sale", false)]
    {
        assert_eq!(chosen.contains(&format!("data-label=\"{label}\"")), is_shown, "{label}: {chosen}");
    }
    // Sorting, searching and the file keep the choice.
    let kept = "state=active&#38;column=Name&#38;column=Login&#38;column=State";
    assert!(chosen.contains(&format!("href=\"/agents?{kept}&#38;sort=-name\"")), "{chosen}");
    assert!(chosen.contains(&format!("href=\"/agents.csv?{kept}\"")), "{chosen}");
    assert_eq!(chosen.matches("<input type=\"hidden\" name=\"column\"").count(), 3, "{chosen}");
    let file = operator.page("/agents.csv?state=active&column=Name&column=Login&column=State").await;
    assert!(file.starts_with("Name,Login,State\r\n") && file.contains(",anna.shop,active\r\n"), "{file}");
}

async fn save(browser: &Browser<'_>, address: &str, name: &str) -> crate::office::Reply {
    let page = browser.page(address).await;
    let hidden = |name: &str| {
        let input = page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
        input.split('"').next().unwrap().replace("&#38;", "&")
    };
    let [token, place, query] = ["_token", "place", "query"].map(hidden);
    browser.post(LISTS, &[("_token", &token), ("place", &place), ("query", &query), ("name", name)]).await
}

async fn a_list_is_saved_by_a_name_until_it_is_forgotten(office: BackOffice) {
    let operator = operator(&office, "operator").await;
    let reply = save(&operator, "/agents?state=suspended&column=Phone&size=25", " Asleep ").await;
    let saved = "/agents?state=suspended&column=Name&column=Phone&size=25";
    assert_eq!((reply.status.as_u16(), reply.header("location")), (303, format!("{saved}&done=saved").as_str()));
    let shown = operator.page(&format!("{saved}&done=saved")).await;
    let link = format!("<a href=\"{}\"><bdi>Asleep</bdi></a>", saved.replace('&', "&#38;"));
    assert!(shown.contains("The list is saved by this name.") && shown.contains(&link), "{shown}");
    assert!(!operator.page("/call-plans").await.contains("Asleep"));
    // The same name again takes its place.
    save(&operator, "/agents?state=closed", "Asleep").await;
    let all = operator.page(LISTS).await;
    assert_eq!(all.matches("<a href=\"/agents?").count(), 1, "{all}");
    assert!(all.contains("<a href=\"/agents?state=closed\"><bdi>Asleep</bdi></a>") && all.contains("Agents"), "{all}");
    let forgotten = operator.fill(LISTS, &[("forgotten[]", "/agents Asleep")]).await;
    assert_eq!(forgotten.header("location"), "/account/lists?done=changed");
    assert!(operator.page(LISTS).await.contains("No saved lists."));
}

async fn a_saved_list_is_its_owners_and_goes_with_them(office: BackOffice) {
    let helper = json!({ "login": "helper", "password": PASSWORD, "role": "everything" });
    let helper_id = id(&office.post("/operators", &helper).await.expect(201));
    let (one, other) = (operator(&office, "operator").await, operator(&office, "helper").await);
    assert_eq!(save(&other, "/agents?search=anna@shop.example", "Anna").await.status, 303);
    assert!(other.page("/agents").await.contains("<bdi>Anna</bdi>"));
    assert!(!one.page("/agents").await.contains("<bdi>Anna</bdi>"));
    office.post(&format!("/operators/{helper_id}/disable"), &json!({})).await.expect(200);
    office.call("DELETE", &format!("/operators/{helper_id}"), &[], &json!({})).await.expect(200);
    let saved = agents_service::auth::saved_lists::all(&office.app.service.database, helper_id.parse().unwrap()).await;
    assert_eq!(saved.unwrap(), []);
}

async fn what_cannot_be_saved_is_refused_at_its_field(office: BackOffice) {
    let operator = operator(&office, "operator").await;
    for name in ["", &"x".repeat(61), "a\u{7}b"] {
        let reply = save(&operator, "/agents", name).await;
        assert_eq!(reply.status, 422, "{name}: {}", reply.text);
        assert!(reply.text.contains("must have 1 to 60 characters"), "{}", reply.text);
    }
    let page = operator.page("/agents").await;
    let token = page.split("name=\"_token\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    for place in ["https://evil.example", "//evil.example", "/agents?x=1", "javascript:alert(1)"] {
        let reply = operator.post(LISTS, &[("_token", token), ("place", place), ("query", ""), ("name", "Bad")]).await;
        assert_eq!(reply.status, 422, "{place}");
    }
    for number in 0..50 {
        assert_eq!(save(&operator, "/agents", &format!("List {number}")).await.status, 303);
    }
    let full = save(&operator, "/agents", "One more").await;
    assert!(full.status == 422 && full.text.contains("50 lists are saved"), "{}", full.text);
    assert_eq!(save(&operator, "/agents?state=active", "List 7").await.status, 303);
}

async fn a_wrong_field_does_not_lose_the_password(office: BackOffice) {
    let operator = operator(&office, "operator").await;
    let fields = |percent| {
        [
            ("login", "anna.shop"),
            ("permissions[]", "sales"),
            ("remittance_threshold.amount", "50"),
            ("remittance_threshold.currency", "EUR"),
            ("commission_percent", percent),
        ]
    };
    let first = [fields("many").as_slice(), &[("password", PASSWORD)]].concat();
    let refused = operator.fill("/agents/new", &first).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("What you typed is kept.") && !refused.text.contains(PASSWORD), "{}", refused.text);
    let again = [fields("10").as_slice(), &[("password", "")]].concat();
    let added = operator.send("/agents/new", &refused.text, &again).await;
    assert_eq!(added.status, 303, "{}", added.text);
    let mut agent = Browser::new(&office);
    assert_eq!(agent.sign_in("/portal/sign-in", "anna.shop", PASSWORD).await.status, 303);
}

async fn activity_is_told_in_sentences_and_found_by_person_thing_and_day(office: BackOffice) {
    let helper = json!({ "login": "helper", "password": PASSWORD, "role": "everything" });
    let helper_id = id(&office.post("/operators", &helper).await.expect(201));
    let body = office.ready_to_add_a_key("anna.shop").await;
    let agent = body["agent_id"].as_str().unwrap().to_owned();
    let browser = operator(&office, "helper").await;
    browser.fill(&format!("/agents/{agent}/suspend"), &[("reason", "Holiday")]).await;
    let page = browser.page("/activity").await;
    let row = page.split("<tr>").find(|row| row.contains("agent suspended")).unwrap();
    assert!(
        row.contains("helper") && row.contains(&format!("href=\"/agents/{agent}\"")) && row.contains("Holiday"),
        "{row}"
    );
    assert!(page.contains("call plan granted: "), "{page}");
    let mine = browser.page(&format!("/activity?who=operator:{helper_id}")).await;
    assert!(mine.contains("agent suspended") && !mine.contains("call plan granted"), "{mine}");
    let groups = browser.page("/activity?things=group-").await;
    assert!(groups.contains("group created") && !groups.contains("agent suspended"), "{groups}");
    let today = office.app.app.clock.now().day();
    assert!(browser.page(&format!("/activity?day={today}")).await.contains("agent suspended"));
    let yesterday = browser.page(&format!("/activity?day={}", today.plus(-1))).await;
    assert!(yesterday.contains("Nothing matches") && !yesterday.contains("agent suspended"), "{yesterday}");
}

async fn the_brand_is_above_the_pages(office: BackOffice) {
    let plain = operator(&office, "operator").await.page("/agents").await;
    assert!(plain.contains("<bdi>Signpost</bdi>") && !plain.contains("/assets/colour"), "{plain}");
    let branding = json!({ "branding": { "name": "Harbour", "colour": "#FFD400", "logo": crate::settings::LOGO } });
    office.call("PUT", "/settings", &[], &branding).await.expect(200);
    let operator = operator(&office, "operator").await;
    for page in
        [operator.page("/agents").await, operator.page("/sign-in").await, operator.page("/portal/sign-in").await]
    {
        assert!(page.contains("href=\"/assets/colour-ffd400.css\"") && page.contains("alt=\"Harbour\""), "{page}");
        let logo = page.split("<img class=\"logo\" src=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let picture = operator.get(&logo).await;
        assert_eq!((picture.status.as_u16(), picture.header("content-type")), (200, "image/png"));
    }
    let sheet = operator.get("/assets/colour-ffd400.css").await;
    assert!(
        sheet.text.contains("--accent-ink") && sheet.header("cache-control").contains("immutable"),
        "{}",
        sheet.text
    );
    for name in ["colour-red.css", "logo-0.png", "logo-x.png", "colour-;}*{}.css"] {
        assert_eq!(operator.get(&format!("/assets/{name}")).await.status, 404, "{name}");
    }
}

/// With a token of its own on each page, the length of a compressed page tells nothing of the session.
async fn a_page_is_compressed_and_its_token_is_its_own(office: BackOffice) {
    let operator = operator(&office, "operator").await;
    let token =
        |page: &str| page.split("name=\"_token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let page = operator.page("/agents").await;
    let (one, other) = (token(&page), token(&operator.page("/agents").await));
    assert_ne!(one, other);
    for (token, status) in [(one.as_str(), 303), (&other, 303), (&one[..40], 403), ("a.b", 403), ("", 403)] {
        assert_eq!(operator.post(LISTS, &[("_token", token)]).await.status, status, "{token}");
    }
    for (path, is_compressed) in [("/agents", true), ("/agents.csv", false), ("/dashboard/news", false)] {
        let reply = operator.listen_with(path, &[("accept-encoding", "gzip")]).await;
        let encoding = reply.headers().get("content-encoding").map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(encoding.is_some(), is_compressed, "{path}: {encoding:?}");
    }
}
