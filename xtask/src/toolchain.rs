//! Finding, or installing, a compiler for wasm32-unknown-unknown.

use crate::build::Package;
use crate::run::{command, on_path, probe, quiet, root};
use crate::setup::apt_install;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const TARGET: &str = "wasm32-unknown-unknown";
const LINKER: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER";

/// What makes the shipped package small, besides Cargo.toml's release profile; each was weighed. A panic is a trap at
/// once, without the code that words its message, and nothing shipped prints `{:?}`. More inlining before LLVM's, and a little more of LLVM's, saves 4 %.
const SMALL: &str = "-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none -Zinline-mir=yes \
                     -Zinline-mir-threshold=200 -Cllvm-args=-inline-threshold=15 -Ctarget-feature=-reference-types";
/// 64 KiB of stack, not the linker's 1 MiB of each instance.
const STACK: &str = "-Clink-arg=-zstack-size=65536";

/// What Debian's has to compile besides for programs that unwind, and for tests.
const WHOLE_STD: &str = "std,panic_abort,panic_unwind,test";

/// What the outer `cargo run`, rustup or the user's shell may have set, that would steer the wrong compiler or target.
const FOREIGN: &str = "RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_TARGET RUSTC RUSTDOC RUSTUP_TOOLCHAIN \
                       LD_LIBRARY_PATH RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER";

/// A cargo that compiles for WebAssembly, and how to call it.
pub(crate) struct Toolchain {
    cargo: PathBuf,
    pub(crate) rustc: PathBuf,
    /// Debian's needs to be told its linker, and has no compiled standard library for the target.
    debian_linker: Option<PathBuf>,
    /// The standard library's source is there, and the compiler can make it small.
    std_source: bool,
}

impl Toolchain {
    /// Chooses a toolchain with the target, then rustup's after adding it, then Debian's packages.
    pub(crate) fn find() -> Result<Self> {
        let is_chosen = env::var("SCOPEWISE_TOOLCHAIN").is_ok_and(|choice| choice == "debian");
        let rustups = if is_chosen { None } else { Self::rustup()? };
        let toolchain = rustups.map_or_else(Self::debian, Ok)?;
        let version = probe(command(&toolchain.rustc).arg("--version")).unwrap_or_default();
        println!("    {version} at {}", toolchain.rustc.display());
        if !toolchain.std_source {
            println!("    without rust-src the package is built plainly: it works, and is larger");
        }
        Ok(toolchain)
    }

    /// The toolchain that runs us, or None where it cannot get the target.
    fn rustup() -> Result<Option<Self>> {
        let cargo = PathBuf::from(env::var_os("CARGO").context("run it as `cargo xtask`")?);
        let rustc = cargo.with_file_name(format!("rustc{}", env::consts::EXE_SUFFIX));
        let sysroot = sysroot(&rustc).context("rustc does not say where its libraries are")?;
        if !sysroot.join("lib/rustlib").join(TARGET).join("lib").is_dir() && !rustup_adds(&["target", "add", TARGET]) {
            return Ok(None);
        }
        if !has_source(&sysroot) {
            rustup_adds(&["component", "add", "rust-src"]);
        }
        let (std_source, debian_linker) = (has_source(&sysroot) && knows_flags(&rustc), None);
        Ok(Some(Self {
            cargo,
            rustc,
            debian_linker,
            std_source,
        }))
    }

    fn debian() -> Result<Self> {
        let (cargo, rustc) = (PathBuf::from("/usr/bin/cargo"), PathBuf::from("/usr/bin/rustc"));
        let complete = || {
            let std_source = sysroot(&rustc).is_some_and(|sysroot| has_source(&sysroot));
            wasm_ld().filter(|_| cargo.is_file() && std_source && knows_flags(&rustc))
        };
        if complete().is_none() {
            let instead = format!(
                "no compiler for {TARGET}: install Rust with rustup and run `rustup target add {TARGET}` and `rustup \
                 component add rust-src`"
            );
            apt_install(&["rustc-web", "cargo-web", "rust-web-src", "lld-22"], &instead)?;
        }
        let linker = complete().context("Debian's packages are installed, but do not hold what they should")?;
        Ok(Self {
            cargo,
            rustc,
            debian_linker: Some(linker),
            std_source: true,
        })
    }

