//! What several tests need: JSON as the host parses it, sample requests and responses, and the steps of the client.
#![allow(dead_code, unused_imports, reason = "each test binary uses a part of this")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod host;
mod random;
mod record;
mod request;
mod session;
mod table;

pub(crate) use {
    host::{body, parse_json, stringify, value},
    random::Random,
    record::{beginnings, changed, parsed, paths, restored},
    request::{
        asked, authorization_request, build, entropy, intent, metadata, metadata_document, metadata_with,
        metadata_without, options_with, pairs, param, params, sign_in, target, upgrading,
    },
    session::{
        base64url, claims, exchange, expected, granted, id_token, jwt, ledger, response, session, session_after,
        stored, the_grant, token_body, upgrade, upgrade_body, upgrade_with, verified,
    },
    table::{assert_all_run, cases, rows, vectors},
};

use scopewise::core::config::{ClientOptions, Config};
use scopewise::core::error::{Error, Result};
use scopewise::core::provider::ProviderProfile;
use scopewise::core::scope::ScopeSet;

/// A moment in 2023, seconds since the epoch.
pub(crate) const NOW: i64 = 1_700_000_000;
pub(crate) const ISSUER: &str = "https://id.example";
pub(crate) const CLIENT: &str = "app";
pub(crate) const ORIGIN: &str = "https://app.example";
pub(crate) const CALLBACK: &str = "https://app.example/callback";
/// The nonce of the sample requests.
pub(crate) const NONCE: &str = "s3cr3t-nonceAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// Every secret of the samples and vectors contains this text, and nothing else does.
pub(crate) const MARK: &str = "s3cr3t";

pub(crate) fn set(text: &str) -> ScopeSet {
    ScopeSet::parse(text).unwrap()
}

/// The options of the sample client.
pub(crate) fn client_options() -> ClientOptions {
    ClientOptions::new(CLIENT, ISSUER).with_redirect_uri("/callback")
}

/// The configuration that some options make on the sample page.
pub(crate) fn config(options: ClientOptions) -> Result<Config> {
    Config::new(options, ORIGIN)
}

pub(crate) fn client() -> Config {
    config(client_options()).unwrap()
}

pub(crate) fn known_provider(name: &str) -> ProviderProfile {
    ProviderProfile::known(name).unwrap()
}

/// The sample client of a known provider.
pub(crate) fn client_of(provider: &str) -> Config {
    config(client_options().with_provider(known_provider(provider))).unwrap()
}

/// Names and values, owned.
pub(crate) fn owned<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
}

/// The codes that the core knows: those of the match that gives each failure its own.
pub(crate) fn codes() -> Vec<&'static str> {
    let source = include_str!("../../src/core/error.rs");
    let (_, rest) = source.split_once("pub fn code(&self) -> &str {").unwrap();
    let (arms, _) = rest.split_once("Error::Server(error) =>").unwrap();
    let codes: Vec<_> = arms.split('"').skip(1).step_by(2).collect();
    assert!(codes.contains(&"invalid_options") && codes.contains(&"login_required"));
    codes
}

/// The code of a failure, which tells no secret.
pub(crate) fn code<T>(result: Result<T>) -> String {
    let error = failure(result);
    error.code().to_owned()
}

/// The name of the ID token check that failed.
pub(crate) fn reason<T>(result: Result<T>) -> String {
    let error = failure(result);
    assert_eq!(error.code(), "id_token_invalid");
    error.reason().unwrap().to_owned()
}

fn failure<T>(result: Result<T>) -> Error {
    match result {
        Ok(_) => panic!("a failure was expected"),
        Err(error) => {
            assert_discreet(&error);
            error
        }
    }
}

/// A failure tells no secret.
pub(crate) fn assert_discreet(error: &Error) {
    assert_no_secret(&format!("{error:?} {error} {}", error.message()));
}

pub(crate) fn assert_no_secret(text: &str) {
    assert!(!text.contains(MARK), "a secret leaked: {text}");
}
