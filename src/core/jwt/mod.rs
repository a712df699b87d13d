//! Signed JWTs (RFC 7515 §3.1, RFC 7519): their form, and what of them is signed. What they are for says what they must
//! claim.

mod signature;

use std::fmt;

use super::base64url;
use super::error::FailedCheck;
use super::reader::FromValue;
use super::value::Value;

pub use signature::{SignatureAlgorithm, SignatureScheme, SignedToken, Unverified};

/// Longer ones are not looked at, bytes.
const MAX_JWT: usize = 64 * 1024;

/// The registered algorithms with a public key (RFC 7518 §3.1, RFC 8037, RFC 8812, RFC 9864): no other is taken for one
/// (RFC 8725 §3.1).
const ASYMMETRIC: [&str; 16] = [
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "ES256K",
    "EdDSA",
    "Ed25519",
    "Ed448",
    "ML-DSA-44",
    "ML-DSA-65",
    "ML-DSA-87",
];

/// The host's JSON parser.
pub type JsonParser<'a> = &'a dyn Fn(&str) -> Option<Value>;

/// What a check comes to: nothing, or its name.
pub type Checked<T> = Result<T, Box<FailedCheck>>;

/// A JWT that is not an ID token.
#[derive(Clone, PartialEq)]
pub struct Jwt {
    text: String,
    header: Header,
    claims: Value,
}

/// Not what it holds: a code, or a person's data.
impl fmt::Debug for Jwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jwt([redacted])")
    }
}

/// The header of a JWT.
#[derive(Clone, PartialEq)]
pub(super) struct Header(Value);

/// One audience, or several.
#[derive(Default)]
pub(super) struct Audiences(pub(super) Vec<String>);

impl Jwt {
    /// Decodes a JWT; nothing of it is checked yet.
    pub fn decode(text: &str, parse: JsonParser<'_>) -> Checked<Jwt> {
        let (header, claims) = decode(text, parse)?;
        let text = text.to_owned();
        Ok(Jwt { text, header, claims })
    }

    /// What it says.
    pub fn claims(&self) -> &Value {
        &self.claims
    }

    /// The same, to keep.
    pub fn into_claims(self) -> Value {
        self.claims
    }

    /// What its signature is checked against. `algorithms` are those that the server lists for it, if it does.
    pub fn signed_part(&self, algorithms: Option<&[String]>) -> Checked<SignedToken<'_>> {
        self.header.signed_part(&self.text, algorithms)
    }

    /// Checks that it is for a client, and has not ended before a moment, where it says for whom it is and when it ends.
    pub fn check(&self, client_id: &str, earliest: i64) -> Checked<()> {
        let is_for = |audiences: &Value| {
            let audiences = Audiences::from_value(audiences);
            audiences.is_some_and(|Audiences(all)| all.iter().any(|one| one == client_id))
        };
        let is_to_come = |exp: &Value| i64::from_value(exp).is_some_and(|exp| exp > earliest);
        if !self.claims.present("aud").is_none_or(is_for) {
            Err(FailedCheck::new("aud"))
        } else if !self.claims.present("exp").is_none_or(is_to_come) {
            Err(FailedCheck::new("exp"))
        } else {
            Ok(())
        }
    }

    /// Checks that it counts by a moment already, where it says since when it does (RFC 7519 §4.1.5).
    pub(crate) fn check_begun(&self, latest: i64) -> Checked<()> {
        let has_begun = |nbf: &Value| i64::from_value(nbf).is_some_and(|nbf| nbf <= latest);
        if self.claims.present("nbf").is_none_or(has_begun) {
            Ok(())
        } else {
            Err(FailedCheck::new("nbf"))
        }
    }

    /// Checks that it has some claims.
    pub fn check_present(&self, names: &[&'static str]) -> Checked<()> {
        let missing = names.iter().find(|name| self.claims.present(name).is_none());
        missing.map_or(Ok(()), |name| Err(FailedCheck::new(name)))
    }
}

impl Header {
    /// The signature's algorithm. A key that the server shares with this client would be no secret, and so is no proof.
    pub(super) fn algorithm(&self, algorithms: Option<&[String]>) -> Checked<&str> {
        let alg = self.0.text("alg").unwrap_or_default();
        let is_listed = algorithms.is_none_or(|listed| listed.iter().any(|listed| listed == alg));
        let has = |name| self.0.present(name).is_some();
        if !ASYMMETRIC.contains(&alg) || !is_listed {
            Err(FailedCheck::new("alg"))
        } else if has("crit") {
            Err(FailedCheck::new("crit"))
        } else if has("enc") || has("zip") {
            Err(malformed())
        } else {
            Ok(alg)
        }
    }

    /// What the signature of the token that has this header is checked against.
    pub(super) fn signed_part<'a>(&'a self, token: &'a str, algorithms: Option<&[String]>) -> Checked<SignedToken<'a>> {
        let algorithm =
            SignatureAlgorithm::named(self.algorithm(algorithms)?).ok_or_else(|| FailedCheck::new("alg"))?;
        let kid = self.0.present("kid");
        let kid = kid.map(|kid| kid.as_str().ok_or_else(malformed)).transpose()?;
        let (data, signature) = token.rsplit_once('.').ok_or_else(malformed)?;
        let signature = segment(signature)?;
        if !algorithm.is_length_right(&signature) {
            return Err(Unverified::Signature.into());
        }
        Ok(SignedToken {
            algorithm,
            kid,
            data,
            signature,
        })
    }
}

/// The header and the claims of a JWT.
pub(super) fn decode(token: &str, parse: JsonParser<'_>) -> Checked<(Header, Value)> {
    if token.len() > MAX_JWT {
        return Err(FailedCheck::new("too_large"));
    }
    let segments: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = segments.as_slice() else {
        return Err(malformed());
    };
    segment(signature)?;
    let json = |text: &str| {
        let text = String::from_utf8(segment(text)?).map_err(|_| malformed())?;
        let object = parse(&text).filter(|value| matches!(value, Value::Object(_)));
        object.ok_or_else(malformed)
    };
    Ok((Header(json(header)?), json(claims)?))
}

impl FromValue for Audiences {
    fn from_value(value: &Value) -> Option<Audiences> {
        let audiences = match value {
            Value::String(audience) => vec![audience.clone()],
            value => Vec::from_value(value)?,
        };
        (!audiences.is_empty()).then_some(Audiences(audiences))
    }
}

fn segment(text: &str) -> Checked<Vec<u8>> {
    let bytes = base64url::decode(text).filter(|bytes| !bytes.is_empty());
    bytes.ok_or_else(malformed)
}

fn malformed() -> Box<FailedCheck> {
    FailedCheck::new("malformed")
}
