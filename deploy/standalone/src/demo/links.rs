//! The kinds of signup URLs that agents hand out, and the campaigns of those who follow them.

/// A kind of signup URL.
#[derive(Debug)]
pub struct Link {
    pub label: &'static str,
    pub note: Option<&'static str>,
    /// How many of the agent's visitors follow it, beside the agent's other links.
    pub share: i64,
    /// How many look at the page for each who signs up.
    pub looks: i64,
    /// Source and medium of its campaigns.
    pub source: Option<[&'static str; 2]>,
    pub cap: Option<u64>,
    /// Days until it starts, and until it ends.
    pub days: Option<[i64; 2]>,
    pub terms: Option<Terms>,
}

/// Commission terms of a key's own.
#[derive(Debug)]
pub enum Terms {
    Percent(&'static str),
    /// In euros, for so many payments.
    Flat(&'static str, u32),
}

pub static SHOP: Link = link("Shop", 20, 5);
pub static WEBSITE: Link = Link { source: Some(["google", "cpc"]), ..link("Website", 14, 8) };
pub static NEW_WEBSITE: Link = Link { note: Some("Since the relaunch"), ..link("New website", 18, 7) };
pub static POSTER: Link = Link { source: Some(["poster", "print"]), ..link("Poster", 3, 20) };
pub static NEWSLETTER: Link = Link { source: Some(["newsletter", "email"]), ..link("Newsletter", 6, 7) };
pub static SOCIAL: Link = Link { source: Some(["instagram", "social"]), ..link("Social media", 6, 16) };
pub static PARTNER: Link = Link { terms: Some(Terms::Flat("2.50", 3)), ..link("Partner shops", 9, 6) };
pub static AIRPORT: Link = Link { terms: Some(Terms::Percent("20")), ..link("Airport", 5, 9) };
pub static FAIR: Link =
    Link { cap: Some(25), note: Some("Only for visitors of the stand"), ..link("Trade fair", 14, 6) };
pub static STAFF: Link = Link { cap: Some(5), note: Some("For families of the staff"), ..link("Staff", 9, 5) };
pub static AUTUMN: Link = Link {
    days: Some([12, 60]),
    note: Some("The leaflets are printed already"),
    source: Some(["leaflet", "print"]),
    ..link("Leaflet", 10, 12)
};

/// Names of campaigns, by the quarter of the year.
const CAMPAIGNS: [&str; 4] = ["new-year-minutes", "spring-flat", "summer-abroad", "winter-calls"];

impl Link {
    /// Source, medium and name of its campaign in a month.
    pub fn campaign(&self, month: usize) -> Option<[&'static str; 3]> {
        let [source, medium] = self.source?;
        Some([source, medium, CAMPAIGNS[(month - 1) / 3 % CAMPAIGNS.len()]])
    }
}

const fn link(label: &'static str, share: i64, looks: i64) -> Link {
    Link { label, note: None, share, looks, source: None, cap: None, days: None, terms: None }
}
