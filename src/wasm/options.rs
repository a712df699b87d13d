//! What comes in: options, read strictly. An unknown member or a wrong type is `invalid_options`, which names it.

use std::rc::Rc;

use wasm_bindgen::JsValue;
use web_sys::AbortSignal;

use super::description::descriptions;
use super::provider::provider;
use super::strict::{Options, read, scopes_of};
use crate::browser::{Browser, JsAbortSignal};
use crate::client::{
    DpopProofOptions, FetchOptions, InteractionMode, OnMissing, SignInOptions, SignOutOptions, TokenOptions,
};
use crate::core::apis::ApiOptions;
use crate::core::authorize::{AuthorizeOptions, ResponseMode};
use crate::core::config::ClientOptions;
use crate::core::error::{Error, Result};
use crate::core::scope::{self, Scope, ScopeSet};
use crate::core::secret::AccessToken;
use crate::core::server::ServerMetadata;
use crate::core::target::Target;
use crate::core::value::Value;
use crate::host::{Page, StorageKind};

/// What the option `storage` must be.
pub(super) const STORAGE: &str = "session, local, memory, indexeddb, worker, or have getItem, setItem and removeItem";

/// The options of `createClient`.
pub(super) fn client_options(options: &JsValue, browser: &Browser) -> Result<(ClientOptions, StorageKind)> {
    read("createClient", options, |options| {
        let storage = options.named("storage", &STORAGE_KINDS, STORAGE);
        let client = ClientOptions {
            client_id: options.optional("clientId").unwrap_or_default(),
            issuer: options.optional("issuer"),
            metadata: options.read("metadata", metadata),
            redirect_uri: options.optional("redirectUri"),
            scope: options.scope("scope"),
            target: options.target().unwrap_or_default(),
            apis: options.read("apis", |value| apis(value, browser)).unwrap_or_default(),
            authorization_params: options.optional("authorizationParams").unwrap_or_default(),
            provider: options.read("provider", provider),
            verify_signature: options.optional("verifySignature").unwrap_or_default(),
            trusted_audiences: options.optional("trustedAudiences").unwrap_or_default(),
            par: options.optional("par"),
            dpop: options.optional("dpop").unwrap_or_default(),
            remember_scopes: options.optional("rememberScopes").unwrap_or_default(),
            scopes: options.read("scopes", descriptions).unwrap_or_default(),
            clock_tolerance: options.optional("clockTolerance"),
            timeout: options.optional("timeout"),
        };
        let default = if browser.has_storage() {
            StorageKind::Adapter
        } else {
            StorageKind::Session
        };
        (client, storage.unwrap_or(default))
    })
}

const STORAGE_KINDS: [(&str, StorageKind); 5] = [
    ("session", StorageKind::Session),
    ("local", StorageKind::Local),
    ("memory", StorageKind::Memory),
    ("indexeddb", StorageKind::IndexedDb),
    ("worker", StorageKind::Worker),
];

/// The options of `authorizeUrl`.
pub(super) fn authorize_url_options(options: &JsValue) -> Result<AuthorizeOptions> {
    read("authorizeUrl", options, sign_in_request)
}

/// The options of `signIn`.
pub(super) fn sign_in_options(options: &JsValue, signal: AbortSignal) -> Result<SignInOptions> {
    read("signIn", options, |options| {
        let request = sign_in_request(options);
        interactive(options, request, signal)
    })
}

/// The options of `upgrade`, whose scopes are an argument of their own.
pub(super) fn upgrade_options(options: &JsValue, signal: AbortSignal) -> Result<SignInOptions> {
    read("upgrade", options, |options| {
        let request = request(options);
        interactive(options, request, signal)
    })
}

/// What a request of scopes and the way in which the user is asked come to; `signal` ends it.
fn interactive(options: &mut Options<'_>, authorize: AuthorizeOptions, signal: AbortSignal) -> SignInOptions {
    let mode = options.named("mode", &MODES, "redirect, popup or silent");
    SignInOptions {
        authorize,
        mode: mode.unwrap_or_default(),
        abort: Some(Rc::new(JsAbortSignal::new(signal))),
    }
}

/// An authorization request whose scopes are an option.
fn sign_in_request(options: &mut Options<'_>) -> AuthorizeOptions {
    AuthorizeOptions {
        scope: options.scope("scope"),
        ..request(options)
    }
}

/// An authorization request but for its scopes. appState and authorizationDetails cross as JSON text.
fn request(options: &mut Options<'_>) -> AuthorizeOptions {
    AuthorizeOptions {
        scope: None,
        target: options.target(),
        return_to: options.optional("returnTo"),
        app_state: options.optional("appState"),
        prompt: options.optional("prompt"),
        login_hint: options.optional("loginHint"),
        acr_values: options.optional("acrValues"),
        max_age: options.optional("maxAge"),
        ui_locales: options.optional("uiLocales"),
        authorization_details: options.optional("authorizationDetails"),
        response_mode: options.named("responseMode", &RESPONSE_MODES, "query, fragment or query.jwt"),
        params: options.optional("params").unwrap_or_default(),
    }
}

