//! Signup keys, their URLs, and the setting that the URLs are composed from.

use agents_service::maintenance;
use contract::ids::new_id;
use harness::operator::PASSWORD;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::office::{BackOffice, faults};
use crate::signups::{Seller, Signups, known, placed};

harness::on_both_databases!(crate::office::BackOffice::open:
    a_key_is_added_only_where_agent_call_plan_and_group_belong_together,
    every_wrong_field_of_a_key_is_named_at_once,
    a_key_is_found_in_every_spelling_that_its_link_accepts,
    a_key_whose_end_is_past_is_answered_as_ended,
    no_key_or_slug_is_ever_used_again_in_any_reading,
    correcting_the_setting_corrects_every_url,
    a_group_moves_from_agent_to_agent_and_is_released,
    keys_that_lived_within_one_page_of_the_log_are_rebuilt_as_they_were,
    label_note_start_end_and_cap_of_a_key_can_be_changed,
    a_keys_note_is_found_and_erased_with_its_agent,
    a_change_on_a_page_that_stops_the_url_asks_first,
    a_signup_url_that_does_not_work_is_shown_as_usable_nowhere,
    a_signup_url_whose_cap_is_reached_is_shown_as_exhausted,
);

async fn a_key_is_added_only_where_agent_call_plan_and_group_belong_together(office: BackOffice) {
    let (annas, bertas) = (office.ready_to_add_a_key("anna").await, office.ready_to_add_a_key("berta").await);
    let with = |field: &str, value: &Value| {
        let mut body = annas.clone();
        body[field] = value.clone();
        body
    };
    for (body, code) in [
        (with("call_plan_id", &bertas["call_plan_id"]), "plan_not_granted"),
        (with("group_id", &bertas["group_id"]), "group_of_another_agent"),
    ] {
        assert_eq!(office.post("/signup-keys", &body).await.expect(409)["code"], code);
    }
    let unknown = with("group_id", &annas["agent_id"]);
    let problem = office.post("/signup-keys", &unknown).await.expect(422);
    assert_eq!(faults(&problem), [("group_id", "group_unknown")]);
    let agent_id = annas["agent_id"].as_str().unwrap();
    office.post(&format!("/agents/{agent_id}/suspend"), &Value::Null).await.expect(200);
    assert_eq!(office.post("/signup-keys", &annas).await.expect(409)["code"], "agent_not_active");
}

async fn every_wrong_field_of_a_key_is_named_at_once(office: BackOffice) {
    let body = json!({
        "agent_id": "x", "slug": "no spaces", "cap": 0,
        "starts_at": "2026-01-02T00:00:00Z", "ends_at": "2026-01-01T00:00:00Z",
    });
    let problem = office.post("/signup-keys", &body).await.expect(422);
    assert_eq!(
        faults(&problem),
        [
            ("agent_id", "invalid"),
            ("call_plan_id", "required"),
            ("cap", "out_of_range"),
            ("ends_at", "ends_before_start"),
            ("group_id", "required"),
            ("slug", "invalid"),
        ]
    );
}

async fn a_key_is_found_in_every_spelling_that_its_link_accepts(office: BackOffice) {
    let body = office.ready_to_add_a_key("anna").await;
    let key = office.post("/signup-keys", &body).await.expect(201)["key"].as_str().unwrap().to_owned();
    let careless = key.to_lowercase().replace('0', "o").replace('1', "l");
    let hyphens = format!("{}-{}-{}", &careless[..4], &careless[4..8], &careless[8..]);
    for search in [&*key, &*careless, &*hyphens, &hyphens[..9]] {
        for usable in ["", "&usable=true"] {
            let found = office.get(&format!("/signup-keys?search={search}{usable}")).await;
            assert_eq!(found["items"][0]["key"], key, "{search}: {found}");
        }
        assert_eq!(office.get("/signup-keys?search=zzzz-9999").await["items"], json!([]));
    }
    assert_eq!(office.get(&format!("/signup-keys/{hyphens}")).await["key"], key);
}

