//! The requests of the load: a key looked up, a page opened, a signup sent. Each response is checked cheaply, since
//! the load generator shares the machine with the servers.

use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use harness::names::{Rng, person};
use memchr::memmem;
use serde::Deserialize;

use crate::generator::{RawResponse, Verdict, Visits};

/// The kind of read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The key's lookup by JSON.
    Lookup,
    /// The key's signup page.
    Page,
}

/// Visitors who look at keys.
pub struct Readers {
    reading: Reading,
    keys: Arc<Vec<String>>,
    /// The kind of response.
    answer: Reading,
    /// Set when each key is requested once, in order; otherwise keys are random.
    in_order: Option<AtomicUsize>,
}

impl Readers {
    pub fn new(reading: Reading, keys: &Arc<Vec<String>>) -> Self {
        Self { reading, answer: reading, keys: Arc::clone(keys), in_order: None }
    }

    /// Each key once.
    #[must_use]
    pub fn in_order(self) -> Self {
        Self { in_order: Some(AtomicUsize::new(0)), ..self }
    }

    /// Expects a lookup's response to every read.
    #[must_use]
    pub fn answered_by_lookups(self) -> Self {
        Self { answer: Reading::Lookup, ..self }
    }
}

impl Visits for Readers {
    type Expected = usize;

    fn write(&self, rng: &mut Rng, request: &mut Vec<u8>) -> usize {
        let choice = match &self.in_order {
            Some(next) => next.fetch_add(1, Ordering::Relaxed) % self.keys.len(),
            None => rng.below(self.keys.len()),
        };
        let path = if self.reading == Reading::Lookup { "/api/v1/signup-keys/" } else { "/signup/" };
        let key = &self.keys[choice];
        // Writing to memory cannot fail.
        let _ = write!(request, "GET {path}{key} HTTP/1.1\r\nHost: signup.example.com\r\nAccept: */*\r\n\r\n");
        choice
    }

    fn judge(&self, choice: &usize, answer: &RawResponse<'_>) -> Verdict {
        let key = &self.keys[*choice];
        let right = answer.status == 200
            && match self.answer {
                Reading::Lookup => is_about(answer.body, key),
                Reading::Page => shows_form(answer.body, key),
            };
        if right { Verdict::Right } else { Verdict::Wrong }
    }
}

/// `{"key":"...","state":"usable",...}`
fn is_about(body: &[u8], key: &str) -> bool {
    let rest = body.strip_prefix(b"{\"key\":\"").and_then(|rest| rest.strip_prefix(key.as_bytes()));
    rest.is_some_and(|rest| rest.starts_with(b"\",\"state\":\"usable\",") && rest.ends_with(b"\"}"))
}

fn shows_form(body: &[u8], key: &str) -> bool {
    let Some(place) = memmem::find(body, b"action=\"/signup/") else { return false };
    body[place..].strip_prefix(b"action=\"/signup/").is_some_and(|rest| rest.starts_with(key.as_bytes()))
        && body.trim_ascii_end().ends_with(b"</html>")
}

/// An acknowledgement and its time.
#[derive(Clone, Debug)]
pub struct Acknowledged {
    pub position: u64,
    pub customer_id: String,
    pub at: Instant,
}

/// Visitors who sign up, each with a unique e-mail address.
pub struct Signups {
    pub keys: Vec<String>,
    pub terms_version: String,
    next: AtomicUsize,
    /// Recorded only on request.
    acknowledged: Option<Mutex<Vec<Acknowledged>>>,
}

/// The checked part of a response.
#[derive(Deserialize)]
struct Placed<'a> {
    customer_id: &'a str,
    customer_number: &'a str,
    #[serde(borrow)]
    placement: Placement<'a>,
    position: u64,
}

#[derive(Deserialize)]
struct Placement<'a> {
    key: &'a str,
}

impl Signups {
    /// Numbers begin at `first`, so that two sets of visitors on one database do not collide.
    pub fn new(keys: Vec<String>, terms_version: &str, first: usize) -> Self {
        let terms_version = terms_version.to_owned();
        Self { keys, terms_version, next: AtomicUsize::new(first), acknowledged: None }
    }

    /// Records every acknowledgement.
    #[must_use]
    pub fn remembering(self) -> Self {
        Self { acknowledged: Some(Mutex::default()), ..self }
    }

