//! One capability of the platform per file. No rule of the protocol lives here.

pub mod clock;
pub mod crypto;
pub mod fetch;
pub mod json;
pub mod lock;
pub mod navigation;
pub mod storage;
pub mod timer;
