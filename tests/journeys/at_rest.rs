//! The files of the SQLite databases: their permissions, and the data in each file.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use harness::binaries::STANDALONE;
use harness::names::{Rng, person};
use harness::{Context, Result, SingleService, Standalone, ensure, eventually, seconds};

/// The names of a folder's database files with data; the WAL's index has none.
fn filled_files(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for file in fs::read_dir(folder)? {
        let file = file?;
        let name = file.file_name().into_string().ok().context("a file has a plain name")?;
        if file.metadata()?.len() > 0 && !name.ends_with("-shm") {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn mode(path: &Path) -> Result<u32> {
    Ok(fs::metadata(path)?.permissions().mode() & 0o777)
}

#[tokio::test]
async fn the_data_is_for_its_owner_only() -> Result<()> {
    let standalone = Standalone::start("at-rest-owner", &[])?;
    standalone.process().ready().await?;
    let data = standalone.data_folder();
    ensure!(mode(&data)? == 0o700, "the folder is {:o}", mode(&data)?);
    let all_private = || -> Result<()> {
        for name in
            ["agents", "signups"].iter().flat_map(|name| ["", "-wal", "-shm"].map(|end| format!("{name}.sqlite{end}")))
        {
            let mode = mode(&data.join(&name))?;
            ensure!(mode == 0o600, "{name} is {mode:o}");
        }
        Ok(())
    };
    all_private()?;
    ensure!(standalone.process().stop(), "it does not stop");
    // As an older version left it.
    fs::set_permissions(data.join("signups.sqlite"), fs::Permissions::from_mode(0o644))?;
    standalone.process().start_again()?;
    standalone.process().ready().await?;
    all_private()
}

#[tokio::test]
async fn a_clean_end_leaves_everything_in_the_main_files() -> Result<()> {
    const FILES: [&str; 2] = ["agents.sqlite", "signups.sqlite"];
    let standalone = Standalone::start("at-rest-end", &[])?;
    let operator = standalone.operator().await?;
    let key = operator.add_key(&operator.add_seller().await?).await?;
    let (visitor, who) = (standalone.visitor().await?, person(&mut Rng::new(7), 1));
    visitor.usable_within(seconds(20), &key.id).await?;
    visitor.sign_up(&key.id, &who).await?.expect(201)?;
    ensure!(standalone.process().stop(), "it does not stop");
    let data = standalone.data_folder();
    ensure!(filled_files(&data)? == FILES, "{:?}", filled_files(&data)?);
    ensure!(fs::read(data.join("signups.sqlite"))?.windows(who.email.len()).any(|bytes| bytes == who.email.as_bytes()));
    let (status, output) = standalone.command(&["verify"])?;
    ensure!(status == 0, "{status}: {output}");
    ensure!(filled_files(&data)? == FILES, "after a command: {:?}", filled_files(&data)?);

    let alone = SingleService::new(STANDALONE, &[("SIGNPOST_DATA_DIR", "data")])?;
    let (status, output) = alone.run(&["migrate"])?;
    ensure!(status == 0, "{status}: {output}");
    let files = filled_files(&alone.folder().join("data"))?;
    ensure!(files == FILES, "after migrate: {files:?}");
    Ok(())
}

#[tokio::test]
async fn erased_data_is_in_no_file() -> Result<()> {
    let standalone = Standalone::start("at-rest-erased", &[])?;
    let operator = standalone.operator().await?;
    let key = operator.add_key(&operator.add_seller().await?).await?;
    let (visitor, who) = (standalone.visitor().await?, person(&mut Rng::new(8), 1));
    visitor.usable_within(seconds(20), &key.id).await?;
    let placed = visitor.sign_up(&key.id, &who).await?.expect(201)?.json()?;
    let data = standalone.data_folder();
    let holders = || -> Result<Vec<String>> {
        let mut holders = filled_files(&data)?;
        holders.retain(|name| {
            let bytes = fs::read(data.join(name)).unwrap_or_default();
            bytes.windows(who.email.len()).any(|window| window == who.email.as_bytes())
        });
        Ok(holders)
    };
    ensure!(!holders()?.is_empty(), "the customer is in no file");
    let id = placed["customer_id"].as_str().unwrap_or_default();
    let api = harness::Api::new(
        harness::api::client()?,
        &format!("{}/api/v1", standalone.address("signup").await?),
        Some(harness::pair::TOKEN),
    );
    api.delete(&format!("/customers/{id}")).expect(200).await?;
    eventually(seconds(10), async || {
        let holders = holders()?;
        ensure!(holders.is_empty(), "the customer is still in {holders:?}");
        Ok(())
    })
    .await
}
