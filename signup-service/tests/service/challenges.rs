//! The challenge before a signup: when it is asked for, what solves it, and the wait instead.

use contract::challenge::{BURST_SIGNUPS, SignupChallenge};
use contract::clock::{Clock, SetClock};
use contract::events::agents::SettingsChanged;
use contract::events::signups::{RefusalReason, RefusalStage};
use contract::ids::new_id;
use harness::challenge::{solution, solved};
use serde_json::Value;
use signup_service::challenges::difficulty::{FLOOD_SIGNUPS, Step};
use signup_service::challenges::puzzle::VALID_SECONDS;

use crate::agents::{Agents, Seller, TOKEN, event};
use crate::pages::{fields, send};
use crate::service::{Service, signup};

harness::on_both_databases!(crate::challenges::Guarded::start:
    nothing_is_asked_for_until_the_settings_say_so,
    a_solved_form_signs_up_and_does_so_once,
    an_unsolved_form_comes_back_with_what_was_typed_and_is_counted,
    a_solution_is_of_no_use_for_another_form_or_key_or_after_an_hour,
    a_wait_lets_one_form_through_once,
    violations_and_languages_keep_a_solution,
    challenges_come_with_a_burst_get_harder_and_go_with_it,
    a_program_gets_the_challenge_in_a_problem_and_sends_its_solution_in_a_header,
    a_program_without_an_idempotency_key_solves_a_challenge_for_its_body,
    an_unusable_key_needs_no_challenge,
);

const EMAIL: &str = "zoe@example.org";

/// A service with a clock that stands until it is set, and a key.
pub struct Guarded {
    service: Service,
    clock: SetClock,
    seller: Seller,
}

/// What a page asks for.
struct Asked {
    once: String,
    challenge: String,
    solution: String,
    ticket: String,
}

fn part<'a>(html: &'a str, before: &str) -> &'a str {
    html.split_once(before).map_or("", |(_, rest)| rest.split('"').next().unwrap_or_default())
}

fn value<'a>(html: &'a str, name: &str) -> &'a str {
    part(html, &format!("name=\"{name}\" value=\""))
}

impl Asked {
    /// Reads a page, and solves its challenge where it has one.
    fn by(html: &str) -> Self {
        let (challenge, hash) = (value(html, "challenge"), part(html, "data-hash=\""));
        let number = part(html, "data-numbers=\"").parse().map(|numbers| solution(challenge, hash, numbers).unwrap());
        Self {
            once: value(html, "idempotency_key").to_owned(),
            challenge: challenge.to_owned(),
            solution: number.unwrap_or_default(),
            ticket: value(html, "wait").to_owned(),
        }
    }

    fn form<'a>(&'a self, email: &'a str) -> Vec<(&'a str, &'a str)> {
        self.with(email, &self.solution, "")
    }

    /// The form of a browser without script.
    fn unsolved<'a>(&'a self, email: &'a str) -> Vec<(&'a str, &'a str)> {
        self.with(email, "", &self.ticket)
    }

    fn with<'a>(&'a self, email: &'a str, solution: &'a str, ticket: &'a str) -> Vec<(&'a str, &'a str)> {
        let mut fields = fields(&self.once, email);
        fields.extend([("challenge", self.challenge.as_str()), ("solution", solution), ("wait", ticket)]);
        fields
    }
}

impl Guarded {
    pub async fn start(url: String) -> Self {
        let now = Clock::System.now();
        let clock = SetClock::at(now);
        // The keys stay fresh when the clock is set.
        let settings = [("SIGNPOST_DATABASE_URL", url.as_str()), ("SIGNPOST_KEYS_MAX_AGE_SECONDS", "1000000")];
        let agents = Agents::by(Clock::Set(clock.clone())).await;
        let service = Service::start_with(agents, &settings, Clock::Set(clock.clone())).await;
        let seller = service.seller(None).await;
        Self { service, clock, seller }
    }

    async fn asks(&self, signup_challenge: SignupChallenge) {
        let settings = SettingsChanged { signup_challenge, ..Agents::settings() };
        let position = self.service.agents.append(vec![event("settings", settings)]).await;
        self.service.look_up_at(&self.seller.key, position).await;
    }

    fn later(&self, seconds: i64) {
        self.clock.set(self.clock.now().plus_seconds(seconds));
    }

    async fn page(&self, key: &str) -> String {
        self.service.get(&format!("/signup/{key}")).await.text().await.unwrap()
    }

