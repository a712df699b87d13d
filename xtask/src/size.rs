//! What is shipped, weighed.

use crate::build::{self, Flavour};
use crate::steps::Steps;
use crate::{bundle, paths};
use anyhow::{Context, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

/// Brotli bytes that the WebAssembly and all JavaScript may have together.
const BUDGET: usize = 47_500;

#[derive(Clone, Copy)]
struct Weight {
    raw: usize,
    gzip: usize,
    brotli: usize,
}

impl Weight {
    fn of(bytes: &[u8]) -> Result<Self> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(bytes)?;
        Ok(Self {
            raw: bytes.len(),
            gzip: gzip.finish()?.len(),
            brotli: brotli(bytes)?,
        })
    }

    fn plus(self, other: Self) -> Self {
        Self {
            raw: self.raw + other.raw,
            gzip: self.gzip + other.gzip,
            brotli: self.brotli + other.brotli,
        }
    }

    /// What is left of it without `part`, which compressed alone may come out heavier than inside.
    fn minus(self, part: Self) -> Self {
        Self {
            raw: self.raw.saturating_sub(part.raw),
            gzip: self.gzip.saturating_sub(part.gzip),
            brotli: self.brotli.saturating_sub(part.brotli),
        }
    }
}

/// Length after brotli at its best: quality 11, window 22.
pub(crate) fn brotli(bytes: &[u8]) -> Result<usize> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        ..Default::default()
    };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut out, &params)?;
    Ok(out.len())
}

/// Builds, prints the table and gives the total.
pub(crate) fn command() -> Result<ExitCode> {
    let mut steps = Steps::new(build::PREPARE_STEPS + build::STEPS);
    let toolchain = build::prepare(&mut steps)?;
    build::build(&mut steps, &toolchain, Flavour::Release)?;
    table()?;
    Ok(ExitCode::SUCCESS)
}

/// Fails above the budget.
pub(crate) fn within_budget() -> Result<()> {
    let total = table()?;
    ensure!(
        total <= BUDGET,
        "the package is {} bytes over its {BUDGET}",
        total.saturating_sub(BUDGET)
    );
    println!("      of a budget of {BUDGET}");
    Ok(())
}

/// Prints the weight of each part of the built package, and gives the total of brotli.
fn table() -> Result<usize> {
    let dir = Flavour::Release.dir()?;
    let mut wasm = None;
    let mut scripts = Vec::new();
    for file in fs::read_dir(&dir).context("the package is not built")? {
        let path = file?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("wasm") => wasm = Some((name, weigh(&path)?)),
            Some("js") => scripts.push((name, weigh(&path)?)),
            _ => {}
        }
    }
    scripts.sort_by(|one, other| one.0.cmp(&other.0));
    let (wasm_name, wasm) = wasm.context("the package holds no WebAssembly")?;
    let glue = glue()?;

    row("part", "raw", "gzip", "brotli");
    weight_row(&wasm_name, wasm);
    let mut total = wasm;
    for (name, weight) in &scripts {
        weight_row(name, *weight);
        if name == "index.js" {
            weight_row("  glue (minified alone)", glue);
            weight_row("  facade (the rest)", weight.minus(glue));
        }
        total = total.plus(*weight);
    }
    weight_row("total", total);
    println!("total brotli: {} bytes", total.brotli);
    Ok(total.brotli)
}

/// wasm-bindgen's part of the JavaScript, minified by itself.
fn glue() -> Result<Weight> {
    let out = paths::work()?.join("glue");
    bundle::esbuild(&[("glue", paths::root()?.join("js/generated/scopewise.js"))], &out)?;
    weigh(&out.join("glue.js"))
}

fn weigh(path: &Path) -> Result<Weight> {
    Weight::of(&fs::read(path).with_context(|| format!("cannot read {}", path.display()))?)
}

fn row(part: &str, raw: impl ToString, gzip: impl ToString, brotli: impl ToString) {
    println!(
        "{part:<24}{:>9}{:>9}{:>9}",
        raw.to_string(),
        gzip.to_string(),
        brotli.to_string()
    );
}

fn weight_row(part: &str, weight: Weight) {
    row(part, weight.raw, weight.gzip, weight.brotli);
}