async fn a_key_whose_end_is_past_is_answered_as_ended(office: BackOffice) {
    let mut body = office.ready_to_add_a_key("anna").await;
    body["ends_at"] = "2020-01-31T00:00:00Z".into();
    let answer = office.post("/signup-keys", &body).await.expect(201);
    assert_eq!((&answer["usable"], &answer["reason"]), (&json!(false), &json!("ended")));
    assert!(answer["warnings"].to_string().contains("The end of this key is past"), "{answer}");
    for (member, text) in [("ends_at", "2026-01-31T09:30:60Z"), ("starts_at", "0000-01-01T00:00:00Z")] {
        let mut wrong = body.clone();
        wrong[member] = text.into();
        let problem = office.post("/signup-keys", &wrong).await.expect(422);
        assert_eq!(faults(&problem), [(member, "invalid")]);
    }
    body["ends_at"] = "9999-12-31T23:59:59Z".into();
    let answer = office.post("/signup-keys", &body).await.expect(201);
    assert_eq!((&answer["usable"], &answer["ends_at"]), (&json!(true), &json!("9999-12-31T23:59:59.000000Z")));
    let key = answer["key"].as_str().unwrap();
    assert_eq!(office.get(&format!("/signup-keys/{key}")).await["ends_at"], "9999-12-31T23:59:59.000000Z");
}

async fn label_note_start_end_and_cap_of_a_key_can_be_changed(office: BackOffice) {
    let mut body = office.ready_to_add_a_key("anna").await;
    body["slug"] = "harbour".into();
    let added = office.post("/signup-keys", &body).await.expect(201);
    let change = async |body: &Value| office.call("PATCH", "/signup-keys/HARBOUR", &[("if-match", "*")], body).await;
    let all = json!({ "label": "Leaflet 李", "note": "Ask Zoë", "starts_at": "2026-01-31", "ends_at": "2099-12-31", "cap": 5 });
    let changed = change(&all).await.expect(200);
    let expected = json!({
        "label": "Leaflet 李", "note": "Ask Zoë", "starts_at": "2026-01-31T00:00:00.000000Z",
        "ends_at": "2100-01-01T00:00:00.000000Z", "cap": 5, "usable": true, "version": 3, "url": added["url"],
    });
    let fits = |shown: &Value| expected.as_object().unwrap().iter().all(|(name, value)| shown[name] == *value);
    assert!(fits(&changed) && fits(&office.get("/signup-keys/harbour").await), "{changed}");
    assert!(fits(&office.get("/signup-keys?search=zoe").await["items"][0]));
    // The same again changes nothing; null and an empty text take away.
    assert_eq!(change(&all).await.expect(200)["version"], 3);
    let none = json!({ "label": "", "note": "", "starts_at": null, "ends_at": null, "cap": null });
    let emptied = change(&none).await.expect(200);
    assert!(["starts_at", "ends_at", "cap"].iter().all(|name| emptied[name].is_null()), "{emptied}");
    assert_eq!((&emptied["label"], &emptied["note"], &emptied["version"]), (&json!(""), &json!(""), &json!(5)));
    assert_eq!(office.get("/signup-keys?search=zoe").await["items"], json!([]));

    let wrong = json!({ "cap": 0, "starts_at": "soon", "colour": "red" });
    let expected = [("cap", "out_of_range"), ("colour", "unknown_field"), ("starts_at", "invalid")];
    assert_eq!(faults(&change(&wrong).await.expect(422)), expected);
    change(&json!({ "starts_at": "2027-01-01" })).await.expect(200);
    assert_eq!(
        faults(&change(&json!({ "ends_at": "2026-12-31" })).await.expect(422)),
        [("ends_at", "ends_before_start")]
    );
    let stale = office.call("PATCH", "/signup-keys/harbour", &[("if-match", "\"1\"")], &json!({ "cap": 9 })).await;
    stale.expect(412);
    office.post("/signup-keys/harbour/revoke", &Value::Null).await.expect(200);
    assert_eq!(change(&json!({ "label": "x" })).await.expect(409)["code"], "already_revoked");
    office.call("PATCH", "/signup-keys/nowhere", &[], &json!({})).await.expect(404);
    assert_eq!(maintenance::check(office.app.log.database()).await.unwrap(), Vec::<String>::new());
}

