//! What a fresh machine lacks: Debian's packages and Node's. What we may not install, we name.

use crate::run::{command, npm, probe, quiet, root, run};
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::path::Path;

const OLDEST_NODE: u32 = 20;

/// Installs Debian's packages, where we are its root. `instead` says what else would do.
pub(crate) fn apt_install(packages: &[&str], instead: &str) -> Result<()> {
    let list = packages.join(" ");
    let is_root = || probe(command("id").arg("-u")).is_some_and(|id| id == "0");
    if !Path::new("/etc/debian_version").exists() || !is_root() {
        bail!("{instead}. On Debian: apt-get install {list}");
    }
    println!("    installing Debian's {list}");
    let apt_get = |args: &[&str]| quiet(command("apt-get").args(args).env("DEBIAN_FRONTEND", "noninteractive"));
    apt_get(&["update"])?;
    apt_get(&[&["install", "-y", "--no-install-recommends"], packages].concat()).map(drop)
}

/// Checks Node, and installs the locked packages where they are missing or out of date.
pub(crate) fn node_packages() -> Result<()> {
    let version = probe(command("node").arg("--version"));
    let version = version.with_context(|| format!("Node is missing: install Node {OLDEST_NODE} or newer"))?;
    let major = version.trim_start_matches('v').split('.').next();
    ensure!(
        major.and_then(|major| major.parse().ok()) >= Some(OLDEST_NODE),
        "Node {version} is too old: install Node {OLDEST_NODE} or newer"
    );
    let changed = |path: &str| fs::metadata(root().join(path)).and_then(|file| file.modified());
    let wanted = changed("package-lock.json").context("package-lock.json is missing")?;
    if changed("node_modules/.package-lock.json").is_ok_and(|installed| installed >= wanted) {
        return Ok(());
    }
    println!("    installing the npm packages");
    let mut install = npm(&["ci", "--no-audit", "--no-fund"]);
    // Tests use the system's Chromium.
    run(install.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")).context("npm could not install the packages")
}
