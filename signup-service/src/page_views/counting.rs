use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use contract::events::signups::{Campaign, SignupPageViewed};
use metrics::Counter;
use smol_str::SmolStr;

use crate::fields::campaign::MAX_CAMPAIGNS;
use crate::keys::model::KeyRow;
use crate::keys::placed::Placed;

/// Most keys that are counted between two records. Views of further keys are not counted, so that a visitor who opens
/// a million pages fills neither the memory nor the log.
pub const MAX_KEYS: usize = 10_000;

/// Whether a person sees the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageView {
    View,
    /// The request is HEAD, a browser's prefetch, or by a program that fetches links.
    Automated,
}

/// Headers by which browsers mark a prefetch or a preview.
const PURPOSES: [&str; 4] = ["sec-purpose", "purpose", "x-purpose", "x-moz"];
const AHEAD: [&str; 3] = ["prefetch", "prerender", "preview"];
/// Parts of the names of programs that fetch links: chats and networks with previews, search engines, and programs
/// that say so.
const AGENTS: [&str; 15] = [
    "bot/",
    "bot)",
    "bot;",
    "bot-",
    "bot.",
    "crawler",
    "spider",
    "preview",
    "facebookexternalhit",
    "facebookcatalog",
    "whatsapp",
    "slack-imgproxy",
    "slackbot",
    "embedly",
    "vkshare",
];

impl PageView {
    fn of(method: &Method, headers: &HeaderMap) -> Self {
        let header = |name: &str| {
            let text = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
            text.to_ascii_lowercase()
        };
        let ahead = PURPOSES.iter().any(|name| AHEAD.iter().any(|word| header(name).contains(word)));
        let agent = header("user-agent");
        let is_program = agent.ends_with("bot") || AGENTS.iter().any(|name| agent.contains(name));
        if ahead || is_program || method == Method::HEAD { Self::Automated } else { Self::View }
    }
}

impl<S: Sync> FromRequestParts<S> for PageView {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.method, &parts.headers))
    }
}

/// How often a page was shown since the last record.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Shown {
    views: u64,
    automated: u64,
}

impl Shown {
    fn add(&mut self, page_view: PageView) {
        match page_view {
            PageView::View => self.views += 1,
            PageView::Automated => self.automated += 1,
        }
    }
}

/// The counts of one key.
struct OfKey {
    placed: Placed,
    without_campaign: Shown,
    by_campaign: HashMap<Campaign, Shown>,
}

#[derive(Default)]
struct Counted {
    keys: HashMap<SmolStr, OfKey>,
    /// Number of campaigns that are counted, of all keys.
    campaigns: usize,
}

/// The counts of this process. One lock is enough: a page holds it for less than 0.1 µs, so it is free 99 times of
/// 100 even at 100,000 pages a second.
pub struct PageViews {
    counted: Mutex<Counted>,
    without_room: Counter,
}

impl Default for PageViews {
    fn default() -> Self {
        let without_room = metrics::counter!("signpost_page_views_not_counted_total");
        Self { counted: Mutex::default(), without_room }
    }
}

impl PageViews {
    pub fn count(&self, page_view: PageView, row: &KeyRow, campaign: &Campaign) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let Counted { keys, campaigns } = &mut *counted;
        if !keys.contains_key(&row.key) {
            if keys.len() == MAX_KEYS {
                self.without_room.increment(1);
                return;
            }
            let (placed, without_campaign) = (Placed::by(row), Shown::default());
            keys.insert(row.key.clone(), OfKey { placed, without_campaign, by_campaign: HashMap::new() });
        }
        let Some(of_key) = keys.get_mut(&row.key) else { return };
        if let Some(shown) = of_key.by_campaign.get_mut(campaign) {
            shown.add(page_view);
        } else if *campaign == Campaign::default() || *campaigns == MAX_CAMPAIGNS {
            of_key.without_campaign.add(page_view);
        } else {
            *campaigns += 1;
            of_key.by_campaign.entry(campaign.clone()).or_default().add(page_view);
        }
    }

    pub fn take(&self) -> Vec<SignupPageViewed> {
        let counted = std::mem::take(&mut *self.counted.lock().unwrap_or_else(PoisonError::into_inner));
        let of_keys = counted.keys.into_values().flat_map(|OfKey { placed, without_campaign, by_campaign }| {
            let plain = (without_campaign != Shown::default()).then(|| (Campaign::default(), without_campaign));
            by_campaign.into_iter().chain(plain).map(move |(campaign, shown)| viewed(placed.clone(), campaign, shown))
        });
        of_keys.collect()
    }
}

