//! Checking everything, or one part of it.

use crate::build::{self, Flavour};
use crate::counts::{self, Counts};
use crate::run::{self, Task};
use crate::steps::Steps;
use crate::toolchain::WasmToolchain;
use crate::{chromium, layers, npm, paths, size};
use anyhow::{Context, Result, bail, ensure};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use std::{env, fs};

/// How often the browser is started for its tests, where it does not get to them.
const ATTEMPTS: usize = 4;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Fmt,
    Clippy,
    Layers,
    Native,
    Browser,
    Types,
    E2e,
    Size,
}

const PARTS: &[(&str, Part)] = &[
    ("fmt", Part::Fmt),
    ("clippy", Part::Clippy),
    ("layers", Part::Layers),
    ("native", Part::Native),
    ("browser", Part::Browser),
    ("types", Part::Types),
    ("e2e", Part::E2e),
    ("size", Part::Size),
];

/// What to check.
pub(crate) struct Options {
    only: Option<Part>,
    /// For the runner of that part.
    extra: Vec<String>,
}

impl Options {
    pub(crate) fn parse(args: &[String]) -> Result<Self> {
        let (ours, extra) = split(args);
        let only = match ours {
            [] => None,
            [flag, name] if flag == "--only" => {
                let part = PARTS.iter().find(|(known, _)| known == name).map(|(_, part)| *part);
                Some(part.with_context(|| format!("there is no part \"{name}\"; `cargo xtask help` lists them"))?)
            }
            _ => bail!("test takes --only PART, and -- before what the part's runner is told"),
        };
        ensure!(
            only.is_some() || extra.is_empty(),
            "what follows -- needs --only PART, to say whose it is"
        );
        Ok(Self { only, extra })
    }

    pub(crate) fn e2e(args: &[String]) -> Result<Self> {
        let (ours, extra) = split(args);
        ensure!(ours.is_empty(), "e2e takes only what follows --");
        Ok(Self {
            only: Some(Part::E2e),
            extra,
        })
    }

    fn wants(&self, part: Part) -> bool {
        self.only.is_none_or(|only| only == part)
    }
}

fn split(args: &[String]) -> (&[String], Vec<String>) {
    let at = args.iter().position(|arg| arg == "--").unwrap_or(args.len());
    let (ours, extra) = args.split_at_checked(at).unwrap_or((args, &[]));
    (ours, extra.iter().skip(1).cloned().collect())
}

/// Runs what is wanted, all of it even when some of it fails, and counts.
pub(crate) fn test(options: &Options) -> Result<ExitCode> {
    run::stop_on_signal()?;
    let mut run = Run {
        steps: Steps::new(count(options)),
        counts: Counts::default(),
        failures: Vec::new(),
        options,
    };
    run.parts()?;
    if run::stopped() {
        bail!("stopped");
    }
    let Counts {
        passed,
        failed,
        skipped,
    } = run.counts;
    for failure in &run.failures {
        println!("failed: {failure}");
    }
    if skipped > 0 {
        println!("{skipped} ignored or skipped by their authors");
    }
    println!("{passed} passed, {failed} failed");
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// How many steps `Run::parts` will take.
fn count(options: &Options) -> usize {
    let of = |parts: &[Part], steps| {
        if parts.iter().any(|part| options.wants(*part)) {
            steps
        } else {
            0
        }
    };
    of(&[Part::Fmt], 1)
        + of(&[Part::Layers], 1)
        + of(&[Part::Native], 1)
        + of(&[Part::Clippy], 2)
        + of(&[Part::Browser], 1)
        + of(NEED_COMPILER, 1)
        + of(NEED_PACKAGE, 1 + build::STEPS)
        + of(&[Part::Types], 1)
        + of(&[Part::E2e], 1 + build::STEPS)
        + of(&[Part::Size], 1)
}

const NEED_COMPILER: &[Part] = &[Part::Clippy, Part::Browser, Part::Types, Part::E2e, Part::Size];
const NEED_PACKAGE: &[Part] = &[Part::Types, Part::E2e, Part::Size];

struct Run<'a> {
    steps: Steps,
    counts: Counts,
    failures: Vec<String>,
    options: &'a Options,
}

