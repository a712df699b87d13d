//! What JWTs are signed with.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::host::crypto::signature;

/// The server's keys, by their `kid`.
pub(crate) struct Keys {
    pub(crate) published: Vec<&'static str>,
    /// The one that it signs with.
    pub(crate) signing: &'static str,
    /// `alg` of its tokens, and what its keys are for.
    pub(crate) algorithm: &'static str,
    /// Keys and tokens have a `kid`.
    pub(crate) are_named: bool,
    /// Something happens to signatures on their way.
    pub(crate) mangles: bool,
}

impl Default for Keys {
    fn default() -> Keys {
        Keys {
            published: vec!["one"],
            signing: "one",
            algorithm: "ES256",
            are_named: true,
            mangles: false,
        }
    }
}

impl Keys {
    /// The server takes another key, and publishes no other.
    pub(crate) fn rotate(&mut self, kid: &'static str) {
        self.published = vec![kid];
        self.signing = kid;
    }

    /// What is at its `jwks_uri`.
    pub(super) fn published(&self) -> Value {
        let is_rsa = self.algorithm != "ES256";
        let key = |kid: &&'static str| match is_rsa {
            true => json!({ "kty": "RSA", "kid": self.kid(kid), "n": self.material(kid), "e": "AQAB" }),
            false => json!({ "kty": "EC", "crv": "P-256", "kid": self.kid(kid), "x": kid, "y": "y" }),
        };
        json!({ "keys": self.published.iter().map(key).collect::<Vec<_>>() })
    }

    /// A JWT with these claims.
    pub(crate) fn jwt(&self, claims: &Value) -> String {
        let header = json!({ "alg": self.algorithm, "kid": self.kid(self.signing) });
        let [header, claims] = [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let data = [header, claims].join(".");
        let signed = if self.mangles { "another text" } else { &data };
        let signature = URL_SAFE_NO_PAD.encode(signature(&self.material(self.signing), signed));
        [data, signature].join(".")
    }

    /// What makes up a key: a modulus is long.
    fn material(&self, kid: &str) -> String {
        let is_rsa = self.algorithm != "ES256";
        if is_rsa { format!("{kid:A<342}") } else { kid.to_owned() }
    }

    fn kid<'a>(&self, kid: &'a str) -> Option<&'a str> {
        self.are_named.then_some(kid)
    }
}
