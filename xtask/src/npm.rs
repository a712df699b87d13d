//! Node and the npm packages.

use crate::paths;
use crate::run::Task;
use anyhow::{Context, Result, ensure};
use std::fs;

const OLDEST_NODE: u32 = 20;

/// Checks Node, and installs the locked packages where they are missing or out of date.
pub(crate) fn install() -> Result<()> {
    let version = Task::new("node")?
        .arg("--version")
        .probe()
        .context("Node is missing: install Node 20 or newer")?;
    let major = version
        .trim()
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok());
    ensure!(
        major.is_some_and(|major| major >= OLDEST_NODE),
        "Node {} is too old: install Node {OLDEST_NODE} or newer",
        version.trim()
    );
    let root = paths::root()?;
    let wanted = fs::metadata(root.join("package-lock.json")).and_then(|lock| lock.modified());
    let wanted = wanted.context("package-lock.json is missing")?;
    let installed = fs::metadata(root.join("node_modules/.package-lock.json")).and_then(|lock| lock.modified());
    if installed.is_ok_and(|installed| installed >= wanted) {
        return Ok(());
    }
    println!("      installing the npm packages");
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    Task::new(npm)?
        .args(["ci", "--no-audit", "--no-fund"])
        // Tests use the system's Chromium.
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
        .run()
        .context("npm could not install the packages")
}
