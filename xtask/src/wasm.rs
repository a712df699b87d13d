//! From the crate to optimised WebAssembly and its JavaScript glue.

use crate::build::Flavour;
use crate::run::Task;
use crate::stamp::Stamp;
use crate::toolchain::{self, WasmToolchain};
use crate::{paths, size};
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;
use wasm_bindgen_cli_support::Bindgen;

/// What today's browsers all have and rustc assumes.
const FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-multivalue",
    "--enable-reference-types",
];

/// Chosen by weighing the result after brotli.
const PASSES: &[&str] = &["-Oz", "--converge"];

/// Compiles the library.
pub(crate) fn compile(toolchain: &WasmToolchain, flavour: Flavour) -> Result<()> {
    let task = toolchain.package()?;
    match flavour {
        Flavour::Release => task.run(),
        Flavour::Trap => task.args(["--features", "test-trap"]).run(),
    }
}

/// Makes `scopewise.js`, its declarations and the WebAssembly in `dir` out of what was compiled.
pub(crate) fn bind(flavour: Flavour, dir: &Path) -> Result<()> {
    let library = toolchain::library()?;
    let mut stamp = Stamp::new(dir.join(".stamp"))?;
    stamp.file(&library)?;
    stamp.file(&paths::root()?.join("package-lock.json"))?;
    if stamp.fresh() {
        println!("      unchanged since the last time");
        return Ok(());
    }
    if dir.exists() {
        fs::remove_dir_all(dir).with_context(|| format!("cannot empty {}", dir.display()))?;
    }
    fs::create_dir_all(dir)?;
    Bindgen::new()
        .input_path(&library)
        .out_name("scopewise")
        .web(true)?
        .typescript(true)
        .omit_default_module_path(true)
        .reset_state_function(true)
        .remove_producers_section(true)
        .generate(dir)
        .context("wasm-bindgen could not read the library")?;
    if flavour == Flavour::Release {
        optimise(&dir.join("scopewise_bg.wasm"))?;
    }
    stamp.done()
}

fn optimise(path: &Path) -> Result<()> {
    let before = fs::read(path)?;
    let task = Task::new(paths::npm_bin("wasm-opt")?)?;
    task.args(FEATURES).args(PASSES).arg(path).arg("-o").arg(path).quiet()?;
    let after = fs::read(path)?;
    println!(
        "      wasm-opt: {} to {} bytes of brotli",
        size::brotli(&before)?,
        size::brotli(&after)?
    );
    Ok(())
}
