//! Running other programs, and ending them when we are told to stop.

use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

static STOPPED: AtomicBool = AtomicBool::new(false);

/// From here on Ctrl-C and SIGTERM end what is running, and then us, in order.
pub(crate) fn stop_on_signal() -> Result<()> {
    ctrlc::set_handler(|| STOPPED.store(true, Ordering::SeqCst)).context("cannot listen for Ctrl-C")
}

pub(crate) fn stopped() -> bool {
    STOPPED.load(Ordering::SeqCst)
}

/// How often a running program is looked at.
const GLANCE: Duration = Duration::from_millis(25);

/// A program to run.
pub(crate) struct Task {
    name: String,
    command: Command,
    limit: Option<Duration>,
}

impl Task {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Result<Self> {
        let program = program.as_ref();
        let name = Path::new(program)
            .file_stem()
            .unwrap_or(program)
            .to_string_lossy()
            .into_owned();
        let mut command = Command::new(program);
        command.current_dir(crate::paths::root()?).stdin(Stdio::null());
        Ok(Self {
            name,
            command,
            limit: None,
        })
    }

    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    pub(crate) fn args<I: IntoIterator<Item: AsRef<OsStr>>>(mut self, args: I) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn without_env(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Ends the program after this long.
    pub(crate) fn limit(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Runs it with its output on ours.
    pub(crate) fn run(mut self) -> Result<()> {
        let mut child = self.spawn()?;
        let status = wait(&mut child, self.limit)?;
        self.judge(status)
    }

    /// Runs it silently and gives its output; a failure shows all of it.
    pub(crate) fn quiet(mut self) -> Result<String> {
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.spawn()?;
        let out = gather(child.stdout.take());
        let err = gather(child.stderr.take());
        let status = wait(&mut child, self.limit)?;
        let (out, err) = (join(out), join(err));
        if !status.success() {
            eprint!("{out}{err}");
        }
        self.judge(status)?;
        Ok(out)
    }

    /// Runs it with its output on ours, and gives its standard output too, whether it succeeds or not.
    pub(crate) fn tee(self) -> Result<(bool, String)> {
        let (status, output) = self.tee_in_time()?;
        Ok((status?, output))
    }

    /// The same; where it takes too long, with an error in place of its success.
    pub(crate) fn tee_in_time(mut self) -> Result<(Result<bool>, String)> {
        self.command.stdout(Stdio::piped());
        let mut child = self.spawn()?;
        let out = child.stdout.take();
        let reader = thread::spawn(move || {
            let mut all = String::new();
            for line in out
                .into_iter()
                .flat_map(|out| BufReader::new(out).split(b'\n'))
                .map_while(Result::ok)
            {
                let line = String::from_utf8_lossy(&line);
                // A closed standard output must not end the run.
                let _ = writeln!(std::io::stdout(), "{line}");
                all.push_str(&line);
                all.push('\n');
            }
            all
        });
        let status = wait(&mut child, self.limit);
        Ok((status.map(|status| status.success()), join(Some(reader))))
    }

    /// The standard output, or None where the program is missing or fails.
    pub(crate) fn probe(mut self) -> Option<String> {
        let output = self.command.stderr(Stdio::null()).output().ok()?;
        output
            .status
            .success()
            .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Starts it with its standard output piped to us, and its input held open.
    pub(crate) fn serve(mut self) -> Result<Child> {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped());
        self.spawn()
    }

    fn spawn(&mut self) -> Result<Child> {
        self.command
            .spawn()
            .with_context(|| format!("cannot start {}", self.name))
    }

    fn judge(&self, status: ExitStatus) -> Result<()> {
        if !status.success() {
            bail!("{} failed", self.name);
        }
        Ok(())
    }
}

/// Ends a program and all that it started: politely, then not.
pub(crate) fn end(child: &mut Child) {
    let family = if cfg!(unix) { family(child.id()) } else { Vec::new() };
    signal("-TERM", &family);
    let start = Instant::now();
    while !family.is_empty() && start.elapsed() < Duration::from_secs(2) {
        if !matches!(child.try_wait(), Ok(None)) {
            break;
        }
        thread::sleep(GLANCE);
    }
    // A program that has ended may have left others behind.
    signal("-KILL", &family);
    let _ = child.kill();
    let _ = child.wait();
}

fn signal(name: &str, processes: &[String]) {
    if !processes.is_empty() {
        let _ = Command::new("kill")
            .arg(name)
            .args(processes)
            .stderr(Stdio::null())
            .status();
    }
}

/// A process, its children, theirs, and so on.
fn family(id: u32) -> Vec<String> {
    let mut all = vec![id.to_string()];
    let list = Command::new("ps").args(["-A", "-o", "pid=,ppid="]).output();
    let list = list.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let list = list.unwrap_or_default();
    let mut pairs: Vec<Vec<&str>> = list.lines().map(|line| line.split_whitespace().collect()).collect();
    loop {
        let before = all.len();
        pairs.retain(|pair| match pair.as_slice() {
            [id, parent] if all.iter().any(|known| known == parent) => {
                all.push((*id).to_owned());
                false
            }
            _ => true,
        });
        if all.len() == before {
            return all;
        }
    }
}

fn wait(child: &mut Child, limit: Option<Duration>) -> Result<ExitStatus> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        let late = limit.is_some_and(|limit| start.elapsed() > limit);
        if stopped() || late {
            end(child);
            bail!(if late { "no answer in time" } else { "stopped" });
        }
        thread::sleep(GLANCE);
    }
}

type Reader = thread::JoinHandle<String>;

fn gather(stream: Option<impl Read + Send + 'static>) -> Option<Reader> {
    stream.map(|mut stream| {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = stream.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        })
    })
}

fn join(reader: Option<Reader>) -> String {
    reader.and_then(|reader| reader.join().ok()).unwrap_or_default()
}
