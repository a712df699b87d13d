//! Sending the user to the authorization server: for a session, or for more scopes.

use super::run::Work;
use super::{Client, not_signed_in};
use crate::browser::{clock, crypto, navigation};
use crate::core::authorize::{self, AuthorizationRequest, Purpose, RequestOptions};
use crate::core::error::{Code, Error, Result};
use crate::core::form::Fields;
use crate::core::metadata::Metadata;
use crate::core::outcome::Outcome;
use crate::core::return_to;
use crate::core::scope::{self, ScopeSet};
use crate::core::sign_out;
use crate::core::text::Text;
use crate::core::transaction::Kind;

impl Client {
    /// Builds a sign-in request and stores its transaction. Waits for nothing.
    pub fn authorize_url(&self, fields: Fields<'_>) -> Result<AuthorizationRequest> {
        let metadata = self
            .known_metadata()
            .ok_or_else(|| Error::new(Code::MetadataRequired))?;
        let (options, purpose) = self.sign_in(fields)?;
        self.start(&metadata, &options, &purpose).map(|(request, _)| request)
    }

    pub(super) fn sign_in(&self, fields: Fields<'_>) -> Result<(RequestOptions, Purpose)> {
        let options = RequestOptions::parse(fields)?;
        let scope = options.scope.clone().unwrap_or_else(|| self.options.scope.clone());
        let return_to = self.return_to(&options)?;
        let purpose = Purpose {
            kind: Kind::SignIn,
            wanted: scope.clone(),
            scope,
            subject: None,
            login_hint: None,
            return_to,
        };
        Ok((options, purpose))
    }

    /// Asks nothing where no scope is missing.
    pub(super) fn upgrade(&self, fields: Fields<'_>) -> Result<Work> {
        let options = RequestOptions::parse(fields)?;
        let session = self.session().ok_or_else(not_signed_in)?;
        let return_to = self.return_to(&options)?;
        let scopes = options.scope.clone().unwrap_or_default();
        let target = options.target.as_ref().unwrap_or(&self.options.target);
        if scopes.is_empty() && !options.is_step_up() {
            return Err(scope::empty());
        }
        let (held, wanted) = (session.granted(target), self.missing(&scopes, Some(target)));
        if wanted.is_empty() && !options.is_step_up() {
            return Ok(Work::Done(Some(Outcome::of_nothing_missing(
                &scopes,
                &held,
                &return_to,
                options.app_state.as_deref(),
            ))));
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
        Ok(Work::Leave(Box::new((options, purpose))))
    }

    /// Ends the session here; the server's comes later.
    pub(super) fn sign_out(&self, fields: Fields<'_>) -> Result<Work> {
        let return_to = fields
            .text("returnTo")
            .map(|text| sign_out::return_uri(&text, &self.origin))
            .transpose()?;
        let session = self.session();
        self.save(None);
        Ok(match session {
            Some(session) if !fields.has("local") => Work::SignOut(
                session
                    .id_token
                    .as_ref()
                    .map(|token| token.raw.text())
                    .unwrap_or_default(),
                return_to,
            ),
            _ => Work::Done(None),
        })
    }

    pub(super) fn leave(
        &self,
        metadata: &Metadata,
        options: &RequestOptions,
        purpose: &Purpose,
    ) -> Result<Option<Outcome>> {
        let (request, kept) = self.start(metadata, options, purpose)?;
        if kept && navigation::leave(&request.url) {
            return Ok(None);
        }
        self.drop_transaction(request.state.secret());
        Err(Error::new(Code::StorageUnavailable))
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
