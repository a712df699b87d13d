//! Where things are. Everything is relative to the repository root.

use anyhow::{Context, Result};
use std::env;
use std::path::{Path, PathBuf};

/// The repository root: cargo says where xtask is, however it was called.
pub(crate) fn root() -> Result<PathBuf> {
    let xtask = env::var_os("CARGO_MANIFEST_DIR").context("run it as `cargo xtask`")?;
    let root = Path::new(&xtask)
        .parent()
        .context("xtask is not inside the repository")?;
    Ok(root.to_path_buf())
}

/// Working files of xtask itself.
pub(crate) fn work() -> Result<PathBuf> {
    Ok(root()?.join("target/xtask"))
}

/// The first executable of this name on PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let name = format!("{name}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?)
        .map(|dir| dir.join(&name))
        .find(|path| path.is_file())
}

/// The path in an environment variable, which must exist when it is set.
pub(crate) fn from_env(name: &str) -> Result<Option<PathBuf>> {
    let Some(value) = env::var_os(name).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let path = PathBuf::from(value);
    anyhow::ensure!(path.is_file(), "{name} names {}, which is not there", path.display());
    Ok(Some(path))
}

/// A command of an installed npm package.
pub(crate) fn npm_bin(name: &str) -> Result<PathBuf> {
    let suffix = if cfg!(windows) { ".cmd" } else { "" };
    let path = root()?.join("node_modules/.bin").join(format!("{name}{suffix}"));
    anyhow::ensure!(path.exists(), "{name} is not in node_modules; run `npm ci`");
    Ok(path)
}
