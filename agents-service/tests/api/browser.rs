//! A browser without script: it keeps cookies, follows redirects, and sends forms with their hidden inputs.

use axum::http::StatusCode;
use axum::response::Response;

use crate::office::{BackOffice, Reply};

pub struct Browser<'a> {
    office: &'a BackOffice,
    cookie: String,
}

impl<'a> Browser<'a> {
    pub fn new(office: &'a BackOffice) -> Self {
        Self { office, cookie: String::new() }
    }

    /// Signs in at a face: `/sign-in` or `/portal/sign-in`.
    pub async fn sign_in(&mut self, audience: &str, login: &str, password: &str) -> Reply {
        let reply = self.post(audience, &[("login", login), ("password", password), ("next", "")]).await;
        if let Some(cookie) = reply.header("set-cookie").split(';').next().filter(|cookie| !cookie.is_empty()) {
            cookie.clone_into(&mut self.cookie);
        }
        reply
    }

    /// The same secret, in the cookie of the other face.
    pub fn at_the_other_face(&self) -> Self {
        let cookie = match self.cookie.split_once('=').unwrap() {
            ("signpost_agent", secret) => format!("signpost_operator={secret}"),
            (_, secret) => format!("signpost_agent={secret}"),
        };
        Self { office: self.office, cookie }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.office.send("GET", path, &[("cookie", &self.cookie)], Vec::new()).await
    }

    /// Requests a page as a browser does.
    pub async fn browse(&self, method: &str, path: &str) -> Reply {
        let headers = [("cookie", self.cookie.as_str()), ("accept", "text/html,application/xhtml+xml,*/*;q=0.8")];
        self.office.send(method, path, &headers, Vec::new()).await
    }

    /// Opens an event stream.
    pub async fn listen(&self, path: &str) -> Response {
        self.office.response("GET", path, &[("cookie", &self.cookie)], Vec::new()).await
    }

    /// Requests with these headers besides.
    pub async fn listen_with(&self, path: &str, headers: &[(&str, &str)]) -> Response {
        let headers = [[("cookie", self.cookie.as_str())].as_slice(), headers].concat();
        self.office.response("GET", path, &headers, Vec::new()).await
    }

    /// The text of a page, which must exist.
    pub async fn page(&self, path: &str) -> String {
        let reply = self.get(path).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text);
        reply.text
    }

    /// Sends exactly these fields.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let kind = "application/x-www-form-urlencoded";
        self.office.send("POST", path, &[("cookie", &self.cookie), ("content-type", kind)], body.into_bytes()).await
    }

    /// Opens the page at `path`, fills in these fields and sends the form with its hidden inputs.
    pub async fn fill(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let page = self.page(path).await;
        self.send(path, &page, fields).await
    }

    /// Sends the main form of an open page.
    pub async fn send(&self, path: &str, page: &str, fields: &[(&str, &str)]) -> Reply {
        let form = page.split("<main").nth(1).unwrap();
        let hidden = form
            .split("<input type=\"hidden\"")
            .skip(1)
            .map(|input| (attribute(input, "name"), attribute(input, "value")));
        let hidden: Vec<_> = hidden.collect();
        let hidden = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let all: Vec<_> = hidden.filter(|(name, _)| !fields.iter().any(|(field, _)| field == name)).collect();
        self.post(path, &[all, fields.to_vec()].concat()).await
    }
}

/// What a page shows, without its head: that has a token, in which anything may stand.
pub fn shown(page: &str) -> &str {
    page.split("<main").last().unwrap_or(page)
}

fn attribute(input: &str, name: &str) -> String {
    let start = input.split(&format!("{name}=\"")).nth(1).unwrap_or_default();
    start.split('"').next().unwrap_or_default().to_owned()
}
