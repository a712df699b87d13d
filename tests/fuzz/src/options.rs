//! Options of a client and of a request, and the request that they make.

use scopewise::core::apis::ApiOptions;
use scopewise::core::authorize::{AuthorizationParams, AuthorizeOptions, ResponseMode, Transaction};
use scopewise::core::config::{ClientOptions, Config};
use scopewise::core::error::{Error, Result};
use scopewise::core::provider::ProviderProfile;
use scopewise::core::reader::{Reader, Wrong};
use scopewise::core::scope::{Scope, ScopeSet};
use scopewise::core::scope_description::{ScopeDescription, ScopeWording};
use scopewise::core::target::Target;
use scopewise::core::url::Params;
use scopewise::core::value::Value;

use crate::common::{self, NOW, ORIGIN, entropy, metadata_document, param, params, value};
use crate::input::{Input, check_error};

/// One line for the client, one for the request.
pub(crate) fn target(data: &[u8]) {
    let input = Input::new(data);
    let (client, request) = input.two();
    let (Some(client), Some(request)) = (common::parse_json(client), common::parse_json(request)) else {
        return;
    };
    let config = match client_options(&client).and_then(|options| Config::new(options, ORIGIN)) {
        Ok(config) => config,
        Err(error) => return check_error(&error, []),
    };
    sound(&config);
    described(&config, &request);
    let built = request_options(&request).and_then(|options| build(&config, &options));
    if let Err(error) = built {
        check_error(&error, []);
    }
}

fn wrong(wrong: Wrong) -> Error {
    Error::wrong_option(&wrong.name, wrong.expected.unwrap_or("known"))
}

fn pairs(reader: &mut Reader<'_>, name: &'static str) -> Params {
    let Some(Value::Object(members)) = reader.value(name) else {
        return Params::new();
    };
    let pair = |(name, value): &(String, Value)| Some((name.clone(), value.as_str()?.to_owned()));
    members.iter().filter_map(pair).collect()
}

fn target_of(reader: &mut Reader<'_>) -> Result<Target> {
    let audience = reader.optional("audience").map_err(wrong)?;
    let resources: Option<Vec<String>> = reader.optional("resource").map_err(wrong)?;
    Target::new(audience, resources.unwrap_or_default())
}

fn scopes(reader: &mut Reader<'_>) -> Result<Option<ScopeSet>> {
    let text: Option<String> = reader.optional("scope").map_err(wrong)?;
    text.map(|text| ScopeSet::parse(&text)).transpose()
}

/// What scopes are for: a title, and another in one more language.
fn descriptions(reader: &mut Reader<'_>) -> Result<Vec<ScopeDescription>> {
    let Some(Value::Object(members)) = reader.value("scopes") else {
        return Ok(Vec::new());
    };
    let described = members.iter().map(|(scope, value)| {
        let mut reader = Reader::new(value).ok_or_else(|| Error::wrong_option("scopes", "an object"))?;
        let title: String = reader.required("title").map_err(wrong)?;
        let language: Option<String> = reader.optional("language").map_err(wrong)?;
        let mut description = ScopeDescription::new(Scope::parse(scope)?, ScopeWording::new(title));
        description.is_sensitive = reader.optional("sensitive").map_err(wrong)?.unwrap_or_default();
        Ok(match language {
            Some(tag) => description.with_locale(tag.as_str(), ScopeWording::new(["in ", &tag].concat())),
            None => description,
        })
    });
    described.collect()
}

fn client_options(value: &Value) -> Result<ClientOptions> {
    let mut reader = Reader::new(value).ok_or_else(|| Error::wrong_option("createClient", "an object"))?;
    let apis: Option<Vec<String>> = reader.optional("apis").map_err(wrong)?;
    let provider: Option<String> = reader.optional("provider").map_err(wrong)?;
    let mut options = ClientOptions::default();
    options.client_id = reader.optional("clientId").map_err(wrong)?.unwrap_or_default();
    options.issuer = reader.optional("issuer").map_err(wrong)?;
    options.redirect_uri = reader.optional("redirectUri").map_err(wrong)?;
    options.scope = scopes(&mut reader)?;
    options.target = target_of(&mut reader)?;
    options.apis = apis.unwrap_or_default().into_iter().map(ApiOptions::new).collect();
    options.authorization_params = pairs(&mut reader, "authorizationParams");
    options.provider = provider.and_then(|name| ProviderProfile::known(&name));
    options.scopes = descriptions(&mut reader)?;
    options.par = reader.optional("par").map_err(wrong)?;
    options.clock_tolerance = reader.optional("clockTolerance").map_err(wrong)?;
    options.timeout = reader.optional("timeout").map_err(wrong)?;
    reader.finish().map_err(wrong)?;
    Ok(options)
}

