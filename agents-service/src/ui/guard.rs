//! The guard before every page: it checks the session, the permission, and that a form came from a page of this
//! session. Every route that is added through `Routes` is behind the guard.

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::handler::Handler;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use futures::future::BoxFuture;
use web::http::Problem;

use crate::auth::preferences;
use crate::auth::sessions::{self, Account};
use crate::menu::{Access, MenuEntry};
use crate::state::AppState;
use crate::ui::audience::Audience;
use crate::ui::brand::Brand;
use crate::ui::error_page::{ErrorPage, in_layout};
use crate::ui::form::{Form, TOKEN};
use crate::ui::kept::Keeper;
use crate::ui::reader::Reader;
use crate::ui::signed_in::SignedIn;
use crate::{agents, operators};

#[derive(Clone)]
pub struct SessionGuard<H> {
    pub handler: H,
    pub audience: Audience,
    pub by: RequestedBy,
    /// What an operator needs.
    pub scope: Option<&'static str>,
}

/// What caused a request of a signed-in browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestedBy {
    /// A person.
    Person,
    /// An open page by itself, which does not extend the session.
    Page,
}

impl<H: Handler<T, AppState>, T> Handler<T, AppState> for SessionGuard<H> {
    type Future = BoxFuture<'static, Response>;

    fn call(self, request: Request, app: AppState) -> Self::Future {
        Box::pin(async move {
            match enter(&app, self.audience, self.by, self.scope, request).await {
                Ok((request, signed_in)) => {
                    let reader = signed_in.reader.clone();
                    let answer = async { in_layout(self.handler.call(request, app).await, &signed_in) };
                    reader.reads(answer).await
                }
                Err(response) => response,
            }
        })
    }
}

/// Checks the request, and adds the signed-in account and, for a write, its form.
async fn enter(
    app: &AppState,
    audience: Audience,
    by: RequestedBy,
    scope: Option<&str>,
    request: Request,
) -> Result<(Request, SignedIn), Response> {
    let (mut parts, body) = request.into_parts();
    let found = signed_in(app, audience, by, &parts.headers).await;
    let Some(signed_in) = found.map_err(|problem| ErrorPage(problem).into_response())? else {
        return Err(to_sign_in(audience, &parts));
    };
    if let Audience::Portal(Some(permission)) = audience
        && !signed_in.may(permission)
    {
        return Err(not_permitted().shown_to(Some(&signed_in)));
    }
    if scope.is_some_and(|scope| !signed_in.holds(scope)) {
        return Err(not_of_role().shown_to(Some(&signed_in)));
    }
    let body = if reads(&parts.method) {
        body
    } else {
        let form = Form::from_request(Request::from_parts(parts.clone(), body), app).await;
        let form = form.map_err(|problem| ErrorPage(problem).shown_to(Some(&signed_in)))?;
        if !from_own_site(&parts.headers) || !signed_in.has_made(form.text(TOKEN)) {
            return Err(stranger().shown_to(Some(&signed_in)));
        }
        parts.extensions.insert(form.of_session(Keeper::of_session(signed_in.secret())));
        Body::empty()
    };
    parts.extensions.insert(signed_in.clone());
    Ok((Request::from_parts(parts, body), signed_in))
}

fn reads(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

pub async fn signed_in(
    app: &AppState,
    audience: Audience,
    by: RequestedBy,
    headers: &HeaderMap,
) -> Result<Option<SignedIn>, Problem> {
    let Some(secret) = cookie(headers, audience.cookie()) else { return Ok(None) };
    let (database, now) = (app.database(), app.clock.now());
    let Some(session) = sessions::find(database, &secret, now).await? else { return Ok(None) };
    if by == RequestedBy::Person {
        sessions::see(database, &secret, session, now).await?;
    }
    let account = session.account;
    let (id, login, agent, scopes) = match (audience, account) {
        (Audience::BackOffice, Account::Operator(id)) => {
            let scopes = operators::accounts::scopes_of(database, id).await?;
            (id, operators::accounts::operator_login(database, id).await?, None, scopes)
        }
        (Audience::Portal(_), Account::Agent(id)) => {
            let Some(agent) = agents::sign_in::active(app, id).await? else { return Ok(None) };
            let details = agents::accounts::details(database, id).await?;
            (id, details.map(|details| details.login), Some(agent), [].as_slice())
        }
        _ => return Ok(None),
    };
    let menu = if audience == Audience::BackOffice { app.menus.back_office } else { app.menus.portal };
    let waiting = if by == RequestedBy::Person { waiting(app, menu, scopes).await? } else { Vec::new() };
    let scope_of = if audience == Audience::BackOffice { app.menus.scope_of } else { Access::FULL.scope_of };
    let access = Access { scopes, scope_of };
    let (preferences, brand) = tokio::try_join!(preferences::get(database, account), Brand::get(database))?;
    let reader = Reader::of(&preferences, headers, now);
    let theme = preferences.theme;
    Ok(login.map(|login| SignedIn { account, id, login, agent, access, menu, waiting, brand, theme, reader, secret }))
}

/// What waits for an operator with these scopes, by the path of the menu's entry.
async fn waiting(app: &AppState, menu: &[MenuEntry], scopes: &[&str]) -> Result<Vec<(&'static str, u64)>, Problem> {
    let mut found = Vec::new();
    for entry in menu.iter().filter(|entry| entry.scope.is_some_and(|needed| scopes.contains(&needed))) {
        if let Some(count) = entry.waiting {
            found.push((entry.path, count(app.database()).await?));
        }
    }
    Ok(found)
}

/// The value of a cookie.
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut cookies = lines.flat_map(Cookie::split_parse).flatten();
    cookies.find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
}