impl Run<'_> {
    fn parts(&mut self) -> Result<()> {
        let wants = |part| self.options.wants(part);
        let any = |parts: &[Part]| parts.iter().any(|part| wants(*part));
        let (fmt, layers, clippy, native) = (
            wants(Part::Fmt),
            wants(Part::Layers),
            wants(Part::Clippy),
            wants(Part::Native),
        );
        let (browser, types, e2e, size) = (
            wants(Part::Browser),
            wants(Part::Types),
            wants(Part::E2e),
            wants(Part::Size),
        );
        let (compiler, package) = (any(NEED_COMPILER), any(NEED_PACKAGE));
        let extra = self.options.extra.clone();

        if fmt {
            self.check("formatting", || {
                cargo(&["fmt", "--all", "--check"], &extra)?.quiet().map(drop)
            });
        }
        if layers {
            self.check("the layout's rules", layers::check_all);
        }
        if clippy {
            self.check("clippy, native", || clippy_native(&extra));
        }
        if native {
            self.runner("native tests", || native_tests(&extra));
        }
        if !compiler {
            return Ok(());
        }
        // Without a compiler nothing below can run, and the message says what to install.
        let toolchain = self.steps.step("find a compiler for WebAssembly", || {
            let toolchain = WasmToolchain::find()?;
            println!("      {}", toolchain.about);
            Ok(toolchain)
        })?;
        if clippy {
            self.check("clippy, wasm32", || clippy_wasm(&toolchain, &extra));
        }
        if browser {
            self.runner("tests in the browser", || browser_tests(&toolchain, &extra));
        }
        if !package {
            return Ok(());
        }
        self.steps.step("look for Node and the npm packages", npm::install)?;
        let built = self.build(&toolchain, Flavour::Release);
        if types {
            self.with_package(built, "type tests", || type_tests(&extra).map(|()| Counts::PASSED));
        }
        if e2e {
            let built = self.build(&toolchain, Flavour::Trap) && built;
            self.with_package(built, "end-to-end tests", || end_to_end(&extra, false));
        }
        if size {
            self.with_package(built, "the size budget", || {
                size::within_budget().map(|()| Counts::PASSED)
            });
        }
        Ok(())
    }

    fn check(&mut self, what: &str, action: impl FnOnce() -> Result<()>) {
        self.runner(what, || action().map(|()| Counts::PASSED));
    }

    fn build(&mut self, toolchain: &WasmToolchain, flavour: Flavour) -> bool {
        let result = build::build(&mut self.steps, toolchain, flavour);
        let built = result.is_ok();
        let what = if flavour == Flavour::Release {
            "build of the package"
        } else {
            "build of the package for tests"
        };
        self.note(what, result.map(|()| Counts::PASSED));
        built
    }

    /// Fails at once where the package is missing, or is still an older one.
    fn with_package(&mut self, built: bool, what: &str, action: impl FnOnce() -> Result<Counts>) {
        self.runner(what, || {
            ensure!(built, "not run: the package was not built");
            action()
        });
    }

    fn runner(&mut self, what: &str, action: impl FnOnce() -> Result<Counts>) {
        let result = self.steps.step(what, action);
        self.note(what, result);
    }

    fn note(&mut self, what: &str, result: Result<Counts>) {
        let counts = result.unwrap_or_else(|error| {
            eprintln!("      {error:#}");
            Counts::FAILED
        });
        if counts.failed > 0 {
            self.failures.push(format!("{what} ({})", counts.failed));
        }
        self.counts += counts;
    }
}

/// The cargo that runs us.
fn cargo(args: &[&str], extra: &[String]) -> Result<Task> {
    let cargo = env::var_os("CARGO").context("run it as `cargo xtask`")?;
    Ok(Task::new(cargo)?.args(args).args(extra))
}

fn clippy_native(extra: &[String]) -> Result<()> {
    cargo(&["clippy", "--workspace", "--all-targets"], extra)?
        .args(["--", "-Dwarnings"])
        .run()
}

