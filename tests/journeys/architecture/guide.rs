//! The consumers' guide names tests that exist.

use std::fs;
use std::path::PathBuf;

use super::root;

const GUIDE: &str = "shared/contract/README.md";

/// Each link of the guide: its text, and the file that it leads to.
fn links(text: &str) -> Vec<(String, PathBuf)> {
    let folder = root().join(GUIDE).parent().expect("a folder").to_owned();
    let parts = text.split("](").collect::<Vec<_>>();
    let pairs = parts.windows(2).filter_map(|pair| {
        let (_, name) = pair[0].rsplit_once('[')?;
        let (path, _) = pair[1].split_once(')')?;
        Some((name.to_owned(), folder.join(path)))
    });
    pairs.collect()
}

#[test]
fn the_consumers_guide_names_tests_that_exist() {
    let text = fs::read_to_string(root().join(GUIDE)).expect("the guide");
    let links = links(&text);
    assert!(links.len() > 20, "the links were not found: {links:?}");
    for (name, path) in links {
        assert!(path.exists(), "{name} leads nowhere: {}", path.display());
        let Some(function) = name.strip_prefix('`').and_then(|name| name.strip_suffix('`')) else { continue };
        let source = fs::read_to_string(&path).expect("UTF-8");
        assert!(source.contains(function), "{function} is not in {}", path.display());
    }
    let paragraphs = text.split("\n\n").filter(|paragraph| paragraph.contains("Shown by")).count();
    assert!(paragraphs >= 8, "{paragraphs} paragraphs name their tests");
}
