//! API tokens: list, issue, revoke. A token is shown once, when it is issued.

use askama::Template;
use axum::http::StatusCode;
use contract::text::isolated;
use web::http::Problem;
use web::http::caller::SCOPES;

use crate::api_tokens;
use crate::api_tokens::commands;
use crate::api_tokens::queries::ApiToken;
use crate::api_tokens::requests::{ApiTokenRequest, draw_token};
use crate::api_tokens::snapshot::State as TokenState;
use crate::endpoint::id;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::confirmation::Confirmation;
use crate::ui::form::{CsrfForm, Empty, FormData};
use crate::ui::inputs::{FormPage, Section};
use crate::ui::layout::Layout;
use crate::ui::list::{ListPage, ListResult};
use crate::ui::notice::REVOKED;
use crate::ui::page::{PageResult, page_with};
use crate::ui::page_query::PageQuery;
use crate::ui::routes::Routes;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::submit::{confirmation, form_page, redisplay, submit};
use crate::ui::table::{Cell, Table};

const PLACE: &str = "/settings";
const LIST: &str = "/api-tokens";

#[derive(Template)]
#[template(path = "api_token.html")]
pub struct IssuedPage {
    pub layout: Layout,
    pub token: Option<String>,
}

pub fn routes(routes: Routes) -> Routes {
    routes
        .list(LIST, "/api-tokens.csv", list)
        .get("/api-tokens/new", new)
        .post("/api-tokens/new", issue)
        .confirm("/api-tokens/{id}/revoke", revoke)
}

async fn list(app: AppState, signed_in: SignedIn, query: PageQuery) -> ListResult {
    let found = api_tokens::queries::list(app.database(), query.parsed("after"), query.limit()).await?;
    let rows = found.items.into_iter().map(|token| {
        let revoke = Cell::link("Revoke", format!("{LIST}/{}/revoke", token.id));
        vec![
            Cell::text(token.name),
            Cell::State(token.state.as_str().to_owned()),
            Cell::text(token.scopes.join(", ")),
            Cell::moment(token.issued_at),
            if token.state == TokenState::Active { revoke } else { Cell::text("") },
        ]
    });
    let columns = ["Name", "State", "Scopes", "Issued", "Revoke"];
    let table = Table::new("API tokens", columns, rows, "No API tokens yet. Issue a token for each program.");
    let layout = Layout::new(&signed_in, "API tokens", PLACE).noticing(&query, &[REVOKED]);
    let actions = vec![Action::new("Issue token", "/api-tokens/new")];
    Ok(ListPage { actions, ..ListPage::new(LIST, layout, table, found.next) })
}

fn new_page(signed_in: &SignedIn, data: &FormData) -> PageResult {
    let name = data.typed("name", "Name").required().hint("What the token is for.");
    let scopes = data.many("scopes[]", "Scopes", SCOPES.map(|scope| (scope, scope))).required();
    let layout = Layout::new(signed_in, "Issue API token", PLACE);
    let sections = vec![Section { legend: "", inputs: vec![name, scopes] }];
    form_page(&FormPage::new(layout, data, "/api-tokens/new", sections).submit("Issue token").back(LIST))
}

async fn new(signed_in: SignedIn) -> PageResult {
    new_page(&signed_in, &FormData::default())
}

async fn issue(Context(app, signed_in): Context, CsrfForm(form): CsrfForm) -> PageResult {
    let form = form.with_list("scopes[]");
    let (request, errors) = form.read::<ApiTokenRequest>(Empty::Absent);
    let issued = async {
        let (request, token) = draw_token(request.check(errors, &SCOPES)?)?;
        let appended = submit(&app, &signed_in, &form, "issue API token", Ok(request)).await?;
        Ok::<_, Problem>((!appended.replayed).then_some(token))
    };
    match issued.await {
        Ok(token) => {
            let layout = Layout::new(&signed_in, "API token issued", PLACE);
            page_with(StatusCode::CREATED, &IssuedPage { layout, token })
        }
        Err(problem) => new_page(&signed_in, &redisplay(&form, problem)?),
    }
}

async fn find(app: &AppState, text: &str) -> Result<ApiToken, Problem> {
    api_tokens::queries::get(app.database(), id(text)?).await?.ok_or_else(Problem::not_found)
}

async fn revoke(app: AppState, signed_in: SignedIn, text: String, data: FormData) -> Result<Confirmation, Problem> {
    let token = find(&app, &text).await?;
    let consequences = vec!["Programs that use it are refused at once, for good.".to_owned()];
    let layout = Layout::new(&signed_in, format!("Revoke {}?", isolated(&token.name)), PLACE);
    let action = format!("{LIST}/{}/revoke", token.id);
    let page = confirmation(layout, &data, action, LIST.to_owned(), consequences).submit("Revoke for good");
    Ok(Confirmation {
        page: FormPage { sections: Vec::new(), ..page },
        what: format!("revoke API token {}", token.id),
        command: Box::new(move |_| commands::revoke(token.id).into()),
        done: REVOKED,
    })
}
