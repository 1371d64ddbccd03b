//! The pages, as a browser without script sees them.

use contract::events::agents::CallPlanChanged;
use contract::events::signup_keys::{SignupKeyPaused, SignupKeyResumed};
use contract::events::signups::{RefusalReason, RefusalStage};
use contract::ids::new_id;
use contract::note::Note;

use crate::agents::{key_event, plan_event};
use crate::service::Service;
use harness::until;

harness::on_both_databases!(crate::service::Service::start:
    a_campaign_is_kept_as_far_as_it_fits_also_after_a_refused_form,
    the_form_signs_a_customer_up_and_keeps_where_they_came_from,
    a_form_with_faults_comes_back_with_what_was_typed,
    a_page_for_an_unusable_key_says_why_and_is_counted,
    an_unknown_link_gets_a_page_of_its_own,
    a_filled_honeypot_is_counted_and_the_form_can_be_sent_again,
    no_password_manager_fills_the_trap,
    the_end_of_a_link_that_was_copied_badly_leads_to_the_page,
    a_browser_gets_a_page_whatever_is_wrong_with_the_address,
    price_and_description_of_the_plan_are_on_the_page_and_the_confirmation,
    bytes_that_are_no_text_are_refused,
    a_form_that_was_refused_can_be_sent_again_later,
    another_language_keeps_what_was_typed,
    another_language_keeps_the_violations,
);

/// The honeypot field.
const TRAP: &str = "leave_this_empty";

pub fn fields<'a>(once: &'a str, email: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("idempotency_key", once),
        ("terms_version", "2026-01"),
        ("consent", "yes"),
        ("utm_source", "poster"),
        (TRAP, ""),
        ("first_name", "李小龙"),
        ("last_name", "O'Brien"),
        ("email", email),
        ("phone", ""),
    ]
}

pub async fn send(service: &Service, key: &str, fields: &[(&str, &str)]) -> (u16, String) {
    raw(service, key, encoded(fields)).await
}

/// A form's body as a browser sends it.
pub fn encoded(fields: &[(&str, &str)]) -> String {
    let encoded: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    encoded.join("&")
}

