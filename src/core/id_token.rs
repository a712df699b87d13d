//! ID tokens (OpenID Connect Core §2) and the checks of their claims (§3.1.3.7).
//!
//! The signature is not looked at: the token comes straight from the token endpoint over TLS (§3.1.3.7, rule 6).

use sha2::{Digest, Sha256};

use super::base64url;
use super::document::Document;
use super::error::{Code, Error, Result};
use super::pieces::cut;
use super::secret::Secret;
use super::text::Text;

const MAX_BYTES: usize = 64 * 1024;

/// An ID token that passed its checks.
#[derive(Clone, Debug, PartialEq)]
pub struct IdToken {
    /// As it came.
    pub raw: Secret,
    /// Its claims.
    pub claims: Document,
}

/// What the claims must say.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The issuer, to the letter.
    pub issuer: &'a str,
    /// The audience.
    pub client_id: &'a str,
    /// As sent; nothing where none was sent.
    pub nonce: Option<&'a str>,
    /// As sent, seconds.
    pub max_age: Option<i64>,
    /// Tolerated clock difference, seconds.
    pub tolerance: i64,
    /// Seconds since the epoch.
    pub now: i64,
}

/// Header and claims as JSON text, for the host to parse (RFC 7515 §3.1).
pub fn decode(token: &str) -> Result<(Text, Text)> {
    if token.len() > MAX_BYTES {
        return Err(fails("too_large", "The ID token is larger than 64 kB."));
    }
    let (header, rest) = cut(token, b'.').ok_or_else(malformed)?;
    let (claims, signature) = cut(rest, b'.').ok_or_else(malformed)?;
    let text = |segment: &str| {
        String::from_utf8(base64url::decode(segment)?)
            .ok()
            .filter(|text| !text.is_empty())
    };
    let (header, claims) = text(header).zip(text(claims)).ok_or_else(malformed)?;
    if base64url::decode(signature).is_none_or(|bytes| bytes.is_empty()) {
        return Err(malformed());
    }
    Ok((header.into(), claims.into()))
}

/// Checks header and claims. Every failure is `id_token_invalid` with the name of the check.
pub fn check(header: &Document, claims: &Document, expected: &Expected<'_>) -> Result<()> {
    check_header(header)?;
    if claims.string("iss").ok().flatten().as_deref() != Some(expected.issuer) {
        return Err(fails("iss", "The ID token is another issuer's."));
    }
    check_audience(claims, expected.client_id)?;
    check_times(claims, expected)?;
    if claims.string("nonce").map_err(|_| nonce())?.as_deref() != expected.nonce {
        return Err(nonce());
    }
    subject(claims).map(drop)
}

/// Checks what binds the ID token to the code and the access token that it came with, where it says so. Both claims are
/// optional in the code flow (§3.1.3.6, §3.3.2.11), and only the hash of the common algorithms, SHA-256, is known here.
pub fn check_hashes(header: &Document, claims: &Document, access_token: &Secret, code: &Secret) -> Result<()> {
    let alg = header.string("alg").ok().flatten().unwrap_or_default();
    for (name, secret) in [("at_hash", access_token), ("c_hash", code)] {
        let wrong = || fails(name, "The ID token belongs to another code or access token.");
        let claimed = claims.string(name).map_err(|_| wrong())?;
        let digest = Sha256::digest(secret.secret().as_bytes());
        let expected = base64url::encode(digest.first_chunk::<16>().map_or(&[], |half| half.as_slice()));
        if alg.ends_with("256") && claimed.is_some_and(|claimed| claimed != expected) {
            return Err(wrong());
        }
    }
    Ok(())
}

/// The `sub` of checked claims: a string of 1 to 255 characters.
pub fn subject(claims: &Document) -> Result<Text> {
    match claims.string("sub") {
        Ok(Some(sub)) if !sub.is_empty() && sub.len() <= 255 => Ok(sub),
        _ => Err(fails("sub", "The ID token has no usable `sub`.")),
    }
}

/// The failure for an ID token that is not one, or is missing.
pub fn malformed() -> Error {
    fails(
        "malformed",
        "There is no well-formed signed ID token in the token endpoint's answer, though openid was requested.",
    )
}

fn check_header(header: &Document) -> Result<()> {
    let alg = header.string("alg").ok().flatten().unwrap_or_default();
    if alg.is_empty() || alg.eq_ignore_ascii_case("none") {
        return Err(fails("alg", "The ID token is not signed."));
    }
    if header.has("crit") {
        return Err(fails(
            "crit",
            "The ID token has critical extensions that nobody here understands.",
        ));
    }
    if header.has("enc") || header.has("zip") {
        return Err(malformed());
    }
    Ok(())
}

fn check_audience(claims: &Document, client_id: &str) -> Result<()> {
    let audiences = match (claims.string("aud"), claims.strings("aud")) {
        (Ok(Some(one)), _) => vec![one],
        (_, Ok(Some(several))) => several,
        _ => Vec::new(),
    };
    if !audiences.iter().any(|audience| **audience == *client_id) {
        return Err(fails("aud", "The ID token is for another client."));
    }
    match claims.string("azp") {
        Ok(None) if audiences.len() == 1 => Ok(()),
        Ok(Some(azp)) if *azp == *client_id => Ok(()),
        _ => Err(fails("azp", "The ID token was issued to another client.")),
    }
}

fn check_times(claims: &Document, expected: &Expected<'_>) -> Result<()> {
    let latest = expected.now.saturating_add(expected.tolerance);
    let earliest = expected.now.saturating_sub(expected.tolerance);
    let time = |name| {
        claims
            .seconds(name)
            .map_err(|_| fails(name, "A time in the ID token is not a number."))
    };
    if time("exp")?.is_none_or(|exp| exp <= earliest) {
        return Err(fails(
            "exp",
            "The ID token has expired, or does not say when it does. Is this device's clock right?",
        ));
    }
    if time("iat")?.is_none_or(|iat| iat > latest) {
        return Err(fails(
            "iat",
            "The ID token was issued in the future, or does not say when. Is this device's clock right?",
        ));
    }
    if time("nbf")?.is_some_and(|nbf| nbf > latest) {
        return Err(fails(
            "nbf",
            "The ID token is not valid yet. Is this device's clock right?",
        ));
    }
    let Some(max_age) = expected.max_age else { return Ok(()) };
    let fresh = time("auth_time")?.is_some_and(|auth| auth >= earliest.saturating_sub(max_age) && auth <= latest);
    if fresh {
        return Ok(());
    }
    Err(fails(
        "auth_time",
        "The user did not sign in as recently as maxAge wants, or the ID token does not say when.",
    ))
}

fn nonce() -> Error {
    fails("nonce", "The ID token was not made for this request.")
}

fn fails(reason: &'static str, message: &'static str) -> Error {
    Error::new(Code::IdTokenInvalid, message).with_reason(reason)
}
