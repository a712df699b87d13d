//! From the crate to optimised WebAssembly and its JavaScript glue.

use crate::build::Flavour;
use crate::run::Task;
use crate::stamp::Stamp;
use crate::toolchain::WasmToolchain;
use crate::{names, paths, size};
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;
use wasm_bindgen_cli_support::{Bindgen, EncodeInto};

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

/// Chosen by weighing the result after brotli, which likes a repeated call better than inlined code that differs a
/// little each time: 4 % less than plain -Oz. Nothing of Rust's lies below address 1024, where only an overflowing stack ends.
const PASSES: &[&str] = &[
    "-Oz",
    "--one-caller-inline-max-function-size=25",
    "--always-inline-max-function-size=6",
    "--skip-pass=local-cse",
    "--low-memory-unused",
    "--converge",
];

/// Compiles the library.
pub(crate) fn compile(toolchain: &WasmToolchain, flavour: Flavour) -> Result<()> {
    let task = toolchain.package()?;
    match flavour {
        Flavour::Release => task.run(),
        Flavour::Trap => task.args(["--features", "test-trap"]).run(),
    }
}

/// Makes `scopewise.js`, its declarations and the WebAssembly in `dir` out of what was compiled.
pub(crate) fn bind(toolchain: &WasmToolchain, flavour: Flavour, dir: &Path) -> Result<()> {
    let library = toolchain.library()?;
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
        // The facade loads the module itself: wasm-bindgen's own loaders are larger, and can only do it once.
        .bundler(true)?
        .browser(true)?
        .encode_into(EncodeInto::Always)
        .typescript(true)
        .remove_producers_section(true)
        .generate(dir)
        .context("wasm-bindgen could not read the library")?;
    let passes = if flavour == Flavour::Release { PASSES } else { &[] };
    optimise(dir, passes)?;
    stamp.done()
}

/// Makes the WebAssembly small, and renames what it shares with the glue.
fn optimise(dir: &Path, passes: &[&str]) -> Result<()> {
    let path = dir.join("scopewise_bg.wasm");
    let wasm_opt = |options: &[&str]| -> Result<String> {
        let task = Task::new(paths::npm_bin("wasm-opt")?)?.args(FEATURES).args(options);
        task.arg(&path).arg("-o").arg(&path).quiet()
    };
    let before = fs::read(&path)?;
    if !passes.is_empty() {
        wasm_opt(passes)?;
    }
    let report = wasm_opt(&["--minify-imports-and-exports-and-modules"])?;
    let (bound, glue, types) = (
        dir.join("scopewise_bg.js"),
        dir.join("scopewise.js"),
        dir.join("scopewise.d.ts"),
    );
    let (script, declarations) = names::shorten(&fs::read_to_string(&bound)?, &fs::read_to_string(&types)?, &report)?;
    // In place of a script that has a bundler load the module.
    fs::write(&glue, script)?;
    fs::write(&types, declarations)?;
    fs::remove_file(bound)?;
    // It declares the names that are no more; nobody reads it.
    fs::remove_file(dir.join("scopewise_bg.wasm.d.ts"))?;
    let after = fs::read(&path)?;
    println!(
        "      wasm-opt: {} to {} bytes of brotli",
        size::brotli(&before)?,
        size::brotli(&after)?
    );
    Ok(())
}
