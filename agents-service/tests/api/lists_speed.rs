//! How long lists and searches take on their pages and in the API. `SIGNPOST_TEST_ROWS=1000000` measures it with a million agents, call
//! plans, groups and URLs; without it, it is only checked that each answers.

use std::time::{Duration, Instant};

use harness::operator::PASSWORD;

use crate::browser::Browser;
use crate::lists::{fill, is_measured};
use crate::office::BackOffice;

harness::on_both_databases!(crate::office::BackOffice::open: reads_of_lists_take_less_than_200_ms_each);

const LIMIT: Duration = Duration::from_millis(200);
/// Times that each is read, where it is measured.
const TIMES: usize = 20;
/// An agent with a hundredth of all URLs.
const AGENT: &str = "00000000-0000-0000-0000-000000000007";
/// Words that all have, that one has, and that none has.
const PAGES: [&str; 30] = [
    "/",
    "/agents",
    "/agents?search=person",
    "/agents?search=rare777x",
    "/agents?search=login777+city",
    "/agents?search=nobody",
    "/agents?state=suspended",
    "/agents?sort=-login",
    "/agents?sort=-created&size=200",
    "/signup-keys",
    "/signup-keys?search=poster",
    "/signup-keys?search=key777x",
    "/signup-keys?state=paused",
    "/signup-keys?agent_id={agent}",
    "/signup-keys?agent_id={agent}&search=poster",
    "/call-plans?search=plan",
    "/groups?search=rare777x",
    "/groups",
    "/groups?sort=name",
    "/groups?agent_id={agent}&sort=-name",
    "/call-plans?sort=-name",
    "/signup-keys?sort=created&size=200",
    "/signup-keys/key-777",
    "/agents/{agent}",
    "/groups/{agent}",
    "/search?q=rare777x",
    "/search?q=person",
    "/search?q=key-777",
    "/search?q=1000000777",
    "/activity",
];

fn p95(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[(times.len() * 95 / 100).saturating_sub(1)]
}

async fn reads_of_lists_take_less_than_200_ms_each(office: BackOffice) {
    fill(&office.app.service.database).await;
    let mut operator = Browser::new(&office);
    operator.sign_in("/sign-in", "operator", PASSWORD).await;
    let mut slow = Vec::new();
    for address in PAGES {
        let address = address.replace("{agent}", AGENT);
        let mut times = Vec::new();
        for _ in 0..if is_measured() { TIMES } else { 1 } {
            let started = Instant::now();
            let page = operator.page(&address).await;
            times.push(started.elapsed());
            assert!(page.trim_end().ends_with("</html>"), "{address}: {page}");
        }
        let p95 = p95(times);
        println!("{:>7.1} ms  {address}", p95.as_secs_f64() * 1e3);
        if p95 > LIMIT {
            slow.push(format!("{address}: {p95:?}"));
        }
    }
    assert!(!is_measured() || slow.is_empty(), "{slow:#?}");
}
