//! What `cargo test` calls to run a wasm test binary in a headless browser.
//!
//! A crate of its own, so that only the browser tests have to compile it.

#![allow(clippy::print_stderr, reason = "it talks to whoever runs it")]

use std::process::ExitCode;
use wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args;

fn main() -> ExitCode {
    match run_cli_with_args(std::env::args_os()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
