//! Finding, or installing, a compiler for wasm32-unknown-unknown.

use crate::run::Task;
use crate::{debian, paths};
use anyhow::{Context, Result};
use serde_json::{Map, Value};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs};

const TARGET: &str = "wasm32-unknown-unknown";
/// The same with functions that return two words as two, not through memory. No build of the standard library fits it.
const MULTIVALUE: &str = "wasm32-multivalue";

/// What makes the shipped package small, besides Cargo.toml's release profile; each was weighed. A panic is a trap at
/// once, without the code that words its message. More inlining before LLVM's, and a little more of LLVM's, saves 4 %.
/// Objects of JavaScript are held in a list in the glue, not in a table of the module. The stack is 64 KiB, not the
/// linker's 1 MiB of each instance.
const SMALL: &str = "-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zinline-mir=yes \
                     -Zinline-mir-threshold=200 -Cllvm-args=-inline-threshold=15 -Ctarget-feature=-reference-types \
                     -Clink-arg=-zstack-size=65536";
/// The same without the options that need a standard library of our own.
const PLAIN: &str = "-Clink-arg=-zstack-size=65536";

/// What the outer `cargo run` and the user's shell may have set, that would steer the wrong compiler or target.
const FOREIGN: &[&str] = &[
    "RUSTFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_TARGET_DIR",
    "RUSTC",
];
/// And what rustup sets for its own compiler.
const RUSTUPS: &[&str] = &[
    "RUSTUP_TOOLCHAIN",
    "RUSTDOC",
    "LD_LIBRARY_PATH",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
];

/// A cargo that compiles for WebAssembly, and how to call it.
pub(crate) struct WasmToolchain {
    /// In words, for whoever watches.
    pub(crate) about: String,
    cargo: PathBuf,
    envs: Vec<(&'static str, OsString)>,
    without: Vec<&'static str>,
    /// The standard library comes compiled.
    ready_std: bool,
    /// The standard library's source is there, to be compiled for size.
    std_source: bool,
}

impl WasmToolchain {
    /// Chooses a toolchain with the target, then rustup's after adding it, then Debian's packages.
    pub(crate) fn find() -> Result<Self> {
        if env::var_os("SCOPEWISE_TOOLCHAIN").is_some_and(|choice| choice == "debian") {
            return Self::debian();
        }
        let cargo = PathBuf::from(env::var_os("CARGO").context("run it as `cargo xtask`")?);
        let compiler = cargo.with_file_name(format!("rustc{}", env::consts::EXE_SUFFIX));
        let rustc = if compiler.is_file() {
            compiler
        } else {
            PathBuf::from("rustc")
        };
        let sysroot = sysroot(&rustc).context("rustc does not say where its libraries are")?;
        if !has_target(&sysroot) {
            if paths::on_path("rustup").is_none() {
                return Self::debian();
            }
            println!("      adding the target {TARGET} to rustup's toolchain");
            if let Err(error) = rustup(&["target", "add", TARGET]) {
                println!("      that did not work ({error:#}); trying Debian's packages");
                return Self::debian();
            }
        }
        if !has_source(&sysroot) && paths::on_path("rustup").is_some() {
            println!("      adding the standard library's source, for a smaller package");
            if let Err(error) = rustup(&["component", "add", "rust-src"]) {
                println!("      that did not work ({error:#})");
            }
        }
        let std_source = has_source(&sysroot) && aborts_at_once(&rustc);
        if !std_source {
            println!(
                "      without it, or with an older compiler, the package is built plainly: it works, and is larger"
            );
        }
        let about = format!("{} at {}", version(&rustc), sysroot.display());
        let envs = vec![("RUSTC", rustc.into_os_string())];
        Ok(Self {
            about,
            cargo,
            envs,
            without: FOREIGN.to_vec(),
            ready_std: true,
            std_source,
        })
    }

    fn debian() -> Result<Self> {
        let complete = || debian_linker().filter(|_| debian_compiler());
        let linker = match complete() {
            Some(linker) => linker,
            None => {
                let instead = format!(
                    "no compiler for {TARGET}: install Rust with rustup and run `rustup target add {TARGET}` \
                     and `rustup component add rust-src`"
                );
                debian::install(&["rustc-web", "cargo-web", "rust-web-src", "lld-22"], &instead)?;
                complete().context("Debian's packages are installed, but do not hold what they should")?
            }
        };
        let envs = vec![
            ("RUSTC", "/usr/bin/rustc".into()),
            (
                "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER",
                linker.clone().into_os_string(),
            ),
            ("CARGO_TARGET_WASM32_MULTIVALUE_LINKER", linker.into_os_string()),
        ];
        Ok(Self {
            about: format!("{}, Debian's", version(Path::new("/usr/bin/rustc"))),
            cargo: PathBuf::from("/usr/bin/cargo"),
            envs,
            without: [FOREIGN, RUSTUPS].concat(),
            ready_std: false,
            std_source: true,
        })
    }

    /// `cargo build` of the library as it is shipped.
    pub(crate) fn package(&self) -> Result<Task> {
        const BUILD: &[&str] = &["build", "--release", "--lib", "--package", "scopewise"];
        if !self.std_source {
            return Ok(self.cargo(&self.cargo, BUILD, TARGET.as_ref())?.env("RUSTFLAGS", PLAIN));
        }
        let task = self.cargo(&self.cargo, BUILD, self.multivalue()?.as_os_str())?;
        let task = task.args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"]);
        let task = if self.wants_flag_for_json()? {
            task.arg("-Zjson-target-spec")
        } else {
            task
        };
        Ok(task.env("RUSTFLAGS", SMALL).env("RUSTC_BOOTSTRAP", "1"))
    }

