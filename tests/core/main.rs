//! The rules of the protocol, case by case.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "../common/mod.rs"]
mod common;

mod allocation;
mod authorization_request;
mod authorization_response;
mod challenge;
mod config;
mod end_session;
mod error;
mod metadata;
mod pkce;
mod readme;
mod record;
mod refresh;
mod return_to;
mod scope;
mod session;
mod url;
mod user_info;
mod value;
