//! What betrays SQL, seen from one token.

use super::Window;
use super::lexer::Token;
use super::words::Word;

/// Whether an injection begins at this token.
pub(super) fn begins(window: Window<'_>) -> bool {
    match window.ahead(0) {
        Token::Word(word) => word_begins(word, window),
        Token::Quote { odd } => breaks_out(odd, window) || compares_literals(window),
        Token::Semicolon => stacks(window),
        Token::Or | Token::And => always_true(window),
        Token::Number => number_then_comment(window),
        Token::Close => closes(window),
        Token::Backtick => matches!(window.ahead(1), Token::Word(Word::Compare)) || aliases(window),
        Token::Variable => variable(window),
        _ => false,
    }
}

const fn is_literal(token: Token) -> bool {
    matches!(token, Token::Number | Token::Quote { .. } | Token::Word(Word::Null))
}

const fn is_operand(token: Token) -> bool {
    matches!(token, Token::Number | Token::Quote { .. } | Token::Backtick | Token::Word(_) | Token::Open | Token::Variable)
}

const fn compares(token: Token) -> bool {
    matches!(token, Token::Compare | Token::Word(Word::Compare | Word::Is))
}

fn word_begins(word: Word, window: Window<'_>) -> bool {
    let next = window.ahead(1);
    let calls = next == Token::Open;
    match word {
        Word::Telltale => true,
        Word::Attack => calls && !is_plural(window),
        Word::Identity => calls && matches!(window.ahead(2), Token::Close | Token::Nothing) && window.glued(1),
        Word::Union => unites(window),
        Word::Select => selects(window),
        Word::Insert => matches!(next, Token::Word(Word::Into)) && window.find(2, is_source).is_some(),
        Word::Update => updates(window),
        Word::Delete => deletes(window),
        Word::Into => matches!(next, Token::Word(Word::Outfile)),
        Word::Or | Word::And | Word::Having | Word::Where => always_true(window),
        Word::Group => groups(window),
        Word::Order => orders(window),
        Word::Waitfor => matches!(next, Token::Word(Word::Delay)),
        Word::Exec => executes(window),
        Word::Declare => next == Token::Variable,
        Word::Create => creates(window),
        Word::Drop | Word::Alter | Word::Truncate => {
            matches!(next, Token::Word(Word::Object | Word::Routine)) && starts_statement(window)
        }
        Word::Case => {
            matches!(next, Token::Word(Word::When)) && window.find(2, |token| token == Token::Word(Word::Then)).is_some()
        }
        Word::If => calls && is_literal(window.ahead(2)) && compares(window.ahead(3)),
        Word::As => aliases(window),
        Word::Function => calls && function_in_statement(window),
        _ => false,
    }
}

/// `user(s)`: how prose writes that there may be several.
fn is_plural(window: Window<'_>) -> bool {
    matches!((window.ahead(2), window.ahead(3)), (Token::Word(Word::Name), Token::Close)) && window.glued(1) && window.glued(2)
}

/// `union all select`, `union (select`.
fn unites(window: Window<'_>) -> bool {
    let select = window.find(1, |token| !matches!(token, Token::Word(Word::Quantifier) | Token::Open | Token::Comment { .. }));
    select.is_some_and(|select| select < 6 && window.ahead(select) == Token::Word(Word::Select))
}

