//! Limits that the parser itself does not have: a chain of selections or of operators is a tree as deep as it is long, and
//! dropping, copying or walking it would use the stack up.

use cel::parser::pratt_parser::{Lexer, Token, TokenKind};

use crate::problem::{Problem, Problems};

/// The longest expression, in bytes.
pub(super) const SOURCE_MAX: usize = 16 * 1024;
/// The deepest tree. Ten brackets inside each other are hard to read; a long sum is a deep tree, too.
pub(super) const DEPTH_MAX: u16 = 128;

/// Refuses a source that is too long or whose tree would be too deep, in one pass and without recursion.
pub(super) fn check(source: &str) -> Result<(), Problems> {
    if source.len() > SOURCE_MAX {
        return Err(too(&format!("long: {} bytes, {SOURCE_MAX} are allowed", source.len())));
    }
    if depth_bound(source) > usize::from(DEPTH_MAX) {
        return Err(too(&format!("deep: at most {DEPTH_MAX} brackets and operators may depend on each other; split it")));
    }
    Ok(())
}

fn too(what: &str) -> Problems {
    Problems::one(Problem { line: 1, column: 1, width: 1, message: format!("the expression is too {what}"), suggestion: None })
}

/// An upper bound of the tree's depth.
fn depth_bound(source: &str) -> usize {
    let mut lexer = Lexer::new(source);
    let mut open = vec![Level::default()];
    let mut deepest = 0;
    let mut before = TokenKind::TokEnd;
    loop {
        let Token { kind, .. } = lexer.lex();
        match kind {
            TokenKind::TokEnd => break,
            TokenKind::TokWhitespace | TokenKind::TokComment => continue,
            TokenKind::TokLeftParen | TokenKind::TokLeftBracket | TokenKind::TokLeftBrace => open.push(Level::default()),
            TokenKind::TokRightParen | TokenKind::TokRightBracket | TokenKind::TokRightBrace => close(&mut open),
            _ => open.last_mut().into_iter().for_each(|level| level.token(kind, before)),
        }
        deepest = deepest.max(open.len());
        before = kind;
    }
    while open.len() > 1 {
        close(&mut open);
    }
    deepest.max(open.pop().map_or(0, Level::depth))
}

/// What is inside becomes a part of what is around it.
fn close(open: &mut Vec<Level>) {
    if open.len() < 2 {
        return;
    }
    let inside = open.pop().map_or(0, Level::depth);
    if let Some(around) = open.last_mut() {
        around.operators += 1;
        around.inside = around.inside.max(inside);
    }
}

/// What stands between two brackets.
#[derive(Default)]
struct Level {
    /// Of the operand that is being read: what makes its tree deeper.
    operators: usize,
    /// Of the same: the deepest bracket.
    inside: usize,
    /// The deepest operand so far.
    operand: usize,
    /// `&&` and `||`: the parser balances them.
    logical: usize,
    /// Of the element that is being read: each `?` nests.
    conditionals: usize,
    /// The deepest element so far.
    element: usize,
}

impl Level {
    fn token(&mut self, kind: TokenKind, before: TokenKind) {
        match kind {
            TokenKind::TokComma => self.end_element(),
            TokenKind::TokLogicalAnd | TokenKind::TokLogicalOr => {
                self.logical += 1;
                self.end_operand();
            }
            TokenKind::TokColon => self.end_operand(),
            TokenKind::TokQuestion if !matches!(before, TokenKind::TokDot | TokenKind::TokLeftBracket) => {
                self.conditionals += 1;
                self.end_operand();
            }
            kind if deepens(kind) => self.operators += 1,
            _ => {}
        }
    }

    fn end_operand(&mut self) {
        self.operand = self.operand.max(self.operators + self.inside);
        (self.operators, self.inside) = (0, 0);
    }

    fn end_element(&mut self) {
        self.end_operand();
        // Runs of `&&` and of `||` alternate below each `?`: each is a balanced tree.
        let balanced = (self.logical.checked_ilog2().map_or(0, |log| log + 1) * 2) as usize;
        self.element = self.element.max(self.operand + balanced + self.conditionals);
        (self.operand, self.logical, self.conditionals) = (0, 0, 0);
    }

    fn depth(mut self) -> usize {
        self.end_element();
        self.element
    }
}

fn deepens(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::TokDot
            | TokenKind::TokMinus
            | TokenKind::TokPlus
            | TokenKind::TokAsterisk
            | TokenKind::TokSlash
            | TokenKind::TokPercent
            | TokenKind::TokExclamation
            | TokenKind::TokEqualEqual
            | TokenKind::TokExclamationEqual
            | TokenKind::TokLess
            | TokenKind::TokLessEqual
            | TokenKind::TokGreater
            | TokenKind::TokGreaterEqual
            | TokenKind::TokIn
    )
}
