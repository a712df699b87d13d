//! One capability of the platform per file, each with the few lines of script that it takes. No rule of the protocol
//! lives here.
//!
//! The scripts are modules beside their Rust declarations: the same calls through bindings for every interface they
//! touch take three times the bytes.

pub mod callback;
pub mod channel;
pub mod clock;
pub mod crypto;
pub mod fetch;
pub mod json;
pub mod lock;
pub mod navigation;
pub mod storage;
pub mod window;
