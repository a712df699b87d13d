//! ID tokens (OpenID Connect Core §2) and the checks of their claims (§3.1.3.7).
//!
//! The signature is not looked at here: the token comes straight from the token endpoint over TLS (§3.1.3.7, rule 6). Who
//! wants more has [`IdToken::signed_part`].

use std::fmt;

use super::hash;
use crate::core::config::Config;
use crate::core::demands::{Authentication, MaxAge};
use crate::core::error::{Error, Result};
use crate::core::issuer;
use crate::core::jwt::{self, Audiences, Header, JsonParser, SignedToken};
use crate::core::reader::{FromValue, ObjectReader};
use crate::core::secret::{AccessToken, AuthorizationCode, RawIdToken};
use crate::core::value::Value;

/// An ID token.
#[derive(Clone, PartialEq)]
pub struct IdToken {
    /// As it came.
    pub raw: RawIdToken,
    /// What it says.
    pub claims: Claims,
    header: Header,
}

/// The claims of an ID token.
#[derive(Clone, PartialEq)]
pub struct Claims(Value);

/// Not what they hold: a nonce, and a person's data.
impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Claims([redacted])")
    }
}

impl fmt::Debug for IdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdToken([redacted])")
    }
}

/// What the claims must say.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The issuer, to the letter but for the tenant where that is any.
    pub issuer: &'a str,
    /// The audience.
    pub client_id: &'a str,
    /// Whom the token may be for besides.
    pub audiences: &'a [&'a str],
    /// Signature algorithms, as the server lists them; nothing where it does not.
    pub algorithms: Option<&'a [String]>,
    /// What `at_hash` is of.
    pub access_token: Option<&'a AccessToken>,
    /// What `c_hash` is of.
    pub code: Option<&'a AuthorizationCode>,
    /// As sent; nothing where none was sent.
    pub nonce: Option<&'a str>,
    /// As sent.
    pub max_age: Option<MaxAge>,
    /// Tolerated clock difference, seconds.
    pub tolerance: i64,
    /// Seconds since the epoch.
    pub now: i64,
}

impl<'a> Expected<'a> {
    /// What a client expects.
    pub fn of(config: &'a Config, nonce: Option<&'a str>, max_age: Option<MaxAge>, now: i64) -> Expected<'a> {
        Expected {
            issuer: &config.expected_issuer,
            client_id: &config.client_id,
            audiences: &[],
            algorithms: None,
            access_token: None,
            code: None,
            nonce,
            max_age,
            tolerance: config.clock_tolerance,
            now,
        }
    }
}

impl Claims {
    /// The claims, if they name a user.
    pub fn new(value: Value) -> Option<Claims> {
        let claims = Claims(value);
        claims.subject().is_ok().then_some(claims)
    }

    /// `sub`: 255 bytes at the most (OpenID Connect Core §2).
    pub fn subject(&self) -> Result<&str> {
        let subject = self.0.text("sub").filter(|sub| !sub.is_empty() && sub.len() <= 255);
        subject.ok_or_else(|| fails("sub"))
    }

    /// `iss`: users of two issuers are two, whatever they are called there (OpenID Connect Core §2).
    pub(crate) fn issuer(&self) -> Option<&str> {
        self.0.text("iss")
    }

    /// What the authorization server knows the user by, best first: Entra's own claim, e-mail address, user name.
    pub fn login_hint(&self) -> Option<&str> {
        self.login_hints().next()
    }

    /// All that may name the user in a `login_hint`.
    pub(crate) fn login_hints(&self) -> impl Iterator<Item = &str> {
        let names = ["login_hint", "email", "preferred_username"].into_iter();
        names.filter_map(|name| self.0.text(name))
    }

    /// What the user is called by at a sign-out: Entra's own claim, without which it asks for the account.
    pub(crate) fn logout_hint(&self) -> Option<&str> {
        self.0.text("login_hint")
    }

    /// What they say of the authentication.
    pub fn authentication(&self) -> Authentication<'_> {
        Authentication {
            acr: self.0.text("acr"),
            auth_time: self.number("auth_time"),
        }
    }

    /// All of them.
    pub fn as_value(&self) -> &Value {
        &self.0
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.0.get(name).and_then(i64::from_value)
    }

    /// `nonce`.
    pub(crate) fn nonce(&self) -> Option<&str> {
        self.0.text("nonce")
    }

    /// Checks that they are not of an authentication before the first.
    pub(crate) fn check_not_before(&self, first: Option<i64>) -> Result<()> {
        match first.zip(self.number("auth_time")) {
            Some((first, own)) if own < first => Err(fails("auth_time")),
            _ => Ok(()),
        }
    }
}

