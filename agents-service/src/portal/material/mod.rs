//! Material for an agent's own advertising: the company's logo and name, texts in the languages of the signup pages with the agent's URL
//! put in, and the code for a web page, with the sites that may show it.

mod texts;

use askama::Template;
use web::http::Problem;

use crate::paging::Order;
use crate::portal::material::texts::{LANGUAGES, Language};
use crate::portal::overview::best_key;
use crate::settings;
use crate::settings::signup_url;
use crate::signup_keys;
use crate::signup_keys::queries::{Filter, Usable};
use crate::signup_keys::snapshot::SignupKeySnapshot;
use crate::state::AppState;
use crate::ui::action::Action;
use crate::ui::form::FormData;
use crate::ui::inputs::{Input, Kind};
use crate::ui::layout::{Layout, Warning};
use crate::ui::page::{PageResult, page};
use crate::ui::page_query::{LIST_LIMIT, PageQuery};
use crate::ui::routes::Routes;
use crate::ui::signed_in::{Context, SignedIn};
use crate::ui::signup_keys::show::embedding;
use crate::ui::signup_keys::{base, find};
use crate::ui::table::{Block, Cell, nothing_to_choose};

const PLACE: &str = "/portal/material";
const KEY: &str = "key";

/// The texts of one language, to be copied.
pub struct ShownTexts {
    pub tag: &'static str,
    pub name: &'static str,
    pub direction: &'static str,
    pub texts: Vec<String>,
}

#[derive(Template)]
#[template(path = "material.html")]
pub struct MaterialPage {
    pub layout: Layout,
    pub actions: Vec<Action>,
    /// The choice of the signup URL.
    pub choice: Input,
    pub url: String,
    /// The company.
    pub company: String,
    pub languages: Vec<ShownTexts>,
    pub blocks: Vec<Block>,
}

pub fn routes(routes: Routes) -> Routes {
    routes.get(PLACE, show)
}

async fn show(Context(app, signed_in): Context, query: PageQuery) -> PageResult {
    let chosen = match query.text(KEY) {
        Some(key) => Some(find(&app, &signed_in, &key).await?),
        None => best_key(&app, &signed_in).await?.map(|(key, _)| key),
    };
    let (base, warnings) = base(&app, &signed_in).await?;
    let layout = Layout::new(&signed_in, "Material", PLACE).warning(warnings);
    let Some(key) = chosen else {
        let note = "You have no signup URL that visitors can use. Add a URL key first.";
        return page(&nothing_to_choose(layout, note, vec![Action::new("Add URL key", "/portal/signup-keys/new")]));
    };
    let settings = settings::queries::get(app.database()).await?;
    let url = signup_url::compose(&base, &key.key);
    let company = settings.branding.name;
    let agent = signed_in.agent.as_ref().map_or("", |agent| agent.name.as_str());
    let name = if company.is_empty() { agent } else { company.as_str() };
    let languages = LANGUAGES.iter().map(|language| shown(language, name, &url)).collect();
    let actions = vec![Action::new("QR code", format!("/portal/signup-keys/{}", key.key))];
    page(&MaterialPage {
        layout: layout.warning(unusable(&app, &key).await?),
        actions,
        choice: choice(&app, &signed_in, &key).await?,
        languages,
        blocks: vec![web_page(&base, &key.key, &settings.frame_origins)],
        url,
        company,
    })
}

async fn unusable(app: &AppState, key: &SignupKeySnapshot) -> Result<Option<Warning>, Problem> {
    let reasons = signup_keys::usability::reasons(app.database(), std::slice::from_ref(key), app.clock.now()).await?;
    let text = "Visitors cannot sign up through this URL now. Its page says why.";
    Ok(reasons.contains_key(&key.key).then(|| Warning::from(text)))
}

fn shown(language: &Language, name: &str, url: &str) -> ShownTexts {
    let url = format!("{url}?lang={}", language.tag);
    ShownTexts {
        tag: language.tag,
        name: language.name,
        direction: language.direction,
        texts: language.texts.map(|text| text.replace("{url}", &url).replace("{name}", name)).into(),
    }
}

/// The usable URLs of the agent, and the chosen one.
async fn choice(app: &AppState, signed_in: &SignedIn, chosen: &SignupKeySnapshot) -> Result<Input, Problem> {
    let filter = Filter {
        agent_id: Some(signed_in.id),
        usable: Some(Usable { is: true, at: app.clock.now() }),
        order: Order::Descending,
        limit: LIST_LIMIT,
        ..Filter::default()
    };
    let mut keys = signup_keys::queries::list(app.database(), &filter).await?.items;
    if keys.iter().all(|key| key.key != chosen.key) {
        keys.push(chosen.clone());
    }
    let label = |key: &SignupKeySnapshot| {
        if key.label.is_empty() { key.key.clone() } else { format!("{} ({})", key.label, key.key) }
    };
    let choices: Vec<_> = keys.iter().map(|key| (key.key.clone(), label(key))).collect();
    let data = FormData::of(vec![(KEY.to_owned(), chosen.key.clone())]);
    Ok(data.choice(KEY, "Signup URL", None, choices))
}

/// The code for a web page, and who may show the form in a frame.
fn web_page(base: &str, key: &str, origins: &[String]) -> Block {
    let mut block = embedding(base, key);
    let sites = if origins.is_empty() {
        "None yet. Ask the operator to allow your site.".to_owned()
    } else {
        origins.join(", ")
    };
    block.facts.push(("Sites that may show the frame", Cell::text(sites)));
    block
}

impl MaterialPage {
    /// The choices of the signup URL.
    fn choices(&self) -> &[crate::ui::inputs::Choice] {
        if let Kind::Choice(choices) = &self.choice.kind { choices } else { &[] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_has_the_name_and_the_url_in_its_language() {
        let url = "https://my.example.com/signup/ABC";
        for language in &LANGUAGES {
            let shown = shown(language, "{url} Telecom", url);
            for text in shown.texts {
                let with_url = format!("{url}?lang={}", language.tag);
                assert_eq!(text.matches(&with_url).count(), 1, "{text}");
                assert!(text.contains("{url} Telecom"), "a name stays as it is: {text}");
            }
        }
        let tags: Vec<_> = LANGUAGES.iter().map(|language| language.tag).collect();
        assert_eq!(tags, settings::requests::PAGE_LANGUAGES);
    }
}
