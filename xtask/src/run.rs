//! Running other programs, all from the repository's root.

use anyhow::{Context, Result, bail, ensure};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;
use std::{env, fs};

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    // Cargo says where xtask is, however it was called.
    let xtask = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&xtask).parent().unwrap_or(Path::new(".")).to_path_buf()
}

/// The first executable of this name on PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let name = format!("{name}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?)
        .map(|dir| dir.join(&name))
        .find(|path| path.is_file())
}

/// A program to run. Nobody is asked anything.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// The cargo that runs us.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut command = command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args);
    command
}

/// A script of one of the npm packages here.
pub(crate) fn npm_script(package: &str, script: &str) -> Command {
    npm(&["run", "--silent", script, "--workspace", package, "--"])
}

pub(crate) fn npm(args: &[&str]) -> Command {
    let mut command = command(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.args(args);
    command
}

/// Runs it with its output on ours.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status();
    let status = status.with_context(|| format!("cannot start {}", name(command)))?;
    ensure!(status.success(), "{} failed ({status})", name(command));
    Ok(())
}

/// Runs it silently and gives its standard output; a failure shows all of it.
pub(crate) fn quiet(command: &mut Command) -> Result<String> {
    let output = command.output();
    let output = output.with_context(|| format!("cannot start {}", name(command)))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        eprint!("{text}{}", String::from_utf8_lossy(&output.stderr));
        bail!("{} failed ({})", name(command), output.status);
    }
    Ok(text)
}

/// Where each part of the tests leaves what it said, for the table of cases.
pub(crate) fn results() -> PathBuf {
    root().join("target/test-results")
}

/// Runs it with its output on ours, and gives its standard output, kept under a name too, and whether it succeeded.
pub(crate) fn tee(command: &mut Command, part: &str) -> Result<(bool, String)> {
    let child = command.stdout(Stdio::piped()).spawn();
    let mut child = child.with_context(|| format!("cannot start {}", name(command)))?;
    let mut all = String::new();
    let out = child.stdout.take().context("no output")?;
    for line in BufReader::new(out).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned() + "\n";
        print!("{line}");
        all.push_str(&line);
    }
    fs::create_dir_all(results())?;
    fs::write(results().join(part).with_extension("txt"), &all)?;
    Ok((child.wait()?.success(), all))
}

/// The standard output, or None where the program is missing or fails.
pub(crate) fn probe(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn name(command: &Command) -> String {
    let program = Path::new(command.get_program());
    program.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Announces a step, takes it, and says how long it took.
pub(crate) fn step<T>(what: &str, action: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("==> {what}");
    let start = Instant::now();
    let result = action();
    let end = if result.is_ok() { "done" } else { "failed" };
    println!("    {end} in {:.1} s", start.elapsed().as_secs_f64());
    result
}
