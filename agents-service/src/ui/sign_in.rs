//! Sign-in and sign-out, for both faces. A wrong login and a wrong password take the same time and give the same
//! response; too many attempts have to wait, and no account is locked.

use askama::Template;
use axum::extract::{FromRequest, Request, State};
use axum::http::{Extensions, HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use uuid::Uuid;
use web::http::client::Client;
use web::http::{Api, Problem};

use crate::auth::passwords::Secret;
use crate::auth::sessions::{self, Account};
use crate::state::AppState;
use crate::ui::audience::Audience;
use crate::ui::brand::Brand;
use crate::ui::error_page::ErrorPage;
use crate::ui::form::Form;
use crate::ui::guard::{cookie, from_own_site, set_cookie, stranger};
use crate::ui::page::{PageResult, page_with};
use crate::ui::page_query::PageQuery;
use crate::ui::routes::Routes;
use crate::ui::signed_in::{Context, SignedIn};
use crate::{agents, operators};

const NOT_ACTIVE: &str = "Your account is not active. Please ask the operator.";

#[derive(Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    pub brand: Brand,
    pub heading: &'static str,
    pub action: &'static str,
    pub notice: Option<&'static str>,
    pub login: String,
    pub next: String,
}

pub fn routes(api: Api<AppState>, audience: Audience) -> Api<AppState> {
    let show = move |State(app): State<AppState>, query: PageQuery| async move { show(&app, audience, &query).await };
    let enter = move |State(app): State<AppState>, request: Request| async move {
        enter(&app, audience, request).await.unwrap_or_else(IntoResponse::into_response)
    };
    let leave = move |Context(app, signed_in): Context, headers: HeaderMap| async move {
        leave(&app, audience, &signed_in, &headers).await
    };
    let api = api.page(Method::GET, audience.sign_in_path(), show).page(Method::POST, audience.sign_in_path(), enter);
    Routes::behind(api, audience).post(audience.sign_out_path(), leave).done()
}

impl SignInPage {
    async fn new(app: &AppState, audience: Audience, next: &str) -> Result<Self, Problem> {
        let heading = if audience == Audience::BackOffice { "Back office" } else { "Agents' portal" };
        let (brand, action) = (Brand::get(app.database()).await?, audience.sign_in_path());
        Ok(Self { brand, heading, action, notice: None, login: String::new(), next: next.to_owned() })
    }
}

async fn show(app: &AppState, audience: Audience, query: &PageQuery) -> PageResult {
    let next = query.text("next").unwrap_or_default();
    page_with(StatusCode::OK, &SignInPage::new(app, audience, &next).await?)
}

async fn enter(app: &AppState, audience: Audience, request: Request) -> PageResult {
    let (headers, from) = (request.headers().clone(), request.extensions().clone());
    if !from_own_site(&headers) {
        return Err(stranger());
    }
    let form = Form::from_request(request, app).await?;
    match account(app, audience, &form, &from).await {
        Ok(Some(signed)) => begin(app, audience, signed, &form, &headers).await,
        Ok(None) => redisplay(app, audience, &form, StatusCode::UNAUTHORIZED, "Wrong login or password.").await,
        Err(problem) if problem.status == StatusCode::TOO_MANY_REQUESTS => {
            let notice = "Too many tries. Please wait a minute, then try again.";
            redisplay(app, audience, &form, problem.status, notice).await
        }
        Err(problem) if problem.status == StatusCode::FORBIDDEN => {
            redisplay(app, audience, &form, problem.status, NOT_ACTIVE).await
        }
        Err(problem) => Err(ErrorPage(problem)),
    }
}

/// The account of the form's login and password, and the epoch of its session.
async fn account(
    app: &AppState,
    audience: Audience,
    form: &Form,
    from: &Extensions,
) -> Result<Option<(Account, u64)>, Problem> {
    let (login, password) =
        (form.text("login"), Secret::new(form.all("password").next().unwrap_or_default().to_owned()));
    let client = Client::of(from);
    Ok(match audience {
        Audience::BackOffice => operators::sign_in::credentials(app, client, login, password)
            .await?
            .map(|known| (Account::Operator(known.id), known.session_epoch)),
        Audience::Portal(_) => match agents::sign_in::credentials(app, client, login, password).await? {
            Some(known) => Some((Account::Agent(active(app, known.id).await?), known.session_epoch)),
            None => None,
        },
    })
}

/// An agent who may enter. With the right password, the reason of a refusal is shown.
async fn active(app: &AppState, agent_id: Uuid) -> Result<Uuid, Problem> {
    let rejected = || Problem::new(StatusCode::FORBIDDEN, "forbidden", "Not permitted", NOT_ACTIVE);
    agents::sign_in::active(app, agent_id).await?.map(|agent| agent.id).ok_or_else(rejected)
}

/// Begins a new session; a session of an earlier cookie ends.
async fn begin(
    app: &AppState,
    audience: Audience,
    (account, session_epoch): (Account, u64),
    form: &Form,
    headers: &HeaderMap,
) -> PageResult {
    if let Some(old) = cookie(headers, audience.cookie()) {
        sessions::end(app.database(), &old).await?;
    }
    let secret = sessions::begin(app.database(), account, session_epoch, app.clock.now()).await;
    let secret = secret.map_err(|error| Problem::unforeseen(&error))?;
    if let Account::Operator(operator_id) = account {
        operators::accounts::note_sign_in(app.database(), operator_id, app.clock.now()).await?;
    }
    let mut response = Redirect::to(wanted(audience, form.text("next"))).into_response();
    response.headers_mut().insert(header::SET_COOKIE, set_cookie(audience, Some(&secret), headers));
    Ok(response)
}

/// The page to return to: a path of this site behind this audience only.
fn wanted(audience: Audience, next: &str) -> &str {
    let inside = next.starts_with(audience.home()) && next.starts_with('/') && !next.starts_with("//");
    let plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if inside && plain { next } else { audience.home() }
}

async fn redisplay(
    app: &AppState,
    audience: Audience,
    form: &Form,
    status: StatusCode,
    notice: &'static str,
) -> PageResult {
    let (login, notice) = (form.text("login").to_owned(), Some(notice));
    let page = SignInPage::new(app, audience, form.text("next")).await?;
    page_with(status, &SignInPage { notice, login, ..page })
}

async fn leave(app: &AppState, audience: Audience, signed_in: &SignedIn, headers: &HeaderMap) -> PageResult {
    sessions::end(app.database(), signed_in.secret()).await?;
    let mut response: Response = Redirect::to(audience.sign_in_path()).into_response();
    response.headers_mut().insert(header::SET_COOKIE, set_cookie(audience, None, headers));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_to_no_other_site() {
        for next in ["//evil.example", "https://evil.example", "/\\evil.example", "", "/a b", "agents"] {
            assert_eq!(wanted(Audience::BackOffice, next), "/", "{next}");
        }
        assert_eq!(wanted(Audience::BackOffice, "/agents?search=x"), "/agents?search=x");
        assert_eq!(wanted(Audience::Portal(None), "/agents"), "/portal");
    }
}
