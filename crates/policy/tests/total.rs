//! Every function and operator with strange arguments of every type: an answer or an error, and never a panic, which would answer 503
//! to this request and to every later one.

use portcullis_policy::{Attribute, AttributeSource, Facts, GROUPS, Scope, Type, Unreadable, Value, compile};

struct Nothing;

impl AttributeSource for Nothing {
    fn read(&self, _: Attribute) -> Result<Option<Value<'_>>, Unreadable> {
        Ok(None)
    }
}

const OPERANDS: [&str; 28] = [
    "''",
    "'é\u{301}😀'",
    "'a,b'",
    "'('",
    "'%s%d%999f'",
    "'+23:59'",
    "0",
    "1",
    "(-1)",
    "9223372036854775807",
    "(-9223372036854775807 - 1)",
    "18446744073709551615u",
    "1e308",
    "(0.0 / 0.0)",
    "true",
    "null",
    "b'\\xff'",
    "[]",
    "[1, 'a', 2.0]",
    "[[1], [[2]]]",
    "{'a': 1, 1: 2}",
    "timestamp('0001-01-01T00:00:00Z')",
    "timestamp('9999-12-31T23:59:59.999999999Z')",
    "duration('9223372036s')",
    "duration('-9223372036s')",
    "ip('::1')",
    "cidr('0.0.0.0/0')",
    "optional.none()",
];

/// How many expressions were evaluated to something.
fn evaluate(source: &str) -> usize {
    let scope = Scope { result: Type::Dyn, unchecked: true, cost_max: u64::MAX, ..Scope::condition() };
    compile(source, &scope).is_ok_and(|expression| expression.evaluate(&Facts::new(&Nothing), &[]).is_ok()).into()
}

#[test]
fn no_operator_panics() {
    let mut answered = 0;
    for left in OPERANDS {
        answered += evaluate(&format!("-{left}")) + evaluate(&format!("!{left}"));
        for right in OPERANDS {
            for operator in ["+", "-", "*", "/", "%", "==", "<", ">=", "in", "&&", "||"] {
                answered += evaluate(&format!("{left} {operator} {right}"));
            }
            answered += evaluate(&format!("{left}[{right}]")) + evaluate(&format!("{left}[?{right}]"));
        }
    }
    assert!(answered > 1_000, "{answered}");
}

#[test]
fn no_function_panics() {
    let functions = GROUPS.iter().flat_map(|group| group.functions).map(|function| function.name);
    let callable: Vec<&str> = functions.filter(|name| name.starts_with(|first: char| first.is_ascii_alphabetic())).collect();
    assert!(callable.len() > 100, "{}", callable.len());
    let mut answered = 0;
    for name in callable {
        for (index, first) in OPERANDS.into_iter().enumerate() {
            answered += evaluate(&format!("{name}({first})")) + evaluate(&format!("{first}.{name}()"));
            // A fourth of the pairs, another one for each first operand: all take minutes.
            for second in OPERANDS.into_iter().skip(index % 4).step_by(4) {
                answered += evaluate(&format!("{name}({first}, {second})")) + evaluate(&format!("{first}.{name}({second})"));
                if first.starts_with('\'') || first.starts_with('[') {
                    for third in ["''", "9223372036854775807", "(-1)"] {
                        answered += evaluate(&format!("{first}.{name}({second}, {third})"));
                    }
                }
            }
        }
    }
    assert!(answered > 500, "{answered}");
}
