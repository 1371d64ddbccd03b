//! Signing in to NATS: with the permissions of the run book, by each method, and without credentials.

mod jwt;

use harness::names::{Rng, person};
use harness::pair::servers_are_here;
use harness::{Context, Nats, NatsSetup, Pair, Result, Setup, Standalone, Traffic, check, ensure, eventually, seconds};

use super::{about_nats, has_state, publishes};

harness::on_servers_with!(2, super::with_listed_permissions, the_permissions_of_the_run_book_are_enough);

/// The run book's accounts, with a user for the journey and another account.
fn accounts() -> Result<String> {
    let book = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/RUNBOOK.md"))?;
    let listed = book.split("```conf accounts\n").nth(1).and_then(|rest| rest.split("```").next());
    let listed = listed.context("the run book lists no accounts")?;
    let filled = ["AGENTS", "SIGNUP", "COMMANDS", "ANALYTICS"].iter().fold(listed.to_owned(), |text, name| {
        text.replace(&format!("${name}_PASSWORD"), &format!("{}-secret", name.to_lowercase()))
    });
    let with_journey = filled.replacen("users: [", "users: [\n{ user: journey, password: journey }", 1);
    let other = "OTHER { jetstream: enabled, users: [{ user: other, password: other }] }";
    Ok(with_journey.replacen("accounts {", &format!("accounts {{\n{other}"), 1))
}

fn journeys_own() -> (String, String) {
    ("journey".to_owned(), "journey".to_owned())
}

pub(super) fn with_listed_permissions(setup: Setup) -> Setup {
    let config = accounts().unwrap_or_default();
    let users = [
        ("agents-service", "agents-service", "agents-secret"),
        ("signup-service", "signup-service", "signup-secret"),
        ("signpost", "signpost", "commands-secret"),
    ];
    let setup = setup.nats(NatsSetup { config, login: Some(journeys_own()), ..NatsSetup::default() });
    users.into_iter().fold(setup, |setup, (program, user, password)| {
        setup.with_for(program, "SIGNPOST_NATS_USER", user).with_for(program, "SIGNPOST_NATS_PASSWORD", password)
    })
}

async fn the_permissions_of_the_run_book_are_enough(pair: Pair) -> Result<()> {
    let traffic = Traffic::start(&pair, 6).await?;
    let jetstream = pair.nats()?.jetstream().await?;
    let other = ("other".to_owned(), "other".to_owned());
    let of_others = pair.nats()?.jetstream_as(Some(&other)).await?;
    ensure!(of_others.get_stream("AGENTS").await.is_err(), "another account sees the stream");
    jetstream.delete_stream("AGENTS").await?;
    traffic.flows(20).await?;
    eventually(seconds(20), async || {
        let (status, printed) = pair.command(&["repair", "--yes"])?;
        ensure!(status == 0 && printed.contains("stream AGENTS: made anew"), "repair ended with {status}:\n{printed}");
        Ok(())
    })
    .await?;
    traffic.flows(20).await?;
    let (journal, personal) = traffic.stop().await?;
    check(&pair, &journal, &personal).await?;
    let complaints: Vec<_> = pair.lines().into_iter().filter(|line| line.contains("ermissions")).collect();
    ensure!(complaints.is_empty(), "a permission is missing: {complaints:?}");
    Ok(())
}

