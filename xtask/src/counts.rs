//! How many tests passed and failed, read from what the runners say.

use anyhow::{Context, Result};
use serde_json::Value;
use std::fmt::{Display, Formatter};
use std::ops::AddAssign;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Counts {
    pub(crate) const PASSED: Self = Self::new(1, 0, 0);
    pub(crate) const FAILED: Self = Self::new(0, 1, 0);

    const fn new(passed: u64, failed: u64, skipped: u64) -> Self {
        Self {
            passed,
            failed,
            skipped,
        }
    }

    /// A runner that fails without a failed test (it did not compile, or died), or that ran no test, is a failure.
    pub(crate) fn judged(self, success: bool) -> Self {
        let nothing = self.passed == 0 && self.failed == 0;
        let failed = self.failed.max(u64::from(nothing || !success));
        Self { failed, ..self }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl Display for Counts {
    fn fmt(&self, out: &mut Formatter<'_>) -> std::fmt::Result {
        if self.skipped > 0 {
            writeln!(out, "{} ignored or skipped by their authors", self.skipped)?;
        }
        write!(out, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// Adds up the summary lines of `cargo test` and of wasm-bindgen's test runner, which look alike:
/// `test result: ok. 5 passed; 0 failed; 1 ignored; …`
pub(crate) fn rust(output: &str) -> Counts {
    let mut counts = Counts::default();
    let summaries = output.lines().filter_map(|line| line.split_once("test result: "));
    for (_, summary) in summaries {
        let number = |what: &str| {
            let mut parts = summary.split([';', '.']);
            let part = parts.find_map(|part| part.trim().strip_suffix(what));
            part.and_then(|number| number.trim().parse::<u64>().ok()).unwrap_or(0)
        };
        counts += Counts::new(number("passed"), number("failed"), number("ignored"));
    }
    counts
}

/// Reads Playwright's JSON report. A test that passed only when tried again has failed.
pub(crate) fn playwright(report: &str) -> Result<Counts> {
    let report: Value = serde_json::from_str(report).context("Playwright's report is not JSON")?;
    let number = |name: &str| {
        let number = report.pointer(&format!("/stats/{name}")).and_then(Value::as_u64);
        number.with_context(|| format!("Playwright's report does not say how many are {name}"))
    };
    let failed = number("unexpected")? + number("flaky")?;
    Ok(Counts::new(number("expected")?, failed, number("skipped")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rust_summaries_add_up() {
        let output = "running 2 tests\ntest result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; finished in 0.1s\n\
                      test result: FAILED. 3 passed; 4 failed; 0 ignored; 0 filtered out\n";
        assert_eq!(rust(output), Counts::new(5, 4, 1));
    }

    #[test]
    fn flaky_is_failed() {
        let report = r#"{"stats": {"expected": 7, "unexpected": 1, "flaky": 2, "skipped": 3}}"#;
        assert_eq!(playwright(report).ok(), Some(Counts::new(7, 3, 3)));
        assert!(playwright(r#"{"stats": {}}"#).is_err());
    }

    #[test]
    fn a_runner_that_dies_or_runs_nothing_has_failed() {
        assert_eq!(Counts::default().judged(true), Counts::FAILED);
        assert_eq!(Counts::PASSED.judged(true), Counts::PASSED);
        assert_eq!(Counts::PASSED.judged(false).failed, 1);
        assert_eq!(Counts::new(1, 3, 0).judged(false).failed, 3);
    }
}
