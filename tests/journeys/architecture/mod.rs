//! The rules of the layout, as tests: file length, allowed names, allowed imports.
#![allow(clippy::expect_used, reason = "a test that cannot read the sources must stop")]

mod guide;
mod imports;

use std::fs;
use std::path::{Path, PathBuf};

/// Longest source file, in lines.
const MAX_FILE_LINES: usize = 400;
/// Longest sample for consumers, in lines.
const MAX_SAMPLE_LINES: usize = 100;
/// Meaningless file names.
const EMPTY_NAMES: [&str; 7] = ["util", "utils", "common", "helper", "helpers", "types", "manager"];
/// The top level, except for dot files and the usual tool files.
const TOP_FOLDERS: [&str; 6] = ["agents-service", "deploy", "samples", "shared", "signup-service", "tests"];
/// Names that a model must not use: I/O, the clock, a random source.
const NOT_IN_A_MODEL: [&str; 10] = [
    "tokio",
    "axum",
    "sqlx",
    "async_nats",
    "event_store::sql",
    "Clock",
    "new_id",
    "random_bytes",
    "random_crockford",
    "getrandom",
];
/// Words of the domain that the crates below the services must not use.
const NOUNS: [&str; 7] = ["customer", "callplan", "signupkey", "grant", "remittance", "commission", "reseller"];
/// The most names in one import list from the parent folder.
const MAX_NAMES_FROM_ABOVE: usize = 8;
/// The folders whose files import each name from where it lives.
const WITHOUT_PRELUDES: [&str; 4] = ["shared/", "agents-service/src/", "signup-service/src/", "deploy/"];
/// The crates without cycles of imports.
const WITHOUT_CIRCLES: [&str; 6] =
    ["shared/contract", "shared/event-store", "shared/web", "agents-service", "signup-service", "deploy/standalone"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests lies in the workspace").to_owned()
}

/// Every Rust file of the workspace with its text.
fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for folder in TOP_FOLDERS {
        collect_sources(&root().join(folder), &mut found);
    }
    assert!(found.len() > 50, "the sources were not found");
    found
}

fn collect_sources(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).expect("readable").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect_sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("UTF-8");
            found.push((path, text));
        }
    }
}

/// The code of a file without its tests.
fn code(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or(text)
}

#[track_caller]
fn none(what: &str, offenders: &[String]) {
    assert!(offenders.is_empty(), "{what}:\n{}", offenders.join("\n"));
}

/// A path relative to the workspace.
fn place(path: &Path) -> String {
    path.strip_prefix(root()).expect("inside").to_string_lossy().into_owned()
}

#[test]
fn every_file_is_short() {
    let offenders: Vec<String> = sources()
        .iter()
        .filter(|(_, text)| text.lines().count() > MAX_FILE_LINES)
        .map(|(path, text)| format!("{}: {} lines", path.display(), text.lines().count()))
        .collect();
    none("too long", &offenders);
}

#[test]
fn every_sample_is_a_page() {
    let folders = fs::read_dir(root().join("samples")).expect("readable").flatten();
    let files = folders.flat_map(|folder| fs::read_dir(folder.path()).expect("a folder").flatten());
    let texts: Vec<_> = files.filter_map(|file| Some((file.path(), fs::read_to_string(file.path()).ok()?))).collect();
    assert!(texts.len() >= 8, "the samples were not found");
    let long = texts.iter().filter(|(_, text)| text.lines().count() >= MAX_SAMPLE_LINES);
    none("too long for a sample", &long.map(|(path, _)| place(path)).collect::<Vec<_>>());
}

#[test]
fn every_file_has_a_meaningful_name() {
    let empty =
        |path: &Path| path.file_stem().and_then(|stem| stem.to_str()).is_some_and(|stem| EMPTY_NAMES.contains(&stem));
    let offenders: Vec<String> =
        sources().iter().filter(|(path, _)| empty(path)).map(|(path, _)| path.display().to_string()).collect();
    none("names that say nothing", &offenders);
}

#[test]
fn a_model_is_pure() {
    let is_model = |path: &Path| path.file_name().is_some_and(|name| name == "model.rs");
    let sources = sources();
    let models = sources.iter().filter(|(path, _)| is_model(path));
    let offenders: Vec<String> = models.flat_map(|(path, text)| impure(&place(path), text)).collect();
    none("a model that is not pure", &offenders);
}

fn impure(place: &str, text: &str) -> Vec<String> {
    let lines = code(text).lines().filter(|line| !line.trim_start().starts_with("//"));
    let impure = lines.filter(|line| NOT_IN_A_MODEL.iter().any(|word| line.contains(word)));
    impure.map(|line| format!("{place}: {line}")).collect()
}

