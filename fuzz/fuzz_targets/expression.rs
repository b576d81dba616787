//! Any text as an expression, over any facts: nothing panics, what compiles ends within its cost, reads only what it says, once, and tells
//! in an error nothing of the request.
#![no_main]

use std::time::{Duration, Instant};

use libfuzzer_sys::fuzz_target;
use portcullis_fuzz::facts::Known;
use portcullis_fuzz::host::SECRET;
use portcullis_policy::{Expression, Facts, Outcome, Phase, Scope, Type, Value, compile};

/// A request with something in every attribute that conditions like to name.
const EXAMPLE: &[u8] = include_bytes!("../data/facts.txt");

/// Longer than any compilation or evaluation that is within the bounds takes, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(1);

/// The most that an answer may hold, in bytes.
const ANSWER_MAX: usize = 64 << 20;

fuzz_target!(|input: &[u8]| {
    let at = input.windows(5).position(|window| window == b"\n---\n");
    let (source, facts) = at.map_or((input, &b""[..]), |at| (&input[..at], &input[at + 5..]));
    let Ok(source) = str::from_utf8(source) else { return };
    let scope = Stance::of(source);
    let expression = match within_patience(|| compile(source, &scope.scope())) {
        Ok(expression) => expression,
        Err(problems) => {
            check_places(source, problems.iter());
            let _ = problems.render(source);
            return;
        }
    };
    check_places(source, expression.warnings().iter().chain(expression.unguarded()));
    assert!(expression.cost() <= scope.scope().cost_max);
    for known in [Known::parse(facts), Known::parse(EXAMPLE), Known::default(), Known::nothing_readable()] {
        judge(&expression, &known, source);
    }
});

fn judge(expression: &Expression, known: &Known, source: &str) {
    let params: Vec<(&str, &str)> = known.params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let facts = Facts::new(known);
    let holds = within_patience(|| expression.holds(&facts, &params));
    let answer = within_patience(|| expression.evaluate(&facts, &params));
    let agree = match (&holds, &answer) {
        (Outcome::True, Ok(Value::Bool(true))) | (Outcome::False, Ok(Value::Bool(false))) => true,
        (Outcome::Error(one), Err(other)) => one == other,
        (Outcome::Error(_), Ok(value)) => !matches!(value, Value::Bool(_)),
        _ => false,
    };
    assert!(agree, "{holds:?}, and {answer:?}");
    check_reads(expression, known);
    if let Ok(value) = &answer {
        assert!(size(value) <= ANSWER_MAX, "an answer of {} bytes for {} units", size(value), expression.cost());
    }
    if let Outcome::Error(failure) = holds {
        let told = failure.to_string();
        assert!(source.contains(SECRET) || !told.contains(SECRET), "{told}");
    }
}

/// Each once, and none that it did not name.
fn check_reads(expression: &Expression, known: &Known) {
    let read = known.read.borrow();
    for (index, attribute) in read.iter().enumerate() {
        assert!(!read[..index].contains(attribute), "{attribute:?} is read twice");
        assert!(expression.attributes().contains(attribute), "{attribute:?} is read and not named");
    }
}

/// Every place is one in the text, or right behind it.
fn check_places<'p>(source: &str, problems: impl Iterator<Item = &'p portcullis_policy::Problem>) {
    for problem in problems {
        let line = source.split('\n').nth(problem.line as usize - 1);
        let width = line.unwrap_or_else(|| panic!("no such line: {problem}")).chars().count();
        assert!((1..=width + 1).contains(&(problem.column as usize)), "no such column: {problem}");
        assert!(!problem.message.contains('\n'), "{problem}");
    }
}

/// Twice too slow is too slow; once is the machine.
fn within_patience<T>(work: impl Fn() -> T) -> T {
    let timed = || {
        let start = Instant::now();
        (work(), start.elapsed())
    };
    let (answer, first) = timed();
    if first > PATIENCE {
        let second = timed().1;
        assert!(second <= PATIENCE, "it takes {first:?}, and then {second:?}");
    }
    answer
}

fn size(value: &Value<'_>) -> usize {
    1 + match value {
        Value::String(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::List(elements) => elements.iter().map(size).sum(),
        Value::Map(entries) => entries.iter().map(|(key, value)| size(key) + size(value)).sum(),
        Value::Optional(Some(held)) => size(held),
        _ => 0,
    }
}

/// Where the expression stands, as its first line says: `// scope: token; raw_path; params id, order; phase body; result dyn`.
struct Stance<'s> {
    line: &'s str,
    captures: Vec<String>,
}

impl<'s> Stance<'s> {
    fn of(source: &'s str) -> Self {
        let line = source.lines().next().and_then(|line| line.strip_prefix("// scope: ")).unwrap_or_default();
        let names = line.split("; ").find_map(|setting| setting.strip_prefix("params "));
        Self { line, captures: names.map(|names| names.split(", ").map(str::to_owned).collect()).unwrap_or_default() }
    }

    fn scope(&self) -> Scope<'_> {
        let has = |name: &str| self.line.split("; ").any(|setting| setting.starts_with(name));
        Scope {
            token: has("token"),
            raw_path: has("raw_path"),
            params: has("params").then_some(self.captures.as_slice()),
            phase: if has("phase") { Phase::Body } else { Phase::Request },
            result: if has("result") { Type::Dyn } else { Type::Bool },
            ..Scope::condition()
        }
    }
}
