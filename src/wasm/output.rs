//! What goes out, as JavaScript sees it. Times are seconds since the epoch.

use serde::Serialize;
use wasm_bindgen::JsValue;

use super::{set, to_js};
use crate::client::{Client, DEFAULT_MIN_VALIDITY};
use crate::core::authorize::{AuthorizationRequest, Outcome};
use crate::core::scope::ScopeSet;
use crate::core::session::{Grant, ScopeReport};
use crate::core::target::Target;
use crate::core::value::Value;

/// The public session.
#[derive(PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SessionOutput {
    signed_in: bool,
    claims: Option<Value>,
    requested: ScopeSet,
    granted: ScopeSet,
    denied: ScopeSet,
    expires_at: Option<f64>,
    expired: bool,
    persisted: bool,
}

impl SessionOutput {
    pub(super) fn new(client: &Client) -> SessionOutput {
        let session = client.session();
        let session = session.as_deref();
        let grant = session.and_then(|session| session.grant(&client.config().target));
        let claims = session.and_then(|session| session.claims());
        SessionOutput {
            signed_in: session.is_some(),
            claims: claims.map(|claims| claims.as_value().clone()),
            requested: grant.map(|grant| grant.requested().clone()).unwrap_or_default(),
            granted: grant.map(|grant| grant.granted().clone()).unwrap_or_default(),
            denied: grant.map(Grant::denied).unwrap_or_default(),
            expires_at: grant.and_then(Grant::expires_at).map(|seconds| seconds as f64),
            expired: client.is_expired(),
            persisted: session.is_none() || client.is_persisted(),
        }
    }
}

/// What the facade looks things up in; the session is added to it.
#[derive(Serialize)]
pub(super) struct StateOutput {
    pub(super) now: f64,
    pub(super) grants: Vec<GrantOutput>,
}

/// What lookups need of a grant.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GrantOutput {
    is_default: bool,
    audience: Option<String>,
    resource: Vec<String>,
    /// The granted scopes, and all that they carry.
    covered: ScopeSet,
    /// Seconds since the epoch; null where the grant does not end.
    usable_until: Option<f64>,
    /// When a caller without further wishes needs another token; null for never.
    fresh_until: Option<f64>,
    access_token: String,
}

impl GrantOutput {
    pub(super) fn new(grant: &Grant, default: &Target) -> GrantOutput {
        let seconds = |seconds: i64| seconds as f64;
        GrantOutput {
            is_default: grant.target() == default,
            audience: grant.target().audience().map(str::to_owned),
            resource: grant.target().resources().to_vec(),
            covered: grant.covered(),
            usable_until: grant.usable_until().map(seconds),
            fresh_until: grant.fresh_until(DEFAULT_MIN_VALIDITY).map(seconds),
            access_token: grant.access_token().secret().to_owned(),
        }
    }
}

/// An authorization request.
#[derive(Serialize)]
pub(super) struct RequestOutput<'a> {
    url: &'a str,
    state: &'a str,
}

impl<'a> RequestOutput<'a> {
    pub(super) fn new(request: &'a AuthorizationRequest) -> RequestOutput<'a> {
        RequestOutput {
            url: &request.url,
            state: request.state.secret(),
        }
    }
}

/// What a request for scopes came to; appState is added to it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OutcomeOutput {
    kind: &'static str,
    outcome: &'static str,
    requested: ScopeSet,
    granted: ScopeSet,
    missing: ScopeSet,
    return_to: String,
}

impl OutcomeOutput {
    pub(super) fn to_js(outcome: Outcome) -> JsValue {
        let object = to_js(&OutcomeOutput {
            kind: outcome.kind.as_str(),
            outcome: outcome.status.as_str(),
            requested: outcome.requested,
            granted: outcome.granted,
            missing: outcome.missing,
            return_to: outcome.return_to,
        });
        let app_state = outcome
            .app_state
            .map(|text| js_sys::JSON::parse(&text).unwrap_or_default());
        set(&object, "appState", &app_state.unwrap_or_default());
        object
    }
}

/// What was requested, granted, denied and used so far.
#[derive(Serialize)]
pub(super) struct ReportOutput {
    requested: ScopeSet,
    granted: ScopeSet,
    denied: ScopeSet,
    used: ScopeSet,
    unused: ScopeSet,
    unrequested: ScopeSet,
}

impl From<ScopeReport> for ReportOutput {
    fn from(report: ScopeReport) -> ReportOutput {
        ReportOutput {
            requested: report.requested,
            granted: report.granted,
            denied: report.denied,
            used: report.used,
            unused: report.unused,
            unrequested: report.unrequested,
        }
    }
}