/// `select` with what prose does not put behind it.
fn selects(window: Window<'_>) -> bool {
    let (next, then) = (window.ahead(1), window.ahead(2));
    let list = matches!(
        (next, then),
        (Token::Star | Token::Variable, _)
            | (Token::Word(Word::Function | Word::Attack | Word::Identity | Word::If), Token::Open)
            | (Token::Word(Word::Telltale | Word::Case), _)
            | (
                Token::Number | Token::Word(Word::Null),
                Token::Comma | Token::Word(Word::From) | Token::Comment { .. } | Token::OpenComment
            )
            | (Token::Word(Word::Function | Word::Identity), Token::Word(Word::From))
    );
    if list || (next == Token::Open && matches!(then, Token::Word(Word::Select | Word::Function | Word::Attack | Word::Identity)))
    {
        return true;
    }
    let Some(from) = window.find(1, |token| token == Token::Word(Word::From)) else { return false };
    let columns = (1..from).any(|by| matches!(window.ahead(by), Token::Open | Token::Variable | Token::Backtick | Token::Star));
    let source = matches!(
        (window.ahead(from + 1), window.ahead(from + 2)),
        (Token::Word(_), Token::Dot) | (Token::Backtick | Token::Open, _)
    );
    let clause = window.find(from + 2, |token| matches!(token, Token::Word(Word::Where | Word::Limit)));
    let clause = clause
        .is_some_and(|at| window.find(at + 1, |token| compares(token) || token == Token::Number).is_some_and(|by| by < at + 4));
    (source && from < 8)
        || clause
        || (columns && from < 12 && matches!(window.ahead(from + 1), Token::Word(Word::Name)) && from > 1)
}

const fn is_source(token: Token) -> bool {
    matches!(token, Token::Word(Word::Values | Word::Select))
}

/// `update x set y =`.
fn updates(window: Window<'_>) -> bool {
    let set = window.find(2, |token| token == Token::Word(Word::Set)).filter(|set| *set < 8);
    set.is_some_and(|set| window.find(set + 1, |token| token == Token::Compare).is_some_and(|at| at < set + 6))
}

/// `delete from x where`, `delete from x;`.
fn deletes(window: Window<'_>) -> bool {
    let ends = |token| matches!(token, Token::Word(Word::Where) | Token::Semicolon | Token::Comment { .. });
    matches!(window.ahead(1), Token::Word(Word::From)) && window.find(2, ends).is_some_and(|at| at < 7)
}

/// `or 1=1`, `and 'a' like 'a`, `|| 1`; `having x = 8` after a grouping is found there.
fn always_true(window: Window<'_>) -> bool {
    let mut at = 1;
    while matches!(window.ahead(at), Token::Open | Token::Operator) && at < 4 {
        at += 1;
    }
    let (left, next) = (window.ahead(at), window.ahead(at + 1));
    let negated = window.ahead(0) == Token::Word(Word::And) || window.ahead(0) == Token::Word(Word::Or);
    let broken = broken_out(window);
    match left {
        Token::Number if compares(next) => is_operand(window.ahead(at + 2)) && is_literal_side(window, at + 2),
        Token::Number => broken && negated,
        Token::Word(Word::Null) if compares(next) => is_literal(window.ahead(at + 2)),
        Token::Quote { .. } => {
            let close = window.find(at + 1, |token| matches!(token, Token::Quote { .. })).filter(|close| *close < at + 6);
            let literals = close.is_some_and(|close| compares(window.ahead(close + 1)) && is_literal(window.ahead(close + 2)));
            literals || (broken && negated)
        }
        Token::Word(Word::Attack | Word::Function | Word::Identity) if next == Token::Open => broken || at > 1,
        Token::Word(Word::Select | Word::If | Word::Case) if at > 1 || broken => true,
        Token::Word(Word::Name | Word::Identity | Word::Function) => broken && compares(next),
        Token::Backtick => compares(window.ahead(at + 3)),
        _ => false,
    }
}

/// What stands on the other side of a comparison with a number: a name there is a filter in some query language, not an attack.
fn is_literal_side(window: Window<'_>, at: usize) -> bool {
    matches!(window.ahead(at), Token::Number | Token::Quote { .. } | Token::Open | Token::Word(Word::Select | Word::Null))
}

/// Whether a quotation mark has closed what the server opened, right before this token: `x' or`, `x') or`, `1) or`.
fn broken_out(window: Window<'_>) -> bool {
    let mut by = 1;
    while window.behind(by) == Token::Close && by < super::BEHIND {
        by += 1;
    }
    matches!(window.behind(by), Token::Quote { odd: true })
}