    async fn send(&self, fields: &[(&str, &str)]) -> (u16, String) {
        send(&self.service, &self.seller.key, fields).await
    }

    /// Sends a signup as a program, with the solution of a challenge where there is one.
    async fn post(&self, once: Option<&str>, email: &str, solution: Option<&str>) -> (u16, Value) {
        let call = self.service.request("POST", "/api/v1/signups").json(&signup(&self.seller.key, email));
        let call = once.into_iter().fold(call, |call, once| call.header("Idempotency-Key", once));
        let call = solution.into_iter().fold(call, |call, solution| call.header("Signpost-Solution", solution));
        let answer = call.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn placed(&self) -> usize {
        self.service.signups().await.placed.len()
    }
}

async fn nothing_is_asked_for_until_the_settings_say_so(guarded: Guarded) {
    assert!(!guarded.page(&guarded.seller.key).await.contains("name=\"challenge\""));
    assert_eq!(guarded.send(&fields("once", EMAIL)).await.0, 200);
    assert_eq!(guarded.post(None, "program@example.org", None).await.0, 201);
    guarded.asks(SignupChallenge::Always).await;
    let page = guarded.service.get(&format!("/signup/{}?lang=de", guarded.seller.key)).await;
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("worker-src 'self';"), "{policy}");
    let html = page.text().await.unwrap();
    assert!(html.contains("role=\"status\" data-checking=\"Es wird geprüft"), "{html}");
    let script = guarded.service.get(part(&html, "data-worker=\"")).await;
    assert!(script.status() == 200 && script.headers()["content-type"] == "text/javascript; charset=utf-8");
    guarded.asks(SignupChallenge::Never).await;
    assert_eq!(guarded.send(&fields("twice", "other@example.org")).await.0, 200);
}

async fn a_solved_form_signs_up_and_does_so_once(guarded: Guarded) {
    guarded.asks(SignupChallenge::Always).await;
    let asked = Asked::by(&guarded.page(&guarded.seller.key).await);
    let (status, page) = guarded.send(&asked.form(EMAIL)).await;
    assert_eq!(status, 200, "{page}");
    assert_eq!(guarded.send(&asked.form(EMAIL)).await, (status, page), "a second click is another signup");
    let (status, html) = guarded.send(&asked.form("other@example.org")).await;
    assert!(status == 422 && html.contains("already been sent with other details"), "{html}");
    // The form for another customer has a challenge of its own.
    let again = Asked::by(&html);
    assert!(again.once != asked.once && again.challenge != asked.challenge);
    assert_eq!(guarded.send(&again.form("other@example.org")).await.0, 200);
    let signups = guarded.service.recorded().await;
    assert_eq!((signups.placed.len(), signups.refused.len()), (2, 0));
}

async fn an_unsolved_form_comes_back_with_what_was_typed_and_is_counted(guarded: Guarded) {
    guarded.asks(SignupChallenge::Always).await;
    let asked = Asked::by(&guarded.page(&guarded.seller.key).await);
    for form in [fields(&asked.once, EMAIL), asked.unsolved(EMAIL)] {
        let (status, html) = guarded.send(&form).await;
        assert_eq!(status, 422);
        let kept =
            ["value=\"zoe@example.org\"", "value=\"李小龙\"", "value=\"poster\"", "checked", asked.once.as_str()];
        assert!(kept.iter().all(|kept| html.contains(kept)), "{html}");
        assert!(html.contains("Please wait 15 seconds, then send the form again"), "{html}");
        assert!(html.contains("<button form=\"signup\">Send again</button>") && html.contains("role=\"alert\""));
    }
    let signups = guarded.service.recorded().await;
    let [refused] = &signups.refused[..] else { panic!("{:?}", signups.refused) };
    assert_eq!((refused.reason, refused.stage), (RefusalReason::ChallengeUnsolved, RefusalStage::Signup));
    assert_eq!((refused.count, refused.agent_id, signups.placed.len()), (2, Some(guarded.seller.agent), 0));
}

