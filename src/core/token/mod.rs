//! Token requests, their response, and the ID token in it.

mod hash;
mod id_token;
mod jwks;
mod request;
mod response;

pub use id_token::{Claims, Expected, IdToken};
pub use jwks::{Jwk, Jwks};
pub use request::{RefreshRequest, code_request};
pub(crate) use response::MAX_LIFETIME;
pub use response::{TokenResponse, TokenType};
