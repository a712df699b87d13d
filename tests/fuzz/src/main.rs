//! A coverage-guided fuzzer: one program for all inputs of the client, of which FUZZ_TARGET names the one to try.
//!
//! A target takes any bytes, and panics where something does not hold. To add one, write its file and name it in
//! [`TARGETS`]; its first inputs are files in `corpus/<name>`.
#![no_main]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a target fails by panicking"
)]

mod callback;
mod challenge;
#[path = "../../common/mod.rs"]
mod common;
mod id_token;
mod input;
mod jwks;
mod metadata;
mod nonce;
mod options;
mod proof;
mod pushed;
mod record;
mod return_to;
mod scope;
mod sequences;
mod signed_response;
mod token_response;
mod url;

// What `sequences` shares with the tests.
#[path = "../../model/answers.rs"]
mod answers;
#[path = "../../client/app.rs"]
mod app;
#[path = "../../model/application.rs"]
mod application;
#[path = "../../model/events.rs"]
mod events;
#[path = "../../model/expected.rs"]
mod expected;
#[path = "../../client/host/mod.rs"]
mod host;
#[path = "../../model/pair.rs"]
mod pair;
#[path = "../../client/server/mod.rs"]
mod server;
mod random {
    pub(crate) use crate::common::Random;
}

use std::sync::OnceLock;

type Target = fn(&[u8]);

const TARGETS: &[(&str, Target)] = &[
    ("scope", scope::target),
    ("options", options::target),
    ("callback", callback::target),
    ("signed_response", signed_response::target),
    ("challenge", challenge::target),
    ("nonce", nonce::target),
    ("proof", proof::target),
    ("token_response", token_response::target),
    ("id_token", id_token::target),
    ("jwks", jwks::target),
    ("record", record::target),
    ("metadata", metadata::target),
    ("pushed", pushed::target),
    ("return_to", return_to::target),
    ("url", url::target),
    ("sequences", sequences::target),
];

static CHOSEN: OnceLock<Target> = OnceLock::new();

fn chosen() -> Target {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    let found = TARGETS.iter().find(|(known, _)| *known == name);
    found
        .unwrap_or_else(|| panic!("FUZZ_TARGET names none of the targets"))
        .1
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    CHOSEN.get_or_init(chosen)(data);
});