/// A cookie with a session's secret; without one, a cookie that removes it.
pub fn set_cookie(audience: Audience, secret: Option<&str>, headers: &HeaderMap) -> HeaderValue {
    let (value, age) = secret.map_or(("ended", 0), |secret| (secret, sessions::MAX_AGE_SECONDS));
    let cookie = Cookie::build((audience.cookie(), value)).max_age(Duration::seconds(age)).path(audience.home());
    let cookie = cookie.http_only(true).same_site(SameSite::Lax).secure(is_https(headers));
    HeaderValue::try_from(cookie.to_string()).unwrap_or(HeaderValue::from_static(""))
}

/// Whether the browser uses https, as the proxy states.
fn is_https(headers: &HeaderMap) -> bool {
    let scheme = headers.get("x-forwarded-proto").and_then(|value| value.to_str().ok()).unwrap_or_default();
    scheme.split(',').next().unwrap_or_default().trim().eq_ignore_ascii_case("https")
}

/// Whether a browser sent this from the service's own page. A browser without the header passes, since the form has
/// its token.
pub fn from_own_site(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_none_or(|site| site == "same-origin" || site == "none")
}

fn to_sign_in(audience: Audience, parts: &Parts) -> Response {
    let wanted = if reads(&parts.method) {
        parts.uri.path_and_query().map_or("", axum::http::uri::PathAndQuery::as_str).to_owned()
    } else {
        form_page_of(&parts.headers)
    };
    let path = if !wanted.is_empty() && wanted != audience.home() {
        let wanted: String = form_urlencoded::byte_serialize(wanted.as_bytes()).collect();
        format!("{}?next={wanted}", audience.sign_in_path())
    } else {
        audience.sign_in_path().to_owned()
    };
    Redirect::to(&path).into_response()
}

/// The page whose form was sent, where the browser tells it. Only a path is taken over, whatever the host.
fn form_page_of(headers: &HeaderMap) -> String {
    let referer = headers.get(header::REFERER).and_then(|value| value.to_str().ok());
    let url = referer.and_then(|referer| url::Url::parse(referer).ok());
    url.map_or_else(String::new, |url| match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    })
}

fn not_permitted() -> ErrorPage {
    let detail = "Your account does not have this screen. Please ask the operator for it.";
    ErrorPage(Problem::new(StatusCode::FORBIDDEN, "forbidden", "Not permitted", detail))
}

fn not_of_role() -> ErrorPage {
    let detail = "Your role does not have this page. Please ask an operator who may do everything.";
    ErrorPage(Problem::new(StatusCode::FORBIDDEN, "forbidden", "Not permitted", detail))
}

/// The problem of a form that did not come from a page of this session.
pub fn stranger() -> ErrorPage {
    let detail =
        "This form is out of date, or was sent from another site. Please go back, reload the page and send it again.";
    ErrorPage(Problem::new(StatusCode::FORBIDDEN, "forbidden", "Not permitted", detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let headers = headers(&[("cookie", "a=1; signpost_operator=SECRET; b=2")]);
        assert_eq!(cookie(&headers, "signpost_operator").as_deref(), Some("SECRET"));
        assert_eq!(cookie(&headers, "signpost_agent"), None);
    }

    #[test]
    fn a_session_cookie_is_secure_where_the_browser_speaks_https() {
        let plain = set_cookie(Audience::BackOffice, Some("S"), &HeaderMap::new());
        assert_eq!(plain, "signpost_operator=S; HttpOnly; SameSite=Lax; Path=/; Max-Age=43200");
        let https = headers(&[("x-forwarded-proto", "https, http")]);
        let secure = set_cookie(Audience::Portal(None), Some("S"), &https);
        assert_eq!(secure, "signpost_agent=S; HttpOnly; SameSite=Lax; Secure; Path=/portal; Max-Age=43200");
    }

    #[test]
    fn forms_of_other_sites_are_recognised() {
        assert!(from_own_site(&HeaderMap::new()));
        assert!(from_own_site(&headers(&[("sec-fetch-site", "same-origin")])));
        assert!(!from_own_site(&headers(&[("sec-fetch-site", "cross-site")])));
        assert!(!from_own_site(&headers(&[("sec-fetch-site", "same-site")])));
    }
}
