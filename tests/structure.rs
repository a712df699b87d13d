//! The rules of the layout that neither the compiler nor clippy can check.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::{fs, path::Path};

/// What is made of callbacks weighs a third as a script; each is beside the Rust file that uses it.
const SCRIPTS: &str = "browser/storage/indexed_db.js browser/storage/memory.js browser/window/window.js";
const FOREIGN: &str = "web_sys js_sys wasm_bindgen crate::host crate::client crate::browser crate::wasm";
const MARKS: &str = r"\x1d \x1e \u{1d} \u{1e} \u001d \u001e";

/// The path of every source below a folder, from there, and its text without comments.
fn sources(folder: &Path, below: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() && !matches!(name.as_str(), "generated" | "node_modules") {
            found.extend(sources(&entry.path(), &format!("{name}/")));
        } else if entry.path().is_file() {
            let text = fs::read_to_string(entry.path()).unwrap();
            let code = text.lines().map(|line| line.split("//").next().unwrap_or_default());
            found.push((name, code.collect::<Vec<_>>().join("\n")));
        }
    }
    found
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
    for (path, code) in files("src/core") {
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
    let in_any = |list: &'static str, text: &str| list.split(' ').find(|word| text.contains(word));
    for (path, code) in [files("src"), files("js")].concat() {
        assert!(code.lines().count() <= 400, "{path} has over 400 lines");
        let is_known = !path.ends_with(".js") || in_any(SCRIPTS, &path).is_some();
        assert!(is_known, "{path} is a script");
        let control = code.contains(['\x1d', '\x1e']) || in_any(MARKS, &code.to_lowercase()).is_some();
        assert!(!control, "{path} uses control characters");
        let foreign = in_any(FOREIGN, &code).filter(|_| path.starts_with("core/"));
        assert_eq!(foreign, None, "in {path}");
    }
}
