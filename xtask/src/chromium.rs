//! The browser that tests run in, and its WebDriver.

use crate::{debian, paths};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

const BROWSERS: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
];

const ELSEWHERE: &[&str] = &[
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

fn installed_browser() -> Option<PathBuf> {
    let elsewhere = || ELSEWHERE.iter().map(PathBuf::from).find(|path| path.is_file());
    BROWSERS.iter().find_map(|name| paths::on_path(name)).or_else(elsewhere)
}

/// A Chromium or Chrome, installed first where that is possible.
pub(crate) fn browser() -> Result<PathBuf> {
    if let Some(path) = paths::from_env("SCOPEWISE_CHROMIUM")?.or_else(installed_browser) {
        return Ok(path);
    }
    let instead = "Chromium is missing: install Chromium or Chrome, or name one in SCOPEWISE_CHROMIUM";
    debian::install(&["chromium"], instead)?;
    installed_browser().context(instead)
}

/// The WebDriver that goes with it.
pub(crate) fn driver() -> Result<PathBuf> {
    if let Some(path) = paths::from_env("CHROMEDRIVER")?.or_else(|| paths::on_path("chromedriver")) {
        return Ok(path);
    }
    let instead = "chromedriver is missing: install the one of your Chromium's version, or name it in CHROMEDRIVER";
    debian::install(&["chromium-driver"], instead)?;
    paths::on_path("chromedriver").context(instead)
}

/// webdriver.json, completed for this machine.
pub(crate) fn webdriver_json() -> Result<PathBuf> {
    let text = fs::read_to_string(paths::root()?.join("webdriver.json")).context("cannot read webdriver.json")?;
    let mut capabilities: Value = serde_json::from_str(&text).context("webdriver.json is not JSON")?;
    let options = capabilities
        .get_mut("goog:chromeOptions")
        .and_then(Value::as_object_mut);
    let options = options.context("webdriver.json has no goog:chromeOptions")?;
    options.insert("binary".into(), json!(browser()?));
    if debian::is_root() {
        // Chromium refuses to run as root with its sandbox.
        let args = options.get_mut("args").and_then(Value::as_array_mut);
        args.context("webdriver.json has no args")?.push(json!("--no-sandbox"));
    }
    let path = paths::work()?.join("webdriver.json");
    fs::create_dir_all(paths::work()?)?;
    fs::write(&path, capabilities.to_string())?;
    Ok(path)
}