/// A server's configuration, the settings that sign in to it, and the journey's own user.
struct Way {
    name: &'static str,
    config: String,
    files: Vec<(String, String)>,
    settings: Vec<(&'static str, String)>,
    in_url: &'static str,
}

fn ways() -> Result<Vec<Way>> {
    let journey = "{ user: journey, password: journey }";
    let nkey = nkeys::KeyPair::new_user();
    let seed = nkey.seed()?;
    let users = |one: &str| format!("accounts {{ ONE {{ jetstream: enabled, users: [{journey}, {one}] }} }}");
    let (jwt_config, creds) = jwt::operator_mode()?;
    let by_name = users("{ user: signpost, password: \"p@ss/word\" }");
    Ok(vec![
        Way {
            name: "user",
            config: by_name.clone(),
            files: Vec::new(),
            settings: vec![
                ("SIGNPOST_NATS_USER", "signpost".to_owned()),
                ("SIGNPOST_NATS_PASSWORD", "p@ss/word".to_owned()),
            ],
            in_url: "",
        },
        Way {
            name: "url",
            config: by_name,
            files: Vec::new(),
            settings: Vec::new(),
            in_url: "signpost:p%40ss%2Fword@",
        },
        Way {
            name: "token",
            config: "authorization { token: s3cr3t }".to_owned(),
            files: Vec::new(),
            settings: vec![("SIGNPOST_NATS_TOKEN", "s3cr3t".to_owned())],
            in_url: "",
        },
        Way {
            name: "nkey",
            config: users(&format!("{{ nkey: {} }}", nkey.public_key())),
            files: Vec::new(),
            settings: vec![("SIGNPOST_NATS_NKEY", seed)],
            in_url: "",
        },
        Way {
            name: "credentials",
            config: jwt_config,
            files: vec![("signpost.creds".to_owned(), creds)],
            settings: vec![("SIGNPOST_NATS_CREDENTIALS", "{folder}/signpost.creds".to_owned())],
            in_url: "",
        },
    ])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_way_to_sign_in_works() -> Result<()> {
    if !servers_are_here()? {
        return Ok(());
    }
    for way in ways()? {
        let journey = format!("nats::each_way_to_sign_in_works::{}", way.name);
        let setup = NatsSetup { config: way.config, files: way.files, ..NatsSetup::default() };
        let nats = Nats::begin(&journey, setup)?;
        let url = nats.url().replace("nats://", &format!("nats://{}", way.in_url));
        let folder = nats.folder().to_str().context("the temporary folder has a plain name")?;
        let settings: Vec<_> =
            way.settings.iter().map(|(name, value)| (*name, value.replace("{folder}", folder))).collect();
        let mut all: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        all.push(("SIGNPOST_NATS_URL", &url));
        let standalone = Standalone::start(&journey, &all)?;
        standalone.process().ready().await?;
        // The command signs in by the same method.
        eventually(seconds(30), async || {
            let (status, printed) = standalone.command(&["verify"])?;
            ensure!(
                status == 0 && printed.contains("stream AGENTS:"),
                "{}: verify ended with {status}:\n{printed}",
                way.name
            );
            ensure!(!printed.contains("stream AGENTS: 0 messages"), "{}: nothing is published", way.name);
            Ok(())
        })
        .await?;
        has_state(&standalone, "nats", 0).await?;
        let output = standalone.process().lines().join("\n");
        let secrets =
            settings.iter().filter(|(name, _)| !["SIGNPOST_NATS_USER", "SIGNPOST_NATS_CREDENTIALS"].contains(name));
        for secret in secrets.map(|(_, value)| value.as_str()).chain([way.in_url]).filter(|secret| !secret.is_empty()) {
            ensure!(!output.contains(secret), "{}: a secret is in the output:\n{output}", way.name);
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_credentials_are_said_once_and_signups_go_on() -> Result<()> {
    if !servers_are_here()? {
        return Ok(());
    }
    let journey = "nats::refused_credentials_are_said_once_and_signups_go_on";
    let config = "accounts { ONE { jetstream: enabled, users: [{ user: journey, password: journey }] } }".to_owned();
    let nats = Nats::start(journey, NatsSetup { config, login: Some(journeys_own()), ..NatsSetup::default() }).await?;
    let wrong = [("SIGNPOST_NATS_USER", "signpost"), ("SIGNPOST_NATS_PASSWORD", "mistyped-password")];
    for settings in [&wrong[..], &[]] {
        let all = [settings, &[("SIGNPOST_NATS_URL", nats.url())]].concat();
        let standalone = Standalone::start(journey, &all)?;
        has_state(&standalone, "nats", 1).await?;
        has_state(&standalone, "relay", 1).await?;
        let operator = standalone.operator().await?;
        let seller = operator.add_seller().await?;
        let key = operator.add_key(&seller).await?;
        let visitor = standalone.visitor().await?;
        visitor.usable_within(seconds(10), &key.id).await?;
        visitor.sign_up(&key.id, &person(&mut Rng::new(30), 0)).await?.expect(201)?;
        let printed = about_nats(&standalone);
        ensure!(printed.len() == 1, "expected one line about NATS: {printed:#?}");
        ensure!(printed[0].contains("refuses the credentials; check the SIGNPOST_NATS_ settings"), "{printed:?}");
        ensure!(
            !standalone.process().lines().iter().any(|line| line.contains("mistyped")),
            "the password is in the output"
        );
    }
    let right =
        [("SIGNPOST_NATS_USER", "journey"), ("SIGNPOST_NATS_PASSWORD", "journey"), ("SIGNPOST_NATS_URL", nats.url())];
    let _standalone = Standalone::start(journey, &right)?;
    publishes(&nats).await
}

#[test]
fn settings_of_nats_that_contradict_each_other_end_the_start_with_a_sentence() -> Result<()> {
    let url = ("SIGNPOST_NATS_URL", "nats://127.0.0.1:1");
    let cases = [
        (vec![("SIGNPOST_NATS_TOKEN", "s3cr3t")], "set SIGNPOST_NATS_URL, or remove SIGNPOST_NATS_TOKEN"),
        (vec![url, ("SIGNPOST_NATS_USER", "a")], "set SIGNPOST_NATS_USER and SIGNPOST_NATS_PASSWORD together"),
        (vec![url, ("SIGNPOST_NATS_CREDENTIALS", "/nowhere.creds")], "cannot read /nowhere.creds"),
        (vec![url, ("SIGNPOST_NATS_CA", "/nowhere.pem")], "cannot read /nowhere.pem"),
    ];
    for (settings, sentence) in cases {
        let standalone = Standalone::start("nats::settings_that_contradict", &settings)?;
        let command = standalone.command(&["serve"])?;
        ensure!(command.0 != 0 && command.1.contains(sentence), "{command:?}");
    }
    Ok(())
}
