//! The pushed authorization request endpoint (RFC 9126).

use scopewise::core::http::Response;
use scopewise::core::url;
use serde_json::json;

use super::{AuthorizationServer, CLIENT, answer, param, query};

impl AuthorizationServer {
    pub(super) fn push(&mut self, form: &str) -> Response {
        if param(form, "client_id").as_deref() != Some(CLIENT) || param(form, "request_uri").is_some() {
            self.violations.push("a pushed request of another client".to_owned());
        }
        let request_uri = format!("urn:ietf:params:oauth:request_uri:{}", self.pushes);
        self.pushes += 1;
        self.pushed.insert(request_uri.clone(), form.to_owned());
        answer(201, json!({ "request_uri": request_uri, "expires_in": 60 }))
    }

    /// What a URL of the authorization endpoint asks for: itself, or what was pushed (RFC 9126 §4).
    pub(crate) fn full_request(&self, request: &str) -> Option<String> {
        match query(request, "request_uri") {
            None => Some(request.to_owned()),
            Some(request_uri) => {
                let form = self.pushed.get(&request_uri)?;
                Some([url::base(request), "?", form].concat())
            }
        }
    }

    /// The same for a user who arrives with it: a pushed request is for one use.
    pub(super) fn take_request(&mut self, request: &str) -> String {
        let full = self.full_request(request);
        if let Some(request_uri) = query(request, "request_uri") {
            let names: Vec<_> = form_urlencoded::parse(url::parts(request).0.as_bytes())
                .map(|(name, _)| name.into_owned())
                .collect();
            if self.pushed.remove(&request_uri).is_none() || names != ["client_id", "request_uri"] {
                self.violations.push(format!("a pushed request with {names:?}"));
            }
        }
        full.unwrap_or_else(|| request.to_owned())
    }
}
