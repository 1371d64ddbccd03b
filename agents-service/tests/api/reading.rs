//! Pages as their reader has times, numbers and lists.

use harness::operator::{PASSWORD, agent_body};
use serde_json::json;

use crate::browser::Browser;
use crate::office::BackOffice;

harness::on_both_databases!(crate::office::BackOffice::open:
    times_and_numbers_are_shown_and_typed_as_the_reader_has_them,
    a_list_tells_where_its_page_is_and_leads_back,
    a_head_of_a_list_sorts_it,
    the_first_steps_are_shown_until_somebody_signs_up,
);

const READING: &str = "/account/reading";

async fn operator(office: &BackOffice) -> Browser<'_> {
    let mut operator = Browser::new(office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    operator
}

async fn times_and_numbers_are_shown_and_typed_as_the_reader_has_them(office: BackOffice) {
    let operator = operator(&office).await;
    for (field, value) in [("time_zone", "Europe/Nowhere"), ("numbers", "roman"), ("theme", "pink")] {
        let reply = operator.fill(READING, &[(field, value)]).await;
        assert_eq!(reply.status, 422, "{field}: {}", reply.text);
    }
    let reply = operator.fill(READING, &[("time_zone", "asia/tokyo"), ("numbers", "comma"), ("theme", "dark")]).await;
    assert_eq!((reply.status.as_u16(), reply.header("location")), (303, "/account/reading?done=changed"));
    let kept = operator.page(READING).await;
    assert!(kept.contains("value=\"Asia/Tokyo\"") && kept.contains("data-theme=\"dark\""), "{kept}");

    // Typed in the reader's way, and in their zone.
    let fields = [
        ("login", "anna.shop"),
        ("password", PASSWORD),
        ("permissions[]", "sales"),
        ("remittance_threshold.amount", "1.234,50"),
        ("remittance_threshold.currency", "EUR"),
        ("commission_percent", "12,5"),
    ];
    let reply = operator.fill("/agents/new", &fields).await;
    assert_eq!(reply.status, 303, "{}", reply.text);
    let agent = office.get("/agents").await["items"][0].clone();
    assert_eq!(
        (&agent["remittance_threshold"]["amount"], &agent["commission_percent"]),
        (&json!("1234.50"), &json!("12.5"))
    );
    let id = agent["id"].as_str().unwrap();
    let edit = operator.page(&format!("/agents/{id}/edit")).await;
    assert!(edit.contains("value=\"1.234,50\"") && edit.contains("value=\"12,5\""), "{edit}");
    let unchanged = operator.send(&format!("/agents/{id}/edit"), &edit, &fields[2..]).await;
    assert_eq!(unchanged.header("location"), format!("/agents/{id}?done=unchanged"), "{}", unchanged.text);

    let body = office.ready_to_add_a_key("bert.shop").await;
    let of_key: Vec<_> =
        ["agent_id", "call_plan_id", "group_id"].map(|name| (name, body[name].as_str().unwrap())).into();
    let page = operator.page(&format!("/signup-keys/new?agent_id={}", of_key[0].1)).await;
    assert!(page.contains("Time zone: Asia/Tokyo."), "{page}");
    let added = operator
        .send("/signup-keys/new", &page, &[of_key[1..].to_vec(), vec![("ends_at", "2030-01-31")]].concat())
        .await;
    assert_eq!(added.status, 303, "{}", added.text);
    let key = added.header("location").trim_start_matches("/signup-keys/").split('?').next().unwrap().to_owned();
    assert_eq!(office.get(&format!("/signup-keys/{key}")).await["ends_at"], "2030-01-31T15:00:00.000000Z");
    let shown = operator.page(&format!("/agents/{id}/history")).await;
    let time = shown.split("<time datetime=\"").nth(1).unwrap();
    assert!(time.contains("Asia/Tokyo; 20") && time.contains(" UTC\">"), "{time}");
}