/// What follows a quotation mark that closes what the server has opened.
fn breaks_out(odd: bool, window: Window<'_>) -> bool {
    if !odd {
        return false;
    }
    let mut at = 1;
    while matches!(window.ahead(at), Token::Close) && at < 6 {
        at += 1;
    }
    let (next, then) = (window.ahead(at), window.ahead(at + 1));
    match next {
        Token::Comment { loose } => loose,
        Token::OpenComment => true,
        Token::Word(Word::Select) if at == 1 => window.glued(1) || window.behind(1) != Token::Nothing,
        Token::Word(Word::Union) => matches!(then, Token::Word(Word::Select | Word::Quantifier)),
        Token::Word(Word::Or | Word::And) => {
            matches!(then, Token::Quote { odd: false }) && window.ahead(at + 2) != Token::Nothing
        }
        Token::Or | Token::And => matches!(then, Token::Open | Token::Quote { .. } | Token::Number | Token::Word(_)),
        Token::Word(Word::Attack) => then == Token::Open,
        Token::Word(Word::Having) => is_operand(then) && compares(window.ahead(at + 2)),
        Token::Word(Word::Order | Word::Group) => then == Token::Word(Word::By),
        Token::Word(Word::Compare) => matches!(then, Token::Quote { .. } | Token::Number),
        Token::Operator => matches!(then, Token::Quote { odd: false }) && at == 1 && window.glued(1) && window.glued(2),
        Token::Semicolon => matches!(then, Token::Comment { .. } | Token::Nothing) && at > 1 || statement(window, at + 1, false),
        _ => false,
    }
}

/// `'x'!='y`: two literals, the last one left open.
fn compares_literals(window: Window<'_>) -> bool {
    let close = (1..4).find(|by| matches!(window.ahead(*by), Token::Quote { .. }));
    let Some(close) = close else { return false };
    let (comparison, right) = (window.ahead(close + 1), window.ahead(close + 2));
    comparison == Token::Compare
        && matches!(right, Token::Quote { odd: true })
        && !(close + 3..close + 6).any(|by| matches!(window.ahead(by), Token::Quote { .. }))
}

/// A statement behind the end of another.
fn stacks(window: Window<'_>) -> bool {
    let closes = matches!(window.behind(1), Token::Quote { odd: true } | Token::Close | Token::Nothing | Token::Number);
    statement(window, 1, !closes)
}

/// Whether a statement begins `at`; prose that only looks like one is `strict`ly told apart.
fn statement(window: Window<'_>, at: usize, strict: bool) -> bool {
    let (word, next) = (window.ahead(at), window.ahead(at + 1));
    let Token::Word(word) = word else { return false };
    match word {
        Word::Select => !strict && next != Token::Nothing && window.behind(1) != Token::Nothing,
        Word::Insert => matches!(next, Token::Word(Word::Into)),
        Word::Delete => matches!(next, Token::Word(Word::From)),
        Word::Update => window.find(at + 1, |token| token == Token::Word(Word::Set)).is_some_and(|set| set < at + 6),
        Word::Drop | Word::Alter | Word::Create => matches!(next, Token::Word(Word::Object | Word::Routine | Word::Identity)),
        Word::Truncate => next != Token::Nothing,
        Word::Replace => {
            window.find(at + 1, |token| matches!(token, Token::Open | Token::Word(Word::Into))).is_some_and(|by| by < at + 4)
        }
        Word::Exec => executes(Window { at: window.at + at, ..window }) || !strict,
        Word::Declare | Word::Set => next == Token::Variable,
        Word::Shutdown => matches!(next, Token::Nothing | Token::Comment { .. } | Token::Semicolon),
        Word::Waitfor => true,
        Word::Attack => next == Token::Open,
        _ => false,
    }
}

fn starts_statement(window: Window<'_>) -> bool {
    matches!(window.behind(1), Token::Quote { odd: true } | Token::Close | Token::Semicolon | Token::Number | Token::OpenComment)
}

