//! Sample metadata and authorization requests.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use scopewise::core::authorize::{
    AuthorizationParams, AuthorizationRequest, AuthorizeOptions, Entropy, PendingRequest, RequestIntent, RequestKind,
};
use scopewise::core::config::Config;
use scopewise::core::error::Result;
use scopewise::core::scope::ScopeSet;
use scopewise::core::server::ServerMetadata;
use scopewise::core::target::Target;
use scopewise::core::url::{self, Params};
use serde_json::{Value as Json, json};

use super::{ISSUER, NOW, client, set, value};

pub(crate) fn metadata_document() -> Json {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://id.example/authorize",
        "token_endpoint": "https://id.example/token",
        "revocation_endpoint": "https://id.example/revoke",
        "end_session_endpoint": "https://id.example/logout",
    })
}

pub(crate) fn metadata() -> ServerMetadata {
    ServerMetadata::parse(&value(&metadata_document())).unwrap()
}

/// The sample metadata with another member.
pub(crate) fn metadata_with(name: &str, member: Json) -> ServerMetadata {
    let mut sample = metadata_document();
    sample[name] = member;
    ServerMetadata::parse(&value(&sample)).unwrap()
}

/// The sample metadata without a member.
pub(crate) fn metadata_without(name: &str) -> ServerMetadata {
    let mut sample = metadata_document();
    sample.as_object_mut().unwrap().remove(name);
    ServerMetadata::parse(&value(&sample)).unwrap()
}

/// 256 bits that are this text in base64url, then `A`s.
fn random(text: &str) -> [u8; 32] {
    let bytes = URL_SAFE_NO_PAD.decode(format!("{text:A<43}")).unwrap();
    bytes.try_into().unwrap()
}

pub(crate) fn entropy() -> Entropy {
    ["s3cr3t-state", "s3cr3t-nonce", "s3cr3t-verifier"].map(random)
}

/// What a sign-in is for.
pub(crate) fn intent(scope: &str) -> RequestIntent {
    RequestIntent {
        kind: RequestKind::SignIn,
        requested: set(scope),
        wanted: set(scope),
        asker: None,
        subject: None,
        login_hint: None,
        id_token_hint: None,
        return_to: "/".to_owned(),
        in_window: false,
        is_silent: false,
        recalled_for: None,
    }
}

/// What an upgrade is for.
pub(crate) fn upgrading(requested: &ScopeSet, wanted: &ScopeSet, subject: Option<&str>) -> RequestIntent {
    RequestIntent {
        kind: RequestKind::Upgrade,
        requested: requested.clone(),
        wanted: wanted.clone(),
        subject: subject.map(str::to_owned),
        ..intent("")
    }
}

/// Request options that are changed from those that say nothing.
pub(crate) fn options_with(change: impl FnOnce(&mut AuthorizeOptions)) -> AuthorizeOptions {
    let mut options = AuthorizeOptions::default();
    change(&mut options);
    options
}

/// A request with these options.
pub(crate) fn build(
    client: &Config,
    metadata: &ServerMetadata,
    options: &AuthorizeOptions,
    intent: RequestIntent,
    now: i64,
) -> Result<AuthorizationRequest> {
    AuthorizationParams::new(client, options, intent)?.request(client, metadata, &entropy(), now)
}

/// A sign-in request of the sample client.
pub(crate) fn authorization_request(options: &AuthorizeOptions, scope: &str) -> AuthorizationRequest {
    build(&client(), &metadata(), options, intent(scope), NOW).unwrap()
}

/// What is remembered of a request of the sample client.
pub(crate) fn asked(intent: RequestIntent, options: &AuthorizeOptions) -> PendingRequest {
    build(&client(), &metadata(), options, intent, NOW).unwrap().pending
}

/// What is remembered of a sign-in.
pub(crate) fn sign_in(scope: &str) -> PendingRequest {
    asked(intent(scope), &AuthorizeOptions::default())
}

pub(crate) fn target(audience: Option<&str>, resources: &[&str]) -> Target {
    let resources = resources.iter().map(|resource| (*resource).to_owned()).collect();
    Target::new(audience.map(str::to_owned), resources).unwrap()
}

/// The parameters of a URL, in order.
pub(crate) fn params(url: &str) -> Vec<(String, String)> {
    pairs(url::parts(url).0)
}

/// The pairs of a form, in order.
pub(crate) fn pairs(form: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(form.as_bytes()).into_owned().collect()
}

/// The first parameter of a name.
pub(crate) fn param(url: &str, name: &str) -> Option<String> {
    Params::from_iter(params(url)).get(name).map(str::to_owned)
}
