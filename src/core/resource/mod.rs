//! What protected resources say (RFC 6750, RFC 9470).

mod challenge;

pub use challenge::{Challenge, ChallengeKind, MAX_HEADER};
