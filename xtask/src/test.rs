//! Checking everything, or one part of it.

use crate::build::{self, Package};
use crate::counts::{self, Counts};
use crate::run::{cargo, npm_script, results, root, run, step, tee};
use crate::toolchain::Toolchain;
use anyhow::{Context, Result, bail, ensure};
use std::process::Command;
use std::{env, fs};

/// All of them; the last one only where it is asked for.
pub(crate) const PARTS: &[&str] = &[
    "fmt", "clippy", "native", "fuzz", "browser", "types", "e2e", "size", "engines",
];

/// Those whose tests are named after cases.
pub(crate) const WITH_CASES: &[&str] = &["native", "browser", "e2e"];
const ENGINES: [&str; 3] = ["chromium", "firefox", "webkit"];

/// Runs the parts that are wanted (none named: all), even when some fail, and counts. `extra` is for a part's runner.
pub(crate) fn test(only: &[&str], extra: &[&str]) -> Result<bool> {
    let known = only.iter().all(|only| PARTS.contains(only));
    ensure!(known, "there is no such part; there are {}", PARTS.join(", "));
    let _ = fs::remove_dir_all(results());
    let mut tests = Tests::default();
    (tests.only, tests.extra) = (only, extra);
    tests.native();
    if !matches!(only, ["fmt" | "native" | "fuzz"]) {
        match build::prepare() {
            Ok(toolchain) => {
                tests.wasm(&toolchain);
                tests.package(&toolchain);
            }
            // Without a compiler nothing of this can run, and the message says what to install.
            Err(error) => _ = tests.check("what a build needs", || Err(error)),
        }
    }
    if only.is_empty() {
        println!("Firefox and WebKitGTK were not tried: --all-browsers does");
    }
    if only.is_empty() || only == WITH_CASES || only == PARTS {
        let mut table = npm_script("scopewise-tests", "cases");
        let shown = if only == PARTS { &[] } else { only };
        tests.check("the table of cases", || run(table.args(shown)));
    }
    tests.failures.iter().for_each(|failure| println!("failed: {failure}"));
    println!("{}", tests.counts);
    Ok(tests.counts.failed == 0)
}

#[derive(Default)]
struct Tests<'a> {
    only: &'a [&'a str],
    extra: &'a [&'a str],
    counts: Counts,
    failures: Vec<String>,
}

