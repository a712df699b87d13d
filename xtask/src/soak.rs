//! The tests that do much of the same, at length: many tabs, tabs that die or stand still, a page that stays open.

use crate::build::{self, Flavour};
use crate::run;
use crate::steps::Steps;
use crate::test;
use anyhow::{Result, bail};
use std::process::ExitCode;

/// They do more where `SCOPEWISE_SOAK` is set, and print what they measured.
const SPECS: &[&str] = &[
    "stories/tabs.spec.ts",
    "stories/frozen.spec.ts",
    "cases/endurance.spec.ts",
];

/// Builds the package, and runs them. What follows goes to Playwright.
pub(crate) fn command(args: &[String]) -> Result<ExitCode> {
    let extra = match args.split_first() {
        None => args,
        Some((dashes, extra)) if dashes == "--" => extra,
        Some(_) => bail!("soak takes only what follows --"),
    };
    run::stop_on_signal()?;
    let mut steps = Steps::new(build::PREPARE_STEPS + build::STEPS + 1);
    let toolchain = build::prepare(&mut steps)?;
    build::build(&mut steps, &toolchain, Flavour::Release)?;
    let specs = SPECS.iter().map(ToString::to_string);
    let args: Vec<_> = specs.chain(extra.iter().cloned()).collect();
    let counts = steps.step("end-to-end tests, at length", || test::end_to_end(&args, true))?;
    println!("{} passed, {} failed", counts.passed, counts.failed);
    Ok(if counts.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