async fn a_solution_is_of_no_use_for_another_form_or_key_or_after_an_hour(guarded: Guarded) {
    guarded.asks(SignupChallenge::Always).await;
    let asked = Asked::by(&guarded.page(&guarded.seller.key).await);
    let other_form = Asked { once: new_id().to_string(), ..Asked::by(&guarded.page(&guarded.seller.key).await) };
    assert_eq!(guarded.send(&other_form.form(EMAIL)).await.0, 422, "another form");
    let other_key = guarded.service.seller(None).await;
    assert_eq!(send(&guarded.service, &other_key.key, &asked.form(EMAIL)).await.0, 422, "another key");
    let harder = Asked { challenge: asked.challenge.replacen('1', "2", 1), ..Asked::by("") };
    let tampered = Asked { once: asked.once.clone(), solution: asked.solution.clone(), ..harder };
    assert_eq!(guarded.send(&tampered.form(EMAIL)).await.0, 422, "another challenge");
    let guessed = Asked { once: asked.once.clone(), challenge: asked.challenge.clone(), ..Asked::by("") };
    let guessed = Asked { solution: format!("{}0", asked.solution), ..guessed };
    assert_eq!(guarded.send(&guessed.form(EMAIL)).await.0, 422, "another number");
    guarded.later(VALID_SECONDS + 1);
    let (status, html) = guarded.send(&asked.form(EMAIL)).await;
    assert_eq!((status, guarded.placed().await), (422, 0), "an old challenge");
    assert_eq!(guarded.send(&Asked::by(&html).form(EMAIL)).await.0, 200);
}

async fn a_wait_lets_one_form_through_once(guarded: Guarded) {
    guarded.asks(SignupChallenge::Always).await;
    let asked = Asked::by(&guarded.page(&guarded.seller.key).await);
    assert!(asked.ticket.is_empty(), "a form that was not sent has nothing to wait for");
    let (_, html) = guarded.send(&asked.unsolved(EMAIL)).await;
    let waiting = Asked::by(&html);
    guarded.later(6);
    let (status, html) = guarded.send(&waiting.unsolved(EMAIL)).await;
    assert!(status == 422 && html.contains("Please wait 10 seconds"), "{html}");
    assert_eq!(value(&html, "wait"), waiting.ticket, "the wait starts again");
    guarded.later(9);
    let other_form = Asked { once: new_id().to_string(), ..Asked::by(&html) };
    assert_eq!(guarded.send(&other_form.unsolved(EMAIL)).await.0, 422, "another form");
    let (status, page) = guarded.send(&waiting.unsolved(EMAIL)).await;
    assert_eq!((status, guarded.placed().await), (200, 1), "{page}");
    assert_eq!(guarded.send(&waiting.unsolved(EMAIL)).await, (200, page));
    let (status, html) = guarded.send(&waiting.unsolved("other@example.org")).await;
    assert!(status == 422 && html.contains("already been sent"), "{html}");
    assert_ne!(value(&html, "wait"), waiting.ticket);
    assert_eq!(guarded.placed().await, 1);
}

async fn violations_and_languages_keep_a_solution(guarded: Guarded) {
    guarded.asks(SignupChallenge::Always).await;
    let asked = Asked::by(&guarded.page(&guarded.seller.key).await);
    let faulty = asked.form("nobody");
    let in_arabic = [&asked.form(EMAIL)[..], &[("switch_language", "plain")]].concat();
    for form in [faulty, in_arabic] {
        let (_, html) = guarded.send(&form).await;
        assert_eq!((value(&html, "challenge"), value(&html, "solution")), (&*asked.challenge, &*asked.solution));
        assert!(!html.contains("data-hash"), "it is solved once more: {html}");
    }
    assert_eq!(guarded.send(&asked.form(EMAIL)).await.0, 200);
}

async fn challenges_come_with_a_burst_get_harder_and_go_with_it(guarded: Guarded) {
    guarded.asks(SignupChallenge::Bursts).await;
    let email = |number: u32| format!("c{number}@example.org");
    for number in 1..BURST_SIGNUPS {
        assert_eq!(guarded.post(None, &email(number), None).await.0, 201, "{number}");
    }
    assert!(!guarded.page(&guarded.seller.key).await.contains("data-hash"));
    let numbers = async |number: u32| {
        let (status, problem) = guarded.post(None, &email(number), None).await;
        assert_eq!(status, 428, "{problem}");
        problem["challenge"]["numbers"].as_u64().unwrap()
    };
    assert_eq!(numbers(BURST_SIGNUPS).await, Step::Burst.numbers());
    let html = guarded.page(&guarded.seller.key).await;
    assert_eq!(part(&html, "data-numbers=\""), Step::Burst.numbers().to_string());
    for number in BURST_SIGNUPS + 1..FLOOD_SIGNUPS {
        assert_eq!(numbers(number).await, Step::Burst.numbers());
    }
    assert_eq!(numbers(FLOOD_SIGNUPS).await, Step::Flood.numbers());
    let calm_key = guarded.service.seller(None).await;
    assert!(!guarded.page(&calm_key.key).await.contains("data-hash"), "a burst at one key concerns another");
    guarded.later(120);
    assert!(!guarded.page(&guarded.seller.key).await.contains("data-hash"));
    assert_eq!(guarded.post(None, &email(FLOOD_SIGNUPS), None).await.0, 201);
}

