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
mod any_json;
mod apis;
mod asker;
mod authorization_details;
mod authorization_request;
mod authorization_response;
mod challenge;
mod claims_challenge;
mod config;
mod dpop;
mod end_session;
mod error;
mod hostile_text;
mod http;
mod id_token;
mod id_token_of_answer;
mod jwks;
mod known_providers;
mod limits;
mod metadata;
mod options;
mod pkce;
mod provider;
mod pushed;
mod readme;
mod refresh;
mod remembered;
mod report;
mod resource_indicators;
mod resource_metadata;
mod return_to;
mod scope;
mod scope_description;
mod servers;
mod session;
mod session_record;
mod signed_response;
mod tenants;
mod token_response;
mod transaction_record;
mod upgrade;
mod url;
mod user_info;
mod value;
mod verdict;
