//! What a session asks for, and whether it is still there when the answer comes.

use super::Session;
use crate::core::authorize::{Asker, PendingRequest, RequestIntent, RequestKind};
use crate::core::error::{Error, Result};
use crate::core::scope::ScopeSet;
use crate::core::sign_out_note::SignOutNote;
use crate::core::target::Target;

impl Session {
    /// To ask this session's user for the scopes held and some more.
    pub fn upgrade_intent(&self, target: &Target, scopes: &ScopeSet, now: i64) -> RequestIntent {
        // Even where the last answer did not list it.
        let proof = self.openid();
        RequestIntent {
            kind: RequestKind::Upgrade,
            wanted: Session::missing(Some(self), scopes, target, now),
            ..self.same_user_intent(proof.union(&self.granted(target)).union(scopes))
        }
    }

    /// `openid`, which all requests of a session have that knows its user: the ID token proves who came back.
    pub fn openid(&self) -> ScopeSet {
        ScopeSet::from_answer(self.subject().map(|_| "openid"))
    }

    /// To sign in again, as this session's user and nobody else.
    pub fn same_user_intent(&self, scopes: ScopeSet) -> RequestIntent {
        let login_hint = self.claims().and_then(|claims| claims.login_hint());
        RequestIntent {
            asker: Some(self.asker()),
            subject: self.subject().map(str::to_owned),
            login_hint: login_hint.map(str::to_owned),
            id_token_hint: self.id_token_hint(),
            ..RequestIntent::sign_in(scopes)
        }
    }

    /// This session, as one that asks.
    pub fn asker(&self) -> Asker {
        Asker {
            session_id: self.id().to_owned(),
            subject: self.subject().map(str::to_owned),
            last_sign_out: self.last_sign_out,
        }
    }

    /// Whether it is the session that asked, or another one of its user.
    pub fn is_of(&self, asker: &Asker) -> bool {
        self.id() == asker.session_id || asker.subject.is_some() && self.subject() == asker.subject.as_deref()
    }
}

impl PendingRequest {
    /// Checks that a no is for the session and the user that are there, as a yes is.
    pub fn check_denial(&self, session: Option<&Session>, note: Option<SignOutNote>, may_be_lost: bool) -> Result<()> {
        if self.is_of_former_session(session, note, may_be_lost) {
            return Err(Error::TransactionMissing);
        }
        match self.subject.as_deref().zip(session.and_then(Session::subject)) {
            Some((asked, current)) if asked != current => Err(Error::SubjectMismatch),
            _ => Ok(()),
        }
    }

    /// Whether the session that asked is over, so that the answer is for nobody: the user signed out since, as the latest
    /// note of that says, or another one signed in. `may_be_lost` says that a session does not outlive its page here:
    /// after a redirect it is no news that there is none. A sign-in for whoever it may be begins a session, whatever else
    /// became of the one before.
    pub fn is_of_former_session(
        &self,
        session: Option<&Session>,
        note: Option<SignOutNote>,
        may_be_lost: bool,
    ) -> bool {
        let Some(asker) = &self.asker else {
            return false;
        };
        let Some(session) = session else {
            let is_signed_out = || note > asker.last_sign_out;
            return match self.kind {
                RequestKind::SignIn if self.subject.is_none() => self.in_window && is_signed_out(),
                RequestKind::SignIn => self.in_window,
                RequestKind::Upgrade => self.in_window || !may_be_lost,
            };
        };
        // By redirect the ID token says whether an upgrade came back to its user, unless nobody is named there.
        let may_mix = self.kind == RequestKind::Upgrade && session.subject().is_none();
        !session.is_of(asker) && (self.in_window || may_mix)
    }
}
