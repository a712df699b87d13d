//! The rules of the protocol, without IO, clock or randomness: `now` and entropy are arguments.
//!
//! Text is kept in the form it travels and is stored in (scope sets as one string, records as lines of members): in WebAssembly
//! that is a third of the code that trees of strings cost.

pub mod api;
pub mod authorize;
pub mod base64url;
pub mod callback;
pub mod challenge;
pub mod document;
pub mod error;
pub mod form;
pub mod grant;
pub mod http;
pub mod id_token;
pub mod metadata;
pub mod options;
pub mod outcome;
pub mod pieces;
pub mod pkce;
pub mod profile;
pub mod record;
pub mod return_to;
pub mod scope;
pub mod secret;
pub mod session;
pub mod sign_out;
pub mod step_up;
pub mod text;
pub mod token;
pub mod transaction;
pub mod url;
pub mod user_info;
