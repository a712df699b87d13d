//! Runs the tests that reach a mutant, fastest first, until one fails.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use crate::mutants::Named;

/// A test that passes without mutants.
struct Test {
    program: usize,
    name: String,
    seconds: f64,
}

pub struct Run {
    work: PathBuf,
    programs: Vec<(String, PathBuf)>,
    mutants: Vec<Named>,
    /// The fastest first.
    tests: Vec<Test>,
    /// For each mutant the tests that reach it.
    reached: BTreeMap<usize, BTreeSet<usize>>,
    results: BTreeMap<String, String>,
    /// Mutants that were not killed before, and the tests that they have met.
    survivors: BTreeMap<String, String>,
    met: BTreeSet<String>,
}

/// What a test program may take that is not known yet, in seconds of the processor's time.
const UNLIMITED: u64 = 3600;
/// A test waits for nobody, but other programs may hold up a busy machine: so many times the processor's time is the limit
/// for one that waits for ever.
const PATIENCE: u32 = 60;

/// A test program with a mutant on, that can take neither all memory nor more than `limit` seconds of the processor's time.
fn start(program: &Path, mutant: usize, arguments: &[&str], limit: u64) -> Command {
    let mut command = Command::new("nice");
    let limited = format!("ulimit -v 4000000; ulimit -t {limit}; exec \"$@\"");
    command.args(["-n", "10", "sh", "-c", &limited, "sh"]);
    command.arg(program).args(arguments).env("MUTANT", mutant.to_string());
    // The time that a test took is told to nightly's users only.
    command
        .env("RUSTC_BOOTSTRAP", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// How a program ends that has taken the processor's time it may.
const SIGXCPU: i32 = 24;
const SIGKILL: i32 = 9;

/// Whether what was learnt of a test program is of this one.
fn is_newer(known: &Path, program: &Path) -> bool {
    let changed = |path: &Path| path.metadata().and_then(|file| file.modified()).ok();
    changed(known) > changed(program)
}

/// Sums up the letters, so that the order of mutants has nothing to do with where they are.
fn shuffled(name: &str) -> u64 {
    let step = |sum: u64, byte: u8| (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    let sum = name.bytes().fold(0xcbf2_9ce4_8422_2325, step);
    (sum ^ (sum >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 7
}

/// The test that fails first, or why there is an end without one.
fn failure(child: &mut Child, limit: Duration) -> Option<String> {
    let (sender, lines) = channel();
    let output = BufReader::new(child.stdout.take().unwrap());
    std::thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    let end = Instant::now() + limit;
    let mut last = String::new();
    loop {
        match lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(line) if line.starts_with("test ") && line.contains("FAILED") => {
                let _ = child.kill();
                let _ = child.wait();
                return line.split(' ').nth(1).map(str::to_owned);
            }
            Ok(line) => last = line,
            Err(RecvTimeoutError::Timeout) => {
                let _ = child.kill();
                let _ = child.wait();
                return Some(format!("the time limit after {last:?}"));
            }
            Err(RecvTimeoutError::Disconnected) => {
                let status = child.wait().unwrap();
                let what = match status.signal() {
                    Some(SIGXCPU | SIGKILL) => "the time limit",
                    _ => "a crash",
                };
                return (!status.success()).then(|| format!("{what} after {last:?}"));
            }
        }
    }
}

impl Run {
    /// Learns the tests, and which mutants each of them reaches. Results of before stay, unless the mutants are others.
    pub fn new(work: PathBuf, programs: Vec<(String, PathBuf)>, mutants: Vec<Named>, again: bool) -> Run {
        let mut run = Run {
            work,
            programs,
            mutants,
            tests: Vec::new(),
            reached: BTreeMap::new(),
            results: BTreeMap::new(),
            survivors: BTreeMap::new(),
            met: BTreeSet::new(),
        };
        run.learn_tests();
        run.learn_reach();
        let known: BTreeSet<_> = run.mutants.iter().map(|(_, name)| name).collect();
        let text = fs::read_to_string(run.work.join("results.tsv")).unwrap_or_default();
        let rows = text.lines().filter_map(|line| line.split_once('\t'));
        for (name, result) in rows.filter(|(name, _)| known.contains(&name.to_string())) {
            run.results.insert(name.to_owned(), result.to_owned());
        }
        if again {
            let met = fs::read_to_string(run.work.join("met.txt")).unwrap_or_default();
            run.met = met.lines().map(str::to_owned).collect();
            run.survivors = run.results.clone();
            run.survivors.retain(|_, result| !result.starts_with("killed"));
        }
        run
    }

    fn learn_tests(&mut self) {
        for (index, (program, path)) in self.programs.iter().enumerate() {
            let known = self.work.join(format!("tests-{program}.txt"));
            if !is_newer(&known, path) {
                let options = ["--test-threads=1", "-Zunstable-options", "--report-time"];
                fs::write(&known, start(path, 0, &options, UNLIMITED).output().unwrap().stdout).unwrap();
            }
            let text = fs::read_to_string(&known).unwrap();
            for line in text.lines() {
                let Some((name, result)) = line.strip_prefix("test ").and_then(|rest| rest.split_once(" ... ")) else {
                    continue;
                };
                let seconds = result
                    .strip_prefix("ok <")
                    .and_then(|time| time.strip_suffix("s>")?.parse().ok());
                match seconds {
                    Some(seconds) => self.tests.push(Test {
                        program: index,
                        name: name.to_owned(),
                        seconds,
                    }),
                    None => println!("{program}: {name} is left out: {result}"),
                }
            }
        }
        self.tests.sort_by(|one, other| one.seconds.total_cmp(&other.seconds));
        let total: f64 = self.tests.iter().map(|test| test.seconds).sum();
        println!("{} tests, which take {total:.1} s", self.tests.len());
    }

    fn learn_reach(&mut self) {
        for (index, (program, path)) in self.programs.iter().enumerate() {
            let log = self.work.join(format!("reached-{program}.tsv"));
            if !is_newer(&log, path) {
                let part = self.work.join("reached-in-part.tsv");
                let _ = fs::remove_file(&part);
                // With one thread, the tests would not have theirs, with their names.
                let mut command = start(path, 0, &["--test-threads=2"], UNLIMITED);
                command.env("MUTANTS_REACHED", &part).output().unwrap();
                fs::rename(part, &log).unwrap();
            }
            let tests = self.tests.iter().enumerate().filter(|(_, test)| test.program == index);
            let numbers: BTreeMap<_, _> = tests.map(|(number, test)| (test.name.as_str(), number)).collect();
            for line in fs::read_to_string(&log).unwrap().lines() {
                let (mutant, test) = line.split_once('\t').unwrap();
                if let Some(test) = numbers.get(test) {
                    self.reached.entry(mutant.parse().unwrap()).or_default().insert(*test);
                }
            }
        }
    }

    /// Runs tests until one fails: a few fast ones, more, and so on.
    fn killer(&self, mutant: usize, tests: &[usize]) -> Option<String> {
        let mut rest = tests;
        let mut budget = 0.05;
        while !rest.is_empty() {
            let mut seconds = 0.0;
            let fits = |test: &&usize| {
                seconds += self.tests[**test].seconds;
                seconds <= budget
            };
            let count = rest.iter().take_while(fits).count().max(1);
            let (batch, others) = rest.split_at(count);
            (rest, budget) = (others, budget * 4.0);
            for (index, (_, path)) in self.programs.iter().enumerate() {
                let batch: Vec<_> = batch
                    .iter()
                    .map(|test| &self.tests[*test])
                    .filter(|test| test.program == index)
                    .collect();
                if batch.is_empty() {
                    continue;
                }
                let limit = 2 + (10.0 * batch.iter().map(|test| test.seconds).sum::<f64>()).ceil() as u64;
                let mut arguments = vec!["--exact", "--test-threads=1"];
                arguments.extend(batch.iter().map(|test| test.name.as_str()));
                let mut child = start(path, mutant, &arguments, limit).spawn().unwrap();
                if let Some(test) = failure(&mut child, Duration::from_secs(limit) * PATIENCE) {
                    return Some(test);
                }
            }
        }
        None
    }

    fn note(&mut self, name: &str, result: String) {
        let path = self.work.join("results.tsv");
        let mut file = fs::OpenOptions::new().append(true).create(true).open(path).unwrap();
        writeln!(file, "{name}\t{result}").unwrap();
        self.results.insert(name.to_owned(), result);
    }

    /// Has those that were not killed meet the tests that are new.
    pub fn survivors(&mut self) {
        for (number, name) in self.mutants.clone() {
            let Some(result) = self.survivors.get(&name).cloned() else {
                continue;
            };
            let reached = self.reached.get(&number).into_iter().flatten().copied();
            let new: Vec<usize> = reached
                .filter(|test| !self.met.contains(&self.tests[*test].name))
                .collect();
            match self.killer(number, &new) {
                Some(test) => self.note(&name, format!("killed by {test}")),
                None if !new.is_empty() && result == "not reached" => self.note(&name, "survived".to_owned()),
                None => {}
            }
        }
    }

    /// Goes through the mutants in an order that chance made, so that a part of them stands for all: first with the tests
    /// that take less than a second, then with the others.
    pub fn all(&mut self, minutes: Option<f64>) {
        let end = minutes.map(|minutes| Instant::now() + Duration::from_secs_f64(minutes * 60.0));
        let mut mutants = self.mutants.clone();
        mutants.sort_by_key(|(_, name)| shuffled(name));
        for is_slow in [false, true] {
            for (number, name) in &mutants {
                let is_wanted = match self.results.get(name) {
                    None => !is_slow,
                    Some(result) => is_slow && result == "not by fast tests",
                };
                if !is_wanted {
                    continue;
                }
                if end.is_some_and(|end| Instant::now() > end) {
                    return;
                }
                let all: Vec<usize> = self.reached.get(number).into_iter().flatten().copied().collect();
                let (slow, fast): (Vec<_>, Vec<_>) = all.iter().partition(|test| self.tests[**test].seconds >= 1.0);
                let result = match self.killer(*number, if is_slow { &slow } else { &fast }) {
                    Some(test) => format!("killed by {test}"),
                    None if all.is_empty() => "not reached".to_owned(),
                    None if slow.is_empty() || is_slow => "survived".to_owned(),
                    None => "not by fast tests".to_owned(),
                };
                self.note(name, result);
            }
        }
    }

    /// The figures, per file, and what was not killed.
    pub fn report(&self) {
        let kinds = ["killed", "survived", "not by fast tests", "not reached"];
        let mut files: BTreeMap<&str, [usize; 5]> = BTreeMap::new();
        let mut rest = String::new();
        for (_, name) in &self.mutants {
            let result = self.results.get(name).map_or("not run", String::as_str);
            let kind = kinds.iter().position(|kind| result.starts_with(kind)).unwrap_or(4);
            for file in [name.split(':').next().unwrap_or_default(), "all"] {
                files.entry(file).or_default()[kind] += 1;
            }
            if (1..4).contains(&kind) {
                rest.push_str(&format!("{name}\t{result}\n"));
            }
        }
        println!("killed, survived, not by fast tests, not reached, not run; killed of those that were run");
        for (file, counts) in files {
            let run: usize = counts[..4].iter().sum();
            println!(
                "{counts:5?} {:5.1} % {file}",
                100.0 * counts[0] as f64 / run.max(1) as f64
            );
        }
        fs::write(self.work.join("survivors.tsv"), rest).unwrap();
        let met: String = self.tests.iter().map(|test| format!("{}\n", test.name)).collect();
        fs::write(self.work.join("met.txt"), met).unwrap();
    }
}