fn request_options(value: &Value) -> Result<AuthorizeOptions> {
    let mut reader = Reader::new(value).ok_or_else(|| Error::wrong_option("signIn", "an object"))?;
    let mut options = AuthorizeOptions::default();
    options.scope = scopes(&mut reader)?;
    options.target = Some(target_of(&mut reader)?).filter(|target| !target.is_empty());
    options.return_to = reader.optional("returnTo").map_err(wrong)?;
    options.app_state = reader.optional("appState").map_err(wrong)?;
    options.prompt = reader.optional("prompt").map_err(wrong)?;
    options.login_hint = reader.optional("loginHint").map_err(wrong)?;
    options.acr_values = reader.optional("acrValues").map_err(wrong)?;
    options.max_age = reader.optional("maxAge").map_err(wrong)?;
    options.ui_locales = reader.optional("uiLocales").map_err(wrong)?;
    options.authorization_details = reader.optional("authorizationDetails").map_err(wrong)?;
    let fragment: Option<bool> = reader.optional("fragment").map_err(wrong)?;
    options.response_mode = fragment.map(|fragment| match fragment {
        true => ResponseMode::Fragment,
        false => ResponseMode::Query,
    });
    options.params = pairs(&mut reader, "params");
    reader.finish().map_err(wrong)?;
    Ok(options)
}

/// Whatever was accepted is somewhere safe.
fn sound(config: &Config) {
    let is_safe = |text: &str| {
        text.starts_with("https://")
            || text.starts_with("http://localhost")
            || text.starts_with("http://127.")
            || text.starts_with("http://[::1]")
            || text.contains(".localhost")
    };
    assert!(is_safe(&config.issuer) && is_safe(&config.redirect_uri), "{config:?}");
    assert!(!config.issuer.contains(['?', '#']) && !config.redirect_uri.contains('#'));
    assert!((0..=300).contains(&config.clock_tolerance) && (1..=600_000).contains(&config.timeout));
    let prefix = config.storage_prefix();
    assert_eq!(prefix.matches(':').count(), 3, "{prefix}");
}

/// Each scope has words, in the language that is asked for or a wider one, and none that is asked for first is sensitive.
fn described(config: &Config, request: &Value) {
    let wanted = Reader::new(request).and_then(|mut reader| reader.optional::<String>("uiLocales").ok()?);
    let languages: Vec<String> = wanted
        .iter()
        .flat_map(|text| text.split(' '))
        .map(str::to_owned)
        .collect();
    let described = config.scopes.describe(&config.scope, &languages);
    assert_eq!(described.len(), config.scope.len());
    for one in described {
        assert!(!one.title.trim().is_empty() && !one.is_sensitive, "{one:?}");
        if let Some(tag) = one.title.strip_prefix("in ") {
            let is_wanted = |language: &String| language.to_lowercase().starts_with(&tag.to_lowercase());
            assert!(
                languages.iter().any(is_wanted) || is_own_title(config, &one.scope, &one.title),
                "{one:?}"
            );
        }
    }
}

/// An application may call a scope so itself.
fn is_own_title(config: &Config, scope: &str, title: &str) -> bool {
    let plain = config.scopes.describe(&ScopeSet::from_answer([scope]), &[]);
    plain.iter().any(|one| one.title == title)
}

fn build(config: &Config, options: &AuthorizeOptions) -> Result<()> {
    let mut document = metadata_document();
    document["pushed_authorization_request_endpoint"] = "https://id.example/par".into();
    let metadata = scopewise::core::server::ServerMetadata::parse(&value(&document))?;
    let intent = common::intent(&config.scope.to_string());
    let request = AuthorizationParams::new(config, options, intent)?.request(config, &metadata, &entropy(), NOW)?;
    let query = match &request.push {
        Some(push) => {
            assert_eq!(
                params(&request.url),
                [("client_id".to_owned(), config.client_id.clone())]
            );
            Params::from_iter(common::pairs(push.form.as_deref().unwrap()))
        }
        None => Params::from_iter(params(&request.url)),
    };
    assert!(request.url.starts_with("https://id.example/authorize?"));
    // Each of the client's own is there once: nothing that the application says is in their place.
    for name in [
        "response_type",
        "client_id",
        "redirect_uri",
        "state",
        "code_challenge",
        "code_challenge_method",
    ] {
        assert_eq!(query.iter().filter(|(held, _)| *held == name).count(), 1, "{name}");
    }
    assert_eq!(query.get("response_type"), Some("code"));
    assert_eq!(query.get("code_challenge_method"), Some("S256"));
    assert_eq!(query.get("redirect_uri"), Some(config.redirect_uri.as_str()));
    assert_eq!(query.get("state"), Some(request.state.secret()));
    assert_eq!(query.get("scope").unwrap_or_default(), request_scope(config));
    assert!(!request.url.contains(request.pending.code_verifier.secret()));
    assert_eq!(param(&request.url, "code_verifier"), None);
    let pending = Transaction::Pending(Box::new(request.pending));
    assert_eq!(Transaction::from_value(&pending.to_value()), Some(pending));
    Ok(())
}

fn request_scope(config: &Config) -> String {
    config.scope.to_string()
}
