//! `cargo xtask`: builds, tests and shows scopewise.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it talks to whoever runs it")]

mod build;
mod counts;
mod run;
mod setup;
mod test;
mod toolchain;

use anyhow::{Result, anyhow, bail};
use build::Package;
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask <command>

  demo [--port N] [--no-open]  build the package and its documentation, and show them, with a local authorization
                               server and API
  test [--all-browsers | --only PART [-- ...]]
                               check everything, also in Firefox and WebKitGTK; or a part: fmt, clippy, native, fuzz,
                               browser, types, e2e, size, engines. What follows -- goes to that part's runner
  cases                        run the tests that are named after cases, and show what became of each case
  build [--trap | --plain]     build the npm package into pkg/ (--trap: one for tests, into target/pkg-trap/;
                               --plain: without what needs the standard library's source, into target/pkg-plain/)
  size | pack                  build, and check and weigh what is shipped | try it in whatever applications are built with
  fuzz [TARGET] [-- ...]       try inputs, at length, that a fuzzer makes up
  soak [-- ...]                build, and run at length what the end-to-end tests do briefly
  bench [-- ...]               build, and measure
  help                         this list

Environment:
  SCOPEWISE_TOOLCHAIN=debian   compile to WebAssembly with Debian's packages, not with rustup's toolchain
  SCOPEWISE_CHROMIUM, SCOPEWISE_HEADLESS_SHELL, CHROMEDRIVER, SCOPEWISE_FIREFOX, GECKODRIVER, SCOPEWISE_WEBKIT_DRIVER
                               paths of browsers and their WebDrivers";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match args.as_slice() {
        ["demo", rest @ ..] => demo(rest),
        ["test", "--only", part, "--", extra @ ..] => test::test(&[part], extra),
        ["test", "--only", part] => test::test(&[part], &[]),
        ["test"] => test::test(&[], &[]),
        ["test", "--all-browsers"] => test::test(test::PARTS, &[]),
        ["cases"] => test::test(test::WITH_CASES, &[]),
        ["build"] => build(Package::Release),
        ["build", "--trap"] => build(Package::Trap),
        ["build", "--plain"] => build(Package::Plain),
        ["fuzz", extra @ ..] => run::run(run::npm_script("scopewise-tests", "fuzz").args(extra)).map(|()| true),
        [script @ ("size" | "pack" | "soak" | "bench"), extra @ ..] => after_build(script, extra),
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(true)
        }
        _ => Err(anyhow!("there is no such command; `cargo xtask help` lists them")),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn build(package: Package) -> Result<bool> {
    build::build(&build::prepare()?, package)?;
    println!("{} is in {}", package.name(), package.dir().display());
    Ok(true)
}

/// Builds and serves until told to stop.
fn demo(args: &[&str]) -> Result<bool> {
    let mut server = run::command("node");
    server.arg("www/server.mjs");
    match args {
        [] => server.arg("--open"),
        ["--no-open"] => &mut server,
        // A port that was asked for is the one, or none.
        ["--port", port] => server.args(["--open", "--strict", "--port", port]),
        ["--port", port, "--no-open"] | ["--no-open", "--port", port] => server.args(["--strict", "--port", port]),
        _ => bail!("demo takes --port N and --no-open"),
    };
    build(Package::Release)?;
    run::step("build the documentation", || {
        run::run(&mut run::npm_script("scopewise-demo", "docs"))
    })?;
    become_program(&mut server)?;
    Ok(true)
}

/// Ctrl-C and signals go to the program itself, where that can be.
fn become_program(command: &mut std::process::Command) -> Result<()> {
    #[cfg(unix)]
    return Err(std::os::unix::process::CommandExt::exec(command).into());
    #[cfg(not(unix))]
    run::run(command)
}

/// Builds, and runs a script of the tests.
fn after_build(script: &str, extra: &[&str]) -> Result<bool> {
    let extra = extra.strip_prefix(&["--"]).unwrap_or(extra);
    build(Package::Release)?;
    if script == "soak" {
        let counts = test::playwright(script, extra)?;
        println!("{counts}");
        return Ok(counts.failed == 0);
    }
    let mut script = run::npm_script("scopewise-tests", script);
    run::run(script.args(extra))?;
    Ok(true)
}
