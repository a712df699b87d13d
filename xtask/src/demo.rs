//! Showing the package, and building it again while it is worked on.

use crate::build::{self, Flavour};
use crate::run::{self, Task};
use crate::steps::Steps;
use crate::toolchain::WasmToolchain;
use crate::{npm, paths};
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, SystemTime};
use std::{env, fs, thread};

const PORT: u16 = 4400;

/// How often the sources are looked at.
const GLANCE: Duration = Duration::from_millis(300);

pub(crate) struct Options {
    port: Option<u16>,
    open: bool,
}

impl Options {
    pub(crate) fn parse(args: &[String]) -> Result<Self> {
        let mut options = Self { port: None, open: true };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--no-open" => options.open = false,
                "--port" => {
                    let port = args.next().and_then(|port| port.parse().ok()).filter(|port| *port > 0);
                    options.port = Some(port.context("--port takes a number from 1 to 65535")?);
                }
                other => bail!("there is no option \"{other}\"; there are --port N and --no-open"),
            }
        }
        Ok(options)
    }
}

/// Builds and serves until told to stop.
pub(crate) fn demo(options: &Options) -> Result<ExitCode> {
    run::stop_on_signal()?;
    set_up()?;
    serve(options, || ())
}

/// The same, and builds again when a source changes.
pub(crate) fn dev(options: &Options) -> Result<ExitCode> {
    run::stop_on_signal()?;
    let before = sources()?;
    let toolchain = set_up()?;
    println!("watching src/ and js/");
    let mut seen = before;
    serve(options, || {
        // A file that vanishes while it is looked at is back at the next look.
        let Ok(now) = sources() else { return };
        if now != seen {
            seen = now;
            rebuild(&toolchain);
        }
    })
}

fn set_up() -> Result<WasmToolchain> {
    let mut steps = Steps::new(build::PREPARE_STEPS + build::STEPS);
    let toolchain = build::prepare(&mut steps)?;
    build::build(&mut steps, &toolchain, Flavour::Release)?;
    Ok(toolchain)
}

fn rebuild(toolchain: &WasmToolchain) {
    println!("something changed: building again");
    let mut steps = Steps::new(build::STEPS);
    match npm::install().and_then(|()| build::build(&mut steps, toolchain, Flavour::Release)) {
        Ok(()) => println!("built: reload the page"),
        Err(_) if run::stopped() => {}
        Err(error) => println!("not built: {error:#}\nthe page stays as it was; watching on"),
    }
}

/// Runs the demo's server, and `tick` now and then beside it.
fn serve(options: &Options, mut tick: impl FnMut()) -> Result<ExitCode> {
    let server = paths::root()?.join("www/server.mjs");
    ensure!(server.is_file(), "www/server.mjs is missing");
    let task = Task::new("node")?
        .arg(server)
        .arg("--port")
        .arg(options.port.unwrap_or(PORT).to_string());
    let task = if options.port.is_some() {
        task.arg("--strict")
    } else {
        task
    };
    let mut child = task.serve()?;
    let lines = lines_of(&mut child)?;
    loop {
        match lines.recv_timeout(GLANCE) {
            Ok(line) => match ready(&line) {
                Some(url) => announce(&url, options.open),
                None => println!("{line}"),
            },
            Err(RecvTimeoutError::Timeout) => tick(),
            // It has closed its output, and is about to end.
            Err(RecvTimeoutError::Disconnected) => thread::sleep(Duration::from_millis(50)),
        }
        if run::stopped() {
            run::end(&mut child);
            println!("\nstopped");
            return Ok(ExitCode::SUCCESS);
        }
        if let Some(status) = child.try_wait()? {
            bail!("the demo's server has ended by itself ({status})");
        }
    }
}

fn lines_of(child: &mut Child) -> Result<Receiver<String>> {
    let out = child.stdout.take().context("the demo's server has no output")?;
    let (sender, lines) = channel();
    thread::spawn(move || {
        let lines = BufReader::new(out).lines().map_while(Result::ok);
        lines
            .map(|line| sender.send(line))
            .take_while(Result::is_ok)
            .for_each(drop);
    });
    Ok(lines)
}

/// The address in the line `ready {"url": …}`.
fn ready(line: &str) -> Option<String> {
    let value: Value = serde_json::from_str(line.strip_prefix("ready ")?).ok()?;
    value.get("url")?.as_str().map(ToOwned::to_owned)
}

fn announce(url: &str, open: bool) {
    println!("\nThe demo is at {url}\nCtrl-C stops it.\n");
    if open && has_screen() {
        let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
        let mut command = if cfg!(windows) {
            Command::new("cmd")
        } else {
            Command::new(opener)
        };
        if cfg!(windows) {
            command.args(["/C", "start", ""]);
        }
        command
            .arg(url)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // The address is on the screen: not being able to open it is no matter.
        let _ = command.spawn();
    }
}

fn has_screen() -> bool {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    !set("CI") && (cfg!(any(windows, target_os = "macos")) || set("DISPLAY") || set("WAYLAND_DISPLAY"))
}

/// Every source of the package with the time of its last change.
fn sources() -> Result<Vec<(std::path::PathBuf, SystemTime)>> {
    let root = paths::root()?;
    let mut found = Vec::new();
    for path in ["src", "js", "Cargo.toml", "package-lock.json"] {
        look(&root.join(path), &mut found)?;
    }
    found.sort();
    Ok(found)
}

fn look(path: &Path, found: &mut Vec<(std::path::PathBuf, SystemTime)>) -> Result<()> {
    let skipped = path
        .file_name()
        .is_some_and(|name| name == "generated" || name == "node_modules");
    if skipped {
        return Ok(());
    }
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            look(&entry?.path(), found)?;
        }
        return Ok(());
    }
    found.push((path.to_path_buf(), fs::metadata(path)?.modified()?));
    Ok(())
}
