//! Keys that sign (WebCrypto): in IndexedDB, or wherever the application has them.

use std::rc::Rc;

use js_sys::{Function, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::timer::within;
use crate::core::dpop::PublicKey;
use crate::core::error::{Error, Result};
use crate::host::{Pending, SigningKey};

#[wasm_bindgen(module = "/src/browser/signing_key.js")]
extern "C" {
    #[wasm_bindgen(js_name = signingKey)]
    fn stored_key(name: &str, x: Option<&str>) -> Promise;
}

#[wasm_bindgen]
extern "C" {
    /// A key as a script has it.
    type JsKey;
    #[wasm_bindgen(method, getter)]
    fn x(this: &JsKey) -> String;
    #[wasm_bindgen(method, getter)]
    fn y(this: &JsKey) -> String;
    #[wasm_bindgen(method, getter, js_name = isKept)]
    fn is_kept(this: &JsKey) -> bool;
    #[wasm_bindgen(method)]
    fn sign(this: &JsKey, text: &str) -> Promise;
}

struct BrowserKey(JsKey);

impl SigningKey for BrowserKey {
    fn public_key(&self) -> PublicKey {
        PublicKey::new(self.0.x(), self.0.y())
    }

    fn is_kept(&self) -> bool {
        self.0.is_kept()
    }

    fn sign<'a>(&'a self, text: &'a str, timeout: u32) -> Pending<'a, Result<Option<Vec<u8>>>> {
        Box::pin(async move {
            let made = within(timeout, JsFuture::from(self.0.sign(text))).await;
            let made = made.ok_or(Error::Timeout(None))?.ok();
            Ok(made.map(|signature| Uint8Array::new(&signature).to_vec()))
        })
    }
}

/// The key of a name, from `keys` where there is such a function. It takes a name, and `x` of the key
/// that is wanted, and returns a promise.
pub(super) async fn find(
    keys: Option<&Function>,
    name: &str,
    wanted: Option<&PublicKey>,
    timeout: u32,
) -> Result<Option<Rc<dyn SigningKey>>> {
    let x = wanted.map(PublicKey::x);
    let asked = match keys {
        // It is the facade's, and does not throw.
        Some(keys) => keys
            .call2(&JsValue::UNDEFINED, &name.into(), &JsValue::from(x))
            .unwrap_or_default()
            .unchecked_into(),
        None => stored_key(name, x),
    };
    let found = within(timeout, JsFuture::from(asked))
        .await
        .ok_or(Error::Timeout(None))?;
    let found = found.map_err(|_| Error::StorageUnavailable)?;
    let found = found.is_object().then(|| BrowserKey(found.unchecked_into()));
    Ok(found.map(|key| -> Rc<dyn SigningKey> { Rc::new(key) }))
}
