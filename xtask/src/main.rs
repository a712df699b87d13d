//! `cargo xtask`: builds, tests and shows scopewise.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it talks to whoever runs it")]

mod build;
mod bundle;
mod chromium;
mod counts;
mod debian;
mod demo;
mod layers;
mod names;
mod npm;
mod paths;
mod run;
mod size;
mod soak;
mod source;
mod stamp;
mod steps;
mod test;
mod toolchain;
mod wasm;

use anyhow::{Result, bail};
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask <command>

  demo [--port N] [--no-open]  build the package and show it, with a local authorization server and API
  dev  [--port N] [--no-open]  the same, and build again whenever src/ or js/ changes
  test [--only PART] [-- ...]  check everything; PART is one of fmt, clippy, layers, native, browser, types, e2e, size;
                               what follows -- goes to that part's runner
  e2e  [-- ...]                the same as test --only e2e
  soak [-- ...]                build, and run at length what the end-to-end tests do briefly: many tabs and what they leave
  build [--trap]               build the npm package into pkg/ (--trap: the one for tests, into target/pkg-trap/)
  size                         build, and weigh what is shipped
  help                         this list

Environment:
  SCOPEWISE_TOOLCHAIN=debian   compile to WebAssembly with Debian's packages, not with rustup's toolchain
  SCOPEWISE_CHROMIUM=PATH      the browser that tests run in
  CHROMEDRIVER=PATH            its WebDriver";

fn main() -> ExitCode {
    match command(std::env::args().skip(1).collect()) {
        Ok(code) => code,
        // Asked to stop: what was running has been ended, and that is no failure.
        Err(_) if run::stopped() => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn command(args: Vec<String>) -> Result<ExitCode> {
    let (name, rest) = match args.split_first() {
        None => ("help", &[][..]),
        Some((name, rest)) => (name.as_str(), rest),
    };
    match name {
        "demo" => demo::demo(&demo::Options::parse(rest)?),
        "dev" => demo::dev(&demo::Options::parse(rest)?),
        "test" => test::test(&test::Options::parse(rest)?),
        "e2e" => test::test(&test::Options::e2e(rest)?),
        "soak" => soak::command(rest),
        "build" => {
            let flavour = match rest {
                [] => build::Flavour::Release,
                [flag] if flag == "--trap" => build::Flavour::Trap,
                _ => bail!("build takes --trap or nothing"),
            };
            build::command(flavour)
        }
        "size" if rest.is_empty() => size::command(),
        "size" => bail!("size takes no arguments"),
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        other => bail!("there is no command \"{other}\"; `cargo xtask help` lists them"),
    }
}
