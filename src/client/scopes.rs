//! Checks of scopes. All of them read the session's grants; nothing else decides.

use super::Client;
use crate::core::error::{Error, Result};
use crate::core::scope::{Scope, ScopeSet};
use crate::core::scope_description::DescribedScope;
use crate::core::session::{ScopeExplanation, ScopeReport, ScopeStatus, Session};
use crate::core::target::Target;

impl Client {
    /// True when every given scope is granted (directly or through another that carries it) for the target, by default
    /// the client's. For the interface only: the API decides.
    pub fn has_scope(&self, scopes: &ScopeSet, target: Option<&Target>) -> Result<bool> {
        Ok(self.missing_scopes(scopes, target)?.is_empty())
    }

    /// True when at least one is.
    pub fn has_any_scope(&self, scopes: &ScopeSet, target: Option<&Target>) -> Result<bool> {
        Ok(self.missing_scopes(scopes, target)?.len() < scopes.len())
    }

    /// Those of the given scopes that are not granted, in the given order.
    pub fn missing_scopes(&self, scopes: &ScopeSet, target: Option<&Target>) -> Result<ScopeSet> {
        self.check_open()?;
        if scopes.is_empty() {
            return Err(Error::invalid_scope_syntax(None));
        }
        let target = self.target_or_default(target);
        self.note_used(scopes, target);
        Ok(self.missing(scopes, target))
    }

    /// Whether a scope is there, and on whose word.
    pub fn scope_status(&self, scope: &Scope, target: Option<&Target>) -> Result<ScopeStatus> {
        self.check_open()?;
        let session = self.session();
        let (provider, target) = (&self.0.config.provider, self.target_or_default(target));
        let status = session.map(|session| session.status_in_any_spelling(provider, target, scope.as_str()));
        Ok(status.unwrap_or(ScopeStatus::NotRequested))
    }

    /// The same, in words for a developer: when it was asked for, what the server answered, what to do.
    pub fn explain_scope(&self, scope: &Scope, target: Option<&Target>) -> Result<String> {
        self.check_open()?;
        let session = self.session();
        let target = self.target_or_default(target);
        let session_id = session.as_ref().map(|session| session.id());
        let explanation = ScopeExplanation {
            scope: scope.as_str(),
            profile: &self.0.config.provider,
            target,
            session: session.as_deref(),
            answer: self
                .0
                .transactions
                .latest_answer(target, session_id, &|answer| answer.requested.contains(scope.as_str())),
            to_iso_string: &|seconds| self.0.host.to_iso_string(seconds),
            now: self.now(),
        };
        Ok(explanation.text())
    }

    /// What was requested, granted, denied and used so far, for the default target. `checked` are scopes that the
    /// application looked up by itself.
    pub fn scope_report(&self, checked: &ScopeSet) -> Result<ScopeReport> {
        self.check_open()?;
        let session = self.session();
        let config = &self.0.config;
        let used = match &session {
            Some(session) => checked.union(&self.used_scopes(session)),
            None => ScopeSet::default(),
        };
        Ok(ScopeReport {
            remembered: self.remembered_of(session.as_deref(), &config.target),
            ..ScopeReport::new(session.as_deref(), &config.provider, &config.target, used)
        })
    }

    /// What scopes are for, as the options say, in the first of some languages (tags of RFC 5646) that each is described in.
    /// Without languages: in the page's own, or else the user's first.
    pub fn describe_scopes(&self, scopes: &ScopeSet, languages: &[String]) -> Vec<DescribedScope> {
        let descriptions = &self.0.config.scopes;
        match languages {
            [] => descriptions.describe(scopes, self.0.host.language().as_slice()),
            languages => descriptions.describe(scopes, languages),
        }
    }

    /// Those of some scopes that are not granted, without counting them as used.
    pub(super) fn missing(&self, scopes: &ScopeSet, target: &Target) -> ScopeSet {
        Session::missing(self.session().as_deref(), scopes, target, self.now())
    }

    /// Counts scopes of the default target as used in this session.
    pub(super) fn note_used(&self, scopes: &ScopeSet, target: &Target) {
        if let Some(session) = self.session().filter(|_| *target == self.0.config.target) {
            let used = self.used_scopes(&session).union(scopes);
            self.0.used_scopes.replace((session.id().to_owned(), used));
        }
    }

    /// A session that ends takes the list along.
    fn used_scopes(&self, session: &Session) -> ScopeSet {
        let used = self.0.used_scopes.borrow();
        let (id, scopes) = &*used;
        if id == session.id() {
            scopes.clone()
        } else {
            ScopeSet::default()
        }
    }

    pub(super) fn target_or_default<'a>(&'a self, target: Option<&'a Target>) -> &'a Target {
        target.unwrap_or(&self.0.config.target)
    }
}
