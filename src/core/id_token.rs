//! ID tokens (OpenID Connect Core §2) and the checks of their claims (§3.1.3.7).
//!
//! The signature is not looked at: the token comes straight from the token endpoint over TLS (§3.1.3.7, rule 6).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::error::{Code, Error, Result};
use super::secret::Secret;
use super::value::Value;

const MAX_BYTES: usize = 64 * 1024;

/// An ID token that passed its checks.
#[derive(Clone, Debug, PartialEq)]
pub struct IdToken {
    /// As it came.
    pub raw: Secret,
    /// Its claims.
    pub claims: Value,
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
    pub max_age: Option<u32>,
    /// Tolerated clock difference, seconds.
    pub tolerance: i64,
    /// Seconds since the epoch.
    pub now: i64,
}

/// Header and claims as JSON text, for the host to parse (RFC 7515 §3.1).
pub fn decode(token: &str) -> Result<(String, String)> {
    if token.len() > MAX_BYTES {
        return Err(fails("too_large", "The ID token is larger than 64 kB."));
    }
    let mut segments = token.split('.');
    let (Some(header), Some(claims), Some(signature), None) =
        (segments.next(), segments.next(), segments.next(), segments.next())
    else {
        return Err(malformed());
    };
    URL_SAFE_NO_PAD.decode(signature).map_err(|_| malformed())?;
    let text = |segment: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(segment).ok().filter(|bytes| !bytes.is_empty())?;
        String::from_utf8(bytes).ok()
    };
    text(header).zip(text(claims)).ok_or_else(malformed)
}

/// Checks header and claims. Every failure is `id_token_invalid` with the name of the check.
pub fn check(header: &Value, claims: &Value, expected: &Expected<'_>) -> Result<()> {
    check_header(header)?;
    if !matches!(claims, Value::Object(_)) {
        return Err(malformed());
    }
    if claims.string("iss") != Ok(Some(expected.issuer)) {
        return Err(fails("iss", "The ID token is another issuer's."));
    }
    check_audience(claims, expected.client_id)?;
    check_times(claims, expected)?;
    if claims.string("nonce").map_err(|_| nonce())? != expected.nonce {
        return Err(nonce());
    }
    subject(claims).map(drop)
}

/// The `sub` of checked claims: a string of 1 to 255 characters.
pub fn subject(claims: &Value) -> Result<&str> {
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

fn check_header(header: &Value) -> Result<()> {
    let alg = header.string("alg").ok().flatten().unwrap_or_default();
    if alg.is_empty() || alg.eq_ignore_ascii_case("none") {
        return Err(fails("alg", "The ID token is not signed."));
    }
    if header.get("crit").is_some() {
        return Err(fails(
            "crit",
            "The ID token has critical extensions that nobody here understands.",
        ));
    }
    if header.get("enc").is_some() || header.get("zip").is_some() {
        return Err(malformed());
    }
    Ok(())
}

fn check_audience(claims: &Value, client_id: &str) -> Result<()> {
    let many = match claims.get("aud") {
        Some(Value::String(one)) if one == client_id => false,
        Some(Value::Array(all)) if all.iter().any(|one| one.as_str() == Some(client_id)) => all.len() > 1,
        _ => return Err(fails("aud", "The ID token is for another client.")),
    };
    match claims.string("azp") {
        Ok(None) if !many => Ok(()),
        Ok(Some(azp)) if azp == client_id => Ok(()),
        _ => Err(fails("azp", "The ID token was issued to another client.")),
    }
}

fn check_times(claims: &Value, expected: &Expected<'_>) -> Result<()> {
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
    let fresh =
        time("auth_time")?.is_some_and(|auth| auth >= earliest.saturating_sub(i64::from(max_age)) && auth <= latest);
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
