//! The configuration of a client: what a developer says, checked and completed.

use std::mem;

use super::apis::{Api, ApiOptions};
use super::error::{Error, Result};
use super::issuer;
use super::provider::{ProviderProfile, SignOutEndpoint};
use super::scope::ScopeSet;
use super::scope_description::{ScopeDescription, ScopeDescriptions};
use super::server::ServerMetadata;
use super::target::Target;
use super::text::check_text;
use super::url::{self, Params};

/// What a developer says of a client. [`Config::new`] checks it.
///
/// ```
/// use scopewise::{ApiOptions, ClientOptions, ProviderProfile};
///
/// # fn main() -> scopewise::Result<()> {
/// let options = ClientOptions::new("my-app", "https://id.example.com")
///     .with_redirect_uri("/callback")
///     .with_scope("openid profile read:appointments".parse()?)
///     .with_api(ApiOptions::new("https://api.example.com/").with_scope("read:appointments".parse()?))
///     .with_provider(ProviderProfile::known("keycloak").unwrap_or_default());
/// assert_eq!(options.client_id, "my-app");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ClientOptions {
    /// Public client identifier registered with the authorization server.
    pub client_id: String,
    /// Issuer identifier, to the letter. One of this and `metadata` is required.
    pub issuer: Option<String>,
    /// Metadata given up front: no discovery request is made.
    pub metadata: Option<ServerMetadata>,
    /// Where the authorization response arrives: an absolute URL, or a path of the page's origin. Default: `/`.
    pub redirect_uri: Option<String>,
    /// Scopes of the first authorization request. Default: `openid`.
    pub scope: Option<ScopeSet>,
    /// The default grant's audience and resources.
    pub target: Target,
    /// APIs that may have tokens, by URL prefix.
    pub apis: Vec<ApiOptions>,
    /// Further parameters of every authorization request.
    pub authorization_params: Params,
    /// How the authorization server treats scopes. Default: generic.
    pub provider: Option<ProviderProfile>,
    /// Signatures of ID tokens are checked, too, with the keys at the metadata's `jwks_uri`. Default: no.
    pub verify_signature: bool,
    /// Whom an ID token may name besides the client and what is configured above.
    pub trusted_audiences: Vec<String>,
    /// Whether authorization requests are pushed (RFC 9126). Default: where the server requires it.
    pub par: Option<bool>,
    /// Tokens are bound to a key of this browser's (RFC 9449). Default: no.
    pub dpop: bool,
    /// Scopes that a user granted by upgrades are asked for again at this user's next sign-in. Default: no.
    pub remember_scopes: bool,
    /// What scopes are for, and which are asked for alone.
    pub scopes: Vec<ScopeDescription>,
    /// Tolerated clock difference, seconds, 0 to 300. Default: 60.
    pub clock_tolerance: Option<i64>,
    /// Bound on each network request, milliseconds, 1 to 600,000. Default: 10,000.
    pub timeout: Option<i64>,
}

/// A client's configuration, sound and complete.
///
/// ```
/// use scopewise::{ClientOptions, Config};
///
/// # fn main() -> scopewise::Result<()> {
/// let options = ClientOptions::new("my-app", "https://id.example.com").with_redirect_uri("/callback");
/// let config = Config::new(options, "https://app.example.com")?;
/// assert_eq!(config.redirect_uri, "https://app.example.com/callback");
/// assert_eq!(config.scope.to_string(), "openid");
///
/// let insecure = ClientOptions::new("my-app", "http://id.example.com");
/// assert_eq!(Config::new(insecure, "https://app.example.com").unwrap_err().code(), "invalid_options");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// Client identifier.
    pub client_id: String,
    /// Issuer identifier, as configured: where the metadata is.
    pub issuer: String,
    /// The issuer that metadata, responses and ID tokens name: the same, or for users of any tenant one with
    /// `{tenantid}` in the place of the tenant.
    pub expected_issuer: String,
    /// Where the authorization response arrives.
    pub redirect_uri: String,
    /// Scopes of the first request.
    pub scope: ScopeSet,
    /// The default grant's audience and resources.
    pub target: Target,
    /// APIs that may have tokens.
    pub apis: Vec<Api>,
    /// Further parameters of every authorization request.
    pub authorization_params: Params,
    /// How the authorization server treats scopes.
    pub provider: ProviderProfile,
    /// Signatures of ID tokens are checked, too.
    pub verify_signature: bool,
    /// Whom an ID token may name besides the client and what tokens are for.
    pub trusted_audiences: Vec<String>,
    /// Whether authorization requests are pushed (RFC 9126); nothing where that is the server's to say.
    pub par: Option<bool>,
    /// Tokens are bound to a key (RFC 9449).
    pub dpop: bool,
    /// Scopes that a user granted by upgrades are asked for again at this user's next sign-in.
    pub remember_scopes: bool,
    /// What scopes are for, and which are asked for alone.
    pub scopes: ScopeDescriptions,
    /// Tolerated clock difference, seconds.
    pub clock_tolerance: i64,
    /// Bound on each request, milliseconds.
    pub timeout: u32,
}

