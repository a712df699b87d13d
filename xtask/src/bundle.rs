//! From the TypeScript sources to the package's JavaScript, declarations and manifest.

use crate::build::Flavour;
use crate::paths;
use crate::run::Task;
use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value};
use std::fs;
use std::path::{Path, PathBuf};

/// The part of the npm manifest that is about this repository, not about the package.
const PRIVATE_MEMBERS: &[&str] = &["private", "scripts", "devDependencies"];

pub(crate) fn manifest() -> Result<Map<String, Value>> {
    let text = fs::read_to_string(paths::root()?.join("js/package.json")).context("cannot read js/package.json")?;
    serde_json::from_str(&text).context("js/package.json is not a JSON object")
}

/// The modules that the manifest exports: "index" for "./index.js".
fn entries(manifest: &Map<String, Value>) -> Result<Vec<String>> {
    let exports = manifest
        .get("exports")
        .and_then(Value::as_object)
        .context("js/package.json exports nothing")?;
    let modules = exports
        .values()
        .filter_map(|target| target.get("default").unwrap_or(target).as_str());
    let entries: Vec<_> = modules
        .filter_map(|path| path.strip_prefix("./")?.strip_suffix(".js"))
        .map(Into::into)
        .collect();
    ensure!(!entries.is_empty(), "js/package.json exports no module");
    Ok(entries)
}

/// Bundles the facade in `sources`, with the glue in its folder `generated`, into `out`.
pub(crate) fn bundle(flavour: Flavour, sources: &Path, out: &Path) -> Result<()> {
    let entries = entries(&manifest()?)?;
    let mut inputs = Vec::new();
    for entry in &entries {
        let path = sources.join(format!("{entry}.ts"));
        ensure!(
            path.is_file(),
            "js/package.json exports {entry}.js, but there is no js/{entry}.ts"
        );
        inputs.push((entry.as_str(), path));
    }
    if flavour == Flavour::Trap {
        // The package for tests shows the glue too, and with it the way to trap.
        let path = sources.join("entry/index.ts");
        fs::create_dir_all(sources.join("entry"))?;
        fs::write(
            &path,
            "export * from '../index.ts';\nexport * as generated from '../generated/scopewise.js';\n",
        )?;
        inputs
            .iter_mut()
            .filter(|(entry, _)| *entry == "index")
            .for_each(|input| input.1.clone_from(&path));
    }
    esbuild(&inputs, out)?;
    one_address(out)
}

/// Bundles entry points into minified ES modules, which share what they have in common.
pub(crate) fn esbuild(inputs: &[(&str, PathBuf)], out: &Path) -> Result<()> {
    let task = Task::new(paths::npm_bin("esbuild")?)?;
    let task = task
        .args(inputs.iter().map(|(name, path)| format!("{name}={}", path.display())))
        .args([
            "--bundle",
            "--splitting",
            "--minify",
            "--format=esm",
            "--platform=neutral",
            "--target=es2022",
            "--legal-comments=none",
            "--log-level=warning",
        ]);
    task.arg(format!("--outdir={}", out.display())).quiet().map(drop)
}

/// A bundler of the application must find the WebAssembly, and find it once: two addresses make two copies.
fn one_address(out: &Path) -> Result<()> {
    let mut found = 0;
    for file in fs::read_dir(out)? {
        let path = file?.path();
        if path.extension().is_some_and(|extension| extension == "js") {
            let text = fs::read_to_string(&path)?;
            let proper = text.matches("new URL(\"./scopewise_bg.wasm\",import.meta.url)").count();
            let worker = text
                .matches("new Worker(new URL(\"./worker.js\",import.meta.url),{type:\"module\"})")
                .count();
            let named = text.matches("import.meta.url").count();
            ensure!(
                named == proper + worker,
                "{} uses import.meta.url for more than scopewise_bg.wasm and worker.js",
                path.display()
            );
            found += proper;
        }
    }
    ensure!(
        found == 1,
        "the package holds {found} addresses of scopewise_bg.wasm, not one"
    );
    Ok(())
}

/// Checks the types of the facade in `sources`, and writes its declarations into `out`.
pub(crate) fn declare(sources: &Path, out: &Path) -> Result<()> {
    let task = Task::new(paths::npm_bin("tsc")?)?.arg("-p").arg(sources);
    task.args(["--noEmit", "false", "--emitDeclarationOnly", "--outDir"])
        .arg(out)
        .quiet()
        .context("the types do not check")?;
    for file in fs::read_dir(out)? {
        let path = file?.path();
        if path.to_string_lossy().ends_with(".d.ts") {
            let text = fs::read_to_string(&path)?;
            let inner = text.contains("./generated/");
            ensure!(
                !inner,
                "{} names ./generated, which is not in the package",
                path.display()
            );
        }
    }
    Ok(())
}

/// The manifest as npm publishes it, and the texts that go with it.
pub(crate) fn papers(out: &Path) -> Result<()> {
    let mut manifest = manifest()?;
    manifest.retain(|name, _| !PRIVATE_MEMBERS.contains(&name.as_str()));
    fs::write(
        out.join("package.json"),
        serde_json::to_string_pretty(&manifest)? + "\n",
    )?;
    for name in ["README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"] {
        fs::copy(paths::root()?.join(name), out.join(name)).with_context(|| format!("{name} is missing"))?;
    }
    Ok(())
}
