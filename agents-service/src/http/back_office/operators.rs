//! Operators: list and add.

use axum::extract::State;

use super::super::pages::form::Empty;
use super::super::pages::table::{Action, Cell, ListPage, Table, page_link};
use super::super::pages::{Sent, page};
use super::{
    Answer, Asked, Entry, FormPage, Frame, LIST_LIMIT, Office, Routes, Section, SignedIn, again, form_page, frame,
    shown, submit,
};
use crate::http::api::operators::Given;
use crate::views::operators;

const PLACE: &str = "/settings";

pub(super) fn routes(routes: Routes) -> Routes {
    routes.get("/operators", list).get("/operators/new", new).post("/operators/new", add)
}

async fn list(State(office): State<Office>, signed_in: SignedIn, asked: Asked) -> Answer {
    let found = operators::list(office.database(), asked.parsed("after"), LIST_LIMIT).await?;
    let rows =
        found.items.into_iter().map(|operator| vec![Cell::text(operator.login), Cell::moment(operator.created_at)]);
    let table = Table {
        caption: "Operators",
        columns: vec!["Login", "Since (UTC)"],
        rows: rows.collect(),
        empty: "There is no operator.".to_owned(),
    };
    let frame = frame(&signed_in, "Operators", PLACE, &asked);
    let next = found.next.map(|after| page_link("/operators", &[], &after));
    let actions = vec![Action::new("Add operator", "/operators/new")];
    page(&ListPage { frame, actions, filters: Vec::new(), table, next })
}

fn new_page(signed_in: &SignedIn, entry: &Entry) -> Answer {
    let password = entry.line("password", "password", "Password").required().autocomplete("new-password");
    let login = entry.typed("login", "Login").required().hint("4 or more characters, without spaces and colons.");
    let inputs = vec![login, password.hint("12 or more characters. Ask for it to be changed at the first sign-in.")];
    let frame = Frame::new(signed_in, "Add operator", PLACE);
    let sections = vec![Section { legend: "", inputs }];
    form_page(&FormPage::new(frame, entry, "/operators/new", sections).back("/operators"))
}

async fn new(signed_in: SignedIn) -> Answer {
    new_page(&signed_in, &Entry::default())
}

async fn add(State(office): State<Office>, signed_in: SignedIn, Sent(form): Sent) -> Answer {
    let (given, errors) = form.read::<Given>(Empty::Absent);
    let request = given.creation(&office, errors).await;
    match submit(&office, &signed_in, &form, "add operator", request).await {
        Ok(_) => shown("/operators", "added"),
        Err(problem) => new_page(&signed_in, &again(&form, problem)?),
    }
}
