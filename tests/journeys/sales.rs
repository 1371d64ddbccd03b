//! Sales: exact on every replica, and after a restart.

use harness::names::{Rng, person};
use harness::{Pair, Result, Seller, Value, checker, ensure, eventually, json, seconds};

harness::on_both_pairs!(views_and_signups_are_seen_as_they_were);

/// Customers who sign up by JSON, and on the page.
const BY_JSON: usize = 3;
const ON_PAGE: usize = 2;

async fn views_and_signups_are_seen_as_they_were(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let (seller, other) = (operator.add_seller().await?, operator.add_seller().await?);
    let (key, others_key) = (operator.add_key(&seller).await?, operator.add_key(&other).await?);
    for replica in 0..pair.replicas() {
        pair.signup(replica).lookup_at(&others_key.id, others_key.position).await?.expect(200)?;
    }
    let mut numbers = Vec::new();
    for number in 0..BY_JSON {
        let placed = pair.signup(number).sign_up(&key.id, &person(&mut Rng::new(40), number)).await?.expect(201)?;
        numbers.insert(0, placed.json()?["customer_number"].clone());
    }
    pair.signup(0).sign_up(&others_key.id, &person(&mut Rng::new(41), 1)).await?.expect(201)?;
    for replica in 0..pair.replicas() {
        let seen = eventually(seconds(10), async || placements(&pair, replica, &seller, BY_JSON).await).await?;
        let seen: Vec<Value> = seen.iter().map(|placement| placement["customer_number"].clone()).collect();
        ensure!(seen == numbers, "placed {numbers:?}, seen {seen:?}");
    }
    for number in 0..ON_PAGE {
        let visitor = pair.signup(number);
        visitor.sign_up_on_page(&key.id, &person(&mut Rng::new(42), number)).await?.expect(200)?;
        visitor.page(&key.id).await?.expect(200)?;
    }
    operator.turn_key(&key.id, "revoke").await?;
    pair.signup(0).refused_within(seconds(5), &key.id, "revoked").await?;
    pair.signup(0).page(&key.id).await?.expect(410)?;

    // A clean shutdown records the counted views.
    pair.restart().await?;
    for replica in 0..pair.replicas() {
        let expected = json!({"views": 2 * ON_PAGE, "signups": BY_JSON + ON_PAGE, "page_signups": ON_PAGE, "automated": 0, "refusals": 1});
        eventually(seconds(20), async || {
            let path = format!("/sales?by=key&agent_id={}", seller.agent);
            let figures = pair.agents(replica).api.get(&path).expect(200).await?;
            ensure!(figures["total"] == expected, "expected {expected}, seen {figures}");
            let items = json!([{"id": key.id, "views": 2 * ON_PAGE, "signups": BY_JSON + ON_PAGE, "page_signups": ON_PAGE, "automated": 0}]);
            ensure!(figures["items"] == items, "another agent's figures, or others: {figures}");
            ensure!(figures["refusals"] == json!([{"reason": "revoked", "count": 1}]), "{figures}");
            Ok(())
        })
        .await?;
        placements(&pair, replica, &seller, BY_JSON + ON_PAGE).await?;
    }
    checker::verifies(&pair).await?;
    let (status, output) = pair.command(&["rebuild", "sales"])?;
    ensure!(status == 0 && output.contains("projection sales: rebuilt"), "rebuild ended with {status}:\n{output}");
    placements(&pair, 0, &seller, BY_JSON + ON_PAGE).await?;
    checker::verifies(&pair).await
}

/// The seller's placements at one replica, which must be so many.
async fn placements(pair: &Pair, replica: usize, seller: &Seller, count: usize) -> Result<Vec<Value>> {
    let listed = pair.agents(replica).list(&format!("/placements?agent_id={}", seller.agent)).await?;
    ensure!(listed.len() == count, "{count} were placed, {} are listed: {listed:?}", listed.len());
    ensure!(listed.iter().all(|placement| placement["agent_id"] == *seller.agent), "others' placements: {listed:?}");
    Ok(listed)
}
