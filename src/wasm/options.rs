//! What comes in: options, read strictly. An unknown member or a wrong type is `invalid_options`, which names it.

use std::rc::Rc;

use js_sys::Function;
use wasm_bindgen::{JsCast, JsValue};

use super::get;
use crate::browser::{Browser, JsAbortSignal};
use crate::client::{FetchOptions, InteractionMode, OnMissing, SignOutOptions, TokenOptions};
use crate::core::apis::ApiOptions;
use crate::core::authorize::{AuthorizeOptions, ResponseMode};
use crate::core::config::ClientOptions;
use crate::core::error::{Error, Result};
use crate::core::provider::{ImpliedScopes, ProviderProfile, RefreshScope, ScopeDelimiter, UpgradeRequest};
use crate::core::reader::{FromValue, Reader};
use crate::core::scope::{self, Scope, ScopeSet};
use crate::core::server::ServerMetadata;
use crate::core::target::Target;
use crate::core::url::Params;
use crate::core::value::Value;
use crate::host::{AbortSignal, Page, StorageKind};

/// The host, with what the application brings along.
pub(super) fn browser(surroundings: &JsValue) -> Result<Browser> {
    let mut browser = Browser::default();
    let fetch = get(surroundings, "fetch");
    if !fetch.is_undefined() {
        let fetch = fetch.dyn_into::<Function>().map_err(|_| Error::WrongOption {
            name: "fetch".to_owned(),
            expected: "a function",
        })?;
        browser = browser.with_fetch(fetch);
    }
    let storage = get(surroundings, "storage");
    if !storage.is_undefined() {
        let is_adapter = ["getItem", "setItem", "removeItem"]
            .iter()
            .all(|name| get(&storage, name).is_function());
        if !is_adapter {
            return Err(Error::WrongOption {
                name: "storage".to_owned(),
                expected: STORAGE,
            });
        }
        browser = browser.with_storage(storage);
    }
    Ok(browser)
}

/// A caller's wish to stop waiting.
pub(super) fn abort_signal(signal: JsValue) -> Result<Option<Rc<dyn AbortSignal>>> {
    if signal.is_undefined() {
        return Ok(None);
    }
    let signal = signal.dyn_into().map_err(|_| Error::WrongOption {
        name: "signal".to_owned(),
        expected: "an AbortSignal",
    })?;
    Ok(Some(Rc::new(JsAbortSignal::new(signal))))
}

const STORAGE: &str = "session, local, memory, indexeddb, worker, or have getItem, setItem and removeItem";

/// The options of a method, and its name for messages.
struct Options<'a> {
    method: &'static str,
    reader: Reader<'a>,
    /// What was wrong first.
    error: Option<Error>,
}

/// The options of `createClient`.
pub(super) fn client_options(options: &JsValue, browser: &Browser) -> Result<(ClientOptions, StorageKind)> {
    let value = value_of(options, "createClient")?;
    let mut options = Options::new("createClient", &value)?;
    for unsupported in ["dpop", "par", "verifySignature"] {
        if options.optional(unsupported) == Some(true) {
            return Err(Error::invalid_options(
                [unsupported, ", which is not supported yet"].concat(),
            ));
        }
    }
    let metadata = options.value("metadata").map(ServerMetadata::parse);
    let apis = options.value("apis").map(|value| apis(value, browser));
    let provider = options.value("provider").map(provider);
    let storage = options.named("storage", &STORAGE_KINDS, STORAGE);
    let client = ClientOptions {
        client_id: options.optional("clientId").unwrap_or_default(),
        issuer: options.optional("issuer"),
        metadata: metadata.and_then(|metadata| options.keep(metadata)),
        redirect_uri: options.optional("redirectUri"),
        scope: options.scope("scope"),
        target: options.target().unwrap_or_default(),
        apis: apis.and_then(|apis| options.keep(apis)).unwrap_or_default(),
        authorization_params: options.params("authorizationParams"),
        provider: provider.and_then(|provider| options.keep(provider)),
        clock_tolerance: options.optional("clockTolerance"),
        timeout: options.optional("timeout"),
    };
    let default = if browser.has_storage() {
        StorageKind::Adapter
    } else {
        StorageKind::Session
    };
    options.finish((client, storage.unwrap_or(default)))
}

const STORAGE_KINDS: [(&str, StorageKind); 5] = [
    ("session", StorageKind::Session),
    ("local", StorageKind::Local),
    ("memory", StorageKind::Memory),
    ("indexeddb", StorageKind::IndexedDb),
    ("worker", StorageKind::Worker),
];

