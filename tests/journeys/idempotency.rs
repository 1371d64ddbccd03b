//! Idempotency: a write repeated with its key gives the first response and one effect, immediately, on the other
//! replica, and after a restart.

use harness::names::{Rng, person};
use harness::operator::{agent_body, fresh_login};
use harness::{Api, ApiResponse, Pair, Result, Value, checker, checker::Logs, ensure, json};

harness::on_both_pairs!(
    a_repeated_write_gives_the_first_answer_and_one_effect,
    a_key_used_for_another_body_is_refused,
    many_equal_requests_at_once_have_one_effect,
);

/// One write: its method, path and body, and its Idempotency-Key.
struct RepeatedWrite {
    signup: bool,
    method: &'static str,
    path: String,
    body: Value,
    key: String,
}

impl RepeatedWrite {
    async fn send(&self, pair: &Pair, replica: usize) -> Result<ApiResponse> {
        let api: Api = if self.signup { pair.signup_api(replica) } else { pair.agents(replica).api };
        let call = match self.method {
            "PUT" => api.put(&self.path),
            "PATCH" => api.patch(&self.path).header("If-Match", "\"1\""),
            "DELETE" => api.delete(&self.path),
            _ => api.post(&self.path),
        };
        call.json(&self.body).idempotency_key(&self.key).send().await
    }
}

async fn writes(pair: &Pair) -> Result<Vec<RepeatedWrite>> {
    let operator = pair.agents(0);
    let seller = operator.add_seller().await?;
    let key = operator.add_key(&seller).await?;
    let (patched, paused) = (operator.add_agent().await?.id, operator.add_key(&seller).await?.id);
    let plan = operator.add_plan("Another plan").await?.id;
    let visitor = pair.signup(0);
    visitor.lookup_at(&key.id, key.position).await?.expect(200)?;
    let signup = visitor.body(&key.id, &person(&mut Rng::new(6), 1));
    let writes = [
        // First, since the shown URLs of keys depend on it.
        (false, "PUT", "/settings".to_owned(), json!({"customer_interface_url": "https://once.example"})),
        (false, "POST", "/agents".to_owned(), agent_body(&fresh_login())),
        (false, "POST", "/call-plans".to_owned(), json!({"name": "Plan once"})),
        (false, "POST", "/groups".to_owned(), json!({"name": "Group once", "agent_id": seller.agent})),
        (false, "POST", "/signup-keys".to_owned(), seller.key_body()),
        (false, "PUT", format!("/agents/{}/call-plans/{plan}", seller.agent), json!({})),
        (false, "PATCH", format!("/agents/{patched}"), json!({"name": "Renamed once"})),
        (false, "POST", format!("/signup-keys/{paused}/pause"), json!({"reason": "holiday"})),
        (true, "POST", "/api/v1/signups".to_owned(), signup),
    ];
    let once = |(number, (signup, method, path, body))| RepeatedWrite {
        signup,
        method,
        path,
        body,
        key: format!("once-{number}"),
    };
    Ok(writes.into_iter().enumerate().map(once).collect())
}

async fn a_repeated_write_gives_the_first_answer_and_one_effect(pair: Pair) -> Result<()> {
    let writes = writes(&pair).await?;
    let mut first = Vec::new();
    for write in &writes {
        let answer = write.send(&pair, 0).await?;
        ensure!(answer.status < 300 && !answer.replayed(), "{answer}");
        first.push(answer);
    }
    let before = Logs::read(&pair).await?;
    repeated(&pair, &writes, &first).await?;
    pair.restart().await?;
    repeated(&pair, &writes, &first).await?;
    let after = Logs::read(&pair).await?;
    ensure!(after.agents.head == before.agents.head, "a repeat had an effect in the agents service");
    ensure!(after.signups.head == before.signups.head, "a repeat had an effect in the signup service");
    checker::verifies(&pair).await
}

async fn repeated(pair: &Pair, writes: &[RepeatedWrite], first: &[ApiResponse]) -> Result<()> {
    for (write, first) in writes.iter().zip(first) {
        for replica in 0..pair.replicas() {
            let again = write.send(pair, replica).await?;
            ensure!(again.status == first.status, "{again}: at first {first}");
            ensure!(again.json()? == first.json()?, "{again}: at first {first}");
            ensure!(again.replayed(), "{again}: not marked as a repeat");
            ensure!(again.position()? == first.position()?, "{again}: another position");
        }
    }
    Ok(())
}

async fn a_key_used_for_another_body_is_refused(pair: Pair) -> Result<()> {
    let write = |name: &str, replica: usize| {
        pair.agents(replica).api.post("/call-plans").json(&json!({"name": name})).idempotency_key("one-key")
    };
    write("First", 0).expect(201).await?;
    for replica in 0..pair.replicas() {
        write("Second", replica).refused(422, "idempotency-key-reused").await?;
    }
    let plans = pair.agents(0).list("/call-plans").await?;
    ensure!(plans.len() == 1, "there are {} plans", plans.len());
    Ok(())
}

async fn many_equal_requests_at_once_have_one_effect(pair: Pair) -> Result<()> {
    let operator = pair.agents(0);
    let seller = operator.add_seller().await?;
    let key = operator.add_key(&seller).await?;
    pair.signup(0).lookup_at(&key.id, key.position).await?.expect(200)?;
    let body = pair.signup(0).body(&key.id, &person(&mut Rng::new(7), 1));
    let send = |number: usize| {
        pair.signup(number).api.post("/api/v1/signups").json(&body).idempotency_key("double-click").send()
    };
    let answers = futures::future::try_join_all((0..20).map(send)).await?;
    let first = answers[0].json()?;
    for answer in &answers {
        ensure!(answer.status == 201 && answer.json()? == first, "{answer}: expected {first}");
    }
    let logs = checker::check(&pair, &harness::Journal::default(), &[]).await?;
    ensure!(logs.signups.named("customer_placed").count() == 1, "placed more than once");
    ensure!(logs.signups.named("signup_refused").count() == 0, "a repeat was refused");
    Ok(())
}
