//! `signpost operators`: access for an administrator who cannot sign in, beside the running service.

use harness::{Journal, Pair, Result, check, ensure};
use reqwest::redirect::Policy;

harness::on_both_pairs!(a_locked_out_operator_gets_another_password);

async fn a_locked_out_operator_gets_another_password(pair: Pair) -> Result<()> {
    let (status, output) = pair.command(&["operators", "list"])?;
    ensure!(status == 0 && output.contains("operator  active"), "list ended with {status}:\n{output}");
    let (status, output) = pair.command(&["operators", "reset-password", "nobody"])?;
    ensure!(status != 0 && output.contains("there is no operator with the login nobody"), "{status}:\n{output}");
    let (status, output) = pair.command(&["operators", "reset-password", "Operator"])?;
    let password = output.split_once("new password ").and_then(|(_, rest)| rest.split_whitespace().next());
    let Some(password) = password.filter(|_| status == 0) else {
        anyhow::bail!("reset-password ended with {status}:\n{output}");
    };
    ensure!(sign_in(&pair, password).await? == 303, "the new password does not open the back office");
    let (_, output) = pair.command(&["operators", "list"])?;
    ensure!(!output.contains("never"), "no last sign-in:\n{output}");
    // The service appends after the command's event.
    pair.agents(0).add_seller().await?;
    check(&pair, &Journal::default(), &[]).await?;
    Ok(())
}

async fn sign_in(pair: &Pair, password: &str) -> Result<u16> {
    let client = reqwest::Client::builder().redirect(Policy::none()).build()?;
    let sent = client
        .post(format!("{}/sign-in", pair.agents_api(0).base()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("login=operator&password={password}&next="));
    Ok(sent.send().await?.status().as_u16())
}
