//! `docs/performance.md`: what was measured, for people.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::process::{ChainFacts, Facts};
use super::{FirstRow, ModuleSize, Report, Row, Section, chart};
use crate::envoy::binary_path;

/// All that goes into the page.
#[derive(Debug, Default)]
pub struct Results {
    /// How often each variant was measured.
    pub rounds: usize,
    /// Each section with its figures.
    pub sections: Vec<(Section, Report)>,
    /// First requests.
    pub first: Vec<FirstRow>,
    /// Processes.
    pub facts: Facts,
}

type Outcome<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const INTRODUCTION: &str = "\
# Performance

What a filter costs an Envoy, beside Envoy's own filters with the same rules. `make bench-report` measures all of it in one run, and writes this page; \
`bench-envoy NAME` repeats one table, and keeps its figures in `target/bench/NAME.json`.

*Added* is processor time of the worker threads for one request, less what the same request costs on a listener without filters, measured just before; \
Envoy itself answers, so that no upstream counts. Variants take turns; figures are medians of the rounds, beside the lowest and the highest. *Process* counts \
all threads. A *ratio* compares two rows of one table; across tables, and across machines, only ratios mean something.
";

const MODULES: &str = "
## Modules

In KiB. *Names* are those of functions, which a proxy writes into its log when a VM fails; `wasm-strip` takes them away.

| module | all | code | data | names | without names |
|---|---:|---:|---:|---:|---:|
";

/// Writes `performance.md` and the charts that it shows, into `docs`.
///
/// # Errors
/// When a chart cannot be drawn, or a file cannot be written.
pub fn write_page(results: &Results, docs: &Path) -> Outcome<()> {
    let charts = docs.join("performance");
    fs::create_dir_all(&charts)?;
    let mut page = format!("{INTRODUCTION}\n## The machine\n\n{}\n{}", machine(results.rounds), in_short(&results.sections));
    for (section, report) in &results.sections {
        write!(page, "\n## {}\n\n{}\n\n{report}", section.title, section.about)?;
        if let Some(text) = section.axis.map(|axis| chart::svg(report, axis)).transpose()?.flatten() {
            fs::write(charts.join(format!("{}.svg", section.name)), text)?;
            write!(
                page,
                "\n![{}: added time by {}](performance/{}.svg)\n",
                section.title,
                section.axis.unwrap_or_default(),
                section.name
            )?;
        }
    }
    page += &first(&results.first)?;
    page += &processes(&results.facts)?;
    Ok(fs::write(docs.join("performance.md"), page)?)
}

/// What the figures depend on.
fn machine(rounds: usize) -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_once(':')).map_or_else(|| "unknown".to_owned(), |(_, value)| value.trim().to_owned())
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let version = |command: &mut Command| {
        let output = command.output().map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
        output.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned()
    };
    let envoy = version(Command::new(binary_path()).arg("--version"));
    let envoy = envoy.split("version:").last().unwrap_or_default().split('/').nth(1).unwrap_or_default().to_owned();
    format!(
        "| | |\n|---|---|\n| processor | {}, {cores} cores |\n| memory | {} |\n| kernel | {} |\n| Envoy | {envoy} |\n| compiler | {} |\n| rounds | {rounds} |\n",
        field(&read("/proc/cpuinfo"), "model name"),
        field(&read("/proc/meminfo"), "MemTotal"),
        read("/proc/sys/kernel/osrelease").trim(),
        version(Command::new("rustc").arg("--version")),
    )
}

/// The rows that have a native peer, those that are cheaper and those that are dearer.
fn in_short(sections: &[(Section, Report)]) -> String {
    let compared = || sections.iter().flat_map(|(_, report)| &report.rows).filter_map(|row| Some((row, row.ratio.as_ref()?)));
    let of_native = || compared().filter(|(_, (peer, _))| peer.starts_with("native"));
    let list = |dearer: bool| {
        let mut rows: Vec<(&Row, f64)> =
            of_native().map(|(row, (_, ratio))| (row, *ratio)).filter(|(_, ratio)| (*ratio > 1.0) == dearer).collect();
        rows.sort_by(|(_, one), (_, other)| one.total_cmp(other));
        let line = |(row, ratio): &(&Row, f64)| format!("| {} | {ratio:.2} | {:.1} |\n", row.name, row.added.median);
        let head = "| | of native's cost | µs |\n|---|---:|---:|\n";
        format!("{head}{}", rows.iter().map(line).collect::<String>())
    };
    format!("\n## In short\n\nCheaper than Envoy's own filter:\n\n{}\nDearer:\n\n{}", list(false), list(true))
}

fn first(rows: &[FirstRow]) -> Outcome<String> {
    let mut text = format!(
        "\n## First requests\n\nWhat a client waits for the first answer after the start of the process, when everything but the filters has been used before.\n\n{}\n",
        FirstRow::HEAD
    );
    rows.iter().try_for_each(|row| writeln!(text, "{row}"))?;
    Ok(text)
}

fn processes(facts: &Facts) -> Outcome<String> {
    let mut text = "\n## Processes\n\n*Ready* is from the start of the process to its taking requests, with everything compiled and configured. Memory is resident, after some \
        traffic; *a worker more* is a third of what four workers take beyond one, less what it is without filters. *Busy* is one worker that never waits, *waits* are those of \
        a client that sends 1,000 requests a second over one connection.\n\n\
        | chain | ready ms | MiB, 1 worker | MiB, 4 workers | a worker more | busy, answers/s | p50 waits µs | p99 µs |\n|---|---:|---:|---:|---:|---:|---:|---:|\n"
        .to_owned();
    let more = |chain: &ChainFacts| (chain.memory[1] - chain.memory[0]) / 3.0;
    let bare = facts.chains.first().map(more).unwrap_or_default();
    for chain in &facts.chains {
        let ChainFacts { name, ready, memory: [one, four], rate, latency: [p50, p99] } = chain;
        let more = more(chain) - bare;
        writeln!(text, "| {name} | {:.0} | {one:.0} | {four:.0} | {more:.1} | {rate:.0} | {p50:.0} | {p99:.0} |", ready.median)?;
    }
    text += MODULES;
    for ModuleSize { name, total, code, data, names } in &facts.sizes {
        let [total, code, data, names, stripped] = [*total, *code, *data, *names, total - names].map(|bytes| bytes / 1024);
        writeln!(text, "| `{name}` | {total} | {code} | {data} | {names} | {stripped} |")?;
    }
    Ok(text)
}