async fn a_program_gets_the_challenge_in_a_problem_and_sends_its_solution_in_a_header(guarded: Guarded) {
    guarded.asks(SignupChallenge::Always).await;
    let (status, problem) = guarded.post(Some("once"), EMAIL, None).await;
    assert_eq!((status, &problem["type"]), (428, &Value::from("urn:signpost:problem:challenge-required")));
    assert_eq!(problem["reason"], "missing");
    assert!(
        problem["detail"].as_str().unwrap().contains("Signpost-Solution")
            && problem["challenge"]["expires_at"].is_string()
    );
    let header = solved(&problem).unwrap();
    let (text, number) = header.split_once(':').unwrap();
    for wrong in
        [text.to_owned(), format!("{text}:"), format!("{text}:0{number}"), format!("{text}.{number}"), String::new()]
    {
        let (status, problem) = guarded.post(Some("once"), EMAIL, Some(&wrong)).await;
        assert_eq!((status, &problem["reason"]), (428, &Value::from("wrong")), "{wrong}");
    }
    let (status, answer) = guarded.post(Some("once"), EMAIL, Some(&header)).await;
    assert_eq!(status, 201, "{answer}");
    assert_eq!(guarded.post(Some("once"), EMAIL, Some(&header)).await, (201, answer), "a repetition is another signup");
    let (status, problem) = guarded.post(Some("once"), "other@example.org", Some(&header)).await;
    assert_eq!((status, &problem["type"]), (422, &Value::from("urn:signpost:problem:idempotency-key-reused")));
    let (status, problem) = guarded.post(Some("twice"), "other@example.org", Some(&header)).await;
    assert_eq!((status, &problem["reason"]), (428, &Value::from("wrong")), "a solution for two signups");
    guarded.later(VALID_SECONDS + 1);
    assert_eq!(guarded.post(Some("once"), EMAIL, Some(&header)).await.1["reason"], "expired");
    let trusted = guarded.service.request("POST", "/api/v1/signups").bearer_auth(TOKEN);
    let trusted = trusted.json(&signup(&guarded.seller.key, "trusted@example.org")).send().await.unwrap();
    assert_eq!(trusted.status(), 201);
    let signups = guarded.service.recorded().await;
    let refused: u64 = signups.refused.iter().map(|refused| refused.count).sum();
    assert!(signups.refused.iter().all(|refused| refused.reason == RefusalReason::ChallengeUnsolved));
    assert_eq!((signups.placed.len(), refused), (2, 8));
}

async fn a_program_without_an_idempotency_key_solves_a_challenge_for_its_body(guarded: Guarded) {
    guarded.asks(SignupChallenge::Always).await;
    let header = solved(&guarded.post(None, EMAIL, None).await.1).unwrap();
    assert_eq!(guarded.post(None, "other@example.org", Some(&header)).await.0, 428, "another body");
    let (status, answer) = guarded.post(None, EMAIL, Some(&header)).await;
    assert_eq!(status, 201, "{answer}");
    assert_eq!(guarded.post(None, EMAIL, Some(&header)).await, (201, answer));
    assert_eq!(guarded.placed().await, 1);
}

async fn an_unusable_key_needs_no_challenge(guarded: Guarded) {
    guarded.asks(SignupChallenge::Always).await;
    assert_eq!(send(&guarded.service, "NOSUCHKEY000", &fields("once", EMAIL)).await.0, 404);
    let full = guarded.service.seller(Some(1)).await;
    let trusted = guarded.service.request("POST", "/api/v1/signups").bearer_auth(TOKEN);
    let trusted = trusted.json(&signup(&full.key, "trusted@example.org")).send().await.unwrap();
    assert_eq!(trusted.status(), 201);
    assert_eq!(send(&guarded.service, &full.key, &fields("once", EMAIL)).await.0, 410);
    let program = guarded.service.request("POST", "/api/v1/signups").json(&signup(&full.key, EMAIL));
    assert_eq!(program.send().await.unwrap().status(), 410);
    let refused = guarded.service.recorded().await.refused;
    assert!(refused.iter().all(|refused| refused.reason == RefusalReason::Exhausted), "{refused:?}");
}
