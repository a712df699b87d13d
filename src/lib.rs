//! An OAuth 2.0 / OpenID Connect client for browser apps that gets scopes right.
//!
//! - [`core`]: the rules of the protocol, pure and for every target. A server or a Rust front end uses these.
//! - `browser`: one capability of the platform per file (wasm32 only).
//! - `client`: the driver, where the two meet (wasm32 only).
//! - `wasm`: what the npm package's facade calls (wasm32 only).
//!
//! Arrows never point back: `wasm` → `client` → `browser` → the types of `core`.

pub mod core;

#[cfg(target_arch = "wasm32")]
pub mod browser;
#[cfg(target_arch = "wasm32")]
pub mod client;
#[cfg(target_arch = "wasm32")]
pub mod wasm;

/// The instance is the page's own and small: a laughably simple allocator is enough, and saves 4,000 bytes.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
#[allow(unsafe_code, reason = "WebAssembly without threads has one thread")]
static ALLOCATOR: lol_alloc::AssumeSingleThreaded<lol_alloc::FreeListAllocator> =
    unsafe { lol_alloc::AssumeSingleThreaded::new(lol_alloc::FreeListAllocator::new()) };