/// How the names of all clients' records begin.
pub(crate) const STORAGE_PREFIX: &str = "scopewise:";

/// Parameters that the client sets itself.
const RESERVED_PARAMS: [&str; 16] = [
    "client_id",
    "response_type",
    "response_mode",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "audience",
    "resource",
    "authorization_details",
    "request",
    "request_uri",
    "dpop_jkt",
];

impl ClientOptions {
    /// Options with what is always needed; `issuer` is discovered when first needed.
    pub fn new(client_id: impl Into<String>, issuer: impl Into<String>) -> ClientOptions {
        ClientOptions {
            client_id: client_id.into(),
            issuer: Some(issuer.into()),
            ..ClientOptions::default()
        }
    }

    /// Sets where the authorization response arrives.
    #[must_use]
    pub fn with_redirect_uri(mut self, redirect_uri: impl Into<String>) -> ClientOptions {
        self.redirect_uri = Some(redirect_uri.into());
        self
    }

    /// Sets the scopes of the first authorization request.
    #[must_use]
    pub fn with_scope(mut self, scope: ScopeSet) -> ClientOptions {
        self.scope = Some(scope);
        self
    }

    /// Sets the default grant's audience and resources.
    #[must_use]
    pub fn with_target(mut self, target: Target) -> ClientOptions {
        self.target = target;
        self
    }

    /// Adds an API that may have tokens.
    #[must_use]
    pub fn with_api(mut self, api: ApiOptions) -> ClientOptions {
        self.apis.push(api);
        self
    }

    /// Gives the server's metadata up front.
    #[must_use]
    pub fn with_metadata(mut self, metadata: ServerMetadata) -> ClientOptions {
        self.metadata = Some(metadata);
        self
    }

    /// Says how the authorization server treats scopes.
    #[must_use]
    pub fn with_provider(mut self, provider: ProviderProfile) -> ClientOptions {
        self.provider = Some(provider);
        self
    }

    /// Adds parameters to every authorization request.
    #[must_use]
    pub fn with_authorization_params(mut self, params: Params) -> ClientOptions {
        self.authorization_params = params;
        self
    }

    /// Adds somebody whom an ID token may name besides the client, and besides the audiences, resources and APIs of these
    /// options.
    #[must_use]
    pub fn with_trusted_audience(mut self, audience: impl Into<String>) -> ClientOptions {
        self.trusted_audiences.push(audience.into());
        self
    }

    /// Checks signatures of ID tokens, too.
    #[must_use]
    pub fn with_verify_signature(mut self) -> ClientOptions {
        self.verify_signature = true;
        self
    }

    /// Pushes every authorization request to the server before the user goes there (RFC 9126), or none. By default they
    /// are pushed where the server requires it.
    #[must_use]
    pub fn with_par(mut self, par: bool) -> ClientOptions {
        self.par = Some(par);
        self
    }

    /// Binds tokens to a key that does not leave this browser (RFC 9449).
    #[must_use]
    pub fn with_dpop(mut self) -> ClientOptions {
        self.dpop = true;
        self
    }

    /// Remembers the scopes that a user grants by upgrades, and asks for them again at this user's next sign-in.
    #[must_use]
    pub fn with_remember_scopes(mut self) -> ClientOptions {
        self.remember_scopes = true;
        self
    }

    /// Says what a scope is for.
    #[must_use]
    pub fn with_scope_description(mut self, description: ScopeDescription) -> ClientOptions {
        self.scopes.push(description);
        self
    }

    /// Sets the tolerated clock difference, seconds.
    #[must_use]
    pub fn with_clock_tolerance(mut self, seconds: i64) -> ClientOptions {
        self.clock_tolerance = Some(seconds);
        self
    }

    /// Sets the bound on each network request, milliseconds.
    #[must_use]
    pub fn with_timeout(mut self, milliseconds: i64) -> ClientOptions {
        self.timeout = Some(milliseconds);
        self
    }
}

