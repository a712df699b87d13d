//! Token requests, their response, and the ID token in it.

mod id_token;
mod request;
mod response;

pub(crate) use id_token::same_authentication;
pub use id_token::{Claims, Expected, IdToken, JsonParser};
pub use request::{RefreshRequest, code_request};
pub(crate) use response::MAX_LIFETIME;
pub use response::TokenResponse;
