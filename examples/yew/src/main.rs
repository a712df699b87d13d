//! A page in Rust that signs in with scopewise, shows what was granted, and asks for more when it is needed.
//!
//! Put your authorization server into `index.html`, register the page's URL there as a redirect URI, and run
//! `trunk serve`.

#[cfg(target_arch = "wasm32")]
mod app;
#[cfg(target_arch = "wasm32")]
mod appointments;
#[cfg(target_arch = "wasm32")]
mod session;

fn main() {
    // On other targets this builds, and does nothing: it is for browsers.
    #[cfg(target_arch = "wasm32")]
    yew::Renderer::<app::App>::new().render();
}
