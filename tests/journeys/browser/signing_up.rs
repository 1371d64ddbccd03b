//! A visitor follows a link, makes mistakes, corrects them and becomes a customer.

use harness::names::{Rng, company, person};
use harness::operator::with;
use harness::texts::signup::{
    CONFIRMATION_GONE, CONSENT, COPIED, COPY_NUMBER, COUNTRY, CURRENCY, DONE, EMAIL, FIRST_NAME, LANGUAGE, LOOK_AGAIN,
    MORE, NEXT, PRINT, SEND, TIME_ZONE,
};
use harness::{Browser, Pair, Result, Seller, ensure, json};

harness::on_screens!(a_visitor_signs_up_through_a_link, a_form_that_asks_for_everything_stays_readable);

mod from_canada {
    use super::a_country_is_chosen_from_a_list;

    harness::on_screens!([phone, without_script] in "en-CA" (a_country_is_chosen_from_a_list));
}

async fn a_visitor_signs_up_through_a_link(pair: &Pair, browser: &Browser) -> Result<()> {
    let visitor = person(&mut Rng::new(1), 1);
    browser.open(&super::signup_url(pair).await?).await?;
    browser.see("World 300").await?;
    browser.review("1-form").await?;

    browser.fill(FIRST_NAME, &visitor.first_name).await?;
    browser.fill(EMAIL, "nobody").await?;
    browser.click(SEND).await?;
    browser.see(LOOK_AGAIN).await?;
    for field in [EMAIL, CONSENT] {
        ensure!(!browser.fault(field).await?.is_empty(), "no violation is shown beside {field}");
    }
    ensure!(browser.fault(FIRST_NAME).await?.is_empty(), "a name is found wrong");
    ensure!(browser.value(FIRST_NAME).await? == visitor.first_name, "the first name must be typed again");
    ensure!(browser.value(EMAIL).await? == "nobody", "the address is gone, and nobody can correct it");
    browser.review("2-faults").await?;

    super::fill_in(browser, &visitor).await?;
    browser.click(SEND).await?;
    browser.see(DONE).await?;
    super::see_number(browser, &super::only_placement(pair).await?).await?;
    browser.review("3-confirmation").await?;
    the_confirmation_stays(pair, browser).await
}

/// The confirmation has an address of its own: it is reloaded, copied, printed, and opened again later.
async fn the_confirmation_stays(pair: &Pair, browser: &Browser) -> Result<()> {
    let placement = super::only_placement(pair).await?;
    browser.comes_to("/signup/confirmation/").await?;
    let path = browser.path().await?;
    browser.reload().await?;
    super::see_number(browser, &placement).await?;
    browser.see(NEXT).await?;
    if browser.options().script {
        browser.see(PRINT).await?;
        browser.click(COPY_NUMBER).await?;
        browser.see(COPIED).await?;
    } else {
        // Buttons that would do nothing are not shown.
        browser.see_no(COPY_NUMBER).await?;
        browser.see_no(PRINT).await?;
    }
    browser.printed("4-printed").await?;
    browser.go_back().await?;
    browser.see(SEND).await?;
    let base = pair.signup_api(0).base().to_owned();
    browser.open(&format!("{base}{path}")).await?;
    super::see_number(browser, &placement).await?;
    browser.open(&format!("{base}/signup/confirmation/{}", "0".repeat(32))).await?;
    browser.see(CONFIRMATION_GONE).await?;
    browser.review("5-no-confirmation").await
}

/// The fields with a list: what the browser suggests is chosen once the visitor sees it.
async fn a_country_is_chosen_from_a_list(pair: &Pair, browser: &Browser) -> Result<()> {
    browser.open(&super::signup_url(pair).await?).await?;
    browser.click(MORE).await?;
    browser.see("Your preferences").await?;
    let script = browser.options().script;
    for (field, suggested) in [(COUNTRY, "CA"), (LANGUAGE, "en"), (CURRENCY, "CAD")] {
        ensure!(browser.value(field).await? == if script { suggested } else { "" }, "{field} is not as expected");
    }
    ensure!(browser.value(TIME_ZONE).await?.is_empty() != script, "the browser's time zone is not suggested");
    browser.review("1-lists").await?;
    super::fill_in(browser, &person(&mut Rng::new(2), 1)).await?;
    for (field, name) in [(COUNTRY, "Côte d’Ivoire"), (TIME_ZONE, "Abidjan"), (CURRENCY, "Euro (EUR)")] {
        browser.choose(field, name).await?;
    }
    browser.click(SEND).await?;
    browser.see(DONE).await?;
    let placement = super::only_placement(pair).await?;
    ensure!(placement["country"] == "CI" && placement["currency"] == "EUR", "another was chosen: {placement}");
    Ok(())
}

/// Every field, long names in several scripts, long terms, all elements of a group.
async fn a_form_that_asks_for_everything_stays_readable(pair: &Pair, browser: &Browser) -> Result<()> {
    let operator = pair.agents(0);
    let fields = ["phone", "company", "address", "city", "state", "country", "postal_code", "language"];
    let more = ["time_zone", "currency", "vat_number"];
    let rules: harness::Value =
        fields.iter().chain(&more).map(|field| ((*field).to_owned(), json!("required"))).collect();
    let terms = "Whoever signs up agrees to all of this, and to what follows from it. ".repeat(40);
    let settings = json!({"signup_fields": rules, "terms": {"version": "2026-11", "text": terms}});
    operator.change_settings(&settings).await?;

    let name = format!("{} السلام الطويل", company(&mut Rng::new(7), 1).repeat(2));
    let agent = operator.add_agent_with(json!({"name": name})).await?.id;
    let plan = operator.add_plan("Donaudampfschifffahrtselektrizitätenhauptbetriebswerk 小龙 World 3000").await?.id;
    operator.grant(&agent, &plan).await?;
    let elements =
        ["password", "sip_iax", "call_history", "payment_history", "voucher", "invoices", "did", "speed_dial"];
    let group = json!({"name": "Everything", "agent_id": agent, "ui_elements": elements});
    let group = operator.add_group_with(&with(group, json!({}))).await?.id;
    let key = operator.add_key(&Seller { agent, plan, group }).await?;
    pair.signup(0).lookup_at(&key.id, key.position).await?.expect(200)?;

    browser.open(&super::url_of(pair, &key.id)).await?;
    browser.see("VAT number").await?;
    browser.review("1-form").await?;
    browser.click(SEND).await?;
    browser.see(LOOK_AGAIN).await?;
    browser.review("2-faults").await
}
