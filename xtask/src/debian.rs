//! Debian's packages, which we install ourselves where we may.

use crate::paths;
use crate::run::Task;
use anyhow::{Result, bail};
use std::path::Path;

/// True when `apt-get install` is ours to run.
fn may_install() -> bool {
    Path::new("/etc/debian_version").exists() && paths::on_path("apt-get").is_some() && is_root()
}

#[cfg(unix)]
pub(crate) fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|this| this.uid() == 0)
}

#[cfg(not(unix))]
pub(crate) fn is_root() -> bool {
    false
}

/// Installs packages. `instead` says what else would do, for those who have no Debian or are not its root.
pub(crate) fn install(packages: &[&str], instead: &str) -> Result<()> {
    let list = packages.join(" ");
    if !may_install() {
        bail!("{instead}. On Debian: apt-get install {list}");
    }
    println!("      installing Debian's {list}");
    let apt = |args: &[&str]| {
        Task::new("apt-get")?
            .args(args)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .quiet()
    };
    apt(&["update"])?;
    apt(&[&["install", "-y", "--no-install-recommends"], packages].concat())?;
    Ok(())
}
