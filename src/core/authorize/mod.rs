//! The authorization request, what is remembered of it, its response and what that comes to (RFC 6749 §4.1).

mod intent;
mod options;
mod outcome;
pub mod pkce;
mod pushed;
mod record;
mod request;
pub mod response;
pub mod return_to;
mod signed_response;
pub mod step_up;
mod transaction;

pub use intent::RequestIntent;
pub use options::AuthorizeOptions;
pub use outcome::{Outcome, OutcomeStatus};
pub use request::{AuthorizationParams, AuthorizationRequest, Entropy};
pub use response::AuthorizationResponse;
pub use signed_response::SignedResponse;
pub(crate) use transaction::MAX_TRANSACTIONS;
pub use transaction::{
    Asker, LIFETIME, PendingRequest, RequestAnswer, RequestKind, ResponseMode, Transaction, TransactionResult,
};
