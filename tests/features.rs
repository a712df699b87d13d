//! What `cargo add scopewise` brings into a Rust program: neither the npm package's allocator nor what it exports.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::process::Command;

/// The packages that are linked into a page, with some features of this one.
fn packages(features: &str) -> Vec<String> {
    let mut tree = Command::new(env!("CARGO"));
    tree.args(
        "tree --locked --package scopewise --target wasm32-unknown-unknown --edges normal --prefix none".split(' '),
    );
    let output = tree.args(["--features", features]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8(output.stdout).unwrap();
    let names = names.lines().filter_map(|line| line.split(' ').next());
    names.map(str::to_owned).collect()
}

#[test]
fn a_rust_program_keeps_its_own_allocator() {
    let has = |features, name: &str| packages(features).iter().any(|package| package == name);
    assert!(has("", "web-sys"), "the browser is there without a feature");
    for part in ["talc", "zeroizing-alloc"] {
        assert!(!has("", part), "the allocator is the npm package's");
        assert!(has("npm", part));
    }
}

#[test]
fn no_version_is_forced_on_a_rust_program() {
    let mut metadata = Command::new(env!("CARGO"));
    let args = ["metadata", "--locked", "--no-deps", "--format-version", "1"];
    let output = metadata.args(args).output().unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    let own: Vec<_> = packages.filter(|package| package["name"] == "scopewise").collect();
    let dependencies = own.iter().filter_map(|package| package["dependencies"].as_array());
    let mut count = 0;
    for dependency in dependencies.flatten() {
        let wanted = dependency["req"].as_str().unwrap();
        assert!(wanted.starts_with('^'), "{}: {wanted}", dependency["name"]);
        count += 1;
    }
    assert!(count > 10);
}
