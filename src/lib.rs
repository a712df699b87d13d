//! An OAuth 2.0 / OpenID Connect client that gets scopes right: it keeps what was *requested* and what was *granted*
//! apart, asks for more when more is needed, and sends tokens to your APIs and to nobody else.
//!
//! There are three ways to use it.
//!
//! # A front end in Rust
//!
//! On `wasm32-unknown-unknown`, [`Client`] does everything over the page that `Browser` stands for: sign-in and upgrades
//! by redirect, in a popup or silently, refreshes, calls of APIs. It fits any framework; the repository has a page with
//! Yew in `examples/yew`. Its futures are for the page's one thread: they are not `Send`.
//!
//! ```no_run
//! use scopewise::{Client, ClientOptions, InteractionMode, OutcomeStatus, Result, SignInOptions, StorageKind};
//! use std::rc::Rc;
//!
//! # async fn page(browser: Rc<dyn scopewise::Host>) -> Result<()> {
//! # #[cfg(target_arch = "wasm32")]
//! let browser = Rc::new(scopewise::Browser::new());
//! let options = ClientOptions::new("my-app", "https://id.example.com")
//!     .with_redirect_uri("/callback")
//!     .with_scope("openid profile read:appointments".parse()?);
//! let client = Client::open(options, StorageKind::Session, browser).await?;
//!
//! // First on every page: the user may just be coming back. The address bar is clean when this returns.
//! let outcome = client.handle_callback(None).await?;
//! if client.session().is_none() {
//!     // Leaves the page, and never resolves.
//!     client.sign_in(SignInOptions::default()).await?;
//! }
//!
//! // In a click: the popup opens before anything is awaited.
//! let write = "write:appointments".parse()?;
//! if !client.has_scope(&write, None)? {
//!     let outcome = client.upgrade(write, SignInOptions::new(InteractionMode::Popup)).await?;
//!     assert_eq!(outcome.status, OutcomeStatus::Granted, "a no is an outcome, not an error");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # A server
//!
//! [`core`] has the rules alone, without IO, clock or randomness, on every target: what you send, where you keep things
//! and which HTTP client you use is yours. A server that signs users in builds the request, keeps what is pending, and
//! checks what comes back; `examples/server_callback` in the repository goes all the way, with refreshes and the sign-out. An API may read its own
//! challenges with [`Challenge`].
//!
//! ```
//! use scopewise::{
//!     AuthorizationParams, AuthorizationResponse, AuthorizeOptions, Callback, ClientOptions, Config, RequestIntent,
//!     ResponseMode, Result, ServerMetadata, core::token::code_request,
//! };
//!
//! # fn main() -> Result<()> {
//! # let document: scopewise::core::value::Value = serde_json::from_str(r#"{
//! #     "issuer": "https://id.example.com",
//! #     "authorization_endpoint": "https://id.example.com/authorize",
//! #     "token_endpoint": "https://id.example.com/token"
//! # }"#).expect("JSON");
//! # let metadata = ServerMetadata::parse(&document)?;
//! # let (entropy, now) = ([[7; 32]; 3], 1_700_000_000);
//! let options = ClientOptions::new("my-app", "https://id.example.com").with_redirect_uri("/callback");
//! let config = Config::new(options, "https://app.example.com")?;
//!
//! // 1. Send the user to `request.url`, and keep `request.pending` under `request.state`. Where the server requires pushed
//! //    requests, send `request.push` first, and give the answer to `request.pushed`.
//! let intent = RequestIntent::sign_in("openid read:appointments".parse()?);
//! let params = AuthorizationParams::new(&config, &AuthorizeOptions::default(), intent)?;
//! let request = params.request(&config, &metadata, &entropy, now)?;
//!
//! // 2. The user is back, with this query.
//! # let query = ["code=abc&state=", request.state.secret()].concat();
//! let callback = Callback::parse(&query, ResponseMode::Query)?;
//! assert_eq!(callback.state, request.state);
//! let AuthorizationResponse::Code(code) = callback.check(&request.pending, &config.expected_issuer)? else {
//!     panic!("the server answered with an error");
//! };
//!
//! // 3. Send this, and make a `Session` of the response with `TokenEndpointAnswer`.
//! let exchange = code_request(&metadata, &config.client_id, &request.pending, &code);
//! assert_eq!(exchange.url, "https://id.example.com/token");
//! # Ok(())
//! # }
//! ```
//!
//! # The npm package
//!
//! JavaScript and TypeScript use the package `scopewise`, which is this crate built with the feature `npm`: the module
//! `wasm` has its exports. The feature is off by default, so that a Rust program gets neither these exports nor the
//! package's allocator.
//!
//! ```text
//! // In TypeScript:
//! const client = await createClient({ issuer: 'https://id.example.com', clientId: 'my-app' });
//! const outcome = await client.handleCallback();
//! ```
//!
//! # Inside
//!
//! - [`core`]: the rules of the protocol, pure and for every target.
//! - [`client`]: the protocol's steps in order, over the traits of [`host`].
//! - `browser`: the host of a page, over web-sys (wasm32 only).
//! - `wasm`: the exports of the npm package (wasm32 and the feature `npm` only).
//!
//! Arrows never point back: `wasm` → `client` → `host` ← `browser`, and all of them → `core`.

#![forbid(unsafe_code)]

pub mod client;
pub mod core;
pub mod host;

#[cfg(target_arch = "wasm32")]
pub mod browser;
#[cfg(all(target_arch = "wasm32", feature = "npm"))]
mod wasm;

#[cfg(target_arch = "wasm32")]
pub use browser::{Browser, JsAbortSignal, JsApiRequest};
pub use client::{
    Client, DpopProofOptions, FetchError, FetchOptions, InteractionMode, OnMissing, SignInOptions, SignOutOptions,
    Subscription, TokenOptions,
};
pub use core::apis::ApiOptions;
pub use core::authorization_details::AuthorizationDetails;
pub use core::authorize::response::Callback;
pub use core::authorize::{
    AuthorizationParams, AuthorizationRequest, AuthorizationResponse, AuthorizeOptions, Outcome, OutcomeStatus,
    PendingRequest, RequestIntent, RequestKind, ResponseMode, SignedResponse, Transaction,
};
pub use core::config::{ClientOptions, Config};
pub use core::demands::Demands;
pub use core::error::{Error, Result, ServerError, ServerErrorCode};
pub use core::http::{Request, Response};
pub use core::provider::{ImpliedScopes, ProviderProfile, SignOutEndpoint};
pub use core::resource::{ApiScopes, Challenge, ChallengeKind, ResourceMetadata};
pub use core::scope::{Scope, ScopeSet};
pub use core::scope_description::{DescribedScope, ScopeDescription, ScopeDescriptions, ScopeWording};
pub use core::secret::AccessToken;
pub use core::server::ServerMetadata;
pub use core::session::{Grant, ScopeReport, ScopeStatus, Session, StoredSession, TokenEndpointAnswer};
pub use core::target::Target;
pub use core::url::Params;
pub use core::value::Value;
pub use host::{Host, Pending, StorageKind};

/// docs/rust.md, for what it shows of Rust.
#[cfg(doctest)]
#[doc = include_str!("../docs/rust.md")]
pub struct Guide;

/// The instance is the page's own and small: a simple allocator is enough. What is given back is wiped first, so that no
/// code, token or verifier stays in the module's memory once it is not in use.
#[cfg(all(target_arch = "wasm32", feature = "npm"))]
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<talc::wasm::WasmDynamicTalc> =
    zeroizing_alloc::ZeroAlloc(talc::wasm::new_wasm_dynamic_allocator());
