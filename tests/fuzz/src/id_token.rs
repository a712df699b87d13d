//! ID tokens: decoding, and the checks of their claims.

use scopewise::core::secret::RawIdToken;
use scopewise::core::token::IdToken;
use serde_json::Value as Json;

use crate::common::{CLIENT, ISSUER, NONCE, NOW, base64url, expected, parse_json};
use crate::input::{Input, check_error, check_secrets};

/// Header, claims and signature in a line each; or all three as they are, in one.
pub(crate) fn target(data: &[u8]) {
    let input = Input::new(data);
    let (header, claims, signature) = input.three();
    let raw = match claims {
        "" => header.to_owned(),
        _ => [header, claims, signature].map(base64url).join("."),
    };
    let secrets = || [raw.as_str(), NONCE];
    let token = match IdToken::decode(RawIdToken::new(raw.as_str()), &parse_json) {
        Ok(token) => token,
        Err(error) => return check_error(&error, secrets()),
    };
    assert_eq!(token.raw.secret(), raw);
    check_secrets(&format!("{token:?} {:?}", token.claims), secrets());
    if let Ok(signed) = token.signed_part(None) {
        assert!(raw.starts_with(signed.data) && !signed.signature.is_empty());
        assert_eq!(signed.data.matches('.').count(), 1);
    }
    match token.check(&expected()) {
        Ok(()) => sound(&serde_json::to_value(token.claims.as_value()).unwrap()),
        Err(error) => {
            assert_eq!(error.code(), "id_token_invalid");
            check_error(&error, secrets());
        }
    }
}

/// What a sound token says, read in another way.
fn sound(claims: &Json) {
    assert_eq!(claims["iss"], ISSUER);
    assert_eq!(claims["nonce"], NONCE);
    let audiences = match &claims["aud"] {
        Json::Array(audiences) => audiences.clone(),
        audience => vec![audience.clone()],
    };
    assert!(audiences.iter().any(|audience| audience == CLIENT));
    let azp = claims.get("azp").filter(|azp| !azp.is_null());
    assert!(azp.is_none_or(|azp| azp == CLIENT) && (audiences.iter().all(|one| one == CLIENT) || azp.is_some()));
    assert!(claims["exp"].as_f64().unwrap() > (NOW - 60) as f64);
    assert!(claims["iat"].as_f64().unwrap() < (NOW + 61) as f64);
    let subject = claims["sub"].as_str().unwrap();
    assert!(!subject.is_empty() && subject.len() <= 255);
}