/// The options of `authorizeUrl`, `signIn` and `upgrade`, and how the user is asked. appState and authorizationDetails
/// cross as JSON text.
pub(super) fn sign_in_options(method: &'static str, options: &JsValue) -> Result<(AuthorizeOptions, InteractionMode)> {
    let value = value_of(options, method)?;
    let mut options = Options::new(method, &value)?;
    let is_url = method == "authorizeUrl";
    let mode = if is_url {
        None
    } else {
        options.named("mode", &MODES, "redirect, popup or silent")
    };
    let authorize = AuthorizeOptions {
        scope: if method == "upgrade" {
            None
        } else {
            options.scope("scope")
        },
        target: options.target(),
        return_to: options.optional("returnTo"),
        app_state: options.optional("appState"),
        prompt: options.optional("prompt"),
        login_hint: options.optional("loginHint"),
        acr_values: options.optional("acrValues"),
        max_age: options.optional("maxAge"),
        ui_locales: options.optional("uiLocales"),
        authorization_details: options.optional("authorizationDetails"),
        response_mode: options.named("responseMode", &RESPONSE_MODES, "query or fragment"),
        params: options.params("params"),
    };
    options.finish((authorize, mode.unwrap_or_default()))
}

const MODES: [(&str, InteractionMode); 3] = [
    ("redirect", InteractionMode::Redirect),
    ("popup", InteractionMode::Popup),
    ("silent", InteractionMode::Silent),
];

const RESPONSE_MODES: [(&str, ResponseMode); 2] =
    [("query", ResponseMode::Query), ("fragment", ResponseMode::Fragment)];

/// The options of `getAccessToken`.
pub(super) fn token_options(options: &JsValue) -> Result<TokenOptions> {
    let value = value_of(options, "getAccessToken")?;
    let mut options = Options::new("getAccessToken", &value)?;
    let token = TokenOptions {
        scope: options.scope("scope"),
        target: options.target(),
        min_validity: options.optional("minValidity"),
        force_refresh: options.optional("forceRefresh").unwrap_or_default(),
    };
    options.finish(token)
}

/// The client's own options of `fetch`.
pub(super) fn fetch_options(options: &JsValue) -> Result<FetchOptions> {
    let value = value_of(options, "fetch")?;
    let mut options = Options::new("fetch", &value)?;
    let on_missing = options.named("onMissing", &ON_MISSING, "throw, popup or redirect");
    let fetch = FetchOptions {
        scope: options.scope("scope").unwrap_or_default(),
        target: options.target(),
        on_missing: on_missing.unwrap_or_default(),
        abort: None,
    };
    options.finish(fetch)
}

const ON_MISSING: [(&str, OnMissing); 3] = [
    ("throw", OnMissing::Throw),
    ("popup", OnMissing::Popup),
    ("redirect", OnMissing::Redirect),
];

/// The options of `signOut`.
pub(super) fn sign_out_options(options: &JsValue) -> Result<SignOutOptions> {
    let value = value_of(options, "signOut")?;
    let mut options = Options::new("signOut", &value)?;
    let sign_out = SignOutOptions {
        return_to: options.optional("returnTo"),
        is_local: options.optional("local").unwrap_or_default(),
    };
    options.finish(sign_out)
}

/// Which grant a check is about; nothing for the default.
pub(super) fn selector(selector: &JsValue) -> Result<Option<Target>> {
    if selector.is_undefined() {
        return Ok(None);
    }
    let value = value_of(selector, "selector")?;
    let mut options = Options::new("selector", &value)?;
    let target = options.target();
    options.finish(target)
}

/// A scope argument: one text, or each token of an array apart.
pub(super) fn scope(scope: &JsValue) -> Result<ScopeSet> {
    let value = serde_wasm_bindgen::from_value::<Value>(scope.clone()).unwrap_or_default();
    scopes_of(&value)
}

