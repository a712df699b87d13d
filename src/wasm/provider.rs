//! The `provider` option.

use super::strict::Options;
use crate::core::error::{Error, Result};
use crate::core::provider::{
    ImpliedScopes, ProviderProfile, RefreshScope, ScopeDelimiter, SignOutEndpoint, UpgradePrompt, UpgradeRequest,
};
use crate::core::reader::FromValue;
use crate::core::scope::{self, Scope};
use crate::core::value::Value;

/// A known profile by its name, or one of a developer's own.
pub(super) fn provider(value: &Value) -> Result<ProviderProfile> {
    match value {
        Value::String(name) => known(name),
        _ => own(value),
    }
}

fn known(name: &str) -> Result<ProviderProfile> {
    ProviderProfile::known(name).ok_or_else(|| Error::wrong_option("provider", PROVIDERS))
}

/// A profile that stands on "generic" or on what it extends.
fn own(value: &Value) -> Result<ProviderProfile> {
    let mut options = Options::new("provider", value)?;
    let extended: Option<String> = options.optional("extends");
    let mut profile = known(extended.as_deref().unwrap_or("generic"))?;
    let request = options.named("upgradeRequest", &UPGRADE_REQUESTS, "union or incremental");
    profile.upgrade_request = request.unwrap_or(profile.upgrade_request);
    let prompt = options.named("upgradePrompt", &[("consent", UpgradePrompt::Consent)], "consent");
    profile.upgrade_prompt = prompt.or(profile.upgrade_prompt);
    let delimiter = options.named("scopeDelimiter", &SCOPE_DELIMITERS, "a space or a comma");
    profile.scope_delimiter = delimiter.unwrap_or(profile.scope_delimiter);
    let refresh = options.named("refreshScope", &REFRESH_SCOPES, "none or requested");
    profile.refresh_scope = refresh.unwrap_or(profile.refresh_scope);
    profile.sign_out = options.read("signOut", sign_out).or(profile.sign_out);
    let unlisted = options.optional("unlisted").map(|Tokens(scopes)| scopes);
    profile.unlisted = unlisted.or(profile.unlisted);
    profile.implies.extend(implied(&mut options));
    options.finish()?;
    Ok(profile)
}

const UPGRADE_REQUESTS: [(&str, UpgradeRequest); 2] = [
    ("union", UpgradeRequest::Union),
    ("incremental", UpgradeRequest::Incremental),
];

const SCOPE_DELIMITERS: [(&str, ScopeDelimiter); 2] = [(" ", ScopeDelimiter::Space), (",", ScopeDelimiter::Comma)];

const REFRESH_SCOPES: [(&str, RefreshScope); 2] =
    [("none", RefreshScope::None), ("requested", RefreshScope::Requested)];

/// What scopes carry, as `implies` and `aliases` have it.
fn implied(options: &mut Options<'_>) -> Vec<ImpliedScopes> {
    let implies: Option<Rules> = options.optional("implies");
    let rules = implies.map(|Rules(rules)| rules).unwrap_or_default().into_iter();
    let mut implied: Vec<_> = rules.map(|(scope, carries)| ImpliedScopes { scope, carries }).collect();
    if let Some(Rules(rules)) = options.optional("aliases") {
        let spellings = rules.into_iter().map(|(scope, others)| [vec![scope], others].concat());
        implied.extend(spellings.flat_map(|spellings| ImpliedScopes::aliases(&spellings)));
    }
    implied
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
    options.finish()?;
    Ok(endpoint)
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
