//! An agent copies texts with their own URL, in the languages of the signup pages.

use harness::operator::PASSWORD;
use harness::{Browser, Pair, Result, json};

use super::{annas_key, check_page, go_to, office_url, sign_in};

harness::on_screens!(an_agent_finds_texts_to_copy);

async fn an_agent_finds_texts_to_copy(pair: &Pair, browser: &Browser) -> Result<()> {
    let key = annas_key(pair).await?;
    let logo = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==";
    let look =
        json!({"branding": {"name": "Harbour Telecom", "logo": logo}, "frame_origins": ["https://anna.example"]});
    pair.agents(0).change_settings(&look).await?;
    browser.open(&office_url(pair, "/portal")).await?;
    sign_in(browser, "anna-agent", PASSWORD).await?;
    browser.see("Your signup URL").await?;
    go_to(browser, "Material", "Texts to copy").await?;
    for words in [&format!("/signup/{key}?lang=de"), "Hier bei", "https://anna.example", "Harbour Telecom"] {
        browser.see(words).await?;
    }
    check_page(browser, "1-material").await?;
    if browser.options().script {
        browser.click("Copy text 1 in Deutsch").await?;
        browser.see("Copied").await?;
    }
    Ok(())
}
