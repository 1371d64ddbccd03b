//! A visitor with a signup URL: looks the key up, signs up by JSON or by the page's form, without a token.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::api::{Api, ApiResponse};
use crate::names::Person;
use crate::page::Form;
use crate::pair::TOKEN;
use crate::wait::eventually;

#[derive(Clone)]
pub struct Visitor {
    pub api: Api,
    terms_version: String,
}

impl Visitor {
    pub fn new(api: Api, terms_version: &str) -> Self {
        Self { api, terms_version: terms_version.to_owned() }
    }

    pub async fn lookup(&self, key: &str) -> Result<ApiResponse> {
        self.api.get(&format!("/api/v1/signup-keys/{key}")).send().await
    }

    /// Looks the key up at a position of the agents' log, or later, which needs a token.
    pub async fn lookup_at(&self, key: &str, position: u64) -> Result<ApiResponse> {
        let api = self.api.with_token(Some(TOKEN));
        api.get(&format!("/api/v1/signup-keys/{key}?at_least=agents:{position}")).send().await
    }

    /// Waits until the key is usable.
    pub async fn usable_within(&self, limit: Duration, key: &str) -> Result<Value> {
        eventually(limit, async || self.lookup(key).await?.expect(200)?.json()).await
    }

    /// Waits until the key is refused for this reason. Uses a token, so that no refusal of a visitor is counted.
    pub async fn refused_within(&self, limit: Duration, key: &str, reason: &str) -> Result<()> {
        let api = self.api.with_token(Some(TOKEN));
        eventually(limit, async || {
            let answer = api.get(&format!("/api/v1/signup-keys/{key}")).send().await?;
            ensure!(answer.status == 410 && answer.json()?["reason"] == reason, "{answer}: not refused as {reason}");
            Ok(())
        })
        .await
    }

    /// The body of a signup with the required fields.
    pub fn body(&self, key: &str, person: &Person) -> Value {
        json!({
            "key": key, "email": person.email, "first_name": person.first_name, "last_name": person.last_name,
            "consent": {"terms_version": self.terms_version},
        })
    }

    pub async fn sign_up(&self, key: &str, person: &Person) -> Result<ApiResponse> {
        self.api.post("/api/v1/signups").json(&self.body(key, person)).send().await
    }

    pub async fn page(&self, key: &str) -> Result<ApiResponse> {
        self.api.get(&format!("/signup/{key}")).send().await
    }

    /// Opens the page, fills its form in as a browser would, sends it and follows one redirection.
    pub async fn sign_up_on_page(&self, key: &str, person: &Person) -> Result<ApiResponse> {
        let page = self.page(key).await?.expect(200)?;
        let cookie = page.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
        let mut form = Form::find(&page.text()).with_context(|| format!("{page}: no form"))?;
        form.fill("email", &person.email)?;
        form.fill("first_name", &person.first_name)?;
        form.fill("last_name", &person.last_name)?;
        form.tick_what_is_required();
        let target = if form.action.is_empty() { format!("/signup/{key}") } else { form.action.clone() };
        let origin = self.api.base().to_owned();
        let call = self.api.post(&target).form(&form.fields).header("Origin", &origin).header("Cookie", &cookie);
        let answer = call.header("Sec-Fetch-Site", "same-origin").send().await?;
        if !(300..400).contains(&answer.status) {
            return Ok(answer);
        }
        let next = answer.header("location").trim_start_matches(&origin).to_owned();
        self.api.get(&next).header("Cookie", &cookie).send().await
    }
}
