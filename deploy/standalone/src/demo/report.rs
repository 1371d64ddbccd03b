//! What was made, and how to get in.

use std::fmt::Write as _;

use agents_service::bootstrap::FirstOperator;
use web::settings::Settings;

use super::shop::{Counts, Shop};

/// Agents whose passwords are told.
const TOLD: usize = 2;

/// The example.
pub struct Demo {
    /// Where their password was chosen here.
    pub first_operator: Option<FirstOperator>,
    agents: usize,
    plans: usize,
    counts: Counts,
    /// Name, login and password.
    told: Vec<[String; 3]>,
    key: String,
    token: String,
}

impl Demo {
    pub fn of(shop: &Shop, first_operator: Option<FirstOperator>, token: String) -> Self {
        let told = shop.agents.iter().take(TOLD);
        Self {
            first_operator,
            agents: shop.agents.len(),
            plans: shop.plans.len(),
            counts: shop.counts.clone(),
            told: told
                .map(|agent| [agent.cast.name.to_owned(), agent.cast.login.to_owned(), agent.password.clone()])
                .collect(),
            key: shop.offers.first().map(|offer| offer.key.clone()).unwrap_or_default(),
            token,
        }
    }

    /// The lines for whoever started the example, who finds the services at these addresses.
    pub fn report(&self, settings: &Settings, [agents, signup]: [&str; 2], operator: Option<&FirstOperator>) -> String {
        let Self { counts, key, token, .. } = self;
        let mut lines = format!("demo: {} agents, {} call plans, {counts}", self.agents, self.plans);
        let login = &settings.bootstrap_login;
        let password = operator.map_or("as SIGNPOST_BOOTSTRAP_PASSWORD says", |operator| &operator.password);
        // Writing to a text cannot fail.
        let _ = write!(lines, "\ndemo: back office {agents}: login {login}, password {password}");
        for [name, login, password] in &self.told {
            let _ = write!(lines, "\ndemo: portal {agents}/portal: login {login}, password {password} ({name})");
        }
        let _ = write!(lines, "\ndemo: signup page {signup}/signup/{key}");
        if settings.bootstrap_token.is_none() {
            let _ = write!(lines, "\ndemo: an API token for this example: {token}");
        }
        lines
    }
}
