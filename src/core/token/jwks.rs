//! The keys that an issuer publishes (RFC 7517), and which of them a JWT was signed with.

use crate::core::error::{Endpoint, Error, Result};
use crate::core::http::{Request, Response};
use crate::core::jwt::{SignatureAlgorithm, SignedToken, Unverified};
use crate::core::server::ServerMetadata;
use crate::core::value::{Members, Value};

/// Characters of an RSA modulus of 2,048 bits (RFC 7518 §3.3 asks for no less), and of one of 16,384.
const MODULUS: std::ops::RangeInclusive<usize> = 342..=2731;

/// An issuer's keys, of whatever kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Jwks(Vec<Value>);

/// A public key that fits an algorithm: the members that make it up, and no others.
#[derive(Clone, Debug, PartialEq)]
pub struct Jwk(Value);

impl Jwks {
    /// The request for them.
    pub fn request(metadata: &ServerMetadata) -> Result<Request> {
        let uri = metadata.jwks_uri.as_deref();
        let uri = uri.ok_or_else(|| Error::metadata_member("jwks_uri", "must be there to check signatures"))?;
        Ok(Request {
            // Some servers refuse whoever does not name the type that is the keys' own (RFC 7517 §8.5.2).
            accept: "application/json, application/jwk-set+json",
            ..Request::get(uri)
        })
    }

    /// Reads the answer.
    pub fn response(response: &Response) -> Result<Jwks> {
        if let Some(error) = response.status_error() {
            return Err(error.at(Endpoint::Jwks));
        }
        match response.json.as_ref().and_then(|set| set.get("keys")) {
            Some(Value::Array(keys)) => Ok(Jwks(keys.clone())),
            _ => Err(Error::metadata_member(
                "jwks_uri",
                "must be answered with a JSON object that has an array of keys, 1 MiB at the most",
            )),
        }
    }

    /// The key of a token: the one with its `kid`, or without that the only one that fits the algorithm.
    pub fn key_for(&self, token: &SignedToken<'_>) -> Result<Jwk, Unverified> {
        let is_meant = |key: &&Value| token.kid.is_none() || key.text("kid") == token.kid;
        let mut fitting = self
            .0
            .iter()
            .filter(is_meant)
            .filter_map(|key| Jwk::fitting(key, token.algorithm));
        let key = fitting.next().ok_or(Unverified::NoKey)?;
        match fitting.any(|other| other != key) {
            false => Ok(key),
            true => Err(Unverified::SeveralKeys),
        }
    }
}

impl Jwk {
    /// The key, as JSON.
    pub fn as_value(&self) -> &Value {
        &self.0
    }

    /// A key as an issuer publishes it, if an algorithm may be checked with it. One that the issuer ought to have kept to
    /// itself proves nothing.
    fn fitting(key: &Value, algorithm: &'static SignatureAlgorithm) -> Option<Jwk> {
        let (key_type, names) = algorithm.key_members();
        let is_verifying = |operation: &Value| operation.as_str() == Some("verify");
        let fits = key.text("kty") == Some(key_type)
            && key.text("crv") == algorithm.curve
            && is_absent_or(key, "d", |_| false)
            && is_absent_or(key, "use", |usage| usage.as_str() == Some("sig"))
            && is_absent_or(key, "key_ops", |operations| match operations {
                Value::Array(operations) => operations.iter().any(is_verifying),
                _ => false,
            })
            && is_absent_or(key, "alg", |named| {
                named.as_str().and_then(SignatureAlgorithm::named) == Some(algorithm)
            })
            && key.text("n").is_none_or(|modulus| MODULUS.contains(&modulus.len()));
        let mut members = Members::default();
        members.put("kty", &key_type);
        if let Some(curve) = algorithm.curve {
            members.put("crv", &curve);
        }
        for name in names {
            members.put(name, &key.text(name)?);
        }
        fits.then(|| Jwk(members.into()))
    }
}

/// Whether a member is not there, or what it has to be.
fn is_absent_or(key: &Value, name: &str, is_right: impl Fn(&Value) -> bool) -> bool {
    key.present(name).is_none_or(is_right)
}
