//! An unusable link: each reason has a page.

use harness::names::{Rng, person};
use harness::texts::signup::{NOTHING_HERE, UNUSABLE};
use harness::{Browser, Pair, Result, Value, json, seconds};

harness::on_screens!([phone, desktop](every_reason_has_a_page));

async fn every_reason_has_a_page(pair: &Pair, browser: &Browser) -> Result<()> {
    let mut last = String::new();
    for (reason, words) in UNUSABLE {
        let key = unusable(pair, reason).await?;
        if reason != "unknown" {
            pair.signup(0).refused_within(seconds(5), &key, reason).await?;
        }
        browser.open(&super::url_of(pair, &key)).await?;
        browser.see(words).await?;
        browser.review(reason).await?;
        last = key;
    }
    browser.open(&super::url_of(pair, &last).replace(&format!("signup/{last}"), "")).await?;
    browser.see(NOTHING_HERE).await?;
    browser.review("nothing-here").await
}

/// A key that is refused for this reason.
async fn unusable(pair: &Pair, reason: &str) -> Result<String> {
    let operator = pair.agents(0);
    let seller = operator.add_seller().await?;
    let changes = match reason {
        "unknown" => return Ok("2222222222".to_owned()),
        "not_started" => json!({"starts_at": "2998-01-01T00:00:00Z"}),
        "ended" => json!({"starts_at": "2001-01-01T00:00:00Z", "ends_at": "2002-01-01T00:00:00Z"}),
        "exhausted" => json!({"cap": 1}),
        _ => json!({}),
    };
    let key = operator.add_key_with(&seller, changes).await?;
    match reason {
        "revoked" => drop(operator.turn_key(&key.id, "revoke").await?),
        "paused" => drop(operator.turn_key(&key.id, "pause").await?),
        "agent_suspended" => drop(operator.turn_agent(&seller.agent, "suspend").await?),
        "agent_closed" => drop(operator.turn_agent(&seller.agent, "close").await?),
        "grant_withdrawn" => drop(operator.withdraw(&seller.agent, &seller.plan).await?),
        "plan_retired" => drop(operator.api.post(&format!("/call-plans/{}/retire", seller.plan)).expect(200).await?),
        "group_not_agents" => {
            let other = operator.add_agent().await?.id;
            let group = operator.api.patch(&format!("/groups/{}", seller.group));
            drop::<Value>(group.json(&json!({"agent_id": other})).expect(200).await?);
        }
        "exhausted" => {
            let visitor = pair.signup(0);
            visitor.lookup_at(&key.id, key.position).await?.expect(200)?;
            visitor.sign_up(&key.id, &person(&mut Rng::new(2), 1)).await?.expect(201)?;
        }
        _ => {}
    }
    Ok(key.id)
}
