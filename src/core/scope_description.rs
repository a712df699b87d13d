//! What scopes are for, in the words of the application, and which of them are asked for alone.

use super::error::{Error, Result};
use super::scope::{Scope, ScopeSet};

/// A scope in words of one language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScopeWording {
    /// What it allows: "Create appointments".
    pub title: String,
    /// Why the application wants it: "to save what you enter".
    pub why: Option<String>,
}

/// What a scope is for.
///
/// ```
/// use scopewise::{ScopeDescription, ScopeWording};
///
/// # fn main() -> scopewise::Result<()> {
/// let english = ScopeWording::new("Create appointments").with_why("to save what you enter");
/// let description = ScopeDescription::new("write:appointments".parse()?, english)
///     .with_locale("de", ScopeWording::new("Termine anlegen"));
/// assert!(!description.is_sensitive);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ScopeDescription {
    /// The scope.
    pub scope: Scope,
    /// For languages that are not among the others.
    pub wording: ScopeWording,
    /// It is never asked for together with other scopes.
    pub is_sensitive: bool,
    /// Other languages, by language tag (RFC 5646).
    pub locales: Vec<(String, ScopeWording)>,
}

/// A scope in words for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribedScope {
    /// The scope.
    pub scope: String,
    /// What it allows; the scope's own name where nothing is said of it.
    pub title: String,
    /// Why the application wants it.
    pub why: Option<String>,
    /// It is asked for alone.
    pub is_sensitive: bool,
}

impl ScopeWording {
    /// What a scope allows.
    pub fn new(title: impl Into<String>) -> ScopeWording {
        ScopeWording {
            title: title.into(),
            why: None,
        }
    }

    /// Says why the application wants it.
    #[must_use]
    pub fn with_why(mut self, why: impl Into<String>) -> ScopeWording {
        self.why = Some(why.into());
        self
    }
}

impl ScopeDescription {
    /// What a scope is for.
    pub fn new(scope: Scope, wording: ScopeWording) -> ScopeDescription {
        ScopeDescription {
            scope,
            wording,
            is_sensitive: false,
            locales: Vec::new(),
        }
    }

    /// Has it asked for alone.
    #[must_use]
    pub fn with_sensitive(mut self) -> ScopeDescription {
        self.is_sensitive = true;
        self
    }

    /// Adds a language, by its tag (RFC 5646).
    #[must_use]
    pub fn with_locale(mut self, tag: impl Into<String>, wording: ScopeWording) -> ScopeDescription {
        self.locales.push((tag.into(), wording));
        self
    }

    /// In the first of some languages that there is.
    fn wording_in(&self, languages: &[String]) -> &ScopeWording {
        let found = languages.iter().find_map(|language| lookup(&self.locales, language));
        found.unwrap_or(&self.wording)
    }
}

/// The descriptions of a client's scopes, checked.
#[derive(Clone, Debug, Default)]
pub struct ScopeDescriptions(Vec<ScopeDescription>);

impl ScopeDescriptions {
    /// Refuses descriptions without a title.
    pub(crate) fn new(descriptions: Vec<ScopeDescription>) -> Result<ScopeDescriptions> {
        let is_titled = |description: &ScopeDescription| {
            let others = description.locales.iter().map(|(_, wording)| wording);
            let mut wordings = others.chain([&description.wording]);
            wordings.all(|wording| !wording.title.trim().is_empty())
        };
        match descriptions.iter().find(|description| !is_titled(description)) {
            None => Ok(ScopeDescriptions(descriptions)),
            Some(untitled) => Err(about(
                &untitled.scope,
                " needs a title in the option scopes, in every language",
            )),
        }
    }

    /// Each scope in the first of some languages (RFC 5646 tags) that it is described in (RFC 4647 §3.4).
    pub fn describe(&self, scopes: &ScopeSet, languages: &[String]) -> Vec<DescribedScope> {
        let described = scopes.iter().map(|scope| {
            let description = self.find(scope);
            let wording = description.map(|description| description.wording_in(languages));
            DescribedScope {
                scope: scope.to_owned(),
                title: wording.map_or(scope, |wording| &wording.title).to_owned(),
                why: wording.and_then(|wording| wording.why.clone()),
                is_sensitive: description.is_some_and(|description| description.is_sensitive),
            }
        });
        described.collect()
    }

    /// Whether anything is said of one of some scopes.
    pub fn describes_any(&self, scopes: &ScopeSet) -> bool {
        scopes.iter().any(|scope| self.find(scope).is_some())
    }

    /// Those that may be asked for together with others.
    pub(crate) fn ordinary(&self, scopes: &ScopeSet) -> ScopeSet {
        scopes.filter(&|scope| !self.is_sensitive(scope))
    }

    /// Refuses a sign-in with a sensitive scope: it asks for others, too, or at the least who the user is.
    pub(crate) fn check_sign_in(&self, scopes: &ScopeSet) -> Result<()> {
        self.refuse(
            scopes,
            " is marked sensitive, and no part of a sign-in: call upgrade for it alone",
        )
    }

    /// Refuses an upgrade for a sensitive scope and another.
    pub(crate) fn check_upgrade(&self, wanted: &ScopeSet) -> Result<()> {
        if wanted.len() <= 1 {
            return Ok(());
        }
        self.refuse(
            wanted,
            " is marked sensitive, and never asked for together with others: call upgrade for it alone",
        )
    }

    fn refuse(&self, scopes: &ScopeSet, problem: &str) -> Result<()> {
        let mut sensitive = self.0.iter().filter(|description| description.is_sensitive);
        match sensitive.find(|description| scopes.contains(description.scope.as_str())) {
            None => Ok(()),
            Some(description) => Err(about(&description.scope, problem)),
        }
    }

    fn is_sensitive(&self, scope: &str) -> bool {
        self.find(scope).is_some_and(|description| description.is_sensitive)
    }

    fn find(&self, scope: &str) -> Option<&ScopeDescription> {
        self.0.iter().find(|description| description.scope.as_str() == scope)
    }
}

fn about(scope: &Scope, problem: &str) -> Error {
    Error::invalid_options(["Scope \"", scope.as_str(), "\"", problem].concat())
}

/// The wording for a language, or for a less specific one: "de-AT" takes "de" (RFC 4647 §3.4).
fn lookup<'a>(locales: &'a [(String, ScopeWording)], language: &str) -> Option<&'a ScopeWording> {
    let mut range = language;
    loop {
        if let Some((_, wording)) = locales.iter().find(|(tag, _)| tag.eq_ignore_ascii_case(range)) {
            return Some(wording);
        }
        (range, _) = range.rsplit_once('-')?;
    }
}
