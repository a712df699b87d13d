//! Signatures made for tests: a signature is a hash of the key and the text, so whoever knows the one can make the other.
//! What is real in them is that they are of one key and one text.

use std::cell::Cell;
use std::rc::{Rc, Weak};

use scopewise::core::dpop::PublicKey;
use scopewise::core::error::{Error, Result as ClientResult};
use scopewise::core::jwt::{SignedToken, Unverified};
use scopewise::core::token::Jwk;
use scopewise::host::{Crypto, Pending, SigningKey};
use sha2::{Digest as _, Sha512};

use super::FakePage;
use super::executor::turn;
use super::faults::{Fault, HostCall};

/// The signature of a text with the key that has this `x` or `n`, as long as one of ES256.
pub(crate) fn signature(material: &str, data: &str) -> Vec<u8> {
    Sha512::digest([material, ".", data].concat()).to_vec()
}

impl Crypto for FakePage {
    fn has_signatures(&self) -> bool {
        !self.is_insecure.get()
    }

    fn verify<'a>(&'a self, token: &'a SignedToken<'_>, key: &'a Jwk) -> Pending<'a, Result<(), Unverified>> {
        Box::pin(async move {
            turn().await;
            if self.faults.refuses(HostCall::Verify) {
                return Err(Unverified::Signature);
            }
            let material = key.as_value().text("x").or(key.as_value().text("n"));
            if signature(material.unwrap_or_default(), token.data) == token.signature {
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
        _timeout: u32,
    ) -> Pending<'a, ClientResult<Option<Rc<dyn SigningKey>>>> {
        Box::pin(async move {
            turn().await;
            match self.faults.meet(HostCall::SigningKey) {
                Some(Fault::Gone) => {
                    self.signing_keys().borrow_mut().clear();
                    return Ok(None);
                }
                Some(_) => return Err(Error::Timeout(None)),
                None => {}
            }
            let held = |page: &FakePage| page.signing_keys().borrow().get(name).cloned();
            let found = held(self).or_else(|| {
                let made = format!("key-{}", self.browser.next_id());
                wanted.is_none().then_some(made)
            });
            // Another page may make one while this one does.
            turn().await;
            let Some(x) = held(self).or(found) else { return Ok(None) };
            self.signing_keys().borrow_mut().insert(name.to_owned(), x.clone());
            let is_kept = !self.is_without_database.get();
            let key: Rc<dyn SigningKey> = Rc::new(FakeKey {
                x,
                is_kept,
                is_gone: self.is_signer_gone.clone(),
                failing: self.failing_signatures.clone(),
                page: self.this(),
            });
            Ok(Some(key))
        })
    }
}

/// A key of the browser's.
struct FakeKey {
    x: String,
    is_kept: bool,
    is_gone: Rc<Cell<bool>>,
    failing: Rc<Cell<usize>>,
    page: Weak<FakePage>,
}

impl SigningKey for FakeKey {
    fn public_key(&self) -> PublicKey {
        PublicKey::new(&self.x, "y")
    }

    fn is_kept(&self) -> bool {
        self.is_kept
    }

    fn sign<'a>(&'a self, text: &'a str, _timeout: u32) -> Pending<'a, ClientResult<Option<Vec<u8>>>> {
        Box::pin(async move {
            turn().await;
            let page = self.page.upgrade();
            let fault = page.as_ref().and_then(|page| page.faults.meet(HostCall::Sign));
            if fault == Some(Fault::Gone) {
                page.unwrap().signing_keys().borrow_mut().clear();
            }
            let failing = self.failing.get();
            self.failing.set(failing.saturating_sub(1));
            let signs = fault.is_none() && failing == 0 && !self.is_gone.get();
            Ok(signs.then(|| signature(&self.x, text)))
        })
    }
}
