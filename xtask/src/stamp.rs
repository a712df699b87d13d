//! Knowing that nothing has changed since a step was last done.

use anyhow::{Context, Result};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// A fingerprint of what a step depends on, kept beside its results.
pub(crate) struct Stamp {
    path: PathBuf,
    hasher: DefaultHasher,
}

impl Stamp {
    /// Every step depends on xtask itself.
    pub(crate) fn new(path: PathBuf) -> Result<Self> {
        let xtask = fs::metadata(std::env::current_exe()?)?;
        let mut hasher = DefaultHasher::new();
        (xtask.modified()?, xtask.len()).hash(&mut hasher);
        Ok(Self { path, hasher })
    }

    pub(crate) fn file(&mut self, path: &Path) -> Result<()> {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        (path, bytes).hash(&mut self.hasher);
        Ok(())
    }

    /// True when the step was last done with the same inputs.
    pub(crate) fn fresh(&self) -> bool {
        fs::read_to_string(&self.path).is_ok_and(|stored| stored == self.text())
    }

    /// Before the step: a failure half way must not look done.
    pub(crate) fn begin(&self) -> Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// After the step.
    pub(crate) fn done(&self) -> Result<()> {
        fs::write(&self.path, self.text()).with_context(|| format!("cannot write {}", self.path.display()))
    }

    fn text(&self) -> String {
        format!("{:016x}", self.hasher.finish())
    }
}
