//! README.md and docs/ keep their word: every error code is explained there, every link leads somewhere, and no page is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::common::codes;

const README: &str = include_str!("../../README.md");
const ERRORS: &str = include_str!("../../docs/errors.md");
const TYPES: &str = include_str!("../../js/types.ts");
const LIBRARY: &str = include_str!("../../src/lib.rs");

/// Failures of the JavaScript around the module, which the core never sees.
const CODES_OF_THE_LOADER: [&str; 3] = ["wasm_unavailable", "wasm_blocked_by_csp", "instance_poisoned"];

/// Pages that are not below docs/.
const OTHER_PAGES: [&str; 6] = [
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "www/README.md",
    "tests/mutation/README.md",
];

/// Where the repository shows its files. README.md is also shown by the registries of npm and of Rust, where a relative
/// link leads nowhere.
const REPOSITORY: &str = "https://github.com/scopewise/scopewise/blob/main/";

/// The codes that are the client's, or that it acts on.
fn client_codes() -> Vec<&'static str> {
    [codes(), vec!["access_denied"], CODES_OF_THE_LOADER.to_vec()].concat()
}

/// What stands between two marks.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("no {from:?}"));
    rest.split_once(to).unwrap_or_else(|| panic!("no {to:?}")).0
}

/// The rows of the table of errors, which begin with a code in backticks: the code, what happened, and what to do.
fn explained() -> Vec<(&'static str, &'static str, &'static str)> {
    let rows = ERRORS.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| {
        let (code, rest) = row.split_once("` |").unwrap_or_else(|| panic!("no code in {row:?}"));
        let (what, remedy) = rest.split_once(" | ").unwrap_or_else(|| panic!("no remedy in {row:?}"));
        (code, what.trim(), remedy.trim_end_matches('|').trim())
    })
    .collect()
}

/// The codes that the types name, in quotes: those before the mark are the client's, those after it the server's.
fn typed() -> (BTreeSet<&'static str>, BTreeSet<&'static str>) {
    let union = between(TYPES, "export type AuthErrorCode =", "(string & {})");
    let parts = union.split_once("// of the server");
    let (client, server) = parts.unwrap_or_else(|| panic!("the server's codes have no comment of their own"));
    let codes = |text: &'static str| text.split('\'').skip(1).step_by(2).collect();
    (codes(client), codes(server))
}

#[test]
fn every_code_is_explained_once_and_no_other() {
    let rows = explained();
    let codes: BTreeSet<_> = rows.iter().map(|(code, ..)| *code).collect();
    assert_eq!(codes.len(), rows.len(), "a code stands there twice");
    let (_, server) = typed();
    let known: BTreeSet<_> = client_codes().into_iter().chain(server).collect();
    let missing: Vec<_> = known.difference(&codes).collect();
    let strange: Vec<_> = codes.difference(&known).collect();
    assert!(missing.is_empty(), "docs/errors.md does not explain {missing:?}");
    assert!(
        strange.is_empty(),
        "docs/errors.md explains {strange:?}, which there are not"
    );
    for (code, what, remedy) in rows {
        assert!(what.len() > 10, "docs/errors.md says next to nothing about {code}");
        assert!(
            remedy.len() >= "Nothing.".len(),
            "docs/errors.md has no remedy for {code}"
        );
    }
}

#[test]
fn the_types_name_the_same_codes() {
    let (client, server) = typed();
    let all: BTreeSet<_> = client_codes().into_iter().collect();
    assert_eq!(all.len(), client_codes().len(), "a code is there twice");
    assert!(client.is_disjoint(&server), "a code is the client's and the server's");
    // Two of the server's codes are known to the client, since it acts on them.
    let of_client: BTreeSet<_> = all.difference(&server).copied().collect();
    assert_eq!(client, of_client);
}

