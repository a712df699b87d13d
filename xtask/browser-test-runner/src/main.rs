//! What `cargo test` calls to run a wasm test binary in a headless browser.
//!
//! A crate of its own, so that only the browser tests have to compile it.

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(std::env::args_os())
}