fn clippy_wasm(toolchain: &WasmToolchain, extra: &[String]) -> Result<()> {
    let task = toolchain
        .clippy()?
        .args(["--package", "scopewise", "--features", "test-trap", "--lib"]);
    let task = task.args(["--test", "browser"]).args(extra);
    task.args(["--", "-Dwarnings"]).run()
}

/// Package by package: together their dependencies would get other features, and compile once more.
fn native_tests(extra: &[String]) -> Result<Counts> {
    let mut counts = Counts::default();
    for package in ["scopewise", "xtask"] {
        let (success, output) = cargo(&["test", "--no-fail-fast", "--package", package, "--"], extra)?.tee()?;
        let some = counts::rust(&output);
        // A filter may well leave one of the packages without a test.
        counts += if success && !extra.is_empty() {
            some
        } else {
            some.judged(success)
        };
    }
    Ok(counts.judged(true))
}

fn browser_tests(toolchain: &WasmToolchain, extra: &[String]) -> Result<Counts> {
    present("tests/browser.rs")?;
    let driver = chromium::driver()?;
    let webdriver_json = chromium::webdriver_json()?;
    cargo(&["build", "--package", "browser-test-runner"], &[])?.run()?;
    let runner = native_target_dir()?.join(format!("debug/browser-test-runner{}", env::consts::EXE_SUFFIX));
    let task = |last: &str| -> Result<Task> {
        let task = toolchain
            .test()?
            .args(["--package", "scopewise", "--test", "browser", last]);
        Ok(task
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", &runner)
            // Names are enough for a stack trace, and line numbers slow the runner down.
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CHROMEDRIVER", &driver)
            .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &webdriver_json)
            .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "30")
            .env("WASM_BINDGEN_TEST_TIMEOUT", "300"))
    };
    task("--no-run")?.run()?;
    for _ in 1..ATTEMPTS {
        let task = task("--")?.args(extra).limit(Duration::from_secs(60));
        match task.tee_in_time()? {
            // Chromium now and then never loads its first page. No test has run then.
            (Err(error), output) if !run::stopped() && !output.contains("running ") => {
                println!("      {error:#}: the browser did not load the tests; once more");
            }
            (success, output) => return Ok(counts::rust(&output).judged(success?)),
        }
    }
    let (success, output) = task("--")?.args(extra).limit(Duration::from_secs(300)).tee()?;
    Ok(counts::rust(&output).judged(success))
}

/// Where the cargo that runs us puts what it builds.
fn native_target_dir() -> Result<PathBuf> {
    let program = env::current_exe()?;
    Ok(program
        .parent()
        .and_then(Path::parent)
        .context("xtask lies in no target directory")?
        .to_path_buf())
}

fn type_tests(extra: &[String]) -> Result<()> {
    present("tests/types/tsconfig.json")?;
    Task::new(paths::npm_bin("tsc")?)?
        .args(["--noEmit", "-p", "tests/types"])
        .args(extra)
        .quiet()
        .map(drop)
}

/// With `is_long`, some tests do much more of the same.
pub(crate) fn end_to_end(extra: &[String], is_long: bool) -> Result<Counts> {
    present("tests/playwright.config.ts")?;
    let report = paths::work()?.join("e2e.json");
    if report.exists() {
        fs::remove_file(&report)?;
    }
    let mut task = Task::new(paths::npm_bin("playwright")?)?
        .args(["test", "-c", "tests/playwright.config.ts", "--reporter=list,json"])
        .args(extra)
        .env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report)
        .env("SCOPEWISE_CHROMIUM", chromium::browser()?);
    task = if is_long {
        task.env("SCOPEWISE_SOAK", "1")
    } else {
        task.without_env("SCOPEWISE_SOAK")
    };
    let (success, _) = task.tee()?;
    let text = fs::read_to_string(&report).context("Playwright left no report")?;
    Ok(counts::playwright(&text)?.judged(success))
}

fn present(path: &str) -> Result<()> {
    ensure!(paths::root()?.join(path).is_file(), "{path} is missing");
    Ok(())
}
