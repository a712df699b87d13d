//! What the authorization server says of itself, and its lesser endpoints.

mod metadata;
pub mod revocation;
pub mod user_info;

pub use metadata::ServerMetadata;
