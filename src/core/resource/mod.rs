//! What protected resources say (RFC 6750, RFC 9470, RFC 9728).

mod challenge;
mod metadata;
mod verdict;

pub use challenge::{Challenge, ChallengeKind, MAX_HEADER};
pub use metadata::{ApiScopes, ResourceMetadata};
pub use verdict::{ApiCall, ApiResponse, Verdict};
