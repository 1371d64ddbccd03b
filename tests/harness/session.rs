//! A signed-in account at the pages of the back office or the portal, over plain HTTP.

use anyhow::{Context, Result, ensure};

use crate::api::{Api, ApiResponse};
use crate::operator::PASSWORD;
use crate::page::Form;

pub struct Session {
    api: Api,
    cookie: String,
}

impl Session {
    /// Signs in with [`PASSWORD`] at this path.
    pub async fn open(agents: &Api, sign_in: &str, login: &str) -> Result<Self> {
        let api = agents.with_token(None);
        let fields = owned(&[("login", login), ("password", PASSWORD), ("next", "")]);
        let answer = api.post(sign_in).form(&fields).send().await?.expect(303)?;
        let cookie = answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
        ensure!(!cookie.is_empty(), "{answer}: no cookie");
        Ok(Self { api, cookie })
    }

    pub fn cookie(&self) -> &str {
        &self.cookie
    }

    pub async fn page(&self, path: &str) -> Result<ApiResponse> {
        self.api.get(path).header("cookie", &self.cookie).send().await
    }

    /// The hidden fields of a page's form, which is sent to the page's own path.
    pub async fn form(&self, path: &str) -> Result<Vec<(String, String)>> {
        let page = self.page(path).await?.expect(200)?;
        let form = Form::sent_to(&page.text(), path).with_context(|| format!("{page}: no form"))?;
        Ok(form.fields.into_iter().filter(|(name, _)| name.starts_with('_')).collect())
    }

    /// Sends hidden fields of a form with others.
    pub async fn send(&self, path: &str, hidden: &[(String, String)], fields: &[(&str, &str)]) -> Result<ApiResponse> {
        let fields = [hidden, &owned(fields)].concat();
        self.api.post(path).form(&fields).header("cookie", &self.cookie).send().await
    }
}

fn owned(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