fn viewed(placed: Placed, campaign: Campaign, Shown { views, automated }: Shown) -> SignupPageViewed {
    let Placed { key, agent_id, call_plan_id, group_id } = placed;
    SignupPageViewed { key, agent_id, call_plan_id, group_id, views, automated, campaign }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::model::tests::usable_row;

    fn page_view(method: &str, headers: &[(&'static str, &'static str)]) -> PageView {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        PageView::of(&method.parse().unwrap(), &headers)
    }

    #[test]
    fn a_fetch_without_a_reader_is_automated() {
        let person = "Mozilla/5.0 (Linux; Android 14; CUBOT X70) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36";
        assert_eq!(page_view("GET", &[]), PageView::View);
        assert_eq!(page_view("GET", &[("user-agent", person)]), PageView::View);
        assert_eq!(page_view("HEAD", &[]), PageView::Automated);
        for (name, value) in [
            ("sec-purpose", "prefetch;prerender"),
            ("purpose", "prefetch"),
            ("x-moz", "prefetch"),
            ("x-purpose", "preview"),
            ("user-agent", "Twitterbot/1.0"),
            ("user-agent", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"),
            ("user-agent", "WhatsApp/2.23.20.0"),
            ("user-agent", "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"),
            ("user-agent", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
            ("user-agent", "Pinterest/0.2 (+https://www.pinterest.com/bot.html)"),
            ("user-agent", "TelegramBot (like TwitterBot)"),
            ("user-agent", "Mozilla/5.0 SkypeUriPreview Preview/0.5"),
        ] {
            assert_eq!(page_view("GET", &[(name, value)]), PageView::Automated, "{name}: {value}");
        }
    }

    #[test]
    fn views_are_counted_by_key_and_taken_once() {
        let (page_views, row) = (PageViews::default(), usable_row());
        let other = KeyRow { key: "another".into(), ..usable_row() };
        for row in [&row, &row, &other] {
            page_views.count(PageView::View, row, &Campaign::default());
        }
        page_views.count(PageView::Automated, &other, &Campaign::default());
        let taken = page_views.take();
        let mut views: Vec<_> = taken.iter().map(|seen| (seen.key.as_str(), seen.views)).collect();
        views.sort_unstable();
        let mut expected = [(row.key.as_str(), 2), ("another", 1)];
        expected.sort_unstable();
        assert_eq!(views, expected);
        assert!(page_views.take().is_empty());
    }

    #[test]
    fn of_more_keys_than_there_is_room_for_the_first_go_on_counting() {
        let page_views = PageViews::default();
        let row = |number: usize| KeyRow { key: format!("key-{number}").into(), ..usable_row() };
        for number in (0..MAX_KEYS + 10).chain(0..10) {
            page_views.count(PageView::View, &row(number), &Campaign::default());
        }
        let views: u64 = page_views.take().iter().map(|seen| seen.views).sum();
        assert_eq!(views, u64::try_from(MAX_KEYS).unwrap() + 10);
    }

    #[test]
    fn of_more_campaigns_than_there_is_room_for_the_rest_are_counted_without() {
        let (page_views, row) = (PageViews::default(), usable_row());
        for number in (0..MAX_CAMPAIGNS + 10).chain(0..10) {
            let campaign = Campaign { sub_id: Some(number.to_string()), ..Campaign::default() };
            page_views.count(PageView::View, &row, &campaign);
        }
        let taken = page_views.take();
        let without = taken.iter().find(|seen| seen.campaign == Campaign::default()).unwrap();
        assert_eq!((taken.len(), without.views), (MAX_CAMPAIGNS + 1, 10));
    }
}