    /// Where `package` puts the library.
    pub(crate) fn library(&self) -> Result<PathBuf> {
        let target = if self.std_source { MULTIVALUE } else { TARGET };
        Ok(target_dir()?.join(target).join("release/scopewise.wasm"))
    }

    /// Writes the description of the target with multiple return values: the compiler's own with two members more.
    fn multivalue(&self) -> Result<PathBuf> {
        let rustc = self.envs.iter().find(|(name, _)| *name == "RUSTC");
        let task = Task::new(rustc.map_or("rustc".as_ref(), |(_, path)| Path::new(path)))?.env("RUSTC_BOOTSTRAP", "1");
        let text = task
            .args(["-Zunstable-options", "--print", "target-spec-json", "--target", TARGET])
            .quiet()?;
        let mut spec: Map<String, Value> = serde_json::from_str(&text).context("rustc does not describe its target")?;
        spec.remove("metadata");
        spec.insert("llvm-abiname".into(), "experimental-mv".into());
        spec.insert("features".into(), "+multivalue".into());
        let path = target_dir()?.join(MULTIVALUE).with_extension("json");
        let text = serde_json::to_string_pretty(&spec)?;
        if fs::read_to_string(&path).is_ok_and(|held| held == text) {
            return Ok(path);
        }
        fs::create_dir_all(target_dir()?)?;
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }

    /// Newer versions of cargo take a target's description only where they are told to.
    fn wants_flag_for_json(&self) -> Result<bool> {
        let task = Task::new(&self.cargo)?.env("RUSTC_BOOTSTRAP", "1").args(["-Z", "help"]);
        Ok(task.probe().is_some_and(|help| help.contains("json-target-spec")))
    }

    /// `cargo clippy`, which may need to be installed.
    pub(crate) fn clippy(&self) -> Result<Task> {
        let clippy = self
            .cargo
            .with_file_name(format!("cargo-clippy{}", env::consts::EXE_SUFFIX));
        if !clippy.is_file() {
            let instead = "clippy is missing: run `rustup component add clippy`";
            if self.ready_std {
                rustup(&["component", "add", "clippy"]).context(instead)?;
            } else {
                debian::install(&["rust-web-clippy"], instead)?;
            }
        }
        Ok(self
            .with_std(self.cargo(&clippy, &["clippy"], TARGET.as_ref())?)
            .env("CARGO", &self.cargo))
    }

    /// `cargo test`.
    pub(crate) fn test(&self) -> Result<Task> {
        Ok(self.with_std(self.cargo(&self.cargo, &["test"], TARGET.as_ref())?))
    }

    /// Compiles the standard library too, where none comes compiled.
    fn with_std(&self, task: Task) -> Task {
        if self.ready_std {
            return task;
        }
        task.arg("-Zbuild-std=std,panic_abort,panic_unwind,test")
            .env("RUSTC_BOOTSTRAP", "1")
    }

    /// In a target directory of its own, so that native builds and these neither wait for nor undo each other.
    fn cargo(&self, program: &Path, args: &[&str], target: &OsStr) -> Result<Task> {
        let mut task = Task::new(program)?;
        for name in &self.without {
            task = task.without_env(name);
        }
        for (name, value) in &self.envs {
            task = task.env(name, value);
        }
        let task = task.args(args).arg("--target").arg(target);
        Ok(task.arg("--target-dir").arg(target_dir()?))
    }
}

/// Where cargo puts what it compiles for WebAssembly.
pub(crate) fn target_dir() -> Result<PathBuf> {
    Ok(paths::root()?.join("target/wasm"))
}

/// Limited in time: behind a closed firewall rustup would try for very long.
fn rustup(args: &[&str]) -> Result<String> {
    Task::new("rustup")?.args(args).limit(Duration::from_secs(180)).quiet()
}

fn sysroot(rustc: &Path) -> Option<PathBuf> {
    let text = Task::new(rustc).ok()?.args(["--print", "sysroot"]).probe()?;
    Some(PathBuf::from(text.trim()))
}

fn version(rustc: &Path) -> String {
    let text = Task::new(rustc).ok().and_then(|task| task.arg("--version").probe());
    text.unwrap_or_default().trim().to_owned()
}

fn has_target(sysroot: &Path) -> bool {
    sysroot.join("lib/rustlib").join(TARGET).join("lib").is_dir()
}

fn has_source(sysroot: &Path) -> bool {
    sysroot.join("lib/rustlib/src/rust/library/std").is_dir()
}

/// Whether this compiler knows `-Cpanic=immediate-abort`.
fn aborts_at_once(rustc: &Path) -> bool {
    let task = Task::new(rustc).map(|task| task.env("RUSTC_BOOTSTRAP", "1").args(SMALL.split_whitespace()));
    task.is_ok_and(|task| task.args(["--print", "cfg", "--target", TARGET]).probe().is_some())
}

fn debian_compiler() -> bool {
    let rustc = Path::new("/usr/bin/rustc");
    Path::new("/usr/bin/cargo").is_file()
        && sysroot(rustc).is_some_and(|sysroot| has_source(&sysroot))
        && aborts_at_once(rustc)
}

/// The newest of Debian's versioned WebAssembly linkers.
fn debian_linker() -> Option<PathBuf> {
    let files = fs::read_dir("/usr/bin").ok()?.filter_map(Result::ok);
    let versioned = files.filter_map(|file| {
        let version = file
            .file_name()
            .to_str()?
            .strip_prefix("wasm-ld-")?
            .parse::<u32>()
            .ok()?;
        Some((version, file.path()))
    });
    versioned.max().map(|(_, path)| path)
}
