//! Webhooks: the endpoints that events are sent to, one of them with its attempts, and what can be done with it.

mod edit;
mod list;
mod place;
mod secret;
mod show;
mod steps;

use crate::ui::routes::Routes;

pub fn routes(routes: Routes) -> Routes {
    steps::routes(secret::routes(edit::routes(show::routes(list::routes(routes)))))
}