impl<'a> Options<'a> {
    fn new(method: &'static str, value: &'a Value) -> Result<Options<'a>> {
        let reader = Reader::new(value).ok_or_else(|| not_options(method))?;
        Ok(Options {
            method,
            reader,
            error: None,
        })
    }

    fn value(&mut self, name: &'static str) -> Option<&'a Value> {
        self.reader.value(name)
    }

    fn optional<T: FromValue>(&mut self, name: &'static str) -> Option<T> {
        let value = T::from_value(self.value(name)?);
        if value.is_none() {
            self.refuse(name, T::EXPECTED);
        }
        value
    }

    fn scope(&mut self, name: &'static str) -> Option<ScopeSet> {
        let scopes = scopes_of(self.value(name)?);
        self.keep(scopes)
    }

    /// One of some names.
    fn named<T: Copy>(&mut self, name: &'static str, names: &[(&str, T)], expected: &'static str) -> Option<T> {
        let value = self.value(name)?.as_str();
        let known = names.iter().find(|(known, _)| value == Some(known));
        if known.is_none() {
            self.refuse(name, expected);
        }
        known.map(|(_, meaning)| *meaning)
    }

    /// `audience` and `resource`; nothing where neither is there.
    fn target(&mut self) -> Option<Target> {
        let audience: Option<String> = self.optional("audience");
        let resources = self
            .optional("resource")
            .map(|OneOrMore(resources)| resources)
            .unwrap_or_default();
        let has_control = |text: &String| text.contains(|c: char| c.is_ascii_control());
        for (name, texts) in [("audience", audience.as_slice()), ("resource", &resources)] {
            if texts.iter().any(has_control) {
                self.refuse(name, "without control characters");
            }
        }
        let target = self.keep(Target::new(audience, resources))?;
        Some(target).filter(|target| !target.is_empty())
    }

    /// Request parameters by name.
    fn params(&mut self, name: &'static str) -> Params {
        let members = match self.value(name) {
            None => return Params::default(),
            Some(Value::Object(members)) => members.as_slice(),
            Some(_) => &[],
        };
        let pair = |(name, value): &(String, Value)| Some((name.clone(), value.as_str()?.to_owned()));
        let params: Option<Params> = members.iter().map(pair).collect();
        if params.is_none() || !matches!(self.value(name), Some(Value::Object(_))) {
            self.refuse(name, "an object of strings");
        }
        params.unwrap_or_default()
    }

    /// The value of a step that may fail. What failed first is told in the end.
    fn keep<T>(&mut self, result: Result<T>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.error.get_or_insert(error);
                None
            }
        }
    }

    fn refuse(&mut self, name: &str, expected: &'static str) {
        self.error.get_or_insert(Error::WrongOption {
            name: name.to_owned(),
            expected,
        });
    }

    /// What was read, unless something was wrong or is unknown.
    fn finish<T>(self, options: T) -> Result<T> {
        self.check()?;
        Ok(options)
    }

    fn check(self) -> Result<()> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let method = self.method;
        self.reader.finish().map_err(|wrong| Error::UnknownOption {
            method,
            name: wrong.name,
        })
    }
}

fn not_options(method: &str) -> Error {
    Error::WrongOption {
        name: method.to_owned(),
        expected: "an object of options",
    }
}

/// One text, or several.
struct OneOrMore(Vec<String>);

impl FromValue for OneOrMore {
    const EXPECTED: &'static str = "a string or an array of strings";

    fn from_value(value: &Value) -> Option<OneOrMore> {
        match value {
            Value::String(text) => Some(OneOrMore(vec![text.clone()])),
            value => Vec::from_value(value).map(OneOrMore),
        }
    }
}

fn scopes_of(value: &Value) -> Result<ScopeSet> {
    match value {
        Value::String(text) => ScopeSet::parse(text),
        value => {
            let tokens = Vec::<String>::from_value(value).ok_or(Error::InvalidScopeSyntax { index: None })?;
            ScopeSet::from_tokens(tokens.iter().map(String::as_str))
        }
    }
}

fn apis(value: &Value, browser: &Browser) -> Result<Vec<ApiOptions>> {
    let Value::Object(entries) = value else {
        return Err(Error::WrongOption {
            name: "apis".to_owned(),
            expected: "an object of options by URL prefix",
        });
    };
    entries
        .iter()
        .map(|(prefix, options)| api(prefix, options, browser))
        .collect()
}

fn api(prefix: &str, value: &Value, browser: &Browser) -> Result<ApiOptions> {
    let mut options = Options::new("apis", value)?;
    let challenge_scope = options
        .optional("challengeScope")
        .map(|OneOrMore(tokens)| challenge_scope(&tokens));
    let api = ApiOptions {
        prefix: browser.resolve(prefix).unwrap_or_else(|| prefix.to_owned()),
        target: options.target(),
        scope: options.scope("scope").unwrap_or_default(),
        challenge_scope: challenge_scope.and_then(|scope| options.keep(scope)),
    };
    options.finish(api)
}

/// The scopes that a challenge may lead to an upgrade for.
fn challenge_scope(tokens: &[String]) -> Result<ScopeSet> {
    let tokens = tokens.iter().flat_map(|text| scope::tokens(text));
    ScopeSet::from_tokens(tokens).map_err(|_| Error::invalid_options("apis"))
}

/// A known profile by its name, or one of a developer's own, which stands on "generic" or on what it extends.
fn provider(value: &Value) -> Result<ProviderProfile> {
    let known = |name: &str| ProviderProfile::known(name).ok_or_else(|| Error::invalid_options("provider"));
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
    let delimiters = [(" ", ScopeDelimiter::Space), (",", ScopeDelimiter::Comma)];
    if let Some(delimiter) = options.named("scopeDelimiter", &delimiters, "a space or a comma") {
        profile.scope_delimiter = delimiter;
    }
    let refreshes = [("none", RefreshScope::None), ("requested", RefreshScope::Requested)];
    if let Some(refresh) = options.named("refreshScope", &refreshes, "none or requested") {
        profile.refresh_scope = refresh;
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

/// The value of an options object; without one there are no options.
fn value_of(options: &JsValue, method: &'static str) -> Result<Value> {
    if options.is_undefined() {
        return Ok(Value::Object(Vec::new()));
    }
    serde_wasm_bindgen::from_value(options.clone()).map_err(|_| not_options(method))
}
