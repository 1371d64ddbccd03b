//! Personal data is in one place, can be erased there, and is found nowhere else.

use harness::names::{Person, Rng, person};
use harness::operator::with;
use harness::{Context, Journal, Pair, Result, check, checker::Logs, ensure, json, personal};

harness::on_both_pairs!(
    personal_data_is_found_in_one_place_only,
    an_erased_customer_stays_in_the_figures,
    a_stranger_does_not_learn_who_is_a_customer,
    a_known_address_takes_the_steps_of_a_new_one,
);

async fn personal_data_is_found_in_one_place_only(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let mut rng = Rng::new(12);
    let reseller = person(&mut rng, 1);
    let contact = json!({
        "email": reseller.email, "phone": reseller.phone, "address": reseller.address, "last_name": "Personalname-Agent",
    });
    let account = json!({"holder": "Personal Holder 77", "iban": "DE02120300000000202051"});
    let changes = json!({
        "login": "personal-login-77", "contact": contact, "bank_details": "IBAN PERSONAL 4711", "bank_account": account,
    });
    let agent = operator.add_agent_with(changes).await?;
    let version = format!("\"{}\"", agent.body["version"]);
    let body = json!({"password": "a personal password 77", "contact": {"company": "Personal Company 77"}});
    operator.api.patch(&format!("/agents/{}", agent.id)).header("If-Match", &version).json(&body).expect(200).await?;
    let seller = operator.add_seller().await?;
    let key = operator.add_key(&seller).await?;
    pair.signup(0).lookup_at(&key.id, key.position).await?.expect(200)?;

    let mut texts = personal::traces_of(&reseller);
    let words = [
        "personal-login-77",
        "IBAN PERSONAL 4711",
        "Personal Holder 77",
        "DE02120300000000202051",
        "a personal password 77",
        "Personal Company 77",
        "Personalname-Agent",
        "Personalname-Customer",
        "Personal Employer 78",
    ];
    texts.extend(words.map(str::to_owned));
    for number in 0..6 {
        let visitor = pair.signup(number);
        let who = person(&mut rng, 10 + number);
        texts.extend(personal::traces_of(&who));
        let body = with(
            visitor.body(&key.id, &who),
            json!({
                "last_name": "Personalname-Customer", "phone": who.phone, "address": who.address, "company": "Personal Employer 78",
            }),
        );
        visitor.api.post("/api/v1/signups").json(&body).expect(201).await?;
        visitor.sign_up_on_page(&key.id, &person(&mut rng, 100 + number)).await?.expect(200)?;
    }
    check(&pair, &Journal::default(), &texts).await.map(drop)
}

async fn an_erased_customer_stays_in_the_figures(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let seller = operator.add_seller().await?;
    let key = operator.add_key(&seller).await?;
    let visitor = pair.signup(0);
    visitor.lookup_at(&key.id, key.position).await?.expect(200)?;
    let who = person(&mut Rng::new(13), 1);
    let placed = visitor.sign_up(&key.id, &who).await?.expect(201)?.json()?;
    let path = format!("/api/v1/customers/{}", placed["customer_id"].as_str().unwrap_or_default());

    visitor.api.get(&path).refused(401, "unauthenticated").await?;
    visitor.api.delete(&path).refused(401, "unauthenticated").await?;
    let api = pair.signup_api(pair.replicas() - 1);
    ensure!(api.get(&path).expect(200).await?["email"] == who.email, "the customer is not there");
    let erased = api.delete(&path).expect(200).await?;
    ensure!(erased["erased"] == true && erased["customer_id"] == placed["customer_id"], "{erased}");
    for replica in 0..pair.replicas() {
        let left = pair.signup_api(replica).get(&path).send().await?.expect(200)?;
        let body = left.json()?;
        ensure!(body["customer_number"] == placed["customer_number"], "{left}");
        ensure!(body["placement"]["agent_id"] == seller.agent && body["erased_at"].is_string(), "{left}");
        for text in personal::traces_of(&who).iter().chain([&who.last_name]) {
            ensure!(!left.text().contains(text.as_str()), "{text} was not erased: {left}");
        }
    }
    let logs = check(&pair, &Journal::default(), &personal::traces_of(&who)).await?;
    ensure!(logs.signups.named("customer_erased").count() == 1, "the erasure is not in the log");
    Ok(())
}

async fn a_stranger_does_not_learn_who_is_a_customer(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let seller = operator.add_seller().await?;
    let key = operator.add_key(&seller).await?;
    let visitor = pair.signup(0);
    visitor.lookup_at(&key.id, key.position).await?.expect(200)?;
    let mut who = person(&mut Rng::new(14), 1);
    let first = visitor.sign_up(&key.id, &who).await?.expect(201)?;
    who.email = who.email.to_uppercase();
    let second = pair.signup(pair.replicas() - 1).sign_up(&key.id, &who).await?.expect(201)?;
    let (first, second) = (first.json()?, second.json()?);
    let members = |body: &harness::Value| body.as_object().map(|body| body.keys().cloned().collect::<Vec<_>>());
    ensure!(members(&first) == members(&second), "the answers differ in shape: {first} and {second}");
    ensure!(first["customer_id"] != second["customer_id"], "the first customer is shown to a stranger");

    let logs = Logs::read(&pair).await?;
    ensure!(logs.signups.named("customer_placed").count() == 1, "one address was placed twice");
    let refusals: Vec<_> =
        logs.signups.named("signup_refused").map(harness::events::Event::data).collect::<Result<_>>()?;
    ensure!(refusals.len() == 1 && refusals[0]["reason"] == "email_known", "{refusals:?}");
    let known = second["customer_id"].as_str().unwrap_or_default();
    pair.signup_api(0).get(&format!("/api/v1/customers/{known}")).refused(404, "not-found").await?;
    Ok(())
}

async fn a_known_address_takes_the_steps_of_a_new_one(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let seller = operator.add_seller().await?;
    let key = operator.add_key(&seller).await?;
    let visitor = pair.signup(0);
    visitor.lookup_at(&key.id, key.position).await?.expect(200)?;
    let mut rng = Rng::new(15);
    let known = person(&mut rng, 0);
    visitor.sign_up(&key.id, &known).await?.expect(201)?;
    // After a wrong guess the writer decides by reads for a while.
    for number in 1..20 {
        visitor.sign_up(&key.id, &person(&mut rng, number)).await?.expect(201)?;
    }
    let before = wrong_guesses(&pair).await?;
    for number in 20..40 {
        // Each is a request of its own: an equal one would be a repetition, and every repetition is a wrong guess.
        let again = Person { first_name: format!("Another {number}"), ..known.clone() };
        visitor.sign_up(&key.id, &again).await?.expect(201)?;
        visitor.sign_up(&key.id, &person(&mut rng, number)).await?.expect(201)?;
    }
    let after = wrong_guesses(&pair).await?;
    ensure!(after == before, "{} guesses were wrong", after - before);
    Ok(())
}

/// The number of wrong guesses at the replica that is called first.
async fn wrong_guesses(pair: &Pair) -> Result<u64> {
    let admin =
        pair.signup_process(0).ready().await?.remove("admin").context("it does not say where its admin port is")?;
    let metrics = reqwest::get(format!("{admin}/metrics")).await?.text().await?;
    let line = metrics.lines().find_map(|line| line.strip_prefix("signpost_log_wrong_guesses_total "));
    Ok(line.map_or(Ok(0), str::parse)?)
}
