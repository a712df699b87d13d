//! A fake authorization server, with no more than it takes: codes for one use, PKCE, and ID tokens without a signature
//! that means anything (the client does not look at it: the token comes straight from the token endpoint).

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use scopewise::Request;
use scopewise::core::authorize::pkce;
use scopewise::core::secret::CodeVerifier;
use scopewise::core::value::Value;
use serde_json::{Map, Value as Json, json};

pub(crate) const ISSUER: &str = "https://id.example.com";

/// The parameters of a query or a form.
type Fields = BTreeMap<String, String>;

#[derive(Default)]
pub(crate) struct AuthorizationServer {
    /// What each code stands for: the request, and the scopes that the user allowed.
    codes: RefCell<BTreeMap<String, (Fields, String)>>,
    /// Refresh tokens that were not used yet.
    refresh_tokens: RefCell<BTreeSet<String>>,
    exchanges: Cell<usize>,
    /// How many answers had tokens.
    issued: Cell<usize>,
}

impl AuthorizationServer {
    pub(crate) fn metadata(&self) -> Value {
        Value::object([
            ("issuer", ISSUER.into()),
            ("authorization_endpoint", [ISSUER, "/authorize"].concat().into()),
            ("token_endpoint", [ISSUER, "/token"].concat().into()),
            ("revocation_endpoint", [ISSUER, "/revoke"].concat().into()),
            ("end_session_endpoint", [ISSUER, "/sign-out"].concat().into()),
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

    /// Status and body of the answer to a request.
    pub(crate) fn answer(&self, request: &Request) -> (u16, String) {
        let form = fields(request.form.as_deref().unwrap_or_default());
        if request.url.ends_with("/revoke") {
            self.refresh_tokens.borrow_mut().remove(field(&form, "token"));
            return (200, String::new());
        }
        match field(&form, "grant_type") {
            "refresh_token" => self.renew(&form),
            _ => self.exchange(&form),
        }
    }

    /// RFC 6749 §6.
    fn renew(&self, form: &Fields) -> (u16, String) {
        if !self.refresh_tokens.borrow_mut().remove(field(form, "refresh_token")) {
            return (400, json!({ "error": "invalid_grant" }).to_string());
        }
        (200, json!(self.tokens()).to_string())
    }

    fn tokens(&self) -> Map<String, Json> {
        let number = self.issued.replace(self.issued.get() + 1);
        let refresh_token = format!("refresh-{number}");
        self.refresh_tokens.borrow_mut().insert(refresh_token.clone());
        let mut tokens = Map::new();
        tokens.insert("access_token".to_owned(), format!("access-{number}").into());
        tokens.insert("token_type".to_owned(), "Bearer".into());
        tokens.insert("expires_in".to_owned(), 3600.into());
        tokens.insert("refresh_token".to_owned(), refresh_token.into());
        tokens
    }

    /// RFC 6749 §4.1.3, RFC 7636 §4.6.
    fn exchange(&self, form: &Fields) -> (u16, String) {
        let granted = self.codes.borrow_mut().remove(field(form, "code"));
        let verifier = CodeVerifier::new(field(form, "code_verifier"));
        let is_sound = |authorized: &Fields| {
            field(form, "grant_type") == "authorization_code"
                && field(form, "client_id") == field(authorized, "client_id")
                && field(form, "redirect_uri") == field(authorized, "redirect_uri")
                && pkce::challenge(&verifier) == field(authorized, "code_challenge")
        };
        let Some((authorized, scope)) = granted.filter(|(authorized, _)| is_sound(authorized)) else {
            return (400, json!({ "error": "invalid_grant" }).to_string());
        };
        self.exchanges.set(self.exchanges.get() + 1);
        let mut body = self.tokens();
        body.insert("scope".to_owned(), scope.into());
        body.insert("id_token".to_owned(), id_token(&authorized).into());
        (200, json!(body).to_string())
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
