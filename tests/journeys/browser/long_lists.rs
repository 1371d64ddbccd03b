//! Lists that are longer than a page, with names that are long, in other scripts, or hostile.

use harness::names::{Rng, company};
use harness::texts::agents::SEARCH as WHOM;
use harness::texts::office::{NEXT_PAGE, SEARCH};
use harness::{Browser, Pair, Result, Seller, json};

use super::{check_page, go_to, operator_at_work};

harness::on_screens!([phone, desktop](long_lists_and_hostile_names_stay_readable));

/// More than a page holds.
const AGENTS: usize = 62;
const SCRIPT: &str = "<script>alert('agent')</script>";
const HOSTILE: [&str; 8] = [
    SCRIPT,
    "\"><img src=x onerror=alert(1)>",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "شركة الاتصالات الدولية المحدودة للمكالمات الطويلة",
    "חברת השיחות הבינלאומיות של כהן ובניו בע״מ",
    "ทดสอบชื่อบริษัทที่ยาวมากโดยไม่มีช่องว่างเลยแม้แต่น้อย",
    "'; DROP TABLE agents; -- &amp; <b>bold</b>",
    "高橋国際電話株式会社東京都千代田区丸の内一丁目支店",
];

async fn long_lists_and_hostile_names_stay_readable(pair: &Pair, browser: &Browser) -> Result<()> {
    let key = fill(pair).await?;
    operator_at_work(pair, browser).await?;
    go_to(browser, "Agents", SCRIPT).await?;
    check_page(browser, "1-agents").await?;
    browser.click(NEXT_PAGE).await?;
    browser.comes_to("after=").await?;
    browser.fill(WHOM, "<script>").await?;
    browser.click(SEARCH).await?;
    browser.comes_to("search=").await?;
    browser.click(SCRIPT).await?;
    browser.see("Call plans usable").await?;
    check_page(browser, "2-agent").await?;
    browser.click("Add call plans").await?;
    browser.see("entitled to sell").await?;
    check_page(browser, "3-plans-to-add").await?;
    let lists = [
        ("Call plans", "Donaudampf", "4-plans"),
        ("Groups", "Donaudampf", "5-groups"),
        ("Activity", "group created", "6-activity"),
        ("Signup URLs", &key, "7-signup-urls"),
    ];
    for (entry, text, name) in lists {
        go_to(browser, entry, text).await?;
        check_page(browser, name).await?;
    }
    browser.click_in(&key, "http").await?;
    browser.see("Details").await?;
    check_page(browser, "8-signup-url").await?;
    go_to(browser, "Signup URLs", &key).await?;
    browser.click("Add URL key").await?;
    browser.see("Agent who wants").await?;
    check_page(browser, "9-many-agents-to-choose-from").await
}

/// Many agents, some with long values in all fields.
async fn fill(pair: &Pair) -> Result<String> {
    let operator = pair.agents(0);
    let mut rng = Rng::new(21);
    for number in HOSTILE.len()..AGENTS {
        operator.add_agent_with(json!({"name": company(&mut rng, number)})).await?;
    }
    let screens = ["customers", "signup_urls", "groups", "sales", "commission", "remittance", "call_plans", "support"];
    let mut key = String::new();
    for name in HOSTILE {
        let contact = json!({"company": name, "address": name.repeat(2), "city": name});
        let agent = json!({"name": name, "permissions": screens, "contact": contact, "bank_details": name.repeat(4)});
        let agent = operator.add_agent_with(agent).await?.id;
        let plan = json!({"name": name, "description": name.repeat(3), "price_text": name});
        let plan = operator.add_plan_with(&plan).await?.id;
        operator.grant(&agent, &plan).await?;
        let group = json!({"name": name, "description": name.repeat(3), "agent_id": agent, "ui_elements": []});
        let group = operator.add_group_with(&group).await?.id;
        let seller = Seller { agent, plan, group };
        key = operator.add_key_with(&seller, json!({"label": name, "note": name.repeat(3)})).await?.id;
    }
    Ok(key)
}
