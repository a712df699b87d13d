//! The token endpoint.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use scopewise::core::http::Response;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{AccessToken, AuthorizationServer, CLIENT, ISSUER, RefreshToken, answer, param};

/// A code is good for so many seconds (RFC 6749 §4.1.2 wants it short).
const CODE_LIFETIME: i64 = 600;

/// What an answer has besides an access token.
struct Issue {
    /// For the ID token.
    nonce: Option<String>,
    /// That its tokens are bound to.
    key: Option<String>,
    has_refresh_token: bool,
}

impl AuthorizationServer {
    pub(super) fn token(&mut self, form: &str, key: Option<String>, now: i64) -> Response {
        if param(form, "client_id").as_deref() != Some(CLIENT) {
            self.violations.push("a token request of another client".to_owned());
        }
        match param(form, "grant_type").as_deref() {
            Some("authorization_code") => self.trade_code(form, key, now),
            Some("refresh_token") => self.refresh(form, key, now),
            _ => answer(400, json!({ "error": "unsupported_grant_type" })),
        }
    }

    /// RFC 6749 §4.1.3, RFC 7636 §4.6.
    fn trade_code(&mut self, form: &str, key: Option<String>, now: i64) -> Response {
        let Some(code) = param(form, "code").and_then(|code| self.codes.get_mut(&code)) else {
            self.violations.push("an unknown code".to_owned());
            return invalid_grant();
        };
        if std::mem::replace(&mut code.is_used, true) {
            // RFC 6749 §4.1.2: what was issued for it is revoked.
            self.grants[code.grant].is_revoked = true;
            self.violations.push("a code was sent twice".to_owned());
            return invalid_grant();
        }
        let verifier = param(form, "code_verifier").unwrap_or_default();
        let is_proven = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == code.challenge;
        if !is_proven || param(form, "redirect_uri").as_ref() != Some(&code.redirect_uri) {
            self.violations
                .push("a code with the wrong verifier or redirect URI".to_owned());
            return invalid_grant();
        }
        if now - code.issued_at > CODE_LIFETIME {
            return invalid_grant();
        }
        let (grant, nonce) = (code.grant, code.nonce.clone());
        self.respond(
            grant,
            Issue {
                nonce,
                key,
                has_refresh_token: true,
            },
            now,
        )
    }

    /// RFC 6749 §6, RFC 9700 §4.14.2.
    fn refresh(&mut self, form: &str, key: Option<String>, now: i64) -> Response {
        let Some(token) = param(form, "refresh_token").and_then(|token| self.refresh_tokens.get_mut(&token)) else {
            self.violations.push("an unknown refresh token".to_owned());
            return invalid_grant();
        };
        let grant = token.grant;
        if token.key.is_some() && token.key != key {
            self.violations
                .push("a refresh token without the proof of its key".to_owned());
            return invalid_grant();
        }
        if token.is_used {
            self.reuses += 1;
            self.grants[grant].is_revoked = true;
        }
        if self.grants[grant].is_revoked {
            return invalid_grant();
        }
        token.is_used = self.rotates;
        let has_refresh_token = self.rotates;
        self.respond(
            grant,
            Issue {
                nonce: None,
                key,
                has_refresh_token,
            },
            now,
        )
    }

    fn respond(&mut self, index: usize, issue: Issue, now: i64) -> Response {
        let nonce = issue.nonce;
        let key = issue.key.filter(|_| !self.proofs.answers_bearer);
        let has_id_token = nonce.is_some() || self.renews_id_tokens;
        let (change_claims, change_answer) = (self.change_claims.take(), self.change_answer.take());
        let grant = &self.grants[index];
        let access_token = format!("access-{}", self.access_tokens.len());
        let mut body = json!({
            "access_token": access_token,
            "token_type": if key.is_some() { "DPoP" } else { "Bearer" },
            "expires_in": self.lifetime,
            "scope": grant.scope.to_string(),
        });
        if !self.authorization_details.is_null() {
            body["authorization_details"] = self.authorization_details.clone();
        }
        if !self.tells_lifetime {
            body["expires_in"] = serde_json::Value::Null;
        }
        if has_id_token && grant.scope.contains("openid") {
            let mut claims = json!({
                "iss": ISSUER, "aud": CLIENT, "sub": grant.user, "nonce": nonce, "iat": now, "exp": now + 300,
            });
            change_claims.into_iter().for_each(|change| change(&mut claims));
            body["id_token"] = self.keys.jwt(&claims).into();
        }
        if issue.has_refresh_token && self.issues_refresh_tokens {
            let refresh_token = format!("refresh-{}", self.refresh_tokens.len());
            body["refresh_token"] = refresh_token.as_str().into();
            let token = RefreshToken {
                grant: index,
                key: key.clone(),
                is_used: false,
            };
            self.refresh_tokens.insert(refresh_token, token);
        }
        let token = AccessToken {
            grant: index,
            key,
            expires_at: now + self.lifetime,
        };
        self.access_tokens.insert(access_token, token);
        change_answer.into_iter().for_each(|change| change(&mut body));
        answer(200, body)
    }
}

fn invalid_grant() -> Response {
    answer(400, json!({ "error": "invalid_grant" }))
}
