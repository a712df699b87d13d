//! What goes out, as applications see it. Times are seconds since the epoch.

use wasm_bindgen::JsValue;

use super::set_json;
use crate::browser::object::set;
use crate::browser::to_js;
use crate::client::{Client, DEFAULT_MIN_VALIDITY};
use crate::core::authorize::{AuthorizationRequest, Outcome};
use crate::core::resource::ApiScopes;
use crate::core::scope::ScopeSet;
use crate::core::scope_description::DescribedScope;
use crate::core::session::{Grant, ScopeReport, Session};
use crate::core::value::{Members, ToValue, Value};

/// The public session.
pub(super) fn session(client: &Client) -> Value {
    let session = client.session();
    let session = session.as_deref();
    let grant = session.and_then(|session| session.grant(&client.config().target));
    let claims = session.and_then(|session| session.claims());
    let requested = grant.map(|grant| grant.requested().clone()).unwrap_or_default();
    let granted = grant.map(|grant| grant.granted().clone()).unwrap_or_default();
    let denied = grant.map(Grant::denied).unwrap_or_default();
    Value::object([
        ("signedIn", session.is_some().into()),
        ("claims", claims.map(|claims| claims.as_value().clone()).into()),
        ("requested", requested.to_value()),
        ("granted", granted.to_value()),
        ("denied", denied.to_value()),
        ("expiresAt", grant.and_then(Grant::expires_at).into()),
        ("expired", client.is_expired().into()),
        ("persisted", (session.is_none() || client.is_persisted()).into()),
    ])
}

/// What the facade looks things up in: the default grant, and the time in seconds. With a worker the names that it has for
/// the session's refresh tokens.
pub(super) fn lookups(client: &Client) -> Value {
    let session = client.session();
    let grant = session
        .as_ref()
        .and_then(|session| session.grant(&client.config().target));
    Value::object([
        ("now", Value::Number(client.now_ms() as f64 / 1000.0)),
        ("grant", grant.map(grant_lookups).into()),
        ("held", client.has_worker().then(|| held(session.as_deref())).into()),
    ])
}

fn held(session: Option<&Session>) -> Value {
    let grants = session.map(Session::grants).unwrap_or_default();
    let tokens = grants.iter().filter_map(Grant::refresh_token);
    Value::Array(tokens.map(|token| token.secret().into()).collect())
}

fn grant_lookups(grant: &Grant) -> Value {
    Value::object([
        // The granted scopes, and all that they carry.
        ("covered", grant.covered().to_value()),
        // Null where the grant does not end.
        ("usableUntil", grant.usable_until().into()),
        // When a caller without further wishes needs another token; null for never.
        ("freshUntil", grant.fresh_until(DEFAULT_MIN_VALIDITY).into()),
        ("accessToken", grant.access_token().secret().into()),
    ])
}

/// An authorization request.
pub(super) fn request(request: &AuthorizationRequest) -> JsValue {
    to_js(&Value::object([
        ("url", request.url.as_str().into()),
        ("state", request.state.secret().into()),
    ]))
}

/// What a request for scopes came to.
pub(super) fn outcome(client: &Client, outcome: Outcome) -> JsValue {
    let described = described_missing(client, &outcome.missing);
    let object = to_js(&Value::object([
        ("kind", outcome.kind.as_str().into()),
        ("outcome", outcome.status.as_str().into()),
        ("requested", outcome.requested.to_value()),
        ("granted", outcome.granted.to_value()),
        ("missing", outcome.missing.to_value()),
        ("appState", Value::Null),
        ("returnTo", outcome.return_to.into()),
    ]));
    if let Some(described) = described {
        set(&object, "descriptions", &to_js(&described));
    }
    if let Some(details) = &outcome.authorization_details {
        set(&object, "authorizationDetails", &to_js(details.as_value()));
    }
    if let Some(app_state) = &outcome.app_state {
        set_json(&object, "appState", app_state);
    }
    object
}

/// Scopes in words for the user.
pub(super) fn descriptions(described: &[DescribedScope]) -> Value {
    let described = described.iter().map(|described| {
        present(&mut [
            ("scope", described.scope.as_str().into()),
            ("title", described.title.as_str().into()),
            ("why", described.why.as_deref().into()),
            ("sensitive", described.is_sensitive.into()),
        ])
    });
    Value::Array(described.collect())
}

/// What missing scopes are for, where the application says it of any.
pub(super) fn described_missing(client: &Client, missing: &ScopeSet) -> Option<Value> {
    let is_described = client.config().scopes.describes_any(missing);
    is_described.then(|| descriptions(&client.describe_scopes(missing, &[])))
}

/// What an API says of itself, and what of it is held.
pub(super) fn api_scopes(scopes: &ApiScopes) -> JsValue {
    let metadata = &scopes.metadata;
    to_js(&present(&mut [
        ("resource", metadata.resource.as_str().into()),
        ("supported", metadata.scopes_supported.to_value()),
        ("granted", scopes.granted.to_value()),
        ("missing", scopes.missing.to_value()),
        ("name", metadata.name.as_deref().into()),
        ("documentation", metadata.documentation.as_deref().into()),
    ]))
}

/// What was requested, granted, denied and used so far, and what is remembered, where that is wanted.
pub(super) fn report(client: &Client, report: &ScopeReport) -> JsValue {
    let remembered = Some(&report.remembered).filter(|_| client.config().remember_scopes);
    to_js(&present(&mut [
        ("requested", report.requested.to_value()),
        ("granted", report.granted.to_value()),
        ("denied", report.denied.to_value()),
        ("used", report.used.to_value()),
        ("unused", report.unused.to_value()),
        ("unrequested", report.unrequested.to_value()),
        ("remembered", remembered.map(ScopeSet::to_value).into()),
    ]))
}

/// An object of these members, without those that are null.
pub(super) fn present(members: &mut [(&str, Value)]) -> Value {
    let mut there = Members::default();
    for (name, value) in members {
        if *value != Value::Null {
            there.put(name, value);
        }
    }
    there.into()
}
