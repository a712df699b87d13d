//! Building the npm package: cargo, wasm-bindgen, and `npm run build` of js/, which does the rest.

use crate::run::{npm_script, root, run, step};
use crate::setup::node_packages;
use crate::toolchain::{self, Toolchain, library};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::{Bindgen, EncodeInto};

/// Which package.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Package {
    /// The one that is published.
    Release,
    /// The same with a way to trap, for tests. Not optimised any further.
    Trap,
    /// As it comes out of a toolchain without the standard library's source: larger, and otherwise the same.
    Plain,
}

impl Package {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Release => "the package",
            Self::Trap => "the package that can be made to trap",
            Self::Plain => "the plain package",
        }
    }

    pub(crate) fn features(self) -> &'static str {
        let is_trap = self == Self::Trap;
        if is_trap { "npm,test-trap" } else { "npm" }
    }

    pub(crate) fn dir(self) -> PathBuf {
        root().join(match self {
            Self::Release => "pkg",
            Self::Trap => "target/pkg-trap",
            Self::Plain => "target/pkg-plain",
        })
    }
}

/// Installs what a build needs.
pub(crate) fn prepare() -> Result<Toolchain> {
    let toolchain = step("find a compiler for WebAssembly", Toolchain::find)?;
    step("look for Node and the npm packages", node_packages)?;
    Ok(toolchain)
}

pub(crate) fn build(toolchain: &Toolchain, package: Package) -> Result<()> {
    let what = package.name();
    let compile = || run(&mut toolchain.build(package));
    step(&format!("compile {what} to WebAssembly"), compile)?;
    step(&format!("bind and bundle {what}"), || {
        bind(&library())?;
        let mut script = npm_script("scopewise", "build");
        script.env("RUSTC", &toolchain.rustc);
        if package == Package::Trap {
            script.arg("--trap");
        }
        run(script.arg(package.dir()))
    })
}

/// Builds the page in Rust, for its story.
pub(crate) fn build_rust_page(toolchain: &Toolchain) -> Result<()> {
    step("compile and bind the page in Rust", || {
        run(&mut toolchain.rust_page())?;
        let mut bindgen = Bindgen::new();
        bindgen
            .input_path(toolchain::rust_page())
            .web(true)?
            .typescript(false)
            .generate(root().join("target/rust-page"))
            .context("wasm-bindgen could not read the page")
    })
}

/// Makes the glue, its declarations and the WebAssembly in js/generated.
fn bind(library: &Path) -> Result<()> {
    let dir = root().join("js/generated");
    if dir.exists() {
        fs::remove_dir_all(&dir).with_context(|| format!("cannot empty {}", dir.display()))?;
    }
    Bindgen::new()
        .input_path(library)
        .out_name("scopewise")
        // The facade loads the module itself: wasm-bindgen's own loaders are larger, and can only do it once.
        .bundler(true)?
        .browser(true)?
        .encode_into(EncodeInto::Always)
        .typescript(true)
        .remove_producers_section(true)
        .generate(&dir)
        .context("wasm-bindgen could not read the library")
}
