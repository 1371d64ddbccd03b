//! How the signed-in account has times, numbers and colours.

use contract::zone::Zone;
use web::http::{FieldErrors, Problem};

use crate::auth::preferences::{self, Preferences, THEMES};
use crate::ui::form::{CsrfForm, Form, FormData};
use crate::ui::inputs::{FormPage, Section};
use crate::ui::layout::Layout;
use crate::ui::notice::CHANGED;
use crate::ui::numbers::Numbers;
use crate::ui::page::{PageResult, redirect_with_notice};
use crate::ui::page_query::PageQuery;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::submit::{form_page, redisplay};

fn page(signed_in: &SignedIn, layout: Layout, data: &FormData, kept: &Preferences) -> PageResult {
    let company = Zone::named(&kept.company).unwrap_or_default().name();
    let zone = data.typed("time_zone", "Time zone");
    let zone = zone.hint(format!("Such as Europe/Berlin. Times are shown and typed there. Empty: {company}."));
    let numbers = Numbers::ALL.map(|numbers| (numbers.word(), numbers.example()));
    let numbers = data.choice("numbers", "Numbers", Some("As in the language of the browser"), numbers);
    let themes = THEMES.into_iter().zip(["Light", "Dark"]);
    let theme = data.choice("theme", "Colours", Some("As in the system"), themes);
    let sections = vec![Section { legend: "", inputs: vec![zone, numbers, theme] }];
    let audience = signed_in.audience();
    form_page(&FormPage::new(layout, data, audience.reading_path(), sections).back(audience.account_path()))
}

fn layout(signed_in: &SignedIn) -> Layout {
    Layout::new(signed_in, "Times, numbers, colours", "")
}

pub async fn show(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    let kept = preferences::get(app.database(), signed_in.account).await.map_err(Problem::from)?;
    let mut data = FormData::default();
    data.set("time_zone", kept.time_zone.clone());
    data.set("numbers", kept.numbers.clone());
    data.set("theme", kept.theme.clone());
    page(&signed_in, layout(&signed_in).noticing(&query, &[CHANGED]), &data, &kept)
}

pub async fn change(Context(app, signed_in): Context, CsrfForm(form): CsrfForm) -> PageResult {
    match chosen(&form) {
        Ok(chosen) => {
            let kept = preferences::set(app.database(), signed_in.account, &chosen).await;
            kept.map_err(Problem::from)?;
            redirect_with_notice(signed_in.audience().reading_path(), CHANGED)
        }
        Err(problem) => {
            let kept = preferences::get(app.database(), signed_in.account).await.map_err(Problem::from)?;
            page(&signed_in, layout(&signed_in), &redisplay(&form, problem)?, &kept)
        }
    }
}

/// What the form has, as it is kept.
fn chosen(form: &Form) -> Result<Preferences, Problem> {
    let mut errors = FieldErrors::new();
    let typed = form.text("time_zone");
    let zone = if typed.is_empty() { Some("") } else { Zone::named(typed).map(|zone| zone.name()) };
    if zone.is_none() {
        errors.add("time_zone", "unknown_value", "must be a time zone such as Europe/Berlin");
    }
    let word = form.text("numbers");
    let numbers = if word.is_empty() { Some("") } else { Numbers::named(word).map(Numbers::word) };
    if numbers.is_none() {
        errors.add("numbers", "unknown_value", "must be one of the list");
    }
    let theme = form.text("theme");
    if !theme.is_empty() && !THEMES.contains(&theme) {
        errors.add("theme", "unknown_value", "must be one of the list");
    }
    errors.into_result()?;
    Ok(Preferences {
        time_zone: zone.unwrap_or_default().to_owned(),
        numbers: numbers.unwrap_or_default().to_owned(),
        theme: theme.to_owned(),
        ..Preferences::default()
    })
}
