//! Sending the user to the authorization server: for a session, or for more scopes.

use wasm_bindgen::JsValue;

use super::{Client, not_signed_in};
use crate::browser::{clock, crypto, navigation};
use crate::core::authorize::{self, AuthorizationRequest, Purpose, RequestOptions};
use crate::core::error::{Code, Error, Result};
use crate::core::metadata::Metadata;
use crate::core::outcome::Outcome;
use crate::core::return_to;
use crate::core::scope::{self, ScopeSet};
use crate::core::text::Text;
use crate::core::transaction::Kind;

/// How a call goes on.
pub enum Next {
    /// There was nothing to ask.
    Done(Outcome),
    /// There is nothing to say, or the page is being left.
    Leaving,
}

impl Client {
    /// Builds a sign-in request and stores its transaction. Waits for nothing.
    pub fn authorize_url(&self, options: &RequestOptions) -> Result<AuthorizationRequest> {
        let metadata = self.known_metadata().ok_or_else(|| {
            Error::new(
                Code::MetadataRequired,
                "The issuer's metadata is not known yet. Await prepare() first, or give metadata to createClient.",
            )
        })?;
        self.start(&metadata, options, &self.sign_in_purpose(options)?)
            .map(|(request, _)| request)
    }

    /// Signs in by leaving the page.
    pub async fn sign_in(&self, options: &RequestOptions, signal: &JsValue) -> Result<Next> {
        self.leave_for(options, self.sign_in_purpose(options)?, signal).await
    }

    /// Gets missing scopes by leaving the page; asks nothing where none is missing.
    pub async fn upgrade(&self, options: &RequestOptions, signal: &JsValue) -> Result<Next> {
        let session = self.session().ok_or_else(not_signed_in)?;
        let return_to = self.return_to(options)?;
        let scopes = options.scope.clone().unwrap_or_default();
        let target = options.target.as_ref().unwrap_or(&self.options.target);
        if scopes.is_empty() && !options.is_step_up() {
            return Err(scope::empty());
        }
        let (held, wanted) = (session.granted(target), self.missing(&scopes, Some(target)));
        if wanted.is_empty() && !options.is_step_up() {
            return Ok(Next::Done(Outcome::of_nothing_missing(
                &scopes,
                &held,
                &return_to,
                options.app_state.as_deref(),
            )));
        }
        let subject = session.subject();
        // Whatever the last answer said of openid: the same user must come back, and prove it.
        let proof = ScopeSet::answered(if subject.is_some() { "openid" } else { "" });
        let purpose = Purpose {
            kind: Kind::Upgrade,
            scope: proof.union(&held).union(&scopes),
            wanted,
            subject,
            login_hint: session.login_hint(),
            return_to,
        };
        self.leave_for(options, purpose, signal).await
    }

    async fn leave_for(&self, options: &RequestOptions, purpose: Purpose, signal: &JsValue) -> Result<Next> {
        let metadata = self.metadata().await?;
        if navigation::is_aborted(signal) {
            return Err(Error::new(Code::Aborted, "The caller aborted the call.").retryable(true));
        }
        let (request, kept) = self.start(&metadata, options, &purpose)?;
        if kept && navigation::leave(&request.url) {
            return Ok(Next::Leaving);
        }
        self.drop_transaction(request.state.secret());
        Err(Error::new(
            Code::StorageUnavailable,
            "The page may not use its storage, so the answer to a redirect could not be matched. Allow storage for this site.",
        ))
    }

    fn start(
        &self,
        metadata: &Metadata,
        options: &RequestOptions,
        purpose: &Purpose,
    ) -> Result<(AuthorizationRequest, bool)> {
        let entropy = [crypto::random()?, crypto::random()?, crypto::random()?];
        let request = authorize::request(&self.options, metadata, options, purpose, &entropy, clock::now())?;
        let kept = self.keep(&request.state, &request.transaction);
        self.sweep();
        Ok((request, kept))
    }

    fn sign_in_purpose(&self, options: &RequestOptions) -> Result<Purpose> {
        let scope = options.scope.as_ref().unwrap_or(&self.options.scope);
        let return_to = self.return_to(options)?;
        Ok(Purpose {
            kind: Kind::SignIn,
            scope: scope.clone(),
            wanted: scope.clone(),
            subject: None,
            login_hint: None,
            return_to,
        })
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