const MODES: [(&str, InteractionMode); 3] = [
    ("redirect", InteractionMode::Redirect),
    ("popup", InteractionMode::Popup),
    ("silent", InteractionMode::Silent),
];

const RESPONSE_MODES: [(&str, ResponseMode); 3] = [
    ("query", ResponseMode::Query),
    ("fragment", ResponseMode::Fragment),
    ("query.jwt", ResponseMode::QueryJwt),
];

/// The options of `getAccessToken`.
pub(super) fn token_options(options: &JsValue) -> Result<TokenOptions> {
    read("getAccessToken", options, |options| TokenOptions {
        scope: options.scope("scope"),
        target: options.target(),
        min_validity: options.optional("minValidity"),
        force_refresh: options.optional("forceRefresh").unwrap_or_default(),
    })
}

/// The options of `dpopProof`.
pub(super) fn dpop_proof_options(options: &JsValue) -> Result<DpopProofOptions> {
    read("dpopProof", options, |options| DpopProofOptions {
        access_token: options.optional::<String>("accessToken").map(AccessToken::new),
        nonce: options.optional("nonce"),
    })
}

/// The client's own options of `fetch`.
pub(super) fn fetch_options(options: &JsValue) -> Result<FetchOptions> {
    read("fetch", options, |options| {
        let on_missing = options.named("onMissing", &ON_MISSING, "throw, popup or redirect");
        FetchOptions {
            scope: options.scope("scope").unwrap_or_default(),
            target: options.target(),
            on_missing: on_missing.unwrap_or_default(),
            abort: None,
        }
    })
}

const ON_MISSING: [(&str, OnMissing); 3] = [
    ("throw", OnMissing::Throw),
    ("popup", OnMissing::Popup),
    ("redirect", OnMissing::Redirect),
];

/// The options of `signOut`.
pub(super) fn sign_out_options(options: &JsValue) -> Result<SignOutOptions> {
    read("signOut", options, |options| SignOutOptions {
        return_to: options.optional("returnTo"),
        is_local: options.optional("local").unwrap_or_default(),
        forget: options.optional("forget").unwrap_or_default(),
    })
}

/// The languages of `describeScopes`, the best first.
pub(super) fn languages(options: &JsValue) -> Result<Vec<String>> {
    read("describeScopes", options, |options| {
        options.texts("locale").unwrap_or_default()
    })
}

/// Which grant a check is about; nothing for the default.
fn selector(selector: &JsValue) -> Result<Option<Target>> {
    if selector.is_undefined() {
        return Ok(None);
    }
    read("selector", selector, |options| options.target())
}

/// What a check is about: one scope, for a target.
pub(super) fn scope_and_target(scope: &JsValue, target: &JsValue) -> Result<(Scope, Option<Target>)> {
    let target = selector(target)?;
    Ok((Scope::parse(&scope.as_string().unwrap_or_default())?, target))
}

/// What a check is about: some scopes, for a target.
pub(super) fn scopes_and_target(scopes: &JsValue, target: &JsValue) -> Result<(ScopeSet, Option<Target>)> {
    let target = selector(target)?;
    Ok((scope(scopes)?, target))
}

/// A scope argument: one text, or each token of an array apart.
pub(super) fn scope(scope: &JsValue) -> Result<ScopeSet> {
    scopes_of(&serde_wasm_bindgen::from_value(scope.clone()).unwrap_or_default())
}

fn metadata(value: &Value) -> Result<ServerMetadata> {
    match value {
        Value::Object(_) => ServerMetadata::parse(value),
        _ => Err(Error::wrong_option(
            "metadata",
            "an object of server metadata (RFC 8414)",
        )),
    }
}

fn apis(value: &Value, browser: &Browser) -> Result<Vec<ApiOptions>> {
    let Value::Object(entries) = value else {
        return Err(Error::wrong_option("apis", "an object of options by URL prefix"));
    };
    entries
        .iter()
        .map(|(prefix, options)| api(prefix, options, browser))
        .collect()
}

fn api(prefix: &str, value: &Value, browser: &Browser) -> Result<ApiOptions> {
    let mut options = Options::new("apis", value)?;
    let challenge_scope = options.texts("challengeScope").map(|tokens| challenge_scope(&tokens));
    let api = ApiOptions {
        prefix: browser.resolve(prefix).unwrap_or_else(|| prefix.to_owned()),
        target: options.target(),
        scope: options.scope("scope").unwrap_or_default(),
        challenge_scope: challenge_scope.and_then(|scope| options.keep(scope)),
        discover: options.optional("discover").unwrap_or_default(),
    };
    options.finish()?;
    Ok(api)
}

/// The scopes that a challenge may lead to an upgrade for.
fn challenge_scope(tokens: &[String]) -> Result<ScopeSet> {
    let tokens = tokens.iter().flat_map(|text| scope::tokens(text));
    ScopeSet::from_tokens(tokens).map_err(|_| Error::invalid_options("\"challengeScope\" in \"apis\" must be scopes"))
}
