//! An authorization server with the rules of RFC 6749, RFC 7636 and RFC 9700, for one client. Its user decides as the
//! test says.
#![allow(dead_code, unused_imports, reason = "each test binary uses a part of this")]

mod authorize;
mod keys;
mod proof;
mod pushed;
mod token;

use std::collections::{BTreeMap, VecDeque};

use scopewise::core::http::{Request, Response};
use scopewise::core::scope::ScopeSet;
use serde_json::{Value, json};

pub(crate) use authorize::Visit;
pub(crate) use keys::Keys;
pub(crate) use proof::{Proofs, Sent};

pub(crate) const ISSUER: &str = "https://id.example";
pub(crate) const CLIENT: &str = "app";
pub(crate) const ORIGIN: &str = "https://app.example";
/// An API that says of itself what it is (RFC 9728), and where.
pub(crate) const API: &str = "https://api.example/";
const API_METADATA: &str = "https://api.example/.well-known/oauth-protected-resource";
pub(crate) const CALLBACK: &str = "https://app.example/callback";

/// What the user does about an authorization request.
#[derive(Clone, Debug)]
pub(crate) enum Decision {
    /// Says yes to all.
    Grant,
    /// Says yes, but not to these.
    Without(&'static str),
    /// Says no.
    Deny,
    /// Signs in as somebody else, and says yes.
    As(&'static str),
    /// The server answers with this error.
    Error(&'static str),
    /// Closes the window.
    Close,
    /// Does nothing at all.
    Wait,
}

/// A grant of the server's.
#[derive(Clone, Debug)]
pub(crate) struct ServerGrant {
    user: String,
    scope: ScopeSet,
    is_revoked: bool,
}

struct Code {
    grant: usize,
    challenge: String,
    nonce: Option<String>,
    redirect_uri: String,
    issued_at: i64,
    is_used: bool,
}

struct RefreshToken {
    grant: usize,
    /// `x` of the key that it is bound to.
    key: Option<String>,
    is_used: bool,
}

struct AccessToken {
    grant: usize,
    key: Option<String>,
    expires_at: i64,
}

/// What a server that is not as it should be does to what it sends.
pub(crate) type Change = Box<dyn FnOnce(&mut Value)>;

/// The server.
pub(crate) struct AuthorizationServer {
    /// Who is signed in there.
    pub(crate) user: Option<&'static str>,
    /// For the next requests, in order; then it is yes to all.
    pub(crate) decisions: VecDeque<Decision>,
    /// Seconds that an access token lasts.
    pub(crate) lifetime: i64,
    /// Its answers say how long a token lasts.
    pub(crate) tells_lifetime: bool,
    /// The latest authorization request.
    pub(crate) asked: String,
    /// A refresh token is for one use.
    pub(crate) rotates: bool,
    /// All grants of a user are one: with one of its tokens all of it is revoked.
    pub(crate) has_one_grant: bool,
    /// Only RFC 8414's document names the revocation endpoint.
    pub(crate) hides_revocation: bool,
    /// With each grant there is a refresh token.
    pub(crate) issues_refresh_tokens: bool,
    /// What it signs ID tokens with, and publishes.
    pub(crate) keys: Keys,
    /// What it thinks of proofs of possession.
    pub(crate) proofs: Proofs,
    /// What becomes of the claims of the next ID token.
    pub(crate) change_claims: Option<Change>,
    /// What becomes of the claims of the next signed authorization response.
    pub(crate) change_response: Option<Change>,
    /// What becomes of the next token answer.
    pub(crate) change_answer: Option<Change>,
    /// The answer to a refresh has an ID token.
    pub(crate) renews_id_tokens: bool,
    /// Userinfo answers are signed, with these claims besides `sub`.
    pub(crate) signs_user_info: Option<Value>,
    /// What it grants besides scopes; null where it says nothing of that.
    pub(crate) authorization_details: Value,
    /// What a client must never do, and did.
    pub(crate) violations: Vec<String>,
    /// How often a refresh token came that was used before.
    pub(crate) reuses: usize,
    /// The tokens that were revoked by the client.
    pub(crate) revoked: Vec<String>,
    /// The user was at the end-session endpoint.
    pub(crate) sign_outs: usize,
    /// How many requests were pushed.
    pub(crate) pushes: usize,
    /// Their forms, until they are used.
    pushed: BTreeMap<String, String>,
    grants: Vec<ServerGrant>,
    codes: BTreeMap<String, Code>,
    refresh_tokens: BTreeMap<String, RefreshToken>,
    access_tokens: BTreeMap<String, AccessToken>,
}

impl Default for AuthorizationServer {
    fn default() -> AuthorizationServer {
        AuthorizationServer {
            user: Some("ada"),
            decisions: VecDeque::new(),
            lifetime: 3600,
            tells_lifetime: true,
            asked: String::new(),
            rotates: true,
            has_one_grant: false,
            hides_revocation: false,
            issues_refresh_tokens: true,
            keys: Keys::default(),
            proofs: Proofs::default(),
            change_claims: None,
            change_response: None,
            change_answer: None,
            renews_id_tokens: false,
            signs_user_info: None,
            authorization_details: Value::Null,
            violations: Vec::new(),
            reuses: 0,
            revoked: Vec::new(),
            sign_outs: 0,
            pushes: 0,
            pushed: BTreeMap::new(),
            grants: Vec::new(),
            codes: BTreeMap::new(),
            refresh_tokens: BTreeMap::new(),
            access_tokens: BTreeMap::new(),
        }
    }
}

impl AuthorizationServer {
    /// What it says of itself.
    pub(crate) fn metadata() -> Value {
        json!({
            "issuer": ISSUER,
            "authorization_endpoint": "https://id.example/authorize",
            "token_endpoint": "https://id.example/token",
            "revocation_endpoint": "https://id.example/revoke",
            "jwks_uri": "https://id.example/jwks",
            "userinfo_endpoint": "https://id.example/userinfo",
            "end_session_endpoint": "https://id.example/logout",
            "pushed_authorization_request_endpoint": "https://id.example/par",
            "authorization_response_iss_parameter_supported": true,
        })
    }

    /// The user's next decision.
    pub(crate) fn decide(&mut self, decision: Decision) {
        self.decisions.push_back(decision);
    }

    /// Answers a request.
    pub(crate) fn serve(&mut self, request: &Request, now: i64) -> Response {
        let key = match self.proofs.check(&Sent::from(request), now) {
            Ok(key) => key,
            Err(refusal) => return refusal,
        };
        let mut response = self.respond_to(request, key, now);
        response.dpop_nonce = self.proofs.nonce.clone().filter(|_| request.proof.is_some());
        response
    }

    fn respond_to(&mut self, request: &Request, key: Option<String>, now: i64) -> Response {
        let form = request.form.clone().unwrap_or_default();
        match request.url.strip_prefix(ISSUER).unwrap_or_default() {
            "/.well-known/openid-configuration" => {
                let mut document = AuthorizationServer::metadata();
                if self.hides_revocation {
                    document.as_object_mut().unwrap().remove("revocation_endpoint");
                }
                answer(200, document)
            }
            "/.well-known/oauth-authorization-server" if self.hides_revocation => {
                answer(200, AuthorizationServer::metadata())
            }
            "/token" => self.token(&form, key, now),
            "/par" => self.push(&form),
            "/revoke" => self.revoke(&form),
            "/jwks" => answer(200, self.keys.published()),
            "/userinfo" => self.user_info(request, key.as_deref(), now),
            _ if request.url == API_METADATA => answer(
                200,
                json!({ "resource": API, "authorization_servers": [ISSUER], "scopes_supported": ["read", "write"] }),
            ),
            _ => answer(404, json!({})),
        }
    }

    /// The key that an access token is bound to.
    pub(crate) fn key_of(&self, access_token: &str) -> Option<&str> {
        self.access_tokens.get(access_token)?.key.as_deref()
    }

    /// The scopes of an access token; nothing where it is not one, or not any more.
    pub(crate) fn scopes_of(&self, access_token: &str, now: i64) -> Option<ScopeSet> {
        self.grant_of(access_token, now).map(|grant| grant.scope.clone())
    }

    /// Whose an access token is; nobody's where it is not one, or not any more.
    pub(crate) fn user_of(&self, access_token: &str, now: i64) -> Option<&str> {
        self.grant_of(access_token, now).map(|grant| grant.user.as_str())
    }

    /// Whether a refresh token still works.
    pub(crate) fn is_refresh_token_good(&self, token: &str) -> bool {
        let token = self.refresh_tokens.get(token);
        token.is_some_and(|token| !token.is_used && !self.grants[token.grant].is_revoked)
    }

    /// The user revokes what they gave, behind the application's back.
    pub(crate) fn revoke_all(&mut self) {
        self.grants.iter_mut().for_each(|grant| grant.is_revoked = true);
    }

    /// Its APIs take none of the tokens that are out there; refresh tokens still work.
    pub(crate) fn forget_access_tokens(&mut self) {
        for token in self.access_tokens.values_mut() {
            token.expires_at = 0;
        }
    }

    fn grant_of(&self, access_token: &str, now: i64) -> Option<&ServerGrant> {
        let token = self.access_tokens.get(access_token)?;
        let grant = &self.grants[token.grant];
        (token.expires_at > now && !grant.is_revoked).then_some(grant)
    }

    fn user_info(&self, request: &Request, key: Option<&str>, now: i64) -> Response {
        let token = request.token.as_ref().map(|token| token.secret()).unwrap_or_default();
        if self.key_of(token) != key {
            return answer(401, json!({ "error": "invalid_token" }));
        }
        match self.grant_of(token, now) {
            Some(grant) => match self.signs_user_info.clone() {
                None => answer(200, json!({ "sub": grant.user })),
                Some(mut claims) => {
                    claims["sub"] = grant.user.as_str().into();
                    Response::new(200, None).with_jwt(self.keys.jwt(&claims))
                }
            },
            None => answer(401, json!({})),
        }
    }

    fn revoke(&mut self, form: &str) -> Response {
        let token = param(form, "token").unwrap_or_default();
        if let Some(refresh) = self.refresh_tokens.get(&token) {
            let user = self.grants[refresh.grant].user.clone();
            for (index, grant) in self.grants.iter_mut().enumerate() {
                grant.is_revoked |= index == refresh.grant || self.has_one_grant && grant.user == user;
            }
        }
        self.access_tokens.remove(&token);
        self.revoked.push(token);
        answer(200, json!({}))
    }
}

/// A JSON answer.
pub(crate) fn answer(status: u16, body: Value) -> Response {
    Response::new(status, Some(serde_json::from_value(body).unwrap()))
}

/// A parameter of a form or a query.
pub(crate) fn param(form: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(form.as_bytes())
        .find(|(held, _)| held == name)
        .map(|(_, value)| value.into_owned())
}

/// A parameter of a URL's query.
pub(crate) fn query(url: &str, name: &str) -> Option<String> {
    param(scopewise::core::url::parts(url).0, name)
}
