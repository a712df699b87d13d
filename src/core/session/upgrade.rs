//! What an upgrade of a session asks for.

use super::Session;
use crate::core::authorize::{RequestIntent, RequestKind};
use crate::core::scope::ScopeSet;
use crate::core::target::Target;

impl Session {
    /// To ask this session's user for the scopes held and some more.
    pub fn upgrade_intent(&self, target: &Target, scopes: &ScopeSet, now: i64) -> RequestIntent {
        // Always with openid, even where the last answer did not list it: the ID token proves who came back.
        let proof = ScopeSet::from_answer(self.subject().map(|_| "openid").into_iter());
        let login_hint = self.claims().and_then(|claims| claims.login_hint());
        RequestIntent {
            kind: RequestKind::Upgrade,
            wanted: Session::missing(Some(self), scopes, target, now),
            subject: self.subject().map(str::to_owned),
            login_hint: login_hint.map(str::to_owned),
            id_token_hint: self.id_token_hint(),
            ..RequestIntent::sign_in(proof.union(&self.granted(target)).union(scopes))
        }
    }
}