    /// The number of sent signups, which is the next visitor's number.
    pub fn sent(&self) -> usize {
        self.next.load(Ordering::Relaxed)
    }

    /// The acknowledgements since the last call.
    pub fn take_acknowledged(&self) -> Vec<Acknowledged> {
        self.acknowledged.as_ref().map(|list| std::mem::take(&mut *locked(list))).unwrap_or_default()
    }

    fn body(&self, rng: &mut Rng, number: usize, key: &str) -> Vec<u8> {
        let visitor = person(rng, number);
        let mut body = Vec::with_capacity(512);
        // No name, city or street of the harness needs escaping in JSON. Writing to memory cannot fail.
        let _ = write!(
            body,
            "{{\"key\":\"{key}\",\"email\":\"{}\",\"first_name\":\"{}\",\"last_name\":\"{}\",\"phone\":\"{}\",\
             \"address\":\"{}\",\"city\":\"{}\",\"consent\":{{\"terms_version\":\"{}\"}},\
             \"campaign\":{{\"utm_source\":\"newsletter\",\"sub_id\":\"{number}\"}}}}",
            visitor.email,
            visitor.first_name,
            visitor.last_name,
            visitor.phone,
            visitor.address,
            visitor.city,
            self.terms_version,
        );
        body
    }
}

impl Visits for Signups {
    type Expected = usize;

    fn write(&self, rng: &mut Rng, request: &mut Vec<u8>) -> usize {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let choice = rng.below(self.keys.len());
        let body = self.body(rng, number, &self.keys[choice]);
        let _ = write!(
            request,
            "POST /api/v1/signups HTTP/1.1\r\nHost: signup.example.com\r\nContent-Type: application/json\r\n\
             Idempotency-Key: bench-{number}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        request.extend_from_slice(&body);
        choice
    }

    fn judge(&self, choice: &usize, answer: &RawResponse<'_>) -> Verdict {
        if answer.status == 503 {
            return Verdict::Refused;
        }
        let Ok(placed) = serde_json::from_slice::<Placed<'_>>(answer.body) else { return Verdict::Wrong };
        let right = answer.status == 201
            && placed.placement.key == self.keys[*choice]
            && !placed.customer_number.is_empty()
            && !placed.customer_id.is_empty();
        if !right {
            return Verdict::Wrong;
        }
        if let Some(list) = &self.acknowledged {
            let customer_id = placed.customer_id.to_owned();
            locked(list).push(Acknowledged { position: placed.position, customer_id, at: Instant::now() });
        }
        Verdict::Right
    }
}

fn locked<T>(list: &Mutex<Vec<T>>) -> MutexGuard<'_, Vec<T>> {
    list.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signups() -> Signups {
        Signups::new(vec!["ABC".to_owned()], "2026-01", 7)
    }

    #[test]
    fn a_signup_is_complete_json_with_the_right_content_length() {
        let mut request = Vec::new();
        signups().write(&mut Rng::new(1), &mut request);
        let text = String::from_utf8(request).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}", body.len())));
        assert!(head.contains("Idempotency-Key: bench-7"));
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["key"], "ABC");
        assert_eq!(body["consent"]["terms_version"], "2026-01");
    }

    #[test]
    fn an_answer_about_another_key_is_wrong() {
        let body = |key: &str| {
            format!(r#"{{"customer_id":"c","customer_number":"1","placement":{{"key":"{key}"}},"position":9}}"#)
        };
        let judge = |status, body: &str| signups().judge(&0, &RawResponse { status, body: body.as_bytes() });
        assert_eq!(judge(201, &body("ABC")), Verdict::Right);
        assert_eq!(judge(201, &body("ABD")), Verdict::Wrong);
        assert_eq!(judge(200, &body("ABC")), Verdict::Wrong);
        assert_eq!(judge(503, "{}"), Verdict::Refused);
    }

    #[test]
    fn a_page_must_be_whole_and_of_its_key() {
        let page = b"<html><form method=\"post\" action=\"/signup/ABC\"></form></html>\n";
        assert!(shows_form(page, "ABC"));
        assert!(!shows_form(page, "ABD"));
        assert!(!shows_form(&page[..40], "ABC"));
        assert!(is_about(br#"{"key":"ABC","state":"usable","terms_version":"1"}"#, "ABC"));
        assert!(!is_about(br#"{"key":"ABC","state":"paused","terms_version":"1"}"#, "ABC"));
    }
}