/// Every page by its path from the root.
fn pages() -> BTreeMap<PathBuf, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found: Vec<_> = OTHER_PAGES.iter().map(PathBuf::from).collect();
    let mut folders = vec![PathBuf::from("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder)).unwrap().map(Result::unwrap) {
            let path = folder.join(entry.file_name());
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(path),
                false if path.extension().is_some_and(|extension| extension == "md") => found.push(path),
                false => {}
            }
        }
    }
    let read = |path: PathBuf| {
        let text = fs::read_to_string(root.join(&path)).unwrap();
        (path, text)
    };
    found.into_iter().map(read).collect()
}

/// The lines of a page that are text: no code blocks, and no comments.
fn prose(page: &str) -> String {
    let mut is_code = false;
    let lines = page.lines().filter(|line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    let mut parts = text.split("<!--");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + part.split_once("-->").map_or("", |(_, rest)| rest)
    })
}

/// Where the links of a page lead.
fn links(page: &str) -> Vec<String> {
    let text = prose(page);
    // Every second part is code.
    let words: String = text.split('`').step_by(2).collect();
    let targets = words.split("](").skip(1).map(|rest| rest.split(')').next().unwrap());
    targets.map(str::to_owned).collect()
}

/// The headings of a page as anchors: in small letters, with hyphens for spaces, and without other signs.
fn anchors(page: &str) -> BTreeSet<String> {
    let text = prose(page);
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let anchor = |line: &str| -> String {
        let line = line.trim_start_matches('#').trim().to_lowercase();
        let kept = line.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(anchor).collect()
}

/// A path without `..` in it.
fn normalized(path: &Path) -> PathBuf {
    let mut parts = Vec::new();
    for part in path.components() {
        match part {
            Component::ParentDir => assert!(parts.pop().is_some(), "{} leaves the repository", path.display()),
            part => parts.push(part),
        }
    }
    parts.into_iter().collect()
}

/// The file of the repository that a link leads to, and the anchor in it; nothing where it leads elsewhere.
fn target(page: &Path, link: &str) -> Option<(PathBuf, String)> {
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let file = match path.strip_prefix(REPOSITORY) {
        Some(path) => PathBuf::from(path),
        None if path.contains("://") => return None,
        None if path.is_empty() => page.to_path_buf(),
        None => normalized(&page.with_file_name("").join(path)),
    };
    Some((file, anchor.to_owned()))
}

#[test]
fn links_lead_somewhere() {
    let pages = pages();
    let mut count = 0;
    for (page, text) in &pages {
        for link in links(text) {
            let Some((file, anchor)) = target(page, &link) else {
                continue;
            };
            count += 1;
            let is_there = Path::new(env!("CARGO_MANIFEST_DIR")).join(&file).is_file();
            assert!(is_there, "{}: there is no {link}", page.display());
            let has_anchor = || pages.get(&file).is_some_and(|text| anchors(text).contains(&anchor));
            assert!(
                anchor.is_empty() || has_anchor(),
                "{}: there is no {link}",
                page.display()
            );
        }
    }
    assert!(count > 120, "there should be links to follow: {count}");
}

#[test]
fn readme_is_short_and_its_links_work_wherever_it_is_shown() {
    assert!(
        README.lines().count() <= 60,
        "README.md is one screen: the rest is for docs/"
    );
    for link in links(README) {
        assert!(
            link.starts_with("https://"),
            "README.md: {link} leads nowhere on npm's page"
        );
    }
}

#[test]
fn every_page_is_in_the_index() {
    let pages = pages();
    let index = Path::new("docs/README.md");
    let linked: BTreeSet<_> = links(&pages[index])
        .iter()
        .filter_map(|link| target(index, link))
        .map(|(file, _)| file)
        .collect();
    for page in pages.keys().filter(|page| page.starts_with("docs") && *page != index) {
        assert!(
            linked.contains(page),
            "docs/README.md does not lead to {}",
            page.display()
        );
    }
}

#[test]
fn every_rust_block_is_a_doctest() {
    for (page, text) in pages() {
        let is_run = LIBRARY.contains(&format!("include_str!(\"../{}\")", page.display()));
        assert!(
            is_run || !text.contains("```rust"),
            "{} shows Rust that nobody compiles: src/lib.rs does not include it",
            page.display()
        );
    }
}
