//! Sending the user to the authorization server: for a session, or for more scopes.

use super::run::Work;
use super::{Client, not_signed_in};
use crate::browser::{clock, crypto, navigation, window};
use crate::core::authorize::{AuthorizationRequest, Draft, Purpose, RequestOptions};
use crate::core::error::{Code, Error, Result};
use crate::core::metadata::Metadata;
use crate::core::outcome::Outcome;
use crate::core::record::Fields;
use crate::core::return_to;
use crate::core::scope;
use crate::core::session::Session;
use crate::core::sign_out;
use crate::core::text::Text;
use crate::core::transaction::Kind;

impl Client {
    /// Builds a sign-in request and stores its transaction. Waits for nothing.
    pub fn authorize_url(&self, fields: Fields<'_>) -> Result<AuthorizationRequest> {
        let metadata = self
            .known_metadata()
            .ok_or_else(|| Error::new(Code::MetadataRequired))?;
        let draft = self.sign_in(fields)?;
        self.start(&metadata, &draft).map(|(request, _)| request)
    }

    pub(super) fn sign_in(&self, fields: Fields<'_>) -> Result<Draft> {
        let options = RequestOptions::parse(fields)?;
        let scope = options.scope.as_deref().unwrap_or(self.options.scope());
        // Without a word to the user, the user stays the same.
        let session = self.session().filter(|_| options.mode == Some("silent"));
        let purpose = Purpose {
            kind: Kind::SignIn,
            wanted: scope,
            scope,
            subject: session.as_ref().and_then(Session::subject),
            login_hint: session.as_ref().and_then(Session::login_hint),
            return_to: &self.return_to(&options)?,
        };
        Draft::new(&self.options, &options, &purpose)
    }

    /// Asks nothing where no scope is missing.
    pub(super) fn upgrade(&self, fields: Fields<'_>) -> Result<Work> {
        let options = RequestOptions::parse(fields)?;
        let session = self.session().ok_or_else(not_signed_in)?;
        let return_to = self.return_to(&options)?;
        let scopes = options.scope.as_deref().unwrap_or_default();
        let target = options.target.as_ref().unwrap_or(&self.target);
        if scopes.is_empty() && !options.is_step_up() {
            return Err(scope::empty());
        }
        let (held, wanted) = (session.granted(target), self.missing(scopes, Some(target)));
        if wanted.is_empty() && !options.is_step_up() {
            return Ok(Work::Done(Some(Outcome::of_nothing_missing(
                scopes,
                held,
                &return_to,
                options.app_state,
            ))));
        }
        let subject = session.subject();
        // Whatever the last answer said of openid: the same user must come back, and prove it.
        let proof = scope::union(if subject.is_some() { "openid" } else { "" }, held);
        let purpose = Purpose {
            kind: Kind::Upgrade,
            scope: &scope::union(&proof, scopes),
            wanted: &wanted,
            subject,
            login_hint: session.login_hint(),
            return_to: &return_to,
        };
        Draft::new(&self.options, &options, &purpose).map(Work::Leave)
    }

    /// Ends the session here; the server's comes later.
    pub(super) fn sign_out(&self, fields: Fields<'_>) -> Result<Work> {
        let return_to = fields
            .text("returnTo")
            .map(|text| sign_out::return_uri(text, &self.origin))
            .transpose()?;
        let session = self.session();
        self.save(None);
        self.drop_requests();
        Ok(match session {
            Some(session) if !fields.has("local") => Work::SignOut(session, return_to),
            _ => Work::Done(None),
        })
    }

    pub(super) fn leave(&self, metadata: &Metadata, draft: &Draft) -> Result<()> {
        if window::is_framed() {
            return Err(Error::new(Code::FrameBlocked));
        }
        let (request, kept) = self.start(metadata, draft)?;
        if kept && navigation::leave(&request.url) {
            return Ok(());
        }
        self.drop_transaction(request.state.secret());
        Err(Error::new(Code::StorageUnavailable))
    }

    pub(super) fn start(&self, metadata: &Metadata, draft: &Draft) -> Result<(AuthorizationRequest, bool)> {
        let entropy = [crypto::random()?, crypto::random()?, crypto::random()?];
        let request = draft.request(&self.options, metadata, &entropy, clock::now())?;
        let kept = self.keep(&request.state, &request.transaction);
        self.sweep();
        Ok((request, kept))
    }

    /// Where the user wants to be afterwards: by default where they are.
    fn return_to(&self, options: &RequestOptions<'_>) -> Result<Text> {
        match options.return_to {
            Some(text) => return_to::parse(text, &self.origin, &self.callback),
            None => {
                Ok(return_to::parse(&navigation::href(), &self.origin, &self.callback).unwrap_or_else(|_| "/".into()))
            }
        }
    }
}
