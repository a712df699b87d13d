//! Proofs of possession (RFC 9449 §4.3), as a strict server checks them.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use scopewise::core::http::{Request, Response};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::answer;
use crate::host::crypto::signature;

/// Older proofs are none, seconds: a tab may have been frozen since it made one.
const MAX_AGE: i64 = 60;

/// Proofs that were seen, and what is wanted in them.
#[derive(Default)]
pub(crate) struct Proofs {
    /// What has to be in the next one.
    pub(crate) nonce: Option<String>,
    /// The server does not bind tokens, whatever it was sent.
    pub(crate) answers_bearer: bool,
    /// How many were taken.
    pub(crate) taken: usize,
    /// How many were sent back for their nonce.
    pub(crate) without_nonce: usize,
    /// Seconds that its clock is ahead of the browser's.
    pub(crate) clock_difference: i64,
    seen: BTreeSet<String>,
}

/// What goes with a proof.
pub(crate) struct Sent<'a> {
    pub(crate) method: &'a str,
    pub(crate) url: &'a str,
    pub(crate) token: Option<&'a str>,
    pub(crate) proof: Option<&'a str>,
}

impl<'a> From<&'a Request> for Sent<'a> {
    fn from(request: &'a Request) -> Sent<'a> {
        Sent {
            method: request.method(),
            url: &request.url,
            token: request.token.as_ref().map(|token| token.secret()),
            proof: request.proof.as_deref(),
        }
    }
}

impl Proofs {
    /// `x` of the key that was proven; nothing without a proof. Panics where a proof is none: no client may send that.
    pub(crate) fn check(&mut self, sent: &Sent<'_>, now: i64) -> Result<Option<String>, Response> {
        let Some(proof) = sent.proof else { return Ok(None) };
        let parts: Vec<&str> = proof.split('.').collect();
        let [header, claims, signed] = parts[..] else {
            panic!("{proof} is no JWT")
        };
        let (header, body) = (decoded(header), decoded(claims));
        assert_eq!((&header["typ"], &header["alg"]), (&json!("dpop+jwt"), &json!("ES256")));
        let x = header["jwk"]["x"].as_str().unwrap().to_owned();
        let public = json!({ "kty": "EC", "crv": "P-256", "x": x, "y": header["jwk"]["y"] });
        assert_eq!(header["jwk"], public, "the key has public members only");
        let input = proof.rsplit_once('.').unwrap().0;
        assert_eq!(URL_SAFE_NO_PAD.decode(signed).unwrap(), signature(&x, input));
        assert_eq!((&body["htm"], &body["htu"]), (&json!(sent.method), &json!(sent.url)));
        assert_eq!(body["ath"], sent.token.map_or(Value::Null, |token| hash(token).into()));
        let age = now + self.clock_difference - body["iat"].as_f64().unwrap() as i64;
        if age.abs() > MAX_AGE {
            return Err(answer(400, json!({ "error": "invalid_dpop_proof" })));
        }
        let id = body["jti"].as_str().unwrap();
        assert!(
            id.len() >= 22 && self.seen.insert(id.to_owned()),
            "no proof is used twice"
        );
        if body["nonce"] != self.nonce.clone().map_or(Value::Null, Value::from) && self.nonce.is_some() {
            self.without_nonce += 1;
            let mut refusal = answer(400, json!({ "error": "use_dpop_nonce" }));
            refusal.dpop_nonce = self.nonce.clone();
            return Err(refusal);
        }
        self.taken += 1;
        Ok(Some(x))
    }
}

fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}

fn decoded(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
