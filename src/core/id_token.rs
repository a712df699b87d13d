//! ID tokens (OpenID Connect Core §2) and the checks of their claims (§3.1.3.7).
//!
//! The signature is not looked at: the token comes straight from the token endpoint over TLS (§3.1.3.7, rule 6).

use super::base64url;
use super::document::Document;
use super::error::{Code, Error, Result};
use super::pieces::cut;
use super::secret::Secret;
use super::text::Text;

const MAX_BYTES: usize = 64 * 1024;

/// An ID token that passed its checks.
#[derive(Clone, PartialEq)]
pub struct IdToken {
    /// As it came.
    pub raw: Secret,
    /// Its claims as JSON text.
    pub json: Text,
    /// Its claims.
    pub claims: Document,
}

/// Not what it holds: a nonce, and a person's data.
impl std::fmt::Debug for IdToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// What the claims must say.
#[derive(Clone, Copy)]
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
        return Err(fails("too_large"));
    }
    let (header, rest) = cut(token, b'.').ok_or_else(malformed)?;
    let (claims, signature) = cut(rest, b'.').ok_or_else(malformed)?;
    segment(signature)?;
    let text = |bytes| String::from_utf8(bytes).map(Text::from).map_err(|_| malformed());
    Ok((text(segment(header)?)?, text(segment(claims)?)?))
}

fn segment(text: &str) -> Result<Vec<u8>> {
    base64url::decode(text)
        .filter(|bytes| !bytes.is_empty())
        .ok_or_else(malformed)
}

/// Checks that a refresh tells of the same authentication as the ID token before (OpenID Connect Core §12.2).
pub fn same_authentication(before: &Document, claims: &Document) -> Result<()> {
    let (first, second) = (before.number("auth_time"), claims.number("auth_time"));
    if second.is_some() && first.is_some() && first != second {
        return Err(fails("auth_time"));
    }
    Ok(())
}

/// Types that claims must have, the optional ones with `-`.
const TYPES: [(&str, &str); 8] = [
    ("iss", "s"),
    ("aud", "sa"),
    ("azp", "-s"),
    ("exp", "n"),
    ("iat", "n"),
    ("nbf", "-n"),
    ("nonce", "-s"),
    ("sub", "s"),
];

/// Checks header and claims. Every failure is `id_token_invalid` with the name of the check.
pub fn check(header: &Document, claims: &Document, expected: &Expected<'_>) -> Result<()> {
    let alg = header.text("alg");
    for (name, kinds) in TYPES {
        if !claims.is(name, kinds) {
            return Err(fails(name));
        }
    }
    let audiences = claims.texts("aud");
    let latest = expected.now.saturating_add(expected.tolerance);
    let earliest = expected.now.saturating_sub(expected.tolerance);
    let time = |name, absent| claims.number(name).unwrap_or(absent);
    let failed = if !header.is("alg", "s") || alg.is_empty() || alg.eq_ignore_ascii_case("none") {
        "alg"
    } else if !header.is("crit", "-") {
        "crit"
    } else if !header.is("enc", "-") || !header.is("zip", "-") {
        "malformed"
    } else if claims.text("iss") != expected.issuer {
        "iss"
    } else if !audiences.contains(&expected.client_id) {
        "aud"
    } else if claims
        .string("azp")
        .map_or(audiences.len() > 1, |azp| azp != expected.client_id)
    {
        "azp"
    } else if time("exp", i64::MIN) <= earliest {
        "exp"
    } else if time("iat", i64::MAX) > latest {
        "iat"
    } else if time("nbf", 0) > latest {
        "nbf"
    } else if claims.string("nonce") != expected.nonce {
        "nonce"
    } else if subject(claims).is_err() {
        "sub"
    } else if expected
        .max_age
        .is_some_and(|age| !is_fresh(claims, earliest.saturating_sub(age), latest))
    {
        "auth_time"
    } else {
        return Ok(());
    };
    Err(fails(failed))
}

/// The user signed in no longer ago than `max_age` says. Without the claim nobody knows.
fn is_fresh(claims: &Document, earliest: i64, latest: i64) -> bool {
    claims.is("auth_time", "n")
        && claims
            .number("auth_time")
            .is_some_and(|time| earliest <= time && time <= latest)
}

/// The `sub` of claims.
pub fn subject(claims: &Document) -> Result<&str> {
    let sub = claims.string("sub").filter(|sub| !sub.is_empty() && sub.len() <= 255);
    sub.ok_or_else(|| fails("sub"))
}

/// The failure for an ID token that is not one, or is missing though `openid` was requested.
pub fn malformed() -> Error {
    fails("malformed")
}

fn fails(reason: &'static str) -> Error {
    Error::about(Code::IdTokenInvalid, reason).with_reason(reason)
}
