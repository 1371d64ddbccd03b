//! How somebody signs up: by the page, by the page in a frame of an agent's own page, or by a partner's program.

use axum::body::Body;
use axum::http::Request;
use contract::events::signups::Channel;
use serde_json::json;

use super::people::Person;

/// Source, medium and name of a campaign.
pub type Campaign = Option<[&'static str; 3]>;

/// Somebody who fills the form in.
#[derive(Clone)]
pub struct Signup {
    pub key: String,
    pub offer: usize,
    pub campaign: Campaign,
    pub channel: Channel,
    pub person: Person,
    pub visitor: u64,
    /// A program that fills in every field.
    pub is_robot: bool,
}

impl Signup {
    pub fn request(&self, terms_version: &str) -> anyhow::Result<Request<Body>> {
        let is_framed = match self.channel {
            Channel::Api => return self.by_program(terms_version),
            Channel::Page => false,
            Channel::Frame => true,
        };
        let request = Request::post(format!("/signup/{}{}", self.key, query(self.campaign, is_framed)))
            .header("content-type", "application/x-www-form-urlencoded");
        Ok(request.body(Body::from(self.form(terms_version)))?)
    }

    fn by_program(&self, terms_version: &str) -> anyhow::Result<Request<Body>> {
        let request = Request::post("/api/v1/signups")
            .header("content-type", "application/json")
            .header("idempotency-key", format!("visitor-{}", self.visitor));
        Ok(request.body(Body::from(self.body(terms_version)))?)
    }

    fn form(&self, terms_version: &str) -> String {
        let Self { person, visitor, .. } = self;
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("email", &person.email)
            .append_pair("first_name", person.first_name)
            .append_pair("last_name", person.last_name)
            .append_pair("phone", person.phone.as_deref().unwrap_or_default())
            .append_pair("country", person.country)
            .append_pair("city", person.city)
            .append_pair("language", person.language)
            .append_pair("consent", "yes")
            .append_pair("terms_version", terms_version)
            .append_pair("leave_this_empty", if self.is_robot { "https://example.com" } else { "" })
            .append_pair("idempotency_key", &format!("visitor-{visitor}"));
        for (name, value) in parameters(self.campaign) {
            form.append_pair(name, value);
        }
        form.finish()
    }

    fn body(&self, terms_version: &str) -> String {
        let Self { key, person, .. } = self;
        let mut body = json!({
            "key": key, "email": person.email, "first_name": person.first_name, "last_name": person.last_name,
            "country": person.country, "city": person.city, "language": person.language,
            "consent": { "terms_version": terms_version },
        });
        if let Some(phone) = &person.phone {
            body["phone"] = phone.as_str().into();
        }
        for (name, value) in parameters(self.campaign) {
            body["campaign"][name] = value.into();
        }
        body.to_string()
    }
}

/// The parameters of a link to the page.
pub fn query(campaign: Campaign, is_framed: bool) -> String {
    let frame = is_framed.then_some(("embed", "1"));
    let pairs = parameters(campaign).chain(frame);
    format!("?{}", form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
}

fn parameters(campaign: Campaign) -> impl Iterator<Item = (&'static str, &'static str)> {
    ["utm_source", "utm_medium", "utm_campaign"].into_iter().zip(campaign.into_iter().flatten())
}