#[test]
fn the_crates_below_the_services_name_no_noun() {
    let sources = sources();
    let below = sources.iter().map(|(path, text)| (place(path), text)).filter(|(place, _)| {
        // Settings have the names that the operator reads.
        ["shared/event-store/src/", "shared/web/src/"].iter().any(|folder| place.starts_with(folder))
            && !place.starts_with("shared/web/src/settings")
    });
    none("a crate that names a noun", &below.flat_map(|(place, text)| nouns(&place, text)).collect::<Vec<_>>());
}

/// The lines of code with a noun among the identifiers, as `CallPlan` or `call_plan`.
fn nouns(place: &str, text: &str) -> Vec<String> {
    let lines = code(text).lines().filter(|line| !line.trim_start().starts_with("//"));
    let identifiers = |line: &str| {
        let outside_of_strings = line.split('"').step_by(2).collect::<String>();
        outside_of_strings.to_lowercase().replace('_', "")
    };
    let named = lines.filter(|line| NOUNS.iter().any(|noun| identifiers(line).contains(noun)));
    named.map(|line| format!("{place}: {line}")).collect()
}

#[test]
fn no_imports_form_a_cycle() {
    let sources = sources();
    let mut offenders = Vec::new();
    for name in WITHOUT_CIRCLES {
        let files = sources.iter().filter_map(|(path, text)| {
            Some((path.strip_prefix(root().join(name).join("src")).ok()?.to_str()?, code(text)))
        });
        offenders.extend(imports::Crate::new(files).circles().iter().map(|circle| format!("{name}: {circle}")));
    }
    none("circles of imports", &offenders);
}

#[test]
fn nothing_is_imported_by_a_prelude() {
    let sources = sources();
    let files = sources.iter().map(|(path, text)| (place(path), text));
    let ruled = files.filter(|(place, _)| WITHOUT_PRELUDES.iter().any(|folder| place.starts_with(folder)));
    let offenders: Vec<String> = ruled.filter(|(_, text)| has_prelude(text)).map(|(place, _)| place).collect();
    none("everything of the folder above, or a long list of it, is imported", &offenders);
}

fn has_prelude(text: &str) -> bool {
    let code = code(text);
    let lists = code.split("use super::{").skip(1).filter_map(|rest| rest.split('}').next());
    code.contains("use super::*") || lists.into_iter().any(|list| list.matches(',').count() >= MAX_NAMES_FROM_ABOVE)
}

#[test]
fn only_the_start_of_a_service_knows_which_database_and_bus_are_in_use() {
    let homes = ["app.rs", "main.rs", "maintenance.rs", "cli.rs"];
    let words = ["Database::Postgres", "Database::Sqlite", "Dialect::", "event_store::bus", "JetStream"];
    let mut offenders = Vec::new();
    for (path, text) in sources() {
        let place = place(&path);
        let is_inside = ["agents-service/src/", "signup-service/src/"].iter().any(|folder| place.starts_with(folder));
        let at_home = homes.iter().any(|home| place.ends_with(&format!("/src/{home}")));
        if is_inside && !at_home {
            let code = code(&text).lines().filter(|line| !line.trim_start().starts_with("//"));
            let known = code.filter(|line| words.iter().any(|word| line.contains(word)));
            offenders.extend(known.map(|line| format!("{place}: {line}")));
        }
    }
    none("a place that knows which database or bus is in use", &offenders);
}

#[test]
fn a_planted_fault_is_found() {
    assert_eq!(impure("a/model.rs", "use tokio::time;\nlet now = clock.now();"), ["a/model.rs: use tokio::time;"]);
    assert_eq!(impure("a/model.rs", "/// Knows no tokio.\n#[cfg(test)]\nuse tokio::time;"), Vec::<String>::new());
    assert!(has_prelude("pub use super::*;") && has_prelude("use super::{a, b, c, d, e, f, g, h, i};"));
    assert!(!has_prelude("use super::{a, b};\n#[cfg(test)]\nuse super::*;"));
    assert_eq!(nouns("a.rs", "struct CallPlan;"), ["a.rs: struct CallPlan;"]);
    assert_eq!(nouns("a.rs", "let call_plan_id = 1;"), ["a.rs: let call_plan_id = 1;"]);
    assert_eq!(
        nouns("a.rs", "let scope = \"customers:read\"; // of customers"),
        ["a.rs: let scope = \"customers:read\"; // of customers"]
    );
    assert_eq!(nouns("a.rs", "let scope = \"customers:read\";"), Vec::<String>::new());
}

