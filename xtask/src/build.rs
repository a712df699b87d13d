//! Building the npm package.

use crate::steps::Steps;
use crate::toolchain::WasmToolchain;
use crate::{bundle, npm, paths, stamp::Stamp, wasm};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Which package.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavour {
    /// The one that is published.
    Release,
    /// The same with a way to trap, for tests. Not optimised any further.
    Trap,
}

impl Flavour {
    /// Where the package goes.
    pub(crate) fn dir(self) -> Result<PathBuf> {
        Ok(paths::root()?.join(match self {
            Self::Release => "pkg",
            Self::Trap => "target/pkg-trap",
        }))
    }

    /// Where the TypeScript sources lie, with the glue beside them.
    fn sources(self) -> Result<PathBuf> {
        Ok(match self {
            Self::Release => paths::root()?.join("js"),
            Self::Trap => paths::work()?.join("trap"),
        })
    }
}

/// How many steps `build` takes, and `prepare` before it.
pub(crate) const STEPS: usize = 3;
pub(crate) const PREPARE_STEPS: usize = 2;

/// Everything that must be installed before a build.
pub(crate) fn prepare(steps: &mut Steps) -> Result<WasmToolchain> {
    let toolchain = steps.step("find a compiler for WebAssembly", || {
        let toolchain = WasmToolchain::find()?;
        println!("      {}", toolchain.about);
        Ok(toolchain)
    })?;
    steps.step("look for Node and the npm packages", npm::install)?;
    Ok(toolchain)
}

pub(crate) fn build(steps: &mut Steps, toolchain: &WasmToolchain, flavour: Flavour) -> Result<()> {
    let sources = flavour.sources()?;
    steps.step("compile Rust to WebAssembly", || wasm::compile(toolchain, flavour))?;
    steps.step("bind it to JavaScript and optimise it", || {
        wasm::bind(toolchain, flavour, &sources.join("generated"))
    })?;
    steps.step("check, bundle and pack the JavaScript", || pack(flavour, &sources))
}

pub(crate) fn command(flavour: Flavour) -> Result<ExitCode> {
    let mut steps = Steps::new(PREPARE_STEPS + STEPS);
    let toolchain = prepare(&mut steps)?;
    build(&mut steps, &toolchain, flavour)?;
    println!("{} is ready", flavour.dir()?.display());
    Ok(ExitCode::SUCCESS)
}

/// Puts the package together elsewhere and moves it into place whole: a failed build leaves the last good one.
fn pack(flavour: Flavour, sources: &Path) -> Result<()> {
    let root = paths::root()?;
    let dir = flavour.dir()?;
    let name = dir.file_name().context("a package has a name")?;
    let work = paths::work()?.join(name);
    fs::create_dir_all(&work)?;
    let mut stamp = Stamp::new(work.join("stamp"))?;
    for folder in [&root.join("js"), &sources.join("generated")] {
        for path in files(folder)? {
            stamp.file(&path)?;
        }
    }
    for paper in [
        "README.md",
        "CHANGELOG.md",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "package-lock.json",
    ] {
        stamp.file(&root.join(paper))?;
    }
    if stamp.fresh() && dir.join("package.json").is_file() {
        println!("      unchanged since the last time");
        return Ok(());
    }
    stamp.begin()?;
    let staging = work.join("new");
    empty(&staging)?;
    if flavour == Flavour::Trap {
        copy_sources(&root.join("js"), sources)?;
    }
    bundle::declare(sources, &staging)?;
    bundle::bundle(flavour, sources, &staging)?;
    bundle::papers(&staging)?;
    let module = "scopewise_bg.wasm";
    fs::copy(sources.join("generated").join(module), staging.join(module))?;
    replace(&dir, &staging, &work.join("old"))?;
    stamp.done()
}

/// The facade's sources, beside the glue that they import.
fn copy_sources(from: &Path, to: &Path) -> Result<()> {
    for old in files(to)? {
        fs::remove_file(old)?;
    }
    for path in files(from)? {
        fs::copy(&path, to.join(path.file_name().context("a source has a name")?))?;
    }
    Ok(())
}

/// The files directly in a folder, in a fixed order.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    let mut paths: Vec<_> = paths.into_iter().filter(|path| path.is_file()).collect();
    paths.sort();
    Ok(paths)
}

fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(fs::create_dir_all(folder)?)
}

fn replace(dir: &Path, new: &Path, old: &Path) -> Result<()> {
    if old.exists() {
        fs::remove_dir_all(old)?;
    }
    if dir.exists() {
        fs::rename(dir, old)?;
    }
    fs::rename(new, dir).with_context(|| format!("cannot put {} in place", dir.display()))
}
