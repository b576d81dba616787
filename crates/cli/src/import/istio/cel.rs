//! Conditions under construction.

use std::fmt;

/// The widest line of a condition.
const WIDTH: usize = 110;

/// A condition, simplified as it is put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cel {
    Always,
    Never,
    /// `left == right`
    Equals(String, String),
    /// `left in right`
    In(String, String),
    /// A call, or what else binds as tightly.
    Call(String),
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
}

impl Cel {
    /// Every one of `parts`, each once.
    pub(super) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut flat: Vec<Self> = Vec::new();
        for part in parts {
            let inner = match part {
                Self::Always => continue,
                Self::Never => return Self::Never,
                Self::All(inner) => inner,
                other => vec![other],
            };
            for part in inner {
                let part = part.beside(&flat);
                if !flat.contains(&part) {
                    flat.push(part);
                }
            }
        }
        Self::joined(flat, Self::Always, Self::All)
    }

    /// One of `parts`.
    pub(super) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut flat: Vec<Self> = Vec::new();
        for part in parts {
            let inner = match part {
                Self::Never => continue,
                Self::Always => return Self::Always,
                Self::Any(inner) => inner,
                other => vec![other],
            };
            inner.into_iter().for_each(|part| {
                if !flat.contains(&part) {
                    flat.push(part)
                }
            });
        }
        Self::joined(flat, Self::Never, Self::Any)
    }

    /// The contrary.
    pub(super) fn not(self) -> Self {
        match self {
            Self::Always => Self::Never,
            Self::Never => Self::Always,
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// The same where `known` holds: a guard that stands before it need not stand in it.
    fn beside(self, known: &[Self]) -> Self {
        match self {
            Self::Not(inner) => match *inner {
                Self::All(parts) => Self::all(parts.into_iter().filter(|part| !known.contains(part))).not(),
                other => Self::Not(Box::new(other)),
            },
            other => other,
        }
    }

    /// `left` is one of `right`.
    pub(super) fn one_of(left: &str, mut right: Vec<String>) -> Self {
        right.dedup();
        match <[String; 1]>::try_from(right) {
            Ok([only]) => Self::Equals(left.to_owned(), only),
            Err(none) if none.is_empty() => Self::Never,
            Err(several) => Self::In(left.to_owned(), format!("[{}]", several.join(", "))),
        }
    }

    fn joined(mut parts: Vec<Self>, none: Self, several: fn(Vec<Self>) -> Self) -> Self {
        match parts.len() {
            0 | 1 => parts.pop().unwrap_or(none),
            _ => several(parts),
        }
    }

    /// The text, in lines that are not too long where it can be broken.
    pub(super) fn lines(&self) -> Vec<String> {
        let text = self.to_string();
        if text.chars().count() <= WIDTH {
            return vec![text];
        }
        match self {
            Self::All(parts) => broken(parts, "&& "),
            Self::Any(parts) => broken(parts, "|| "),
            Self::Not(inner) if self.binds() => enclosed("!(", inner.lines()),
            _ => vec![text],
        }
    }

    /// Whether it needs brackets beside an operator.
    fn binds(&self) -> bool {
        match self {
            Self::All(_) | Self::Any(_) | Self::In(..) | Self::Equals(..) => true,
            Self::Not(inner) => matches!(**inner, Self::All(_) | Self::Any(_) | Self::In(..)),
            Self::Always | Self::Never | Self::Call(_) => false,
        }
    }
}

/// Each part on lines of its own, with `operator` before all but the first.
fn broken(parts: &[Cel], operator: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let part = match part {
            Cel::All(_) | Cel::Any(_) => enclosed("(", part.lines()),
            other => other.lines(),
        };
        for (line, text) in part.into_iter().enumerate() {
            let before = match (index, line) {
                (0, _) => "",
                (_, 0) => operator,
                _ => "   ",
            };
            lines.push(format!("{before}{text}"));
        }
    }
    lines
}

