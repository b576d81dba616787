//! One signature, read from its text.

use std::fmt;

use crate::Type;

/// One way to call a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Overload {
    /// What it is called on; `None` for a function that stands alone.
    pub(crate) receiver: Option<Shape>,
    pub(crate) arguments: Vec<Shape>,
    /// Whether the last argument may come again.
    pub(crate) variadic: bool,
    pub(crate) result: Shape,
    pub(crate) text: &'static str,
}

/// A type with open places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shape {
    Is(Type),
    /// Any type, the same wherever the letter stands; `N` for any number.
    Any(char),
    List(Box<Shape>),
    Map(Box<Shape>, Box<Shape>),
    Optional(Box<Shape>),
}

impl Overload {
    /// `string.contains(string) -> bool`, `size(string) -> int`, `int + int -> int`, `! bool -> bool`.
    pub(super) fn read(text: &'static str) -> Option<Self> {
        let (left, result) = text.rsplit_once(" -> ")?;
        let result = Shape::read(result)?;
        let operands: Vec<&str> = left.split(' ').collect();
        let (receiver, arguments, variadic) = match operands.as_slice() {
            [left, _, right] if is_type(left) && is_type(right) => (None, vec![Shape::read(left)?, Shape::read(right)?], false),
            [_, operand] if is_type(operand) => (None, vec![Shape::read(operand)?], false),
            _ => call(left)?,
        };
        Some(Self { receiver, arguments, variadic, result, text })
    }
}

fn is_type(text: &str) -> bool {
    Shape::read(text).is_some()
}

type Call = (Option<Shape>, Vec<Shape>, bool);

/// What stands before the arrow: the arguments are in the last brackets, what is before the last dot is a receiver if it is a type.
fn call(text: &str) -> Option<Call> {
    let text = text.strip_suffix(')')?;
    let (name, arguments) = open(text)?;
    let receiver = name.rsplit_once('.').and_then(|(receiver, _)| Shape::read(receiver));
    let variadic = arguments.ends_with("...");
    let arguments = split(arguments.trim_end_matches("...")).map(Shape::read).collect::<Option<Vec<_>>>()?;
    Some((receiver, arguments, variadic))
}

/// Splits before the bracket that encloses the arguments: the last that opens at the outermost level.
fn open(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    let at = text.bytes().enumerate().rev().find(|(_, byte)| match byte {
        b')' => {
            depth += 1;
            false
        }
        b'(' if depth == 0 => true,
        b'(' => {
            depth -= 1;
            false
        }
        _ => false,
    });
    at.and_then(|(at, _)| Some((text.get(..at)?, text.get(at + 1..)?)))
}

/// At the commas of the outermost level.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    text.split(move |character| {
        depth += i32::from(character == '(') - i32::from(character == ')');
        character == ',' && depth == 0
    })
    .map(str::trim)
    .filter(|part| !part.is_empty())
}

impl Shape {
    pub(super) fn read(text: &str) -> Option<Self> {
        if let Some(inner) = text.strip_suffix(')') {
            let (name, arguments) = inner.split_once('(')?;
            let mut arguments = split(arguments).map(|argument| Self::read(argument).map(Box::new));
            return match (name, arguments.next(), arguments.next()) {
                ("list", Some(element), None) => Some(Self::List(element?)),
                ("map", Some(key), Some(value)) => Some(Self::Map(key?, value?)),
                ("optional", Some(value), None) => Some(Self::Optional(value?)),
                _ => None,
            };
        }
        let mut letters = text.chars();
        match (letters.next(), letters.next()) {
            (Some(letter), None) if letter.is_ascii_uppercase() => Some(Self::Any(letter)),
            _ => Type::SIMPLE.iter().find(|simple| simple.to_string() == text).cloned().map(Self::Is),
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(simple) => simple.fmt(f),
            Self::Any('N') => f.write_str("number"),
            Self::Any(letter) => write!(f, "{letter}"),
            Self::List(element) => write!(f, "list({element})"),
            Self::Map(key, value) => write!(f, "map({key}, {value})"),
            Self::Optional(value) => write!(f, "optional({value})"),
        }
    }
}
