//! What a proof says of a request, whatever its method and URL are.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use scopewise::core::dpop::{Proof, PublicKey, signed};
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::common::{NOW, stringify};
use crate::input::Input;

/// Method, URL, and a text that is id, token, nonce and coordinate.
pub(crate) fn target(data: &[u8]) {
    let input = Input::new(data);
    let (method, url, text) = input.three();
    check(method, url, text);
    if let Ok(mut url) = Url::parse(url) {
        let claims = check(method, url.as_str(), text);
        url.set_query(None);
        url.set_fragment(None);
        // A path that is opaque may end in blanks, which go with what stood behind them.
        assert!(
            url.cannot_be_a_base() || claims["htu"] == url.as_str(),
            "{claims} is not for {url}"
        );
    }
}

/// Header and claims are JSON with these members, in two ways: with a token and a nonce, and without.
fn check(method: &str, url: &str, text: &str) -> Json {
    let key = PublicKey::new(text, "y");
    let bare = Proof {
        method,
        url,
        access_token: None,
        nonce: None,
        id: text,
        issued_at: NOW,
    };
    let full = Proof {
        access_token: Some(text),
        nonce: Some(text),
        ..bare
    };
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": text, "y": "y" });
    let [bare, full] = [bare, full].map(|proof| {
        let input = proof.signing_input(&key, &stringify);
        let [header, claims] = read(&signed(&input, text.as_bytes()), text);
        assert_eq!(header, json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": jwk }));
        claims
    });
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let expected = json!({ "jti": text, "htm": method, "htu": &url[..end], "iat": NOW });
    assert_eq!(bare, expected);
    let mut more = expected;
    more["ath"] = URL_SAFE_NO_PAD.encode(Sha256::digest(text)).into();
    more["nonce"] = text.into();
    assert_eq!(full, more);
    bare
}

fn read(proof: &str, signature: &str) -> [Json; 2] {
    let parts: Vec<_> = proof
        .split('.')
        .map(|part| URL_SAFE_NO_PAD.decode(part).unwrap())
        .collect();
    assert_eq!((parts.len(), parts[2].as_slice()), (3, signature.as_bytes()));
    [&parts[0], &parts[1]].map(|part| serde_json::from_slice(part).unwrap())
}
