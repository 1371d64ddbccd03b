//! The files of a SQLite database are removed under a running process, which must not acknowledge writes that it
//! would lose.

use std::path::Path;

use harness::names::{Rng, person};
use harness::{Api, Result, Standalone, Visitor, ensure, eventually, seconds};

use super::{admin, becomes};

/// Moves both databases from one folder to another.
fn carry(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for file in std::fs::read_dir(from)? {
        let file = file?;
        std::fs::rename(file.path(), to.join(file.file_name()))?;
    }
    Ok(())
}

async fn refuses_signups(visitor: &Visitor, admin: &Api, key: &str) -> Result<()> {
    let answer = visitor.sign_up(key, &person(&mut Rng::new(9), 9)).await?;
    ensure!(answer.status == 503, "{answer}");
    let body = becomes(admin, 503).await?;
    let database = &body["services"]["signup"]["dependencies"]["database"];
    ensure!(database["state"] == "failing" && database["cause"].to_string().contains("removed or replaced"), "{body}");
    Ok(())
}

async fn takes_signups(visitor: &Visitor, key: &str, number: usize) -> Result<()> {
    let who = person(&mut Rng::new(4), number);
    eventually(seconds(20), async || visitor.sign_up(key, &who).await?.expect(201)).await.map(drop)
}

#[tokio::test]
async fn a_database_file_that_is_removed_or_replaced_stops_signups() -> Result<()> {
    let standalone = Standalone::start("readiness-file", &[])?;
    let admin = admin(standalone.process()).await?;
    let operator = standalone.operator().await?;
    let key = operator.add_key(&operator.add_seller().await?).await?;
    let data = standalone.data_folder();
    let aside = data.with_file_name("aside");
    let visitor = standalone.visitor().await?;
    takes_signups(&visitor, &key.id, 1).await?;

    carry(&data, &aside)?;
    refuses_signups(&visitor, &admin, &key.id).await?;
    ensure!(std::fs::read_dir(&data)?.next().is_none(), "an empty database was made in the place of the other");
    carry(&aside, &data)?;
    becomes(&admin, 200).await?;
    takes_signups(&visitor, &key.id, 2).await?;

    // Restored backups need a restart.
    ensure!(standalone.process().stop(), "it does not stop");
    standalone.keep_data()?;
    standalone.process().start_again()?;
    let admin = super::admin(standalone.process()).await?;
    becomes(&admin, 200).await?;
    let visitor = standalone.visitor().await?;
    takes_signups(&visitor, &key.id, 3).await?;
    standalone.put_data_back()?;
    refuses_signups(&visitor, &admin, &key.id).await?;
    standalone.process().restart().await?;
    becomes(&super::admin(standalone.process()).await?, 200).await?;
    takes_signups(&standalone.visitor().await?, &key.id, 4).await
}
