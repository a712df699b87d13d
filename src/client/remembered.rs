//! Scopes that were granted before: what is noted of them, and how they are asked for again.

use super::Client;
use super::interactive::{InteractionMode, SignInOptions, Surface};
use crate::core::authorize::{
    AuthorizationRequest, AuthorizeOptions, Outcome, PendingRequest, RequestIntent, RequestKind,
};
use crate::core::error::{Error, ServerErrorCode};
use crate::core::scope::ScopeSet;
use crate::core::session::{RememberedScopes, Session};
use crate::core::target::Target;

impl Client {
    /// What a user granted before for a target. Sensitive scopes are asked for alone, each time.
    pub(super) fn remembered_of(&self, session: Option<&Session>, target: &Target) -> ScopeSet {
        let subject = session.and_then(Session::subject);
        let found = self.remembered().zip(subject);
        found
            .map(|(remembered, subject)| self.0.config.scopes.ordinary(&remembered.scopes(subject, target)))
            .unwrap_or_default()
    }

    /// The scopes of a sign-in with those that the user granted before whom the hint names, and that user. Nothing where
    /// there are none, or they cannot go together, or all of them are too long for a URL.
    pub(super) fn recall_by_hint(&self, scope: &ScopeSet, options: &AuthorizeOptions) -> Option<(ScopeSet, String)> {
        let remembered = self.remembered()?;
        let subject = remembered.subject_of(options.login_hint.as_deref()?)?;
        let target = self.target_or_default(options.target.as_ref());
        let recalled = self.0.config.scopes.ordinary(&remembered.scopes(subject, target));
        let scope = scope.union(&recalled);
        let goes_alone = |scope: &str| self.0.config.provider.stands_for_all_consented(scope);
        let is_sound = !recalled.is_empty() && !scope.iter().any(goes_alone) && scope.check_length().is_ok();
        is_sound.then(|| (scope, subject.to_owned()))
    }

    /// Asks once, silently, for what the user of a session that has just begun granted before and does not hold now. Nobody
    /// waits for it, and a failure changes nothing.
    pub(super) fn recall_later(&self) {
        if let Some(session) = self.session().filter(|_| self.0.config.remember_scopes) {
            let id = session.id().to_owned();
            self.spawn(|client| async move { client.recall(&id).await });
        }
    }

    async fn recall(&self, session_id: &str) {
        let targets = self.remembered().zip(self.session());
        let targets = targets.and_then(|(remembered, session)| Some(remembered.targets(session.subject()?)));
        for target in targets.unwrap_or_default() {
            // The user may have signed out, or somebody else in, while one was asked for.
            let Some(session) = self.session().filter(|session| session.id() == session_id) else {
                return;
            };
            // What the user is asked for meanwhile would take away again what this one brings.
            if self.0.transactions.is_one_being_answered(self.now()) {
                return;
            }
            let scopes = self.missing(&self.remembered_of(Some(&session), &target), &target);
            if !scopes.is_empty() && self.recall_for(&session, target, &scopes).await.is_err() {
                return;
            }
        }
    }

    async fn recall_for(&self, session: &Session, target: Target, scopes: &ScopeSet) -> Result<Outcome, Error> {
        self.check_not_closed()?;
        let options = SignInOptions::new(InteractionMode::Silent)
            .with_authorize(AuthorizeOptions::default().with_target(target.clone()));
        let intent = RequestIntent {
            recalled_for: session.subject().map(str::to_owned),
            ..self.upgrade_intent(session, &target, scopes, &options)?
        };
        let params = self.params(&options.authorize, intent)?;
        self.ask_user(params, Surface::Frame(self.0.config.timeout), None).await
    }

    /// The client's own request for remembered scopes gives way to any other: its answer, built on what was held before,
    /// would take away what the other one brings.
    pub(super) fn give_way_to(&self, request: &AuthorizationRequest) {
        let recalling = request.pending.is_recall().then(|| request.state.clone());
        if let Some(state) = self.0.under_way.recall.replace(recalling) {
            self.0.transactions.remove(&state);
        }
    }

    /// Notes what an answer granted by an upgrade, and what it took away.
    pub(super) fn note_answer(&self, request: &PendingRequest, session: Option<&Session>, outcome: &Outcome) {
        let Some(user) = session.and_then(Session::claims) else {
            return;
        };
        let is_granted_now = request.kind == RequestKind::Upgrade && !request.is_recall();
        let granted = request.wanted.filter(&|scope| outcome.granted.contains(scope));
        let granted = self.0.config.scopes.ordinary(&granted);
        self.change_remembered(&|remembered| {
            if let Ok(subject) = user.subject() {
                remembered.forget(subject, &request.target, &outcome.missing);
            }
            if is_granted_now {
                remembered.remember(user, &request.target, &granted, self.now());
            }
        });
    }

    /// Notes what a refresh took away.
    pub(super) fn note_loss(&self, before: &Session, after: &Session, target: &Target) {
        if let Some(subject) = after.subject() {
            let lost = after.loss(before, target);
            self.change_remembered(&|remembered| remembered.forget(subject, target, &lost));
        }
    }

    /// Forgets remembered scopes that were asked for and refused: the next sign-in does without them.
    pub(super) fn forget_refused(&self, request: &PendingRequest, error: &Error) {
        let code = error.server_error().map(|error| &error.code);
        let is_refused = matches!(
            code,
            Some(ServerErrorCode::AccessDenied | ServerErrorCode::InvalidScope)
        );
        if let Some(subject) = request.recalled_for.clone().filter(|_| is_refused) {
            let (target, scopes) = (request.target.clone(), request.requested.clone());
            self.spawn(|client| async move {
                let forget = |remembered: &mut RememberedScopes| remembered.forget(&subject, &target, &scopes);
                client.0.store.update(|_| client.change_remembered(&forget)).await;
            });
        }
    }

    /// Forgets all that a session's user granted before, also where it was noted by a client with other options.
    pub(super) fn forget_user(&self, session: Option<&Session>) {
        // A session that does not know its user has nothing here.
        if session.is_none_or(|session| session.subject().is_some()) {
            let subject = session.and_then(Session::subject);
            let forget = |remembered: &mut RememberedScopes| remembered.forget_user(subject);
            self.0.store.change_remembered(self.now(), &forget);
        }
    }

    fn change_remembered(&self, change: &dyn Fn(&mut RememberedScopes)) {
        if self.0.config.remember_scopes {
            self.0.store.change_remembered(self.now(), change);
        }
    }

    /// The note; nothing where it is not wanted.
    fn remembered(&self) -> Option<RememberedScopes> {
        let is_wanted = self.0.config.remember_scopes;
        is_wanted.then(|| self.0.store.remembered(self.now())).flatten()
    }
}
