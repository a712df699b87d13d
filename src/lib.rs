//! An OAuth 2.0 / OpenID Connect client for browser apps that gets scopes right.
//!
//! - [`core`]: the rules of the protocol, pure and for every target. A server or a Rust front end uses these.
//! - [`client`]: the protocol's steps in order, over the traits of [`host`].
//! - `browser`: the host of a page, over web-sys (wasm32 only).
//! - `wasm`: the exports of the npm package (wasm32 and the feature `npm` only).
//!
//! Arrows never point back: `wasm` → `client` → `host` ← `browser`, and all of them → `core`.

pub mod client;
pub mod core;
pub mod host;

#[cfg(target_arch = "wasm32")]
pub mod browser;
#[cfg(all(target_arch = "wasm32", feature = "npm"))]
mod wasm;

/// The instance is the page's own and small: a simple allocator is enough.
#[cfg(all(target_arch = "wasm32", feature = "npm"))]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
