//! Where everything that is compiled into the package comes from, and that what SECURITY.md promises has its tests.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::path::Path;
use std::process::Command;
use std::{collections::BTreeSet, fs};

use serde_json::Value as Json;

/// Licences that may be in the package, besides "or" others. deny.toml has them too.
const LICENCES: [&str; 3] = ["MIT", "Apache-2.0", "Unicode-3.0"];

fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The members of a name in Cargo.lock.
fn members<'a>(lock: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    let of = move |line: &'a str| line.strip_prefix(name)?.strip_prefix(" = \"")?.strip_suffix('"');
    lock.lines().filter_map(of)
}

#[test]
fn crates_come_from_the_one_registry_and_have_checksums() {
    for path in ["Cargo.lock", "tests/fuzz/Cargo.lock", "tests/mutation/Cargo.lock"] {
        let lock = read(path);
        let sources: Vec<_> = members(&lock, "source").collect();
        assert!(sources.len() > 10, "{path}");
        let registry = sources[0];
        assert!(registry.starts_with("registry+https://"), "{path}");
        assert_eq!(sources.iter().find(|source| **source != registry), None, "{path}");
        assert_eq!(members(&lock, "checksum").count(), sources.len(), "{path}");
    }
}

/// The lock file of the repository, and those of the applications that the package is built into for a test.
fn npm_locks() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pack/setups");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let locks = entries
        .map(|path| path.join("package-lock.json"))
        .filter(|path| path.is_file());
    let own = ["package-lock.json".to_owned()].into_iter();
    own.chain(locks.map(|path| path.to_string_lossy().into_owned()))
        .collect()
}

#[test]
fn npm_packages_are_of_the_registry_and_have_checksums() {
    let locks = npm_locks();
    assert!(locks.len() > 10);
    for path in locks {
        let lock: Json = serde_json::from_str(&read(&path)).unwrap();
        let mut count = 0;
        for (name, package) in lock["packages"].as_object().unwrap() {
            // Those of this repository are links to their folders, and some come within others.
            if !name.contains("node_modules/") || package["link"] == true || package["inBundle"] == true {
                continue;
            }
            let hash = package["integrity"].as_str();
            assert!(hash.is_some_and(|hash| hash.starts_with("sha512-")), "{path}: {name}");
            let resolved = package.get("resolved").and_then(Json::as_str);
            let is_of_registry = resolved.is_none_or(|url| url.starts_with("https://registry."));
            assert!(is_of_registry, "{path}: {name}");
            count += 1;
        }
        assert!(count > 10, "{path}");
    }
}

#[test]
fn licences_are_those_that_were_read() {
    let mut tree = Command::new(env!("CARGO"));
    let args = "tree --locked --package scopewise --features npm --target wasm32-unknown-unknown --edges normal \
                --prefix none --format {p}|{l}";
    let output = tree.args(args.split_whitespace()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.lines().count() > 20);
    for line in text.lines().filter(|line| !line.is_empty()) {
        let (_, licence) = line.split_once('|').unwrap();
        // One of the alternatives, of every part that counts besides.
        let is_allowed = licence.split(" AND ").all(|part| {
            let mut names = part.split([' ', '(', ')', '/']);
            names.any(|name| LICENCES.contains(&name))
        });
        assert!(is_allowed, "{line}");
    }
}

#[test]
fn no_source_is_unsafe() {
    let manifest = read("Cargo.toml");
    assert!(manifest.contains("\nunsafe_code = \"deny\"\n") && manifest.contains("[lints]\nworkspace = true"));
    assert!(read("src/lib.rs").contains("\n#![forbid(unsafe_code)]\n"));
    for manifest in [
        "examples/yew/Cargo.toml",
        "xtask/Cargo.toml",
        "xtask/browser-test-runner/Cargo.toml",
    ] {
        assert!(read(manifest).contains("[lints]\nworkspace = true"), "{manifest}");
    }
}

/// The code spans of SECURITY.md that name a test: a file, and what must be in it.
#[test]
fn every_promise_has_its_tests() {
    let text = read("SECURITY.md").replace("\n", " ");
    let spans = text.split('`').skip(1).step_by(2);
    let named: BTreeSet<_> = spans.filter(|span| span.starts_with("tests/")).collect();
    assert!(named.len() > 40, "{}", named.len());
    for span in named {
        let (path, name) = span.split_once("::").or(span.split_once(": ")).unwrap_or((span, ""));
        let is_there = match span.contains("::") {
            true => read(path).contains(&format!("fn {name}()")),
            false => read(path).contains(name),
        };
        assert!(is_there, "{path} has no test {name:?}");
    }
}
