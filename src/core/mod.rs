//! The rules of the protocol, without IO, clock or randomness: `now` and entropy are arguments.

pub mod authorize;
pub mod callback;
pub mod denied;
pub mod error;
pub mod grant;
pub mod http;
pub mod id_token;
pub mod metadata;
pub mod options;
pub mod outcome;
pub mod pkce;
pub mod return_to;
pub mod scope;
pub mod secret;
pub mod session;
pub mod sign_out;
pub mod step_up;
pub mod token;
pub mod transaction;
pub mod url;
pub mod value;
