//! How many clicks the work of every day takes, each counted in a real browser: clicks on links and buttons, and boxes that are checked.

use std::cell::Cell;

use harness::operator::{PASSWORD, agent_body};
use harness::texts::keys::LABEL;
use harness::texts::office::{CHANGED, CONFIRM, FIND, FIND_ANYTHING};
use harness::{Browser, Pair, Result, Seller, ensure, json, seconds};

use super::{annas_key, check_page, office_url, operator_at_work, sign_in};

harness::on_screens!([desktop](the_work_of_every_day_takes_few_clicks, an_agent_has_their_link_with_one_click));

const PHONE: &str = "+34 910 555 0177";
const URLS: usize = 50;
const AGENTS: usize = 30;

/// A person at a browser, whose clicks are counted.
struct Hand<'a> {
    browser: &'a Browser,
    clicks: Cell<usize>,
}

impl Hand<'_> {
    async fn click(&self, name: &str) -> Result<()> {
        self.clicks.set(self.clicks.get() + 1);
        self.browser.click(name).await
    }

    async fn check(&self, name: &str) -> Result<()> {
        self.clicks.set(self.clicks.get() + 1);
        self.browser.check(name).await
    }

    /// The clicks since the last task; at most so many.
    fn done(&self, task: &str, most: usize) -> Result<()> {
        let clicks = self.clicks.take();
        eprintln!("  {task}: {clicks} clicks of {most}");
        ensure!(clicks <= most, "{task} took {clicks} clicks, and may take {most}");
        Ok(())
    }
}

async fn the_work_of_every_day_takes_few_clicks(pair: &Pair, browser: &Browser) -> Result<()> {
    let operator = pair.agents(0);
    let key = annas_key(pair).await?;
    let mut zoe = agent_body("zoe.shop");
    (zoe["name"], zoe["contact"]) = ("Zoe's Phones".into(), json!({ "phone": PHONE }));
    let agent = operator.add_agent_with(zoe).await?.id;
    let plan = operator.add_plan("Europe 100").await?.id;
    operator.grant(&agent, &plan).await?;
    let group = operator.add_group("Mobile", &agent).await?.id;
    let seller = Seller { agent, plan, group };
    for number in 0..URLS {
        operator.add_key_with(&seller, json!({ "label": format!("Leaflet {number}") })).await?;
    }
    operator_at_work(pair, browser).await?;
    let hand = Hand { browser, clicks: Cell::default() };

    browser.fill(FIND_ANYTHING, "0177").await?;
    hand.click(FIND).await?;
    browser.see("Zoe's Phones").await?;
    browser.see(PHONE).await?;
    hand.done("find an agent by the phone", 2)?;

    browser.open(&office_url(pair, "/")).await?;
    browser.fill(FIND_ANYTHING, "zoe.shop").await?;
    hand.click(FIND).await?;
    hand.click("Last month by group").await?;
    browser.comes_to("period=last_month").await?;
    check_page(browser, "1-last-month-by-group").await?;
    hand.done("see what an agent sold last month, by group", 3)?;

    browser.open(&office_url(pair, &format!("/agents/{}", seller.agent))).await?;
    hand.click("All signup URLs").await?;
    browser.see("1 to 50 of 50").await?;
    check_page(browser, "2-signup-urls").await?;
    hand.check("All that match, on every page").await?;
    hand.click("Revoke").await?;
    browser.see("50 signup URLs stop for good").await?;
    hand.click("Revoke").await?;
    browser.see("revoked").await?;
    hand.done("revoke fifty signup URLs", 5)?;

    thirty_agents_are_added(pair, &hand).await?;
    let found = operator.api.get("/agents?search=shop&limit=200").send().await?.expect(200)?.json()?;
    let added = found["items"].as_array().map_or(0, Vec::len);
    ensure!(added == AGENTS + 1, "{added} shops are there");

    browser.open(&office_url(pair, "/")).await?;
    browser.fill(FIND_ANYTHING, "shop window").await?;
    hand.click(FIND).await?;
    browser.comes_to(&format!("/signup-keys/{key}")).await?;
    hand.click("Edit").await?;
    browser.fill(LABEL, "Harbour leaflet").await?;
    hand.click(CONFIRM).await?;
    browser.see(CHANGED).await?;
    hand.done("change a label", 3)?;
    pair.signup(0).usable_within(seconds(5), &key).await?;

    browser.open(&office_url(pair, "/agents?sort=-login")).await?;
    browser.see("1 to ").await?;
    check_page(browser, "6-agents").await?;
    hand.clicks.set(1);
    ensure!(browser.download("CSV of this list").await?.contains("zoe.shop"), "the file lacks an agent");
    hand.done("export a list", 1)
}

async fn thirty_agents_are_added(pair: &Pair, hand: &Hand<'_>) -> Result<()> {
    let browser = hand.browser;
    browser.open(&office_url(pair, "/agents")).await?;
    hand.click("Import agents").await?;
    check_page(browser, "3-import").await?;
    let rows = (0..AGENTS).map(|number| {
        format!("shop.{number:02};Shop {number};sales|customers;50;EUR;Europe 100;+34 910 555 02{number:02}\n")
    });
    let head = "login;name;permissions;threshold;threshold_currency;call_plans;phone\n";
    let table: String = std::iter::once(head.to_owned()).chain(rows).chain(["x;Wrong;;;;;\n".to_owned()]).collect();
    browser.attach("File", "agents.csv", table.as_bytes()).await?;
    hand.click("Check the rows").await?;
    browser.see("30 agents are added, in one go.").await?;
    browser.see("must have 4 or more characters").await?;
    check_page(browser, "4-what-is-imported").await?;
    hand.click("Add the agents").await?;
    browser.see("First passwords").await?;
    check_page(browser, "5-imported").await?;
    hand.done("add thirty agents", 6)
}

async fn an_agent_has_their_link_with_one_click(pair: &Pair, browser: &Browser) -> Result<()> {
    annas_key(pair).await?;
    browser.open(&office_url(pair, "/portal")).await?;
    sign_in(browser, "anna-agent", PASSWORD).await?;
    browser.see("Your signup URL").await?;
    let hand = Hand { browser, clicks: Cell::default() };
    hand.click("Copy the URL").await?;
    browser.see("Copied").await?;
    hand.done("copy a link in the portal", 1)
}