#[test]
fn the_services_do_not_know_each_other_and_shared_knows_neither() {
    let pairs = [
        ("agents-service/src", "signup_service"),
        ("signup-service/src", "agents_service"),
        ("shared", "agents_service"),
        ("shared", "signup_service"),
        // The benchmark fills logs without the API, so it is not in this list.
        ("tests/harness", "agents_service::"),
        ("tests/harness", "contract::"),
        ("tests/harness", "event_store::"),
        ("tests/harness", "web::"),
        ("tests/journeys", "agents_service::"),
        ("tests/journeys", "contract::"),
        ("tests/journeys", "event_store::"),
        ("tests/journeys", "web::"),
        ("tests/load", "agents_service::"),
        ("tests/load", "contract::"),
        ("tests/load", "event_store::"),
        ("tests/load", "web::"),
    ];
    let mut offenders = Vec::new();
    for (path, text) in sources() {
        let place = place(&path);
        let imports =
            |stranger: &str| text.lines().any(|line| line.trim_start().starts_with(&format!("use {stranger}")));
        offenders.extend(
            pairs
                .iter()
                .filter(|(folder, stranger)| place.starts_with(folder) && imports(stranger))
                .map(|_| place.clone()),
        );
    }
    none("a service that imports another, or a journey that looks inside", &offenders);
}

/// Pages stand above the nouns, and `ui`, which all pages share, below the pages. The two sets of pages do not import
/// each other.
#[test]
fn nothing_below_the_pages_of_the_agents_service_names_them() {
    // These files put the parts together, so they name all of them.
    let above = ["app.rs", "lib.rs", "menu.rs", "registry.rs", "router.rs", "samples.rs"];
    let mut offenders = Vec::new();
    for (path, text) in sources() {
        let place = place(&path);
        let Some(inside) = place.strip_prefix("agents-service/src/").filter(|inside| !above.contains(inside)) else {
            continue;
        };
        for pages in ["back_office", "portal"] {
            let names_them = code(&text).lines().any(|line| {
                let line = line.trim_start();
                !line.starts_with("//")
                    && (line.contains(&format!("crate::{pages}")) || line.contains(&format!("super::{pages}")))
            });
            if names_them && !inside.starts_with(pages) {
                offenders.push(format!("{place}: {pages}"));
            }
        }
    }
    none("a file that looks up to the pages", &offenders);
}

#[test]
fn only_the_sql_folder_knows_the_databases_and_only_the_bus_knows_nats() {
    let allowed = |place: &str, crate_name: &str| {
        let homes: &[&str] = match crate_name {
            "sqlx" => &["shared/event-store/src/sql/", "tests/"],
            _ => &[
                "shared/event-store/src/bus/",
                "shared/event-store/src/feed/",
                "shared/event-store/src/relay/",
                "tests/",
            ],
        };
        // Tests may inspect the database and the bus from outside.
        place.contains("/tests/") || homes.iter().any(|home| place.starts_with(home))
    };
    let mut offenders = Vec::new();
    for (path, text) in sources() {
        let place = place(&path);
        for crate_name in ["sqlx", "async_nats"] {
            if code(&text).contains(&format!("{crate_name}::")) && !allowed(&place, crate_name) {
                offenders.push(format!("{place}: {crate_name}"));
            }
        }
    }
    none("a driver where it does not belong", &offenders);
}

/// A rebuilt projection replaces the live one by name, so it needs the same indexes.
#[test]
fn every_index_of_a_projection_is_on_its_shadow_table_too() {
    let mut offenders = Vec::new();
    for service in ["agents-service/migrations/1101_agents.sql", "signup-service/migrations/1101_signups.sql"] {
        let text = fs::read_to_string(root().join(service)).unwrap_or_default();
        assert!(text.contains("{shadow}"), "{service} is not there");
        let index = text.lines().filter(|line| line.contains(" INDEX ") && !line.contains("{shadow}"));
        let of_view = index.filter(|line| {
            let table = line.split(" ON ").nth(1).and_then(|rest| rest.split([' ', '(']).next()).unwrap_or_default();
            text.contains(&format!("CREATE TABLE {table}{{shadow}}"))
        });
        offenders.extend(of_view.map(|line| format!("{service}: {line}")));
    }
    none("indexes that a rebuild would lose", &offenders);
}

#[test]
fn the_top_level_has_the_planned_folders_only() {
    let folders = fs::read_dir(root()).expect("readable").flatten().filter(|entry| entry.path().is_dir());
    let names = folders.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let strange: Vec<String> = names
        .filter(|name| !name.starts_with('.') && !["target", "data"].contains(&name.as_str()))
        .filter(|name| !TOP_FOLDERS.contains(&name.as_str()))
        .collect();
    none("folders that do not belong at the top", &strange);
}

/// The settings table of `deploy/README.md` lists exactly the settings of the code.
#[test]
fn the_settings_table_lists_every_setting() {
    let table = fs::read_to_string(root().join("deploy/README.md")).expect("there is a document about deploying");
    let settings = fs::read_to_string(root().join("shared/web/src/settings/names.rs")).expect("there are settings");
    let names = |text: &str, before: &str| {
        let found = text.lines().filter_map(|line| line.trim_start().strip_prefix(before)?.split(['"', '`']).next());
        found.filter(|name| name.starts_with("SIGNPOST_")).map(str::to_owned).collect::<Vec<_>>()
    };
    let known: Vec<String> = names(code(&settings), "(\"");
    assert!(known.len() > 10, "the settings were not found");
    assert_eq!(names(&table, "| `"), known);
}
