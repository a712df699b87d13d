//! The `provider` option.

use super::strict::Options;
use crate::core::error::{Error, Result};
use crate::core::provider::{
    ImpliedScopes, ProviderProfile, RefreshScope, ScopeDelimiter, SignOutEndpoint, UpgradePrompt, UpgradeRequest,
};
use crate::core::reader::FromValue;
use crate::core::scope::{self, Scope};
use crate::core::value::Value;

/// A known profile by its name, or one of a developer's own, which stands on "generic" or on what it extends.
pub(super) fn provider(value: &Value) -> Result<ProviderProfile> {
    let known = |name: &str| ProviderProfile::known(name).ok_or_else(|| Error::wrong_option("provider", PROVIDERS));
    if let Value::String(name) = value {
        return known(name);
    }
    let mut options = Options::new("provider", value)?;
    let extended: Option<String> = options.optional("extends");
    let mut profile = known(extended.as_deref().unwrap_or("generic"))?;
    let requests = [
        ("union", UpgradeRequest::Union),
        ("incremental", UpgradeRequest::Incremental),
    ];
    if let Some(request) = options.named("upgradeRequest", &requests, "union or incremental") {
        profile.upgrade_request = request;
    }
    if let Some(prompt) = options.named("upgradePrompt", &[("consent", UpgradePrompt::Consent)], "consent") {
        profile.upgrade_prompt = Some(prompt);
    }
    let delimiters = [(" ", ScopeDelimiter::Space), (",", ScopeDelimiter::Comma)];
    if let Some(delimiter) = options.named("scopeDelimiter", &delimiters, "a space or a comma") {
        profile.scope_delimiter = delimiter;
    }
    let refreshes = [("none", RefreshScope::None), ("requested", RefreshScope::Requested)];
    if let Some(refresh) = options.named("refreshScope", &refreshes, "none or requested") {
        profile.refresh_scope = refresh;
    }
    let sign_out = options.value("signOut").map(sign_out);
    if let Some(endpoint) = sign_out.and_then(|endpoint| options.keep(endpoint)) {
        profile.sign_out = Some(endpoint);
    }
    if let Some(Tokens(unlisted)) = options.optional("unlisted") {
        profile.unlisted = Some(unlisted);
    }
    if let Some(Rules(rules)) = options.optional("implies") {
        profile.implies.extend(
            rules
                .into_iter()
                .map(|(scope, carries)| ImpliedScopes { scope, carries }),
        );
    }
    if let Some(Rules(rules)) = options.optional("aliases") {
        let spellings = rules.into_iter().map(|(scope, others)| [vec![scope], others].concat());
        profile
            .implies
            .extend(spellings.flat_map(|spellings| ImpliedScopes::aliases(&spellings)));
    }
    options.finish(profile)
}

/// The server's own way to sign out.
fn sign_out(value: &Value) -> Result<SignOutEndpoint> {
    let mut options = Options::new("signOut", value)?;
    let mut endpoint = SignOutEndpoint::new(options.optional::<String>("url").unwrap_or_default());
    if let Some(name) = options.optional("clientId") {
        endpoint.client_id = name;
    }
    if let Some(name) = options.optional("returnTo") {
        endpoint.return_to = name;
    }
    options.finish(endpoint)
}

const PROVIDERS: &str =
    "generic, auth0, google, entra, okta, keycloak, github, cognito, or rules of your own that extend one of these";

/// Scope tokens.
struct Tokens(Vec<String>);

impl FromValue for Tokens {
    const EXPECTED: &'static str = "an array of scopes";

    fn from_value(value: &Value) -> Option<Tokens> {
        let tokens = Vec::<String>::from_value(value)?;
        tokens.iter().all(|token| is_token(token)).then_some(Tokens(tokens))
    }
}

/// Scope tokens by a scope.
struct Rules(Vec<(String, Vec<String>)>);

impl FromValue for Rules {
    const EXPECTED: &'static str = "an object of arrays of scopes";

    fn from_value(value: &Value) -> Option<Rules> {
        let Value::Object(members) = value else { return None };
        let rule = |(scope, carries): &(String, Value)| {
            let Tokens(carries) = Tokens::from_value(carries)?;
            is_token(scope).then(|| (scope.clone(), carries))
        };
        members.iter().map(rule).collect::<Option<_>>().map(Rules)
    }
}

fn is_token(text: &str) -> bool {
    Scope::parse(text).is_ok() && scope::tokens(text).count() == 1
}
