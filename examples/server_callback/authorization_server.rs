//! A fake authorization server, with no more than it takes: codes for one use, PKCE, and ID tokens without a signature
//! that means anything (the client does not look at it: the token comes straight from the token endpoint).

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use scopewise::Request;
use scopewise::core::authorize::pkce;
use scopewise::core::secret::CodeVerifier;
use scopewise::core::value::Value;
use serde_json::json;

pub(crate) const ISSUER: &str = "https://id.example.com";

/// The parameters of a query or a form.
type Fields = BTreeMap<String, String>;

#[derive(Default)]
pub(crate) struct AuthorizationServer {
    /// What each code stands for: the request, and the scopes that the user allowed.
    codes: RefCell<BTreeMap<String, (Fields, String)>>,
    exchanges: Cell<usize>,
}

impl AuthorizationServer {
    pub(crate) fn metadata(&self) -> Value {
        Value::object([
            ("issuer", ISSUER.into()),
            ("authorization_endpoint", [ISSUER, "/authorize"].concat().into()),
            ("token_endpoint", [ISSUER, "/token"].concat().into()),
            ("authorization_response_iss_parameter_supported", true.into()),
        ])
    }

    /// How many codes were exchanged.
    pub(crate) fn exchanges(&self) -> usize {
        self.exchanges.get()
    }

    /// The user allows these scopes: the query that the redirect URI is called with.
    pub(crate) fn user_allows(&self, url: &str, scopes: &[&str]) -> String {
        let request = request_of(url);
        let mut codes = self.codes.borrow_mut();
        let code = format!("code-{}", codes.len());
        let query = query(&[("code", &code), ("state", field(&request, "state")), ("iss", ISSUER)]);
        codes.insert(code, (request, scopes.join(" ")));
        query
    }

    /// The user says no.
    pub(crate) fn user_denies(&self, url: &str) -> String {
        let request = request_of(url);
        query(&[
            ("error", "access_denied"),
            ("state", field(&request, "state")),
            ("iss", ISSUER),
        ])
    }

    /// The token endpoint: status and body (RFC 6749 §4.1.3, RFC 7636 §4.6).
    pub(crate) fn token_endpoint(&self, request: &Request) -> (u16, String) {
        let form = fields(request.form.as_deref().unwrap_or_default());
        let granted = self.codes.borrow_mut().remove(field(&form, "code"));
        let verifier = CodeVerifier::new(field(&form, "code_verifier"));
        let is_sound = |authorized: &Fields| {
            field(&form, "grant_type") == "authorization_code"
                && field(&form, "client_id") == field(authorized, "client_id")
                && field(&form, "redirect_uri") == field(authorized, "redirect_uri")
                && pkce::challenge(&verifier) == field(authorized, "code_challenge")
        };
        let Some((authorized, scope)) = granted.filter(|(authorized, _)| is_sound(authorized)) else {
            return (400, json!({ "error": "invalid_grant" }).to_string());
        };
        self.exchanges.set(self.exchanges.get() + 1);
        let body = json!({
            "access_token": "the token for the API",
            "token_type": "Bearer",
            "expires_in": 3600,
            "scope": scope,
            "id_token": id_token(&authorized),
        });
        (200, body.to_string())
    }
}

fn id_token(request: &Fields) -> String {
    let now = super::now();
    let claims = json!({
        "iss": ISSUER,
        "aud": field(request, "client_id"),
        "sub": "ada",
        "iat": now,
        "exp": now + 300,
        "nonce": field(request, "nonce"),
    });
    let header = json!({ "alg": "RS256" });
    [&header.to_string(), &claims.to_string(), "signature"]
        .map(|part| URL_SAFE_NO_PAD.encode(part))
        .join(".")
}

fn request_of(url: &str) -> Fields {
    fields(url.split_once('?').map_or("", |(_, query)| query))
}

fn fields(text: &str) -> Fields {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

fn field<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).map(String::as_str).unwrap_or_default()
}

fn query(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}
