//! The settings of a process: from the environment and from files, all checked before anything else.

use harness::binaries::{AGENTS_SERVICE, SIGNUP_SERVICE, STANDALONE};
use harness::pair::TOKEN;
use harness::{Pair, Result, SingleService, ensure};

harness::on_both_pairs!(secrets_stay_out_of_what_is_shown);

#[test]
fn every_wrong_setting_is_named_before_anything_is_created() -> Result<()> {
    let wrong = [
        ("SIGNPOST_STREAM_REPLICAS", "2"),
        ("SIGNPOST_KEYS_MAX_AGE_SECONDS", "-5"),
        ("SIGNPOST_LOG", "verbose"),
        ("SIGNPOST_ADMIN_LISTEN", "here"),
        ("SIGNPOST_AGENTS_URL", "agents:8081"),
        ("SIGNPOST_SERVICE_TOKEN", ""),
        ("SIGNPOST_BOOTSTRAP_PASSWORD", "hunter22"),
        ("SIGNPOST_LISTEN", "127.0.0.1:80"),
    ];
    for program in [STANDALONE, AGENTS_SERVICE, SIGNUP_SERVICE] {
        let alone = SingleService::new(program, &wrong)?;
        for arguments in
            [&[][..], &["serve"], &["migrate"], &["healthcheck"], &["config", "check"], &["config", "print"]]
        {
            let (status, output) = alone.run(arguments)?;
            ensure!(status == 2, "{program} {arguments:?}: {status}: {output}");
            for (name, _) in wrong {
                ensure!(output.contains(name), "{program} {arguments:?} does not name {name}: {output}");
            }
            ensure!(!output.contains("hunter22"), "{program} {arguments:?} shows a password: {output}");
        }
        ensure!(std::fs::read_dir(alone.folder())?.next().is_none(), "{program} created something");
        let (status, checked) = alone.json(&["config", "check"])?;
        let errors = checked["errors"].as_array().map_or(0, Vec::len);
        ensure!(status == 2 && checked["valid"] == false && errors >= wrong.len(), "{program}: {checked}");
    }
    Ok(())
}

#[test]
fn each_program_checks_the_settings_that_it_alone_needs() -> Result<()> {
    let check = |program, settings: &[(&str, &str)]| SingleService::new(program, settings)?.run(&["config", "check"]);
    let (status, output) = check(SIGNUP_SERVICE, &[])?;
    ensure!(status == 2 && output.contains("SIGNPOST_NATS_URL"), "{status}: {output}");
    let (status, output) = check(STANDALONE, &[("SIGNPOST_DATABASE_URL", "sqlite:one.sqlite")])?;
    ensure!(status == 2 && output.contains("SIGNPOST_AGENTS_DATABASE_URL"), "{status}: {output}");
    let (status, output) = check(STANDALONE, &[("SIGNPOST_ADMIN_LISTEN", "127.0.0.1:8081")])?;
    ensure!(status == 2 && output.contains("different addresses"), "{status}: {output}");
    let (status, output) = check(AGENTS_SERVICE, &[("SIGNPOST_DATABASE_URL", "sqlite:one.sqlite")])?;
    ensure!(status == 0, "{status}: {output}");
    Ok(())
}

#[test]
fn a_setting_may_be_in_a_file() -> Result<()> {
    let alone = SingleService::new(STANDALONE, &[])?;
    let secret = alone.file("token", "hunter22-hunter22\n")?;
    let level = alone.file("level", "debug")?;
    let missing = alone.folder().join("missing").display().to_string();
    let alone = alone.with("SIGNPOST_SERVICE_TOKEN_FILE", &secret).with("SIGNPOST_LOG_FILE", &level);
    let (status, shown) = alone.run(&["config", "print"])?;
    ensure!(status == 0 && shown.contains(&format!("SIGNPOST_LOG=debug (file {level})")), "{shown}");
    ensure!(shown.contains(&format!("SIGNPOST_SERVICE_TOKEN=*** (file {secret})")), "{shown}");
    ensure!(!shown.contains("hunter22"), "a secret is shown: {shown}");
    let alone = alone.with("SIGNPOST_SERVICE_TOKEN", "both").with("SIGNPOST_NATS_URL_FILE", &missing);
    let (status, output) = alone.run(&["config", "check"])?;
    ensure!(status == 2 && output.contains("both set") && output.contains(&missing), "{status}: {output}");
    Ok(())
}

async fn secrets_stay_out_of_what_is_shown(pair: Pair) -> Result<()> {
    for arguments in [&["config", "print"][..], &["status"], &["status", "--json"], &["config", "print", "--json"]] {
        let (status, output) = pair.command(arguments)?;
        ensure!(status <= 1 && !output.contains(TOKEN), "{arguments:?}: {status}: {output}");
    }
    ensure!(!pair.lines().iter().any(|line| line.contains(TOKEN)), "a line of the processes shows a token");
    Ok(())
}