/// `exec master.`, `exec xp_…`, `exec('…')`.
fn executes(window: Window<'_>) -> bool {
    matches!(
        (window.ahead(1), window.ahead(2)),
        (Token::Word(Word::Name), Token::Dot | Token::Variable)
            | (Token::Word(Word::Telltale) | Token::Variable, _)
            | (Token::Open, Token::Quote { .. } | Token::Variable)
    )
}

/// `create function f (`, `create table t (`.
fn creates(window: Window<'_>) -> bool {
    let object = if matches!(window.ahead(1), Token::Word(Word::Or)) { 3 } else { 1 };
    matches!(window.ahead(object), Token::Word(Word::Object | Word::Routine))
        && (window.find(object + 1, |token| token == Token::Open).is_some_and(|open| open < object + 5)
            || starts_statement(window))
}

/// `group by … having`.
fn groups(window: Window<'_>) -> bool {
    window.ahead(1) == Token::Word(Word::By) && window.find(2, |token| token == Token::Word(Word::Having)).is_some()
}

/// `order by 5--`.
fn orders(window: Window<'_>) -> bool {
    window.ahead(1) == Token::Word(Word::By)
        && window.ahead(2) == Token::Number
        && matches!(window.ahead(3), Token::Comment { .. } | Token::OpenComment)
}

/// `` ` as `x` from``, `6 as " from`, `as "foobar" from`.
fn aliases(window: Window<'_>) -> bool {
    let at = usize::from(window.ahead(0) == Token::Backtick);
    if window.ahead(at) != Token::Word(Word::As) || !matches!(window.ahead(at + 1), Token::Quote { .. } | Token::Backtick) {
        return false;
    }
    window.find(at + 2, |token| token == Token::Word(Word::From)).is_some_and(|from| from < at + 6)
}

/// `1--`, `1;--`.
fn number_then_comment(window: Window<'_>) -> bool {
    match (window.ahead(1), window.ahead(2)) {
        (Token::Comment { loose: true }, Token::Nothing) => window.behind(1) == Token::Nothing,
        (Token::Semicolon, Token::Comment { loose: true }) => true,
        _ => false,
    }
}

/// `) like (`, `)) or (`, `)--`.
fn closes(window: Window<'_>) -> bool {
    match (window.ahead(1), window.ahead(2)) {
        (Token::Word(Word::Compare), Token::Open) => true,
        (Token::Word(Word::Or | Word::And), Token::Open) => compares(window.ahead(4)) && is_literal(window.ahead(3)),
        (Token::Comment { loose: true }, Token::Nothing) => {
            matches!(window.behind(1), Token::Number | Token::Close | Token::Quote { .. } | Token::Nothing)
        }
        _ => false,
    }
}

/// `@@version`.
fn variable(window: Window<'_>) -> bool {
    window.ahead(1) == Token::Word(Word::Identity) && window.behind(1) != Token::Word(Word::Name) && window.glued(1) && {
        matches!(window.behind(1), Token::Comma | Token::Open | Token::Word(_) | Token::Operator | Token::Compare)
    }
}

/// `ascii(substring(…`, `(select char(`, `cast(x as int)`: functions within functions, or with `select` near.
fn function_in_statement(window: Window<'_>) -> bool {
    let inner = window.ahead(2);
    let nested = matches!(inner, Token::Word(Word::Function | Word::Attack)) && window.ahead(3) == Token::Open;
    let select = matches!((inner, window.ahead(3)), (Token::Open, Token::Word(Word::Select)))
        || matches!(inner, Token::Word(Word::Select))
        || matches!((window.ahead(3), window.ahead(4), window.ahead(5)), (Token::Comma, Token::Open, Token::Word(Word::Select)));
    select || (nested && compares_somewhere(window))
}

fn compares_somewhere(window: Window<'_>) -> bool {
    window.find(4, compares).is_some()
}