async fn a_list_tells_where_its_page_is_and_leads_back(office: BackOffice) {
    let lines: Vec<String> = (0..120).map(|number| agent_body(&format!("agent-{number:03}")).to_string()).collect();
    let added = office.lines("/agents:batch", &[], &lines).await;
    assert!(added.iter().all(|answer| answer["status"] == 201), "{}", added[0]);
    let operator = operator(&office).await;
    let link = |page: &str, rel: &str| {
        let link = page.split(&format!("rel=\"{rel}\" href=\"")).nth(1)?.split('"').next()?;
        Some(link.replace("&#38;", "&").replace("&amp;", "&"))
    };
    let first = operator.page("/agents?sort=login&state=active").await;
    assert!(first.contains("<p>1 to 50 of 120</p>"), "{first}");
    assert_eq!(link(&first, "prev"), None);
    let second = operator.page(&link(&first, "next").unwrap()).await;
    assert!(second.contains("<p>51 to 100 of 120</p>"), "{second}");
    let third = operator.page(&link(&second, "next").unwrap()).await;
    assert!(third.contains("<p>101 to 120 of 120</p>") && third.contains("agent-119"), "{third}");
    assert_eq!(link(&third, "next"), None);
    let back = operator.page(&link(&third, "prev").unwrap()).await;
    assert!(back.contains("<p>51 to 100 of 120</p>") && back.contains("agent-050"), "{back}");
    let begin = operator.page(&link(&back, "prev").unwrap()).await;
    assert!(begin.contains("<p>1 to 50 of 120</p>") && begin.contains("agent-000"), "{begin}");
    let small = operator.page("/agents?sort=login&size=25").await;
    assert!(small.contains("<p>1 to 25 of 120</p>"), "{small}");
    assert!(link(&small, "next").unwrap().contains("size=25"));
    let odd = operator.page("/agents?size=7&before=x&way=%00&after=nothing").await;
    assert!(odd.contains("<p>1 to 50 of 120</p>"), "{odd}");
}

async fn a_head_of_a_list_sorts_it(office: BackOffice) {
    for login in ["bert.shop", "anna.shop", "carl.shop"] {
        office.post("/agents", &agent_body(login)).await.expect(201);
    }
    let operator = operator(&office).await;
    let page = operator.page("/agents?state=active").await;
    assert!(page.contains("aria-sort=\"none\"><a href=\"/agents?state=active&#38;sort=login\">Login</a>"), "{page}");
    let up = operator.page("/agents?state=active&sort=login").await;
    assert!(up.contains("aria-sort=\"ascending\"><a href=\"/agents?state=active&#38;sort=-login\">"), "{up}");
    let down = operator.page("/agents?state=active&sort=-login").await;
    let place = |page: &str, login: &str| page.find(&format!("<bdi>{login}</bdi>")).unwrap();
    assert!(place(&up, "anna.shop") < place(&up, "carl.shop") && place(&down, "carl.shop") < place(&down, "anna.shop"));
    let newest = operator.page("/agents?sort=-created").await;
    assert!(place(&newest, "carl.shop") < place(&newest, "bert.shop"));
}

async fn the_first_steps_are_shown_until_somebody_signs_up(office: BackOffice) {
    let operator = operator(&office).await;
    let step = |page: &str, label: &str| {
        let row = page.split(label).nth(1).unwrap_or_else(|| panic!("no step {label}: {page}"));
        row.split("class=\"state ").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let empty = operator.page("/").await;
    assert_eq!([step(&empty, "Add a call plan"), step(&empty, "Add a signup URL")], ["to do", "to do"]);
    office.ready_to_add_a_key("anna.shop").await;
    let begun = operator.page("/").await;
    assert_eq!([step(&begun, "Add a call plan"), step(&begun, "Let the agent sell")], ["done", "done"]);
    assert_eq!(step(&begun, "Add a signup URL"), "to do");
    assert!(begun.contains("Latest activity") && begun.contains("just now"), "{begun}");
}
