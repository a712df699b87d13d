//! The rules of the protocol, case by case.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "../common/mod.rs"]
mod common;

mod metadata;
mod return_to;
mod scope;
mod user_info;