impl IdToken {
    /// Decodes a token (RFC 7515 §3.1); its claims are still to be checked.
    pub fn decode(raw: RawIdToken, parse: JsonParser<'_>) -> Result<IdToken> {
        let (header, claims) = jwt::decode(raw.secret(), parse).map_err(Error::IdTokenInvalid)?;
        let claims = Claims(claims);
        Ok(IdToken { raw, claims, header })
    }

    /// Checks the types of claims, the header, and what the claims say. Every failure is `id_token_invalid` with the name of
    /// the check.
    pub fn check(&self, expected: &Expected<'_>) -> Result<()> {
        let mut claims = ObjectReader::new(&self.claims.0).ok_or_else(IdToken::malformed)?;
        let issuer: String = claims.required("iss");
        let Audiences(audiences) = claims.required("aud");
        let azp: Option<String> = claims.nullable("azp");
        let exp: i64 = claims.required("exp");
        let iat: i64 = claims.required("iat");
        let nbf: Option<i64> = claims.nullable("nbf");
        let nonce: Option<String> = claims.nullable("nonce");
        let _: String = claims.required("sub");
        let _: Option<i64> = claims.nullable("auth_time");
        let _: Option<String> = claims.nullable("acr");
        let at_hash: Option<String> = claims.nullable("at_hash");
        let c_hash: Option<String> = claims.nullable("c_hash");
        claims.check(fails)?;
        let algorithm = self
            .header
            .algorithm(expected.algorithms)
            .map_err(Error::IdTokenInvalid)?;
        let latest = expected.now.saturating_add(expected.tolerance);
        let earliest = expected.now.saturating_sub(expected.tolerance);
        let is_known = |audience: &String| {
            audience == expected.client_id || azp.is_some() || expected.audiences.contains(&audience.as_str())
        };
        let is_hash_wrong = |hash: &Option<String>, of: Option<&str>| {
            hash.as_ref()
                .zip(of)
                .is_some_and(|(hash, of)| !hash::is_of(hash, of, algorithm))
        };
        let failed = if !issuer::is_of_tenant(expected.issuer, &issuer, self.claims.0.text("tid")) {
            "iss"
        } else if !audiences.iter().any(|audience| audience == expected.client_id) {
            "aud"
        } else if azp.as_ref().is_some_and(|azp| azp != expected.client_id) {
            "azp"
        } else if !audiences.iter().all(is_known) {
            "aud"
        } else if exp <= earliest {
            "exp"
        } else if iat > latest {
            "iat"
        } else if nbf.is_some_and(|nbf| nbf > latest) {
            "nbf"
        } else if nonce.as_deref() != expected.nonce {
            "nonce"
        } else if self.claims.subject().is_err() {
            "sub"
        } else if expected
            .max_age
            .is_some_and(|max_age| !self.is_fresh(max_age.earliest(iat, expected.now), latest))
        {
            "auth_time"
        } else if is_hash_wrong(&at_hash, expected.access_token.map(AccessToken::secret)) {
            "at_hash"
        } else if is_hash_wrong(&c_hash, expected.code.map(AuthorizationCode::secret)) {
            "c_hash"
        } else {
            return Ok(());
        };
        Err(fails(failed))
    }

    /// What its signature is checked against; nothing of the claims is. `algorithms` are those that the server lists, if it
    /// does.
    pub fn signed_part(&self, algorithms: Option<&[String]>) -> Result<SignedToken<'_>> {
        let signed = self.header.signed_part(self.raw.secret(), algorithms);
        signed.map_err(Error::IdTokenInvalid)
    }

    /// The failure for an ID token that is not one, or is missing though `openid` was requested.
    pub fn malformed() -> Error {
        fails("malformed")
    }

    /// The user signed in between these times. Without the claim nobody knows.
    fn is_fresh(&self, earliest: i64, latest: i64) -> bool {
        let auth_time = self.claims.number("auth_time");
        auth_time.is_some_and(|time| earliest <= time && time <= latest)
    }
}

fn fails(reason: &'static str) -> Error {
    Error::id_token_invalid(reason)
}