async fn raw(service: &Service, key: &str, body: String) -> (u16, String) {
    let call = service.request("POST", &format!("/signup/{key}")).body(body);
    let answer = call.header("Content-Type", "application/x-www-form-urlencoded").send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

fn encode(text: &str) -> String {
    text.bytes().flat_map(|byte| ['%'.into(), format!("{byte:02X}")]).collect()
}

async fn the_form_signs_a_customer_up_and_keeps_where_they_came_from(service: Service) {
    let seller = service.seller(None).await;
    let page = service.get(&format!("/signup/{}?utm_source=poster&colour=red", seller.key)).await;
    assert_eq!(page.status(), 200);
    assert!(page.headers()["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    let html = page.text().await.unwrap();
    assert!(html.contains("Union City") && html.contains("Zoë&#39;s Phones"));
    assert!(html.contains("name=\"utm_source\" value=\"poster\""));
    for (ending, content_type) in [(".css", "text/css; charset=utf-8"), (".js", "text/javascript; charset=utf-8")] {
        let path = html.split('"').find(|part| part.ends_with(ending)).unwrap();
        let asset = service.get(path).await;
        assert_eq!((asset.status().as_u16(), asset.headers()["content-type"].to_str().unwrap()), (200, content_type));
    }

    let once = new_id().to_string();
    let (status, first) = send(&service, &seller.key, &fields(&once, "zoe@example.org")).await;
    assert_eq!(status, 200, "{first}");
    assert!(first.contains("Your customer number") && first.contains("Your call history"));
    let signups = service.signups().await;
    assert_eq!((signups.placed.len(), signups.refused.len()), (1, 0));
    assert_eq!(signups.placed[0].campaign.utm_source.as_deref(), Some("poster"));
    assert!(first.contains(&signups.placed[0].customer_number));
}

async fn a_form_with_faults_comes_back_with_what_was_typed(service: Service) {
    let seller = service.seller(None).await;
    let (status, html) = send(&service, &seller.key, &[("first_name", "<i>Zoë</i>"), ("email", "nobody")]).await;
    assert_eq!(status, 422);
    assert!(html.contains("&#60;i&#62;Zoë&#60;/i&#62;"));
    for fault in ["email-fault", "consent-fault"] {
        assert!(html.contains(fault), "{fault}");
    }
    assert!(service.signups().await.placed.is_empty());
}

async fn a_page_for_an_unusable_key_says_why_and_is_counted(service: Service) {
    let seller = service.seller(None).await;
    service
        .agents
        .append(key_event(
            &seller,
            SignupKeyPaused { key: seller.key.clone(), agent_id: seller.agent, reason: Note::Absent },
        ))
        .await;
    service.refused_as(&seller.key, "paused").await;
    let page = service.get(&format!("/signup/{}", seller.key)).await;
    assert_eq!(page.status(), 410);
    assert!(page.text().await.unwrap().contains("paused"));
    let (status, _) = send(&service, &seller.key, &fields("x", "zoe@example.org")).await;
    assert_eq!(status, 410);
    let refused = service.recorded().await.refused;
    assert!(refused.len() == 2 && refused.iter().all(|refused| refused.reason == RefusalReason::Paused));
    for stage in [RefusalStage::Page, RefusalStage::Signup] {
        assert!(refused.iter().any(|refused| refused.stage == stage), "{stage:?}");
    }
    assert!(refused.iter().all(|refused| refused.agent_id == Some(seller.agent)));
}

async fn an_unknown_link_gets_a_page_of_its_own(service: Service) {
    for path in ["/signup/ABCDEFGHJKMN", "/signup/%FF", "/", "/signup"] {
        let page = service.get(path).await;
        assert_eq!(
            (page.status().as_u16(), &page.headers()["content-type"] == "text/html; charset=utf-8"),
            (404, true)
        );
    }
    let unknown = service.recorded().await.unknown;
    let on_pages = unknown.iter().filter(|refused| refused.stage == RefusalStage::Page);
    assert_eq!(on_pages.map(|refused| refused.count).sum::<u64>(), 2);
}

async fn a_filled_honeypot_is_counted_and_the_form_can_be_sent_again(service: Service) {
    let seller = service.seller(None).await;
    let mut form = fields("once", "zoe@example.org");
    form.retain(|(name, _)| *name != TRAP);
    form.push((TRAP, "https://example.org"));
    let (status, html) = send(&service, &seller.key, &form).await;
    assert_eq!(status, 422);
    assert!(!html.contains("Your customer number") && html.contains("hidden field"), "{html}");
    for kept in ["value=\"zoe@example.org\"", "value=\"李小龙\"", "value=\"poster\"", "checked"] {
        assert!(html.contains(kept), "{kept} is lost");
    }
    let signups = service.recorded().await;
    let refused = &signups.refused[..];
    assert_eq!((signups.placed.len(), refused.len()), (0, 1));
    assert_eq!((refused[0].reason, refused[0].stage), (RefusalReason::Honeypot, RefusalStage::Signup));
    assert_eq!(refused[0].agent_id, Some(seller.agent));

    // The returned page has no honeypot, so the same program can send it now.
    assert!(!html.contains(TRAP));
    let (_, behind) = html.split_once("name=\"idempotency_key\" value=\"").unwrap();
    form.retain(|(name, _)| *name != TRAP && *name != "idempotency_key");
    form.push(("idempotency_key", behind.split('"').next().unwrap()));
    let (status, html) = send(&service, &seller.key, &form).await;
    assert_eq!(status, 200, "{html}");
    assert_eq!(service.signups().await.placed.len(), 1);
}

async fn no_password_manager_fills_the_trap(service: Service) {
    let seller = service.seller(None).await;
    let html = service.get(&format!("/signup/{}", seller.key)).await.text().await.unwrap();
    let trap = html.split("<input").find(|input| input.contains(TRAP)).unwrap();
    for attribute in
        ["autocomplete=\"off\"", "data-1p-ignore", "data-bwignore", "data-lpignore=\"true\"", "tabindex=\"-1\""]
    {
        assert!(trap.contains(attribute), "{attribute}");
    }
    assert!(!html.contains("name=\"website\""));
    let (status, _) = send(
        &service,
        &seller.key,
        &[&fields("x", "zoe@example.org")[..], &[("website", "https://example.org")]].concat(),
    )
    .await;
    assert_eq!(status, 200);
}

async fn bytes_that_are_no_text_are_refused(service: Service) {
    let seller = service.seller(None).await;
    let body = "email=a%40example.org&first_name=%FF%FE&last_name=B&consent=yes&terms_version=2026-01";
    let (status, html) = raw(&service, &seller.key, body.to_owned()).await;
    assert_eq!(status, 422);
    assert!(html.contains("first_name-fault"));
}

async fn a_form_that_was_refused_can_be_sent_again_later(service: Service) {
    let seller = service.seller(None).await;
    let form = fields("once", "zoe@example.org");
    for _ in 0..2 {
        service
            .agents
            .append(key_event(
                &seller,
                SignupKeyPaused { key: seller.key.clone(), agent_id: seller.agent, reason: Note::Absent },
            ))
            .await;
        service.refused_as(&seller.key, "paused").await;
        assert_eq!(send(&service, &seller.key, &form).await.0, 410);
        let resumed = SignupKeyResumed { key: seller.key.clone(), agent_id: seller.agent, reason: Note::Absent };
        service.agents.append(key_event(&seller, resumed)).await;
        service.usable(&seller.key).await;
    }
    let (status, page) = send(&service, &seller.key, &form).await;
    assert_eq!(status, 200, "{page}");
    let (_, again) = send(&service, &seller.key, &form).await;
    assert_eq!(page, again, "another customer");
}

async fn price_and_description_of_the_plan_are_on_the_page_and_the_confirmation(service: Service) {
    let seller = service.seller(None).await;
    let page = service.get(&format!("/signup/{}", seller.key)).await.text().await.unwrap();
    let (_, refused) = send(&service, &seller.key, &[]).await;
    let (_, confirmation) = send(&service, &seller.key, &fields("once", "zoe@example.org")).await;
    for html in [&page, &refused, &confirmation] {
        assert!(html.contains("Calls to Union City.") && html.contains("<bdi>1 EUR</bdi>"), "{html}");
    }
    let changed = CallPlanChanged {
        call_plan_id: seller.plan,
        name: "Union City".to_owned(),
        description: "Calls & more".to_owned(),
        price_text: "2 EUR".to_owned(),
        commission: None,
    };
    service.agents.append(plan_event(&seller, changed)).await;
    until(async || {
        let page = service.get(&format!("/signup/{}", seller.key)).await.text().await.unwrap();
        page.contains("Calls &#38; more") && page.contains("2 EUR") && !page.contains("1 EUR")
    })
    .await;
}

async fn a_campaign_is_kept_as_far_as_it_fits_also_after_a_refused_form(service: Service) {
    let seller = service.seller(None).await;
    let query = format!("utm_source=poster&utm_source=radio&utm_term={}&utm_medium=caf%E9", "x".repeat(300));
    let html = service.get(&format!("/signup/{}?{query}", seller.key)).await.text().await.unwrap();
    let expected =
        [("utm_source", "poster".to_owned()), ("utm_term", "x".repeat(200)), ("utm_medium", "caf\u{fffd}".to_owned())];
    let holds =
        |html: &str| expected.iter().all(|(name, value)| html.contains(&format!("name=\"{name}\" value=\"{value}\"")));
    assert!(holds(&html), "{html}");
    let once = new_id().to_string();
    let campaign: Vec<_> = expected.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let (status, refused) = send(&service, &seller.key, &[&campaign[..], &fields(&once, "nobody")].concat()).await;
    assert!(status == 422 && holds(&refused), "{refused}");
    let (status, html) =
        send(&service, &seller.key, &[&campaign[..], &fields(&once, "zoe@example.org")].concat()).await;
    assert_eq!(status, 200, "{html}");
    let kept = &service.signups().await.placed[0].campaign;
    assert_eq!((kept.utm_source.as_deref(), kept.utm_medium.as_deref()), (Some("poster"), Some("caf\u{fffd}")));
}

async fn the_end_of_a_link_that_was_copied_badly_leads_to_the_page(service: Service) {
    let seller = service.seller(None).await;
    let key = &seller.key;
    for path in [
        "KEY/",
        "KEY.",
        "KEY)",
        "KEY)).",
        "KEY%3E",
        "KEY]",
        "KEY%22",
        "KEY'",
        "KEY,",
        "KEY;",
        "KEY:",
        "KEY%20",
        "KEY?",
        "%3CKEY%3E",
        "KEY&fbclid=1",
        "KEY&=",
        "/KEY",
        "KEY/?lang=en",
    ] {
        let path = path.replace("KEY", key);
        let page = service.get(&format!("/signup/{path}")).await;
        assert_eq!(page.status(), 200, "{path}");
    }
    assert_eq!(service.get(&format!("//signup/{key}")).await.status(), 200);
    assert_eq!(service.get(&format!("/SIGNUP/{key}")).await.status(), 200);
    for glued in ["%3Futm_source=poster", "&utm_source=poster", "/?utm_source=poster", ".?utm_source=poster"] {
        let page = service.get(&format!("/signup/{key}{glued}")).await.text().await.unwrap();
        assert!(page.contains("name=\"utm_source\" value=\"poster\""), "{glued}");
    }
    let views: u64 = service.recorded().await.viewed.iter().map(|viewed| viewed.views).sum();
    assert_eq!(views, 24);
}

async fn a_browser_gets_a_page_whatever_is_wrong_with_the_address(service: Service) {
    let seller = service.seller(None).await;
    let page = format!("/signup/{}", seller.key);
    for (method, path, status) in [("GET", "/nowhere", 404), ("PUT", page.as_str(), 405), ("GET", "/signup/a/b", 404)] {
        let browser =
            service.request(method, path).header("Accept", "text/html,*/*;q=0.8").header("Accept-Language", "de");
        let answer = browser.send().await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
        assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8", "{path}");
        assert!(answer.text().await.unwrap().contains("<html lang=\"de\""), "{path}");
        let program = service.request(method, path).send().await.unwrap();
        assert_eq!(
            (program.status().as_u16(), &program.headers()["content-type"] == "application/problem+json"),
            (status, true)
        );
    }
}

/// Chooses Arabic above the form; returns the page.
async fn in_arabic(service: &Service, key: &str, fields: &[(&str, &str)], button: &str) -> (u16, String) {
    let body = encoded(&[fields, &[("switch_language", button)]].concat());
    raw(service, &format!("{key}?lang=ar&utm_source=poster"), body).await
}

async fn another_language_keeps_what_was_typed(service: Service) {
    let seller = service.seller(None).await;
    let once = new_id().to_string();
    let typed = [&fields(&once, "zoe@exa")[..], &[("country", "AT"), ("city", "Wien")]].concat();
    let (status, html) = in_arabic(&service, &seller.key, &typed, "plain").await;
    assert_eq!(status, 200, "{html}");
    assert!(html.contains("dir=\"rtl\"") && html.contains("الاسم الأول"));
    for kept in [
        "value=\"李小龙\"",
        "value=\"zoe@exa\"",
        "value=\"Wien\"",
        "<option value=\"AT\" selected>النمسا</option>",
        "value=\"yes\" checked",
        "name=\"utm_source\" value=\"poster\"",
        TRAP,
        once.as_str(),
    ] {
        assert!(html.contains(kept), "{kept} is lost: {html}");
    }
    // Nothing was checked, so nothing is wrong, and nothing was signed up or refused.
    assert!(!html.contains("aria-invalid") && !html.contains("id=\"notice\""));
    let recorded = service.recorded().await;
    assert!(recorded.placed.is_empty() && recorded.refused.is_empty() && recorded.viewed.is_empty());
    let (status, _) = send(&service, &seller.key, &fields(&once, "zoe@example.org")).await;
    assert_eq!((status, service.signups().await.placed.len()), (200, 1));
}

async fn another_language_keeps_the_violations(service: Service) {
    let seller = service.seller(None).await;
    let faulty = fields("once", "nobody");
    let (_, refused) = send(&service, &seller.key, &faulty).await;
    let button = refused.split("name=\"switch_language\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(refused.contains(&format!("formaction=\"/signup/{}?lang=ar&#38;utm_source=poster\"", seller.key)));
    let (status, html) = in_arabic(&service, &seller.key, &faulty, button).await;
    assert_eq!(status, 200);
    assert!(html.contains("id=\"email-fault\">يرجى إدخال بريد إلكتروني صحيح") && html.contains("value=\"nobody\""));
    // Where nothing is wrong any more, nothing is said to be.
    let (status, html) = in_arabic(&service, &seller.key, &fields("once", "zoe@example.org"), button).await;
    assert!(status == 200 && !html.contains("id=\"notice\""));
    assert!(service.signups().await.placed.is_empty());
}