    /// `cargo build` of a package's library: as small as it gets, but for the plain one.
    pub(crate) fn build(&self, package: Package) -> Command {
        let mut build = self.cargo(&self.cargo, &["build", "--release", "--lib", "--package", "scopewise"]);
        build.args(["--features", package.features()]);
        if self.std_source && package != Package::Plain {
            build.args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"]);
            build.env("RUSTFLAGS", format!("{SMALL} {STACK}"));
            build.env("RUSTC_BOOTSTRAP", "1");
        } else {
            self.with_std(&mut build, "std,panic_abort");
            build.env("RUSTFLAGS", STACK);
        }
        build
    }

    /// `cargo build` of the page in Rust, the way that any program is built.
    pub(crate) fn rust_page(&self) -> Command {
        let mut build = self.cargo(&self.cargo, &["build", "--package", "scopewise-yew"]);
        self.with_std(&mut build, WHOLE_STD);
        build.env("CARGO_PROFILE_DEV_DEBUG", "0");
        build
    }

    /// `cargo clippy`, which may need to be installed.
    pub(crate) fn clippy(&self) -> Result<Command> {
        let name = format!("cargo-clippy{}", env::consts::EXE_SUFFIX);
        let clippy = self.cargo.with_file_name(name);
        if !clippy.is_file() && self.debian_linker.is_some() {
            apt_install(&["rust-web-clippy"], "clippy is missing")?;
        } else if !clippy.is_file() && !rustup_adds(&["component", "add", "clippy"]) {
            bail!("clippy is missing: run `rustup component add clippy`");
        }
        let mut clippy = self.cargo(&clippy, &["clippy"]);
        self.with_std(&mut clippy, WHOLE_STD);
        clippy.env("CARGO", &self.cargo);
        Ok(clippy)
    }

    /// `cargo test`.
    pub(crate) fn test(&self) -> Command {
        let mut test = self.cargo(&self.cargo, &["test"]);
        self.with_std(&mut test, WHOLE_STD);
        test
    }

    /// Compiles the standard library too, where none comes compiled.
    fn with_std(&self, command: &mut Command, crates: &str) {
        if self.debian_linker.is_some() {
            command.arg(format!("-Zbuild-std={crates}")).env("RUSTC_BOOTSTRAP", "1");
        }
    }

    /// In a target directory of its own, so that native builds and these neither wait for nor undo each other.
    fn cargo(&self, program: &Path, args: &[&str]) -> Command {
        let mut cargo = command(program);
        for name in FOREIGN.split_whitespace() {
            cargo.env_remove(name);
        }
        if let Some(linker) = &self.debian_linker {
            cargo.env(LINKER, linker);
        }
        let target_dir = root().join("target/wasm");
        cargo.env("RUSTC", &self.rustc).env("CARGO_TARGET_DIR", target_dir);
        cargo.args(args).args(["--target", TARGET]);
        cargo
    }
}

/// Where `build` puts the library.
pub(crate) fn library() -> PathBuf {
    root().join("target/wasm").join(TARGET).join("release/scopewise.wasm")
}

/// Where `rust_page` puts the page.
pub(crate) fn rust_page() -> PathBuf {
    root().join("target/wasm").join(TARGET).join("debug/scopewise-yew.wasm")
}

/// Whether rustup is there and does it, which behind a firewall it cannot.
fn rustup_adds(what: &[&str]) -> bool {
    if on_path("rustup").is_none() {
        return false;
    }
    println!("    rustup {}", what.join(" "));
    let mut rustup = command("rustup");
    // Its own patience is for hours.
    rustup.env("RUSTUP_DOWNLOAD_TIMEOUT", "30");
    rustup.env("RUSTUP_MAX_RETRIES", "1");
    quiet(rustup.args(what)).is_ok()
}

fn sysroot(rustc: &Path) -> Option<PathBuf> {
    probe(command(rustc).args(["--print", "sysroot"])).map(PathBuf::from)
}

fn has_source(sysroot: &Path) -> bool {
    sysroot.join("lib/rustlib/src/rust/library/std").is_dir()
}

/// Whether this compiler knows `SMALL`, which is not stable yet.
fn knows_flags(rustc: &Path) -> bool {
    let mut print = command(rustc);
    print.env("RUSTC_BOOTSTRAP", "1").args(SMALL.split_whitespace());
    probe(print.args(["--print", "cfg", "--target", TARGET])).is_some()
}

/// The newest of Debian's versioned WebAssembly linkers.
fn wasm_ld() -> Option<PathBuf> {
    let files = fs::read_dir("/usr/bin").ok()?.filter_map(Result::ok);
    let versioned = files.filter_map(|file| {
        let name = file.file_name();
        let version = name.to_str()?.strip_prefix("wasm-ld-")?;
        Some((version.parse::<u32>().ok()?, file.path()))
    });
    versioned.max().map(|(_, path)| path)
}