fn enclosed(open: &str, mut lines: Vec<String>) -> Vec<String> {
    let indent = " ".repeat(open.len());
    lines.iter_mut().enumerate().for_each(|(index, line)| line.insert_str(0, if index == 0 { open } else { &indent }));
    if let Some(last) = lines.last_mut() {
        last.push(')');
    }
    lines
}

impl fmt::Display for Cel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always => f.write_str("true"),
            Self::Never => f.write_str("false"),
            Self::Equals(left, right) => write!(f, "{left} == {right}"),
            Self::In(left, right) => write!(f, "{left} in {right}"),
            Self::Call(text) => f.write_str(text),
            Self::All(parts) => f.write_str(&between(parts, " && ")),
            Self::Any(parts) => f.write_str(&between(parts, " || ")),
            Self::Not(inner) => match &**inner {
                Self::Equals(left, right) => write!(f, "{left} != {right}"),
                inner if inner.binds() => write!(f, "!({inner})"),
                inner => write!(f, "!{inner}"),
            },
        }
    }
}

fn between(parts: &[Cel], operator: &str) -> String {
    let part = |part: &Cel| match part {
        Cel::All(_) | Cel::Any(_) => format!("({part})"),
        other => other.to_string(),
    };
    parts.iter().map(part).collect::<Vec<_>>().join(operator)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(text: &str) -> Cel {
        Cel::Call(text.to_owned())
    }

    #[test]
    fn what_is_certain_goes_away() {
        assert_eq!(Cel::all([Cel::Always, call("a()"), Cel::Always]), call("a()"));
        assert_eq!(Cel::all([call("a()"), Cel::Never]), Cel::Never);
        assert_eq!(Cel::any([call("a()"), Cel::Always]), Cel::Always);
        assert_eq!(Cel::all([]), Cel::Always);
        assert_eq!(Cel::any([]), Cel::Never);
        assert_eq!(Cel::one_of("x", vec![]), Cel::Never);
        assert_eq!(Cel::Never.not(), Cel::Always);
    }

    #[test]
    fn a_part_stands_once() {
        let guard = || call("has(a.b)");
        let both = Cel::all([Cel::all([guard(), call("x()")]), Cel::all([guard(), call("y()")])]);
        assert_eq!(both.to_string(), "has(a.b) && x() && y()");
        let contrary = Cel::all([guard(), call("x()"), Cel::all([guard(), Cel::Equals("a.b".into(), "1".into())]).not()]);
        assert_eq!(contrary.to_string(), "has(a.b) && x() && a.b != 1");
    }

    #[test]
    fn the_text_means_what_the_tree_means() {
        let equals = || Cel::Equals("a".into(), "1".into());
        assert_eq!(equals().not().to_string(), "a != 1");
        assert_eq!(Cel::one_of("a", vec!["1".into(), "2".into()]).not().to_string(), "!(a in [1, 2])");
        assert_eq!(call("f()").not().to_string(), "!f()");
        assert_eq!(Cel::all([call("f()"), equals()]).not().to_string(), "!(f() && a == 1)");
        assert_eq!(Cel::all([Cel::any([call("f()"), equals()]), call("g()")]).to_string(), "(f() || a == 1) && g()");
        assert_eq!(Cel::any([Cel::all([call("f()"), equals()]), call("g()")]).to_string(), "(f() && a == 1) || g()");
    }

    #[test]
    fn a_long_one_is_broken_at_its_operators() {
        let long = |name: &str| call(&format!("{name}(\"{}\")", "x".repeat(60)));
        let inner = Cel::any([long("b"), long("c")]);
        let lines = Cel::all([long("a"), inner.clone(), inner.not()]).lines();
        let starts: Vec<String> = lines.iter().map(|line| line.chars().take_while(|c| *c != '"').collect()).collect();
        assert_eq!(starts, ["a(", "&& (b(", "    || c(", "&& !(b(", "     || c("]);
        assert!(lines.iter().skip(2).step_by(2).all(|line| line.ends_with("\"))")), "{lines:?}");
    }
}