async fn a_keys_note_is_found_and_erased_with_its_agent(office: BackOffice) {
    let mut body = office.ready_to_add_a_key("anna").await;
    (body["slug"], body["note"]) = ("harbour".into(), "Call Ms Smith".into());
    office.post("/signup-keys", &body).await.expect(201);
    body["slug"] = "station".into();
    office.post("/signup-keys", &body).await.expect(201);
    office.call("PATCH", "/signup-keys/station", &[], &json!({ "note": "Call Mr Jones" })).await.expect(200);
    let found = async |search: &str| {
        let found = office.get(&format!("/signup-keys?search={search}")).await;
        found["items"].as_array().unwrap().iter().map(|key| key["key"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((found("smith").await, found("jones").await), (vec!["harbour".to_owned()], vec!["station".to_owned()]));
    let data: Vec<String> =
        office.app.log.read_after(0, 1_000).await.unwrap().into_iter().map(|event| event.data).collect();
    assert!(data.iter().all(|data| !data.contains("Smith") && !data.contains("Jones")));

    let agent = format!("/agents/{}", body["agent_id"].as_str().unwrap());
    office.post(&format!("{agent}/close"), &Value::Null).await.expect(200);
    office.call("DELETE", &agent, &[], &json!({ "reason": "asked for" })).await.expect(200);
    assert_eq!((found("smith").await, found("jones").await), (Vec::new(), Vec::new()));
    assert_eq!(office.get("/signup-keys/harbour").await["note"], "");
    let (database, log) = (office.app.log.database(), &office.app.log);
    let differences =
        maintenance::compare(database, maintenance::ProjectionName::Directory, log, |_| ()).await.unwrap();
    assert_eq!(differences, Vec::<String>::new());
}

async fn a_change_on_a_page_that_stops_the_url_asks_first(office: BackOffice) {
    let mut body = office.ready_to_add_a_key("anna").await;
    (body["slug"], body["note"], body["cap"]) = ("harbour".into(), "Ask Zoë".into(), 7.into());
    body["ends_at"] = "2099-12-31".into();
    office.post("/signup-keys", &body).await.expect(201);
    let mut operator = Browser::new(&office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    let page = operator.page("/signup-keys/harbour/edit").await;
    for value in ["value=\"2099-12-31\"", "value=\"7\"", "Ask Zoë"] {
        assert!(page.contains(value), "{value}: {page}");
    }
    let shown = [("label", "Leaflet"), ("note", "Ask Zoë"), ("starts_at", ""), ("cap", "7")];
    let with_end = |end| [shown.as_slice(), &[("ends_at", end)]].concat();
    let asked = operator.fill("/signup-keys/harbour/edit", &with_end("2020-01-31")).await;
    assert!(
        asked.status == 200 && asked.text.contains("it has ended") && asked.text.contains("Stop the URL"),
        "{}",
        asked.text
    );
    assert_eq!(office.get("/signup-keys/harbour").await["usable"], true);
    let stopped = operator.send("/signup-keys/harbour/edit", &asked.text, &with_end("2020-01-31")).await;
    assert_eq!(stopped.status, 303, "{}", stopped.text);
    let key = office.get("/signup-keys/harbour").await;
    assert_eq!((&key["reason"], &key["label"], &key["cap"]), (&json!("ended"), &json!("Leaflet"), &json!(7)));
    // Nothing is asked where nothing stops.
    let resumed = operator.fill("/signup-keys/harbour/edit", &with_end("")).await;
    assert_eq!((resumed.status.as_u16(), &office.get("/signup-keys/harbour").await["usable"]), (303, &json!(true)));
    let page = operator.page("/signup-keys/harbour").await;
    assert!(page.contains("label: Leaflet"), "{page}");
    let wrong = operator.fill("/signup-keys/harbour/edit", &[shown.as_slice(), &[("ends_at", "soon")]].concat()).await;
    assert!(wrong.status == 422 && wrong.text.contains("value=\"soon\""), "{}", wrong.text);
}

async fn no_key_or_slug_is_ever_used_again_in_any_reading(office: BackOffice) {
    let mut body = office.ready_to_add_a_key("anna").await;
    let random = office.post("/signup-keys", &body).await.expect(201)["key"].as_str().unwrap().to_owned();
    body["slug"] = "Summer-24".into();
    assert_eq!(office.post("/signup-keys", &body).await.expect(201)["key"], "summer-24");
    office.post("/signup-keys/SUMMER-24/revoke", &Value::Null).await.expect(200);
    assert_eq!(office.post("/signup-keys", &body).await.expect(409)["code"], "slug_taken");
    assert_eq!(office.post("/signup-keys/summer-24/revoke", &Value::Null).await.expect(409)["code"], "already_revoked");
    // A random key typed in lower case must not mean another key.
    body["slug"] = random.to_lowercase().into();
    assert_eq!(office.post("/signup-keys", &body).await.expect(409)["code"], "slug_taken");
    assert_eq!(office.get(&format!("/signup-keys/{}", random.to_lowercase())).await["key"], random);
}

async fn correcting_the_setting_corrects_every_url(office: BackOffice) {
    let body = office.ready_to_add_a_key("anna").await;
    let put = |url: &str| json!({ "customer_interface_url": url });
    office.call("PUT", "/settings", &[], &put("http://localhost/customer")).await.expect(200);
    let added = office.call("POST", "/signup-keys", &[("idempotency-key", "k")], &body).await.expect(201);
    let key = added["key"].as_str().unwrap();
    assert_eq!(added["url"], format!("http://localhost/customer/signup/{key}"));
    let warnings = added["warnings"].as_array().unwrap();
    assert!(warnings.iter().any(|warning| warning.as_str().unwrap().contains("localhost")));
    let settings = office.call("PUT", "/settings", &[], &put("https://my.example.com/")).await.expect(200);
    assert_eq!(settings["warnings"], json!([]));
    for shown in [
        office.get(&format!("/signup-keys/{key}")).await,
        office.get("/signup-keys").await["items"][0].clone(),
        office.call("POST", "/signup-keys", &[("idempotency-key", "k")], &body).await.expect(201),
    ] {
        assert_eq!(shown["url"], format!("https://my.example.com/signup/{key}"));
        assert_eq!(shown["warnings"], json!([]));
    }
    for (kind, content_type) in [("svg", "image/svg+xml"), ("png", "image/png")] {
        let image = office.call("GET", &format!("/signup-keys/{key}/qr.{kind}"), &[], &Value::Null).await;
        assert_eq!((image.status.as_u16(), image.header("content-type")), (200, content_type));
    }
}

async fn a_group_moves_from_agent_to_agent_and_is_released(office: BackOffice) {
    let (anna, berta) = (office.agent("anna").await, office.agent("berta").await);
    let group = office.group("VoIP", &anna).await;
    let path = format!("/groups/{group}");
    let moved = office.call("PATCH", &path, &[], &json!({ "agent_id": berta })).await.expect(200);
    assert_eq!(moved["agent_id"], berta);
    let untouched = office.call("PATCH", &path, &[], &json!({ "name": "VoIP 2" })).await.expect(200);
    assert_eq!(untouched["agent_id"], berta);
    let released = office.call("PATCH", &path, &[], &json!({ "agent_id": null })).await.expect(200);
    assert_eq!(released["agent_id"], Value::Null);
    let listed = office.get(&format!("/groups?agent_id={berta}")).await;
    assert_eq!(listed["items"], json!([]));
}

async fn keys_that_lived_within_one_page_of_the_log_are_rebuilt_as_they_were(office: BackOffice) {
    let mut body = office.ready_to_add_a_key("anna").await;
    for (slug, moves) in
        [("calm", vec![]), ("busy", vec!["pause", "resume", "pause"]), ("gone", vec!["pause", "revoke"])]
    {
        body["slug"] = slug.into();
        office.post("/signup-keys", &body).await.expect(201);
        for one in moves {
            office.post(&format!("/signup-keys/{slug}/{one}"), &Value::Null).await.expect(200);
        }
    }
    let lived = office.get("/signup-keys").await;
    let of_each =
        |name: &str| lived["items"].as_array().unwrap().iter().map(|key| key[name].clone()).collect::<Vec<_>>();
    assert_eq!(of_each("state"), ["active", "paused", "revoked"]);
    assert_eq!(of_each("version"), [1, 4, 3]);
    let (database, log) = maintenance::open(&office.settings).await.unwrap();
    maintenance::rebuild(&database, maintenance::ProjectionName::Directory, &log, |_| ()).await.unwrap();
    assert_eq!(office.get("/signup-keys").await, lived);
}

/// A key for each reason that the service can find by itself, and a usable one.
async fn keys_of_every_state(office: &BackOffice) -> Vec<(String, Option<&'static str>)> {
    let mut keys = Vec::new();
    for reason in [
        "works",
        "revoked",
        "paused",
        "not_started",
        "ended",
        "agent_suspended",
        "agent_closed",
        "plan_retired",
        "grant_withdrawn",
        "group_not_agents",
    ] {
        let mut body = office.ready_to_add_a_key(&reason.replace('_', "-")).await;
        match reason {
            "not_started" => body["starts_at"] = "2998-01-01T00:00:00Z".into(),
            "ended" => body["ends_at"] = "2001-01-01T00:00:00Z".into(),
            _ => {}
        }
        let key = office.post("/signup-keys", &body).await.expect(201)["key"].as_str().unwrap().to_owned();
        let (agent, plan) = (body["agent_id"].as_str().unwrap(), body["call_plan_id"].as_str().unwrap());
        let group = format!("/groups/{}", body["group_id"].as_str().unwrap());
        let (method, path, change) = match reason {
            "revoked" => ("POST", format!("/signup-keys/{key}/revoke"), Value::Null),
            "paused" => ("POST", format!("/signup-keys/{key}/pause"), Value::Null),
            "agent_suspended" => ("POST", format!("/agents/{agent}/suspend"), Value::Null),
            "agent_closed" => ("POST", format!("/agents/{agent}/close"), Value::Null),
            "plan_retired" => ("POST", format!("/call-plans/{plan}/retire"), Value::Null),
            "grant_withdrawn" => ("DELETE", format!("/agents/{agent}/call-plans/{plan}"), Value::Null),
            "group_not_agents" => ("PATCH", group, json!({ "agent_id": null })),
            _ => ("GET", "/settings".to_owned(), Value::Null),
        };
        office.call(method, &path, &[], &change).await.expect(200);
        keys.push((key, Some(reason).filter(|reason| *reason != "works")));
    }
    keys
}

async fn a_signup_url_that_does_not_work_is_shown_as_usable_nowhere(office: BackOffice) {
    let keys = keys_of_every_state(&office).await;
    let mut operator = Browser::new(&office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    let list = operator.page("/signup-keys").await;
    let listed = office.get("/signup-keys").await;
    for (key, reason) in &keys {
        let shown = office.get(&format!("/signup-keys/{key}")).await;
        assert_eq!((&shown["usable"], &shown["reason"]), (&json!(reason.is_none()), &json!(reason)), "{key}");
        assert!(listed["items"].as_array().unwrap().contains(&shown));
        let label = reason.map_or("usable".to_owned(), |reason| reason.replace('_', " "));
        let badge = format!("<span class=\"state {label}\">{label}</span>");
        let page = operator.page(&format!("/signup-keys/{key}")).await;
        assert!(page.contains(&badge), "{label} is missing: {page}");
        assert_eq!(page.contains("Visitors cannot sign up through this URL"), reason.is_some(), "{label}");
        assert!(list.contains(&badge), "{label}");
    }
    for (wanted, path) in [(true, "usable=true"), (false, "usable=false")] {
        let expected: Vec<&str> =
            keys.iter().filter(|(_, reason)| reason.is_none() == wanted).map(|(key, _)| key.as_str()).collect();
        let found = office.get(&format!("/signup-keys?{path}")).await;
        let found: Vec<_> = found["items"].as_array().unwrap().iter().map(|key| key["key"].as_str().unwrap()).collect();
        assert_eq!(found, expected, "{path}");
        let page = operator.page(&format!("/signup-keys?{path}")).await;
        assert!(keys.iter().all(|(key, reason)| page.contains(key.as_str()) == (reason.is_none() == wanted)), "{path}");
    }
    // Adding a key, and resuming one with another obstacle, shows the reason at once.
    let paused = &keys[2].0;
    let resumed = office.post(&format!("/signup-keys/{paused}/resume"), &Value::Null).await.expect(200);
    assert_eq!(
        (&resumed["state"], &resumed["usable"], &resumed["reason"]),
        (&json!("active"), &json!(true), &Value::Null)
    );
    let sheet = operator.page("/signup-keys/sheet").await;
    let (printed, left_out) = sheet.split_once("Not printed").unwrap();
    for (key, reason) in keys.iter().filter(|(key, _)| key != paused && *key != keys[1].0) {
        let is_printed = matches!(reason, None | Some("not_started"));
        assert_eq!(
            (printed.contains(key.as_str()), left_out.contains(key.as_str())),
            (is_printed, !is_printed),
            "{reason:?}"
        );
    }
}

async fn a_signup_url_whose_cap_is_reached_is_shown_as_exhausted(office: BackOffice) {
    let mut body = office.ready_to_add_a_key("anna").await;
    body["cap"] = 2.into();
    let key = office.post("/signup-keys", &body).await.expect(201)["key"].as_str().unwrap().to_owned();
    let id = |name: &str| body[name].as_str().unwrap().parse().unwrap();
    let seller = Seller {
        key: key.clone(),
        agent_id: id("agent_id"),
        call_plan_id: id("call_plan_id"),
        group_id: id("group_id"),
    };
    let signups = Signups::new().await;
    // One customer, and one decoy for a known address.
    let position =
        signups.append(vec![placed(&seller, new_id(), "10000000001", None), known(&seller, "10000000002")]).await;
    let office = office.following(&signups).await;
    office.get(&format!("/sales?at_least={position}")).await;
    let shown = office.get(&format!("/signup-keys/{key}")).await;
    assert_eq!((&shown["state"], &shown["reason"]), (&json!("active"), &json!("exhausted")));
    assert_eq!(office.get("/signup-keys?usable=true").await["items"], json!([]));
    assert_eq!(office.get("/signup-keys?usable=false").await["items"][0], shown);
}
