//! The confirmation of a signup on a page, on whatever replica it is opened.

use harness::names::{Rng, person};
use harness::page::Form;
use harness::{ApiResponse, Context, Pair, Result, ensure};

const FOLDER: &str = "/signup/confirmation/";

harness::on_both_pairs!(every_replica_shows_the_confirmation);

async fn every_replica_shows_the_confirmation(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let key = operator.add_key(&operator.add_seller().await?).await?;
    let last = pair.replicas() - 1;
    for replica in [0, last] {
        pair.signup(replica).lookup_at(&key.id, key.position).await?.expect(200)?;
    }
    let page = pair.signup(0).page(&key.id).await?.expect(200)?;
    let mut form = Form::find(&page.text()).context("the page has a form")?;
    let visitor = person(&mut Rng::new(31), 1);
    form.fill("email", &visitor.email)?;
    form.fill("first_name", &visitor.first_name)?;
    form.tick_what_is_required();
    let send = async |replica: usize| pair.signup_api(replica).post(&form.action).form(&form.fields).send().await;
    let first = address(&send(0).await?)?;
    // As a visitor whose first answer was lost: another replica takes the form again.
    let second = address(&send(last).await?)?;
    ensure!(first != second, "the address of the first answer is kept somewhere");
    let mut pages = Vec::new();
    for replica in [0, last] {
        for path in [&first, &second] {
            let page = pair.signup_api(replica).get(path).send().await?.expect(200)?;
            ensure!(page.header("cache-control") == "no-store", "{page}: may be stored");
            pages.push(page.text());
        }
    }
    ensure!(pages.iter().all(|page| *page == pages[0]), "the pages differ");
    for path in [&first, &second] {
        let secret = path.trim_start_matches(FOLDER).split('?').next().unwrap_or_default();
        ensure!(!pair.lines().iter().any(|line| line.contains(secret)), "an address is in a log line");
    }
    Ok(())
}

fn address(answer: &ApiResponse) -> Result<String> {
    ensure!(answer.status == 303, "{answer}: no redirection");
    let address = answer.header("location").to_owned();
    ensure!(address.starts_with(FOLDER), "{address} is no confirmation");
    Ok(address)
}