impl Config {
    /// Checks the options and completes them. `origin` is the page's, or a server's own.
    pub fn new(mut options: ClientOptions, origin: &str) -> Result<Config> {
        let provider = options.provider.take();
        let provider = provider
            .or_else(|| ProviderProfile::known("generic"))
            .unwrap_or_default();
        let known_issuer = options.metadata.take().map(|metadata| metadata.issuer);
        let issuer = options
            .issuer
            .take()
            .or_else(|| known_issuer.clone())
            .unwrap_or_default();
        let template = issuer::template(&issuer).filter(|_| provider.has_tenants);
        let expected_issuer = template.unwrap_or_else(|| issuer.clone());
        let redirect_uri = url::absolute(options.redirect_uri.as_deref().unwrap_or("/"), origin);
        let clock_tolerance = options.clock_tolerance.unwrap_or(60);
        let timeout = options.timeout.unwrap_or(10_000);
        let wrong = if options.client_id.is_empty() {
            "\"clientId\" must be the client's identifier at the server"
        } else if !url::is_safe(&issuer) || url::base(&issuer) != issuer {
            "\"issuer\" must be an https URL (or http on loopback) without query and fragment; only \"metadata\" can stand in for it"
        } else if issuer::is_template(&issuer) && !provider.has_tenants {
            "\"issuer\" may have {tenantid} in it with provider \"entra\" only"
        } else if known_issuer.is_some_and(|known| known != issuer && known != expected_issuer) {
            "\"issuer\" and metadata.issuer must be the same to the letter"
        } else if !(0..=300).contains(&clock_tolerance) {
            "\"clockTolerance\" must be 0 to 300 seconds"
        } else if !(1..=600_000).contains(&timeout) {
            "\"timeout\" must be 1 to 600,000 milliseconds"
        } else if !url::is_safe(&redirect_uri) || redirect_uri.contains('#') {
            "\"redirectUri\" must be a path of this page's origin, or an https URL (or http on loopback), without fragment"
        } else {
            ""
        };
        if !wrong.is_empty() {
            return Err(Error::invalid_options(wrong));
        }
        let texts: [&str; 3] = [&options.client_id, &issuer, &redirect_uri];
        check_texts(texts, &options.authorization_params, &provider)?;
        let scopes = ScopeDescriptions::new(mem::take(&mut options.scopes))?;
        let scope = first_scope(options.scope.take(), &scopes)?;
        let apis = mem::take(&mut options.apis);
        let apis = apis.into_iter().map(Api::new).collect::<Result<_>>()?;
        Ok(Config {
            client_id: options.client_id,
            issuer,
            expected_issuer,
            redirect_uri,
            scope,
            target: options.target,
            apis,
            authorization_params: options.authorization_params,
            provider,
            verify_signature: options.verify_signature,
            trusted_audiences: options.trusted_audiences,
            par: options.par,
            dpop: options.dpop,
            remember_scopes: options.remember_scopes,
            scopes,
            clock_tolerance,
            timeout: u32::try_from(timeout).unwrap_or(u32::MAX),
        })
    }

    /// Whom an ID token may name besides the client: what the application itself says that tokens are for.
    pub(crate) fn known_audiences<'a>(&'a self, target: &'a Target) -> Vec<&'a str> {
        let targets = [target, &self.target].into_iter();
        let targets = targets.chain(self.apis.iter().filter_map(Api::target));
        let named = targets.flat_map(Target::params).map(|(_, audience)| audience);
        named.chain(self.trusted_audiences.iter().map(String::as_str)).collect()
    }

    /// What tells this client's records from those of others on the origin. Unambiguous: `:` is escaped in both parts.
    pub fn storage_prefix(&self) -> String {
        let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        [
            STORAGE_PREFIX,
            &encode(&self.issuer),
            ":",
            &encode(&self.client_id),
            ":",
        ]
        .concat()
    }
}

/// Refuses what no request can be made of.
fn check_texts(texts: [&str; 3], params: &Params, provider: &ProviderProfile) -> Result<()> {
    for (name, text) in ["clientId", "issuer", "redirectUri"].into_iter().zip(texts) {
        check_text(name, text)?;
    }
    check_params(params)?;
    provider.sign_out.as_ref().map_or(Ok(()), SignOutEndpoint::check)
}

/// The scopes of the first request, none of them sensitive.
fn first_scope(wanted: Option<ScopeSet>, descriptions: &ScopeDescriptions) -> Result<ScopeSet> {
    let scope = match wanted {
        Some(scope) => scope,
        None => ScopeSet::parse("openid")?,
    };
    descriptions.check_sign_in(&scope)?;
    Ok(scope)
}

/// Refuses parameters that the client sets itself, and those that are too long.
pub(crate) fn check_params(params: &Params) -> Result<()> {
    for (name, value) in params.iter() {
        if RESERVED_PARAMS.contains(&name) {
            let problem = [
                "\"",
                name,
                "\" is set by the client itself: it has an option of its own, or none",
            ];
            return Err(Error::invalid_options(problem.concat()));
        }
        check_text("params, or authorizationParams", name)?;
        check_text(name, value)?;
    }
    Ok(())
}
