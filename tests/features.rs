//! What `cargo add scopewise` brings into a Rust program: neither the npm package's allocator nor what it exports.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

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
