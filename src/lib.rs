//! An OAuth 2.0 / OpenID Connect client for browser apps that gets scopes right.

#[cfg(target_arch = "wasm32")]
pub mod browser;
pub mod core;
pub mod host;
