//! The OpenAPI documents, read by programs of other makers.

use std::path::{Path, PathBuf};
use std::process::Command;

use harness::pair::TOKEN;
use harness::{Context, Pair, Result, Setup, ensure};

use crate::black_box::python;

const SERVICES: [&str; 2] = ["agents-service", "signup-service"];

fn project() -> Result<PathBuf> {
    Ok(Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the tests lie in the project")?.to_path_buf())
}

/// Runs Python where the programs of the black box lie.
fn runs(arguments: &[&str]) -> Result<()> {
    let mut command = Command::new(python()?);
    let output = command.current_dir(project()?.join("tests/black_box")).args(arguments).output()?;
    let printed = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    ensure!(output.status.success(), "{arguments:?}:\n{printed}");
    Ok(())
}

#[test]
fn a_validator_of_another_maker_accepts_the_documents() -> Result<()> {
    for service in SERVICES {
        runs(&["-m", "openapi_spec_validator", &format!("../../{service}/openapi.json")])?;
    }
    Ok(())
}

#[test]
fn clients_of_the_last_release_get_on_with_the_documents() -> Result<()> {
    runs(&["-m", "unittest", "-q", "test_api_changes"])?;
    for service in SERVICES {
        let released = format!("../../shared/contract/released/{service}.json");
        runs(&["api_changes.py", &released, &format!("../../{service}/openapi.json")])?;
    }
    Ok(())
}

/// `UPDATE_CONTRACTS=1` writes the examples; the documents show them after the next build.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_example_of_the_documents_is_true() -> Result<()> {
    harness::pair::run(Setup::embedded(concat!(module_path!(), "::examples")), examples_are_true).await
}

async fn examples_are_true(pair: Pair) -> Result<()> {
    let (agents, signup) = (pair.agents_api(0), pair.signup_api(0));
    let mut arguments = vec!["api_examples.py", "--agents", agents.base(), "--signup", signup.base(), "--token", TOKEN];
    if std::env::var_os("UPDATE_CONTRACTS").is_some() {
        arguments.extend(["--update", "../.."]);
    }
    runs(&arguments)
}
