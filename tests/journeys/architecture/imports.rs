//! The imports between modules of a crate, by `crate::` and `super::` paths, and their cycles.

use std::collections::{BTreeMap, BTreeSet};

/// A module by its path inside the crate: `http/api.rs` and `http/api/mod.rs` are `["http", "api"]`.
type Module = Vec<String>;
/// The children of one folder, each with its imports among them. The folder's own `mod.rs` is the child `mod`.
type Siblings = BTreeMap<String, BTreeSet<String>>;

/// The code of the modules of one crate, without tests.
pub struct Crate {
    modules: BTreeMap<Module, String>,
}

impl Crate {
    /// From files by their paths below `src/`, with their code.
    pub fn new<'a>(files: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        Self { modules: files.map(|(path, code)| (module(path), code.to_owned())).collect() }
    }

    /// The cycles of files and folders: for each folder the children that import each other, directly or indirectly.
    pub fn circles(&self) -> Vec<String> {
        let mut folders: BTreeMap<Module, Siblings> = BTreeMap::new();
        for (from, code) in self.modules.iter().filter(|(from, _)| !from.is_empty()) {
            let is_child = |name: &str| self.modules.contains_key(&[from.clone(), vec![name.to_owned()]].concat());
            for to in imports(code, from, is_child).iter().map(|path| self.home(path)).filter(|to| !to.is_empty()) {
                let shared = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
                let child = |of: &Module| of.get(shared).map_or("mod", String::as_str).to_owned();
                let siblings = folders.entry(from[..shared].to_vec()).or_default();
                siblings.entry(child(from)).or_default().insert(child(&to));
            }
        }
        folders.iter().flat_map(|(folder, siblings)| in_circles(folder, siblings)).collect()
    }

    /// The module of a path: the longest prefix that is a module.
    fn home(&self, path: &[String]) -> Module {
        let is_module = |length: &usize| self.modules.contains_key(&path[..*length]);
        let length = (0..=path.len()).rev().find(is_module).unwrap_or_default();
        path[..length].to_vec()
    }
}

fn module(path: &str) -> Module {
    let path = path.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    path.split('/').filter(|part| !["lib", "main"].contains(part)).map(str::to_owned).collect()
}

/// Each child in a cycle, with another one of the cycle.
fn in_circles(folder: &Module, siblings: &Siblings) -> Vec<String> {
    let mut found = Vec::new();
    for (child, direct) in siblings {
        let others = direct.iter().filter(|other| *other != child);
        let back = others.filter(|other| reaches(siblings, other).contains(child)).cloned().collect::<Vec<_>>();
        if !back.is_empty() {
            found.push(format!("{}/{child} and {}", folder.join("/"), back.join(", ")));
        }
    }
    found
}

fn reaches<'a>(siblings: &'a Siblings, start: &'a str) -> BTreeSet<String> {
    let (mut seen, mut next) = (BTreeSet::new(), vec![start]);
    while let Some(child) = next.pop() {
        for other in siblings.get(child).into_iter().flatten() {
            if seen.insert(other.clone()) {
                next.push(other);
            }
        }
    }
    seen
}

/// The paths that the code of a module imports, from the root of the crate.
fn imports(code: &str, from: &Module, is_child: impl Fn(&str) -> bool) -> Vec<Module> {
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code = lines.collect::<Vec<_>>().join("\n");
    let mut found = Vec::new();
    for start in ["crate::", "super::"] {
        let places = code.match_indices(start).map(|(place, _)| place);
        // `$crate::` belongs to the user of a macro, and a second `super::` to the first.
        let begins = |place: &usize| {
            !code[..*place].ends_with(|before: char| before.is_alphanumeric() || "_$:".contains(before))
        };
        for place in places.filter(begins) {
            let mut rest = &code[place..];
            let mut base = if start == "crate::" { Vec::new() } else { from.clone() };
            while let Some(after) = rest.strip_prefix("super::") {
                base.pop();
                rest = after;
            }
            tree(rest.strip_prefix("crate::").unwrap_or(rest), &base, &mut found);
        }
    }
    for (_, path) in code.match_indices("use ").map(|(place, word)| code.split_at(place + word.len())) {
        if path.split("::").next().is_some_and(&is_child) {
            tree(path, from, &mut found);
        }
    }
    found
}

/// Parses a path, or a list of paths in braces, and returns the rest of the text.
fn tree<'a>(text: &'a str, base: &[String], found: &mut Vec<Module>) -> &'a str {
    let (mut path, mut rest) = (base.to_vec(), text.trim_start());
    loop {
        if let Some(mut list) = rest.strip_prefix('{') {
            loop {
                list = tree(list, &path, found).trim_start();
                match list.strip_prefix(',') {
                    Some(more) => list = more,
                    None => return list.strip_prefix('}').unwrap_or(list),
                }
            }
        }
        let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        if !name.is_empty() && name != "self" {
            path.push(name.to_owned());
        }
        match after.strip_prefix("::") {
            Some(more) if !name.is_empty() => rest = more,
            _ => {
                found.push(path);
                // The alias of an import is ignored.
                return after.find([',', '}', ';']).map_or(after, |end| &after[end..]);
            }
        }
    }
}

#[test]
fn a_circle_between_files_or_folders_is_found() {
    let of = |files: &[(&'static str, &'static str)]| Crate::new(files.iter().copied()).circles();
    let sound = [
        ("lib.rs", "mod a;"),
        ("a/mod.rs", ""),
        ("a/x.rs", "use super::y::{Y, z};"),
        ("a/y.rs", ""),
        ("b.rs", "use crate::a::x;"),
    ];
    assert_eq!(of(&sound), Vec::<String>::new());
    let files = [("a/x.rs", "use super::y::Y as Z;"), ("a/y.rs", "fn f() -> crate::a::x::X {}")];
    assert_eq!(of(&files), ["a/x and y", "a/y and x"]);
    let folders = [("a/x.rs", "use crate::{b::{self, One}, c};"), ("b/mod.rs", ""), ("c.rs", "use super::a::x::X;")];
    assert_eq!(of(&folders), ["/a and c", "/c and a"]);
    let comment =
        [("a.rs", "/// See [`crate::b`].\nmacro_rules! m { () => { $crate::b::B } }"), ("b.rs", "use crate::a;")];
    assert_eq!(of(&comment), Vec::<String>::new());
    let prelude = [("a/mod.rs", "pub use x::X;"), ("a/x.rs", "use super::Y;")];
    assert_eq!(of(&prelude), ["a/mod and x", "a/x and mod"]);
}
