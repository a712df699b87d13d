//! Each rule of the layout, broken and kept.

use super::check;

fn clean(path: &str, text: &str) {
    assert_eq!(check(path, text), Vec::<String>::new());
}

#[track_caller]
fn flagged(path: &str, text: &str, words: &str) {
    let findings = check(path, text);
    assert!(
        findings.iter().any(|finding| finding.contains(words)),
        "{words:?} is not among {findings:?}"
    );
}

#[test]
fn core_knows_no_host() {
    for word in ["wasm_bindgen", "web_sys", "js_sys", "serde_wasm_bindgen", "getrandom"] {
        flagged("src/core/scope.rs", &format!("use {word}::X;"), word);
    }
    flagged("src/core/scope.rs", "async fn f() {}", "async");
    flagged("src/core/scope.rs", "fn f() { g().await }", "await");
    clean(
        "src/core/scope.rs",
        "// web_sys, await\nfn f() -> &'static str { \"getrandom\" }",
    );
}

#[test]
fn core_knows_no_clock_and_no_other_layer() {
    flagged("src/core/scope.rs", "use std::time::Instant;", "std::time");
    flagged("src/core/scope.rs", "use std::{fmt, time::Instant};", "std::time");
    flagged("src/core/scope.rs", "use crate::browser::fetch;", "crate::browser");
    flagged(
        "src/core/scope.rs",
        "use crate::{core::error::Error, client};",
        "crate::client",
    );
    flagged("src/core/scope.rs", "use super::super::wasm::X;", "super::wasm");
    clean(
        "src/core/scope.rs",
        "use crate::core::error::Error;\nuse super::url;\nuse std::fmt;",
    );
    flagged("src/core/url.rs", "use std::net::TcpStream;", "std::net");
    clean("src/core/url.rs", "use std::net::Ipv6Addr;");
}

#[test]
fn browser_knows_types_of_core_only() {
    flagged("src/browser/fetch.rs", "use crate::client::Client;", "crate::client");
    flagged(
        "src/browser/fetch.rs",
        "fn f() { crate::wasm::convert(); }",
        "crate::wasm",
    );
    flagged(
        "src/browser/fetch.rs",
        "use crate::core::http::parse;",
        "core::http::parse",
    );
    flagged(
        "src/browser/fetch.rs",
        "use crate::core::http::{Request, parse};",
        "core::http::parse",
    );
    flagged(
        "src/browser/fetch.rs",
        "fn f() { crate::core::http::parse(); }",
        "core::http::parse",
    );
    clean(
        "src/browser/fetch.rs",
        "use crate::core::http::{Request, Response as R};\nuse crate::browser::lock;",
    );
    clean(
        "src/browser/fetch.rs",
        "use crate::core::Error;\nfn f() { crate::core::http::Request::new() }",
    );
}

#[test]
fn only_client_awaits() {
    flagged("src/browser/fetch.rs", "async fn f() { g().await }", ".await");
    flagged("src/lib.rs", "async fn f() { g().await }", ".await");
    flagged("src/wasm.rs", "fn f() { g().await; h().await }", ".await");
    clean(
        "src/wasm.rs",
        "fn f() { promise(async { g().await }) }\nfn h() { promise(async { i().await }) }",
    );
    clean("src/client.rs", "async fn f() { g().await; h().await }");
    clean("src/client/fetch.rs", "async fn f() { g().await; h().await }");
}

#[test]
fn wasm_only_converts() {
    flagged("src/wasm.rs", "use web_sys::Window;", "web_sys");
    clean("src/wasm.rs", "use js_sys::Object;");
}

#[test]
fn files_are_short_and_well_named() {
    clean("tests/scope.rs", &"\n".repeat(400));
    flagged("tests/scope.rs", &"\n".repeat(401), "longer than");
    flagged("www/pages/app.css", &"\n".repeat(401), "longer than");
    for name in [
        "src/core/manager.rs",
        "js/fetch-helper.ts",
        "www/utils.mjs",
        "tests/e2e/token_handler.ts",
    ] {
        flagged(name, "", "says nothing");
    }
    clean("src/core/handled.rs", "");
}

#[test]
fn mod_rs_re_exports() {
    clean("tests/common/mod.rs", "pub fn f() {}");
    clean(
        "src/core/mod.rs",
        "//! Docs.\n#[cfg(test)]\nmod a;\npub mod b;\npub use b::{C, D};\n",
    );
    flagged("src/core/mod.rs", "mod a;\nfn f() {}\n", "mod.rs");
    flagged("src/core/mod.rs", "const X: u8 = 1;\n", "mod.rs");
    flagged("src/core/mod.rs", "mod a { fn f() {} }\n", "mod.rs");
}

#[test]
fn the_facade_speaks_no_protocol() {
    flagged("js/index.ts", "const body = `grant_type=x`;", "protocol");
    flagged("js/index.ts", "url.get('redirect_uri');", "protocol");
    flagged(
        "js/index.ts",
        "interface A { x: 1 }\nf(answer.access_token);",
        "js/index.ts:2",
    );
    flagged(
        "js/index.ts",
        "type A = { x: 1 };\nf(answer.access_token);",
        "js/index.ts:2",
    );
    flagged("js/index.ts", "const type = 1; { f.code_verifier }", "protocol");
    clean(
        "js/index.ts",
        "// access_token\nexport interface A { access_token: string }\ntype B = { code_verifier: string };",
    );
    clean("js/index.ts", "glue.access_token(id);");
    clean(
        "js/types.ts",
        "export type Name = 'grant_type'; const x = 'grant_type';",
    );
}
