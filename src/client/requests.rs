//! Sending the user to the authorization server: for a session, or for more scopes.

use wasm_bindgen::JsValue;

use super::{Client, not_signed_in};
use crate::browser::{clock, crypto, navigation};
use crate::core::authorize::{self, AuthorizationRequest, Entropy, Purpose, RequestOptions};
use crate::core::error::{Code, Error, Result};
use crate::core::metadata::Metadata;
use crate::core::outcome::Outcome;
use crate::core::return_to;
use crate::core::scope::{self, ScopeSet};
use crate::core::session::Session;
use crate::core::text::Text;
use crate::core::transaction::Kind;

/// How a call goes on.
pub enum Next {
    /// There was nothing to ask.
    Done(Outcome),
    /// The page is being left; nothing of this call happens here any more.
    Leaving,
}

impl Client {
    /// Builds a sign-in request and stores its transaction. Waits for nothing.
    pub fn authorize_url(&self, options: RequestOptions) -> Result<AuthorizationRequest> {
        let metadata = self.known_metadata().ok_or_else(|| {
            Error::new(
                Code::MetadataRequired,
                "The issuer's metadata is not known yet. Await prepare() first, or give metadata to createClient.",
            )
        })?;
        self.start(&metadata, options, None).map(|(request, _)| request)
    }

    /// Signs in by leaving the page.
    pub async fn sign_in(&self, options: RequestOptions, signal: &JsValue) -> Result<Next> {
        self.return_to(&options)?;
        self.leave_for(options, None, signal).await
    }

    /// Gets missing scopes by leaving the page; asks nothing where none is missing.
    pub async fn upgrade(&self, scopes: ScopeSet, options: RequestOptions, signal: &JsValue) -> Result<Next> {
        let session = self.session().ok_or_else(not_signed_in)?;
        let return_to = self.return_to(&options)?;
        let target = options.target.clone().unwrap_or_else(|| self.options.target.clone());
        if scopes.is_empty() && !options.is_step_up() {
            return Err(scope::empty());
        }
        let wanted = self.missing(&scopes, Some(&target));
        if wanted.is_empty() && !options.is_step_up() {
            let outcome =
                Outcome::of_nothing_missing(&scopes, &session.granted(&target), &return_to, options.app_state);
            return Ok(Next::Done(outcome));
        }
        // Whatever the last answer said of openid: the same user must come back, and prove it.
        let proof = ScopeSet::answered(session.subject().map_or("", |_| "openid"));
        let upgrade = Upgrade {
            scope: proof.union(&session.granted(&target)).union(&scopes),
            wanted,
            session: &session,
        };
        self.leave_for(options, Some(upgrade), signal).await
    }

    async fn leave_for(&self, options: RequestOptions, upgrade: Option<Upgrade<'_>>, signal: &JsValue) -> Result<Next> {
        not_aborted(signal)?;
        let metadata = self.metadata().await?;
        not_aborted(signal)?;
        let (request, kept) = self.start(&metadata, options, upgrade)?;
        let gone = kept && navigation::leave(&request.url);
        if gone {
            return Ok(Next::Leaving);
        }
        self.drop_transaction(request.state.secret());
        Err(Error::new(
            Code::StorageUnavailable,
            "The page may not use its storage, so the answer to a redirect could not be matched. Allow storage for this site, or use a popup.",
        ))
    }

    fn start(
        &self,
        metadata: &Metadata,
        options: RequestOptions,
        upgrade: Option<Upgrade<'_>>,
    ) -> Result<(AuthorizationRequest, bool)> {
        let return_to = self.return_to(&options)?;
        let purpose = match &upgrade {
            Some(upgrade) => Purpose {
                kind: Kind::Upgrade,
                scope: upgrade.scope.clone(),
                wanted: upgrade.wanted.clone(),
                subject: upgrade.session.subject(),
                login_hint: upgrade.session.login_hint(),
                return_to,
            },
            None => {
                let scope = options.scope.clone().unwrap_or_else(|| self.options.scope.clone());
                Purpose {
                    kind: Kind::SignIn,
                    wanted: scope.clone(),
                    scope,
                    subject: None,
                    login_hint: None,
                    return_to,
                }
            }
        };
        let entropy = Entropy {
            state: crypto::random()?,
            nonce: crypto::random()?,
            verifier: crypto::random()?,
        };
        let request = authorize::request(&self.options, metadata, options, purpose, &entropy, clock::now())?;
        let kept = self.keep(&request.state, &request.transaction);
        self.sweep();
        Ok((request, kept))
    }

    /// Where the user wants to be afterwards: by default where they are.
    fn return_to(&self, options: &RequestOptions) -> Result<Text> {
        match &options.return_to {
            Some(text) => return_to::parse(text, &self.origin, &self.callback),
            None => {
                Ok(return_to::parse(&navigation::href(), &self.origin, &self.callback).unwrap_or_else(|_| "/".into()))
            }
        }
    }
}

/// What an upgrade asks for, and for whom.
struct Upgrade<'a> {
    scope: ScopeSet,
    wanted: ScopeSet,
    session: &'a Session,
}

fn not_aborted(signal: &JsValue) -> Result<()> {
    if navigation::is_aborted(signal) {
        return Err(Error::new(Code::Aborted, "The caller aborted the call.").retryable(true));
    }
    Ok(())
}
