//! `signpost verify --feed`: the proof for outsiders, who have a token and no database.

use harness::scratch::Scratch;
use harness::{Context, Pair, Result, ensure, json};

harness::on_both_pairs!(an_outsider_verifies_both_logs_by_their_feeds);

async fn an_outsider_verifies_both_logs_by_their_feeds(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let key = operator.add_key(&operator.add_seller().await?).await?;
    pair.signup(0).lookup_at(&key.id, key.position).await?.expect(200)?;
    pair.signup(0).sign_up(&key.id, &harness::names::person(&mut harness::names::Rng::new(1), 1)).await?.expect(201)?;
    let body = json!({"name": "auditor", "scopes": ["events:read"]});
    let issued = operator.api.post("/api-tokens").json(&body).send().await?.expect(201)?.json()?;
    let folder = Scratch::new("auditor")?;
    let [right, wrong] = ["right", "wrong"].map(|name| folder.path().join(name));
    std::fs::write(&right, issued["token"].as_str().context("a token is shown once")?)?;
    std::fs::write(&wrong, "not-a-token-of-this-company")?;
    for (api, service) in [(pair.agents_api(0), "agents"), (pair.signup_api(0), "signups")] {
        let verify = |file: &std::path::Path| {
            pair.command(&["verify", "--feed", api.base(), "--token-file", &file.display().to_string()])
        };
        harness::eventually(harness::seconds(10), async || {
            let (status, output) = verify(&right)?;
            ensure!(status == 0, "{status}: {output}");
            ensure!(output.contains(&format!("feed {service}: ")) && output.contains("dense and chained"), "{output}");
            ensure!(output.contains("verified: nothing is lost"), "{output}");
            Ok(())
        })
        .await?;
        let (status, output) = verify(&wrong)?;
        ensure!(status != 0 && !output.contains("verified"), "{status}: {output}");
    }
    Ok(())
}
