//! What protected resources say (RFC 6750, RFC 9470, RFC 9728).

mod challenge;
mod metadata;
mod refusal;
mod verdict;

pub use challenge::{Challenge, ChallengeKind, MAX_HEADER};
pub use metadata::{ApiScopes, ResourceMetadata};
pub(crate) use refusal::{Asked, Refusal};
pub use verdict::{ApiCall, ApiResponse, Verdict};
