//! An OAuth 2.0 / OpenID Connect client for browser apps that gets scopes right.

pub mod client;
pub mod core;
pub mod host;