impl Tests<'_> {
    fn wants(&self, part: &str) -> bool {
        self.only.contains(&part) || (self.only.is_empty() && part != "engines")
    }

    fn native(&mut self) {
        let extra = self.extra;
        if self.wants("fmt") {
            self.check("formatting", || run(cargo(&["fmt", "--all", "--check"]).args(extra)));
        }
        if self.wants("clippy") {
            let mut clippy = cargo(&["clippy", "--workspace", "--all-targets"]);
            self.check("clippy, native", || run(clippy.args(extra).args(["--", "-Dwarnings"])));
        }
        if self.wants("native") {
            // Package by package: together their dependencies would get other features, and compile once more.
            for package in ["scopewise", "xtask"] {
                self.count(&format!("native tests of {package}"), || {
                    let mut test = cargo(&["test", "--no-fail-fast", "--package", package, "--"]);
                    let (success, output) = tee(test.args(extra), package)?;
                    let counts = counts::rust(&output);
                    // A filter may well leave one of the packages without a test.
                    let filtered = success && !extra.is_empty();
                    Ok(if filtered { counts } else { counts.judged(success) })
                });
            }
        }
        if self.wants("fuzz") {
            let mut fuzz = npm_script("scopewise-tests", "fuzz");
            self.check("the fuzzer, briefly", || run(fuzz.arg("--short").args(extra)));
        }
    }

    fn wasm(&mut self, toolchain: &Toolchain) {
        let extra = self.extra;
        if self.wants("clippy") {
            let library = "--package scopewise --features npm,test-trap --lib --test browser";
            for what in [library, "--package scopewise-yew"] {
                self.check(&format!("clippy, wasm32, {what}"), || {
                    let mut clippy = toolchain.clippy()?;
                    clippy.args(what.split(' '));
                    run(clippy.args(extra).args(["--", "-Dwarnings"]))
                });
            }
        }
        // What follows is for the stories, where it is for the engines.
        let others = self.wants("engines") && extra.is_empty();
        for (engine, is_wanted) in ENGINES.iter().zip([self.wants("browser"), others, others]) {
            if is_wanted {
                self.count(&format!("tests in {engine}"), || in_browser(toolchain, engine, extra));
            }
        }
    }

    fn package(&mut self, toolchain: &Toolchain) {
        let extra = self.extra;
        let (e2e, engines) = (self.wants("e2e"), self.wants("engines"));
        if !e2e && !engines && !self.wants("types") && !self.wants("size") {
            return;
        }
        // The release last: js/generated is what the size is told of.
        let packages = [Package::Trap, Package::Plain, Package::Release];
        let mut built = true;
        let is_needed = |package: &Package| e2e || *package == Package::Release;
        for package in packages.into_iter().filter(is_needed) {
            let what = format!("build of {}", package.name());
            built &= self.check(&what, || build::build(toolchain, package));
        }
        if e2e {
            built &= self.check("build of the page in Rust", || build::build_rust_page(toolchain));
        }
        if !built {
            // Never on an older package.
            self.check("what needs the package", || bail!("not run: it was not built"));
            return;
        }
        let script = |name| npm_script("scopewise-tests", name);
        if self.wants("types") {
            self.check("type checks", || run(script("types").args(extra)));
        }
        if e2e {
            self.count("end-to-end tests", || playwright("e2e", extra));
        }
        if engines {
            self.count("main stories in each engine", || playwright("engines", extra));
        }
        if self.wants("size") {
            self.check("the size budget, and what is in the package", || {
                run(&mut script("size"))
            });
            self.check("the same bytes from another build", || {
                run(script("twice").arg("--prepare"))?;
                let mut build = toolchain.build(Package::Release);
                run(build.env("CARGO_TARGET_DIR", root().join("target/twice")))?;
                run(&mut script("twice"))
            });
        }
    }

    /// Takes a step that counts as one test, and says whether it went well.
    fn check(&mut self, what: &str, action: impl FnOnce() -> Result<()>) -> bool {
        self.count(what, || action().map(|()| Counts::PASSED))
    }

    fn count(&mut self, what: &str, action: impl FnOnce() -> Result<Counts>) -> bool {
        let counts = step(what, action).unwrap_or_else(|error| {
            eprintln!("    {error:#}");
            Counts::FAILED
        });
        if counts.failed > 0 {
            self.failures.push(format!("{what} ({})", counts.failed));
        }
        self.counts += counts;
        counts.failed == 0
    }
}

fn in_browser(toolchain: &Toolchain, engine: &str, extra: &[&str]) -> Result<Counts> {
    run(&mut cargo(&["build", "--package", "browser-test-runner"]))?;
    let runner = env::current_exe()?.with_file_name(format!("browser-test-runner{}", env::consts::EXE_SUFFIX));
    let test = |last: &str| -> Command {
        let mut test = toolchain.test();
        test.args(["--package", "scopewise", "--test", "browser", last]);
        let in_engine = format!("node tests/engines/wasm.mjs {engine}");
        test.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", in_engine);
        // Names are enough for a stack trace, and line numbers slow the runner down.
        test.env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("SCOPEWISE_RUNNER", &runner);
        test
    };
    run(&mut test("--no-run"))?;
    let (success, output) = tee(test("--").args(extra), engine)?;
    Ok(counts::rust(&output).judged(success))
}

/// A script of the tests that runs Playwright.
pub(crate) fn playwright(script: &str, extra: &[&str]) -> Result<Counts> {
    let report = results().join(script).with_extension("json");
    let _ = fs::remove_file(&report);
    let mut command = npm_script("scopewise-tests", script);
    command.arg("--reporter=list,json").args(extra);
    command.env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report);
    let (success, _) = tee(&mut command, script)?;
    let text = fs::read_to_string(&report).context("Playwright left no report")?;
    Ok(counts::playwright(&text)?.judged(success))
}
