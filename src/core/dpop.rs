//! Demonstrating Proof of Possession (RFC 9449): the key that tokens are bound to, and the proofs that go with them.
//! The signing is the host's.

use super::reader::FromValue;
use super::value::{Members, ToValue, Value};
use super::{base64url, url};

/// A longer nonce is none: it goes into a header, with a proof around it.
const MAX_NONCE: usize = 4 * 1024;

/// The public part of a client's key: a point on P-256, by its coordinates in base64url (RFC 7518 §6.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    x: String,
    y: String,
}

impl PublicKey {
    /// The key of these coordinates.
    pub fn new(x: impl Into<String>, y: impl Into<String>) -> PublicKey {
        PublicKey {
            x: x.into(),
            y: y.into(),
        }
    }

    /// The first of them, by which a host finds the key again.
    pub fn x(&self) -> &str {
        &self.x
    }
}

/// As a JSON Web Key.
impl ToValue for PublicKey {
    fn to_value(&self) -> Value {
        let mut jwk = Members::default();
        jwk.put("kty", &"EC");
        jwk.put("crv", &"P-256");
        jwk.put("x", &self.x);
        jwk.put("y", &self.y);
        jwk.into()
    }
}

impl FromValue for PublicKey {
    fn from_value(value: &Value) -> Option<PublicKey> {
        Some(PublicKey::new(value.text("x")?, value.text("y")?))
    }
}

/// What a proof is for: one request (RFC 9449 §4.2).
#[derive(Clone, Copy, Debug)]
pub struct Proof<'a> {
    /// The request's method.
    pub method: &'a str,
    /// The request's URL, normalised. Its query and fragment are not part of the proof.
    pub url: &'a str,
    /// The token that goes with it, if one does.
    pub access_token: Option<&'a str>,
    /// What the server wants in it.
    pub nonce: Option<&'a str>,
    /// Different for every proof: random text.
    pub id: &'a str,
    /// Seconds since the epoch.
    pub issued_at: i64,
}

impl Proof<'_> {
    /// What is signed, and how a proof begins: header and claims.
    pub fn signing_input(&self, key: &PublicKey, stringify: &dyn Fn(&Value) -> String) -> String {
        let mut header = Members::default();
        header.put("typ", &"dpop+jwt");
        header.put("alg", &"ES256");
        header.put("jwk", key);
        let encode = |members: Members| base64url::encode(stringify(&members.into()).as_bytes());
        [&encode(header), ".", &encode(self.claims())].concat()
    }

    fn claims(&self) -> Members {
        let mut claims = Members::default();
        claims.put("jti", &self.id);
        claims.put("htm", &self.method);
        claims.put("htu", &url::base(self.url));
        claims.put("iat", &self.issued_at);
        if let Some(token) = self.access_token {
            claims.put("ath", &base64url::sha256(token));
        }
        if let Some(nonce) = self.nonce {
            claims.put("nonce", &nonce);
        }
        claims
    }
}

/// A method as `fetch` sends it: it spells some in capitals, however they are given (Fetch §2.2.1).
pub fn method(name: &str) -> &str {
    const NORMALIZED: [&str; 6] = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];
    let known = NORMALIZED.into_iter().find(|known| name.eq_ignore_ascii_case(known));
    known.unwrap_or(name)
}

/// The proof, once it is signed.
pub fn signed(signing_input: &str, signature: &[u8]) -> String {
    [signing_input, ".", &base64url::encode(signature)].concat()
}

/// What servers want to see in proofs, by origin (RFC 9449 §8, §9).
#[derive(Clone, Debug, Default)]
pub struct Nonces(Vec<(String, String)>);

impl Nonces {
    /// The latest of the server that a URL is of.
    pub fn get(&self, url: &str) -> Option<&str> {
        let origin = url::origin(url);
        let found = self.0.iter().find(|(held, _)| held == origin);
        found.map(|(_, nonce)| nonce.as_str())
    }

    /// Remembers what a server sent, if it is a nonce (RFC 9449 §8.1).
    pub fn note(&mut self, url: &str, nonce: Option<&str>) {
        let Some(nonce) = nonce.filter(|text| is_nonce(text)) else {
            return;
        };
        let origin = url::origin(url);
        self.0.retain(|(held, _)| held != origin);
        self.0.push((origin.to_owned(), nonce.to_owned()));
    }
}

/// Printable ASCII without blanks, quotes and backslashes.
fn is_nonce(text: &str) -> bool {
    let is_allowed = |byte| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~');
    (1..=MAX_NONCE).contains(&text.len()) && text.bytes().all(is_allowed)
}
