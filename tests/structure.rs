//! The rules of the layout that neither the compiler nor clippy can check.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::{fs, path::Path};

/// What is made of callbacks weighs a third as a script; each is beside the Rust file that uses it.
const SCRIPTS: &str = "browser/json.js browser/lock.js browser/signing_key.js browser/storage/indexed_db.js browser/storage/memory.js browser/window/window.js";
/// What each layer may not name.
const FOREIGN: &[(&str, &str)] = &[
    (
        "core/",
        "web_sys js_sys wasm_bindgen getrandom crate::host crate::client crate::browser crate::wasm",
    ),
    (
        "host.rs",
        "web_sys js_sys wasm_bindgen crate::client crate::browser crate::wasm",
    ),
    ("client/", "web_sys js_sys wasm_bindgen crate::browser crate::wasm"),
    ("browser/", "crate::client crate::wasm"),
];
const MARKS: &str = r"\x1d \x1e \u{1d} \u{1e} \u001d \u001e";
/// Words that named things here before the RFCs' words did.
const RIDDLES: &str = "landed farewell setback ears makeshift";
const TEXTS: &str = "rs ts js mjs json css html";
const MADE_OR_FOREIGN: &str = "generated golden node_modules package-lock.json results target";

/// The path of every source below a folder, from there, and its text.
fn sources(folder: &Path, below: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let (path, from_there) = (entry.path(), format!("{below}{name}"));
        let is_in = |list: &str, word: &str| list.split(' ').any(|one| one == word);
        if is_in(MADE_OR_FOREIGN, &name) {
            continue;
        } else if path.is_dir() {
            found.extend(sources(&path, &format!("{from_there}/")));
        } else if path.is_file() && is_in(TEXTS, name.rsplit('.').next().unwrap_or_default()) {
            found.push((from_there, fs::read_to_string(&path).unwrap()));
        }
    }
    found
}

/// A text without its line comments.
fn code(text: &str) -> String {
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// The words of a text in small letters, those of names too: `isLeft` and `is_left` have two.
fn words(text: &str) -> Vec<String> {
    let mut apart = String::new();
    let mut last = ' ';
    for c in text.chars() {
        if !c.is_alphabetic() || (c.is_uppercase() && last.is_lowercase()) {
            apart.push(' ');
        }
        apart.extend(c.to_lowercase().filter(|c| c.is_alphabetic()));
        last = c;
    }
    apart.split_whitespace().map(str::to_owned).collect()
}

fn files(folder: &str) -> Vec<(String, String)> {
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), "")
}

/// The modules named right after a path's start, alone (`start::scope::Scope`) or in braces (`start::{scope::Scope, url}`).
fn named<'a>(code: &'a str, start: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    for path in code.split(start).skip(1) {
        let (outermost, mut depth) = (i32::from(path.starts_with('{')), 0);
        for part in path.split_inclusive(['{', '}', ',', ';']) {
            if depth == outermost {
                let mut words = part.split(|c: char| !c.is_alphanumeric() && c != '_');
                found.extend(words.find(|word| !word.is_empty()));
            }
            depth += i32::from(part.ends_with('{')) - i32::from(part.ends_with('}'));
            if depth <= 0 {
                break;
            }
        }
    }
    found
}

#[test]
fn no_circle_in_core() {
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in files("src/core") {
        let code = code(&text);
        // token/request.rs is the module token::request, and token/mod.rs is token.
        let path = path.trim_end_matches(".rs").split('/');
        let module: Vec<_> = path.filter(|part| *part != "mod").collect();
        let Some(top) = module.first() else { continue };
        let to_core = "super::".repeat(module.len());
        let found = [named(&code, "crate::core::"), named(&code, &to_core)].concat();
        let others = found.into_iter().filter(|other| other != top).map(str::to_owned);
        uses.entry((*top).to_owned()).or_default().extend(others);
    }
    // What uses nothing that is left goes; what stays goes in circles.
    let is_left = |uses: &BTreeMap<_, _>, used: &BTreeSet<_>| used.iter().any(|other| uses.contains_key(other));
    while let Some((free, _)) = uses.iter().find(|(_, used)| !is_left(&uses, used)) {
        let free = free.clone();
        uses.remove(&free);
    }
    assert!(uses.is_empty(), "modules of core depend on each other: {uses:#?}");
}

#[test]
fn sources_keep_to_the_layout() {
    for (path, text) in files("src") {
        let code = code(&text);
        let is_known = !path.ends_with(".js") || SCRIPTS.split(' ').any(|script| script == path);
        assert!(is_known, "{path} is a script");
        for (_, foreign) in FOREIGN.iter().filter(|(layer, _)| path.starts_with(layer)) {
            let named = foreign.split(' ').find(|word| code.contains(word));
            assert_eq!(named, None, "in {path}");
        }
    }
}

#[test]
fn sources_are_plain() {
    for (path, text) in [files("src"), files("js")].concat() {
        let code = code(&text).to_lowercase();
        let is_marked = MARKS.split(' ').any(|mark| code.contains(mark));
        let has_control = is_marked || text.contains(|c: char| c.is_control() && c != '\n');
        assert!(!has_control, "{path} uses control characters");
        let riddle = words(&text)
            .into_iter()
            .find(|word| RIDDLES.split(' ').any(|riddle| riddle == word));
        assert_eq!(riddle, None, "in {path}");
    }
}

#[test]
fn no_file_is_long() {
    for folder in ["src", "js", "tests", "xtask", "examples", "www"] {
        for (path, text) in files(folder) {
            assert!(text.lines().count() <= 400, "{folder}/{path} has over 400 lines");
        }
    }
}

/// The names in backquotes of a table's last column.
fn named_tests(row: &str) -> Vec<String> {
    let cells = row.trim_matches('|').replace("\\|", "\u{1}");
    let last = cells.rsplit('|').next().unwrap_or_default().replace('\u{1}', "|");
    let parts = last.split('`').map(str::to_owned);
    parts.skip(1).step_by(2).collect()
}

#[test]
fn practices_name_tests_that_exist() {
    let text: String = files("tests").into_iter().map(|(_, text)| text).collect();
    let is_test = |name: &str| {
        let is_path = name.starts_with("tests/");
        let quoted = ["'", "`"].map(|quote| [quote, name, quote].concat());
        let declared = [format!("fn {name}("), format!("{name} = \"C")];
        match is_path {
            true => Path::new(env!("CARGO_MANIFEST_DIR")).join(name).is_file(),
            false => quoted.iter().chain(&declared).any(|place| text.contains(place)),
        }
    };
    let practices = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/best-practices.md")).unwrap();
    let rows: Vec<_> = practices.lines().filter(|line| line.starts_with("| ")).collect();
    assert!(rows.len() > 50);
    for row in rows.iter().filter(|row| !row.starts_with("| section")) {
        let named = named_tests(row);
        let tests: Vec<_> = named
            .iter()
            .filter(|name| name.contains(['_', ' ', '/']) && !name.starts_with("storage:"))
            .collect();
        let is_elsewhere = ["Yours", "The server's", "The page", "Not a page", "There is no"];
        let last = row.trim_matches('|').rsplit_once(" | ").unwrap().1.trim();
        let has_reason = is_elsewhere.iter().any(|start| last.starts_with(start));
        assert!(!tests.is_empty() || has_reason, "{row} names no test, and no reason");
        for name in tests {
            assert!(
                is_test(name),
                "there is no test {name}, which docs/best-practices.md names"
            );
        }
    }
}
