//! Where access tokens may be sent: the `apis` option, and the page's own origin.

use super::error::{Error, Result};
use super::scope::ScopeSet;
use super::target::Target;
use super::text::check_text;
use super::url;

/// What a developer says of an API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiOptions {
    /// The normalised URL that all of its URLs begin with, in whole path segments.
    pub prefix: String,
    /// What its tokens are for; nothing for the client's default.
    pub target: Option<Target>,
    /// Scopes that every call needs.
    pub scope: ScopeSet,
    /// The only scopes that a challenge of this API can lead to an upgrade for; nothing for any.
    pub challenge_scope: Option<ScopeSet>,
    /// Its own metadata (RFC 9728) may be read.
    pub discover: bool,
}

impl ApiOptions {
    /// An API by the URL that all of its URLs begin with.
    pub fn new(prefix: impl Into<String>) -> ApiOptions {
        ApiOptions {
            prefix: prefix.into(),
            ..ApiOptions::default()
        }
    }

    /// Sets what its tokens are for.
    #[must_use]
    pub fn with_target(mut self, target: Target) -> ApiOptions {
        self.target = Some(target);
        self
    }

    /// Sets the scopes that every call needs.
    #[must_use]
    pub fn with_scope(mut self, scope: ScopeSet) -> ApiOptions {
        self.scope = scope;
        self
    }

    /// Sets the only scopes that a challenge of this API can lead to an upgrade for.
    #[must_use]
    pub fn with_challenge_scope(mut self, scope: ScopeSet) -> ApiOptions {
        self.challenge_scope = Some(scope);
        self
    }

    /// Has the API's own metadata (RFC 9728) read when it is first needed.
    #[must_use]
    pub fn with_discover(mut self) -> ApiOptions {
        self.discover = true;
        self
    }
}

/// An API that may have a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Api(ApiOptions);

/// The API of a URL as the browser's parser wrote it: the longest prefix has it, and the page's own origin is one.
pub fn find(apis: &[Api], url: &str, origin: &str) -> Option<Api> {
    let own = Api(ApiOptions {
        prefix: origin.to_owned(),
        ..ApiOptions::default()
    });
    // `max_by_key` takes the last of equals: an entry of the application for its whole origin wins over `own`.
    let matching = [&own].into_iter().chain(apis).filter(|api| matches(&api.0.prefix, url));
    matching.max_by_key(|api| api.0.prefix.len()).cloned()
}

impl Api {
    /// Refuses an entry that no URL can match.
    pub fn new(options: ApiOptions) -> Result<Api> {
        if !matches(&options.prefix, &options.prefix) {
            return Err(Error::invalid_options(
                "\"apis\" must have https URLs (or http on loopback) as names, absolute and without query, fragment and dot segments",
            ));
        }
        check_text("apis", &options.prefix)?;
        Ok(Api(options))
    }

    /// What its tokens are for; nothing for the client's default.
    pub fn target(&self) -> Option<&Target> {
        self.0.target.as_ref()
    }

    /// Scopes that every call needs.
    pub fn scope(&self) -> &ScopeSet {
        &self.0.scope
    }

    /// Whether a challenge of this API may lead to an upgrade for that scope.
    pub fn may_challenge_for(&self, scope: &str) -> bool {
        self.0
            .challenge_scope
            .as_ref()
            .is_none_or(|allowed| allowed.contains(scope))
    }

    /// What identifies the API to itself, where its metadata may be read: the one resource that its tokens are for, if that
    /// is a URL of its origin, or else the prefix. `default` is what the client's tokens are for.
    pub fn identifier<'a>(&'a self, default: &'a Target) -> Option<&'a str> {
        let identifier = match self.target().unwrap_or(default).resources() {
            [resource] if self.is_of_origin(resource) => resource,
            _ => &self.0.prefix,
        };
        self.0.discover.then_some(identifier)
    }

    /// Whether a URL is a safe one of the API's origin, without fragment.
    pub(crate) fn is_of_origin(&self, url: &str) -> bool {
        let is_same = url::origin(url).eq_ignore_ascii_case(url::origin(&self.0.prefix));
        url::is_safe(url) && !url.contains('#') && is_same
    }

    /// Whether a call that was redirected to this URL stayed within the prefix, or the own origin.
    pub fn contains(&self, url: &str) -> bool {
        matches(&self.0.prefix, url)
    }
}

/// Whether a URL starts with whole path segments of a prefix. An origin is a prefix, too, if it is more than `null`.
fn matches(prefix: &str, url: &str) -> bool {
    let base = url::base(url);
    base.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || prefix.ends_with('/'))
        && url::is_safe(prefix)
        && url::is_safe(base)
        && !has_hidden_dot_segment(base)
}

/// Whether a server could read a dot segment out of a URL that has none for browsers: behind an encoded slash or
/// backslash, before a path parameter, encoded once or several times.
fn has_hidden_dot_segment(url: &str) -> bool {
    let decoded = decoded_path_characters(url);
    decoded.split(['/', ';']).any(|segment| matches!(segment, "." | ".."))
}

/// The URL with `.`, `/`, `\` (as a slash), `;` decoded however often they were encoded; every other encoded character
/// becomes `%`.
fn decoded_path_characters(url: &str) -> String {
    let mut decoded = String::with_capacity(url.len());
    let mut rest = url;
    while let Some(c) = rest.chars().next() {
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        if c != '%' {
            decoded.push(c);
            continue;
        }
        // %25 is an encoded percent sign.
        while let Some(tail) = rest.strip_prefix("25") {
            rest = tail;
        }
        // Some servers drop a percent sign that is not followed by two digits.
        if rest.is_empty() {
            break;
        }
        let digits = rest.get(..2).unwrap_or_default();
        let character = match digits.to_ascii_lowercase().as_str() {
            "2e" => '.',
            "2f" | "5c" => '/',
            "3b" => ';',
            _ => '%',
        };
        decoded.push(character);
        if character != '%' {
            rest = rest.get(2..).unwrap_or_default();
        }
    }
    decoded
}
