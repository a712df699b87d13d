//! Signatures (WebCrypto).

use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::json::to_js;
use super::object::get;
use super::{Browser, signing_key};
use crate::core::dpop::PublicKey;
use crate::core::error::Result as ClientResult;
use crate::core::jwt::{SignatureAlgorithm, SignatureScheme, SignedToken, Unverified};
use crate::core::token::Jwk;
use crate::core::value::{Members, Value};
use crate::host::{Crypto, Pending, SigningKey};

#[wasm_bindgen]
extern "C" {
    type SubtleCrypto;
    #[wasm_bindgen(method, catch, js_name = importKey)]
    fn import_key(
        this: &SubtleCrypto,
        format: &str,
        key: &JsValue,
        algorithm: &JsValue,
        is_extractable: bool,
        usages: &JsValue,
    ) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn verify(
        this: &SubtleCrypto,
        algorithm: &JsValue,
        key: &JsValue,
        signature: &[u8],
        data: &[u8],
    ) -> Result<Promise, JsValue>;
}

impl Crypto for Browser {
    fn has_signatures(&self) -> bool {
        subtle().is_some()
    }

    fn verify<'a>(&'a self, token: &'a SignedToken<'_>, key: &'a Jwk) -> Pending<'a, Result<(), Unverified>> {
        Box::pin(async move {
            let refused = |_| Unverified::KeyRefused;
            let subtle = subtle().ok_or(Unverified::KeyRefused)?;
            let algorithm = to_js(&algorithm(token.algorithm));
            let usages = to_js(&vec!["verify"].into());
            let key = subtle.import_key("jwk", &to_js(key.as_value()), &algorithm, false, &usages);
            let key = JsFuture::from(key.map_err(refused)?).await.map_err(refused)?;
            // What is passed is copied before the call returns.
            let verified = subtle.verify(&algorithm, &key, &token.signature, token.data.as_bytes());
            let verified = JsFuture::from(verified.map_err(refused)?).await.map_err(refused)?;
            if verified.as_bool() == Some(true) {
                Ok(())
            } else {
                Err(Unverified::Signature)
            }
        })
    }

    fn signing_key<'a>(
        &'a self,
        name: &'a str,
        wanted: Option<&'a PublicKey>,
        timeout: u32,
    ) -> Pending<'a, ClientResult<Option<Rc<dyn SigningKey>>>> {
        Box::pin(signing_key::find(self.signing_keys.as_ref(), name, wanted, timeout))
    }
}

/// It is there in secure contexts only.
fn subtle() -> Option<SubtleCrypto> {
    let subtle = get(&get(&js_sys::global(), "crypto"), "subtle");
    subtle.is_object().then(|| subtle.unchecked_into())
}

/// An algorithm as WebCrypto calls it, with what both importing and verifying need.
fn algorithm(algorithm: &SignatureAlgorithm) -> Value {
    let hash_bits = algorithm.hash_bits;
    let mut members = Members::default();
    members.put(
        "name",
        &match algorithm.scheme {
            SignatureScheme::RsaPkcs1 => "RSASSA-PKCS1-v1_5",
            SignatureScheme::RsaPss => "RSA-PSS",
            SignatureScheme::Ecdsa => "ECDSA",
            SignatureScheme::Ed25519 => "Ed25519",
        },
    );
    members.put("hash", &["SHA-", &hash_bits.to_string()].concat());
    if let Some(curve) = algorithm.curve {
        members.put("namedCurve", &curve);
    }
    members.put("saltLength", &i64::from(hash_bits / 8));
    members.into()
}
