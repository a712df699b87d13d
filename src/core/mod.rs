//! The rules of the protocol, without IO, clock or randomness: `now` and entropy are arguments.
//!
//! From the ground up: [`demands`], [`error`], [`scope`], [`scope_description`], [`target`], [`value`], [`url`], `base64url`; [`dpop`], [`secret`];
//! [`authorization_details`], [`sign_out_note`], [`jwt`], [`http`]; [`provider`], [`server`]; [`config`], [`apis`];
//! [`authorize`]; [`token`]; [`session`]; [`resource`], [`end_session`]. Each uses those before it and none after.

pub mod apis;
pub mod authorization_details;
pub mod authorize;
mod base64url;
pub mod config;
pub mod demands;
pub mod dpop;
pub mod end_session;
pub mod error;
pub mod http;
mod issuer;
pub mod jwt;
mod message;
pub mod provider;
#[doc(hidden)]
pub mod reader;
pub mod resource;
pub mod scope;
pub mod scope_description;
pub mod secret;
pub mod server;
pub mod session;
pub mod sign_out_note;
pub mod target;
pub(crate) mod text;
pub mod token;
pub mod url;
pub mod value;
