//! What a fresh machine lacks: Debian's packages, Node's packages, a browser. What we may not install, we name.

use crate::run::{command, npm, on_path, probe, quiet, root, run};
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::{env, fs};

const OLDEST_NODE: u32 = 20;

const BROWSERS: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
];

const BROWSERS_ELSEWHERE: &[&str] = &[
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

fn is_root() -> bool {
    probe(&mut command("id").arg("-u")).is_some_and(|id| id == "0")
}

/// Installs Debian's packages, where we are its root. `instead` says what else would do.
pub(crate) fn apt_install(packages: &[&str], instead: &str) -> Result<()> {
    let list = packages.join(" ");
    if !Path::new("/etc/debian_version").exists() || !is_root() {
        bail!("{instead}. On Debian: apt-get install {list}");
    }
    println!("    installing Debian's {list}");
    let apt_get = |args: &[&str]| quiet(command("apt-get").args(args).env("DEBIAN_FRONTEND", "noninteractive"));
    apt_get(&["update"])?;
    apt_get(&[&["install", "-y", "--no-install-recommends"], packages].concat())?;
    Ok(())
}

/// Checks Node, and installs the locked packages where they are missing or out of date.
pub(crate) fn node_packages() -> Result<()> {
    let version = probe(command("node").arg("--version"));
    let version = version.with_context(|| format!("Node is missing: install Node {OLDEST_NODE} or newer"))?;
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok());
    ensure!(
        major.is_some_and(|major| major >= OLDEST_NODE),
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

/// The path in an environment variable, which must exist when it is set.
fn from_env(name: &str) -> Result<Option<PathBuf>> {
    let path = env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(path) = &path {
        ensure!(path.is_file(), "{name} names {}, which is not there", path.display());
    }
    Ok(path)
}

/// A Chromium or Chrome.
pub(crate) fn chromium() -> Result<PathBuf> {
    let elsewhere = || BROWSERS_ELSEWHERE.iter().map(PathBuf::from).find(|path| path.is_file());
    let installed = || BROWSERS.iter().find_map(|name| on_path(name)).or_else(elsewhere);
    if let Some(path) = from_env("SCOPEWISE_CHROMIUM")?.or_else(installed) {
        return Ok(path);
    }
    let instead = "Chromium is missing: install Chromium or Chrome, or name one in SCOPEWISE_CHROMIUM";
    apt_install(&["chromium"], instead)?;
    installed().context(instead)
}

/// The WebDriver that goes with it.
pub(crate) fn chromedriver() -> Result<PathBuf> {
    if let Some(path) = from_env("CHROMEDRIVER")?.or_else(|| on_path("chromedriver")) {
        return Ok(path);
    }
    let instead = "chromedriver is missing: install the one of your Chromium's version, or name it in CHROMEDRIVER";
    apt_install(&["chromium-driver"], instead)?;
    on_path("chromedriver").context(instead)
}

/// webdriver.json, completed for this machine.
pub(crate) fn webdriver_json() -> Result<PathBuf> {
    let text = fs::read_to_string(root().join("webdriver.json")).context("cannot read webdriver.json")?;
    let mut capabilities: Value = serde_json::from_str(&text).context("webdriver.json is not JSON")?;
    let options = capabilities
        .pointer_mut("/goog:chromeOptions")
        .and_then(Value::as_object_mut);
    let options = options.context("webdriver.json has no goog:chromeOptions")?;
    options.insert("binary".into(), json!(chromium()?));
    if is_root() {
        // Chromium refuses to run as root with its sandbox.
        let args = options.get_mut("args").and_then(Value::as_array_mut);
        args.context("webdriver.json has no args")?.push(json!("--no-sandbox"));
    }
    let path = root().join("target/webdriver.json");
    fs::write(&path, capabilities.to_string()).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}
